
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_utf8.h"


/*
 * Of eight bytes, the high bits of those that are not ASCII, or else of those
 * from VT to FF: a sum has the bit from that byte on.
 */
#define profile_utf8_special(w)                                              \
    (((w) | (((w) + 0x7575757575757575ULL) & ~((w) + 0x7373737373737373ULL)))\
     & 0x8080808080808080ULL)

#define profile_utf8_follows(c)  (((c) & 0xc0) == 0x80)


static size_t profile_utf8_common(const u_char *p, const u_char *last);
static size_t profile_utf8_sequence(profile_utf8_t *u, const u_char *p,
    const u_char *last);
static size_t profile_utf8_ascii(const u_char *p, const u_char *last);


size_t
profile_utf8_check(profile_utf8_t *u, const u_char *data, size_t len)
{
    size_t         n;
    const u_char  *p, *last;

    if (len == 0) {
        return 0;
    }

    p = data;
    last = data + len;

    do {
        p += profile_utf8_run(u, p, last - p);

        if (u->more) {
            break;
        }

        n = profile_utf8_ascii(p, last);
        p += n;

    } while (n);

    return p - data;
}


size_t
profile_utf8_run(profile_utf8_t *u, const u_char *data, size_t len)
{
    const u_char  *p, *last;

    p = data;
    last = data + len;

    for ( ;; ) {

        if (u->more) {
            p += profile_utf8_sequence(u, p, last);

            if (u->more) {
                break;
            }
        }

        p += profile_utf8_common(p, last);

        if (p == last || *p < 0xc2 || *p > 0xf4) {
            break;
        }

        u->low = 0x80;
        u->high = 0xbf;

        if (*p < 0xe0) {
            u->more = 1;

        } else if (*p < 0xf0) {
            u->more = 2;
            u->low = (*p == 0xe0) ? 0xa0 : 0x80;
            u->high = (*p == 0xed) ? 0x9f : 0xbf;

        } else {
            u->more = 3;
            u->low = (*p == 0xf0) ? 0x90 : 0x80;
            u->high = (*p == 0xf4) ? 0x8f : 0xbf;
        }

        p++;
    }

    return p - data;
}


/* whole sequences of two and three bytes whose lead leaves nothing to ask */

static size_t
profile_utf8_common(const u_char *p, const u_char *last)
{
    const u_char  *start;

    for (start = p; last - p >= 3; /* void */) {

        if (*p >= 0xc2 && *p < 0xe0 && profile_utf8_follows(p[1])) {
            p += 2;

        } else if (*p > 0xe0 && *p < 0xf0 && *p != 0xed
                   && profile_utf8_follows(p[1])
                   && profile_utf8_follows(p[2]))
        {
            p += 3;

        } else {
            break;
        }
    }

    return p - start;
}


static size_t
profile_utf8_sequence(profile_utf8_t *u, const u_char *p, const u_char *last)
{
    const u_char  *start;

    for (start = p; u->more && p < last; p++) {

        if (*p < u->low || *p > u->high) {
            break;
        }

        u->low = 0x80;
        u->high = 0xbf;
        u->more--;
    }

    return p - start;
}


/* sixteen bytes at a time: most of a profile is ASCII */

static size_t
profile_utf8_ascii(const u_char *p, const u_char *last)
{
    uint64_t       a, b;
    const u_char  *start, *stop;

    start = p;

    for ( ;; ) {

        while (last - p >= 16) {
            memcpy(&a, p, 8);
            memcpy(&b, p + 8, 8);

            if (profile_utf8_special(a) | profile_utf8_special(b)) {
                break;
            }

            p += 16;
        }

        stop = (last - p >= 16) ? p + 16 : last;

        for ( /* void */ ; p < stop; p++) {
            if (*p >= 0x80 || *p == 0x0b || *p == 0x0c) {
                return p - start;
            }
        }

        if (p == last) {
            return p - start;
        }
    }
}


int
profile_utf8_is_whole(const u_char *data, size_t len)
{
    profile_utf8_t  utf8;

    memset(&utf8, 0, sizeof(profile_utf8_t));

    return profile_utf8_check(&utf8, data, len) == len && utf8.more == 0;
}
