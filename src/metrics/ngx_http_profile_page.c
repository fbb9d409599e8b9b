
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "core/json/profile_reader.h"
#include "core/schema/profile_schema.h"
#include "metrics/ngx_http_profile_page.h"


#define NGX_HTTP_PROFILE_PAGE_BUF  16384


static ngx_int_t ngx_http_profile_page_room(ngx_http_profile_page_t *page);


void ngx_cdecl
ngx_http_profile_page_print(ngx_http_profile_page_t *page, const char *fmt,
    ...)
{
    u_char   *last;
    va_list   args;

    if (page->failed) {
        return;
    }

    if (ngx_http_profile_page_room(page) != NGX_OK) {
        page->failed = 1;
        return;
    }

    va_start(args, fmt);
    last = ngx_vslprintf(page->buf->last, page->buf->end, fmt, args);
    va_end(args);

    page->size += last - page->buf->last;
    page->buf->last = last;
}


static ngx_int_t
ngx_http_profile_page_room(ngx_http_profile_page_t *page)
{
    ngx_chain_t  *cl;

    if (page->buf
        && page->buf->end - page->buf->last >= NGX_HTTP_PROFILE_PAGE_LINE)
    {
        return NGX_OK;
    }

    page->buf = ngx_create_temp_buf(page->pool, NGX_HTTP_PROFILE_PAGE_BUF);
    if (page->buf == NULL) {
        return NGX_ERROR;
    }

    cl = ngx_alloc_chain_link(page->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    cl->buf = page->buf;
    cl->next = NULL;

    *page->last_out = cl;
    page->last_out = &cl->next;

    return NGX_OK;
}


ngx_str_t
ngx_http_profile_page_escape(ngx_http_profile_page_t *page, ngx_str_t *text,
    ngx_http_profile_page_escape_pt escape)
{
    uintptr_t  n;
    ngx_str_t  dst;

    n = escape(NULL, text->data, text->len);

    if (n == 0) {
        return *text;
    }

    ngx_str_null(&dst);

    dst.data = ngx_pnalloc(page->pool, text->len + n);
    if (dst.data == NULL) {
        page->failed = 1;
        return dst;
    }

    dst.len = text->len + n;
    (void) escape(dst.data, text->data, text->len);

    return dst;
}


void
ngx_http_profile_page_build(ngx_http_profile_page_build_t *build)
{
    ngx_str_set(&build->module, NGX_HTTP_PROFILE_VERSION);
    ngx_str_set(&build->nginx, NGINX_VERSION);

    build->yajl.data = build->text;
    build->yajl.len = profile_reader_version(build->yajl.data);

    build->pcre2.data = build->text + PROFILE_VERSION_LEN;
    build->pcre2.len = profile_schema_version(build->pcre2.data);
}
