
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_PAGE_H_INCLUDED_
#define _NGX_HTTP_PROFILE_PAGE_H_INCLUDED_


#include "metrics/ngx_http_profile_samples.h"


/* a page under way */

typedef struct {
    ngx_pool_t                   *pool;
    ngx_array_t                  *families;
    ngx_array_t                  *snapshots;
    ngx_chain_t                  *out;
    ngx_chain_t                 **last_out;
    ngx_buf_t                    *buf;
    off_t                         size;
    ngx_uint_t                    failed;       /* no memory */
} ngx_http_profile_page_t;


/* versions, for what tells of the build */

typedef struct {
    ngx_str_t                     module;
    ngx_str_t                     nginx;
    ngx_str_t                     yajl;
    ngx_str_t                     pcre2;
    u_char                        text[2 * PROFILE_VERSION_LEN];
} ngx_http_profile_page_build_t;


typedef uintptr_t (*ngx_http_profile_page_escape_pt)(u_char *dst,
    u_char *src, size_t size);


/* what is printed at a time: texts have 120 bytes, escaped up to 720 */

#define NGX_HTTP_PROFILE_PAGE_LINE  4096


/* Appends to the page; page->failed is set where there is no memory. */
void ngx_cdecl ngx_http_profile_page_print(ngx_http_profile_page_t *page,
    const char *fmt, ...);

/*
 * The text as escape() leaves it, a function such as ngx_escape_html(); the
 * text itself where there is nothing to escape.
 */
ngx_str_t ngx_http_profile_page_escape(ngx_http_profile_page_t *page,
    ngx_str_t *text, ngx_http_profile_page_escape_pt escape);

/* Fills in the versions; the texts are the structure's own. */
void ngx_http_profile_page_build(ngx_http_profile_page_build_t *build);


#endif /* _NGX_HTTP_PROFILE_PAGE_H_INCLUDED_ */
