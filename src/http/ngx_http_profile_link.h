
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_LINK_H_INCLUDED_
#define _NGX_HTTP_PROFILE_LINK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * U5.2: whether the upstream names a next page, by a "Link" that may be hidden
 * from the client.  Returns 1 or 0.
 */
ngx_uint_t ngx_http_profile_link_more(ngx_http_request_t *r);

/* The same for any page of a list: whether it says where the list ends. */
ngx_uint_t ngx_http_profile_link_pages(ngx_http_request_t *r);


#endif /* _NGX_HTTP_PROFILE_LINK_H_INCLUDED_ */
