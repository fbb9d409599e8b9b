
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that the set of names finds what was put in and nothing else, also
 * when names share a hash, when it grows and when it is emptied, and that the
 * hash depends on the seed and on every byte.
 */


#include "core/schema/profile_names.h"
#include "profile_test.h"


#define NAMES  100000


static const profile_hash_t  seed = {
    { 0x243f6a8885a308d3, 0x13198a2e03707344 }
};


static void
name_set(profile_name_t *name, const char *text, uint32_t hash)
{
    name->data = (const u_char *) text;
    name->len = strlen(text);
    name->hash = hash;
    name->number = 0;
    name->lone = 0;
}


static void
test_set(void **state)
{
    int              known;
    uint32_t        *n;
    profile_name_t   a, b;
    profile_names_t  names;

    (void) state;

    name_set(&a, "name", 17);
    name_set(&b, "name", 18);

    profile_names_init(&names, &test_alloc, 0);

    assert_null(profile_names_find(&names, &a));
    assert_int_equal(test_alloc_blocks(), 0);

    n = profile_names_add(&names, &a, 5, &known);
    assert_non_null(n);
    assert_int_equal(known, 0);
    assert_int_equal(*n, 5);

    /* a second time: the number that it has */

    n = profile_names_add(&names, &a, 6, &known);
    assert_int_equal(known, 1);
    assert_int_equal(*n, 5);

    *n = 7;
    assert_int_equal(*profile_names_find(&names, &a), 7);

    assert_null(profile_names_find(&names, &b));

    profile_names_destroy(&names);
}


/* equal in hash, in length, in their begin or in all but one byte */

static void
test_collisions(void **state)
{
    int              known;
    size_t           i, j;
    uint32_t        *n;
    profile_name_t   name[8];
    profile_names_t  names;

    static const char *const  texts[] = {
        "", "a", "b", "aa", "ab", "ba", "aab", "a\x01"
    };

    static const uint32_t  hashes[] = { 0, 127, 128, UINT32_MAX };

    (void) state;

    for (i = 0; i < sizeof(hashes) / sizeof(hashes[0]); i++) {
        profile_names_init(&names, &test_alloc, 0);

        for (j = 0; j < 8; j++) {
            name_set(&name[j], texts[j], hashes[i]);

            assert_null(profile_names_find(&names, &name[j]));

            n = profile_names_add(&names, &name[j], j, &known);
            assert_int_equal(known, 0);
            assert_int_equal(*n, j);
        }

        for (j = 0; j < 8; j++) {
            n = profile_names_find(&names, &name[j]);
            assert_non_null(n);
            assert_int_equal(*n, j);
        }

        profile_names_destroy(&names);
    }
}


/* of all lengths that are compared in other ways: each byte counts */

static void
test_each_byte(void **state)
{
    int              known;
    char             text[32], other[32];
    size_t           len, i;
    profile_name_t   a, b;
    profile_names_t  names;

    (void) state;

    for (len = 1; len < sizeof(text); len++) {
        memset(text, 'n', len);
        text[len] = '\0';

        memcpy(other, text, len + 1);

        name_set(&a, text, 1);
        name_set(&b, other, 1);

        profile_names_init(&names, &test_alloc, 0);

        assert_non_null(profile_names_add(&names, &a, 1, &known));
        assert_non_null(profile_names_find(&names, &b));

        for (i = 0; i < len; i++) {
            other[i] = 'm';
            assert_null(profile_names_find(&names, &b));
            other[i] = 'n';
        }

        profile_names_destroy(&names);
    }
}


/* a NUL is a byte like another */

static void
test_binary(void **state)
{
    int              known;
    profile_name_t   a, b;
    profile_names_t  names;

    (void) state;

    a.data = (const u_char *) "a\0b";
    a.len = 3;
    a.hash = 1;
    a.number = 0;
    a.lone = 0;

    b = a;
    b.data = (const u_char *) "a\0c";

    profile_names_init(&names, &test_alloc, 0);

    assert_non_null(profile_names_add(&names, &a, 1, &known));
    assert_null(profile_names_find(&names, &b));

    b.data = (const u_char *) "a";
    b.len = 1;

    assert_null(profile_names_find(&names, &b));

    profile_names_destroy(&names);
}


