
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_DRY_RUN_H_INCLUDED_
#define _NGX_HTTP_PROFILE_DRY_RUN_H_INCLUDED_


#include "response/ngx_http_profile_response.h"


/*
 * The response leaves as it is; what it would have become is only counted.
 * Both return what a header or body filter does.
 */
ngx_int_t ngx_http_profile_dry_run_start(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
ngx_int_t ngx_http_profile_dry_run(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f, ngx_chain_t *in);


#endif /* _NGX_HTTP_PROFILE_DRY_RUN_H_INCLUDED_ */
