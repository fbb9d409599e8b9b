
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that names are found by their number and others are not: of every
 * length, close to one another in every byte, with the same bytes at their
 * ends.  Each name that is asked for ends with its last byte.
 */


#include "core/schema/profile_known.h"
#include "core/schema/profile_schema.h"
#include "profile_test.h"


#define LENGTHS  40
#define MANY     5000


/* a copy of its own, so that a read past it is seen */

static uint32_t
number_of(const profile_known_t *known, const u_char *data, size_t len)
{
    u_char    *copy;
    uint32_t   n;

    copy = malloc(len + 1);
    memcpy(copy + 1, data, len);

    n = profile_known_number(known, copy + 1, len);

    free(copy);

    return n;
}


static void
add(profile_known_t *known, const void *data, size_t len, uint32_t number)
{
    profile_name_t  name;

    memset(&name, 0, sizeof(name));

    name.data = data;
    name.len = len;
    name.number = number;

    profile_known_add(known, &name);
}


static void
test_none(void **state)
{
    u_char           text[LENGTHS];
    size_t           len;
    profile_known_t  known;

    (void) state;

    memset(text, 0, sizeof(text));

    assert_int_equal(profile_known_init(&known, &test_alloc, 0), 0);

    for (len = 0; len < LENGTHS; len++) {
        assert_int_equal(number_of(&known, text, len), 0);
    }

    profile_known_destroy(&known, &test_alloc);
}


/* one byte, so often: some lengths have the same key */

static void
test_lengths(void **state)
{
    u_char           text[LENGTHS];
    size_t           len, there;
    profile_known_t  known;

    memset(text, *(const char *) *state, sizeof(text));

    /* all of them, and all but one */

    for (there = 0; there <= LENGTHS; there++) {

        assert_int_equal(profile_known_init(&known, &test_alloc, LENGTHS), 0);

        for (len = 0; len < LENGTHS; len++) {
            if (len != there) {
                add(&known, text, len, len + 1);
            }
        }

        for (len = 0; len < LENGTHS; len++) {
            assert_int_equal(number_of(&known, text, len),
                             len == there ? 0 : len + 1);
        }

        profile_known_destroy(&known, &test_alloc);
    }
}


/* a name of each length, and those that differ from it in one bit */

static void
test_bits(void **state)
{
    u_char           text[LENGTHS], other[LENGTHS];
    size_t           len, i, bit;
    profile_known_t  known;

    (void) state;

    for (i = 0; i < LENGTHS; i++) {
        text[i] = 'a' + i % 26;
    }

    memcpy(other, text, sizeof(text));

    for (len = 1; len < LENGTHS; len++) {

        assert_int_equal(profile_known_init(&known, &test_alloc, 1), 0);
        add(&known, text, len, 7);

        assert_int_equal(number_of(&known, text, len), 7);
        assert_int_equal(number_of(&known, text, len - 1), 0);

        for (i = 0; i < len; i++) {
            for (bit = 1; bit < 256; bit *= 2) {
                other[i] ^= bit;
                assert_int_equal(number_of(&known, other, len), 0);
                other[i] ^= bit;
            }
        }

        profile_known_destroy(&known, &test_alloc);
    }
}


/* they stand side by side, and differ between their ends only */

static void
test_same_keys(void **state)
{
    char             names[MANY][32];
    size_t           i;
    profile_known_t  known;

    (void) state;

    assert_int_equal(profile_known_init(&known, &test_alloc, MANY / 2), 0);

    for (i = 0; i < MANY; i++) {
        (void) sprintf(names[i], "abcdefgh%06zuijklmnop", i);

        if (i < MANY / 2) {
            add(&known, names[i], strlen(names[i]), i + 1);
        }
    }

    for (i = 0; i < MANY; i += 7) {
        assert_int_equal(number_of(&known, (u_char *) names[i],
                                   strlen(names[i])),
                         i < MANY / 2 ? i + 1 : 0);
    }

    profile_known_destroy(&known, &test_alloc);
}


static void
test_many(void **state)
{
    char             names[MANY][16];
    size_t           i;
    profile_known_t  known;

    (void) state;

    assert_int_equal(profile_known_init(&known, &test_alloc, MANY / 2), 0);

    for (i = 0; i < MANY; i++) {
        (void) sprintf(names[i], "%zx", i * 7919);

        if (i < MANY / 2) {
            add(&known, names[i], strlen(names[i]), i + 1);
        }
    }

    for (i = 0; i < MANY; i++) {
        assert_int_equal(number_of(&known, (u_char *) names[i],
                                   strlen(names[i])),
                         i < MANY / 2 ? i + 1 : 0);
    }

    profile_known_destroy(&known, &test_alloc);
}


static void
test_memory(void **state)
{
    profile_known_t  known;

    (void) state;

    test_alloc_fail(1);
    assert_int_equal(profile_known_init(&known, &test_alloc, 1), -1);
    test_alloc_fail(0);

    profile_known_destroy(&known, &test_alloc);
}


/* a schema has the five names that are in each, and its own */

static void
test_schema_names(void **state)
{
    size_t                 i;
    profile_name_t         name;
    profile_schema_t      *s;
    const profile_known_t *known;

    static const char *const  implicit[] = {
        "app_metadata", "user_metadata", "metadata", "user_id", "identities"
    };

    (void) state;

    s = test_schema("");
    known = profile_schema_known(s);

    assert_int_equal(profile_schema_nnames(s), 5);

    for (i = 0; i < 5; i++) {
        assert_int_equal(number_of(known, (const u_char *) implicit[i],
                                   strlen(implicit[i])),
                         i + 1);

        profile_schema_name(s, &name, (const u_char *) implicit[i],
                            strlen(implicit[i]));

        assert_int_equal(name.number, i + 1);
        assert_int_equal(name.hash, profile_schema_hash(s, name.data,
                                                        name.len));
    }

    assert_int_equal(number_of(known, (const u_char *) "email", 5), 0);
    assert_int_equal(number_of(known, (const u_char *) "", 0), 0);

    profile_schema_destroy(s);
}


int
main(void)
{
    test_add("M2 a set of none", test_none, NULL);
    test_add("M2 names of one letter, of each length", test_lengths, "a");
    test_add("M2 names of NUL, of each length", test_lengths, "\0");
    test_add("M2 each bit of a name counts", test_bits, NULL);
    test_add("M2 names that have the same ends", test_same_keys, NULL);
    test_add("M2 many names", test_many, NULL);
    test_add("M2 no memory", test_memory, NULL);
    test_add("M2 the names of a schema", test_schema_names, NULL);

    return test_run();
}
