
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "http/ngx_http_profile_call.h"
#include "http/ngx_http_profile_headers.h"


static ngx_int_t ngx_http_profile_call_done(ngx_http_request_t *r, void *data,
    ngx_int_t rc);
static void ngx_http_profile_call_clear(ngx_http_request_t *r);


/* U2.3: these belong to the v2 call, not to the v1 calls */

static const ngx_str_t  ngx_http_profile_call_hidden[] = {
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


/*
 * POST is what nginx is told of a write, so that it is never repeated on
 * another server (U7.3).
 */

ngx_int_t
ngx_http_profile_call(ngx_http_request_t *r, ngx_http_profile_call_t *call,
    ngx_str_t *uri, ngx_uint_t write)
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

    if (write) {
        sr->method = NGX_HTTP_POST;
        ngx_str_set(&sr->method_name, "POST");
    }

    return ngx_http_profile_call_headers(sr);
}


ngx_int_t
ngx_http_profile_call_headers(ngx_http_request_t *r)
{
    if (ngx_http_profile_headers_without(r, ngx_http_profile_call_hidden)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_profile_call_clear(r);

    return NGX_OK;
}


/* what nginx has read of the headers that are hidden */

static void
ngx_http_profile_call_clear(ngx_http_request_t *r)
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
        /* the response to the client is the main request's */
        r->headers_in.accept_encoding = NULL;
    }
#endif
}


/*
 * The status line decides: a write that was answered is done, whatever became
 * of the rest of the response.  No error page is made of an error.
 */

static ngx_int_t
ngx_http_profile_call_done(ngx_http_request_t *r, void *data, ngx_int_t rc)
{
    ngx_http_profile_call_t  *call = data;

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "profile call: done, rc:%i status:%ui size:%uz",
                   rc, call->capture.status, call->capture.body.len);

    if (r->connection->error) {

        /* the client has left; a plan that has begun is carried out (U7.5) */

        call->client_error = 1;
        r->connection->error = 0;
    }

    if (call->capture.status == 0) {
        call->capture.status = (rc >= NGX_HTTP_OK) ? (ngx_uint_t) rc
                                            : NGX_HTTP_BAD_GATEWAY;
    }

    call->done = 1;

    return NGX_OK;
}


ngx_http_profile_call_t *
ngx_http_profile_call_find(ngx_http_request_t *r)
{
    if (r == r->main || r->post_subrequest == NULL
        || r->post_subrequest->handler != ngx_http_profile_call_done)
    {
        return NULL;
    }

    return r->post_subrequest->data;
}


ngx_int_t
ngx_http_profile_call_left(ngx_http_request_t *r)
{
    r->connection->error = 1;

    ngx_http_finalize_request(r, NGX_HTTP_CLIENT_CLOSED_REQUEST);

    return NGX_DONE;
}
