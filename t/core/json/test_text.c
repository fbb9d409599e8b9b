
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that UTF-8 is checked by RFC 3629 wherever the chunks are cut, and
 * that names survive unescaping and escaping.
 */


#include "profile_test.h"
#include "core/json/profile_text.h"


/*
 * By arithmetic, not by the table of RFC 3629: the code points that the bytes
 * so far may still become must be some that the length is needed for, and not
 * all surrogates.
 */

static size_t
utf8_oracle(const u_char *p, size_t len)
{
    size_t    i, n, more;
    uint32_t  code, low, high, min;

    for (i = 0; i < len; /* void */) {

        if (p[i] < 0x80) {
            if (p[i] == 0x0b || p[i] == 0x0c) {
                return i;
            }

            i++;
            continue;
        }

        more = p[i] >= 0xf0 ? 3 : p[i] >= 0xe0 ? 2 : 1;
        min = more == 3 ? 0x10000 : more == 2 ? 0x800 : 0x80;
        code = p[i] & (0x3f >> more);

        if (p[i] < 0xc0 || p[i] >= 0xf8) {
            return i;
        }

        for (n = 0; /* void */ ; n++) {
            low = code << (6 * (more - n));
            high = low + ((1u << (6 * (more - n))) - 1);

            if (high < min || low > 0x10ffff
                || (low >= 0xd800 && high <= 0xdfff))
            {
                return i + n;
            }

            if (n == more || i + n + 1 == len) {
                break;
            }

            if ((p[i + n + 1] & 0xc0) != 0x80) {
                return i + n + 1;
            }

            code = code << 6 | (p[i + n + 1] & 0x3f);
        }

        i += n + 1;
    }

    return len;
}


static void
utf8_check(const u_char *p, size_t len)
{
    size_t          cut, good, expected;
    profile_utf8_t  u;

    expected = utf8_oracle(p, len);

    for (cut = 0; cut <= len; cut++) {
        memset(&u, 0, sizeof(u));

        good = profile_utf8_check(&u, p, cut);

        if (good == cut) {
            good += profile_utf8_check(&u, p + cut, len - cut);
        }

        if (good != expected) {
            fail_msg("%02x %02x %02x %02x cut at %zu: %zu, not %zu",
                     p[0], p[1], p[2], p[3], cut, good, expected);
        }
    }
}


/* the first and the last of every range that the standard tells apart */

static void
test_utf8_sequences(void **state)
{
    size_t  a, b, c, d;
    u_char  p[4];

    static const u_char  edge[] = {
        0x00, 0x0a, 0x0b, 0x0c, 0x0d, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0,
        0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef,
        0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xf7, 0xf8, 0xfe, 0xff
    };

    (void) state;

    for (a = 0; a < sizeof(edge); a++) {
        p[0] = edge[a];

        for (b = 0; b < sizeof(edge); b++) {
            p[1] = edge[b];

            for (c = 0; c < sizeof(edge); c++) {
                p[2] = edge[c];

                for (d = 0; d < sizeof(edge); d++) {
                    p[3] = edge[d];
                    utf8_check(p, 4);
                }
            }
        }
    }
}


static void
test_utf8_open(void **state)
{
    size_t           i;
    profile_utf8_t   u;

    static const struct {
        const char  *text;
        unsigned     more;
    } cases[] = {
        { "a", 0 },
        { "a\xc3", 1 },
        { "a\xc3\xa9", 0 },
        { "a\xe2", 2 },
        { "a\xe2\x82", 1 },
        { "a\xe2\x82\xac", 0 },
        { "a\xf0", 3 },
        { "a\xf0\x9f", 2 },
        { "a\xf0\x9f\x98", 1 },
        { "a\xf0\x9f\x98\x80", 0 }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        memset(&u, 0, sizeof(u));

        assert_int_equal(profile_utf8_check(&u, (u_char *) cases[i].text,
                                            strlen(cases[i].text)),
                         strlen(cases[i].text));
        assert_int_equal(u.more, cases[i].more);
    }
}


/* ASCII is looked at eight bytes at a time: each place in them, every byte */

