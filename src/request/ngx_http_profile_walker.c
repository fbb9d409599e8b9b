
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_value.h"
#include "http/ngx_http_profile_answer.h"
#include "http/ngx_http_profile_headers.h"
#include "http/ngx_http_profile_list.h"
#include "http/ngx_http_profile_walk_page.h"
#include "record/ngx_http_profile_ctx.h"
#include "record/ngx_http_profile_record.h"
#include "request/ngx_http_profile_search.h"
#include "request/ngx_http_profile_seen.h"
#include "request/ngx_http_profile_walker.h"


/* what a v1 backend shows at least on a page that is not its last one */
#define NGX_HTTP_PROFILE_WALKER_SHORT  10


typedef struct {
    ngx_http_profile_search_t      *search;
    ngx_http_profile_walk_t        *walk;
    ngx_http_profile_loc_conf_t    *plcf;
    ngx_http_profile_walk_conf_t   *conf;
    ngx_http_profile_record_t      *record;
    ngx_http_profile_seen_t        *seen;
    ngx_http_request_t             *request;

    ngx_http_profile_walk_page_t   *first;      /* its header is the answer's */
    ngx_http_profile_walk_page_t   *ahead;      /* follows that which is read */
    ngx_str_t                       uri;
    ngx_str_t                       total;      /* users, as v1 counts */
    uint64_t                        elements;   /* of the first page */
    ngx_msec_t                      start;

    ngx_event_t                     timer;      /* all of it takes too long */
    ngx_event_t                     delay;      /* limit_rate */

    unsigned                        begun:1;    /* the header was sent */
    unsigned                        error:1;    /* v1's answer is one */
    unsigned                        repeated:1;
} ngx_http_profile_walker_t;


static ngx_int_t ngx_http_profile_walker_start(ngx_http_request_t *r,
    ngx_http_profile_search_t *search, ngx_http_profile_loc_conf_t *plcf);
static ngx_int_t ngx_http_profile_walker_busy(ngx_http_request_t *r);
static void ngx_http_profile_walker_cleanup(void *data);
static ngx_int_t ngx_http_profile_walker_page(ngx_http_profile_walker_t *w,
    ngx_http_profile_walk_page_t **page, ngx_uint_t number);
static void ngx_http_profile_walker_timer(ngx_event_t *ev);
static void ngx_http_profile_walker_delay(ngx_event_t *ev);
static void ngx_http_profile_walker_write(ngx_http_request_t *r);
static ngx_http_profile_walker_t *ngx_http_profile_walker_find(
    ngx_http_request_t *r);
