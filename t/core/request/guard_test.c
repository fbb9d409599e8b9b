
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "request/guard_test.h"


static profile_guard_t *test_guard_allow(const profile_schema_t *schema,
    const char *user_id, const void *body, size_t len, unsigned compares);
static void test_guard_text(char *text, size_t size, const profile_buf_t *buf);


profile_schema_t  *shipped;


int
shipped_setup(void **state)
{
    (void) state;

    shipped = test_schema_file("auth0.conf");

    return 0;
}


int
shipped_teardown(void **state)
{
    (void) state;

    profile_schema_destroy(shipped);

    return test_alloc_blocks() == 0 ? 0 : -1;
}


profile_guard_t *
test_guard_fed(test_guard_t *t, const void *data, size_t len)
{
    u_char                *copy;
    size_t                 n, done;
    profile_guard_t       *g;
    profile_guard_conf_t   conf;

    memset(&conf, 0, sizeof(conf));

    conf.schema = t->schema;
    conf.mode = t->mode;
    conf.action = t->action;
    conf.compares = t->compares;
    conf.max_size = t->max_size ? t->max_size : 2 * 1024 * 1024;
    conf.max_depth = t->max_depth ? t->max_depth : 128;

    conf.optional = t->optional;

    if (t->user_id) {
        conf.user_id.data = (const u_char *) t->user_id;
        conf.user_id.len = strlen(t->user_id);
    }

    if (t->wrapper) {
        conf.wrapper.data = (const u_char *) t->wrapper;
        conf.wrapper.len = strlen(t->wrapper);
    }

    g = profile_guard_create(&test_alloc, &conf);
    if (g == NULL) {
        return NULL;
    }

    for (done = 0; done < len; done += n) {
        n = t->piece && t->piece < len - done ? t->piece : len - done;

        /* a copy of its own, so that a read past it or after it is seen */

        copy = malloc(n);
        memcpy(copy, (const u_char *) data + done, n);

        (void) profile_guard_feed(g, copy, n);

        memset(copy, 0xa5, n);
        free(copy);
    }

    return g;
}


static void
test_guard_text(char *text, size_t size, const profile_buf_t *buf)
{
    assert_true(buf->len < size);

    if (buf->len) {
        memcpy(text, buf->data, buf->len);
    }

    text[buf->len] = '\0';
}


profile_reason_e
test_guard(test_guard_t *t, const void *data, size_t len)
{
    profile_buf_t      names, message;
    profile_guard_t   *g;
    profile_reason_e   rc;

    memset(&names, 0, sizeof(names));
    memset(&message, 0, sizeof(message));

    g = test_guard_fed(t, data, len);
    if (g == NULL) {
        return PROFILE_NO_MEMORY;
    }

    rc = profile_guard_finish(g);

    assert_int_equal(profile_guard_reason(g), rc);
    assert_int_equal(profile_guard_finish(g), rc);

    if (profile_refused_write(profile_guard_refused(g), t->schema, &test_alloc,
                              &names)
        != 0
        || (rc != PROFILE_OK
            && profile_guard_message(g, &test_alloc, &message) != 0))
    {
        rc = PROFILE_NO_MEMORY;
    }

    t->offset = profile_guard_offset(g);
    t->nrefused = profile_guard_refused(g)->n;

    test_guard_text(t->names, sizeof(t->names), &names);
    test_guard_text(t->message, sizeof(t->message), &message);

    profile_buf_free(&test_alloc, &names);
    profile_buf_free(&test_alloc, &message);

    profile_guard_destroy(g);

    return rc;
}


void
test_guards(test_guard_t *t, const char *what, const void *data, size_t len,
    profile_reason_e reason, long offset, const char *names)
{
    profile_reason_e  rc;

    for (t->piece = 0; t->piece <= len; t->piece++) {

        rc = test_guard(t, data, len);

        if (rc != reason || (offset >= 0 && t->offset != (uint64_t) offset)
            || strcmp(t->names, names ? names : "") != 0)
        {
            fail_msg("%s in pieces of %zu: \"%s\" at %lu: %s", what, t->piece,
                     profile_reason_name(rc)->data, (unsigned long) t->offset,
                     t->names);
        }
    }
}


profile_guard_t *
test_guard_allowed(const profile_schema_t *schema, const char *user_id,
    const void *body, size_t len)
{
    return test_guard_allow(schema, user_id, body, len, 0);
}


profile_guard_t *
test_guard_compared(const profile_schema_t *schema, const char *user_id,
    const void *body, size_t len)
{
    return test_guard_allow(schema, user_id, body, len, 1);
}


static profile_guard_t *
test_guard_allow(const profile_schema_t *schema, const char *user_id,
    const void *body, size_t len, unsigned compares)
{
    test_guard_t      t;
    profile_guard_t  *g;

    memset(&t, 0, sizeof(t));

    t.schema = schema;
    t.action = user_id ? PROFILE_UPDATE : PROFILE_CREATE;
    t.user_id = user_id;
    t.compares = compares;

    g = test_guard_fed(&t, body, len);

    if (g && profile_guard_finish(g) != PROFILE_OK) {

        if (profile_guard_reason(g) != PROFILE_NO_MEMORY) {
            fail_msg("%.*s is refused: %s", (int) len, (const char *) body,
                     profile_reason_name(profile_guard_reason(g))->data);
        }

        profile_guard_destroy(g);

        return NULL;
    }

    return g;
}
