
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_profile_module.h"


/* of an answer that is an error, for its message */
#define NGX_HTTP_PROFILE_CALL_ERROR_SIZE  65536


static void ngx_http_profile_call_cleanup(void *data);
static ngx_int_t ngx_http_profile_call_done(ngx_http_request_t *r, void *data,
    ngx_int_t rc);
static void ngx_http_profile_clear_request(ngx_http_request_t *r);
static ngx_uint_t ngx_http_profile_call_hides(ngx_table_elt_t *h);
static ngx_int_t ngx_http_profile_call_read(ngx_http_profile_call_t *call,
    ngx_buf_t *b);
static ngx_int_t ngx_http_profile_call_append(ngx_http_profile_call_t *call,
    ngx_str_t *text);


/* U2.3: these belong to the v2 call, not to the v1 calls */

static ngx_str_t  ngx_http_profile_call_hidden[] = {
    ngx_string("Content-Type"),
    ngx_string("Content-Length"),
    ngx_string("Content-Encoding"),
    ngx_string("Transfer-Encoding"),
    ngx_string("Accept-Encoding"),
    ngx_string("Expect"),
    ngx_string("Range"),
    ngx_string("If-Range"),
    ngx_string("If-Match"),
    ngx_string("If-None-Match"),
    ngx_string("If-Modified-Since"),
    ngx_string("If-Unmodified-Since"),
    ngx_null_string
};


ngx_int_t
ngx_http_profile_call_init(ngx_http_request_t *r,
    ngx_http_profile_call_t *call)
{
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(call, sizeof(ngx_http_profile_call_t));

    cln->handler = ngx_http_profile_call_cleanup;
    cln->data = call;

    return NGX_OK;
}


static void
ngx_http_profile_call_cleanup(void *data)
{
    ngx_http_profile_call_t  *call = data;

    profile_buf_free(&ngx_http_profile_alloc, &call->body);
}


/*
 * Makes a v1 call.  The internal location of its URI knows the path and the
 * method on the wire; POST is what nginx is told, so that the call is never
 * repeated on another server (U7.3).
 */

