
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

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
