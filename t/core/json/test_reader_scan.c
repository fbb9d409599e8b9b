
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves of the reader's own engine where it says other things than that on
 * top of yajl, what it does at any depth, and that each place of a long string
 * is as good as another.
 */


#include "core/json/profile_reader.h"
#include "json/reader_test.h"
#include "profile_test.h"


#define MAX_SIZE   40
#define MAX_DEPTH  300


static profile_reason_e
scan_read(profile_reader_engine_e engine, size_t max_size, const char *text,
    size_t len, size_t piece, int inside, uint64_t *offset)
{
    profile_reader_t       *r;
    profile_reason_e        rc;
    profile_reader_conf_t   conf;

    memset(&conf, 0, sizeof(conf));

    conf.engine = engine;
    conf.max_size = max_size;
    conf.max_depth = MAX_DEPTH;

    r = profile_reader_create(&test_alloc, &conf, &test_reader_handler,
                              &inside);

    if (r == NULL) {
        return PROFILE_NO_MEMORY;
    }

    rc = test_reader_feed(r, text, len, piece);

    *offset = profile_reader_offset(r);

    profile_reader_destroy(r);

    return rc;
}


/*
 * A token that cannot stand where it does is wrong from its first byte on; to
 * yajl only once it is whole, unless something is wrong with the token itself.
 * A number that is the whole text ends at the byte that cannot follow.
 */

typedef struct {
    const char        *name;
    const char        *text;
    profile_reason_e   scan;
    unsigned           scan_offset;
    profile_reason_e   yajl;
    unsigned           yajl_offset;
} differs_t;


static const differs_t  differs[] = {

    { "a string that has no end", "['a' 'b",
      PROFILE_INVALID_JSON, 5, PROFILE_TRUNCATED, 7 },
    { "a string with an escape that is none", "['a' 'b\\x']",
      PROFILE_INVALID_JSON, 5, PROFILE_INVALID_JSON, 8 },
    { "a string with what is no UTF-8", "['a' '\xff']",
      PROFILE_INVALID_JSON, 5, PROFILE_INVALID_UTF8, 6 },
    { "a string with a control character", "{'a' '\n'}",
      PROFILE_INVALID_JSON, 5, PROFILE_INVALID_JSON, 6 },
    { "a string that is too long",
      "[1 '0123456789012345678901234567890123456789']",
      PROFILE_INVALID_JSON, 3, PROFILE_USER_TOO_LARGE, 43 },
    { "a number that has no end", "[1 23",
      PROFILE_INVALID_JSON, 3, PROFILE_TRUNCATED, 5 },
    { "a number that is none", "{-x",
      PROFILE_INVALID_JSON, 1, PROFILE_INVALID_JSON, 2 },
    { "a literal that has no end", "{tru",
      PROFILE_INVALID_JSON, 1, PROFILE_TRUNCATED, 4 },
    { "a literal that is none", "{'a' trux}",
      PROFILE_INVALID_JSON, 5, PROFILE_INVALID_JSON, 8 },
    { "what is no UTF-8, at a number that is the text", "12\xff",
      PROFILE_TRAILING_DATA, 2, PROFILE_INVALID_UTF8, 2 },
    { "a vertical tab, at a number that is the text", "12\v",
      PROFILE_TRAILING_DATA, 2, PROFILE_INVALID_JSON, 2 }
};


static void
test_differs(void **state)
{
    int                       inside;
    char                     *text;
    size_t                    piece;
    uint64_t                  offset;
    profile_reason_e          rc;
    const differs_t          *d = *state;
    profile_reader_engine_e   engine;

    text = test_json(d->text);

    test_engines (engine) {
        for (inside = 0; inside <= 1; inside++) {
            for (piece = 0; piece <= strlen(text); piece++) {

                rc = scan_read(engine, MAX_SIZE, text, strlen(text), piece,
                               inside, &offset);

                if (engine == PROFILE_READER_SCAN
                    ? (rc != d->scan || offset != d->scan_offset)
                    : (rc != d->yajl || offset != d->yajl_offset))
                {
                    fail_msg("%s, in pieces of %zu: \"%s\" at %u",
                             test_engine_names[engine], piece,
                             profile_reason_name(rc)->data, (unsigned) offset);
                }
            }
        }
    }

    free(text);
}


/* objects and arrays in one another, without a pattern in 64 of them */

static size_t
nested_write(char *text, unsigned depth)
{
    size_t    len, i;
    char      close[MAX_DEPTH];
    uint32_t  kind;

    len = 0;
    kind = 1;

    memset(close, ']', sizeof(close));

    for (i = 0; i < depth; i++) {
        kind = kind * 1664525 + 1013904223;

        if (kind >> 31) {
            close[i] = '}';
            len += sprintf(text + len, "{\"\":");

        } else {
            text[len++] = '[';
        }
    }

    text[len++] = '1';

    while (i--) {
        text[len++] = close[i];
    }

    return len;
}


