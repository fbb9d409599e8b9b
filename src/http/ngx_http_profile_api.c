
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


static void ngx_http_profile_api_hide(ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_api_message(
    ngx_http_profile_capture_t *capture, ngx_str_t *applied,
    const profile_str_t *phrase, profile_buf_t *message);
static void ngx_http_profile_api_code(const profile_str_t *phrase,
    u_char *buf, profile_str_t *code);


/*
 * Addresses of v1, where else its answers are to be had, and which origins it
 * lets read them.
 */

static const ngx_str_t  ngx_http_profile_api_hidden[] = {
    ngx_string("Location"),
    ngx_string("Content-Location"),
    ngx_string("Link"),
    ngx_string("Refresh"),
    ngx_string("Alt-Svc"),
    ngx_string("Access-Control-"),
    ngx_null_string
};


ngx_int_t
ngx_http_profile_api_status(ngx_http_request_t *r)
{
    ngx_uint_t  status;

    status = r->headers_out.status;

    ngx_http_profile_api_hide(r);

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
    ngx_http_profile_capture_t *capture, ngx_str_t *applied, ngx_uint_t *status,
    ngx_str_t *body)
{
    u_char         buf[NGX_HTTP_PROFILE_CODE_LEN];
    ngx_int_t      rc;
    profile_buf_t  text;
    profile_str_t  phrase, message, code;

    *status = capture->status;

    if ((*status < NGX_HTTP_BAD_REQUEST
         || *status >= NGX_HTTP_INTERNAL_SERVER_ERROR)
        && *status != NGX_HTTP_GATEWAY_TIME_OUT)
    {
        *status = NGX_HTTP_BAD_GATEWAY;
    }

    ngx_http_profile_answer_phrase(*status, &phrase);
    ngx_http_profile_api_code(&phrase, buf, &code);

    ngx_memzero(&text, sizeof(profile_buf_t));

    rc = ngx_http_profile_api_message(capture, applied, &phrase, &text);

    if (rc == NGX_OK) {
        message.len = text.len;
        message.data = text.data;

        rc = ngx_http_profile_answer_body(r, *status, &message, &code, body);
    }

    profile_buf_free(&ngx_http_profile_alloc, &text);

    return rc;
}


static ngx_int_t
ngx_http_profile_api_message(ngx_http_profile_capture_t *capture,
    ngx_str_t *applied, const profile_str_t *phrase, profile_buf_t *message)
{
    const profile_alloc_t  *a;

    static const profile_str_t  before
                          = profile_string(" Applied before the failure: ");

    a = &ngx_http_profile_alloc;

    /* what is no fault of the client is not explained to it */

    if (capture->status >= NGX_HTTP_BAD_REQUEST
        && capture->status < NGX_HTTP_INTERNAL_SERVER_ERROR
        && profile_message(a, capture->body.data, capture->body.len, message)
           != 0)
    {
        return NGX_ERROR;
    }

    if (message->len == 0
        && profile_buf_append(a, message, phrase->data, phrase->len) != 0)
    {
        return NGX_ERROR;
    }

    if (applied->len == 0) {
        return NGX_OK;
    }

    if (message->data[message->len - 1] != '.'
        && profile_buf_append(a, message, ".", 1) != 0)
    {
        return NGX_ERROR;
    }

    if (profile_buf_append(a, message, before.data, before.len) != 0
        || profile_buf_append(a, message, applied->data, applied->len) != 0
        || profile_buf_append(a, message, ".", 1) != 0)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* "Not Found" is "not_found" */

static void
ngx_http_profile_api_code(const profile_str_t *phrase, u_char *buf,
    profile_str_t *code)
{
    size_t  i;

    for (i = 0; i < phrase->len && i < NGX_HTTP_PROFILE_CODE_LEN; i++) {
        buf[i] = (phrase->data[i] == ' ') ? '_' : ngx_tolower(phrase->data[i]);
    }

    code->data = buf;
    code->len = i;
}