static void ngx_http_profile_walker_run(ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_read(ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_count(ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_begin(ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_header(ngx_http_profile_walker_t *w,
    ngx_http_request_t *from);
static ngx_int_t ngx_http_profile_walker_error(ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_next(ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_ahead(ngx_http_profile_walker_t *w);
static ngx_uint_t ngx_http_profile_walker_is_last(
    ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_end(ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_fail(ngx_http_profile_walker_t *w);
static void ngx_http_profile_walker_drop(ngx_http_profile_walker_t *w);
static void ngx_http_profile_walker_wait(ngx_http_profile_walker_t *w);


/* of this worker */

static ngx_uint_t  ngx_http_profile_walkers;


ngx_int_t
ngx_http_profile_walker_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_http_profile_ctx_t       *ctx;
    ngx_http_profile_loc_conf_t  *plcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    /* to tell only the header of the answer v1's first page will do */

    if (r != r->main || r->method != NGX_HTTP_GET || ctx == NULL
        || ctx->walk == NULL)
    {
        return NGX_DECLINED;
    }

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_profile_walkers >= plcf->walk->walks) {
        return ngx_http_profile_walker_busy(r);
    }

    rc = ngx_http_profile_walker_start(r, (ngx_http_profile_search_t *)
                                          ctx->walk, plcf);

    return (rc == NGX_OK) ? NGX_DONE : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static ngx_int_t
ngx_http_profile_walker_busy(ngx_http_request_t *r)
{
    ngx_str_t                   body;
    ngx_http_profile_record_t  *record;

    static const ngx_str_t      key = ngx_string("Retry-After");
    static const ngx_str_t      value = ngx_string("1");
    static const profile_str_t  message = profile_string("Too many searches "
                                          "are under way: try again.");

    record = ngx_http_profile_record_get(r);

    if (record == NULL
        || ngx_http_profile_headers_add(r, &key, &value) != NGX_OK
        || ngx_http_profile_answer_body(r, profile_reason_status(PROFILE_BUSY),
                                        &message,
                                        profile_reason_code(PROFILE_BUSY),
                                        &body)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_http_profile_record_set_action(record, NGX_HTTP_PROFILE_BLOCKED,
                                       PROFILE_BUSY);

    ngx_http_finalize_request(r,
                ngx_http_profile_answer_send(r,
                                         profile_reason_status(PROFILE_BUSY),
                                         &body, &r->headers_out.headers));

    return NGX_DONE;
}


static ngx_int_t
ngx_http_profile_walker_start(ngx_http_request_t *r,
    ngx_http_profile_search_t *search, ngx_http_profile_loc_conf_t *plcf)
{
    ngx_pool_cleanup_t         *cln;
    ngx_http_profile_walker_t  *w;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_profile_walker_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    w = cln->data;

    ngx_memzero(w, sizeof(ngx_http_profile_walker_t));

    w->search = search;
    w->walk = &search->walk;
    w->plcf = plcf;
    w->conf = plcf->walk;
    w->request = r;
    w->start = ngx_current_msec;

    w->timer.handler = ngx_http_profile_walker_timer;
    w->timer.data = w;
    w->timer.log = r->connection->log;

    w->delay.handler = ngx_http_profile_walker_delay;
    w->delay.data = w;
    w->delay.log = r->connection->log;

    w->record = ngx_http_profile_record_get(r);
    w->seen = ngx_http_profile_seen_create(r->pool);

    if (w->record == NULL || w->seen == NULL
        || ngx_http_profile_value_get(r, w->conf->uri, &w->uri) != NGX_OK)
    {
        return NGX_ERROR;
    }

    w->walk->search.seen = ngx_http_profile_seen;
    w->walk->search.seen_ctx = w->seen;

    cln->handler = ngx_http_profile_walker_cleanup;

    ngx_http_profile_walkers++;

    if (ngx_http_profile_walker_page(w, &w->walk->page, 0) != NGX_OK) {
        return NGX_ERROR;
    }

    w->first = w->walk->page;

    ngx_add_timer(&w->timer, w->conf->time);

    r->write_event_handler = ngx_http_profile_walker_write;

    if (!r->discard_body) {
        r->read_event_handler = ngx_http_test_reading;
    }

    return NGX_OK;
}


/* the request has ended: none of the subrequests is under way */

static void
ngx_http_profile_walker_cleanup(void *data)
{
    ngx_http_profile_walker_t *w = data;

    ngx_http_profile_walk_page_t  *page;

    page = w->walk->page;

    if (page && page != w->first) {
        ngx_destroy_pool(page->pool);
    }

    if (w->ahead) {
        ngx_destroy_pool(w->ahead->pool);
    }

    if (w->first) {
        ngx_destroy_pool(w->first->pool);
    }

    if (w->timer.timer_set) {
        ngx_del_timer(&w->timer);
    }

    if (w->delay.timer_set) {
        ngx_del_timer(&w->delay);
    }

    ngx_http_profile_walkers--;
}


static ngx_int_t
ngx_http_profile_walker_page(ngx_http_profile_walker_t *w,
    ngx_http_profile_walk_page_t **page, ngx_uint_t number)
{
    *page = ngx_http_profile_walk_page_create(w->request, w->walk, &w->uri,
                                              number, w->conf->size);
    if (*page == NULL) {
        return NGX_ERROR;
    }

    w->record->walk.pages++;

    return NGX_OK;
}


static void
ngx_http_profile_walker_timer(ngx_event_t *ev)
{
    ngx_connection_t           *c;
    ngx_http_profile_walker_t  *w;

    w = ev->data;
    c = w->request->connection;

    ngx_http_set_log_request(c->log, w->request);

    w->walk->reason = PROFILE_TIMEOUT;

    ngx_http_profile_walker_run(w);

    ngx_http_run_posted_requests(c);
}


/* a page that is read takes away the timer of the client's connection */

static void
ngx_http_profile_walker_delay(ngx_event_t *ev)
{
    ngx_connection_t           *c;
    ngx_http_profile_walker_t  *w;

    w = ev->data;
    c = w->request->connection;

    ngx_http_set_log_request(c->log, w->request);

    c->write->delayed = 0;

    ngx_http_profile_walker_run(w);

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_profile_walker_write(ngx_http_request_t *r)
{
    ngx_event_t                *wev;
    ngx_http_profile_walker_t  *w;

    wev = r->connection->write;

    if (wev->timedout) {
        ngx_log_error(NGX_LOG_INFO, r->connection->log, NGX_ETIMEDOUT,
                      "client timed out");
        r->connection->timedout = 1;

        ngx_http_finalize_request(r, NGX_HTTP_REQUEST_TIME_OUT);
        return;
    }

    w = ngx_http_profile_walker_find(r);

    if (wev->delayed) {
        ngx_http_profile_walker_wait(w);
        return;
    }

    ngx_http_profile_walker_run(w);
}


static ngx_http_profile_walker_t *
ngx_http_profile_walker_find(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t  *cln;

    for (cln = r->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_profile_walker_cleanup) {
            return cln->data;
        }
    }

    return NULL;
}


static void
ngx_http_profile_walker_run(ngx_http_profile_walker_t *w)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = w->request;

    rc = ngx_http_profile_walker_read(w);

    w->record->walk.time = ngx_current_msec - w->start;

    if (rc == NGX_AGAIN) {
        ngx_http_profile_walker_wait(w);
        return;
    }

    ngx_http_profile_walker_drop(w);

    if (w->timer.timer_set) {
        ngx_del_timer(&w->timer);
    }

    if (w->delay.timer_set) {
        ngx_del_timer(&w->delay);
    }

    ngx_http_finalize_request(r, rc == NGX_DONE ? NGX_OK : rc);
}


/* NGX_AGAIN: it is waited for v1 or the client; all else ends the request */

static ngx_int_t
ngx_http_profile_walker_read(ngx_http_profile_walker_t *w)
{
    ngx_int_t                      rc;
    ngx_http_request_t            *r;
    ngx_http_profile_walk_t       *walk;
    ngx_http_profile_walk_page_t  *page;

    r = w->request;
    walk = w->walk;
    page = walk->page;

    if (walk->reason != PROFILE_OK) {
        return ngx_http_profile_walker_fail(w);
    }

    if (!w->begun) {

        if (!page->header && !page->done) {
            return NGX_AGAIN;
        }

        rc = ngx_http_profile_walker_begin(w);

        if (rc != NGX_OK && rc != NGX_AGAIN) {
            return rc;
        }
    }

    if (w->error) {
        return ngx_http_profile_walker_error(w);
    }

    if ((page->done && !page->whole)
        || (page->header && page->status != NGX_HTTP_OK)
        || page->reason != PROFILE_OK)
    {
        walk->reason = (page->reason != PROFILE_OK) ? page->reason
                       : (page->status == NGX_HTTP_GATEWAY_TIME_OUT
                          && !page->header)
                         ? PROFILE_TIMEOUT : PROFILE_UPSTREAM;

        return ngx_http_profile_walker_fail(w);
    }

    rc = ngx_http_profile_walker_count(w);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_output_filter(r, NULL);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (walk->answered) {
        return NGX_DONE;
    }

    if (walk->full) {
        return ngx_http_profile_walker_end(w);
    }

    if (walk->waiting) {
        return NGX_AGAIN;
    }

    if (walk->read && page->done) {
        return ngx_http_profile_walker_next(w);
    }

    ngx_http_profile_walk_page_go_on(page);

    return ngx_http_profile_walker_ahead(w) == NGX_OK ? NGX_AGAIN : NGX_ERROR;
}


/*
 * Where v1 says how many users there are, and says something else than before,
 * the pages do not fit together: somebody may stand between them.  They are
 * read anew, once, if the client has nothing yet.
 */

static ngx_int_t
ngx_http_profile_walker_count(ngx_http_profile_walker_t *w)
{
    ngx_str_t                      total;
    ngx_http_profile_walk_page_t  *page;

    page = w->walk->page;

    if (page->counted || !page->header) {
        return NGX_OK;
    }

    page->counted = 1;

    if (ngx_http_profile_list_total(page->request, w->plcf->list, &total)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (page == w->first) {
        w->total = total;
        return NGX_OK;
    }

    if (w->repeated || w->walk->sent
        || (total.len == w->total.len
            && ngx_memcmp(total.data, w->total.data, total.len) == 0))
    {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_INFO, w->request->connection->log, 0,
                  "profile walk: v1 had \"%V\" users and has \"%V\": its "
                  "pages are read anew", &w->total, &total);

    w->repeated = 1;
    w->walk->again = 1;

    ngx_http_profile_seen_reset(w->seen);

    ngx_http_profile_walker_drop(w);
    ngx_http_profile_walk_page_destroy(page);

    return ngx_http_profile_walker_page(w, &w->walk->page, 0) == NGX_OK
           ? NGX_AGAIN : NGX_ERROR;
}


/* the answer of v1 to the first page is the one to the client */

static ngx_int_t
ngx_http_profile_walker_begin(ngx_http_profile_walker_t *w)
{
    ngx_int_t                      rc;
    ngx_http_request_t            *r;
    ngx_http_profile_walk_page_t  *page;

    r = w->request;
    page = w->walk->page;

    w->begun = 1;

    if (page->header
        && ngx_http_profile_walker_header(w, page->request) != NGX_OK)
    {
        return NGX_ERROR;
    }

    r->headers_out.status = page->status;

    if (page->nobody) {
        r->headers_out.status_line.len = 0;
    }

    if (page->status == NGX_HTTP_OK && page->header) {
        w->walk->active = 1;
        ngx_http_profile_headers_change(r);

    } else {
        w->error = 1;
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_OK && r->header_only) {
        return NGX_DONE;
    }

    return rc;
}


/* a list of one part ends in itself */

static ngx_int_t
ngx_http_profile_walker_header(ngx_http_profile_walker_t *w,
    ngx_http_request_t *from)
{
    ngx_uint_t           i;
    ngx_list_t           own;
    ngx_list_part_t     *part;
    ngx_table_elt_t     *h, *copy;
    ngx_http_request_t  *r;

    r = w->request;

    own = r->headers_out.headers;

    r->headers_out = from->headers_out;

    if (from->headers_out.headers.last == &from->headers_out.headers.part) {
        r->headers_out.headers.last = &r->headers_out.headers.part;
    }

    if (from->headers_out.trailers.last == &from->headers_out.trailers.part) {
        r->headers_out.trailers.last = &r->headers_out.trailers.part;
    }

    r->upstream_states = from->upstream_states;

    part = &own.part;
    i = 0;

    for ( ;; ) {
        h = ngx_http_profile_headers_next(&part, &i, NULL);

        if (h == NULL) {
            return NGX_OK;
        }

        copy = ngx_list_push(&r->headers_out.headers);
        if (copy == NULL) {
            return NGX_ERROR;
        }

        *copy = *h;
    }
}


/* what v1 says becomes the message of an error, as that of a single call */

static ngx_int_t
ngx_http_profile_walker_error(ngx_http_profile_walker_t *w)
{
    ngx_int_t                      rc;
    ngx_chain_t                   *in;
    ngx_http_request_t            *r;
    ngx_http_profile_walk_page_t  *page;

    r = w->request;
    page = w->walk->page;

    while (page->in) {
        in = page->in;
        page->in = in->next;
        page->taken = 1;

        in->next = NULL;

        rc = ngx_http_output_filter(r, in);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }
    }

    page->last_in = &page->in;

    if (page->whole || page->done) {
        rc = ngx_http_send_special(r, NGX_HTTP_LAST);

        return rc == NGX_AGAIN ? NGX_DONE : rc;
    }

    ngx_http_profile_walk_page_go_on(page);

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_profile_walker_next(ngx_http_profile_walker_t *w)
{
    ngx_uint_t                     number;
    ngx_http_profile_walk_page_t  *page;

    page = w->walk->page;
    number = page->number + 1;

    if (page->number == 0) {
        w->elements = w->walk->elements;
    }

    if (ngx_http_profile_walker_is_last(w)) {
        return ngx_http_profile_walker_end(w);
    }

    if (number == w->conf->pages) {
        w->walk->reason = PROFILE_SEARCH_LIMIT;
        return ngx_http_profile_walker_fail(w);
    }

    if (page != w->first) {
        ngx_http_profile_walk_page_destroy(page);
    }

    w->walk->page = w->ahead;
    w->walk->read = 0;
    w->ahead = NULL;

    if (w->walk->page) {

        /* it may have come to its end meanwhile, and will not say so again */

        ngx_http_profile_walk_wake(w->request, w->walk);

        return NGX_AGAIN;
    }

    return ngx_http_profile_walker_page(w, &w->walk->page, number) == NGX_OK
           ? NGX_AGAIN : NGX_ERROR;
}


/* the next page is asked for while this one is read, if there may be one */

static ngx_int_t
ngx_http_profile_walker_ahead(ngx_http_profile_walker_t *w)
{
    ngx_uint_t                     number;
    ngx_http_profile_walk_page_t  *page;

    page = w->walk->page;
    number = page->number + 1;

    if (w->conf->parallel == 1 || w->ahead || !page->header
        || number == w->conf->pages || w->walk->single
        || (page->linked && !page->next))
    {
        return NGX_OK;
    }

    return ngx_http_profile_walker_page(w, &w->ahead, number);
}


/*
 * v1 says so with "Link".  Where it does not, it may show fewer users on a page
 * than were asked for, but then on each.
 */

static ngx_uint_t
ngx_http_profile_walker_is_last(ngx_http_profile_walker_t *w)
{
    uint64_t                       n;
    ngx_http_profile_walk_page_t  *page;

    page = w->walk->page;
    n = w->walk->elements;

    if (page->linked) {
        return !page->next;
    }

    if (page->number == 0) {
        return n < ngx_min(NGX_HTTP_PROFILE_WALKER_SHORT, w->conf->size);
    }

    return n < w->elements;
}


static ngx_int_t
ngx_http_profile_walker_end(ngx_http_profile_walker_t *w)
{
    ngx_int_t  rc;

    ngx_http_profile_walker_drop(w);

    w->walk->last = 1;

    rc = ngx_http_output_filter(w->request, NULL);

    return rc == NGX_AGAIN ? NGX_DONE : rc;
}


/* the response makes an answer of the reason, or is cut */

static ngx_int_t
ngx_http_profile_walker_fail(ngx_http_profile_walker_t *w)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = w->request;

    ngx_http_profile_walker_drop(w);

    if (w->walk->active) {
        rc = ngx_http_output_filter(r, NULL);

        return rc == NGX_AGAIN ? NGX_DONE : rc;
    }

    if (w->begun) {
        /* the message of an error does not come to its end */
        return ngx_http_send_special(r, NGX_HTTP_LAST);
    }

    ngx_http_profile_record_set_action(w->record, NGX_HTTP_PROFILE_FAILED,
                                       w->walk->reason);

    return ngx_http_profile_answer_reason(r, w->walk->reason,
                                     profile_reason_status(w->walk->reason),
                                     NULL);
}


/* v1 is not waited for any more; of the first page the header stays */

static void
ngx_http_profile_walker_drop(ngx_http_profile_walker_t *w)
{
    if (w->ahead) {
        ngx_http_profile_walk_page_cancel(w->ahead);
        ngx_http_profile_walk_page_destroy(w->ahead);
        w->ahead = NULL;
    }

    if (w->walk->page) {
        ngx_http_profile_walk_page_cancel(w->walk->page);
    }
}


/*
 * Something will run the request again: v1's connection, the client's, the next
 * turn of the event loop, or one of these timers.
 */

static void
ngx_http_profile_walker_wait(ngx_http_profile_walker_t *w)
{
    ngx_event_t               *wev;
    ngx_msec_int_t             rest;
    ngx_connection_t          *c;
    ngx_http_request_t        *r;
    ngx_http_core_loc_conf_t  *clcf;

    r = w->request;
    c = r->connection;
    wev = c->write;

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (wev->delayed) {

        if (wev->timer_set) {
            rest = (ngx_msec_int_t) (wev->timer.key - ngx_current_msec);
            ngx_add_timer(&w->delay, rest > 0 ? (ngx_msec_t) rest : 1);
        }

    } else if (r->buffered || c->buffered) {
        ngx_add_timer(wev, clcf->send_timeout);

    } else if (wev->timer_set) {
        ngx_del_timer(wev);
    }

    if (w->walk->waiting && w->walk->page) {
        ngx_http_profile_walk_page_pause(w->walk->page);
    }

    if (w->ahead && w->ahead->in) {
        ngx_http_profile_walk_page_pause(w->ahead);
    }

    if (ngx_handle_write_event(wev, clcf->send_lowat) != NGX_OK) {
        ngx_http_profile_walker_drop(w);
        ngx_http_finalize_request(r, NGX_ERROR);
    }
}
