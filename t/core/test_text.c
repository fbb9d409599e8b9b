
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* Proves that names survive unescaping and escaping. */


#include "core/profile_text.h"
#include "profile_test.h"
#include "utf8_test.h"


typedef struct {
    const char  *name;
    const char  *escaped;
    size_t       escaped_len;
    const char  *plain;
    size_t       plain_len;
    unsigned     flags;
    const char  *again;                  /* escaped anew, if not the same */
} escape_t;


#define escape(name, escaped, plain, flags, again)                           \
    { name, escaped, sizeof(escaped) - 1, plain, sizeof(plain) - 1, flags,   \
      again }


static const escape_t  escapes[] = {

    escape("M2 plain names are their own bytes",
           "caf\xc3\xa9 /\x7f", "caf\xc3\xa9 /\x7f", 0, NULL),

    escape("M2 a name may be empty", "", "", 0, NULL),

    escape("M2 short escapes",
           "\\\"\\\\\\/\\b\\f\\n\\r\\t", "\"\\/\b\f\n\r\t", 0,
           "\\\"\\\\/\\u0008\\u000c\\u000a\\u000d\\u0009"),

    escape("M2 hexadecimal digits of both cases",
           "\\u00e9\\u00E9\\u004a\\u004A", "\xc3\xa9\xc3\xa9JJ", 0,
           "\xc3\xa9\xc3\xa9JJ"),

    escape("M2 the edges of one, two and three bytes",
           "\\u0001\\u007f\\u0080\\u07ff\\u0800\\ud7ff\\ue000\\uffff",
           "\x01\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80"
           "\xef\xbf\xbf", 0,
           "\\u0001\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80"
           "\xef\xbf\xbf"),

    escape("M2 surrogate pairs are one character",
           "\\ud800\\udc00\\udbff\\udfff\\uD83D\\uDE00",
           "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\xf0\x9f\x98\x80", 0,
           "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\xf0\x9f\x98\x80"),

    escape("H5.3 a NUL is told",
           "a\\u0000b", "a\0b", PROFILE_NAME_NUL, NULL),

    escape("H5.3 a high surrogate alone is told",
           "\\ud83d", "\xed\xa0\xbd", PROFILE_NAME_LONE, NULL),

    escape("H5.3 a low surrogate alone is told",
           "\\ude00", "\xed\xb8\x80", PROFILE_NAME_LONE, NULL),

    escape("H5.3 the last surrogates alone are told",
           "\\udbff-\\udfff", "\xed\xaf\xbf-\xed\xbf\xbf",
           PROFILE_NAME_LONE, NULL),

    escape("H5.3 a pair in the wrong order is two alone",
           "\\ude00\\ud83d", "\xed\xb8\x80\xed\xa0\xbd", PROFILE_NAME_LONE,
           NULL),

    escape("H5.3 a high surrogate before another escape",
           "\\ud83d\\n", "\xed\xa0\xbd\n", PROFILE_NAME_LONE,
           "\\ud83d\\u000a"),

    escape("H5.3 a high surrogate before another character",
           "\\ud83d\\u0041", "\xed\xa0\xbd" "A", PROFILE_NAME_LONE,
           "\\ud83dA"),

    escape("H5.3 a high surrogate before what follows the low ones",
           "\\ud83d\\ue000\\ud83d\\udbff", "\xed\xa0\xbd\xee\x80\x80"
           "\xed\xa0\xbd\xed\xaf\xbf", PROFILE_NAME_LONE,
           "\\ud83d\xee\x80\x80\\ud83d\\udbff"),

    escape("H5.3 a high surrogate before a pair",
           "\\ud83d\\ud83d\\ude00", "\xed\xa0\xbd\xf0\x9f\x98\x80",
           PROFILE_NAME_LONE, "\\ud83d\xf0\x9f\x98\x80"),

    escape("H5.3 a high surrogate and text that looks like a low one",
           "\\ud83dxude00", "\xed\xa0\xbdxude00", PROFILE_NAME_LONE, NULL),

    escape("H5.3 both are told",
           "\\ud83d\\u0000", "\xed\xa0\xbd\0",
           PROFILE_NAME_LONE | PROFILE_NAME_NUL, NULL),

    escape("M2 an escaped backslash before u is no escape of a character",
           "\\\\u0041", "\\u0041", 0, NULL)
};


