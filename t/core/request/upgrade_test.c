
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/request/profile_upgrade_plan.h"
#include "request/upgrade_test.h"


static void put(test_out_t *out, const void *data, size_t len);
static void put_text(test_out_t *out, const char *text);
static profile_reason_e refused(profile_upgrade_t *u, profile_reason_e rc,
    test_out_t *out);
static profile_reason_e read_user(profile_upgrade_t *u, test_out_t *out);


const char  *test_upgrade_stored = "{}";
int          test_upgrade_exact;


static void
put(test_out_t *out, const void *data, size_t len)
{
    if (len) {
        (void) test_write(out, data, len);
    }
}


static void
put_text(test_out_t *out, const char *text)
{
    put(out, text, strlen(text));
}


/* what is refused, and why */

static profile_reason_e
refused(profile_upgrade_t *u, profile_reason_e rc, test_out_t *out)
{
    profile_buf_t  names;

    memset(&names, 0, sizeof(names));

    put_text(out, (char *) profile_reason_name(rc)->data);

    if (profile_refused_write(profile_upgrade_refused(u), u->schema,
                              &test_alloc, &names)
        != 0)
    {
        rc = PROFILE_NO_MEMORY;
    }

    put_text(out, " ");
    put(out, names.data, names.len);

    if (rc != PROFILE_NO_MEMORY
        && profile_upgrade_message(u, &test_alloc, &names) != 0)
    {
        rc = PROFILE_NO_MEMORY;
    }

    profile_buf_free(&test_alloc, &names);

    return rc;
}


/* the user comes in two pieces */

static profile_reason_e
read_user(profile_upgrade_t *u, test_out_t *out)
{
    size_t            half, len;
    profile_reason_e  rc;

    len = strlen(test_upgrade_stored);
    half = len / 2;

    rc = profile_upgrade_user_start(u, 1024 * 1024);

    if (rc == PROFILE_OK) {
        rc = profile_upgrade_user_feed(u, (u_char *) test_upgrade_stored, half);
    }

    if (rc == PROFILE_OK) {
        rc = profile_upgrade_user_feed(u, (u_char *) test_upgrade_stored + half,
                                       len - half);
    }

    if (rc == PROFILE_OK) {
        rc = profile_upgrade_user_finish(u);
    }

    if (rc != PROFILE_OK) {
        return rc;
    }

    rc = profile_upgrade_settle(u);

    return rc == PROFILE_OK ? rc : refused(u, rc, out);
}


profile_reason_e
test_upgrade_plan(const profile_schema_t *schema, const row_t *row,
    test_out_t *out)
{
    profile_guard_t       *g;
    profile_reason_e       rc;
    profile_upgrade_t     *u;
    const profile_call_t  *call;

    g = test_guard_compared(schema, row->user_id, row->body,
                            strlen(row->body));
    if (g == NULL) {
        return PROFILE_NO_MEMORY;
    }

    u = profile_upgrade_create(&test_alloc, g, row->calls);
    if (u == NULL) {
        profile_guard_destroy(g);
        return PROFILE_NO_MEMORY;
    }

    if (test_upgrade_exact) {
        profile_upgrade_exact(u);
    }

    rc = profile_upgrade_make(u);

    if (rc != PROFILE_OK) {
        rc = refused(u, rc, out);
    }

    while (rc == PROFILE_OK) {
        call = profile_upgrade_next(u);

        if (call == NULL) {
            break;
        }

        if (call->first) {
            put_text(out, "user\n");
            rc = read_user(u, out);

            continue;
        }

        if (!call->exact) {
            profile_guard_destroy(g);
            g = NULL;
        }

        put(out, profile_call_name(call->kind)->data,
            profile_call_name(call->kind)->len);

        if (call->body.len) {
            put_text(out, " ");
            put(out, call->body.data, call->body.len);
        }

        put_text(out, "\n");

        if (call->kind == PROFILE_CALL_BAG) {
            assert_non_null(row->bag);

            rc = test_upgrade_bag(u, (const u_char *) row->bag,
                                  strlen(row->bag));
        }
    }

    profile_guard_destroy(g);
    profile_upgrade_destroy(u);

    return rc;
}


profile_reason_e
test_upgrade_bag(profile_upgrade_t *u, const u_char *data, size_t len)
{
    profile_reason_e  rc;

    rc = profile_upgrade_bag_start(u, SIZE_MAX / 64);

    if (rc == PROFILE_OK) {
        rc = profile_upgrade_bag_feed(u, data, len);
    }

    if (rc == PROFILE_OK) {
        rc = profile_upgrade_bag_finish(u);
    }

    return rc;
}


void
test_upgrade_check(const profile_schema_t *schema, const row_t *row)
{
    test_out_t  out;

    memset(&out, 0, sizeof(out));

    (void) test_upgrade_plan(schema, row, &out);
    put(&out, "", 1);

    if (strcmp((char *) out.data, row->plan) != 0) {
        fail_msg("%s of \"%s\" became\n%s\nnot\n%s", row->body,
                 row->user_id ? row->user_id : "", (char *) out.data,
                 row->plan);
    }

    free(out.data);
}
