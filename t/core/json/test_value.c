
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* Proves when two JSON values are the same (U4.7); depth has a bound. */


#include "core/json/profile_value.h"
#include "profile_test.h"


static void
same(void **state)
{
    size_t           i;
    profile_value_t  one, two;

    static const struct {
        const char  *one;
        const char  *two;
        int          same;
    } rows[] = {
        { "{\"a\":1,\"b\":2,\"cc\":3,\"d\":4,\"e\":5}",
          "{ \"e\":5, \"cc\":3,\"d\":4 ,\"b\":2,\"a\":1}", 1 },
        { "{\"a\":{\"x\":1,\"y\":[ ]},\"b\":{}}",
          "{\"b\":{ },\"a\":{\"y\":[],\"x\":1}}", 1 },
        { "\"\\u00e9\\/\"", "\"\xc3\xa9/\"", 1 },
        { "[1,2]", "[1 , 2]", 1 },
        { "[1,2]", "[12]", 0 },
        { "{\"a\":1}", "{\"a\":1,\"b\":2}", 0 },
        { "{\"a\":\"b\"}", "{\"a\":\"b,\"}", 0 },
        { "1e2", "100", 0 },
        { "\"1\"", "1", 0 },
        { "[]", "{}", 0 },
    };

    (void) state;

    memset(&one, 0, sizeof(one));
    memset(&two, 0, sizeof(two));

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(profile_value_make(&test_alloc, &one,
                                            (u_char *) rows[i].one,
                                            strlen(rows[i].one)),
                         PROFILE_OK);
        assert_int_equal(profile_value_make(&test_alloc, &two,
                                            (u_char *) rows[i].two,
                                            strlen(rows[i].two)),
                         PROFILE_OK);

        assert_int_equal(one.out.len == two.out.len
                         && memcmp(one.out.data, two.out.data, one.out.len)
                            == 0,
                         rows[i].same);
    }

    profile_value_free(&test_alloc, &one);
    profile_value_free(&test_alloc, &two);

    assert_int_equal(test_alloc_blocks(), 0);
}


static void
depth(void **state)
{
    size_t           n;
    u_char           text[2 * PROFILE_VALUE_DEPTH + 2];
    profile_value_t  v;

    (void) state;

    memset(&v, 0, sizeof(v));

    for (n = PROFILE_VALUE_DEPTH; n <= PROFILE_VALUE_DEPTH + 1; n++) {
        memset(text, '[', n);
        memset(text + n, ']', n);

        assert_int_equal(profile_value_make(&test_alloc, &v, text, 2 * n),
                         n > PROFILE_VALUE_DEPTH ? PROFILE_TOO_DEEP
                                                 : PROFILE_OK);
    }

    profile_value_free(&test_alloc, &v);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(same),
        cmocka_unit_test(depth),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
