
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"


static size_t profile_text_encode(u_char *p, uint32_t code);
static size_t profile_text_code(const u_char *src, const u_char *end,
    uint32_t *code);


size_t
profile_text_unescape(u_char *dst, const u_char *src, size_t len,
    unsigned *flags)
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

        src += profile_text_code(src, end, &code);

        if (code == 0) {
            *flags |= PROFILE_NAME_NUL;

        } else if (code >= 0xd800 && code <= 0xdfff) {
            *flags |= PROFILE_NAME_LONE;
        }

        p += profile_text_encode(p, code);
    }

    return p - dst;
}


int
profile_text_plain(const profile_alloc_t *a, profile_buf_t *buf,
    const u_char *src, size_t len, unsigned *flags)
{
    buf->len = 0;

    /* there are bytes to point to, even if there are none in the string */

    if (profile_buf_reserve(a, buf, len + 1) != 0) {
        return -1;
    }

    if (memchr(src, '\\', len) == NULL) {
        memcpy(buf->data, src, len);
        buf->len = len;
        *flags = 0;

    } else {
        buf->len = profile_text_unescape(buf->data, src, len, flags);
    }

    return 0;
}


size_t
profile_text_escaped_len(const u_char *src, size_t len, size_t n)
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

        p += profile_text_code(p, end, &code);
        done += profile_text_encode(c, code);
    }

    return p - src;
}


static size_t
profile_text_encode(u_char *p, uint32_t code)
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
profile_text_code(const u_char *src, const u_char *end, uint32_t *code)
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
profile_text_escape(u_char *dst, const u_char *src, size_t len)
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
