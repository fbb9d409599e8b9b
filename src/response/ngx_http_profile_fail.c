
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "response/ngx_http_profile_filter.h"


#define NGX_HTTP_PROFILE_MESSAGE_LEN  256


/* U6: what v1 says of its error is to become the message of ours */

ngx_int_t
ngx_http_profile_capture(ngx_http_request_t *r,
    ngx_http_profile_record_t *record)
{
    ngx_http_profile_ctx_t     *ctx;
    ngx_http_profile_filter_t  *f;

    ngx_http_profile_set_action(record, NGX_HTTP_PROFILE_PASSED,
                                PROFILE_STATUS);

    ctx = ngx_http_profile_get_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    f = ngx_pcalloc(r->pool, sizeof(ngx_http_profile_filter_t));
    if (f == NULL) {
        return NGX_ERROR;
    }

    ctx->filter = f;

    f->request = r;
    f->record = record;
    f->last_out = &f->out;
    f->state = NGX_HTTP_PROFILE_CAPTURE;

    if (ngx_http_profile_call_init(r, &f->error) != NGX_OK) {
        return NGX_ERROR;
    }

    (void) ngx_http_profile_call_header_filter(r, &f->error);

    if (r->header_only || r->method == NGX_HTTP_HEAD) {
        return ngx_http_profile_answer_error(r, f);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_profile_answer_error(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f)
{
    ngx_uint_t  status;

    if (f->record->upgrade
        && ngx_http_profile_upgrade_applied(r, f->record, f->error.status)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_profile_api_error(r, &f->error, &f->record->applied, &status,
                                   &f->answer)
        != NGX_OK
        || ngx_http_profile_replace_headers(r, status, f->answer.len,
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

    return ngx_http_profile_pass_header(r);
}


/* H4: an answer of our own, or, where bytes have left, a cut */

ngx_int_t
ngx_http_profile_fail(ngx_http_request_t *r, ngx_http_profile_filter_t *f)
{
    ngx_int_t  rc;

    ngx_http_profile_failed(r, f, NGX_HTTP_PROFILE_FAILED);

    ngx_http_profile_drop(f->in);

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

    rc = ngx_http_profile_answer(r, f);

    f->state = NGX_HTTP_PROFILE_DROPPING;

    if (rc == NGX_ERROR || rc > NGX_OK) {
        return NGX_ERROR;
    }

    if (r->header_only) {
        return NGX_OK;
    }

    return ngx_http_profile_send_answer(r, f);
}


void
ngx_http_profile_failed(ngx_http_request_t *r, ngx_http_profile_filter_t *f,
    ngx_http_profile_action_e action)
{
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "profile filter: %s: %s at byte %O of the response",
                  profile_reason_name(f->reason)->data,
                  profile_reason_text(f->reason)->data, f->offset);

    if (f->record->upgrade) {
        (void) ngx_http_profile_upgrade_applied(r, f->record,
                                                NGX_HTTP_BAD_GATEWAY);
    }

    ngx_http_profile_count(f);
    ngx_http_profile_set_action(f->record, action, f->reason);
}


/* H4.1: the header of our own answer; the body follows */

ngx_int_t
ngx_http_profile_answer(ngx_http_request_t *r, ngx_http_profile_filter_t *f)
{
    u_char         text[NGX_HTTP_PROFILE_MESSAGE_LEN], *last;
    ngx_str_t     *applied;
    profile_str_t  message;

    static const profile_str_t  code
                                  = profile_string("invalid_upstream_profile");

    last = ngx_snprintf(text, NGX_HTTP_PROFILE_MESSAGE_LEN,
                        "The backend's answer cannot be shown as a profile: "
                        "%s at byte %O.",
                        profile_reason_text(f->reason)->data, f->offset);

    applied = &f->record->applied;

    if (applied->len) {
        last = ngx_slprintf(last, text + NGX_HTTP_PROFILE_MESSAGE_LEN,
                            " Applied before the failure: %V.", applied);
    }

    message.data = text;
    message.len = last - text;

    if (ngx_http_profile_error_body(r, NGX_HTTP_BAD_GATEWAY, &message, &code,
                                    &f->answer)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_profile_replace_headers(r, NGX_HTTP_BAD_GATEWAY,
                                         f->answer.len, NULL)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    f->state = NGX_HTTP_PROFILE_ANSWER;

    return ngx_http_profile_pass_header(r);
}


ngx_int_t
ngx_http_profile_send_answer(ngx_http_request_t *r,
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

    return ngx_http_profile_pass_body(r, &out);
}
