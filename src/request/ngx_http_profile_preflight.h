
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_PREFLIGHT_H_INCLUDED_
#define _NGX_HTTP_PROFILE_PREFLIGHT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * The handler of the rewrite phase: answers the question of a browser whether
 * an origin may make a v2 call, before anything asks for a token, which such a
 * question never has (U8.2).  Returns NGX_DECLINED where it is none, or is not
 * answered with yes, else what is for ngx_http_finalize_request().
 */
ngx_int_t ngx_http_profile_preflight_handler(ngx_http_request_t *r);


#endif /* _NGX_HTTP_PROFILE_PREFLIGHT_H_INCLUDED_ */
