
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_profile_module.h"


/* what is read at a time, so that output is looked at in between */
#define NGX_HTTP_PROFILE_PIECE        16384

#define NGX_HTTP_PROFILE_BUF_SIZE     16384
#define NGX_HTTP_PROFILE_BUF_MIN      1024

/* what may wait for the client once the header is out */
#define NGX_HTTP_PROFILE_BUSY_SIZE    65536

#define NGX_HTTP_PROFILE_MESSAGE_LEN  256


typedef enum {
    NGX_HTTP_PROFILE_HELD = 0,         /* the header waits */
    NGX_HTTP_PROFILE_STREAMING,
    NGX_HTTP_PROFILE_ANSWER,           /* our own answer is to be sent */
    NGX_HTTP_PROFILE_CAPTURE,          /* an error of v1, for our answer */
    NGX_HTTP_PROFILE_DROPPING,         /* what still comes is not wanted */
    NGX_HTTP_PROFILE_DRY,
    NGX_HTTP_PROFILE_DONE
} ngx_http_profile_state_e;


struct ngx_http_profile_filter_s {
    profile_rewriter_t           *rewriter;
    ngx_http_profile_inflate_t   *inflate;
    ngx_http_profile_record_t    *record;
    ngx_http_request_t           *request;

    ngx_chain_t                  *in;
    ngx_chain_t                  *out;
    ngx_chain_t                 **last_out;
    ngx_chain_t                  *busy;
    ngx_chain_t                  *free;
    ngx_buf_t                    *buf;          /* the last of out */

    ngx_http_profile_call_t       error;        /* what is captured */
    ngx_str_t                     answer;
    size_t                        first_size;   /* of the first buffer */
    size_t                        waiting;      /* bytes in out and busy */
    size_t                        limit;        /* of them */
    profile_reason_e              reason;
    off_t                         offset;

    ngx_http_profile_state_e      state;
    unsigned                      flush:1;
    unsigned                      last:1;
};