static void
test_many(void **state)
{
    int              known, round;
    char            *text;
    uint32_t         i, *n;
    profile_name_t  *name, other;
    profile_names_t  names;

    (void) state;

    name = malloc(NAMES * sizeof(profile_name_t));
    text = malloc(NAMES * 8);

    profile_names_init(&names, &test_alloc, 0);

    for (i = 0; i < NAMES; i++) {
        (void) sprintf(text + 8 * i, "n%u", i);
        name_set(&name[i], text + 8 * i, 0);
        name[i].hash = profile_names_hash(&seed, name[i].data, name[i].len);
    }

    for (round = 1; round <= 3; round++) {

        for (i = 0; i < NAMES; i++) {
            n = profile_names_add(&names, &name[i], i * round, &known);
            assert_non_null(n);
            assert_int_equal(known, 0);
        }

        for (i = 0; i < NAMES; i++) {
            n = profile_names_find(&names, &name[i]);
            assert_non_null(n);
            assert_int_equal(*n, i * round);
        }

        /* never more than half full, a power of two */

        assert_int_equal(names.used, NAMES);
        assert_int_equal(names.size, 262144);

        name_set(&other, "n100000", 0);
        other.hash = profile_names_hash(&seed, other.data, other.len);
        assert_null(profile_names_find(&names, &other));

        /* emptied, without memory being given back or asked for */

        profile_names_clear(&names);
        assert_null(profile_names_find(&names, &name[0]));
        assert_int_equal(test_alloc_blocks(), 1);
    }

    profile_names_destroy(&names);
    free(name);
    free(text);
}


/* what was before does not come back when the count of rounds wraps */

static void
test_rounds(void **state)
{
    int              known;
    unsigned         i;
    profile_name_t   a, b;
    profile_names_t  names;

    (void) state;

    name_set(&a, "a", 1);
    name_set(&b, "b", 2);

    profile_names_init(&names, &test_alloc, 0);

    /* without slots, too */

    names.round = UINT32_MAX;
    profile_names_clear(&names);
    assert_null(profile_names_find(&names, &a));

    for (i = 0; i < 3; i++) {
        assert_non_null(profile_names_add(&names, &a, i, &known));
        assert_int_equal(known, 0);

        names.round = i ? names.round : UINT32_MAX;
        profile_names_clear(&names);

        assert_non_null(profile_names_add(&names, &b, i, &known));
        assert_int_equal(known, 0);
        assert_null(profile_names_find(&names, &a));

        profile_names_clear(&names);
    }

    profile_names_destroy(&names);
}


/* names with a number keep apart by that alone, and from those without */

static void
test_numbers(void **state)
{
    int              known;
    uint32_t         i;
    profile_name_t   name[3], none;
    profile_names_t  names;

    (void) state;

    name_set(&none, "name", 17);
    profile_names_init(&names, &test_alloc, 3);

    for (i = 0; i < 3; i++) {
        name_set(&name[i], "name", 17);
        name[i].number = i + 1;

        assert_null(profile_names_find(&names, &name[i]));
    }

    assert_int_equal(test_alloc_blocks(), 0);

    for (i = 0; i < 3; i += 2) {
        assert_int_equal(*profile_names_add(&names, &name[i], i, &known), i);
        assert_int_equal(known, 0);
        assert_int_equal(*profile_names_add(&names, &name[i], 9, &known), i);
        assert_int_equal(known, 1);
        assert_int_equal(*profile_names_find(&names, &name[i]), i);
    }

    assert_null(profile_names_find(&names, &name[1]));
    assert_null(profile_names_find(&names, &none));

    assert_int_equal(*profile_names_add(&names, &none, 5, &known), 5);
    assert_int_equal(known, 0);
    assert_int_equal(*profile_names_find(&names, &none), 5);
    assert_int_equal(*profile_names_find(&names, &name[2]), 2);

    /* the count of rounds wraps for them, too */

    names.round = UINT32_MAX;
    profile_names_clear(&names);
    assert_null(profile_names_find(&names, &name[0]));
    assert_null(profile_names_find(&names, &none));

    assert_int_equal(*profile_names_add(&names, &name[0], 7, &known), 7);
    assert_int_equal(known, 0);

    profile_names_clear(&names);
    assert_null(profile_names_find(&names, &name[0]));

    profile_names_destroy(&names);
}


