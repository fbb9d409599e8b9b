
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves the order of users by a key, which of them are kept, and what they
 * take (U10.4).
 */


#include "core/response/profile_sort.h"
#include "profile_test.h"


#define KEYS  12
#define MANY  3000

/* what is taken by a user of one byte, without a key */
#define LEAST  64


/* keys as they come, and the numbers of their users as they are told */

typedef struct {
    const char  *name;
    const char  *keys[KEYS];
    const char  *up;
    const char  *down;
} row_t;


static const row_t  rows[] = {

    { "U10.4 numbers, not their texts",
      { "9", "10", "-1", "-10", "0.5", "1e1", "1e2", "99" },
      "d c e a b f h g", "g h b f a e c d" },

    { "U10.4 numbers that are the same in other words",
      { "100", "1e2", "1.0E+2", "10000e-2", "-0", "0", "0.0", "0e9" },
      "e f g h a b c d", "a b c d e f g h" },

    { "U10.4 numbers beyond 2^53",
      { "9007199254740993", "9007199254740992", "18446744073709551616",
        "18446744073709551615", "9223372036854775808",
        "9223372036854775807", "9007199254740993.5" },
      "b a g f e d c", "c d e f g a b" },

    { "U10.4 numbers that no double holds",
      { "1e400", "1e401", "-1e400", "1e-400", "2e-400", "0", "1e309",
        "123456789012345678901234567890123456789",
        "123456789012345678901234567890123456788" },
      "c f d e i h g a b", "b a g h i e d f c" },

    { "U10.4 texts by code points",
      { "'b'", "'a'", "'B'", "''", "'aa'", "'\xc3\xa9'", "'z'",
        "'\xef\xbf\xbd'", "'\xf0\x9f\x98\x80'", "'a '" },
      "d c b j e a g f h i", "i h f g a e j b c d" },

    { "U10.4 texts unescaped",
      { "'\\u0062'", "'a'", "'\\/'", "'.'", "'\\ud83d\\ude00'", "'\\uffff'",
        "'c'", "'a\\u0000'", "'\\u0061'", "'\\\"'" },
      "j d c b i h a g f e", "e f g a h b i c d j" },

    { "U10.4 dates are texts",
      { "'2018-01-02T00:00:00.000Z'", "'2018-01-01T23:59:59.999Z'",
        "'2017-12-31'", "'2018-01'", "'2018-01-02T00:00:00.000Z'" },
      "c d b a e", "a e b d c" },

    { "U10.4 texts of numbers are texts",
      { "'9'", "'10'", "'1e2'" }, "b c a", "a c b" },

    { "U10.4 booleans", { "true", "false", "true", "false" },
      "b d a c", "a c b d" },

    { "U10.4 of several types",
      { "true", "'a'", "1", "null", "false", "''", "-5", "{'a':1}", "[1]",
        "'10'" },
      "g c f j b e a d h i", "a e b j f c g d h i" },

    { "U10.4 what is missing comes last, and in its order",
      { "null", "{}", "1", "[]", "null", "0", "[1]" },
      "f c a b d e g", "c f a b d e g" },

    { "U10.4 equal keys stay in their order",
      { "1", "2", "1", "2", "1.0", "'x'", "'\\u0078'", "'x'" },
      "a c e b d f g h", "f g h b d a c e" },

    { "U10.4 one", { "1" }, "a", "a" },
    { "U10.4 none", { NULL }, "", "" }
};


static profile_type_e
sort_type(const char *text)
{
    switch (*text) {

    case '{':
        return PROFILE_OBJECT;

    case '[':
        return PROFILE_ARRAY;

    case '"':
        return PROFILE_STRING;

    case 't':
    case 'f':
        return PROFILE_BOOLEAN;

    case 'n':
        return PROFILE_NULL;

    default:
        return PROFILE_NUMBER;
    }
}


/* the text is gone before the user comes */

static profile_reason_e
sort_user(profile_sort_t *s, const char *text, const char *user, size_t len)
{
    int                kept;
    char              *copy;
    profile_str_t      value;
    profile_reason_e   rc;

    copy = strdup(text);

    value.data = (u_char *) copy;
    value.len = strlen(copy);

    kept = 0;
    rc = profile_sort_key(s, sort_type(copy), &value, &kept);

    memset(copy, '?', value.len);
    free(copy);

    if (rc == PROFILE_OK && kept) {
        rc = profile_sort_add(s, (const u_char *) user, len);
    }

    return rc;
}


