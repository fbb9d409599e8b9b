
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* Proves that UTF-8 is checked by RFC 3629 wherever the chunks are cut. */


#include "core/profile_utf8.h"
#include "profile_test.h"
#include "utf8_test.h"


static void
utf8_check(const u_char *p, size_t len)
{
    size_t          cut, good, expected, run;
    profile_utf8_t  u;

    expected = test_utf8(p, len);

    for (run = 0; run < expected && p[run] >= 0x80; run++) { /* void */ }

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

        /* the characters beyond ASCII that it begins with */

        memset(&u, 0, sizeof(u));

        good = profile_utf8_run(&u, p, cut);

        if (good == cut) {
            good += profile_utf8_run(&u, p + cut, len - cut);
        }

        assert_int_equal(good, run);
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
                                 test_utf8(text + from, 56 - from));
            }
        }
    }
}


int
main(void)
{
    test_add("M6.3 every class of bytes, however it is cut",
             test_utf8_sequences, NULL);
    test_add("M6.3 what is open of a sequence", test_utf8_open, NULL);
    test_add("M6.3 every byte at every place of ASCII", test_utf8_ascii,
             NULL);

    return test_run();
}
