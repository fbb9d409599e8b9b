
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_value.h"
#include "http/ngx_http_profile_answer.h"
#include "http/ngx_http_profile_headers.h"
#include "http/ngx_http_profile_walk_page.h"
#include "record/ngx_http_profile_ctx.h"
#include "request/ngx_http_profile_walker.h"
#include "request/ngx_http_profile_walker_probe.h"


static ngx_int_t ngx_http_profile_walker_subrequest(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);
static ngx_int_t ngx_http_profile_walker_busy(ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_walker_start(ngx_http_request_t *r,
    ngx_http_profile_search_t *search, ngx_http_profile_loc_conf_t *plcf);
static void ngx_http_profile_walker_cleanup(void *data);
static void ngx_http_profile_walker_timer(ngx_event_t *ev);
static void ngx_http_profile_walker_delay(ngx_event_t *ev);
static void ngx_http_profile_walker_expire(ngx_http_profile_walker_t *w);
static void ngx_http_profile_walker_write(ngx_http_request_t *r);
static ngx_http_profile_walker_t *ngx_http_profile_walker_find(
    ngx_http_request_t *r);
static void ngx_http_profile_walker_del_timers(ngx_http_profile_walker_t *w);
static void ngx_http_profile_walker_run(ngx_http_profile_walker_t *w);
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

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    if (r != r->main) {
        return ngx_http_profile_walker_subrequest(r, plcf);
    }

    /*
     * To tell only the header of the answer v1's first page will do, and where
     * the status is that of an error page there is no list.
     */

    if (r->method != NGX_HTTP_GET || r->err_status || ctx == NULL
        || ctx->walk == NULL)
    {
        return NGX_DECLINED;
    }

    /* users who are counted are asked for after that, with the body */

    if (!ctx->walk->probe) {
        rc = ngx_http_discard_request_body(r);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (ngx_http_profile_walkers >= plcf->walk->walks) {
        return ngx_http_profile_walker_busy(r);
    }

    rc = ngx_http_profile_walker_start(r, (ngx_http_profile_search_t *)
                                          ctx->walk, plcf);

    return (rc == NGX_OK) ? NGX_DONE : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


/* one has no pages of its own, and v1's first page would look like an answer */

static ngx_int_t
ngx_http_profile_walker_subrequest(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    ngx_int_t  rc;
    ngx_str_t  query, sort;

    rc = ngx_http_profile_search_asked(r, plcf, &query, &sort);

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "profile walk: a subrequest cannot be a search");

    return NGX_HTTP_NOT_IMPLEMENTED;
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

    record->walk.result = NGX_HTTP_PROFILE_WALK_BUSY;

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

    w->walk = &search->walk;
    w->plcf = plcf;
    w->conf = plcf->walk;
    w->request = r;

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

    if (search->walk.probe) {

        if (ngx_http_profile_walker_probe_start(w) != NGX_OK) {
            return NGX_ERROR;
        }

    } else {

        if (ngx_http_profile_walker_read_page(w, &w->walk->page, 0) != NGX_OK) {
            return NGX_ERROR;
        }

        w->first = w->walk->page;
    }

    w->record->walk.result = NGX_HTTP_PROFILE_WALK_FAILED;
    w->record->walk.start = ngx_current_msec;
    w->record->walk.open = 1;

    ngx_add_timer(&w->timer, w->conf->time);

    r->write_event_handler = ngx_http_profile_walker_write;

    if (!r->discard_body) {
        r->read_event_handler = ngx_http_test_reading;
    }

    return ngx_handle_read_event(r->connection->read, 0);
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

    ngx_http_profile_walker_del_timers(w);

    ngx_http_profile_walkers--;
}


static void
ngx_http_profile_walker_timer(ngx_event_t *ev)
{
    ngx_http_profile_walker_t *w = ev->data;

    w->walk->reason = PROFILE_TIMEOUT;

    ngx_http_profile_walker_expire(w);
}


/* a page that is read takes away the timer of the client's connection */

static void
ngx_http_profile_walker_delay(ngx_event_t *ev)
{
    ngx_http_profile_walker_t *w = ev->data;

    w->request->connection->write->delayed = 0;

    ngx_http_profile_walker_expire(w);
}


static void
ngx_http_profile_walker_expire(ngx_http_profile_walker_t *w)
{
    ngx_connection_t  *c;

    c = w->request->connection;

    ngx_http_set_log_request(c->log, w->request);

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


static void
ngx_http_profile_walker_del_timers(ngx_http_profile_walker_t *w)
{
    if (w->timer.timer_set) {
        ngx_del_timer(&w->timer);
    }

    if (w->delay.timer_set) {
        ngx_del_timer(&w->delay);
    }
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

    rc = w->probe ? ngx_http_profile_walker_probe(w)
                  : ngx_http_profile_walker_read(w);

    if (rc == NGX_AGAIN) {
        ngx_http_profile_walker_wait(w);
        return;
    }

    w->record->walk.time = ngx_current_msec - w->record->walk.start;
    w->record->walk.open = 0;

    ngx_http_profile_walker_read_drop(w);

    ngx_http_profile_walker_del_timers(w);

    if (rc == NGX_DECLINED) {

        /* the list itself is the answer of the location */

        r->read_event_handler = ngx_http_block_reading;
        r->write_event_handler = ngx_http_core_run_phases;
        r->phase_handler++;

        ngx_http_core_run_phases(r);
        return;
    }

    ngx_http_finalize_request(r, rc == NGX_DONE ? NGX_OK : rc);
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
        ngx_http_profile_walker_read_drop(w);
        ngx_http_finalize_request(r, NGX_ERROR);
    }
}
