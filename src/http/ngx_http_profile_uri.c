
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "core/profile_utf8.h"
#include "http/ngx_http_profile_uri.h"


static ngx_int_t ngx_http_profile_uri_hex(u_char c);


ngx_int_t
ngx_http_profile_uri_unescape(ngx_http_request_t *r, u_char *src, size_t len,
    ngx_uint_t arg, ngx_str_t *dst)
{
    u_char     *p, *last, *d;
    ngx_int_t   high, low;

    d = ngx_pnalloc(r->pool, len + 1);
    if (d == NULL) {
        return NGX_ERROR;
    }

    dst->data = d;
    last = src + len;

    for (p = src; p < last; p++) {

        if (*p == '+' && arg) {
            *d++ = ' ';
            continue;
        }

        if (*p != '%') {
            *d++ = *p;
            continue;
        }

        if (last - p < 3) {
            return NGX_DECLINED;
        }

        high = ngx_http_profile_uri_hex(p[1]);
        low = ngx_http_profile_uri_hex(p[2]);

        if (high == NGX_ERROR || low == NGX_ERROR) {
            return NGX_DECLINED;
        }

        *d++ = (u_char) (high << 4 | low);
        p += 2;
    }

    dst->len = d - dst->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_uri_hex(u_char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }

    return NGX_ERROR;
}


ngx_uint_t
ngx_http_profile_uri_decode(ngx_str_t *text)
{
    u_char     *p, *d, *last;
    ngx_int_t   n;

    d = text->data;
    last = d + text->len;

    for (p = text->data; p < last; p++) {

        if (*p == '%' && last - p >= 3) {
            n = ngx_hextoi(p + 1, 2);

            if (n != NGX_ERROR) {
                *d++ = (u_char) n;
                p += 2;
                continue;
            }
        }

        *d++ = *p;
    }

    text->len = d - text->data;

    return d != last;
}


ngx_int_t
ngx_http_profile_uri_escape(ngx_http_request_t *r, ngx_str_t *src,
    ngx_str_t *dst)
{
    u_char     *p;
    size_t      len;
    uintptr_t   n;

    n = ngx_escape_uri(NULL, src->data, src->len, NGX_ESCAPE_URI_COMPONENT);

    len = src->len + 2 * n;

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_escape_uri(p, src->data, src->len, NGX_ESCAPE_URI_COMPONENT);

    dst->data = p;
    dst->len = len;

    return NGX_OK;
}


ngx_int_t
ngx_http_profile_uri_test(ngx_str_t *text)
{
    u_char          *p, *last;
    profile_utf8_t   utf8;

    ngx_memzero(&utf8, sizeof(profile_utf8_t));

    if (profile_utf8_check(&utf8, text->data, text->len) != text->len
        || utf8.more)
    {
        return NGX_DECLINED;
    }

    last = text->data + text->len;

    for (p = text->data; p < last; p++) {

        /* U+0080 to U+009F are controls too */

        if (*p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0)) {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


size_t
ngx_http_profile_uri_space(u_char *p, u_char *last)
{
    ngx_str_t  *s;

    static ngx_str_t  spaces[] = {
        ngx_string(" "),
        ngx_string("\xc2\xa0"),                /* U+00A0 */
        ngx_string("\xe1\x9a\x80"),            /* U+1680 */
        ngx_string("\xe1\xa0\x8e"),            /* U+180E */
        ngx_string("\xe2\x80\xa8"),            /* U+2028 */
        ngx_string("\xe2\x80\xa9"),            /* U+2029 */
        ngx_string("\xe2\x80\xaf"),            /* U+202F */
        ngx_string("\xe2\x81\x9f"),            /* U+205F */
        ngx_string("\xe2\x81\xa0"),            /* U+2060 */
        ngx_string("\xe3\x80\x80"),            /* U+3000 */
        ngx_string("\xef\xbb\xbf"),            /* U+FEFF */
        ngx_null_string
    };

    for (s = spaces; s->len; s++) {
        if ((size_t) (last - p) >= s->len
            && ngx_memcmp(p, s->data, s->len) == 0)
        {
            return s->len;
        }
    }

    /* U+2000 to U+200F */

    if (last - p >= 3 && p[0] == 0xe2 && p[1] == 0x80 && p[2] <= 0x8f) {
        return 3;
    }

    return 0;
}


ngx_int_t
ngx_http_profile_uri_dots(u_char *p, u_char *last)
{
    size_t     n;
    ngx_int_t  dots;

    while ((n = ngx_http_profile_uri_space(p, last)) != 0) {
        p += n;
    }

    for (dots = 0; dots < 2 && p < last && *p == '.'; dots++) {
        p++;
    }

    while ((n = ngx_http_profile_uri_space(p, last)) != 0) {
        p += n;
    }

    return p == last ? dots : NGX_DECLINED;
}
