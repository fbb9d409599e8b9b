
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * What the client is told of a write of v2: why it cannot be made (U3.2,
 * U4.3), what was applied before a call failed (U4.2).
 */


#include "request/upgrade_test.h"


static void
applied(void **state)
{
    profile_buf_t          buf;
    profile_guard_t       *g;
    profile_upgrade_t     *u;
    const profile_call_t  *call;

    static const char  body[] = "{\"email\":\"e\",\"password\":\"p\","
                                "\"user_metadata\":{\"a\":1},"
                                "\"app_metadata\":{}}";

    static const char  *after[] = {
        "", "", "email", "email, password", "email, password, metadata", NULL
    };

    const char  **expected = after;

    (void) state;

    g = test_guard_allowed(shipped, DATABASE, body, sizeof(body) - 1);
    assert_non_null(g);

    u = profile_upgrade_create(&test_alloc, g, SHIPPED);
    assert_non_null(u);
    assert_int_equal(profile_upgrade_make(u), PROFILE_OK);

    profile_guard_destroy(g);

    for ( ;; ) {
        call = profile_upgrade_next(u);

        if (call == NULL) {
            break;
        }

        /* as if this one failed now */

        memset(&buf, 0, sizeof(buf));

        assert_int_equal(profile_upgrade_applied(u, &test_alloc, &buf), 0);
        assert_int_equal(buf.len, strlen(*expected));

        if (buf.len) {
            assert_memory_equal(buf.data, *expected, buf.len);
        }

        profile_buf_free(&test_alloc, &buf);

        expected++;

        if (call->kind == PROFILE_CALL_BAG) {
            assert_int_equal(test_upgrade_bag(u, (u_char *) "{}", 2),
                             PROFILE_OK);
        }
    }

    assert_null(*expected);
    assert_null(profile_upgrade_next(u));

    profile_upgrade_destroy(u);
}


/* a create is one call, which has succeeded when the next is asked for */

static void
created(void **state)
{
    profile_buf_t       buf;
    profile_guard_t    *g;
    profile_upgrade_t  *u;

    (void) state;

    g = test_guard_allowed(shipped, NULL, "{}", 2);
    assert_non_null(g);

    u = profile_upgrade_create(&test_alloc, g, 0);
    assert_non_null(u);
    assert_int_equal(profile_upgrade_make(u), PROFILE_OK);

    profile_guard_destroy(g);

    memset(&buf, 0, sizeof(buf));

    assert_non_null(profile_upgrade_next(u));
    assert_int_equal(profile_upgrade_applied(u, &test_alloc, &buf), 0);
    assert_int_equal(buf.len, 0);

    assert_null(profile_upgrade_next(u));
    assert_int_equal(profile_upgrade_applied(u, &test_alloc, &buf), 0);
    assert_int_equal(buf.len, 6);
    assert_memory_equal(buf.data, "create", 6);

    profile_buf_free(&test_alloc, &buf);
    profile_upgrade_destroy(u);
}


static void
messages(void **state)
{
    size_t              i;
    profile_buf_t       buf;
    profile_guard_t    *g;
    profile_schema_t   *s;
    profile_upgrade_t  *u;

    static const char  *rows[][2] = {
        { "{\"blocked\":1,\"user_metadata\":{\"x\":1}}",
          "The following user attributes cannot be updated: blocked. "
          "The backend has no call that writes them." },
        { "{\"user_metadata\":{\"x\":1,\"y\":2}}",
          "The following metadata cannot be stored: user_metadata.x, "
          "user_metadata.y. The backend would not return it under these "
          "names." },
        { "{\"app_metadata\":{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
          "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":1}}",
          "Invalid request body: a pattern gave up on a name." },
    };

    (void) state;

    s = test_schema("provider p ~(a|aa)+[bc]; writable blocked;");

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(&buf, 0, sizeof(buf));

        g = test_guard_allowed(s, "p|1", rows[i][0], strlen(rows[i][0]));
        assert_non_null(g);

        u = profile_upgrade_create(&test_alloc, g, SHIPPED);
        assert_non_null(u);

        if (profile_upgrade_make(u) == PROFILE_OK) {
            assert_int_equal(profile_upgrade_next(u)->first, 1);
            assert_int_not_equal(profile_upgrade_settle(u), PROFILE_OK);
        }

        assert_int_equal(profile_upgrade_message(u, &test_alloc, &buf), 0);
        assert_int_equal(buf.len, strlen(rows[i][1]));
        assert_memory_equal(buf.data, rows[i][1], buf.len);

        profile_buf_free(&test_alloc, &buf);

        profile_upgrade_destroy(u);
        profile_guard_destroy(g);
    }

    profile_schema_destroy(s);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(applied),
        cmocka_unit_test(created),
        cmocka_unit_test(messages),
    };

    return cmocka_run_group_tests(tests, shipped_setup, shipped_teardown);
}
