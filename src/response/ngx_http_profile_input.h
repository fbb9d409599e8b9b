
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_INPUT_H_INCLUDED_
#define _NGX_HTTP_PROFILE_INPUT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * In the header filter: where the body turns out to be malformed, or cannot be
 * kept, nginx shall end as it does when the upstream dies, so that the body
 * filter hears of it (H4.4, H4.5).  Returns NGX_OK, or NGX_ERROR: there is no
 * memory.
 */
ngx_int_t ngx_http_profile_input_watch(ngx_http_request_t *r);

/* Returns 1 if the body of the upstream has turned out to be so, else 0. */
ngx_uint_t ngx_http_profile_input_failed(ngx_http_request_t *r);

/* Returns 1 if the chain says that the upstream has failed, else 0. */
ngx_uint_t ngx_http_profile_input_cut(ngx_http_request_t *r, ngx_chain_t *in);

/* Returns 1 if the pipe passes on more right after this, else 0. */
ngx_uint_t ngx_http_profile_input_more(ngx_http_request_t *r);


#endif /* _NGX_HTTP_PROFILE_INPUT_H_INCLUDED_ */
