
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_FAIL_H_INCLUDED_
#define _NGX_HTTP_PROFILE_FAIL_H_INCLUDED_


#include "response/ngx_http_profile_response.h"


/*
 * What the client gets where a response cannot be rewritten, or is an error.
 * Functions that return ngx_int_t return what a header or body filter does.
 */

/* U6, in the header filter: what v1 says of its error is read first. */
ngx_int_t ngx_http_profile_fail_capture(ngx_http_request_t *r,
    ngx_http_profile_record_t *record);

/* The same in the body filter. */
ngx_int_t ngx_http_profile_fail_capture_body(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f, ngx_chain_t *in);

/* Tells the log and the record of f->reason and f->offset. */
void ngx_http_profile_fail_note(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f, ngx_http_profile_action_e action);

/* H4.1, in the header filter: the header of our own answer. */
ngx_int_t ngx_http_profile_fail_header(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);

/* And its body, in the body filter. */
ngx_int_t ngx_http_profile_fail_body(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);

/* H4, in the body filter: our own answer, or, where bytes have left, a cut. */
ngx_int_t ngx_http_profile_fail(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);


#endif /* _NGX_HTTP_PROFILE_FAIL_H_INCLUDED_ */