static profile_sort_t *
sort_create(uint64_t most, size_t size, unsigned descending)
{
    profile_sort_conf_t  conf;

    conf.most = most;
    conf.size = size;
    conf.descending = descending;

    return profile_sort_create(&test_alloc, &conf);
}


static void
sort_check(char *const *keys, uint64_t most, unsigned descending,
    const char *expected)
{
    int              told;
    char             user, out[3 * KEYS];
    size_t           i, n;
    profile_str_t    s;
    profile_sort_t  *sort;

    sort = sort_create(most, 1048576, descending);
    assert_non_null(sort);

    for (i = 0; i < KEYS && keys[i]; i++) {
        user = 'a' + i;
        assert_int_equal(sort_user(sort, keys[i], &user, 1), PROFILE_OK);
    }

    n = 0;

    do {
        told = profile_sort_next(sort, &s);

        if (told) {
            assert_int_equal(s.len, 1);

            if (n) {
                out[n++] = ' ';
            }

            out[n++] = s.data[0];
        }

    } while (told);

    out[n] = '\0';

    assert_int_equal(profile_sort_next(sort, &s), 0);

    /* the first of them are the first of all */

    assert_int_equal((n + 1) / 2, i < most ? i : most);
    assert_memory_equal(out, expected, n);

    profile_sort_destroy(sort);
}


static void
test_order(void **state)
{
    const row_t  *row = *state;

    char    *keys[KEYS];
    size_t   i;

    for (i = 0; i < KEYS; i++) {
        keys[i] = row->keys[i] ? test_json(row->keys[i]) : NULL;
    }

    for (i = 0; i <= KEYS; i++) {
        sort_check(keys, i, 0, row->up);
        sort_check(keys, i, 1, row->down);
    }

    sort_check(keys, UINT64_MAX, 0, row->up);

    for (i = 0; i < KEYS; i++) {
        free(keys[i]);
    }
}


/* who falls out gives back what he took */

static void
test_memory(void **state)
{
    char             key[32], user[1000];
    char            *text;
    size_t           i, before, held, most;
    profile_sort_t  *sort;

    (void) state;

    memset(user, 'u', sizeof(user));

    before = test_alloc_bytes(&most);

    sort = sort_create(10, 20000, 1);
    assert_non_null(sort);

    for (i = 0; i < MANY; i++) {
        (void) sprintf(key, "%zu", i);
        assert_int_equal(sort_user(sort, key, user, sizeof(user)), PROFILE_OK);
    }

    held = test_alloc_bytes(&most) - before;
    most -= before;

    assert_in_range(held, 10 * sizeof(user), 20000);
    assert_in_range(most, held, 20000);

    /* nor is the long key of one who was not kept, when the next one comes */

    text = malloc(MANY * MANY);
    memset(text, '0', MANY * MANY);
    text[0] = '-';
    text[1] = '1';
    text[MANY * MANY - 1] = '\0';

    assert_int_equal(sort_user(sort, text, "u", 1), PROFILE_OK);
    free(text);

    assert_true(test_alloc_bytes(&most) - before > MANY * MANY);

    assert_int_equal(sort_user(sort, "0", "u", 1), PROFILE_OK);
    assert_in_range(test_alloc_bytes(&most) - before, 1, 20000);

    profile_sort_destroy(sort);
    assert_int_equal(test_alloc_bytes(&most), before);
}


/* the limit is that of all users with their keys, to the byte */

