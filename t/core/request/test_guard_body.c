
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * What the reading of a body does with its names.  What it says of the text is
 * in test_guard_text.c, what the rules say of the names in test_guard.c.
 */


#include "core/request/profile_guard_body.h"
#include "request/guard_test.h"


static profile_schema_t  *schema;


/* else a long name before a long array would be work of their product */

static void
read_once(void **state)
{
    size_t            i;
    test_guard_t      t;
    profile_guard_t  *g;

    static const char  begin[] = "{\"\\u0061\\u0062\":[1";
    static const char  rest[] = ",2,\"3\",[4,[5]],{},{\"b\":6},null,"
                                "{\"c\":[7]},8],\"d\":9}";

    (void) state;

    memset(&t, 0, sizeof(t));

    t.schema = schema;
    t.mode = PROFILE_GUARD_V1;
    t.action = PROFILE_UPDATE;

    g = test_guard_fed(&t, begin, sizeof(begin) - 1);

    assert_non_null(g);
    assert_true(g->scratch.size >= 2);
    assert_memory_equal(g->scratch.data, "ab", 2);

    memset(g->scratch.data, 'x', g->scratch.size);

    assert_int_equal(profile_guard_feed(g, (const u_char *) rest,
                                        sizeof(rest) - 1),
                     PROFILE_OK);

    for (i = 0; i < g->scratch.size; i++) {
        assert_int_equal(g->scratch.data[i], 'x');
    }

    assert_int_equal(profile_guard_finish(g), PROFILE_OK);

    profile_guard_destroy(g);
}


static int
setup(void **state)
{
    (void) state;

    schema = test_schema("provider p;");

    return 0;
}


static int
teardown(void **state)
{
    (void) state;

    profile_schema_destroy(schema);

    return test_alloc_blocks() == 0 ? 0 : -1;
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        { "H5.3 a name is unescaped once, however much its array holds",
          read_once, NULL, NULL, NULL },
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
