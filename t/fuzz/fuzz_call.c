
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * The body of a call for a user, in any pieces (H5.15): whether it is allowed,
 * the id that was found, and the body for v1, each compared with what another
 * parser reads.
 *
 * The input: a line of choices, then the body.  The choices: the allocation
 * that fails; then the lengths of the pieces.
 */


#include "fuzz.h"
#include "core/request/profile_guard.h"
#include "core/request/profile_guard_call.h"
#include "core/request/profile_guard_message.h"


#define CHOICES  1

#define MAX_DEPTH  8


static const profile_guard_rename_t  renames[] = {
    { profile_string("result_url"), profile_string("resultUrl") },
    { profile_string("new_password"), profile_string("newPassword") },
    { profile_string("same"), profile_string("same") },
    { profile_string("app_metadata"), profile_string("bag") }
};

#define RENAMES  (sizeof(renames) / sizeof(renames[0]))


static const char *const  forbidden[] = { "__proto__", "constructor" };

static profile_schema_t  *schema;


void
fuzz_init(void)
{
    schema = test_schema("provider auth0; forbidden __proto__ constructor;");
}


static profile_reason_e
feed(void *ctx, const u_char *data, size_t len)
{
    return profile_guard_feed(ctx, data, len);
}


/* H5.12: at any depth */

static int
has_forbidden(const json_t *value)
{
    size_t       i;
    json_t      *inner;
    const char  *name;

    json_object_foreach((json_t *) value, name, inner) {
        for (i = 0; i < sizeof(forbidden) / sizeof(forbidden[0]); i++) {
            if (strcmp(name, forbidden[i]) == 0) {
                return 1;
            }
        }

        if (has_forbidden(inner)) {
            return 1;
        }
    }

    json_array_foreach(value, i, inner) {
        if (has_forbidden(inner)) {
            return 1;
        }
    }

    return 0;
}


static const char *
name_for_v1(const char *name)
{
    size_t  i;

    for (i = 0; i < RENAMES; i++) {
        if (strcmp((const char *) renames[i].name.data, name) == 0) {
            return (const char *) renames[i].as.data;
        }
    }

    return NULL;
}


/* what v1 should get, to be freed, or NULL: the body should be refused */

static json_t *
expected(json_t *body)
{
    json_t      *sent, *value, *id;
    const char  *name;

    id = json_object_get(body, "user_id");

    if (!json_is_object(body) || fuzz_depth(body) > MAX_DEPTH
        || has_forbidden(body) || !json_is_string(id)
        || json_string_length(id) == 0)
    {
        return NULL;
    }

    sent = json_object();

    json_object_foreach(body, name, value) {

        if (strcmp(name, "user_id") == 0) {
            continue;
        }

        if (name_for_v1(name) == NULL) {
            json_decref(sent);
            return NULL;
        }

        (void) json_object_set(sent, name_for_v1(name), value);
    }

    return sent;
}


static void
check_sent(profile_guard_t *g, json_t *body, json_t *sent)
{
    json_t         *json, *user;
    fuzz_text_t     seen;
    profile_buf_t   out;
    profile_str_t   id;

    memset(&out, 0, sizeof(profile_buf_t));

    if (profile_guard_call_body(g, &test_alloc, &out) != 0) {
        fuzz_fail("no memory for the body");
    }

    json = fuzz_read(out.data, out.len, &seen);

    if (!json_equal(json, sent)) {
        fuzz_fail("H5.15: v1 gets %.*s", (int) out.len, out.data);
    }

    profile_guard_call_id(g, &id);
    user = json_object_get(body, "user_id");

    if (id.len != json_string_length(user)
        || memcmp(id.data, json_string_value(user), id.len) != 0)
    {
        fuzz_fail("H5.15: the id is %.*s", (int) id.len, id.data);
    }

    json_decref(json);
    profile_buf_free(&test_alloc, &out);
}


/* The verdict in these pieces, and what comes of it. */

static profile_reason_e
check(const profile_str_t *text, const profile_str_t *pieces, unsigned fail)
{
    json_t                *body, *sent;
    fuzz_text_t            seen;
    profile_buf_t          message;
    profile_guard_t       *g;
    profile_reason_e       rc;
    profile_guard_conf_t   conf;

    memset(&conf, 0, sizeof(profile_guard_conf_t));
    memset(&message, 0, sizeof(profile_buf_t));

    conf.schema = schema;
    conf.mode = PROFILE_GUARD_CALL;
    conf.action = PROFILE_UPDATE;
    conf.id.data = (const u_char *) "user_id";
    conf.id.len = sizeof("user_id") - 1;
    conf.renames = renames;
    conf.nrenames = RENAMES;
    conf.max_size = 1024 * 1024;
    conf.max_depth = MAX_DEPTH;

    test_alloc_fail(fail);

    g = profile_guard_create(&test_alloc, &conf);
    if (g == NULL) {
        test_alloc_fail(0);
        return PROFILE_NO_MEMORY;
    }

    (void) fuzz_feed(feed, g, text, pieces);
    rc = profile_guard_finish(g);

    test_alloc_fail(0);

    if (rc != PROFILE_OK
        && profile_guard_message(g, &test_alloc, &message) != 0)
    {
        fuzz_fail("no memory for a message");
    }

    fuzz_message(&message);

    body = fuzz_read(text->data, text->len, &seen);
    sent = body ? expected(body) : NULL;

    /* names that are C strings to the referee; a name of which there are two */

    if (!seen.odd && !seen.twice && !seen.infinite && !seen.largest
        && rc != PROFILE_NO_MEMORY && (rc == PROFILE_OK) != (sent != NULL))
    {
        fuzz_fail("H5.15: %s, but the referee %s",
                  profile_reason_name(rc)->data, sent ? "allows" : "refuses");
    }

    if (rc == PROFILE_OK && !seen.odd && !seen.twice) {
        check_sent(g, body, sent);
    }

    json_decref(body);
    json_decref(sent);
    profile_buf_free(&test_alloc, &message);
    profile_guard_destroy(g);

    return rc;
}


void
fuzz_one(profile_str_t *in)
{
    unsigned          fail;
    profile_str_t     head, pieces;
    profile_reason_e  whole, other;

    head = fuzz_line(in);
    fail = fuzz_choice(&head, 0);

    whole = check(in, &fuzz_whole, 0);

    if (check(in, fuzz_bytes(in), 0) != whole) {
        fuzz_fail("another verdict in bytes");
    }

    if (head.len > CHOICES) {
        pieces.data = head.data + CHOICES;
        pieces.len = head.len - CHOICES;

        if (check(in, &pieces, 0) != whole) {
            fuzz_fail("another verdict in pieces");
        }
    }

    if (fail) {
        other = check(in, &fuzz_whole, fail);

        if (other != whole && other != PROFILE_NO_MEMORY) {
            fuzz_fail("another verdict with little memory");
        }
    }
}
