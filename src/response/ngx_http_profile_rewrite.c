
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "response/ngx_http_profile_filter.h"


/* what is read at a time, so that output is looked at in between */
#define NGX_HTTP_PROFILE_PIECE    16384

#define NGX_HTTP_PROFILE_BUF_MIN  1024


static ngx_int_t ngx_http_profile_read_buf(ngx_http_profile_filter_t *f,
    ngx_buf_t *b);
static ngx_int_t ngx_http_profile_feed(ngx_http_profile_filter_t *f,
    ngx_str_t *text);
static ngx_int_t ngx_http_profile_finish(ngx_http_profile_filter_t *f);
static void ngx_http_profile_finished(ngx_http_profile_filter_t *f,
    ngx_http_profile_action_e action);
static ngx_int_t ngx_http_profile_special(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
static ngx_int_t ngx_http_profile_get_buf(ngx_http_profile_filter_t *f);


/* the response leaves as it is; what it would have become is only counted */

ngx_int_t
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

        return ngx_http_profile_pass_body(r, in);
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

    return ngx_http_profile_pass_body(r, in);
}


/*
 * NGX_OK: all input is read; NGX_AGAIN: enough output waits; NGX_DONE: the
 * response is at its end; NGX_ERROR: it is wrong, f->reason tells how.
 */

ngx_int_t
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

    if (f->inflate == NULL) {
        text.data = b->pos;
        text.len = ngx_min(b->last - b->pos, NGX_HTTP_PROFILE_PIECE);

        b->pos += text.len;

        if (ngx_http_profile_feed(f, &text) != NGX_OK) {
            return NGX_ERROR;
        }

        return (b->pos == b->last) ? NGX_OK : NGX_AGAIN;
    }

    /* an empty buffer may be filled anew: zlib must keep nothing of it */

    do {
        rc = ngx_http_profile_inflate(f->inflate, b, &text);

        if (rc == NGX_AGAIN) {
            return NGX_OK;
        }

        if (rc == NGX_DECLINED) {
            f->reason = PROFILE_INVALID_GZIP;
            f->offset = f->record->bytes_in;
            return NGX_ERROR;
        }

        if (ngx_http_profile_feed(f, &text) != NGX_OK) {
            return NGX_ERROR;
        }

    } while (b->pos == b->last);

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_profile_feed(ngx_http_profile_filter_t *f, ngx_str_t *text)
{
    f->record->bytes_in += text->len;

    f->reason = profile_rewriter_feed(f->rewriter, text->data, text->len);

    if (f->reason != PROFILE_OK) {
        f->offset = profile_rewriter_offset(f->rewriter);
        return NGX_ERROR;
    }

    return NGX_OK;
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


void
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


ngx_int_t
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

    rc = ngx_http_profile_pass_body(r, f->out);

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

    if (b == NULL && f->flushed && !(f->last && f->in == NULL)) {

        /* one a read would add up where a user comes in many reads */

        f->flush = 0;
        return NGX_OK;
    }

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
        f->flushed = 1;
    }

    return NGX_OK;
}


profile_reason_e
ngx_http_profile_write(void *data, const u_char *p, size_t len)
{
    size_t                      n;
    ngx_http_profile_filter_t  *f = data;

    f->waiting += len;
    f->flushed = 0;
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


profile_reason_e
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
