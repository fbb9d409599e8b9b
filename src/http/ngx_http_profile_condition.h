
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_CONDITION_H_INCLUDED_
#define _NGX_HTTP_PROFILE_CONDITION_H_INCLUDED_


#include "record/ngx_http_profile_record.h"


/*
 * H2.6: turns the conditions of a main request into those that its upstream
 * understands.  plan: it is a write that becomes calls of v1.  Returns NGX_OK;
 * NGX_DECLINED: a condition does not hold, or cannot be kept, and *message
 * says which; NGX_ERROR: there is no memory, or "if=" is not known.
 */
ngx_int_t ngx_http_profile_condition_request(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_uint_t plan,
    profile_str_t *message);

/*
 * Whether the client's "If-Match" is to be compared with a read, once
 * ngx_http_profile_condition_request() has returned NGX_OK: 1 or 0.
 */
ngx_uint_t ngx_http_profile_condition_compares(ngx_http_request_t *r);

/*
 * That read has been answered.  Returns NGX_OK; NGX_DECLINED: no tag is that of
 * the user as v2 shows it; NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_condition_compare(ngx_http_request_t *r,
    ngx_http_request_t *read);


#endif /* _NGX_HTTP_PROFILE_CONDITION_H_INCLUDED_ */
