
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "http/ngx_http_profile_call.h"
#include "http/ngx_http_profile_headers.h"
#include "http/ngx_http_profile_link.h"
#include "http/ngx_http_profile_walk_page.h"


#define NGX_HTTP_PROFILE_WALK_POOL_SIZE  4096


typedef struct {
    ngx_http_profile_walk_page_t    page;
    ngx_http_profile_walk_t        *walk;
    ngx_http_post_subrequest_t      ps;
    ngx_http_request_body_t         body;
} ngx_http_profile_walk_call_t;


static ngx_int_t ngx_http_profile_walk_page_subrequest(ngx_http_request_t *r,
    ngx_http_profile_walk_call_t *call, ngx_str_t *uri);
static void ngx_http_profile_walk_page_forget(ngx_http_request_t *r);
static ngx_uint_t ngx_http_profile_walk_page_is_nobody(ngx_http_request_t *r,
    ngx_http_profile_walk_call_t *call);
static ngx_int_t ngx_http_profile_walk_page_done(ngx_http_request_t *r,
    void *data, ngx_int_t rc);


ngx_http_profile_walk_page_t *
ngx_http_profile_walk_page_create(ngx_http_request_t *r,
    ngx_http_profile_walk_t *walk, ngx_str_t *uri, ngx_uint_t number,
    ngx_uint_t first, ngx_uint_t size)
{
    u_char                        *p;
    uint64_t                       n[3];
    ngx_uint_t                     i;
    ngx_pool_t                    *pool;
    ngx_http_profile_walk_call_t  *call;

    pool = ngx_create_pool(NGX_HTTP_PROFILE_WALK_POOL_SIZE,
                           r->connection->log);
    if (pool == NULL) {
        return NULL;
    }

    call = ngx_pcalloc(pool, sizeof(ngx_http_profile_walk_call_t));
    if (call == NULL) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    call->walk = walk;
    call->ps.handler = ngx_http_profile_walk_page_done;
    call->ps.data = call;

    call->page.pool = pool;
    call->page.last_in = &call->page.in;
    call->page.number = number;

    /* what is asked of v1 lacks nothing for want of memory later */

    n[0] = (uint64_t) number + first;
    n[1] = size;
    n[2] = (uint64_t) number * size;

    p = call->page.text;

    for (i = 0; i < 3; i++) {
        call->page.texts[i].data = p;
        p = ngx_sprintf(p, "%uL", n[i]);
        call->page.texts[i].len = p - call->page.texts[i].data;
    }

    if (ngx_http_profile_walk_page_subrequest(r, call, uri) != NGX_OK) {
        ngx_destroy_pool(pool);
        return NULL;
    }

    return &call->page;
}


/*
 * nginx takes the memory of a subrequest from the pool of its parent, and both
 * share the values of variables: here they do not.
 */

static ngx_int_t
ngx_http_profile_walk_page_subrequest(ngx_http_request_t *r,
    ngx_http_profile_walk_call_t *call, ngx_str_t *uri)
{
    size_t                      size;
    ngx_int_t                   rc;
    ngx_str_t                   path, args;
    ngx_pool_t                 *pool;
    ngx_uint_t                  count;
    ngx_http_request_t         *sr;
    ngx_http_variable_value_t  *variables, *copy;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);

    size = cmcf->variables.nelts * sizeof(ngx_http_variable_value_t);

    copy = ngx_palloc(call->page.pool, size);
    if (copy == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(copy, r->variables, size);

    path = *uri;
    args = r->args;

    ngx_http_split_args(r, &path, &args);

    pool = r->pool;
    variables = r->variables;
    count = r->main->count;

    r->pool = call->page.pool;
    r->variables = copy;

    rc = ngx_http_subrequest(r, &path, &args, &sr, &call->ps,
                             NGX_HTTP_SUBREQUEST_BACKGROUND);

    r->pool = pool;
    r->variables = variables;

    if (rc == NGX_OK) {
        call->page.request = sr;

        sr->request_body = &call->body;

        if (ngx_http_profile_call_headers(sr) == NGX_OK) {
            return NGX_OK;
        }

        ngx_http_profile_walk_page_forget(sr);
    }

    r->main->count = count;

    return NGX_ERROR;
}


/* it is not run any more, nor named in the log */

static void
ngx_http_profile_walk_page_forget(ngx_http_request_t *r)
{
    ngx_http_posted_request_t  **pr;

    pr = &r->main->posted_requests;

    while (*pr) {

        if ((*pr)->request == r) {
            *pr = (*pr)->next;

        } else {
            pr = &(*pr)->next;
        }
    }

    ngx_http_set_log_request(r->connection->log, r->main);
}


static ngx_int_t
ngx_http_profile_walk_page_done(ngx_http_request_t *r, void *data,
    ngx_int_t rc)
{
    ngx_http_profile_walk_call_t *call = data;

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "profile walk: page %ui done, rc:%i whole:%ui",
                   call->page.number, rc, (ngx_uint_t) call->page.whole);

    if (r->connection->error || r->connection->timedout) {
        return rc;
    }

    if ((rc == NGX_OK || rc == NGX_AGAIN) && r->buffered) {

        /* a file, of which more is read once the first part was taken */

        return rc;
    }

    if (call->page.status == 0) {

        /* what nginx means by 444, and from 494 on, is for a client only */

        call->page.status = (rc >= NGX_HTTP_SPECIAL_RESPONSE
                             && rc != NGX_HTTP_CLOSE
                             && (rc < NGX_HTTP_NGINX_CODES
                                 || rc >= NGX_HTTP_INTERNAL_SERVER_ERROR))
                            ? (ngx_uint_t) rc : NGX_HTTP_BAD_GATEWAY;
    }

    call->page.done = 1;

    ngx_http_profile_walk_post(r->main, &call->walk->posted);

    /* no error page is made of an error */

    return NGX_OK;
}