static ngx_int_t ngx_http_profile_header_filter(ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_pass(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, profile_reason_e reason);
static ngx_int_t ngx_http_profile_drop_slice(ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_start(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_record_t *record);
static ngx_int_t ngx_http_profile_capture(ngx_http_request_t *r,
    ngx_http_profile_record_t *record);
static ngx_int_t ngx_http_profile_answer_error(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
static profile_reason_e ngx_http_profile_test_response(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
static ngx_int_t ngx_http_profile_create_rewriter(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_filter_t *f);
static void ngx_http_profile_cleanup(void *data);

static ngx_int_t ngx_http_profile_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_profile_body(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
static ngx_int_t ngx_http_profile_dry_run(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f, ngx_chain_t *in);
static void ngx_http_profile_drop(ngx_chain_t *in);
static ngx_uint_t ngx_http_profile_cut(ngx_http_request_t *r, ngx_chain_t *in);
static ngx_int_t ngx_http_profile_read(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
static ngx_int_t ngx_http_profile_read_buf(ngx_http_profile_filter_t *f,
    ngx_buf_t *b);
static ngx_int_t ngx_http_profile_finish(ngx_http_profile_filter_t *f);
static void ngx_http_profile_count(ngx_http_profile_filter_t *f);
static void ngx_http_profile_finished(ngx_http_profile_filter_t *f,
    ngx_http_profile_action_e action);
static ngx_int_t ngx_http_profile_send_header(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
static ngx_int_t ngx_http_profile_output(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
static ngx_int_t ngx_http_profile_special(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
static profile_reason_e ngx_http_profile_write(void *data, const u_char *p,
    size_t len);
static profile_reason_e ngx_http_profile_discard(void *data, const u_char *p,
    size_t len);
static ngx_int_t ngx_http_profile_get_buf(ngx_http_profile_filter_t *f);
static ngx_int_t ngx_http_profile_fail(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
static void ngx_http_profile_failed(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f, ngx_http_profile_action_e action);
static ngx_int_t ngx_http_profile_answer(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
static ngx_int_t ngx_http_profile_send_answer(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


static ngx_int_t
ngx_http_profile_header_filter(ngx_http_request_t *r)
{
    ngx_str_t                     val;
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

    if (r != r->main && r->main->subrequest_ranges) {
        return ngx_http_profile_drop_slice(r);
    }

    record = ngx_http_profile_get_record(r);
    if (record == NULL) {
        return NGX_ERROR;
    }

    record->answered = 1;

    if (rewrite->filter) {
        if (ngx_http_complex_value(r, rewrite->filter, &val) != NGX_OK) {
            return NGX_ERROR;
        }

        if (val.len == 0 || (val.len == 1 && val.data[0] == '0')) {
            return ngx_http_profile_pass(r, record, PROFILE_CONDITION);
        }
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


/* the main request has been answered for all slices (H2.5) */

static ngx_int_t
ngx_http_profile_drop_slice(ngx_http_request_t *r)
{
    ngx_http_profile_ctx_t  *ctx;

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
            ngx_http_profile_change_headers(r);
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

        if (f->reason != PROFILE_OK) {
            ngx_http_profile_failed(r, f, NGX_HTTP_PROFILE_WOULD_FAIL);
            f->state = NGX_HTTP_PROFILE_DONE;
        }

        r->filter_need_in_memory = 1;

        return ngx_http_next_header_filter(r);
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

    ngx_http_profile_change_headers(r);

    if (f->limit == 0) {
        f->state = NGX_HTTP_PROFILE_STREAMING;
        f->limit = NGX_HTTP_PROFILE_BUSY_SIZE;

        return ngx_http_next_header_filter(r);
    }

    /* held until the body is whole, or larger than the buffer */

    return NGX_OK;
}


/* U6: what v1 says of its error is to become the message of ours */

static ngx_int_t
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


static ngx_int_t
ngx_http_profile_answer_error(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f)
{
    ngx_uint_t  status;

    if (ngx_http_profile_api_error(r, &f->error, NULL, &status, &f->answer)
        != NGX_OK
        || ngx_http_profile_replace_headers(r, status, f->answer.len,
                                            &r->headers_out.headers)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    f->state = NGX_HTTP_PROFILE_ANSWER;

    return ngx_http_next_header_filter(r);
}


/* H2.4, H2.5 */

static profile_reason_e
ngx_http_profile_test_response(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f)
{
    if (r->headers_out.status == NGX_HTTP_PARTIAL_CONTENT
        || r->main->subrequest_ranges)
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


static void
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

    return ngx_http_profile_body(r, f);
}


static ngx_int_t
ngx_http_profile_body(ngx_http_request_t *r, ngx_http_profile_filter_t *f)
{
    ngx_int_t  rc, done;

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

        if (done == NGX_DONE) {
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


/* the response leaves as it is; what it would have become is only counted */

static ngx_int_t
ngx_http_profile_dry_run(ngx_http_request_t *r, ngx_http_profile_filter_t *f,
    ngx_chain_t *in)
{
    uint64_t      start;
    ngx_int_t     rc;
    ngx_buf_t     b;
    ngx_chain_t  *cl;

    if (ngx_http_profile_cut(r, in)) {
        f->reason = PROFILE_UPSTREAM;
        f->offset = f->record->bytes_in;

        ngx_http_profile_failed(r, f, NGX_HTTP_PROFILE_WOULD_FAIL);
        f->state = NGX_HTTP_PROFILE_DONE;

        return ngx_http_next_body_filter(r, in);
    }

    start = ngx_http_profile_now();
    rc = NGX_OK;

    for (cl = in; cl && rc != NGX_ERROR; cl = cl->next) {

        b = *cl->buf;

        do {
            rc = ngx_http_profile_read_buf(f, &b);
        } while (rc == NGX_AGAIN);

        if (b.last_buf || b.last_in_chain) {
            f->last = 1;
        }
    }

    if (rc != NGX_ERROR && f->last) {
        rc = ngx_http_profile_finish(f);
    }

    f->record->time += ngx_http_profile_now() - start;

    if (rc == NGX_ERROR) {
        ngx_http_profile_failed(r, f, NGX_HTTP_PROFILE_WOULD_FAIL);
        f->state = NGX_HTTP_PROFILE_DONE;

    } else if (f->last) {
        ngx_http_profile_finished(f, NGX_HTTP_PROFILE_WOULD_REWRITE);
        f->state = NGX_HTTP_PROFILE_DONE;
    }

    return ngx_http_next_body_filter(r, in);
}


static void
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

static ngx_uint_t
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


/*
 * NGX_OK: all input is read; NGX_AGAIN: enough output waits; NGX_DONE: the
 * response is at its end; NGX_ERROR: it is wrong, f->reason tells how.
 */

static ngx_int_t
ngx_http_profile_read(ngx_http_request_t *r, ngx_http_profile_filter_t *f)
{
    uint64_t      start;
    ngx_int_t     rc;
    ngx_chain_t  *cl;

    start = ngx_http_profile_now();
    rc = NGX_OK;

    while (f->in) {

        if (f->waiting > f->limit) {
            rc = NGX_AGAIN;
            break;
        }

        rc = ngx_http_profile_read_buf(f, f->in->buf);

        if (rc == NGX_ERROR) {
            break;
        }

        if (rc == NGX_AGAIN) {
            continue;
        }

        cl = f->in;
        f->in = cl->next;

        if (cl->buf->flush) {
            f->flush = 1;
        }

        if (cl->buf->last_buf || cl->buf->last_in_chain) {
            f->last = 1;
        }

        ngx_free_chain(r->pool, cl);
    }

    if (rc == NGX_OK && f->last) {
        rc = ngx_http_profile_finish(f);

        if (rc == NGX_OK) {
            ngx_http_profile_finished(f, NGX_HTTP_PROFILE_REWRITTEN);
            rc = NGX_DONE;
        }
    }

    f->record->time += ngx_http_profile_now() - start;

    return rc;
}


/* NGX_OK: the buffer is read; NGX_AGAIN: a piece of it is */

static ngx_int_t
ngx_http_profile_read_buf(ngx_http_profile_filter_t *f, ngx_buf_t *b)
{
    ngx_int_t  rc;
    ngx_str_t  text;

    if (!ngx_buf_in_memory(b)) {
        return NGX_OK;
    }

    if (f->inflate) {
        rc = ngx_http_profile_inflate(f->inflate, b, &text);

        if (rc == NGX_AGAIN) {
            return NGX_OK;
        }

        if (rc == NGX_DECLINED) {
            f->reason = PROFILE_INVALID_GZIP;
            f->offset = f->record->bytes_in;
            return NGX_ERROR;
        }

        rc = NGX_AGAIN;

    } else {
        text.data = b->pos;
        text.len = ngx_min(b->last - b->pos, NGX_HTTP_PROFILE_PIECE);

        b->pos += text.len;

        rc = (b->pos == b->last) ? NGX_OK : NGX_AGAIN;
    }

    f->record->bytes_in += text.len;

    f->reason = profile_rewriter_feed(f->rewriter, text.data, text.len);

    if (f->reason != PROFILE_OK) {
        f->offset = profile_rewriter_offset(f->rewriter);
        return NGX_ERROR;
    }

    return rc;
}


static ngx_int_t
ngx_http_profile_finish(ngx_http_profile_filter_t *f)
{
    if (f->inflate && !ngx_http_profile_inflate_finished(f->inflate)) {
        f->reason = PROFILE_INVALID_GZIP;
        f->offset = f->record->bytes_in;
        return NGX_ERROR;
    }

    f->reason = profile_rewriter_finish(f->rewriter);

    if (f->reason != PROFILE_OK) {
        f->offset = profile_rewriter_offset(f->rewriter);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_http_profile_count(ngx_http_profile_filter_t *f)
{
    const profile_counts_t     *counts;
    ngx_http_profile_record_t  *record;

    record = f->record;
    record->open--;

    if (f->rewriter == NULL) {
        return;
    }

    counts = profile_rewriter_counts(f->rewriter);

    record->counts.users += counts->users;
    record->counts.conflicts += counts->conflicts;
    record->counts.unknown += counts->unknown;

    record->counts.moved[PROFILE_APP_METADATA] +=
                                           counts->moved[PROFILE_APP_METADATA];
    record->counts.moved[PROFILE_USER_METADATA] +=
                                          counts->moved[PROFILE_USER_METADATA];

    /* the client may take long to read the rest */
    ngx_http_profile_cleanup(f);
}


static void
ngx_http_profile_finished(ngx_http_profile_filter_t *f,
    ngx_http_profile_action_e action)
{
    profile_reason_e  reason;

    reason = PROFILE_OK;

    if (profile_rewriter_counts(f->rewriter)->users == 0) {
        action = NGX_HTTP_PROFILE_PASSED;
        reason = PROFILE_NO_USERS;
    }

    ngx_http_profile_count(f);
    ngx_http_profile_set_action(f->record, action, reason);
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


static ngx_int_t
ngx_http_profile_output(ngx_http_request_t *r, ngx_http_profile_filter_t *f)
{
    ngx_int_t     rc;
    ngx_chain_t  *cl;

    if ((f->last && f->in == NULL) || f->flush) {
        if (ngx_http_profile_special(r, f) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    /* the header may still be queued below us */

    if (f->out == NULL && f->busy == NULL && !r->connection->buffered) {
        return NGX_OK;
    }

    rc = ngx_http_next_body_filter(r, f->out);

    ngx_chain_update_chains(r->pool, &f->free, &f->busy, &f->out,
                            (ngx_buf_tag_t) &ngx_http_profile_module);

    f->last_out = &f->out;
    f->buf = NULL;
    f->waiting = 0;

    for (cl = f->busy; cl; cl = cl->next) {
        f->waiting += ngx_buf_size(cl->buf);
    }

    return rc;
}


/* the end or a flush, on the last buffer or, where there is none, alone */

static ngx_int_t
ngx_http_profile_special(ngx_http_request_t *r, ngx_http_profile_filter_t *f)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    b = f->buf;

    if (b == NULL) {
        b = ngx_calloc_buf(r->pool);
        if (b == NULL) {
            return NGX_ERROR;
        }

        cl = ngx_alloc_chain_link(r->pool);
        if (cl == NULL) {
            return NGX_ERROR;
        }

        cl->buf = b;
        cl->next = NULL;

        *f->last_out = cl;
        f->last_out = &cl->next;

        b->sync = 1;
    }

    if (f->last && f->in == NULL) {
        b->last_buf = (r == r->main) ? 1 : 0;
        b->last_in_chain = 1;
    }

    if (f->flush) {
        b->flush = 1;
        f->flush = 0;
    }

    return NGX_OK;
}


static profile_reason_e
ngx_http_profile_write(void *data, const u_char *p, size_t len)
{
    size_t                      n;
    ngx_http_profile_filter_t  *f = data;

    f->waiting += len;
    f->record->bytes_out += len;

    while (len) {

        if ((f->buf == NULL || f->buf->last == f->buf->end)
            && ngx_http_profile_get_buf(f) != NGX_OK)
        {
            return PROFILE_NO_MEMORY;
        }

        n = ngx_min(len, (size_t) (f->buf->end - f->buf->last));

        f->buf->last = ngx_cpymem(f->buf->last, p, n);

        p += n;
        len -= n;
    }

    return PROFILE_OK;
}


static profile_reason_e
ngx_http_profile_discard(void *data, const u_char *p, size_t len)
{
    ngx_http_profile_filter_t  *f = data;

    f->record->bytes_out += len;

    return PROFILE_OK;
}


static ngx_int_t
ngx_http_profile_get_buf(ngx_http_profile_filter_t *f)
{
    size_t        size;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    if (f->free) {
        cl = f->free;
        f->free = cl->next;

        b = cl->buf;
        b->flush = 0;

    } else {
        size = NGX_HTTP_PROFILE_BUF_SIZE;

        if (f->first_size) {
            size = ngx_max(f->first_size, NGX_HTTP_PROFILE_BUF_MIN);
            f->first_size = 0;
        }

        b = ngx_create_temp_buf(f->request->pool, size);
        if (b == NULL) {
            return NGX_ERROR;
        }

        b->tag = (ngx_buf_tag_t) &ngx_http_profile_module;
        b->recycled = 1;

        cl = ngx_alloc_chain_link(f->request->pool);
        if (cl == NULL) {
            return NGX_ERROR;
        }

        cl->buf = b;
    }

    cl->next = NULL;

    *f->last_out = cl;
    f->last_out = &cl->next;
    f->buf = b;

    return NGX_OK;
}


/* H4: an answer of our own, or, where bytes have left, a cut */

static ngx_int_t
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
         * A response that is stored in a cache is read to its end first, and
         * ends well; the client must not take it for whole even then.
         */
        r->connection->error = 1;

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


static void
ngx_http_profile_failed(ngx_http_request_t *r, ngx_http_profile_filter_t *f,
    ngx_http_profile_action_e action)
{
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "profile filter: %s: %s at byte %O of the response",
                  profile_reason_name(f->reason)->data,
                  profile_reason_text(f->reason)->data, f->offset);

    ngx_http_profile_count(f);
    ngx_http_profile_set_action(f->record, action, f->reason);
}


/* H4.1: the header of our own answer; the body follows */

static ngx_int_t
ngx_http_profile_answer(ngx_http_request_t *r, ngx_http_profile_filter_t *f)
{
    u_char         text[NGX_HTTP_PROFILE_MESSAGE_LEN];
    profile_str_t  message;

    static const profile_str_t  code
                                  = profile_string("invalid_upstream_profile");

    message.data = text;
    message.len = ngx_snprintf(text, NGX_HTTP_PROFILE_MESSAGE_LEN,
                               "The backend's answer cannot be shown as a "
                               "profile: %s at byte %O.",
                               profile_reason_text(f->reason)->data,
                               f->offset)
                  - text;

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

    return ngx_http_next_header_filter(r);
}


static ngx_int_t
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

    return ngx_http_next_body_filter(r, &out);
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
