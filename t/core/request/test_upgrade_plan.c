
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* Proves that the body of a call has room for what is appended to it. */


#include "core/request/profile_upgrade.h"
#include "core/request/profile_upgrade_plan.h"
#include "request/guard_test.h"


/*
 * U4: of every length, in bytes that each become six, so that no room is left
 * by chance; the brace comes without asking.
 */

static void
room(void **state)
{
    char                   body[4096];
    size_t                 n, len;
    profile_buf_t         *buf;
    profile_guard_t       *g;
    profile_schema_t      *s;
    profile_upgrade_t     *u;
    const profile_call_t  *call;

    (void) state;

    s = test_schema("provider p;");

    for (n = 1; n < 1100; n++) {
        len = snprintf(body, sizeof(body),
                       "{\"app_metadata\":{\"\\u0001\":\"%0*d\"}}", (int) n, 0);

        g = test_guard_allowed(s, "p|1", body, len);
        assert_non_null(g);

        u = profile_upgrade_create(&test_alloc, g,
                                   1 << PROFILE_CALL_METADATA);
        assert_non_null(u);
        assert_int_equal(profile_upgrade_make(u), PROFILE_OK);

        buf = &u->bodies[PROFILE_CALL_METADATA];

        assert_true(buf->len < buf->size);

        call = profile_upgrade_next(u);

        assert_int_equal(call->kind, PROFILE_CALL_METADATA);
        assert_int_equal(call->body.len, n + 13);
        assert_int_equal(call->body.data[n + 12], '}');

        profile_upgrade_destroy(u);
        profile_guard_destroy(g);
    }

    profile_schema_destroy(s);

    assert_int_equal(test_alloc_blocks(), 0);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
