
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_alloc.h"
#include "http/ngx_http_profile_capture.h"
#include "http/ngx_http_profile_list.h"
#include "http/ngx_http_profile_walk_page.h"
#include "request/ngx_http_profile_walker_probe.h"


/* a backend that shows somebody at each place has no end */
#define NGX_HTTP_PROFILE_PROBE_MAX  0x7fffffff


struct ngx_http_profile_probe_s {
    profile_rewriter_conf_t         conf;
    profile_rewriter_t             *rewriter;   /* of the page; NULL: none */
    profile_sink_t                  users;
    profile_sink_t                  text;
    ngx_http_profile_capture_t      capture;
    uint64_t                        least;      /* users that there are */
    uint64_t                        most;       /* not known: UINT64_MAX */
    uint64_t                        said;       /* by v1, in the page */
    ngx_uint_t                      tells;      /* it has */
};


static ngx_int_t ngx_http_profile_walker_probe_ask(
    ngx_http_profile_walker_t *w, uint64_t place);
static void ngx_http_profile_walker_probe_cleanup(void *data);
static profile_reason_e ngx_http_profile_walker_probe_text(void *ctx,
    const u_char *data, size_t len);
static profile_reason_e ngx_http_profile_walker_probe_users(void *ctx,
    const u_char *data, size_t len);
