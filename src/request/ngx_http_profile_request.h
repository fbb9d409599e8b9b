
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_REQUEST_H_INCLUDED_
#define _NGX_HTTP_PROFILE_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * The handler of the precontent phase, the door that each main request passes
 * once its access is allowed: arguments and id, the guard.  Returns
 * NGX_DECLINED: the request goes on; NGX_DONE: something is under way, or it
 * has been answered; NGX_ERROR, or a status.
 */
ngx_int_t ngx_http_profile_request_handler(ngx_http_request_t *r);

/*
 * The last handler of that phase: the calls of v1 that an allowed write is made
 * of.  Returns the same, and NGX_AGAIN: a call is under way.
 */
ngx_int_t ngx_http_profile_request_plan_handler(ngx_http_request_t *r);


#endif /* _NGX_HTTP_PROFILE_REQUEST_H_INCLUDED_ */