/* a set without numbers does not ask for them */

static void
test_no_numbers(void **state)
{
    int              known;
    profile_name_t   name, same;
    profile_names_t  names;

    (void) state;

    name_set(&name, "name", 17);
    same = name;
    same.number = 9;

    profile_names_init(&names, &test_alloc, 0);

    assert_int_equal(*profile_names_add(&names, &name, 5, &known), 5);
    assert_int_equal(*profile_names_find(&names, &same), 5);
    assert_int_equal(*profile_names_add(&names, &same, 6, &known), 5);
    assert_int_equal(known, 1);

    profile_names_destroy(&names);
}


/* a set looks its names up: the number is the value, from 1 on */

static void
test_look_up(void **state)
{
    int              known;
    size_t           len;
    u_char           text[32];
    profile_hash_t   h;
    profile_name_t   name, other;
    profile_names_t  names;

    (void) state;

    h.seed[0] = 1;
    h.seed[1] = 2;

    memset(text, 'a', sizeof(text));
    profile_names_init(&names, &test_alloc, 0);

    for (len = 0; len <= sizeof(text); len++) {
        name.data = text;
        name.len = len;
        name.lone = 0;

        profile_names_look_up(&names, &h, &name);
        assert_int_equal(name.number, 0);
        assert_int_equal(name.hash, profile_names_hash(&h, text, len));

        assert_non_null(profile_names_add(&names, &name, len, &known));
        assert_int_equal(known, 0);
    }

    for (len = 0; len <= sizeof(text); len++) {
        other.data = text;
        other.len = len;
        other.lone = 1;

        profile_names_look_up(&names, &h, &other);
        assert_int_equal(other.number, len + 1);
        assert_int_equal(other.lone, 1);
    }

    profile_names_destroy(&names);
}


/*
 * What is left of the last round takes no part when the set grows: here it has
 * the names and the hash of what is there, in places behind theirs.
 */

static void
test_grow(void **state)
{
    int              known;
    char             text[200][8];
    uint32_t         i, *n;
    profile_name_t   name[200];
    profile_names_t  names;

    (void) state;

    profile_names_init(&names, &test_alloc, 0);

    for (i = 0; i < 200; i++) {
        (void) snprintf(text[i], sizeof(text[i]), "%u", i);
        name_set(&name[i], text[i], i < 60 ? 5 : 10000 + i);
    }

    for (i = 0; i < 60; i++) {
        assert_non_null(profile_names_add(&names, &name[i], i, &known));
    }

    profile_names_clear(&names);

    for (i = 59; i >= 20; i--) {
        assert_non_null(profile_names_add(&names, &name[i], i, &known));
        assert_int_equal(known, 0);
    }

    for (i = 60; i < 200; i++) {
        assert_non_null(profile_names_add(&names, &name[i], i, &known));
        assert_int_equal(known, 0);
    }

    for (i = 0; i < 200; i++) {
        n = profile_names_find(&names, &name[i]);

        if (i < 20) {
            assert_null(n);

        } else {
            assert_non_null(n);
            assert_int_equal(*n, i);
        }
    }

    profile_names_destroy(&names);
}


/* what is there stays when the set cannot grow, and can be looked up */

static void
test_no_memory(void **state)
{
    int              known;
    char             text[97][4];
    uint32_t         i, *n;
    profile_name_t   name[97];
    profile_names_t  names;

    (void) state;

    profile_names_init(&names, &test_alloc, 0);

    for (i = 0; i < 97; i++) {
        (void) snprintf(text[i], sizeof(text[i]), "%u", i);
        name_set(&name[i], text[i], i % 7);

        test_alloc_fail(i == 0 || i == 96);

        if (i == 0 || i == 96) {
            assert_null(profile_names_add(&names, &name[i], i, &known));
            assert_null(profile_names_find(&names, &name[i]));
        }

        test_alloc_fail(0);

        assert_non_null(profile_names_add(&names, &name[i], i, &known));
    }

    for (i = 0; i < 97; i++) {
        n = profile_names_find(&names, &name[i]);
        assert_non_null(n);
        assert_int_equal(*n, i);
    }

    profile_names_destroy(&names);
}


