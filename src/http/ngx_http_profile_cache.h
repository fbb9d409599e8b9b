
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_CACHE_H_INCLUDED_
#define _NGX_HTTP_PROFILE_CACHE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_conf.h"
#include "record/ngx_http_profile_ctx.h"


/* what caches are told of a response of the v2 API (U2.5) */

/*
 * Whether the response is one of the v2 API, which is kept for the header that
 * is sent in the end.  Returns NGX_OK: it is; NGX_DECLINED: it is not;
 * NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_cache_find(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);

/*
 * Puts Cache-Control and Vary into the header of a response that is one of the
 * v2 API, in place of what it says of the kind; a second time changes nothing.
 * Returns NGX_OK, or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_cache_header(ngx_http_request_t *r);


#endif /* _NGX_HTTP_PROFILE_CACHE_H_INCLUDED_ */
