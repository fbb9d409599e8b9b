
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_conf.h"
#include "http/ngx_http_profile_cors.h"
#include "response/ngx_http_profile_output.h"


#define NGX_HTTP_PROFILE_BUF_MIN  1024


static ngx_int_t ngx_http_profile_output_special(ngx_http_request_t *r,
    ngx_http_profile_output_t *o);
static ngx_int_t ngx_http_profile_output_get_buf(
    ngx_http_profile_output_t *o);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;
static ngx_http_output_body_filter_pt    ngx_http_next_body_filter;


void
ngx_http_profile_output_set_filters(ngx_http_output_header_filter_pt header,
    ngx_http_output_body_filter_pt body)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = header;

    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = body;
}


ngx_int_t
ngx_http_profile_output_pass_header(ngx_http_request_t *r)
{
    if (ngx_http_profile_cors_header(r) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_next_header_filter(r);
}


ngx_int_t
ngx_http_profile_output_pass_body(ngx_http_request_t *r, ngx_chain_t *in)
{
    return ngx_http_next_body_filter(r, in);
}


void
ngx_http_profile_output_drop(ngx_chain_t *in)
{
    ngx_chain_t  *cl;

    for (cl = in; cl; cl = cl->next) {
        cl->buf->pos = cl->buf->last;
        cl->buf->file_pos = cl->buf->file_last;
    }
}


void
ngx_http_profile_output_start(ngx_http_profile_output_t *o,
    ngx_http_request_t *r, off_t *bytes)
{
    ngx_memzero(o, sizeof(ngx_http_profile_output_t));

    o->request = r;
    o->bytes = bytes;
    o->last_out = &o->out;
}


profile_reason_e
ngx_http_profile_output_write(void *data, const u_char *p, size_t len)
{
    size_t                      n;
    ngx_http_profile_output_t  *o = data;

    o->waiting += len;
    o->flushed = 0;
    *o->bytes += len;

    while (len) {

        if ((o->buf == NULL || o->buf->last == o->buf->end)
            && ngx_http_profile_output_get_buf(o) != NGX_OK)
        {
            return PROFILE_NO_MEMORY;
        }

        n = ngx_min(len, (size_t) (o->buf->end - o->buf->last));

        o->buf->last = ngx_cpymem(o->buf->last, p, n);

        p += n;
        len -= n;
    }

    return PROFILE_OK;
}


profile_reason_e
ngx_http_profile_output_discard(void *data, const u_char *p, size_t len)
{
    ngx_http_profile_output_t  *o = data;

    *o->bytes += len;

    return PROFILE_OK;
}


void
ngx_http_profile_output_forget(ngx_http_profile_output_t *o)
{
    ngx_chain_t  *cl;

    *o->bytes -= o->waiting;

    while (o->out) {
        cl = o->out;
        o->out = cl->next;

        cl->buf->pos = cl->buf->start;
        cl->buf->last = cl->buf->start;

        cl->next = o->free;
        o->free = cl;
    }

    o->last_out = &o->out;
    o->buf = NULL;
    o->waiting = 0;
}


static ngx_int_t
ngx_http_profile_output_get_buf(ngx_http_profile_output_t *o)
{
    size_t        size;
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    if (o->free) {
        cl = o->free;
        o->free = cl->next;

        b = cl->buf;
        b->flush = 0;

    } else {
        size = NGX_HTTP_PROFILE_BUF_SIZE;

        if (o->first_size) {
            size = ngx_max(o->first_size, NGX_HTTP_PROFILE_BUF_MIN);
            o->first_size = 0;
        }

        b = ngx_create_temp_buf(o->request->pool, size);
        if (b == NULL) {
            return NGX_ERROR;
        }

        b->tag = (ngx_buf_tag_t) &ngx_http_profile_module;
        b->recycled = 1;

        cl = ngx_alloc_chain_link(o->request->pool);
        if (cl == NULL) {
            return NGX_ERROR;
        }

        cl->buf = b;
    }

    cl->next = NULL;

    *o->last_out = cl;
    o->last_out = &cl->next;
    o->buf = b;

    return NGX_OK;
}


ngx_int_t
ngx_http_profile_output(ngx_http_request_t *r, ngx_http_profile_output_t *o)
{
    ngx_int_t     rc;
    ngx_chain_t  *cl;

    if (o->last || o->flush) {
        if (ngx_http_profile_output_special(r, o) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    /* the header may still be queued below us */

    if (o->out == NULL && o->busy == NULL && !r->connection->buffered) {
        return NGX_OK;
    }

    rc = ngx_http_profile_output_pass_body(r, o->out);

    ngx_chain_update_chains(r->pool, &o->free, &o->busy, &o->out,
                            (ngx_buf_tag_t) &ngx_http_profile_module);

    o->last_out = &o->out;
    o->buf = NULL;
    o->waiting = 0;

    for (cl = o->busy; cl; cl = cl->next) {
        o->waiting += ngx_buf_size(cl->buf);
    }

    return rc;
}


/* the end or a flush, on the last buffer or, where there is none, alone */

static ngx_int_t
ngx_http_profile_output_special(ngx_http_request_t *r,
    ngx_http_profile_output_t *o)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    b = o->buf;

    if (b == NULL && o->flushed && !o->last) {

        /* one a read would add up where a user comes in many reads */

        o->flush = 0;
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

        *o->last_out = cl;
        o->last_out = &cl->next;

        b->sync = 1;
    }

    if (o->last) {
        b->last_buf = (r == r->main) ? 1 : 0;
        b->last_in_chain = 1;
    }

    if (o->flush) {
        b->flush = 1;
        o->flush = 0;
        o->flushed = 1;
    }

    return NGX_OK;
}
