
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "response/ngx_http_profile_input.h"


/*
 * What takes the framing off the upstream's body: chunks, records.  Where it
 * says NGX_ERROR nginx closes the client's connection at once, and no filter
 * is told.
 */

typedef struct {
    ngx_http_request_t              *request;

    ngx_int_t                      (*init)(void *data);
    ngx_int_t                      (*filter)(void *data, ssize_t bytes);
    ngx_event_pipe_input_filter_pt   pipe_filter;
    void                            *ctx;

    void                           (*finalize)(ngx_http_request_t *r,
                                               ngx_int_t rc);

    unsigned                         failed:1;
} ngx_http_profile_input_t;


static ngx_int_t ngx_http_profile_input_pipe_init(void *data);
static ngx_int_t ngx_http_profile_input_pipe(ngx_event_pipe_t *p,
    ngx_buf_t *buf);
static void ngx_http_profile_input_close_shadows(ngx_buf_t *buf);
static ngx_int_t ngx_http_profile_input_init(void *data);
static ngx_int_t ngx_http_profile_input(void *data, ssize_t bytes);
static void ngx_http_profile_input_finalize(ngx_http_request_t *r,
    ngx_int_t rc);


#define ngx_http_profile_input_watched(u)                                    \
    ((u)->input_filter_init == ngx_http_profile_input_pipe_init              \
     || (u)->input_filter_init == ngx_http_profile_input_init)


ngx_int_t
ngx_http_profile_input_watch(ngx_http_request_t *r)
{
    ngx_http_upstream_t       *u;
    ngx_http_profile_input_t  *input;

    u = r->upstream;

    if (u == NULL || u->cleanup == NULL || u->header_sent
        || ngx_http_profile_input_watched(u))
    {
        return NGX_OK;
    }

    /* what is not as in nginx's own modules is left alone */

    if (u->buffering) {
        if (u->pipe == NULL || u->pipe->input_ctx != r) {
            return NGX_OK;
        }

    } else if (u->input_filter_init == NULL || u->input_filter == NULL) {
        return NGX_OK;
    }

    input = ngx_pcalloc(r->pool, sizeof(ngx_http_profile_input_t));
    if (input == NULL) {
        return NGX_ERROR;
    }

    input->request = r;
    input->init = u->input_filter_init;
    input->ctx = u->input_filter_ctx;

    u->input_filter_init = u->buffering ? ngx_http_profile_input_pipe_init
                                        : ngx_http_profile_input_init;

    /* the pipe has a context of its own, which is not ours to change */
    u->input_filter_ctx = input;

    input->finalize = u->finalize_request;
    u->finalize_request = ngx_http_profile_input_finalize;

    return NGX_OK;
}


ngx_uint_t
ngx_http_profile_input_failed(ngx_http_request_t *r)
{
    ngx_http_upstream_t       *u;
    ngx_http_profile_input_t  *input;

    u = r->upstream;

    if (u == NULL || !ngx_http_profile_input_watched(u)) {
        return 0;
    }

    input = u->input_filter_ctx;

    return input->failed;
}


/*
 * When the upstream fails, nginx sends one bare flush, and no last buffer; the
 * upstream's connection is closed by then, but where the pipe has given up.
 */

ngx_uint_t
ngx_http_profile_input_cut(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_buf_t  *b;

    if (in == NULL || in->next || r->upstream == NULL
        || (r->upstream->peer.connection && !ngx_http_profile_input_failed(r)))
    {
        return 0;
    }

    b = in->buf;

    return b->flush && !b->last_buf && !b->last_in_chain && ngx_buf_special(b);
}


/*
 * The pipe passes on what it has read in parts, one right after the other: to
 * send a client what becomes of each would cost more than to make it.
 */

ngx_uint_t
ngx_http_profile_input_more(ngx_http_request_t *r)
{
    ngx_event_pipe_t  *p;

    p = r->upstream ? r->upstream->pipe : NULL;

    return p && (p->in || p->out);
}


static ngx_int_t
ngx_http_profile_input_pipe_init(void *data)
{
    ngx_http_request_t *r = data;

    ngx_http_upstream_t       *u;
    ngx_http_profile_input_t  *input;

    u = r->upstream;
    input = u->input_filter_ctx;

    if (input->init && input->init(data) != NGX_OK) {
        return NGX_ERROR;
    }

    input->pipe_filter = u->pipe->input_filter;
    u->pipe->input_filter = ngx_http_profile_input_pipe;

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_input_pipe(ngx_event_pipe_t *p, ngx_buf_t *buf)
{
    ngx_http_request_t        *r;
    ngx_http_upstream_t       *u;
    ngx_http_profile_input_t  *input;

    r = p->output_ctx;
    u = r->upstream;
    input = u->input_filter_ctx;

    if (input->failed) {
        return NGX_OK;
    }

    if (input->pipe_filter(p, buf) != NGX_ERROR) {
        return NGX_OK;
    }

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "profile filter: the upstream's body is malformed");

    input->failed = 1;

    ngx_http_profile_input_close_shadows(buf);

    /* neither an end of its own accord nor all that was announced */

    p->upstream_error = 1;
    p->upstream_eof = 0;
    p->upstream_done = 0;
    p->length = 1;

    u->keepalive = 0;

    return NGX_OK;
}


/* the pieces of a buffer form a ring, which lacks its end now */

static void
ngx_http_profile_input_close_shadows(ngx_buf_t *buf)
{
    ngx_buf_t  *b;

    b = buf->shadow;

    if (b == NULL) {
        return;
    }

    while (b->shadow && b->shadow != buf) {
        b = b->shadow;
    }

    b->shadow = buf;
    b->last_shadow = 1;
}


static ngx_int_t
ngx_http_profile_input_init(void *data)
{
    ngx_http_profile_input_t *input = data;

    ngx_http_upstream_t  *u;

    u = input->request->upstream;

    if (input->init(input->ctx) == NGX_ERROR) {
        return NGX_ERROR;
    }

    input->filter = u->input_filter;
    u->input_filter = ngx_http_profile_input;

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_input(void *data, ssize_t bytes)
{
    ngx_http_profile_input_t *input = data;

    ngx_http_upstream_t  *u;

    if (input->failed) {
        return NGX_OK;
    }

    if (input->filter(input->ctx, bytes) != NGX_ERROR) {
        return NGX_OK;
    }

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, input->request->connection->log, 0,
                   "profile filter: the upstream's body is malformed");

    input->failed = 1;

    u = input->request->upstream;

    u->error = 1;
    u->length = 1;
    u->keepalive = 0;

    return NGX_OK;
}


/*
 * The pipe gives up where it cannot write to a file or has no memory, and the
 * client's connection is closed next.  An answer of ours is still sent.
 */

static void
ngx_http_profile_input_finalize(ngx_http_request_t *r, ngx_int_t rc)
{
    ngx_http_upstream_t       *u;
    ngx_http_profile_input_t  *input;

    u = r->upstream;
    input = u->input_filter_ctx;

    if (rc == NGX_ERROR && u->buffering && u->header_sent && !input->failed
        && !u->pipe->downstream_error && !r->connection->error)
    {
        ngx_log_debug0(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                       "profile filter: the upstream's body cannot be kept");

        input->failed = 1;

        r->keepalive = 0;
        (void) ngx_http_send_special(r, NGX_HTTP_FLUSH);
    }

    input->finalize(r, rc);
}
