
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
 * once its access is allowed: arguments and id, the guard, the calls of v1.
 * Returns NGX_DECLINED: the request goes on; NGX_AGAIN and NGX_DONE: something
 * is under way, or it has been answered; NGX_ERROR, or a status.
 */
ngx_int_t ngx_http_profile_request_handler(ngx_http_request_t *r);


#endif /* _NGX_HTTP_PROFILE_REQUEST_H_INCLUDED_ */
