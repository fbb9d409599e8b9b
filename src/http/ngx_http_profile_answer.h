
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_ANSWER_H_INCLUDED_
#define _NGX_HTTP_PROFILE_ANSWER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "core/profile_error.h"


/* answers of the module's own, in the error form of v2 */

/*
 * The body, allocated from the request's pool; message is plain text, code may
 * be empty.  Returns NGX_OK, or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_answer_body(ngx_http_request_t *r,
    ngx_uint_t status, const profile_str_t *message,
    const profile_str_t *code, ngx_str_t *body);

/*
 * Sends a body with its header, which the filters of v2 leave as it is; from:
 * see ngx_http_profile_headers_replace().  What it returns is for
 * ngx_http_finalize_request().
 */
ngx_int_t ngx_http_profile_answer_send(ngx_http_request_t *r,
    ngx_uint_t status, ngx_str_t *body, ngx_list_t *from);

/* Both, for a request whose body is not wanted.  Returns the same. */
ngx_int_t ngx_http_profile_answer_error(ngx_http_request_t *r,
    ngx_uint_t status, const profile_str_t *message,
    const profile_str_t *code);

/*
 * The same for a request that is refused for a reason, with the message, or
 * with what there is to say of the reason where that is NULL.
 */
ngx_int_t ngx_http_profile_answer_reason(ngx_http_request_t *r,
    profile_reason_e reason, ngx_uint_t status, const profile_str_t *message);

/* The reason phrase of a status: "Not Found". */
void ngx_http_profile_answer_phrase(ngx_uint_t status, profile_str_t *phrase);


#endif /* _NGX_HTTP_PROFILE_ANSWER_H_INCLUDED_ */
