
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that numbers are compared by their value, whatever their length, and
 * that what is no number is known.
 */


#include "core/json/profile_number.h"
#include "profile_test.h"


/* from the least to the largest; what stands in one row is the same */

static const char  *values[][6] = {
    { "-1e500000000000000001", "-10e500000000000000000", NULL },
    { "-1e400", "-0.1e401", NULL },
    { "-123.45", "-1.2345e2", "-12345e-2", "-123.4500", NULL },
    { "-123.4", NULL },
    { "-1", "-1.0", "-10e-1", NULL },
    { "-1e-400", NULL },
    { "0", "-0", "0.000", "0e99", "-0.0e-5", NULL },
    { "1e-400", "0.1e-399", NULL },
    { "0.1", "1e-1", "0.10", NULL },
    { "0.11", NULL },
    { "1", "1.000000000000000000000", "0.1e1", "1e+0", "100E-2", NULL },
    { "1.000000000000000000001", NULL },
    { "9", NULL },
    { "10", "1e1", NULL },
    { "9007199254740992", "9.007199254740992e15", NULL },
    { "9007199254740993", NULL },
    { "1e400", NULL },
    { "1.5e400", NULL },
    { "1e99999999999999999999", NULL }
};

#define ROWS  (sizeof(values) / sizeof(values[0]))


static const char  *invalid[] = {
    "", "-", "+1", "01", "-01", "1.", ".5", "1.e5", "1e", "1e+", "1e5.0",
    "0x10", "1 ", " 1", "1a", "NaN", "Infinity", "--1", "1,0", "e5"
};


static void
number(profile_str_t *s, const char *text)
{
    s->data = (const u_char *) text;
    s->len = strlen(text);
}


static void
test_order(void **state)
{
    int            rc;
    size_t         i, j, k, l;
    profile_str_t  a, b;

    (void) state;

    for (i = 0; i < ROWS; i++) {
        for (k = 0; values[i][k]; k++) {
            number(&a, values[i][k]);
            assert_true(profile_number_valid(a.data, a.len));

            for (j = 0; j < ROWS; j++) {
                for (l = 0; values[j][l]; l++) {
                    number(&b, values[j][l]);
                    rc = profile_number_compare(&a, &b);

                    assert_int_equal((rc > 0) - (rc < 0), (i > j) - (i < j));
                }
            }
        }
    }
}


static void
test_invalid(void **state)
{
    size_t         i;
    profile_str_t  s;

    (void) state;

    for (i = 0; i < sizeof(invalid) / sizeof(invalid[0]); i++) {
        number(&s, invalid[i]);
        assert_false(profile_number_valid(s.data, s.len));
    }
}


int
main(void)
{
    test_add("U8.1 numbers are compared by value", test_order, NULL);
    test_add("U8.1 what is no number", test_invalid, NULL);

    return test_run();
}
