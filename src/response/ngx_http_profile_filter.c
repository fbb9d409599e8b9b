
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_value.h"
#include "http/ngx_http_profile_api.h"
#include "http/ngx_http_profile_cache.h"
#include "http/ngx_http_profile_call.h"
#include "http/ngx_http_profile_cors.h"
#include "http/ngx_http_profile_etag.h"
#include "http/ngx_http_profile_headers.h"
#include "http/ngx_http_profile_list.h"
#include "http/ngx_http_profile_walk_page.h"
#include "response/ngx_http_profile_dry_run.h"
#include "response/ngx_http_profile_fail.h"
#include "response/ngx_http_profile_filter.h"
#include "response/ngx_http_profile_input.h"
#include "response/ngx_http_profile_order.h"
#include "response/ngx_http_profile_output.h"
#include "response/ngx_http_profile_rewrite.h"
#include "response/ngx_http_profile_stand_in.h"
#include "response/ngx_http_profile_tunnel.h"
#include "response/ngx_http_profile_turn.h"
#include "response/ngx_http_profile_unreadable.h"


static ngx_int_t ngx_http_profile_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_filter_decide(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_record_t *record);
static ngx_int_t ngx_http_profile_filter_slice(ngx_http_request_t *r);
static void ngx_http_profile_filter_success(ngx_http_request_t *r,
    ngx_http_profile_rewrite_t *rewrite, ngx_http_profile_record_t *record);
static ngx_uint_t ngx_http_profile_filter_required(ngx_http_request_t *r,
    ngx_http_profile_rewrite_t *rewrite);
static ngx_uint_t ngx_http_profile_filter_may_lack(ngx_http_request_t *r,
    ngx_http_profile_rewrite_t *rewrite);
static ngx_int_t ngx_http_profile_filter_pass(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, profile_reason_e reason);
static ngx_int_t ngx_http_profile_filter_start(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_record_t *record,
    profile_reason_e reason);
static profile_reason_e ngx_http_profile_filter_test_response(
    ngx_http_request_t *r, ngx_http_profile_loc_conf_t *plcf,
    ngx_http_profile_filter_t *f);
