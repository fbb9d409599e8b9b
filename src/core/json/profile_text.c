
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_text.h"


/*
 * Of eight bytes, the high bits of those that are not ASCII, or else of those
 * from VT to FF: a sum has the bit from that byte on.
 */
#define profile_utf8_special(w)                                              \
    (((w) | (((w) + 0x7575757575757575ULL) & ~((w) + 0x7373737373737373ULL)))\
     & 0x8080808080808080ULL)


static size_t profile_utf8_sequence(profile_utf8_t *u, const u_char *p,
    const u_char *last);
static size_t profile_utf8_ascii(const u_char *p, const u_char *last);
static size_t profile_utf8_encode(u_char *p, uint32_t code);
static size_t profile_unescape_code(const u_char *src, const u_char *end,
    uint32_t *code);


size_t
profile_utf8_check(profile_utf8_t *u, const u_char *data, size_t len)
{
    const u_char  *p, *last;

    if (len == 0) {
        return 0;
    }

    p = data;
    last = data + len;

    for ( ;; ) {

        if (u->more) {
            p += profile_utf8_sequence(u, p, last);

            if (u->more) {
                break;
            }
        }

        p += profile_utf8_ascii(p, last);

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


size_t
profile_unescape(u_char *dst, const u_char *src, size_t len, unsigned *flags)
{
    u_char        *p;
    uint32_t       code;
    const u_char  *end;

    p = dst;
    end = src + len;
    *flags = 0;

    while (src < end) {

        if (*src != '\\') {
            *p++ = *src++;
            continue;
        }

        src += profile_unescape_code(src, end, &code);

        if (code == 0) {
            *flags |= PROFILE_NAME_NUL;

        } else if (code >= 0xd800 && code <= 0xdfff) {
            *flags |= PROFILE_NAME_LONE;
        }

        p += profile_utf8_encode(p, code);
    }

    return p - dst;
}


size_t
profile_unescape_skip(const u_char *src, size_t len, size_t n)
{
    u_char         c[4];
    size_t         done;
    uint32_t       code;
    const u_char  *p, *end;

    end = src + len;
    done = 0;

    for (p = src; p < end && done < n; /* void */) {

        if (*p != '\\') {
            p++;
            done++;
            continue;
        }

        p += profile_unescape_code(p, end, &code);
        done += profile_utf8_encode(c, code);
    }

    return p - src;
}


static size_t
profile_utf8_encode(u_char *p, uint32_t code)
{
    if (code < 0x80) {
        p[0] = (u_char) code;
        return 1;
    }

    if (code < 0x800) {
        p[0] = (u_char) (0xc0 | (code >> 6));
        p[1] = (u_char) (0x80 | (code & 0x3f));
        return 2;
    }

    if (code < 0x10000) {
        p[0] = (u_char) (0xe0 | (code >> 12));
        p[1] = (u_char) (0x80 | ((code >> 6) & 0x3f));
        p[2] = (u_char) (0x80 | (code & 0x3f));
        return 3;
    }

    p[0] = (u_char) (0xf0 | (code >> 18));
    p[1] = (u_char) (0x80 | ((code >> 12) & 0x3f));
    p[2] = (u_char) (0x80 | ((code >> 6) & 0x3f));
    p[3] = (u_char) (0x80 | (code & 0x3f));

    return 4;
}


/* the escape at src, of a string known to be valid; returns its length */

static size_t
profile_unescape_code(const u_char *src, const u_char *end, uint32_t *code)
{
    int       i;
    u_char    c;
    uint32_t  low, high;

    static const char  from[] = "bfnrt";
    static const char  to[] = "\b\f\n\r\t";

    if (src[1] != 'u') {
        *code = src[1];

        for (i = 0; from[i]; i++) {
            if (src[1] == (u_char) from[i]) {
                *code = (u_char) to[i];
            }
        }

        return 2;
    }

    high = 0;
    low = 0;

    for (i = 2; i < 6; i++) {
        c = src[i];
        high = high * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }

    *code = high;

    if (high < 0xd800 || high > 0xdbff
        || end - src < 12 || src[6] != '\\' || src[7] != 'u')
    {
        return 6;
    }

    for (i = 8; i < 12; i++) {
        c = src[i];
        low = low * 16 + (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }

    if (low < 0xdc00 || low > 0xdfff) {
        return 6;
    }

    *code = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);

    return 12;
}


size_t
profile_escape(u_char *dst, const u_char *src, size_t len)
{
    u_char        *p;
    const u_char  *end;

    static const char  hex[] = "0123456789abcdef";

    p = dst;

    for (end = src + len; src < end; src++) {

        if (*src == '"' || *src == '\\') {
            *p++ = '\\';
            *p++ = *src;

        } else if (*src < 0x20) {
            memcpy(p, "\\u00", 4);
            p[4] = hex[*src >> 4];
            p[5] = hex[*src & 0xf];
            p += 6;

        } else if (*src == 0xed && end - src > 2 && src[1] >= 0xa0) {
            memcpy(p, "\\ud", 3);
            p[3] = hex[(src[1] >> 2) & 0xf];
            p[4] = hex[((src[1] & 0x3) << 2) | ((src[2] >> 4) & 0x3)];
            p[5] = hex[src[2] & 0xf];
            p += 6;
            src += 2;

        } else {
            *p++ = *src;
        }
    }

    return p - dst;
}
