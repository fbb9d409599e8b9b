
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_FILTER_H_INCLUDED_
#define _NGX_HTTP_PROFILE_FILTER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * The door that each response passes, and each answer to a v1 call.  Returns
 * NGX_OK.
 */
ngx_int_t ngx_http_profile_filter_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_PROFILE_FILTER_H_INCLUDED_ */