static ngx_int_t ngx_http_profile_walker_probe_take(
    ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_probe_page(
    ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_probe_counted(
    ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_probe_end(
    ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_probe_fail(
    ngx_http_profile_walker_t *w, profile_reason_e reason);


ngx_int_t
ngx_http_profile_walker_probe_start(ngx_http_profile_walker_t *w)
{
    uint64_t                       end;
    ngx_pool_cleanup_t            *cln;
    ngx_http_profile_probe_t      *probe;
    ngx_http_profile_rewrite_t    *rewrite;

    cln = ngx_pool_cleanup_add(w->request->pool,
                               sizeof(ngx_http_profile_probe_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    probe = cln->data;

    ngx_memzero(probe, sizeof(ngx_http_profile_probe_t));

    cln->handler = ngx_http_profile_walker_probe_cleanup;

    rewrite = w->plcf->response.rewrite;

    probe->conf.schema = rewrite->schema->schema;
    probe->conf.envelope = rewrite->envelope;
    probe->conf.wrapper = rewrite->wrapper.parts[0];
    probe->conf.total = *ngx_http_profile_list_total_member(w->plcf->list);
    probe->conf.max_user_size = w->plcf->max_user_size;
    probe->conf.max_depth = w->plcf->max_depth;
    probe->conf.required = 1;
    probe->conf.skip = 1;
    probe->conf.search.enabled = 1;
    probe->conf.search.all = 1;

    probe->users.write = ngx_http_profile_walker_probe_users;

    probe->text.write = ngx_http_profile_walker_probe_text;
    probe->text.ctx = probe;

    probe->most = UINT64_MAX;

    w->probe = probe;

    end = ngx_http_profile_list_end(w->request, w->plcf->list);

    return ngx_http_profile_walker_probe_ask(w,
                                   ngx_min(end, NGX_HTTP_PROFILE_PROBE_MAX));
}


static ngx_int_t
ngx_http_profile_walker_probe_ask(ngx_http_profile_walker_t *w, uint64_t place)
{
    ngx_http_profile_probe_t  *probe;

    probe = w->probe;

    probe->rewriter = profile_rewriter_create(&ngx_http_profile_alloc,
                                              &probe->conf, &probe->users);
    if (probe->rewriter == NULL) {
        return NGX_ERROR;
    }

    ngx_http_profile_capture_reset(&probe->capture, &probe->text);

    return ngx_http_profile_walker_read_page(w, &w->walk->page, place);
}


static void
ngx_http_profile_walker_probe_cleanup(void *data)
{
    ngx_http_profile_probe_t *probe = data;

    profile_rewriter_destroy(probe->rewriter);
    probe->rewriter = NULL;
}


static profile_reason_e
ngx_http_profile_walker_probe_text(void *ctx, const u_char *data, size_t len)
{
    ngx_http_profile_probe_t *probe = ctx;

    return profile_rewriter_feed(probe->rewriter, data, len);
}


static profile_reason_e
ngx_http_profile_walker_probe_users(void *ctx, const u_char *data, size_t len)
{
    return PROFILE_OK;
}


ngx_int_t
ngx_http_profile_walker_probe(ngx_http_profile_walker_t *w)
{
    uint64_t                       place;
    ngx_http_profile_walk_t       *walk;
    ngx_http_profile_probe_t      *probe;
    ngx_http_profile_walk_page_t  *page;

    walk = w->walk;
    page = walk->page;
    probe = w->probe;

    /* what v1 says instead is the answer, as to the first page of a walk */

    if (walk->reason != PROFILE_OK || page->reason != PROFILE_OK
        || (page->header && page->status != NGX_HTTP_OK)
        || (page->done && !page->whole))
    {
        return ngx_http_profile_walker_probe_fail(w, walk->reason);
    }

    if (ngx_http_profile_walker_probe_take(w) != NGX_OK) {
        return NGX_ERROR;
    }

    if (!page->whole || !page->done) {
        ngx_http_profile_walk_page_go_on(page);
        return NGX_AGAIN;
    }

    if (ngx_http_profile_walker_probe_page(w) != NGX_OK) {
        return ngx_http_profile_walker_probe_fail(w, PROFILE_UPSTREAM);
    }

    if (ngx_http_profile_walker_probe_counted(w) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_http_profile_walk_page_destroy(page);
    walk->page = NULL;

    if (probe->least == probe->most) {
        return ngx_http_profile_walker_probe_end(w);
    }

    place = (probe->most == UINT64_MAX)
            ? ngx_min(2 * probe->least, NGX_HTTP_PROFILE_PROBE_MAX)
            : probe->least + (probe->most - probe->least) / 2;

    return ngx_http_profile_walker_probe_ask(w, place) == NGX_OK ? NGX_AGAIN
                                                                 : NGX_ERROR;
}


static ngx_int_t
ngx_http_profile_walker_probe_take(ngx_http_profile_walker_t *w)
{
    ngx_int_t                  rc;
    ngx_chain_t               *cl, *in;
    ngx_http_profile_probe_t  *probe;

    probe = w->probe;
    in = NULL;

    if (ngx_http_profile_walk_take(w->request, w->walk, &in) != NGX_OK) {
        return NGX_ERROR;
    }

    probe->capture.inflate = w->walk->page->inflate;

    rc = ngx_http_profile_capture_body(&probe->capture, in);

    while (in) {
        cl = in;
        in = cl->next;
        ngx_free_chain(w->request->pool, cl);
    }

    return rc;
}


/*
 * Whether there is a user at the place that the page is of; NGX_ERROR: this
 * cannot be known.
 */

static ngx_int_t
ngx_http_profile_walker_probe_page(ngx_http_profile_walker_t *w)
{
    uint64_t                       n;
    profile_reason_e               reason;
    ngx_http_profile_probe_t      *probe;
    ngx_http_profile_walk_page_t  *page;

    page = w->walk->page;
    probe = w->probe;

    reason = probe->capture.reason;

    if (reason == PROFILE_OK && page->inflate
        && !ngx_http_profile_inflate_finished(page->inflate))
    {
        reason = PROFILE_INVALID_GZIP;
    }

    if (reason == PROFILE_OK && !profile_rewriter_started(probe->rewriter)) {
        reason = PROFILE_TRUNCATED;
    }

    if (reason == PROFILE_OK) {
        reason = profile_rewriter_finish(probe->rewriter);
    }

    if (reason != PROFILE_OK) {
        ngx_log_error(NGX_LOG_ERR, w->request->connection->log, 0,
                      "profile walk: %s: %s at byte %uL of user %ui, who was "
                      "to be counted", profile_reason_name(reason)->data,
                      profile_reason_text(reason)->data,
                      profile_rewriter_offset(probe->rewriter), page->number);

        return NGX_ERROR;
    }

    n = profile_rewriter_page_elements(probe->rewriter);

    if (n > 1 || (n && page->number == NGX_HTTP_PROFILE_PROBE_MAX)) {
        ngx_log_error(NGX_LOG_ERR, w->request->connection->log, 0,
                      "profile walk: v1 shows %uL users at place %ui where it "
                      "was asked for one: its list cannot be counted", n,
                      page->number);

        return NGX_ERROR;
    }

    if (n) {
        probe->least = (uint64_t) page->number + 1;

    } else {
        probe->most = page->number;
    }

    probe->tells = profile_rewriter_total(probe->rewriter, &probe->said);

    ngx_http_profile_walker_probe_cleanup(probe);

    return NGX_OK;
}


/* v1 may count itself, and say so */

static ngx_int_t
ngx_http_profile_walker_probe_counted(ngx_http_profile_walker_t *w)
{
    ngx_str_t                  total;
    ngx_http_profile_probe_t  *probe;

    probe = w->probe;

    if (ngx_http_profile_list_total(w->walk->page->request, w->plcf->list,
                                    &total)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (total.len) {
        probe->least = ngx_atoof(total.data, total.len);
        probe->most = probe->least;

    } else if (probe->tells) {
        probe->least = probe->said;
        probe->most = probe->least;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_walker_probe_end(ngx_http_profile_walker_t *w)
{
    ngx_str_t  *total;

    total = &w->walk->total;

    total->data = ngx_pnalloc(w->request->pool, NGX_INT64_LEN);
    if (total->data == NULL) {
        return NGX_ERROR;
    }

    total->len = ngx_sprintf(total->data, "%uL", w->probe->least)
                 - total->data;

    w->record->walk.result = NGX_HTTP_PROFILE_WALK_END;

    return NGX_DECLINED;
}


static ngx_int_t
ngx_http_profile_walker_probe_fail(ngx_http_profile_walker_t *w,
    profile_reason_e reason)
{
    w->probe = NULL;
    w->walk->reason = reason;

    return ngx_http_profile_walker_read(w);
}
