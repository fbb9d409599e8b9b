
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "response/ngx_http_profile_turn.h"


/* milliseconds, by far enough for a turn */
#define NGX_HTTP_PROFILE_TURN_TIMER  60000


static void ngx_http_profile_turn_handler(ngx_event_t *ev);
static void ngx_http_profile_turn_cleanup(void *data);


ngx_int_t
ngx_http_profile_turn_wait(ngx_http_request_t *r, ngx_http_profile_filter_t *f)
{
    ngx_event_t         *ev;
    ngx_http_cleanup_t  *cln;

    ev = &f->turn.event;

    if (ev->handler == NULL) {
        cln = ngx_http_cleanup_add(r, 0);
        if (cln == NULL) {
            return NGX_ERROR;
        }

        cln->handler = ngx_http_profile_turn_cleanup;
        cln->data = f;

        ev->handler = ngx_http_profile_turn_handler;
        ev->data = f;
        ev->log = r->connection->log;

        f->turn.request = r;
    }

    if (!ev->posted) {
        ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                       "profile filter: the turn is over, read:%uz",
                       f->turn.read);

        ngx_post_event(ev, &ngx_posted_next_events);

        /* a worker that is to exit waits for timers only */
        ngx_add_timer(ev, NGX_HTTP_PROFILE_TURN_TIMER);
    }

    return NGX_OK;
}


static void
ngx_http_profile_turn_handler(ngx_event_t *ev)
{
    ngx_connection_t           *c;
    ngx_event_pipe_t           *p;
    ngx_http_request_t         *r;
    ngx_http_upstream_t        *u;
    ngx_http_profile_filter_t  *f;

    f = ev->data;
    r = f->turn.request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    ngx_log_debug0(NGX_LOG_DEBUG_HTTP, c->log, 0,
                   "profile filter: the next turn");

    ngx_http_profile_turn_cleanup(f);

    f->turn.read = 0;

    u = r->upstream;
    p = u ? u->pipe : NULL;

    if (p && p->output_filter && u->cleanup && !p->downstream_error
        && p->output_filter(p->output_ctx, NULL) == NGX_ERROR)
    {
        /* the pipe itself calls the filters only if it has something to say */
        p->downstream_error = 1;
    }

    r->write_event_handler(r);

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_profile_turn_cleanup(void *data)
{
    ngx_http_profile_filter_t *f = data;

    ngx_event_t  *ev;

    ev = &f->turn.event;

    if (ev->posted) {
        ngx_delete_posted_event(ev);
    }

    if (ev->timer_set) {
        ngx_del_timer(ev);
    }
}
