
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_ORDER_H_INCLUDED_
#define _NGX_HTTP_PROFILE_ORDER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * H1.5, once the configuration is read: warns of each module whose filters run
 * before ours.
 */
void ngx_http_profile_order_check(ngx_conf_t *cf);


#endif /* _NGX_HTTP_PROFILE_ORDER_H_INCLUDED_ */
