
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_REWRITE_H_INCLUDED_
#define _NGX_HTTP_PROFILE_REWRITE_H_INCLUDED_


#include "response/ngx_http_profile_response.h"


/* The directive "profile_rewrite". */
char *ngx_http_profile_rewrite_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * The rewriter, given back with the request or once the response is counted.
 * Returns NGX_OK, or NGX_ERROR: there is no memory, or an argument of a list
 * is wrong.
 */
ngx_int_t ngx_http_profile_rewrite_create(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_filter_t *f);

/*
 * Rewrites what is in f->in.  Returns NGX_OK: all input is read; NGX_AGAIN:
 * enough output waits; NGX_BUSY: the turn is over (H3.3); NGX_DONE: the
 * response is at its end; NGX_ERROR: it is wrong, f->reason and f->offset tell
 * how.
 */
ngx_int_t ngx_http_profile_rewrite_read(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);

/*
 * Reads a buffer.  Returns NGX_OK: it is read; NGX_AGAIN: a piece of it is;
 * NGX_ERROR as above.
 */
ngx_int_t ngx_http_profile_rewrite_read_buf(ngx_http_profile_filter_t *f,
    ngx_buf_t *b);

/*
 * The input has ended: the response is counted, as what was done with it.
 * Returns NGX_OK, or NGX_ERROR as above.
 */
ngx_int_t ngx_http_profile_rewrite_finish(ngx_http_profile_filter_t *f,
    ngx_http_profile_action_e action);

/* Adds what was done so far to the record; nothing more is read. */
void ngx_http_profile_rewrite_count(ngx_http_profile_filter_t *f);


#endif /* _NGX_HTTP_PROFILE_REWRITE_H_INCLUDED_ */
