
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_INFLATE_H_INCLUDED_
#define _NGX_HTTP_PROFILE_INFLATE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* gzip that comes in buffers */

typedef struct ngx_http_profile_inflate_s  ngx_http_profile_inflate_t;


/* Lives as long as the request.  Returns NULL when there is no memory. */
ngx_http_profile_inflate_t *ngx_http_profile_inflate_create(
    ngx_http_request_t *r);

/*
 * Moves in->pos over what was read and sets out to what came of it, valid
 * until the next call.  Returns NGX_OK; NGX_AGAIN: in is empty and nothing
 * came of it; NGX_DECLINED: the data is not gzip.
 */
ngx_int_t ngx_http_profile_inflate(ngx_http_profile_inflate_t *inf,
    ngx_buf_t *in, ngx_str_t *out);

/* At the end of the body: 1 if it ended where a gzip member does, else 0. */
ngx_uint_t ngx_http_profile_inflate_finished(ngx_http_profile_inflate_t *inf);


#endif /* _NGX_HTTP_PROFILE_INFLATE_H_INCLUDED_ */