ngx_http_profile_walk_page_t *
ngx_http_profile_walk_page_find(ngx_http_request_t *r)
{
    ngx_http_profile_walk_call_t  *call;

    if (r == r->main || r->post_subrequest == NULL
        || r->post_subrequest->handler != ngx_http_profile_walk_page_done)
    {
        return NULL;
    }

    call = r->post_subrequest->data;

    return &call->page;
}


/*
 * Without buffering, since a pipe writes nothing for a request that is not the
 * connection's own, and has no file here to write to.
 */

ngx_int_t
ngx_http_profile_walk_page_header(ngx_http_request_t *r,
    ngx_http_profile_walk_page_t *page)
{
    ngx_http_profile_walk_call_t  *call;

    call = r->post_subrequest->data;

    if (r->upstream) {
        r->upstream->buffering = 0;
    }

    r->filter_need_in_memory = 1;

    page->header = 1;
    page->status = r->headers_out.status;
    page->nobody = ngx_http_profile_walk_page_is_nobody(r, call);

    if (page->nobody) {
        page->status = NGX_HTTP_OK;
    }

    page->next = ngx_http_profile_link_more(r);
    page->linked = ngx_http_profile_link_pages(r);

    ngx_log_debug3(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "profile walk: page %ui status:%ui next:%ui",
                   page->number, page->status, (ngx_uint_t) page->next);

    ngx_http_profile_walk_post(r->main, &call->walk->posted);

    if (page->status != NGX_HTTP_OK || page->nobody) {
        return NGX_OK;
    }

    switch (ngx_http_profile_headers_test_gzip(r)) {

    case NGX_DECLINED:
        return NGX_OK;

    case NGX_OK:
        page->inflate = ngx_http_profile_inflate_create(r);

        return page->inflate ? NGX_OK : NGX_ERROR;

    default: /* NGX_ERROR */
        page->reason = PROFILE_ENCODING;
        return NGX_OK;
    }
}


/* as U6.3: v1 speaks JSON, others do not know whether there is such a user */

static ngx_uint_t
ngx_http_profile_walk_page_is_nobody(ngx_http_request_t *r,
    ngx_http_profile_walk_call_t *call)
{
    ngx_str_t  *type;

    static const ngx_str_t  json = ngx_string("application/json");

    type = &r->headers_out.content_type;

    return call->walk->absent && call->page.number == 0
           && r->headers_out.status == NGX_HTTP_NOT_FOUND
           && r->upstream
           && r->upstream->headers_in.status_n == NGX_HTTP_NOT_FOUND
           && type->len >= json.len
           && ngx_strncasecmp(type->data, json.data, json.len) == 0;
}


ngx_int_t
ngx_http_profile_walk_page_body(ngx_http_request_t *r,
    ngx_http_profile_walk_page_t *page, ngx_chain_t *in)
{
    ngx_buf_t                     *b;
    ngx_chain_t                   *cl, *ln;
    ngx_http_profile_walk_call_t  *call;

    call = r->post_subrequest->data;

    for (ln = in; ln; ln = ln->next) {
        b = ln->buf;

        if (b->last_buf || b->last_in_chain) {
            page->whole = 1;
        }

        if (page->nobody) {
            b->pos = b->last;
        }

        if (!ngx_buf_in_memory(b) || b->pos == b->last) {
            continue;
        }

        cl = ngx_alloc_chain_link(page->pool);
        if (cl == NULL) {
            return NGX_ERROR;
        }

        cl->buf = b;
        cl->next = NULL;

        *page->last_in = cl;
        page->last_in = &cl->next;
    }

    if (in) {
        ngx_http_profile_walk_post(r->main, &call->walk->posted);
    }

    return NGX_OK;
}


void
ngx_http_profile_walk_page_go_on(ngx_http_profile_walk_page_t *page)
{
    if (page->done || !page->header || !(page->taken || page->paused)) {
        return;
    }

    page->taken = 0;
    page->paused = 0;

    ngx_http_profile_walk_post(page->request, &page->posted);
}


void
ngx_http_profile_walk_page_pause(ngx_http_profile_walk_page_t *page)
{
    ngx_connection_t  *c;

    c = page->request->upstream ? page->request->upstream->peer.connection
                                : NULL;

    if (!page->done && page->header && c && c->read->timer_set) {
        ngx_del_timer(c->read);
        page->paused = 1;
    }
}


void
ngx_http_profile_walk_page_cancel(ngx_http_profile_walk_page_t *page)
{
    ngx_http_request_t   *r;
    ngx_http_upstream_t  *u;

    if (page->done) {
        return;
    }

    r = page->request;
    u = r->upstream;

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "profile walk: page %ui cancelled", page->number);

    page->done = 1;

    ngx_http_profile_walk_page_forget(r);

    if (u && u->cleanup) {
        (*u->cleanup)(r);

    } else {
        ngx_http_finalize_request(r, NGX_DONE);
    }
}


void
ngx_http_profile_walk_page_destroy(ngx_http_profile_walk_page_t *page)
{
    ngx_http_profile_walk_page_forget(page->request);
    ngx_destroy_pool(page->pool);
}