static void
test_utf8_ascii(void **state)
{
    size_t          i, from, c;
    u_char          text[64];
    profile_utf8_t  u;

    static const u_char  fill[] = { 'a', 0x00, 0x0a, 0x0d, 0x7f };

    (void) state;

    for (c = 0; c < 256; c++) {
        for (i = 0; i < 40; i++) {
            for (from = 0; from <= i && from < 16; from++) {
                memset(text, fill[(i + c) % sizeof(fill)], sizeof(text));
                memset(&u, 0, sizeof(u));

                text[i] = (u_char) c;

                assert_int_equal(profile_utf8_check(&u, text + from,
                                                    56 - from),
                                 utf8_oracle(text + from, 56 - from));
            }
        }
    }
}


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
    len = profile_unescape(plain + 1, escaped + 1, e->escaped_len, &flags);

    assert_int_equal(len, e->plain_len);
    assert_memory_equal(plain + 1, e->plain, len);
    assert_int_equal(flags, e->flags);

    again = malloc(6 * len + 1);
    n = profile_escape(again, plain + 1, len);
    expected = e->again ? strlen(e->again) : e->escaped_len;

    assert_int_equal(n, expected);
    assert_memory_equal(again, e->again ? e->again : e->escaped, n);

    second = malloc(n + 1);

    assert_int_equal(profile_unescape(second, again, n, &flags), len);
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

        len = profile_unescape(plain, text, n, &flags);

        assert_int_equal(len, code < 0x80 ? 1 : code < 0x800 ? 2
                              : code < 0x10000 ? 3 : 4);
        assert_int_equal(flags, code == 0 ? PROFILE_NAME_NUL
                                : code >= 0xd800 && code < 0xe000
                                  ? PROFILE_NAME_LONE : 0);

        n = profile_escape(again, plain, len);

        assert_true(n <= 6 * len);
        assert_int_equal(n == 6, code < 0x20 || (code >= 0xd800
                                                 && code < 0xe000));

        if (flags & PROFILE_NAME_LONE) {
            assert_int_equal(n, 6);
            assert_memory_equal(again, text, 6);

        } else if (code != 0x0b && code != 0x0c) {
            assert_int_equal(utf8_oracle(plain, len), len);
        }

        assert_int_equal(profile_unescape(text, again, n, &flags), len);
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
        assert_int_equal(profile_unescape_skip((u_char *) cases[i].escaped,
                                               strlen(cases[i].escaped),
                                               cases[i].n),
                         cases[i].skip);
    }
}


static void
test_buf(void **state)
{
    size_t         i;
    u_char        *data;
    profile_buf_t  buf;

    (void) state;

    memset(&buf, 0, sizeof(buf));

    assert_int_equal(profile_buf_append(&test_alloc, &buf, NULL, 0), 0);
    assert_null(buf.data);

    for (i = 0; i < 3000; i++) {
        assert_int_equal(profile_buf_append(&test_alloc, &buf, "abc", 3), 0);
    }

    assert_int_equal(buf.len, 9000);
    assert_true(buf.size >= 9000 && buf.size < 2 * 9000);
    assert_memory_equal(buf.data, "abcabc", 6);
    assert_memory_equal(buf.data + 8997, "abc", 3);

    /* what is there is not touched by what cannot be had */

    data = buf.data;

    assert_int_equal(profile_buf_reserve(&test_alloc, &buf, SIZE_MAX), -1);
    assert_int_equal(profile_buf_reserve(&test_alloc, &buf, SIZE_MAX / 2), -1);

    test_alloc_fail(1);
    assert_int_equal(profile_buf_append(&test_alloc, &buf, data, 9000), -1);
    test_alloc_fail(0);

    assert_ptr_equal(buf.data, data);
    assert_int_equal(buf.len, 9000);

    profile_buf_free(&test_alloc, &buf);

    assert_null(buf.data);
    assert_int_equal(buf.len, 0);
    assert_int_equal(buf.size, 0);
}


static void
test_reasons(void **state)
{
    int                   i, j;
    const profile_str_t  *name, *text;

    (void) state;

    assert_int_equal(profile_reason_name(PROFILE_OK)->len, 0);

    for (i = 1; i < PROFILE_REASONS; i++) {
        name = profile_reason_name(i);
        text = profile_reason_text(i);

        assert_true(name->len > 1);
        assert_int_equal(strspn((char *) name->data,
                                "abcdefghijklmnopqrstuvwxyz0123456789_"),
                         name->len);

        assert_true(text->len > 0);
        assert_int_equal(text->len, strlen((char *) text->data));
        assert_int_not_equal(text->data[text->len - 1], '.');

        for (j = 1; j < i; j++) {
            assert_string_not_equal(name->data, profile_reason_name(j)->data);
        }
    }
}


int
main(void)
{
    size_t  i;

    test_add("M6.3 every class of bytes, however it is cut",
             test_utf8_sequences, NULL);
    test_add("M6.3 what is open of a sequence", test_utf8_open, NULL);
    test_add("M6.3 every byte at every place of ASCII", test_utf8_ascii,
             NULL);

    for (i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        test_add(escapes[i].name, test_escape, &escapes[i]);
    }

    test_add("M5.6 every character is escaped so that it comes back",
             test_escape_all, NULL);
    test_add("M2.6 a prefix ends where its last escape ends",
             test_escape_skip, NULL);
    test_add("M6.1 a buffer grows by doubling and fails whole", test_buf,
             NULL);
    test_add("H4.3 each reason has a name of its own and a text",
             test_reasons, NULL);

    return test_run();
}