static ngx_int_t ngx_http_profile_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_profile_filter_body(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f, ngx_uint_t more);
static ngx_int_t ngx_http_profile_filter_wait(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
static ngx_int_t ngx_http_profile_filter_send_header(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);


static ngx_int_t
ngx_http_profile_header_filter(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_http_profile_ctx_t       *ctx;
    ngx_http_profile_call_t      *call;
    ngx_http_profile_record_t    *record;
    ngx_http_profile_loc_conf_t  *plcf;
    ngx_http_profile_walk_page_t *page;

    rc = ngx_http_profile_tunnel_header(r);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    call = ngx_http_profile_call_find(r);

    if (call) {
        if (ngx_http_profile_input_watch(r) != NGX_OK) {
            return NGX_ERROR;
        }

        return ngx_http_profile_capture_header(r, &call->capture);
    }

    page = ngx_http_profile_walk_page_find(r);

    if (page) {
        if (ngx_http_profile_walk_page_header(r, page) != NGX_OK) {
            return NGX_ERROR;
        }

        return ngx_http_profile_input_watch(r);
    }

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    if (plcf->response.rewrite == NULL) {
        return ngx_http_profile_output_pass_header(r);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    if (ctx && ctx->filter) {
        /* again, for what another filter made of our response */
        ctx->filter->state = NGX_HTTP_PROFILE_DONE;
        return ngx_http_profile_output_pass_header(r);
    }

    if (r != r->main && r->subrequest_ranges) {
        return ngx_http_profile_filter_slice(r);
    }

    record = ngx_http_profile_record_get(r);
    if (record == NULL) {
        return NGX_ERROR;
    }

    record->response.answered = 1;

    return ngx_http_profile_filter_decide(r, plcf, record);
}


static ngx_int_t
ngx_http_profile_filter_decide(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_record_t *record)
{
    ngx_int_t                    rc;
    ngx_uint_t                   api;
    ngx_http_profile_ctx_t      *ctx;
    ngx_http_profile_rewrite_t  *rewrite;

    rewrite = plcf->response.rewrite;

    rc = ngx_http_profile_value_test(r, rewrite->filter);

    if (rc == NGX_ERROR
        || ngx_http_profile_cache_find(r, plcf) == NGX_ERROR
        || ngx_http_profile_cors_find(r, plcf, 0) == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    switch (ngx_http_profile_etag_response(r, plcf, rc == NGX_OK)) {

    case NGX_OK:
        break;

    case NGX_DECLINED:
        return ngx_http_profile_filter_start(r, plcf, record, PROFILE_STATUS);

    default: /* NGX_ERROR */
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        return ngx_http_profile_filter_pass(r, record, PROFILE_CONDITION);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    api = (rewrite->api_v2 && r == r->main && !plcf->response.dry_run);

    if (api && !(ctx && ctx->answered)) {

        switch (ngx_http_profile_api_status(r, rewrite->answer != NULL)) {

        case NGX_OK:

            ngx_http_profile_filter_success(r, rewrite, record);
            break;

        case NGX_DONE:
            return ngx_http_profile_filter_pass(r, record, PROFILE_STATUS);

        default: /* NGX_DECLINED */
            return ngx_http_profile_fail_capture(r, record);
        }
    }

    if (!ngx_http_profile_headers_success(r)) {
        return ngx_http_profile_filter_pass(r, record, PROFILE_STATUS);
    }

    if (rewrite->users == NGX_HTTP_PROFILE_USERS_NONE
        && !(api && ngx_http_profile_list_wanted(r, plcf->list) == NGX_OK))
    {
        if (rewrite->answer && api) {
            return ngx_http_profile_stand_in(r, rewrite, record);
        }

        return ngx_http_profile_filter_pass(r, record, PROFILE_NO_USERS);
    }

    if (r->headers_out.content_length_n == 0
        && ngx_http_profile_filter_may_lack(r, rewrite))
    {
        return ngx_http_profile_filter_pass(r, record, PROFILE_NO_BODY);
    }

    if (ngx_http_profile_headers_status(r) != NGX_HTTP_PARTIAL_CONTENT
        && !api
        && !ngx_http_profile_filter_required(r, rewrite)
        && ngx_http_profile_headers_test_type(r, &plcf->response.types)
           != NGX_OK)
    {
        return ngx_http_profile_filter_pass(r, record, PROFILE_TYPE);
    }

    return ngx_http_profile_filter_start(r, plcf, record, PROFILE_OK);
}


/* the first slice, the main request, has decided for all of them (H2.5) */

static ngx_int_t
ngx_http_profile_filter_slice(ngx_http_request_t *r)
{
    ngx_http_profile_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_profile_module);

    if (ctx == NULL || ctx->filter == NULL
        || (ctx->filter->state != NGX_HTTP_PROFILE_ANSWER
            && ctx->filter->state != NGX_HTTP_PROFILE_DROPPING))
    {
        return ngx_http_profile_output_pass_header(r);
    }

    if (ngx_http_profile_response_begin(r, NULL, NGX_HTTP_PROFILE_DROPPING)
        == NULL)
    {
        return NGX_ERROR;
    }

    return ngx_http_profile_output_pass_header(r);
}


static void
ngx_http_profile_filter_success(ngx_http_request_t *r,
    ngx_http_profile_rewrite_t *rewrite, ngx_http_profile_record_t *record)
{
    if (r->method == NGX_HTTP_POST
        && rewrite->users != NGX_HTTP_PROFILE_USERS_NONE)
    {
        ngx_http_profile_record_created(record);
    }

    if (record->calls.upgrade) {
        ngx_http_profile_record_set_action(record, NGX_HTTP_PROFILE_UPGRADED,
                                           PROFILE_OK);
    }
}


/* M1.5; the body of a subrequest that has none for the client does not count */

static ngx_uint_t
ngx_http_profile_filter_required(ngx_http_request_t *r,
    ngx_http_profile_rewrite_t *rewrite)
{
    return rewrite->users == NGX_HTTP_PROFILE_USERS_REQUIRED
           && (r == r->main || !r->header_only)
           && !(rewrite->api_v2 && r->method == NGX_HTTP_DELETE);
}


/* H1.7: the body may be empty; to a dry run a DELETE has none in v2 either */

static ngx_uint_t
ngx_http_profile_filter_may_lack(ngx_http_request_t *r,
    ngx_http_profile_rewrite_t *rewrite)
{
    if (ngx_http_profile_headers_status(r) == NGX_HTTP_PARTIAL_CONTENT) {
        return 0;
    }

    return r->method == NGX_HTTP_OPTIONS || r->method == NGX_HTTP_DELETE
           || (rewrite->users != NGX_HTTP_PROFILE_USERS_REQUIRED
               && !(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)));
}


static ngx_int_t
ngx_http_profile_filter_pass(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, profile_reason_e reason)
{
    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "profile filter: passed, %s",
                   profile_reason_name(reason)->data);

    ngx_http_profile_record_set_action(record, NGX_HTTP_PROFILE_PASSED, reason);

    return ngx_http_profile_output_pass_header(r);
}


static ngx_int_t
ngx_http_profile_filter_start(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_record_t *record,
    profile_reason_e reason)
{
    ngx_http_profile_filter_t  *f;

    f = ngx_http_profile_response_begin(r, record, plcf->response.dry_run
                                                   ? NGX_HTTP_PROFILE_DRY
                                                   : NGX_HTTP_PROFILE_HELD);
    if (f == NULL) {
        return NGX_ERROR;
    }

    ngx_http_profile_output_start(&f->output, r, &record->response.bytes_out);

    f->walk = ngx_http_profile_walk_find(r);
    f->limit = plcf->response.buffer_size;
    f->may_lack = ngx_http_profile_filter_may_lack(r, plcf->response.rewrite);
    f->reason = reason;

    if (f->reason == PROFILE_OK) {
        f->reason = ngx_http_profile_filter_test_response(r, plcf, f);
    }

    if (f->reason == PROFILE_OK
        && ngx_http_profile_headers_test_type(r, &plcf->response.types)
           != NGX_OK)
    {
        /* with "api=v2" there is nothing to pass (U6) */
        f->reason = (plcf->response.rewrite->users
                     == NGX_HTTP_PROFILE_USERS_REQUIRED)
                    ? PROFILE_NO_USERS : PROFILE_TYPE;
    }

    if (f->reason == PROFILE_OK && (r->header_only
                                    || r->method == NGX_HTTP_HEAD))
    {
        if (f->state != NGX_HTTP_PROFILE_DRY) {
            ngx_http_profile_headers_change(r);
        }

        f->state = NGX_HTTP_PROFILE_DONE;

        return ngx_http_profile_filter_pass(r, record, PROFILE_HEAD);
    }

    record->response.open++;

    if (f->reason == PROFILE_OK
        && ngx_http_profile_rewrite_create(r, plcf, f) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (f->state == NGX_HTTP_PROFILE_DRY) {
        return ngx_http_profile_dry_run_start(r, f);
    }

    if (ngx_http_profile_input_watch(r) != NGX_OK) {
        return NGX_ERROR;
    }

    if (f->reason != PROFILE_OK) {
        ngx_http_profile_fail_note(r, f, NGX_HTTP_PROFILE_FAILED);
        return ngx_http_profile_fail_header(r, f);
    }

    r->filter_need_in_memory = 1;

    if (r->headers_out.content_length_n > 0
        && r->headers_out.content_length_n < NGX_HTTP_PROFILE_BUF_SIZE
        && f->inflate == NULL)
    {
        /* the containers make a user somewhat longer */
        f->output.first_size = r->headers_out.content_length_n
                        + r->headers_out.content_length_n / 8 + 128;
    }

    ngx_http_profile_headers_change(r);

    if (f->limit == 0) {
        if (f->walk) {
            f->walk->sent = 1;
        }

        f->state = NGX_HTTP_PROFILE_STREAMING;
        f->limit = NGX_HTTP_PROFILE_BUSY_SIZE;

        return ngx_http_profile_output_pass_header(r);
    }

    /* held until the body is whole, or larger than the buffer */

    return NGX_OK;
}


/* H2.4, H2.5, U5.4 */

static profile_reason_e
ngx_http_profile_filter_test_response(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_filter_t *f)
{
    if (ngx_http_profile_headers_status(r) == NGX_HTTP_PARTIAL_CONTENT
        || r->subrequest_ranges
        || ngx_http_profile_list_is_part(r, plcf))
    {
        return PROFILE_PARTIAL;
    }

    switch (ngx_http_profile_headers_test_gzip(r)) {

    case NGX_DECLINED:
        return PROFILE_OK;

    case NGX_OK:

        if (r->method == NGX_HTTP_HEAD) {
            return PROFILE_OK;
        }

        f->inflate = ngx_http_profile_inflate_create(r);

        return f->inflate ? PROFILE_OK : PROFILE_NO_MEMORY;

    default: /* NGX_ERROR */
        return PROFILE_ENCODING;
    }
}


static ngx_int_t
ngx_http_profile_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_http_profile_ctx_t        *ctx;
    ngx_http_profile_call_t       *call;
    ngx_http_profile_filter_t     *f;
    ngx_http_profile_walk_page_t  *page;

    page = ngx_http_profile_walk_page_find(r);

    if (page) {
        return ngx_http_profile_walk_page_body(r, page, in);
    }

    call = ngx_http_profile_call_find(r);

    if (call) {
        if (ngx_http_profile_input_failed(r)) {
            ngx_http_profile_capture_forget(&call->capture);
        }

        return ngx_http_profile_capture_body(&call->capture, in);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    if (ctx == NULL || ctx->filter == NULL || r->header_only) {
        return ngx_http_profile_output_pass_body(r, in);
    }

    f = ctx->filter;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "profile filter: state:%ui in:%p",
                   (ngx_uint_t) f->state, in);

    switch (f->state) {

    case NGX_HTTP_PROFILE_DRY:
        return ngx_http_profile_dry_run(r, f, in);

    case NGX_HTTP_PROFILE_CAPTURE:
        return ngx_http_profile_fail_capture_body(r, f, in);

    case NGX_HTTP_PROFILE_ANSWER:
        f->state = NGX_HTTP_PROFILE_DROPPING;

        ngx_http_profile_output_drop(in);

        return ngx_http_profile_fail_body(r, f);

    case NGX_HTTP_PROFILE_DROPPING:

        if (in == NULL) {
            return ngx_http_profile_output_pass_body(r, NULL);
        }

        ngx_http_profile_output_drop(in);

        return NGX_OK;

    case NGX_HTTP_PROFILE_DONE:
        return ngx_http_profile_output_pass_body(r, in);

    default: /* HELD, STREAMING */
        break;
    }

    if (f->walk) {
        f->reason = f->walk->reason;

    } else if (ngx_http_profile_input_cut(r, in)) {
        f->reason = PROFILE_UPSTREAM;
    }

    if (f->reason != PROFILE_OK) {
        f->offset = f->record->response.bytes_in;
        return ngx_http_profile_fail(r, f);
    }

    if (f->walk) {

        if (ngx_http_profile_walk_take(r, f->walk, &f->in) != NGX_OK) {
            return NGX_ERROR;
        }

    } else if (in && ngx_chain_add_copy(r->pool, &f->in, in) != NGX_OK) {
        return NGX_ERROR;
    }

    if (f->turn.event.posted) {
        return ngx_http_profile_filter_wait(r, f);
    }

    return ngx_http_profile_filter_body(r, f,
                                        in && ngx_http_profile_input_more(r));
}


static ngx_int_t
ngx_http_profile_filter_body(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f, ngx_uint_t more)
{
    ngx_int_t  rc, done;

    rc = NGX_OK;

    for ( ;; ) {

        /* cycle while the client takes what we make */

        done = ngx_http_profile_rewrite_read(r, f);

        if (done == NGX_ERROR) {
            return ngx_http_profile_fail(r, f);
        }

        if (f->state == NGX_HTTP_PROFILE_HELD) {

            if (done == NGX_BUSY) {
                return ngx_http_profile_filter_wait(r, f);
            }

            r->buffered &= ~NGX_HTTP_PROFILE_BUFFERED;

            if (done == NGX_OK) {
                return NGX_OK;
            }

            rc = ngx_http_profile_filter_send_header(r, f);

            if (rc != NGX_OK) {
                return (rc == NGX_DONE) ? NGX_OK : NGX_ERROR;
            }
        }

        if (done == NGX_OK && more && !f->output.flush
            && f->output.waiting < f->limit)
        {
            break;
        }

        if (done == NGX_DONE) {
            ngx_http_profile_headers_change_trailers(r);

            /* the addition filter sends the end anew, from the top */
            f->state = NGX_HTTP_PROFILE_DONE;
        }

        rc = ngx_http_profile_output(r, &f->output);

        if (rc == NGX_ERROR) {
            r->buffered &= ~NGX_HTTP_PROFILE_BUFFERED;
            return NGX_ERROR;
        }

        if (done != NGX_AGAIN || f->output.waiting >= f->limit) {
            break;
        }
    }

    if (done == NGX_BUSY) {
        return ngx_http_profile_filter_wait(r, f);
    }

    if (done == NGX_AGAIN) {
        r->buffered |= NGX_HTTP_PROFILE_BUFFERED;

    } else {
        r->buffered &= ~NGX_HTTP_PROFILE_BUFFERED;
    }

    return rc;
}


/* H3.3: input is queued meanwhile; what is made of it comes later */

static ngx_int_t
ngx_http_profile_filter_wait(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f)
{
    r->buffered |= NGX_HTTP_PROFILE_BUFFERED;

    if (ngx_http_profile_turn_wait(r, f) != NGX_OK) {
        r->buffered &= ~NGX_HTTP_PROFILE_BUFFERED;
        return NGX_ERROR;
    }

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_profile_filter_send_header(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f)
{
    ngx_int_t  rc;

    f->state = NGX_HTTP_PROFILE_STREAMING;

    if (f->walk) {
        f->walk->sent = 1;
    }

    if (f->output.last && f->output.waiting <= f->limit) {
        r->headers_out.content_length_n = f->output.waiting;
    }

    if (f->output.last
        && ngx_http_profile_unreadable_header(r, f->record->response.unreadable)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    f->limit = NGX_HTTP_PROFILE_BUSY_SIZE;

    rc = ngx_http_profile_output_pass_header(r);

    /* NGX_AGAIN: the header is queued */

    if (rc == NGX_OK || rc == NGX_AGAIN) {

        if (!r->header_only) {
            return NGX_OK;
        }

        f->state = NGX_HTTP_PROFILE_DROPPING;
        r->buffered &= ~NGX_HTTP_PROFILE_BUFFERED;

        return NGX_DONE;
    }

    f->state = NGX_HTTP_PROFILE_DONE;

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    return ngx_http_filter_finalize_request(r, NULL, rc);
}


ngx_int_t
ngx_http_profile_filter_init(ngx_conf_t *cf)
{
    ngx_http_profile_order_check(cf);

    ngx_http_profile_tunnel_set_filter();
    ngx_http_profile_output_set_filters(ngx_http_profile_header_filter,
                                        ngx_http_profile_body_filter);

    return NGX_OK;
}
