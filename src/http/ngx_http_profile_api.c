
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_alloc.h"
#include "core/response/profile_message.h"
#include "http/ngx_http_profile_answer.h"
#include "http/ngx_http_profile_api.h"
#include "http/ngx_http_profile_headers.h"


#define NGX_HTTP_PROFILE_CODE_LEN  32


typedef enum {
    NGX_HTTP_PROFILE_API_OTHER = 0,
    NGX_HTTP_PROFILE_API_GONE,          /* v1 knows no such user */
    NGX_HTTP_PROFILE_API_NOT_FOUND,     /* another 404 */
    NGX_HTTP_PROFILE_API_EXISTS,        /* whom a create makes */
    NGX_HTTP_PROFILE_API_TAKEN          /* the e-mail of somebody else */
} ngx_http_profile_api_error_t;


static void ngx_http_profile_api_hide(ngx_http_request_t *r);
static ngx_http_profile_api_error_t ngx_http_profile_api_which(
    ngx_http_profile_capture_t *capture, ngx_http_profile_record_t *record,
    profile_message_t *message);
static void ngx_http_profile_api_code(ngx_http_profile_api_error_t error,
    profile_message_t *message, const profile_str_t *phrase, u_char *buf,
    profile_str_t *code);
static ngx_int_t ngx_http_profile_api_text(ngx_http_profile_api_error_t error,
    ngx_str_t *applied, const profile_str_t *phrase, profile_buf_t *text);


/*
 * Addresses of v1, where else its answers are to be had, which origins it lets
 * read them, and what only we can say of them.
 */

static const ngx_str_t  ngx_http_profile_api_hidden[] = {
    ngx_string("Location"),
    ngx_string("Content-Location"),
    ngx_string("Link"),
    ngx_string("Refresh"),
    ngx_string("Alt-Svc"),
    ngx_string("Access-Control-"),
    ngx_string("X-Profile-Unreadable"),
    ngx_null_string
};


/*
 * The errorCode of the Management API, and what it says, where v1 says nothing:
 * auth0/auth0.net on GitHub, and what applications test for.  A path that it
 * does not know has no code.
 */

static const struct {
    profile_str_t               code;
    profile_str_t               text;
} ngx_http_profile_api_errors[] = {
    { profile_string(""), profile_string("") },
    { profile_string("inexistent_user"),
      profile_string("The user does not exist.") },
    { profile_string(""), profile_string("") },
    { profile_string("auth0_idp_error"),
      profile_string("The user already exists.") },
    { profile_string("auth0_idp_error"),
      profile_string("The specified new email already exists.") }
};


ngx_int_t
ngx_http_profile_api_status(ngx_http_request_t *r, ngx_uint_t done)
{
    ngx_uint_t  status;

    status = r->headers_out.status;

    ngx_http_profile_api_hide(r);

    if (done && status >= NGX_HTTP_OK && status < NGX_HTTP_SPECIAL_RESPONSE) {
        status = NGX_HTTP_OK;
        r->headers_out.status = status;
        r->headers_out.status_line.len = 0;
    }

    if (status == NGX_HTTP_NOT_MODIFIED
        && (r->headers_in.if_none_match || r->headers_in.if_modified_since))
    {
        return NGX_DONE;
    }

    if (status < NGX_HTTP_OK || status >= NGX_HTTP_SPECIAL_RESPONSE) {
        return NGX_DECLINED;
    }

    if (r->method == NGX_HTTP_DELETE) {
        r->headers_out.status = NGX_HTTP_NO_CONTENT;
        r->headers_out.status_line.len = 0;
        r->headers_out.content_type.len = 0;
        r->headers_out.content_type_len = 0;

        ngx_http_profile_headers_change(r);

        r->header_only = 1;

        return NGX_DONE;
    }

    if (r->method == NGX_HTTP_POST && status == NGX_HTTP_OK) {
        r->headers_out.status = NGX_HTTP_CREATED;
        r->headers_out.status_line.len = 0;

        return NGX_OK;
    }

    if (status == NGX_HTTP_NO_CONTENT || status == NGX_HTTP_PARTIAL_CONTENT
        || status == NGX_HTTP_OK || status == NGX_HTTP_CREATED)
    {
        return (status == NGX_HTTP_NO_CONTENT) ? NGX_DONE : NGX_OK;
    }

    return NGX_DECLINED;
}


static void
ngx_http_profile_api_hide(ngx_http_request_t *r)
{
    ngx_http_profile_headers_remove(&r->headers_out.headers,
                                    ngx_http_profile_api_hidden);

    /* what nginx keeps a pointer to */

    r->headers_out.location = NULL;
    r->headers_out.refresh = NULL;

#if (nginx_version >= 1023000)
    r->headers_out.link = NULL;
#else
    r->headers_out.link.nelts = 0;
#endif
}


