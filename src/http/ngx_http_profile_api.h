
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_API_H_INCLUDED_
#define _NGX_HTTP_PROFILE_API_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "http/ngx_http_profile_capture.h"
#include "record/ngx_http_profile_record.h"


/*
 * U6: gives the response the status of v2, and takes away the headers that lead
 * back to v1 (U6.1).  Returns NGX_OK: a success, whose body is rewritten;
 * NGX_DONE: one without a body; NGX_DECLINED: an error.  done: what v1 answers
 * does not matter, as long as it is a success (U9.4).
 */
ngx_int_t ngx_http_profile_api_status(ngx_http_request_t *r, ngx_uint_t done);

/*
 * U6: the status and the body of v2 for a response that is an error, from the
 * request's pool; the record knows which call it belongs to, and what has been
 * written before it.  Returns NGX_OK; NGX_DONE: it was a DELETE of a user who
 * is not there, which is a success without a body (U6.3); or NGX_ERROR: there
 * is no memory.
 */
ngx_int_t ngx_http_profile_api_error(ngx_http_request_t *r,
    ngx_http_profile_capture_t *capture, ngx_http_profile_record_t *record,
    ngx_uint_t *status, ngx_str_t *body);


#endif /* _NGX_HTTP_PROFILE_API_H_INCLUDED_ */
