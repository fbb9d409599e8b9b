
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Bodies that say what to do for a user (H5.15).  It fails when a member passes
 * that was not named, when the id is not the one that stands there, and when v1
 * is told another value than the client has sent.
 */


#include "core/request/profile_guard_call.h"
#include "request/guard_test.h"


typedef struct {
    const char           *body;
    profile_reason_e      reason;
    const char           *names;         /* refused */
    const char           *id;
    const char           *up;            /* the body for v1 */
} row_t;


static const profile_guard_rename_t  renames[] = {
    { profile_string("result_url"), profile_string("resultUrl") },
    { profile_string("same"), profile_string("same") },
};


static profile_guard_t *
fed(const char *body)
{
    profile_guard_t       *g;
    profile_guard_conf_t   conf;

    static const profile_str_t  id = profile_string("user_id");

    memset(&conf, 0, sizeof(conf));

    conf.schema = shipped;
    conf.mode = PROFILE_GUARD_CALL;
    conf.action = PROFILE_CREATE;
    conf.max_size = 1024 * 1024;
    conf.max_depth = 128;
    conf.id = id;
    conf.renames = renames;
    conf.nrenames = sizeof(renames) / sizeof(renames[0]);

    g = profile_guard_create(&test_alloc, &conf);

    if (g && *body) {
        (void) profile_guard_feed(g, (const u_char *) body, strlen(body));
    }

    return g;
}


static void
check(const row_t *row)
{
    profile_buf_t      names, up;
    profile_str_t      id;
    profile_guard_t   *g;

    memset(&names, 0, sizeof(names));
    memset(&up, 0, sizeof(up));

    g = fed(row->body);
    assert_non_null(g);

    assert_int_equal(profile_guard_finish(g), row->reason);
    assert_int_equal(profile_refused_write(profile_guard_refused(g), shipped,
                                           &test_alloc, &names), 0);

    if (row->names) {
        assert_int_equal(names.len, strlen(row->names));
        assert_memory_equal(names.data, row->names, names.len);

    } else {
        assert_int_equal(names.len, 0);
    }

    if (row->reason == PROFILE_OK) {
        profile_guard_call_id(g, &id);

        assert_int_equal(id.len, strlen(row->id));
        assert_memory_equal(id.data, row->id, id.len);

        assert_int_equal(profile_guard_call_body(g, &test_alloc, &up), 0);
        assert_int_equal(up.len, strlen(row->up));
        assert_memory_equal(up.data, row->up, up.len);

        assert_int_equal(profile_guard_call_refuse_id(g), PROFILE_ID);
        assert_int_equal(profile_guard_reason(g), PROFILE_ID);
    }

    profile_buf_free(&test_alloc, &names);
    profile_buf_free(&test_alloc, &up);
    profile_guard_destroy(g);
}


static void
bodies(void **state)
{
    size_t  i;

    static const row_t  rows[] = {

        { "{\"user_id\":\"auth0|1\"}", PROFILE_OK, NULL, "auth0|1", "{}" },
        { "{\"same\":1.50,\"us\\u0065r_id\":\"\\u0061\\\"\",\"result_url\":"
          "[ {\"a\":\"\\u0062\"} ]}", PROFILE_OK, NULL, "a\"",
          "{\"same\":1.50,\"resultUrl\":[ {\"a\":\"\\u0062\"} ]}" },
        { " { \"user_id\" : \"x\" , \"same\" : null } ", PROFILE_OK, NULL, "x",
          "{\"same\":null}" },

        { "{}", PROFILE_ID, NULL, NULL, NULL },
        { "{\"same\":1}", PROFILE_ID, NULL, NULL, NULL },
        { "{\"user_id\":1}", PROFILE_ID, NULL, NULL, NULL },
        { "{\"user_id\":\"\"}", PROFILE_ID, NULL, NULL, NULL },
        { "{\"user_id\":\"a\\u0000\"}", PROFILE_ID, NULL, NULL, NULL },
        { "{\"user_id\":\"\\udc00\"}", PROFILE_ID, NULL, NULL, NULL },
        { "{\"same\":{\"user_id\":\"x\"}}", PROFILE_ID, NULL, NULL, NULL },

        { "{\"user_id\":\"x\",\"resultUrl\":1}", PROFILE_ATTRIBUTES,
          "resultUrl", NULL, NULL },
        { "{\"email\":\"x\",\"Same\":1}", PROFILE_ATTRIBUTES, "email, Same",
          NULL, NULL },
        { "{\"user_id\":\"x\",\"app_metadata\":{\"user_id\":1}}",
          PROFILE_ATTRIBUTES, "app_metadata", NULL, NULL },
        { "{\"user_id\":\"x\",\"user_metadata\":1}", PROFILE_ATTRIBUTES,
          "user_metadata", NULL, NULL },
        { "{\"user_id\":\"x\",\"user_id\":\"y\"}", PROFILE_DUPLICATE,
          "user_id", NULL, NULL },
        { "{\"user_id\":\"x\",\"same\":{\"prototype\":1}}", PROFILE_FORBIDDEN,
          "prototype", NULL, NULL },
        { "[]", PROFILE_NOT_OBJECT, NULL, NULL, NULL },
        { "", PROFILE_EMPTY_BODY, NULL, NULL, NULL },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(row_t); i++) {
        check(&rows[i]);
    }
}


/* the query: what no user may be told is not told here */

static void
arguments(void **state)
{
    int               denied;
    profile_guard_t  *g;

    (void) state;

    g = fed("{\"user_id\":\"x\"}");
    assert_non_null(g);
    assert_int_equal(profile_guard_finish(g), PROFILE_OK);

    assert_int_equal(profile_guard_argument(g, (const u_char *) "user_id", 7,
                                            0, &denied), PROFILE_OK);
    assert_true(denied);

    assert_int_equal(profile_guard_argument(g, (const u_char *) "theme", 5,
                                            0, &denied), PROFILE_OK);
    assert_false(denied);

    profile_guard_destroy(g);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(bodies),
        cmocka_unit_test(arguments),
    };

    return cmocka_run_group_tests(tests, shipped_setup, shipped_teardown);
}