ngx_int_t
ngx_http_profile_api_error(ngx_http_request_t *r,
    ngx_http_profile_capture_t *capture, ngx_http_profile_record_t *record,
    ngx_uint_t *status, ngx_str_t *body)
{
    u_char                         buf[NGX_HTTP_PROFILE_CODE_LEN];
    ngx_int_t                      rc;
    profile_str_t                  phrase, text, code;
    profile_message_t              message;
    ngx_http_profile_api_error_t   error;

    *status = capture->status;

    /* a 503 that is not v1's is that of nginx's limits */

    if ((*status < NGX_HTTP_BAD_REQUEST
         || *status >= NGX_HTTP_INTERNAL_SERVER_ERROR)
        && *status != NGX_HTTP_GATEWAY_TIME_OUT
        && (*status != NGX_HTTP_SERVICE_UNAVAILABLE || capture->upstream
            || record->calls.step))
    {
        *status = NGX_HTTP_BAD_GATEWAY;
    }

    ngx_http_profile_answer_phrase(*status, &phrase);

    ngx_memzero(&message, sizeof(profile_message_t));

    /* what is no fault of the client is not explained to it */

    rc = NGX_OK;

    if (capture->status >= NGX_HTTP_BAD_REQUEST
        && capture->status < NGX_HTTP_INTERNAL_SERVER_ERROR
        && profile_message(&ngx_http_profile_alloc, capture->body.data,
                           capture->body.len, &message)
           != 0)
    {
        rc = NGX_ERROR;
    }

    error = ngx_http_profile_api_which(capture, record, &message);

    if (rc == NGX_OK && error == NGX_HTTP_PROFILE_API_GONE
        && r->method == NGX_HTTP_DELETE)
    {
        rc = NGX_DONE;
    }

    if (rc == NGX_OK) {
        ngx_http_profile_api_code(error, &message, &phrase, buf, &code);

        rc = ngx_http_profile_api_text(error, &record->calls.applied, &phrase,
                                       &message.text);
    }

    if (rc == NGX_OK) {
        text.len = message.text.len;
        text.data = message.text.data;

        rc = ngx_http_profile_answer_body(r, *status, &text, &code, body);
    }

    profile_message_free(&ngx_http_profile_alloc, &message);

    return rc;
}


/*
 * A 404 of a proxy that stands before v1, or of nginx, says nothing of the
 * user: v1 speaks JSON.
 */

static ngx_http_profile_api_error_t
ngx_http_profile_api_which(ngx_http_profile_capture_t *capture,
    ngx_http_profile_record_t *record, profile_message_t *message)
{
    const profile_call_t  *step;
    const profile_str_t   *code;

    if (capture->status == NGX_HTTP_NOT_FOUND) {
        code = &ngx_http_profile_api_errors[NGX_HTTP_PROFILE_API_GONE].code;

        if (capture->upstream && capture->complete && !capture->truncated
            && message->object && !message->other
            && (record->id.found.template || record->id.called.value.len)
            && (message->code.len == 0
                || profile_str_eq(code, message->code.data,
                                  message->code.len)))
        {
            return NGX_HTTP_PROFILE_API_GONE;
        }

        return NGX_HTTP_PROFILE_API_NOT_FOUND;
    }

    step = record->calls.step;

    if (capture->status == NGX_HTTP_CONFLICT && capture->upstream && step) {

        if (step->kind == PROFILE_CALL_CREATE) {
            return NGX_HTTP_PROFILE_API_EXISTS;
        }

        if (step->kind == PROFILE_CALL_EMAIL) {
            return NGX_HTTP_PROFILE_API_TAKEN;
        }
    }

    return NGX_HTTP_PROFILE_API_OTHER;
}


/* "Bad Request" is "bad_request", where there is nothing better */

static void
ngx_http_profile_api_code(ngx_http_profile_api_error_t error,
    profile_message_t *message, const profile_str_t *phrase, u_char *buf,
    profile_str_t *code)
{
    size_t  i;

    if (message->code.len) {
        code->len = message->code.len;
        code->data = message->code.data;
        return;
    }

    *code = ngx_http_profile_api_errors[error].code;

    if (error != NGX_HTTP_PROFILE_API_OTHER) {
        return;
    }

    for (i = 0; i < phrase->len && i < NGX_HTTP_PROFILE_CODE_LEN; i++) {
        buf[i] = (phrase->data[i] == ' ') ? '_' : ngx_tolower(phrase->data[i]);
    }

    code->data = buf;
    code->len = i;
}


static ngx_int_t
ngx_http_profile_api_text(ngx_http_profile_api_error_t error,
    ngx_str_t *applied, const profile_str_t *phrase, profile_buf_t *text)
{
    const profile_str_t    *said;
    const profile_alloc_t  *a;

    static const profile_str_t  before
                          = profile_string(" Applied before the failure: ");

    a = &ngx_http_profile_alloc;

    said = &ngx_http_profile_api_errors[error].text;

    if (said->len == 0) {
        said = phrase;
    }

    if (text->len == 0
        && profile_buf_append(a, text, said->data, said->len) != 0)
    {
        return NGX_ERROR;
    }

    if (applied->len == 0) {
        return NGX_OK;
    }

    if (text->data[text->len - 1] != '.'
        && profile_buf_append(a, text, ".", 1) != 0)
    {
        return NGX_ERROR;
    }

    if (profile_buf_append(a, text, before.data, before.len) != 0
        || profile_buf_append(a, text, applied->data, applied->len) != 0
        || profile_buf_append(a, text, ".", 1) != 0)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}