static void
test_hash(void **state)
{
    u_char          text[64], copy[72];
    size_t          len, i, at;
    uint32_t        hash;
    profile_hash_t  other;

    (void) state;

    for (i = 0; i < sizeof(text); i++) {
        text[i] = (u_char) (i * 37);
    }

    for (len = 0; len <= sizeof(text); len++) {
        hash = profile_names_hash(&seed, text, len);

        /* the place in memory does not matter */

        for (at = 1; at < 8; at++) {
            memcpy(copy + at, text, len);
            assert_int_equal(profile_names_hash(&seed, copy + at, len), hash);
        }

        /* each bit does */

        memcpy(copy, text, len);

        for (i = 0; i < 8 * len; i++) {
            copy[i / 8] ^= 1 << (i % 8);
            assert_int_not_equal(profile_names_hash(&seed, copy, len), hash);
            copy[i / 8] ^= 1 << (i % 8);
        }

        /* so do the length and each half of the seed */

        if (len) {
            assert_int_not_equal(profile_names_hash(&seed, text, len - 1),
                                 hash);
        }

        for (i = 0; i < 128; i++) {
            other = seed;
            other.seed[i / 64] ^= 1ULL << (i % 64);
            assert_int_not_equal(profile_names_hash(&other, text, len), hash);
        }
    }
}


/* no more equal low bits than chance gives: the set looks at them first */

static void
test_hash_spread(void **state)
{
    char       text[64];
    int        n;
    size_t     i, bucket, most;
    unsigned  *count;
    unsigned   form;

    static const struct {
        const char  *before;
        const char  *after;
    } forms[] = {
        { "", "" },
        { "attribute_", "" },
        { "http://schemas.example.com/claims/", "/x" },
        { "", "________________________________" }
    };

    (void) state;

    count = malloc(65536 * sizeof(unsigned));

    for (form = 0; form < sizeof(forms) / sizeof(forms[0]); form++) {
        memset(count, 0, 65536 * sizeof(unsigned));
        most = 0;

        for (i = 0; i < 65536; i++) {
            n = sprintf(text, "%s%zu%s", forms[form].before, i,
                        forms[form].after);

            bucket = profile_names_hash(&seed, (u_char *) text, n) & 65535;
            count[bucket]++;

            if (count[bucket] > most) {
                most = count[bucket];
            }
        }

        /* 65536 balls in as many bins: 12 in one are less than likely */
        assert_true(most < 14);
    }

    free(count);
}


int
main(void)
{
    test_add("M5.4 a name is found again with its number", test_set, NULL);
    test_add("M5.4 names with one hash stay apart", test_collisions, NULL);
    test_add("M5.4 names with one hash differ in any byte", test_each_byte,
             NULL);
    test_add("M5.4 names are compared by length and bytes", test_binary,
             NULL);
    test_add("M5.4 a hundred thousand names, three times", test_many, NULL);
    test_add("M6.1 an emptied set is empty", test_rounds, NULL);
    test_add("M5.4 names with numbers keep apart by those", test_numbers,
             NULL);
    test_add("M5.4 names with numbers in a set without", test_no_numbers,
             NULL);
    test_add("M5.4 a name is looked up by its bytes", test_look_up, NULL);
    test_add("M6.1 a set that grows in a later round", test_grow, NULL);
    test_add("M6.1 a set that cannot grow keeps what it has",
             test_no_memory, NULL);
    test_add("H5.4 the hash depends on all bytes and on the seed", test_hash,
             NULL);
    test_add("H5.4 the hash spreads names that are alike", test_hash_spread,
             NULL);

    return test_run();
}