static void
test_escape(void **state)
{
    u_char          *escaped, *plain, *again, *second;
    size_t           len, n, expected;
    unsigned         flags;
    const escape_t  *e = *state;

    /* exactly the room that was promised, for sanitizers to see */

    escaped = malloc(e->escaped_len + 1);
    memcpy(escaped + 1, e->escaped, e->escaped_len);

    plain = malloc(e->escaped_len + 1);
    len = profile_text_unescape(plain + 1, escaped + 1, e->escaped_len, &flags);

    assert_int_equal(len, e->plain_len);
    assert_memory_equal(plain + 1, e->plain, len);
    assert_int_equal(flags, e->flags);

    again = malloc(6 * len + 1);
    n = profile_text_escape(again, plain + 1, len);
    expected = e->again ? strlen(e->again) : e->escaped_len;

    assert_int_equal(n, expected);
    assert_memory_equal(again, e->again ? e->again : e->escaped, n);

    second = malloc(n + 1);

    assert_int_equal(profile_text_unescape(second, again, n, &flags), len);
    assert_memory_equal(second, plain + 1, len);

    free(escaped);
    free(plain);
    free(again);
    free(second);
}


/* M5.6: each character that can stand in a name comes back as itself */

static void
test_escape_all(void **state)
{
    size_t    n, len;
    u_char    text[16], plain[16], again[128];
    unsigned  flags, code;

    (void) state;

    for (code = 0; code < 0x110000; code += code < 0x10000 ? 1 : 251) {

        if (code < 0x10000) {
            n = snprintf((char *) text, sizeof(text), "\\u%04x", code);

        } else {
            n = snprintf((char *) text, sizeof(text), "\\u%04x\\u%04x",
                         0xd800 + ((code - 0x10000) >> 10),
                         0xdc00 + (code & 0x3ff));
        }

        len = profile_text_unescape(plain, text, n, &flags);

        assert_int_equal(len, code < 0x80 ? 1 : code < 0x800 ? 2
                              : code < 0x10000 ? 3 : 4);
        assert_int_equal(flags, code == 0 ? PROFILE_NAME_NUL
                                : code >= 0xd800 && code < 0xe000
                                  ? PROFILE_NAME_LONE : 0);

        n = profile_text_escape(again, plain, len);

        assert_true(n <= 6 * len);
        assert_int_equal(n == 6, code < 0x20 || (code >= 0xd800
                                                 && code < 0xe000));

        if (flags & PROFILE_NAME_LONE) {
            assert_int_equal(n, 6);
            assert_memory_equal(again, text, 6);

        } else if (code != 0x0b && code != 0x0c) {
            assert_int_equal(test_utf8(plain, len), len);
        }

        assert_int_equal(profile_text_unescape(text, again, n, &flags), len);
        assert_memory_equal(text, plain, len);
    }
}


static void
test_escape_skip(void **state)
{
    size_t  i;

    static const struct {
        const char  *escaped;
        size_t       n;
        size_t       skip;
    } cases[] = {
        { "um_name", 3, 3 },
        { "um_name", 0, 0 },
        { "um_name", 7, 7 },
        { "\\u0075m_name", 3, 8 },
        { "u\\u006d\\u005fname", 3, 13 },
        { "um_\\u0061", 3, 3 },
        { "um_\\u0061", 4, 9 },
        { "\\/\\/a", 2, 4 },
        { "\xc3\xa9_a", 3, 3 },
        { "\\u00e9_a", 3, 7 },
        { "\\ud83d\\ude00a", 4, 12 },
        { "\\ud83da", 3, 6 }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(profile_text_escaped_len((u_char *) cases[i].escaped,
                                                  strlen(cases[i].escaped),
                                                  cases[i].n),
                         cases[i].skip);
    }
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        test_add(escapes[i].name, test_escape, &escapes[i]);
    }

    test_add("M5.6 every character is escaped so that it comes back",
             test_escape_all, NULL);
    test_add("M2.6 a prefix ends where its last escape ends",
             test_escape_skip, NULL);

    return test_run();
}