static void
test_size(void **state)
{
    size_t             i, size, least;
    profile_reason_e   rc;
    profile_sort_t    *sort;

    static const char  key[] = "\"0123456789\"";

    (void) state;

    for (least = 0; least < 1000; least++) {
        sort = sort_create(3, least, 0);
        assert_non_null(sort);

        rc = sort_user(sort, "null", "u", 1);
        profile_sort_destroy(sort);

        if (rc == PROFILE_OK) {
            break;
        }

        assert_int_equal(rc, PROFILE_SEARCH_LIMIT);
    }

    assert_in_range(least, 1, LEAST + 1);

    /* three with a key of ten bytes, and not more than three */

    for (i = 0; i < 2; i++) {
        size = 3 * (least + 10) - i;

        sort = sort_create(3, size, 0);
        assert_non_null(sort);

        assert_int_equal(sort_user(sort, key, "u", 1), PROFILE_OK);
        assert_int_equal(sort_user(sort, key, "u", 1), PROFILE_OK);

        rc = sort_user(sort, key, "u", 1);
        assert_int_equal(rc, i ? PROFILE_SEARCH_LIMIT : PROFILE_OK);

        if (rc == PROFILE_OK) {

            /* one who is not kept is none too many, nor is one in place */

            assert_int_equal(sort_user(sort, key, "too long", 8), PROFILE_OK);
            assert_int_equal(sort_user(sort, "5", "u23456", 6), PROFILE_OK);
            assert_int_equal(sort_user(sort, "4", "u2345678901234567", 17),
                             PROFILE_SEARCH_LIMIT);
        }

        profile_sort_destroy(sort);
    }
}


static uint32_t
sort_random(uint32_t *seed)
{
    *seed = *seed * 1664525 + 1013904223;

    return *seed >> 16;
}


/* another way to the same: of all that are left, the first one in turn */

static void
test_random(void **state)
{
    char             key[32], user[32];
    long             best;
    int              keys[MANY], gone[MANY];
    size_t           i, n, most, left, round;
    uint32_t         seed;
    unsigned         down;
    profile_str_t    told;
    profile_sort_t  *sort;

    (void) state;

    seed = 1;

    for (round = 0; round < 40; round++) {
        down = round & 1;
        n = 1 + sort_random(&seed) % 400;
        most = sort_random(&seed) % 200;

        sort = sort_create(most, 1048576, down);
        assert_non_null(sort);

        for (i = 0; i < n; i++) {
            keys[i] = (int) (sort_random(&seed) % 300) - 150;
            gone[i] = 0;

            (void) sprintf(key, "%d", keys[i]);
            (void) sprintf(user, "%zu", i);

            assert_int_equal(sort_user(sort, key, user, strlen(user)),
                             PROFILE_OK);
        }

        for (left = most < n ? most : n; profile_sort_next(sort, &told); left--)
        {
            best = -1;

            for (i = 0; i < n; i++) {

                if (!gone[i]
                    && (best < 0 || (down ? keys[i] > keys[best]
                                          : keys[i] < keys[best])))
                {
                    best = i;
                }
            }

            (void) sprintf(user, "%ld", best);
            gone[best] = 1;

            assert_true(left > 0);
            assert_int_equal(told.len, strlen(user));
            assert_memory_equal(told.data, user, told.len);
        }

        assert_int_equal(left, 0);

        profile_sort_destroy(sort);
    }
}


/* each allocation may fail */

static void
test_no_memory(void **state)
{
    size_t             i;
    unsigned long      n;
    profile_sort_t    *sort;
    profile_reason_e   rc;

    static const char *const  keys[] = { "1", "\"a\"", "0", "null", "-1" };

    (void) state;

    for (n = 1; ; n++) {
        test_alloc_fail(n);

        sort = sort_create(2, 1048576, 0);
        rc = sort ? PROFILE_OK : PROFILE_NO_MEMORY;

        for (i = 0; i < sizeof(keys) / sizeof(keys[0]) && rc == PROFILE_OK;
             i++)
        {
            rc = sort_user(sort, keys[i], "u", 1);
        }

        profile_sort_destroy(sort);

        if (test_alloc_count() < n) {
            break;
        }

        assert_int_equal(rc, PROFILE_NO_MEMORY);
    }

    test_alloc_fail(0);

    assert_int_equal(rc, PROFILE_OK);
    assert_true(n > 6);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_add(rows[i].name, test_order, &rows[i]);
    }

    test_add("U10.4 who falls out is no longer held", test_memory, NULL);
    test_add("U10.4 the limit", test_size, NULL);
    test_add("U10.4 many, another way", test_random, NULL);
    test_add("U10.4 no memory", test_no_memory, NULL);

    return test_run();
}
