
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_REQUEST_H_INCLUDED_
#define _NGX_HTTP_PROFILE_REQUEST_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * The door that each main request passes before its content is made, once its
 * access is allowed: arguments and id, the guard, the calls of v1.  Returns
 * NGX_OK, or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_request_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_PROFILE_REQUEST_H_INCLUDED_ */
