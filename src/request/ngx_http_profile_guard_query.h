
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_GUARD_QUERY_H_INCLUDED_
#define _NGX_HTTP_PROFILE_GUARD_QUERY_H_INCLUDED_


#include "core/request/profile_guard.h"
#include "record/ngx_http_profile_record.h"


/*
 * The names of arguments (H5.8), as backends read them that take arguments and
 * bodies for one.  Each returns PROFILE_OK; PROFILE_QUERY with the argument,
 * decoded and not empty, that is refused; or what the guard could not judge.
 */

/* Whether one overrides the method. */
profile_reason_e ngx_http_profile_guard_query_override(ngx_http_request_t *r,
    ngx_str_t *bad);

/* Returns 1 if the names of a request like this one are judged, else 0. */
ngx_uint_t ngx_http_profile_guard_query_is_judged(ngx_http_request_t *r);

/* Whether one is that of an attribute; the guard knows whose. */
profile_reason_e ngx_http_profile_guard_query_judge(ngx_http_request_t *r,
    profile_guard_t *guard, ngx_str_t *bad);


#endif /* _NGX_HTTP_PROFILE_GUARD_QUERY_H_INCLUDED_ */
