
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_alloc.h"
#include "http/ngx_http_profile_answer.h"
#include "http/ngx_http_profile_headers.h"
#include "record/ngx_http_profile_ctx.h"


#define NGX_HTTP_PROFILE_REASON_LEN  256


ngx_int_t
ngx_http_profile_answer_body(ngx_http_request_t *r, ngx_uint_t status,
    const profile_str_t *message, const profile_str_t *code, ngx_str_t *body)
{
    ngx_int_t      rc;
    profile_buf_t  buf;
    profile_str_t  phrase;

    ngx_memzero(&buf, sizeof(profile_buf_t));

    ngx_http_profile_answer_phrase(status, &phrase);

    rc = NGX_ERROR;

    if (profile_error_answer(&ngx_http_profile_alloc, &buf, status, &phrase,
                             message, code)
        == 0)
    {
        body->len = buf.len;
        body->data = ngx_pnalloc(r->pool, buf.len);

        if (body->data) {
            ngx_memcpy(body->data, buf.data, buf.len);
            rc = NGX_OK;
        }
    }

    profile_buf_free(&ngx_http_profile_alloc, &buf);

    return rc;
}


ngx_int_t
ngx_http_profile_answer_send(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *body, ngx_list_t *from)
{
    ngx_int_t                rc;
    ngx_buf_t               *b;
    ngx_chain_t              out;
    ngx_http_profile_ctx_t  *ctx;

    ctx = ngx_http_profile_ctx_get(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ctx->answered = 1;

    /* an error page that led here must not change the status of the answer */

    r->err_status = 0;

    if (ngx_http_profile_headers_replace(r, status, body->len, from)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = body->data;
    b->last = body->data + body->len;
    b->memory = 1;
    b->last_buf = 1;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_output_filter(r, &out);
}


ngx_int_t
ngx_http_profile_answer_error(ngx_http_request_t *r, ngx_uint_t status,
    const profile_str_t *message, const profile_str_t *code)
{
    ngx_int_t  rc;
    ngx_str_t  body;

    /* no "100 Continue" for a body that is discarded */

    r->expect_tested = 1;

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_profile_answer_body(r, status, message, code, &body)
        != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_profile_answer_send(r, status, &body, NULL);
}


ngx_int_t
ngx_http_profile_answer_reason(ngx_http_request_t *r, profile_reason_e reason,
    ngx_uint_t status, const profile_str_t *message)
{
    u_char                text[NGX_HTTP_PROFILE_REASON_LEN];
    profile_str_t         said;
    const profile_str_t  *s;

    if (message == NULL) {
        s = profile_reason_text(reason);

        said.data = text;
        said.len = ngx_snprintf(text, NGX_HTTP_PROFILE_REASON_LEN,
                                "The request is refused: %*s.",
                                s->len, s->data)
                   - text;

        message = &said;
    }

    return ngx_http_profile_answer_error(r, status, message,
                                         profile_reason_code(reason));
}


void
ngx_http_profile_answer_phrase(ngx_uint_t status, profile_str_t *phrase)
{
    ngx_uint_t  i;

    static const struct {
        ngx_uint_t     status;
        profile_str_t  phrase;
    } phrases[] = {
        { 400, profile_string("Bad Request") },
        { 401, profile_string("Unauthorized") },
        { 402, profile_string("Payment Required") },
        { 403, profile_string("Forbidden") },
        { 404, profile_string("Not Found") },
        { 405, profile_string("Method Not Allowed") },
        { 406, profile_string("Not Acceptable") },
        { 408, profile_string("Request Timeout") },
        { 409, profile_string("Conflict") },
        { 410, profile_string("Gone") },
        { 411, profile_string("Length Required") },
        { 412, profile_string("Precondition Failed") },
        { 413, profile_string("Payload Too Large") },
        { 415, profile_string("Unsupported Media Type") },
        { 422, profile_string("Unprocessable Entity") },
        { 423, profile_string("Locked") },
        { 428, profile_string("Precondition Required") },
        { 429, profile_string("Too Many Requests") },
        { 500, profile_string("Internal Server Error") },
        { 502, profile_string("Bad Gateway") },
        { 503, profile_string("Service Unavailable") },
        { 504, profile_string("Gateway Timeout") },
        { 0, profile_string("Error") }
    };

    for (i = 0; phrases[i].status; i++) {
        if (phrases[i].status == status) {
            break;
        }
    }

    *phrase = phrases[i].phrase;
}
