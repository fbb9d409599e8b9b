
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_REQUEST_H_INCLUDED_
#define _NGX_HTTP_PROFILE_REQUEST_H_INCLUDED_


#include "ngx_http_profile_module.h"


/* ngx_http_profile_request.c */

ngx_int_t ngx_http_profile_hex(u_char c);
ngx_int_t ngx_http_profile_escape_component(ngx_http_request_t *r,
    ngx_str_t *src, ngx_str_t *dst);
ngx_int_t ngx_http_profile_request_text(ngx_http_variable_value_t *v,
    ngx_str_t *text);


/* ngx_http_profile_args.c */

ngx_int_t ngx_http_profile_arg_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);


#endif /* _NGX_HTTP_PROFILE_REQUEST_H_INCLUDED_ */
