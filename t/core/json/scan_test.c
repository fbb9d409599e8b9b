
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <stdio.h>
#include <stdlib.h>

#include "core/json/profile_scan.h"
#include "json/scan_test.h"


#define TEST_SIZE  40


static char  test_wrong[128];


typedef const u_char *(*test_scan_pt)(const u_char *p, const u_char *last);


static const u_char *
test_plain(const u_char *p, const u_char *last)
{
    while (p < last && *p != '"' && *p != '\\' && *p >= ' ' && *p < 0x80) {
        p++;
    }

    return p;
}


static const u_char *
test_space(const u_char *p, const u_char *last)
{
    while (p < last && *p == ' ') {
        p++;
    }

    return p;
}


/*
 * The two bytes at each place of a text of every length, which ends where its
 * memory does, so that a checker sees what is read behind it.
 */

static int
test_scan_pair(test_scan_pt scan, test_scan_pt slow, u_char fill,
    const u_char *pair)
{
    size_t         len, at;
    u_char        *text;
    const u_char  *stop, *expected;

    for (len = 2; len <= TEST_SIZE; len++) {

        text = malloc(len);

        for (at = 0; at < len - 1; at++) {
            memset(text, fill, len);
            memcpy(text + at, pair, 2);

            stop = scan(text, text + len);
            expected = slow(text, text + len);

            if (stop != expected) {
                (void) snprintf(test_wrong, sizeof(test_wrong),
                                "%02x%02x amid %02x, at %zu of %zu: %zu",
                                pair[0], pair[1], fill, at, len,
                                (size_t) (stop - text));
                free(text);

                return -1;
            }
        }

        free(text);
    }

    return 0;
}


/* neighbors, too: in the portable form a byte could carry into the next */

const char *
test_scan_plain(void)
{
    size_t    i, n;
    unsigned  c;
    u_char    pair[2];

    static const u_char  fills[] = { 'a', ' ', 0x7f, '#', '!', '[', ']' };
    static const u_char  others[] = { 'a', '"', '\\', 0x00, 0x1f, 0x80, 0xff };

    for (c = 0; c < 256; c++) {
        for (i = 0; i < sizeof(fills); i++) {
            for (n = 0; n < sizeof(others); n++) {
                pair[0] = (u_char) c;
                pair[1] = others[n];

                if (test_scan_pair(profile_scan_plain, test_plain, fills[i],
                                   pair)
                    != 0)
                {
                    return test_wrong;
                }
            }
        }
    }

    return NULL;
}


const char *
test_scan_space(void)
{
    unsigned  c;
    u_char    pair[2];

    for (c = 0; c < 256; c++) {
        pair[0] = (u_char) c;
        pair[1] = ' ';

        if (test_scan_pair(profile_scan_space, test_space, ' ', pair) != 0) {
            return test_wrong;
        }
    }

    return NULL;
}
