
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_GUARD_HEADERS_H_INCLUDED_
#define _NGX_HTTP_PROFILE_GUARD_HEADERS_H_INCLUDED_


#include "record/ngx_http_profile_record.h"


/*
 * What is asked of a request that is judged, of all that is not in its body
 * (H5.2).  needed: what is made of it needs a body.  Each returns PROFILE_OK
 * if there is nothing to say against it, else the reason for which it is
 * refused, or PROFILE_NO_BODY: there is nothing to judge.
 */

/* Before the body is read. */
profile_reason_e ngx_http_profile_guard_headers(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, ngx_uint_t needed);

/* What is asked once it is known that there is a body. */
profile_reason_e ngx_http_profile_guard_headers_content(ngx_http_request_t *r,
    ngx_http_profile_record_t *record);

/* What is asked once it is known that there is none. */
profile_reason_e ngx_http_profile_guard_headers_no_body(ngx_http_request_t *r,
    ngx_uint_t needed);

/*
 * H5.13: returns 1 if a header has another byte for the dash of a name that
 * matters, else 0.
 */
ngx_uint_t ngx_http_profile_guard_headers_disguised(ngx_http_request_t *r);

/* Returns 1 if the header announces a body, else 0. */
ngx_uint_t ngx_http_profile_guard_headers_has_body(ngx_http_request_t *r);

/*
 * Returns 1 if the name of a header is one of the names, which are in lower
 * case, else 0: a dash in these is all that is neither a letter nor a digit.
 */
ngx_uint_t ngx_http_profile_guard_headers_is(const ngx_str_t *key,
    const ngx_str_t *names);


#endif /* _NGX_HTTP_PROFILE_GUARD_HEADERS_H_INCLUDED_ */
