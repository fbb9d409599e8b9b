
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "response/ngx_http_profile_filter.h"



static ngx_int_t ngx_http_profile_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_slice(ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_pass(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, profile_reason_e reason);
static ngx_int_t ngx_http_profile_start(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_record_t *record);
static ngx_int_t ngx_http_profile_start_dry_run(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
static void ngx_http_profile_rewritten_headers(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);
static profile_reason_e ngx_http_profile_test_response(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
static ngx_int_t ngx_http_profile_create_rewriter(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_filter_t *f);
static ngx_int_t ngx_http_profile_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_profile_body(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f, ngx_uint_t more);
static ngx_uint_t ngx_http_profile_more(ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_send_header(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


static ngx_int_t
ngx_http_profile_header_filter(ngx_http_request_t *r)
{
    ngx_uint_t                    api;
    ngx_http_profile_ctx_t       *ctx;
    ngx_http_profile_call_t      *call;
    ngx_http_profile_record_t    *record;
    ngx_http_profile_rewrite_t   *rewrite;
    ngx_http_profile_loc_conf_t  *plcf;

    call = ngx_http_profile_get_call(r);

    if (call) {
        return ngx_http_profile_call_header_filter(r, call);
    }

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    rewrite = plcf->rewrite;

    if (rewrite == NULL) {
        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    if (ctx && ctx->filter) {
        /* again, for what another filter made of our response */
        ctx->filter->state = NGX_HTTP_PROFILE_DONE;
        return ngx_http_next_header_filter(r);
    }

    if (r != r->main && r->subrequest_ranges) {
        return ngx_http_profile_slice(r);
    }

    record = ngx_http_profile_get_record(r);
    if (record == NULL) {
        return NGX_ERROR;
    }

    record->answered = 1;

    switch (ngx_http_profile_test_condition(r, rewrite->filter)) {

    case NGX_OK:
        break;

    case NGX_DECLINED:
        return ngx_http_profile_pass(r, record, PROFILE_CONDITION);

    default: /* NGX_ERROR */
        return NGX_ERROR;
    }

    api = (rewrite->api_v2 && r == r->main && !plcf->rewrite_dry_run);

    if (api && !(ctx && ctx->answered)) {

        switch (ngx_http_profile_api_status(r)) {

        case NGX_OK:

            if (record->upgrade) {
                ngx_http_profile_set_action(record, NGX_HTTP_PROFILE_UPGRADED,
                                            PROFILE_OK);
            }

            break;

        case NGX_DONE:
            return ngx_http_profile_pass(r, record, PROFILE_STATUS);

        default: /* NGX_DECLINED */
            return ngx_http_profile_capture(r, record);
        }
    }

    if (r->headers_out.status != NGX_HTTP_OK
        && r->headers_out.status != NGX_HTTP_CREATED
        && r->headers_out.status != NGX_HTTP_PARTIAL_CONTENT)
    {
        return ngx_http_profile_pass(r, record, PROFILE_STATUS);
    }

    if (r->headers_out.status != NGX_HTTP_PARTIAL_CONTENT
        && !api
        && ngx_http_profile_test_type(r, &plcf->types) != NGX_OK)
    {
        return ngx_http_profile_pass(r, record, PROFILE_TYPE);
    }

    return ngx_http_profile_start(r, plcf, record);
}


/* the first slice, the main request, has decided for all of them (H2.5) */

static ngx_int_t
ngx_http_profile_slice(ngx_http_request_t *r)
{
    ngx_http_profile_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_profile_module);

    if (ctx == NULL || ctx->filter == NULL
        || (ctx->filter->state != NGX_HTTP_PROFILE_ANSWER
            && ctx->filter->state != NGX_HTTP_PROFILE_DROPPING))
    {
        return ngx_http_next_header_filter(r);
    }

    ctx = ngx_http_profile_get_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ctx->filter = ngx_pcalloc(r->pool, sizeof(ngx_http_profile_filter_t));
    if (ctx->filter == NULL) {
        return NGX_ERROR;
    }

    ctx->filter->state = NGX_HTTP_PROFILE_DROPPING;

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
ngx_http_profile_pass(ngx_http_request_t *r, ngx_http_profile_record_t *record,
    profile_reason_e reason)
{
    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "profile filter: passed, %s",
                   profile_reason_name(reason)->data);

    ngx_http_profile_set_action(record, NGX_HTTP_PROFILE_PASSED, reason);

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
ngx_http_profile_start(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_record_t *record)
{
    ngx_http_profile_ctx_t     *ctx;
    ngx_http_profile_filter_t  *f;

    f = ngx_pcalloc(r->pool, sizeof(ngx_http_profile_filter_t));
    if (f == NULL) {
        return NGX_ERROR;
    }

    f->request = r;
    f->record = record;
    f->last_out = &f->out;
    f->limit = plcf->buffer_size;
    f->state = plcf->rewrite_dry_run ? NGX_HTTP_PROFILE_DRY
                                     : NGX_HTTP_PROFILE_HELD;

    f->reason = ngx_http_profile_test_response(r, f);

    if (f->reason == PROFILE_OK
        && ngx_http_profile_test_type(r, &plcf->types) != NGX_OK)
    {
        /* with "api=v2" there is nothing to pass (U6) */
        f->reason = PROFILE_TYPE;
    }

    if (f->reason == PROFILE_OK && (r->header_only
                                    || r->method == NGX_HTTP_HEAD))
    {
        if (f->state != NGX_HTTP_PROFILE_DRY) {
            ngx_http_profile_rewritten_headers(r, plcf);
        }

        return ngx_http_profile_pass(r, record, PROFILE_HEAD);
    }

    ctx = ngx_http_profile_get_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ctx->filter = f;
    record->open++;

    if (f->reason == PROFILE_OK
        && ngx_http_profile_create_rewriter(r, plcf, f) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (f->state == NGX_HTTP_PROFILE_DRY) {
        return ngx_http_profile_start_dry_run(r, f);
    }

    if (f->reason != PROFILE_OK) {
        ngx_http_profile_failed(r, f, NGX_HTTP_PROFILE_FAILED);
        return ngx_http_profile_answer(r, f);
    }

    r->filter_need_in_memory = 1;

    if (r->headers_out.content_length_n > 0
        && r->headers_out.content_length_n < NGX_HTTP_PROFILE_BUF_SIZE
        && f->inflate == NULL)
    {
        /* the containers make a user somewhat longer */
        f->first_size = r->headers_out.content_length_n
                        + r->headers_out.content_length_n / 8 + 128;
    }

    ngx_http_profile_rewritten_headers(r, plcf);

    if (f->limit == 0) {
        f->state = NGX_HTTP_PROFILE_STREAMING;
        f->limit = NGX_HTTP_PROFILE_BUSY_SIZE;

        return ngx_http_next_header_filter(r);
    }

    /* held until the body is whole, or larger than the buffer */

    return NGX_OK;
}


/*
 * A dry run leaves ranges as they are; of what the range filters have cut
 * down before us nothing can be told.
 */

static ngx_int_t
ngx_http_profile_start_dry_run(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f)
{
    ngx_int_t  rc;

    if (f->reason != PROFILE_OK) {
        ngx_http_profile_failed(r, f, NGX_HTTP_PROFILE_WOULD_FAIL);
        f->state = NGX_HTTP_PROFILE_DONE;

        return ngx_http_next_header_filter(r);
    }

    r->filter_need_in_memory = 1;

    rc = ngx_http_next_header_filter(r);

    if (r->headers_out.status == NGX_HTTP_PARTIAL_CONTENT
        || r->headers_out.status == NGX_HTTP_RANGE_NOT_SATISFIABLE)
    {
        ngx_http_profile_count(f);
        ngx_http_profile_set_action(f->record, NGX_HTTP_PROFILE_PASSED,
                                    PROFILE_PARTIAL);

        f->state = NGX_HTTP_PROFILE_DONE;
    }

    return rc;
}


static void
ngx_http_profile_rewritten_headers(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    ngx_http_profile_change_headers(r);

    if (plcf->list && plcf->rewrite->api_v2) {
        ngx_http_profile_list_headers(r);
    }
}


/* H2.4, H2.5 */

static profile_reason_e
ngx_http_profile_test_response(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f)
{
    if (r->headers_out.status == NGX_HTTP_PARTIAL_CONTENT
        || r->subrequest_ranges)
    {
        return PROFILE_PARTIAL;
    }

    switch (ngx_http_profile_test_gzip(r)) {

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
ngx_http_profile_create_rewriter(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_filter_t *f)
{
    profile_sink_t            sink;
    ngx_pool_cleanup_t       *cln;
    profile_rewriter_conf_t   conf;

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&conf, sizeof(profile_rewriter_conf_t));

    conf.schema = plcf->rewrite->schema->schema;
    conf.envelope.len = plcf->rewrite->envelope.len;
    conf.envelope.data = plcf->rewrite->envelope.data;
    conf.notice.unknown = ngx_http_profile_unknown_provider;
    conf.notice.ctx = r;
    conf.max_user_size = plcf->max_user_size;
    conf.max_depth = plcf->max_depth;

    if (ngx_http_profile_list_conf(r, plcf, &conf) != NGX_OK) {
        return NGX_ERROR;
    }

    sink.ctx = f;
    sink.write = (f->state == NGX_HTTP_PROFILE_DRY) ? ngx_http_profile_discard
                                                    : ngx_http_profile_write;

    f->rewriter = profile_rewriter_create(&ngx_http_profile_alloc, &conf,
                                          &sink);
    if (f->rewriter == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_profile_cleanup;
    cln->data = f;

    return NGX_OK;
}


void
ngx_http_profile_cleanup(void *data)
{
    ngx_http_profile_filter_t  *f = data;

    profile_rewriter_destroy(f->rewriter);
    f->rewriter = NULL;
}


static ngx_int_t
ngx_http_profile_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t                   rc;
    ngx_http_profile_ctx_t     *ctx;
    ngx_http_profile_call_t    *call;
    ngx_http_profile_filter_t  *f;

    call = ngx_http_profile_get_call(r);

    if (call) {
        return ngx_http_profile_call_body_filter(r, call, in);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    if (ctx == NULL || ctx->filter == NULL || r->header_only) {
        return ngx_http_next_body_filter(r, in);
    }

    f = ctx->filter;

    ngx_log_debug2(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "profile filter: state:%ui in:%p",
                   (ngx_uint_t) f->state, in);

    switch (f->state) {

    case NGX_HTTP_PROFILE_DRY:
        return ngx_http_profile_dry_run(r, f, in);

    case NGX_HTTP_PROFILE_CAPTURE:

        if (ngx_http_profile_call_body_filter(r, &f->error, in) != NGX_OK) {
            return NGX_ERROR;
        }

        if (!f->error.complete && !ngx_http_profile_cut(r, in)) {
            return NGX_OK;
        }

        rc = ngx_http_profile_answer_error(r, f);

        f->state = NGX_HTTP_PROFILE_DROPPING;

        if (rc == NGX_ERROR || rc > NGX_OK) {
            return NGX_ERROR;
        }

        return r->header_only ? NGX_OK : ngx_http_profile_send_answer(r, f);

    case NGX_HTTP_PROFILE_ANSWER:
        f->state = NGX_HTTP_PROFILE_DROPPING;

        ngx_http_profile_drop(in);

        return ngx_http_profile_send_answer(r, f);

    case NGX_HTTP_PROFILE_DROPPING:

        if (in == NULL) {
            return ngx_http_next_body_filter(r, NULL);
        }

        ngx_http_profile_drop(in);

        return NGX_OK;

    case NGX_HTTP_PROFILE_DONE:
        return ngx_http_next_body_filter(r, in);

    default: /* HELD, STREAMING */
        break;
    }

    if (ngx_http_profile_cut(r, in)) {
        f->reason = PROFILE_UPSTREAM;
        f->offset = f->record->bytes_in;

        return ngx_http_profile_fail(r, f);
    }

    if (in && ngx_chain_add_copy(r->pool, &f->in, in) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_profile_body(r, f, in && ngx_http_profile_more(r));
}


static ngx_int_t
ngx_http_profile_body(ngx_http_request_t *r, ngx_http_profile_filter_t *f,
    ngx_uint_t more)
{
    ngx_int_t  rc, done;

    rc = NGX_OK;

    for ( ;; ) {

        /* cycle while the client takes what we make */

        done = ngx_http_profile_read(r, f);

        if (done == NGX_ERROR) {
            return ngx_http_profile_fail(r, f);
        }

        if (f->state == NGX_HTTP_PROFILE_HELD) {

            if (done == NGX_OK) {
                return NGX_OK;
            }

            rc = ngx_http_profile_send_header(r, f);

            if (rc != NGX_OK) {
                return (rc == NGX_DONE) ? NGX_OK : NGX_ERROR;
            }
        }

        if (done == NGX_OK && more && !f->flush && f->waiting < f->limit) {
            break;
        }

        if (done == NGX_DONE) {
            ngx_http_profile_change_trailers(r);

            /* the addition filter sends the end anew, from the top */
            f->state = NGX_HTTP_PROFILE_DONE;
        }

        rc = ngx_http_profile_output(r, f);

        if (rc == NGX_ERROR) {
            r->buffered &= ~NGX_HTTP_PROFILE_BUFFERED;
            return NGX_ERROR;
        }

        if (done != NGX_AGAIN || f->waiting >= f->limit) {
            break;
        }
    }

    if (done == NGX_AGAIN) {
        r->buffered |= NGX_HTTP_PROFILE_BUFFERED;

    } else {
        r->buffered &= ~NGX_HTTP_PROFILE_BUFFERED;
    }

    return rc;
}


/*
 * The pipe passes on what it has read in parts, one right after the other: to
 * send a client what becomes of each would cost more than to make it.
 */

static ngx_uint_t
ngx_http_profile_more(ngx_http_request_t *r)
{
    ngx_event_pipe_t  *p;

    p = r->upstream ? r->upstream->pipe : NULL;

    return p && (p->in || p->out);
}


void
ngx_http_profile_drop(ngx_chain_t *in)
{
    ngx_chain_t  *cl;

    for (cl = in; cl; cl = cl->next) {
        cl->buf->pos = cl->buf->last;
        cl->buf->file_pos = cl->buf->file_last;
    }
}


/*
 * When the upstream fails, nginx sends one bare flush, and no last buffer; the
 * upstream's connection is closed by then.
 */

ngx_uint_t
ngx_http_profile_cut(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_buf_t  *b;

    if (in == NULL || in->next
        || r->upstream == NULL || r->upstream->peer.connection)
    {
        return 0;
    }

    b = in->buf;

    return b->flush && !b->last_buf && !b->last_in_chain && ngx_buf_special(b);
}


static ngx_int_t
ngx_http_profile_send_header(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f)
{
    ngx_int_t  rc;

    f->state = NGX_HTTP_PROFILE_STREAMING;

    if (f->last && f->waiting <= f->limit) {
        r->headers_out.content_length_n = f->waiting;
    }

    f->limit = NGX_HTTP_PROFILE_BUSY_SIZE;

    rc = ngx_http_next_header_filter(r);

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
ngx_http_profile_pass_header(ngx_http_request_t *r)
{
    return ngx_http_next_header_filter(r);
}


ngx_int_t
ngx_http_profile_pass_body(ngx_http_request_t *r, ngx_chain_t *in)
{
    return ngx_http_next_body_filter(r, in);
}


ngx_int_t
ngx_http_profile_filter_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_profile_header_filter;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_profile_body_filter;

    return NGX_OK;
}
