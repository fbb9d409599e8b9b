
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_conf.h"
#include "http/ngx_http_profile_walk.h"


ngx_http_profile_walk_t *
ngx_http_profile_walk_find(ngx_http_request_t *r)
{
    ngx_http_profile_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    return (ctx && ctx->walk && ctx->walk->active) ? ctx->walk : NULL;
}


ngx_http_upstream_t *
ngx_http_profile_walk_upstream(ngx_http_request_t *r)
{
    ngx_http_profile_ctx_t  *ctx;

    if (r->upstream) {
        return r->upstream;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    return (ctx && ctx->walk && ctx->walk->page)
           ? ctx->walk->page->request->upstream : NULL;
}


ngx_int_t
ngx_http_profile_walk_take(ngx_http_request_t *r,
    ngx_http_profile_walk_t *walk, ngx_chain_t **in)
{
    ngx_chain_t                   *cl;
    ngx_http_profile_walk_page_t  *page;

    page = walk->page;

    if (page == NULL || page->in == NULL) {
        return NGX_OK;
    }

    if (ngx_chain_add_copy(r->pool, in, page->in) != NGX_OK) {
        return NGX_ERROR;
    }

    while (page->in) {
        cl = page->in;
        page->in = cl->next;
        ngx_free_chain(page->pool, cl);
    }

    page->last_in = &page->in;
    page->taken = 1;

    return NGX_OK;
}


void
ngx_http_profile_walk_post(ngx_http_request_t *r,
    ngx_http_posted_request_t *posted)
{
    ngx_http_posted_request_t  *pr;

    for (pr = r->main->posted_requests; pr; pr = pr->next) {
        if (pr == posted) {
            return;
        }
    }

    (void) ngx_http_post_request(r, posted);
}
