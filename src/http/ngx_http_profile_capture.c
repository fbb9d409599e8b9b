
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_alloc.h"
#include "http/ngx_http_profile_capture.h"
#include "http/ngx_http_profile_headers.h"
#include "http/ngx_http_profile_walk.h"


/* of an error, for its message */
#define NGX_HTTP_PROFILE_CAPTURE_SIZE  65536

/* text for a sink that was packed, since all of it may come in one turn */
#define NGX_HTTP_PROFILE_CAPTURE_UNPACKED  67108864


static void ngx_http_profile_capture_cleanup(void *data);
static ngx_int_t ngx_http_profile_capture_read(
    ngx_http_profile_capture_t *capture, ngx_buf_t *b);
static ngx_int_t ngx_http_profile_capture_append(
    ngx_http_profile_capture_t *capture, ngx_str_t *text);


ngx_int_t
ngx_http_profile_capture_start(ngx_http_request_t *r,
    ngx_http_profile_capture_t *capture)
{
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(capture, sizeof(ngx_http_profile_capture_t));

    cln->handler = ngx_http_profile_capture_cleanup;
    cln->data = capture;

    return NGX_OK;
}


static void
ngx_http_profile_capture_cleanup(void *data)
{
    ngx_http_profile_capture_t  *capture = data;

    profile_buf_free(&ngx_http_profile_alloc, &capture->body);
}


void
ngx_http_profile_capture_reset(ngx_http_profile_capture_t *capture,
    const profile_sink_t *sink)
{
    profile_buf_free(&ngx_http_profile_alloc, &capture->body);

    ngx_memzero(capture, sizeof(ngx_http_profile_capture_t));

    capture->sink = sink;
}


void
ngx_http_profile_capture_forget(ngx_http_profile_capture_t *capture)
{
    capture->body.len = 0;
    capture->truncated = 1;
}


ngx_int_t
ngx_http_profile_capture_header(ngx_http_request_t *r,
    ngx_http_profile_capture_t *capture)
{
    ngx_http_upstream_t  *u;

    u = ngx_http_profile_walk_upstream(r);

    capture->status = r->headers_out.status;
    capture->upstream = (u && u->headers_in.status_n == capture->status);

    if (capture->status >= NGX_HTTP_OK
        && capture->status < NGX_HTTP_SPECIAL_RESPONSE)
    {
        capture->limit = 0;

    } else {
        capture->limit = NGX_HTTP_PROFILE_CAPTURE_SIZE;
        capture->sink = NULL;
    }

    r->filter_need_in_memory = 1;

    if (capture->limit == 0 && capture->sink == NULL) {
        return NGX_OK;
    }

    switch (ngx_http_profile_headers_test_gzip(r)) {

    case NGX_DECLINED:
        return NGX_OK;

    case NGX_OK:
        capture->inflate = ngx_http_profile_inflate_create(r);

        return capture->inflate ? NGX_OK : NGX_ERROR;

    default: /* NGX_ERROR: it cannot be read */
        capture->limit = 0;
        capture->sink = NULL;
        return NGX_OK;
    }
}


ngx_int_t
ngx_http_profile_capture_body(ngx_http_profile_capture_t *capture,
    ngx_chain_t *in)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    for (cl = in; cl; cl = cl->next) {
        b = cl->buf;

        if (ngx_buf_in_memory(b)
            && ngx_http_profile_capture_read(capture, b) != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (b->last_buf || b->last_in_chain) {
            capture->complete = 1;

            if (capture->inflate
                && !ngx_http_profile_inflate_finished(capture->inflate))
            {
                capture->truncated = 1;
            }
        }

        b->pos = b->last;
        b->file_pos = b->file_last;
    }

    return NGX_OK;
}


/* once something is missing the rest is of no use */

static ngx_int_t
ngx_http_profile_capture_read(ngx_http_profile_capture_t *capture, ngx_buf_t *b)
{
    ngx_int_t  rc;
    ngx_str_t  text;

    while (!capture->truncated) {

        if (capture->inflate == NULL) {
            text.data = b->pos;
            text.len = b->last - b->pos;

            return ngx_http_profile_capture_append(capture, &text);
        }

        rc = ngx_http_profile_inflate(capture->inflate, b, &text);

        if (rc == NGX_AGAIN) {
            return NGX_OK;
        }

        if (rc == NGX_DECLINED) {
            capture->truncated = 1;
            return NGX_OK;
        }

        if (ngx_http_profile_capture_append(capture, &text) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_capture_append(ngx_http_profile_capture_t *capture,
    ngx_str_t *text)
{
    size_t  len;

    if (capture->sink && capture->inflate) {
        capture->unpacked += text->len;

        if (capture->unpacked > NGX_HTTP_PROFILE_CAPTURE_UNPACKED) {
            capture->reason = PROFILE_USER_TOO_LARGE;
            capture->truncated = 1;

            return NGX_OK;
        }
    }

    if (capture->sink) {
        capture->reason = capture->sink->write(capture->sink->ctx, text->data,
                                               text->len);

        if (capture->reason != PROFILE_OK) {
            capture->truncated = 1;
        }

        return NGX_OK;
    }

    len = ngx_min(text->len, capture->limit - capture->body.len);

    if (len < text->len) {
        capture->truncated = 1;
    }

    if (profile_buf_append(&ngx_http_profile_alloc, &capture->body, text->data,
                           len)
        != 0)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}
