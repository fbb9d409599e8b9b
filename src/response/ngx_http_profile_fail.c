
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "http/ngx_http_profile_answer.h"
#include "http/ngx_http_profile_api.h"
#include "http/ngx_http_profile_headers.h"
#include "response/ngx_http_profile_fail.h"
#include "response/ngx_http_profile_input.h"
#include "response/ngx_http_profile_output.h"
#include "response/ngx_http_profile_rewrite.h"


#define NGX_HTTP_PROFILE_MESSAGE_LEN  384


static void ngx_http_profile_fail_log(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
static ngx_int_t ngx_http_profile_fail_error(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
static ngx_int_t ngx_http_profile_fail_gone(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
static ngx_uint_t ngx_http_profile_fail_status(ngx_http_request_t *r);


ngx_int_t
ngx_http_profile_fail_capture(ngx_http_request_t *r,
    ngx_http_profile_record_t *record)
{
    ngx_http_profile_filter_t  *f;

    ngx_http_profile_record_set_action(record, NGX_HTTP_PROFILE_PASSED,
                                       PROFILE_STATUS);

    f = ngx_http_profile_response_begin(r, record, NGX_HTTP_PROFILE_CAPTURE);
    if (f == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_profile_capture_start(r, &f->error) != NGX_OK
        || ngx_http_profile_input_watch(r) != NGX_OK)
    {
        return NGX_ERROR;
    }

    (void) ngx_http_profile_capture_header(r, &f->error);

    if (r->header_only || r->method == NGX_HTTP_HEAD) {
        return ngx_http_profile_fail_error(r, f);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_profile_fail_capture_body(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f, ngx_chain_t *in)
{
    ngx_int_t  rc;

    if (ngx_http_profile_capture_body(&f->error, in) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!f->error.complete) {

        if (!ngx_http_profile_input_cut(r, in)) {
            return NGX_OK;
        }

        f->reason = PROFILE_UPSTREAM;
        f->offset = f->error.body.len;

        if (ngx_http_profile_input_failed(r)) {
            ngx_http_profile_capture_forget(&f->error);
        }

        ngx_http_profile_fail_log(r, f);
        ngx_http_profile_record_set_action(f->record, NGX_HTTP_PROFILE_FAILED,
                                           f->reason);
    }

    rc = ngx_http_profile_fail_error(r, f);

    f->state = NGX_HTTP_PROFILE_DROPPING;

    if (rc == NGX_ERROR || rc > NGX_OK) {
        return NGX_ERROR;
    }

    return r->header_only ? NGX_OK : ngx_http_profile_fail_body(r, f);
}


static ngx_int_t
ngx_http_profile_fail_error(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f)
{
    ngx_int_t   rc;
    ngx_uint_t  status;

    ngx_http_profile_record_fail_call(f->record, f->error.status);

    rc = ngx_http_profile_api_error(r, &f->error, f->record, &status,
                                    &f->answer);

    if (rc == NGX_DONE) {
        return ngx_http_profile_fail_gone(r, f);
    }

    if (rc != NGX_OK
        || ngx_http_profile_headers_replace(r, status, f->answer.len,
                                            &r->headers_out.headers)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (r->method == NGX_HTTP_HEAD) {
        /* with GET there would be a message of the backend (H2.3) */
        r->headers_out.content_length_n = -1;
    }

    f->state = NGX_HTTP_PROFILE_ANSWER;

    return ngx_http_profile_output_pass_header(r);
}


/* U6.3: there is no body, and no other header than an error would have */

static ngx_int_t
ngx_http_profile_fail_gone(ngx_http_request_t *r, ngx_http_profile_filter_t *f)
{
    if (ngx_http_profile_headers_replace(r, NGX_HTTP_NO_CONTENT, 0,
                                         &r->headers_out.headers)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    r->headers_out.content_length_n = -1;
    r->headers_out.content_type.len = 0;
    r->headers_out.content_type_len = 0;

    r->header_only = 1;

    f->state = NGX_HTTP_PROFILE_DROPPING;

    return ngx_http_profile_output_pass_header(r);
}


ngx_int_t
ngx_http_profile_fail(ngx_http_request_t *r, ngx_http_profile_filter_t *f)
{
    ngx_int_t  rc;

    ngx_http_profile_fail_note(r, f, NGX_HTTP_PROFILE_FAILED);

    ngx_http_profile_output_drop(f->in);

    f->in = NULL;
    r->buffered &= ~NGX_HTTP_PROFILE_BUFFERED;

    if (f->state == NGX_HTTP_PROFILE_STREAMING) {
        f->state = NGX_HTTP_PROFILE_DROPPING;

        /*
         * It marks the connection: a response that is stored in a cache is
         * read to its end first, and ends well, but for the client.
         */
        return NGX_ERROR;
    }

    rc = ngx_http_profile_fail_header(r, f);

    f->state = NGX_HTTP_PROFILE_DROPPING;

    if (rc == NGX_ERROR || rc > NGX_OK) {
        return NGX_ERROR;
    }

    if (r->header_only) {
        return NGX_OK;
    }

    return ngx_http_profile_fail_body(r, f);
}


void
ngx_http_profile_fail_note(ngx_http_request_t *r, ngx_http_profile_filter_t *f,
    ngx_http_profile_action_e action)
{
    ngx_http_profile_fail_log(r, f);
    ngx_http_profile_record_fail_call(f->record, NGX_HTTP_BAD_GATEWAY);
    ngx_http_profile_rewrite_count(f);
    ngx_http_profile_record_set_action(f->record, action, f->reason);
}


static void
ngx_http_profile_fail_log(ngx_http_request_t *r, ngx_http_profile_filter_t *f)
{
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "profile filter: %s: %s at byte %O of the response",
                  profile_reason_name(f->reason)->data,
                  profile_reason_text(f->reason)->data, f->offset);
}


ngx_int_t
ngx_http_profile_fail_header(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f)
{
    char                 *said;
    u_char                text[NGX_HTTP_PROFILE_MESSAGE_LEN], *last;
    ngx_str_t            *applied;
    ngx_uint_t            status, given_up;
    profile_str_t         message;
    const profile_str_t  *code;

    static const profile_str_t  invalid
                                  = profile_string("invalid_upstream_profile");

    status = NGX_HTTP_BAD_GATEWAY;
    code = &invalid;
    said = "The backend's answer cannot be shown as a profile";

    if (f->walk) {
        f->walk->answered = 1;
    }

    /* it is not v1's fault alone */

    given_up = (f->reason == PROFILE_SEARCH_LIMIT
                || f->reason == PROFILE_TIMEOUT);

    if (given_up) {
        status = profile_reason_status(f->reason);
        code = profile_reason_code(f->reason);
        said = "The search was given up";
    }

    last = ngx_snprintf(text, NGX_HTTP_PROFILE_MESSAGE_LEN, "%s", said);

    if (f->record->calls.created) {
        last = ngx_slprintf(last, text + NGX_HTTP_PROFILE_MESSAGE_LEN,
                            ", although the backend answered %ui",
                            ngx_http_profile_fail_status(r));
    }

    last = ngx_slprintf(last, text + NGX_HTTP_PROFILE_MESSAGE_LEN, ": %s",
                        profile_reason_text(f->reason)->data);

    last = given_up ? ngx_slprintf(last, text + NGX_HTTP_PROFILE_MESSAGE_LEN,
                                   ".")
                    : ngx_slprintf(last, text + NGX_HTTP_PROFILE_MESSAGE_LEN,
                                   " at byte %O.", f->offset);

    applied = &f->record->calls.applied;

    if (applied->len && !f->record->calls.created) {
        last = ngx_slprintf(last, text + NGX_HTTP_PROFILE_MESSAGE_LEN,
                            " Applied before the failure: %V.", applied);
    }

    message.data = text;
    message.len = last - text;

    if (ngx_http_profile_answer_body(r, status, &message, code, &f->answer)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_profile_headers_replace(r, status, f->answer.len, NULL)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    f->state = NGX_HTTP_PROFILE_ANSWER;

    return ngx_http_profile_output_pass_header(r);
}


/* the status before it became one of v2, as far as there was another one */

static ngx_uint_t
ngx_http_profile_fail_status(ngx_http_request_t *r)
{
    if (r->upstream && r->upstream->headers_in.status_n) {
        return r->upstream->headers_in.status_n;
    }

    return r->headers_out.status;
}


ngx_int_t
ngx_http_profile_fail_body(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f)
{
    ngx_buf_t    *b;
    ngx_chain_t   out;

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_ERROR;
    }

    b->pos = f->answer.data;
    b->last = f->answer.data + f->answer.len;
    b->memory = 1;
    b->last_buf = (r == r->main) ? 1 : 0;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    return ngx_http_profile_output_pass_body(r, &out);
}