ngx_int_t
ngx_http_profile_call(ngx_http_request_t *r, ngx_http_profile_call_t *call,
    ngx_str_t *uri)
{
    ngx_str_t                    args;
    ngx_http_request_t          *sr;
    ngx_http_post_subrequest_t  *ps;

    ngx_http_split_args(r, uri, &args);

    ps = ngx_palloc(r->pool, sizeof(ngx_http_post_subrequest_t));
    if (ps == NULL) {
        return NGX_ERROR;
    }

    ps->handler = ngx_http_profile_call_done;
    ps->data = call;

    if (ngx_http_subrequest(r, uri, &args, &sr, ps,
                            NGX_HTTP_SUBREQUEST_WAITED)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    call->request = sr;

    /* an empty body of its own: the client's stays where it is */

    sr->request_body = ngx_pcalloc(r->pool, sizeof(ngx_http_request_body_t));
    if (sr->request_body == NULL) {
        return NGX_ERROR;
    }

    if (call->write) {
        sr->method = NGX_HTTP_POST;
        ngx_str_set(&sr->method_name, "POST");
    }

    return ngx_http_profile_call_headers(sr);
}


/*
 * Gives the request a list of headers without those of the v2 call.  That of
 * a parent is only pointed to and must not be changed in place.
 */

ngx_int_t
ngx_http_profile_call_headers(ngx_http_request_t *r)
{
    ngx_uint_t         i;
    ngx_list_t         headers;
    ngx_list_part_t   *part;
    ngx_table_elt_t   *h, *copy;

    if (ngx_list_init(&headers, r->pool, 20, sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    part = &r->headers_in.headers.part;
    i = 0;

    for ( ;; ) {
        h = ngx_http_profile_next_header(&part, &i);

        if (h == NULL) {
            break;
        }

        if (ngx_http_profile_call_hides(h)) {
            continue;
        }

        copy = ngx_list_push(&headers);
        if (copy == NULL) {
            return NGX_ERROR;
        }

        *copy = *h;
    }

    /* a list of one part ends in itself */

    r->headers_in.headers = headers;

    if (headers.last == &headers.part) {
        r->headers_in.headers.last = &r->headers_in.headers.part;
    }

    ngx_http_profile_clear_request(r);

    return NGX_OK;
}


static ngx_uint_t
ngx_http_profile_call_hides(ngx_table_elt_t *h)
{
    ngx_str_t  *name;

    for (name = ngx_http_profile_call_hidden; name->len; name++) {

        if (h->key.len == name->len
            && ngx_strncasecmp(h->key.data, name->data, name->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* what nginx has read of the headers that are hidden */

static void
ngx_http_profile_clear_request(ngx_http_request_t *r)
{
    r->headers_in.content_type = NULL;
    r->headers_in.content_length = NULL;
    r->headers_in.content_length_n = -1;
    r->headers_in.chunked = 0;
    r->headers_in.transfer_encoding = NULL;
    r->headers_in.expect = NULL;
    r->headers_in.range = NULL;
    r->headers_in.if_range = NULL;
    r->headers_in.if_match = NULL;
    r->headers_in.if_none_match = NULL;
    r->headers_in.if_modified_since = NULL;
    r->headers_in.if_unmodified_since = NULL;

#if (NGX_HTTP_GZIP)
    if (r != r->main) {
        /* the answer to the client is the main request's */
        r->headers_in.accept_encoding = NULL;
    }
#endif
}


/*
 * The status line decides: a write that was answered is done, whatever became
 * of the rest of the answer.  No error page is made of an error.
 */

static ngx_int_t
ngx_http_profile_call_done(ngx_http_request_t *r, void *data, ngx_int_t rc)
{
    ngx_http_profile_call_t  *call = data;

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "profile call: done, rc:%i status:%ui size:%uz",
                   rc, call->status, call->body.len);

    if (r->connection->error) {

        /* the client has left; a plan that has begun is carried out (U7.5) */

        call->client_error = 1;
        r->connection->error = 0;
    }

    if (call->status == 0) {
        call->status = (rc >= NGX_HTTP_OK) ? (ngx_uint_t) rc
                                           : NGX_HTTP_BAD_GATEWAY;
    }

    call->done = 1;

    return NGX_OK;
}


/* the call whose subrequest this is, or NULL (U7.4) */

ngx_http_profile_call_t *
ngx_http_profile_get_call(ngx_http_request_t *r)
{
    if (r == r->main || r->post_subrequest == NULL
        || r->post_subrequest->handler != ngx_http_profile_call_done)
    {
        return NULL;
    }

    return r->post_subrequest->data;
}


/* instead of the header filters: nothing of the answer goes to the client */

ngx_int_t
ngx_http_profile_call_header_filter(ngx_http_request_t *r,
    ngx_http_profile_call_t *call)
{
    call->status = r->headers_out.status;

    if (call->status >= NGX_HTTP_OK
        && call->status < NGX_HTTP_SPECIAL_RESPONSE)
    {
        call->limit = call->whole ? call->max_size : 0;

    } else {
        call->limit = NGX_HTTP_PROFILE_CALL_ERROR_SIZE;
    }

    r->filter_need_in_memory = 1;

    if (call->limit == 0) {
        return NGX_OK;
    }

    switch (ngx_http_profile_test_gzip(r)) {

    case NGX_DECLINED:
        return NGX_OK;

    case NGX_OK:
        call->inflate = ngx_http_profile_inflate_create(r);

        return call->inflate ? NGX_OK : NGX_ERROR;

    default: /* NGX_ERROR: it cannot be read */
        call->limit = 0;
        return NGX_OK;
    }
}


ngx_int_t
ngx_http_profile_call_body_filter(ngx_http_request_t *r,
    ngx_http_profile_call_t *call, ngx_chain_t *in)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    for (cl = in; cl; cl = cl->next) {
        b = cl->buf;

        if (ngx_buf_in_memory(b)
            && ngx_http_profile_call_read(call, b) != NGX_OK)
        {
            return NGX_ERROR;
        }

        if (b->last_buf || b->last_in_chain) {
            call->complete = 1;

            if (call->inflate
                && !ngx_http_profile_inflate_finished(call->inflate))
            {
                call->truncated = 1;
            }
        }

        b->pos = b->last;
        b->file_pos = b->file_last;
    }

    return NGX_OK;
}


/* once something is missing the rest is of no use */

static ngx_int_t
ngx_http_profile_call_read(ngx_http_profile_call_t *call, ngx_buf_t *b)
{
    ngx_int_t  rc;
    ngx_str_t  text;

    while (!call->truncated) {

        if (call->inflate == NULL) {
            text.data = b->pos;
            text.len = b->last - b->pos;

            return ngx_http_profile_call_append(call, &text);
        }

        rc = ngx_http_profile_inflate(call->inflate, b, &text);

        if (rc == NGX_AGAIN) {
            return NGX_OK;
        }

        if (rc == NGX_DECLINED) {
            call->truncated = 1;
            return NGX_OK;
        }

        if (ngx_http_profile_call_append(call, &text) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_call_append(ngx_http_profile_call_t *call, ngx_str_t *text)
{
    size_t  len;

    len = ngx_min(text->len, call->limit - call->body.len);

    if (len < text->len) {
        call->truncated = 1;
    }

    if (profile_buf_append(&ngx_http_profile_alloc, &call->body, text->data,
                           len)
        != 0)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}
