
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_WALK_PAGE_H_INCLUDED_
#define _NGX_HTTP_PROFILE_WALK_PAGE_H_INCLUDED_


#include "http/ngx_http_profile_walk.h"


/*
 * One page of a walk.  The subrequest lies in a pool of its own, which is
 * destroyed with the page, so that a walk takes no more memory for more pages.
 */


/*
 * Asks for a page, at the internal location of a URI which lives as long as the
 * main request; first is what v1 calls the one whose number is 0.  Nothing is
 * sent before the handler that called this has returned.  Returns NULL when
 * there is no memory.
 */
ngx_http_profile_walk_page_t *ngx_http_profile_walk_page_create(
    ngx_http_request_t *r, ngx_http_profile_walk_t *walk, ngx_str_t *uri,
    ngx_uint_t number, ngx_uint_t first, ngx_uint_t size);

/* The page whose subrequest this is, or NULL. */
ngx_http_profile_walk_page_t *ngx_http_profile_walk_page_find(
    ngx_http_request_t *r);

/*
 * In place of the header filters and of the body filters: nothing of a page is
 * sent, the main request takes it.  Both return NGX_OK, or NGX_ERROR: there is
 * no memory.
 */
ngx_int_t ngx_http_profile_walk_page_header(ngx_http_request_t *r,
    ngx_http_profile_walk_page_t *page);
ngx_int_t ngx_http_profile_walk_page_body(ngx_http_request_t *r,
    ngx_http_profile_walk_page_t *page, ngx_chain_t *in);

/* What was taken has been read: v1 may send more. */
void ngx_http_profile_walk_page_go_on(ngx_http_profile_walk_page_t *page);

/* The client is slow: until that changes v1 is not too slow. */
void ngx_http_profile_walk_page_pause(ngx_http_profile_walk_page_t *page);

/* Nothing is wanted of v1 any more; what has been sent stays. */
void ngx_http_profile_walk_page_cancel(ngx_http_profile_walk_page_t *page);

/* After that there is no page; it has been done, or was cancelled. */
void ngx_http_profile_walk_page_destroy(ngx_http_profile_walk_page_t *page);


#endif /* _NGX_HTTP_PROFILE_WALK_PAGE_H_INCLUDED_ */
