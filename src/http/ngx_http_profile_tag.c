
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>

#include "http/ngx_http_profile_tag.h"


#define NGX_HTTP_PROFILE_TAG_MARK    "~v2"
#define NGX_HTTP_PROFILE_TAG_DIGITS  16

/* the mark, "s" or "w", the digits */

#define NGX_HTTP_PROFILE_TAG_SUFFIX                                          \
    (sizeof(NGX_HTTP_PROFILE_TAG_MARK) - 1 + 1 + NGX_HTTP_PROFILE_TAG_DIGITS)


static ngx_int_t ngx_http_profile_tag_read(u_char *p, u_char *last,
    ngx_http_profile_tag_t *tag);
static void ngx_http_profile_tag_read_suffix(ngx_http_profile_tag_t *tag);


ngx_int_t
ngx_http_profile_tag_next(ngx_str_t *list, ngx_http_profile_tag_t *tag)
{
    u_char     *p, *last, *start;
    ngx_int_t   rc;

    p = list->data;
    last = p + list->len;

    while (p < last && (*p == ' ' || *p == '\t' || *p == ',')) {
        p++;
    }

    if (p == last) {
        list->len = 0;
        return NGX_DONE;
    }

    start = p;
    rc = ngx_http_profile_tag_read(p, last, tag);

    if (rc == NGX_OK) {
        p = tag->text.data + tag->text.len;

        while (p < last && (*p == ' ' || *p == '\t')) {
            p++;
        }

        if (p < last && *p != ',') {
            rc = NGX_DECLINED;
        }
    }

    if (rc == NGX_DECLINED) {

        while (p < last && *p != ',') {
            p++;
        }

        tag->text.data = start;
        tag->text.len = p - start;
    }

    list->data = p;
    list->len = last - p;

    return rc;
}


/* RFC 9110, 8.8.3, with the spaces that RFC 2616 had allowed */

static ngx_int_t
ngx_http_profile_tag_read(u_char *p, u_char *last, ngx_http_profile_tag_t *tag)
{
    ngx_memzero(tag, sizeof(ngx_http_profile_tag_t));

    tag->text.data = p;

    if (last - p > 2 && p[0] == 'W' && p[1] == '/') {
        tag->weak = 1;
        p += 2;
    }

    if (*p != '"') {
        return NGX_DECLINED;
    }

    tag->opaque.data = ++p;

    while (p < last && *p >= ' ' && *p != '"' && *p != 0x7f) {
        p++;
    }

    if (p == last || *p != '"') {
        return NGX_DECLINED;
    }

    tag->opaque.len = p - tag->opaque.data;
    tag->text.len = p + 1 - tag->text.data;

    ngx_http_profile_tag_read_suffix(tag);

    return NGX_OK;
}


static void
ngx_http_profile_tag_read_suffix(ngx_http_profile_tag_t *tag)
{
    u_char      c, *p;
    uint64_t    print;
    ngx_uint_t  i, weak;

    if (tag->opaque.len < NGX_HTTP_PROFILE_TAG_SUFFIX) {
        return;
    }

    p = tag->opaque.data + tag->opaque.len - NGX_HTTP_PROFILE_TAG_SUFFIX;

    if (ngx_strncmp(p, NGX_HTTP_PROFILE_TAG_MARK,
                    sizeof(NGX_HTTP_PROFILE_TAG_MARK) - 1)
        != 0)
    {
        return;
    }

    p += sizeof(NGX_HTTP_PROFILE_TAG_MARK) - 1;

    if (*p != 's' && *p != 'w') {
        return;
    }

    weak = (*p++ == 'w');
    print = 0;

    for (i = 0; i < NGX_HTTP_PROFILE_TAG_DIGITS; i++) {
        c = *p++;

        if (c >= '0' && c <= '9') {
            print = print << 4 | (c - '0');

        } else if (c >= 'a' && c <= 'f') {
            print = print << 4 | (c - 'a' + 10);

        } else {
            return;
        }
    }

    tag->own = 1;
    tag->print = print;
    tag->original_weak = weak;
    tag->original.data = tag->opaque.data;
    tag->original.len = tag->opaque.len - NGX_HTTP_PROFILE_TAG_SUFFIX;
}


ngx_int_t
ngx_http_profile_tag_make(ngx_pool_t *pool, ngx_http_profile_tag_t *tag,
    uint64_t print, ngx_uint_t weak, ngx_str_t *value)
{
    u_char  *p;

    p = ngx_pnalloc(pool, sizeof("W/\"\"") - 1 + tag->opaque.len
                          + NGX_HTTP_PROFILE_TAG_SUFFIX);
    if (p == NULL) {
        return NGX_ERROR;
    }

    value->data = p;
    value->len = ngx_sprintf(p, "%s\"%V" NGX_HTTP_PROFILE_TAG_MARK
                             "%c%016xL\"", weak ? "W/" : "", &tag->opaque,
                             tag->weak ? 'w' : 's', print)
                 - p;

    return NGX_OK;
}


u_char *
ngx_http_profile_tag_undo(u_char *dst, ngx_http_profile_tag_t *tag)
{
    return ngx_sprintf(dst, "%s\"%V\"", tag->original_weak ? "W/" : "",
                       &tag->original);
}


ngx_uint_t
ngx_http_profile_tag_any(ngx_str_t *value)
{
    u_char  *p, *last;

    p = value->data;
    last = p + value->len;

    while (p < last && (*p == ' ' || *p == '\t')) {
        p++;
    }

    while (p < last && (last[-1] == ' ' || last[-1] == '\t')) {
        last--;
    }

    return last - p == 1 && *p == '*';
}