/* M6.2: each bracket is closed by its own kind, and by no other */

static void
test_nested(void **state)
{
    int                       inside;
    char                      text[MAX_DEPTH * 8];
    size_t                    len, at;
    uint64_t                  offset;
    unsigned                  depth;
    profile_reader_engine_e   engine;

    (void) state;

    test_engines (engine) {
        for (depth = 1; depth < MAX_DEPTH; depth++) {
            len = nested_write(text, depth);

            for (inside = 0; inside <= 1; inside++) {
                assert_int_equal(scan_read(engine, MAX_SIZE, text, len, 0,
                                           inside, &offset),
                                 PROFILE_OK);
                assert_int_equal(scan_read(engine, MAX_SIZE, text, len, 1,
                                           inside, &offset),
                                 PROFILE_OK);
            }
        }

        for (at = len - depth + 1; at < len; at++) {
            text[at] ^= '}' ^ ']';

            assert_int_equal(scan_read(engine, MAX_SIZE, text, len, 0, 0,
                                       &offset),
                             PROFILE_INVALID_JSON);
            assert_int_equal(offset, at);

            text[at] ^= '}' ^ ']';
        }
    }
}


static void
test_nested_memory(void **state)
{
    char               text[MAX_DEPTH * 8];
    size_t             len;
    uint64_t           offset;
    unsigned long      n;
    profile_reason_e   rc;

    (void) state;

    len = nested_write(text, MAX_DEPTH);

    for (n = 1; /* void */ ; n++) {
        test_alloc_fail(n);

        rc = scan_read(PROFILE_READER_SCAN, MAX_SIZE, text, len, 0, 0,
                       &offset);

        if (test_alloc_count() < n) {
            break;
        }

        assert_int_equal(rc, PROFILE_NO_MEMORY);
    }

    test_alloc_fail(0);

    assert_int_equal(rc, PROFILE_OK);
    assert_true(n > 2);
}


/* M6.3: what needs a look stands at each place of a string of several blocks */

static void
test_places(void **state)
{
    int                inside;
    char               text[64];
    size_t             i, at, len, piece;
    uint64_t           offset;
    profile_reason_e   rc;

    static const struct {
        const char        *part;
        profile_reason_e   reason;
        unsigned           offset;       /* in the part */
    } parts[] = {
        { "\\n", PROFILE_OK, 0 },
        { "\\\"", PROFILE_OK, 0 },
        { "\\u00e9", PROFILE_OK, 0 },
        { "\xc3\xa9", PROFILE_OK, 0 },
        { "\xe2\x82\xac\xe2\x82\xac", PROFILE_OK, 0 },
        { "\xf0\x9f\x98\x80\xc3\xa9", PROFILE_OK, 0 },
        { "\x1f", PROFILE_INVALID_JSON, 0 },
        { "\\x", PROFILE_INVALID_JSON, 1 },
        { "\\u12G4", PROFILE_INVALID_JSON, 4 },
        { "\x80", PROFILE_INVALID_UTF8, 0 },
        { "\xc3\xa9\xff", PROFILE_INVALID_UTF8, 2 },
        { "\xe2\x82\xac\xe2\x82z", PROFILE_INVALID_UTF8, 5 },
        { "\xe0\x9f\xbf", PROFILE_INVALID_UTF8, 1 },
        { "\xed\xa0\x80", PROFILE_INVALID_UTF8, 1 }
    };

    (void) state;

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        for (at = 0; at < 36; at++) {

            memset(text, 'a', sizeof(text));
            text[0] = '[';
            text[1] = '"';
            memcpy(text + 2 + at, parts[i].part, strlen(parts[i].part));

            len = 2 + at + strlen(parts[i].part) + at % 19;
            text[len++] = '"';
            text[len++] = ']';

            for (inside = 0; inside <= 1; inside++) {
                for (piece = 0; piece <= len; piece++) {

                    rc = scan_read(PROFILE_READER_SCAN, sizeof(text), text,
                                   len, piece, inside, &offset);

                    assert_int_equal(rc, parts[i].reason);

                    if (rc != PROFILE_OK) {
                        assert_int_equal(offset, 2 + at + parts[i].offset);
                    }
                }
            }
        }
    }
}


int
main(void)
{
    size_t  i;
    char    names[sizeof(differs) / sizeof(differs[0])][80];

    for (i = 0; i < sizeof(differs) / sizeof(differs[0]); i++) {
        (void) snprintf(names[i], sizeof(names[i]), "M6.3 out of place: %s",
                        differs[i].name);
        test_add(names[i], test_differs, &differs[i]);
    }

    test_add("M6.2 brackets at any depth", test_nested, NULL);
    test_add("M6.2 no memory for a deep one", test_nested_memory, NULL);
    test_add("M6.3 each place of a long string", test_places, NULL);

    return test_run();
}
