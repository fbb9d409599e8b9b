
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "http/ngx_http_profile_answer.h"
#include "http/ngx_http_profile_headers.h"
#include "http/ngx_http_profile_list.h"
#include "http/ngx_http_profile_walk_page.h"
#include "request/ngx_http_profile_walker_read.h"


/* what a v1 backend shows at least on a page that is not its last one */
#define NGX_HTTP_PROFILE_WALKER_SHORT  10


static ngx_int_t ngx_http_profile_walker_read_count(
    ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_read_told(
    ngx_http_profile_walker_t *w, uint64_t total);
static ngx_int_t ngx_http_profile_walker_read_begin(
    ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_read_header(
    ngx_http_profile_walker_t *w, ngx_http_request_t *from);
static ngx_int_t ngx_http_profile_walker_read_error(
    ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_read_next(
    ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_read_ahead(
    ngx_http_profile_walker_t *w);
static ngx_uint_t ngx_http_profile_walker_read_is_last(
    ngx_http_profile_walker_t *w);
static ngx_uint_t ngx_http_profile_walker_read_stuck(
    ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_read_end(ngx_http_profile_walker_t *w);
static ngx_int_t ngx_http_profile_walker_read_fail(
    ngx_http_profile_walker_t *w);


/* NGX_AGAIN: it is waited for v1 or the client; all else ends the request */

ngx_int_t
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
        return ngx_http_profile_walker_read_fail(w);
    }

    if (!w->begun) {

        if (!page->header && !page->done) {
            return NGX_AGAIN;
        }

        rc = ngx_http_profile_walker_read_begin(w);

        if (rc != NGX_OK && rc != NGX_AGAIN) {
            return rc;
        }
    }

    if (w->error) {
        return ngx_http_profile_walker_read_error(w);
    }

    if ((page->done && !page->whole)
        || (page->header && page->status != NGX_HTTP_OK)
        || page->reason != PROFILE_OK)
    {
        walk->reason = (page->reason != PROFILE_OK) ? page->reason
                       : (page->status == NGX_HTTP_GATEWAY_TIME_OUT
                          && !page->header)
                         ? PROFILE_TIMEOUT : PROFILE_UPSTREAM;

        return ngx_http_profile_walker_read_fail(w);
    }

    rc = ngx_http_profile_walker_read_count(w);

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

    /* in its body v1 may have said it until the end */

    if (walk->tells && !page->told && !walk->waiting
        && (walk->read || walk->full))
    {
        rc = ngx_http_profile_walker_read_told(w, walk->said);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (walk->full) {
        return ngx_http_profile_walker_read_end(w);
    }

    if (walk->waiting) {
        return NGX_AGAIN;
    }

    if (walk->read && page->done) {
        return ngx_http_profile_walker_read_next(w);
    }

    ngx_http_profile_walk_page_go_on(page);

    return ngx_http_profile_walker_read_ahead(w) == NGX_OK ? NGX_AGAIN
                                                          : NGX_ERROR;
}


ngx_int_t
ngx_http_profile_walker_read_page(ngx_http_profile_walker_t *w,
    ngx_http_profile_walk_page_t **page, ngx_uint_t number)
{
    ngx_uint_t  first;

    first = ngx_http_profile_list_first(w->plcf->list);

    *page = ngx_http_profile_walk_page_create(w->request, w->walk, &w->uri,
                                              number, first,
                                              w->probe ? 1 : w->conf->size);
    if (*page == NULL) {
        return NGX_ERROR;
    }

    w->record->walk.pages++;

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_walker_read_count(ngx_http_profile_walker_t *w)
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

    return total.len ? ngx_http_profile_walker_read_told(w,
                                               ngx_atoof(total.data, total.len))
                     : NGX_OK;
}


/*
 * Where v1 says how many users there are, and says something else than before,
 * the pages do not fit together: somebody may stand between them.  They are
 * read anew, once, if the client has nothing yet.
 */

static ngx_int_t
ngx_http_profile_walker_read_told(ngx_http_profile_walker_t *w, uint64_t total)
{
    ngx_http_profile_walk_t       *walk;
    ngx_http_profile_walk_page_t  *page;

    walk = w->walk;
    page = walk->page;

    page->told = 1;

    if (page == w->first) {
        w->total = total;
        w->counts = 1;
        return NGX_OK;
    }

    if (w->repeated || walk->sent || !w->counts || total == w->total) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_INFO, w->request->connection->log, 0,
                  "profile walk: v1 had \"%uL\" users and has \"%uL\": its "
                  "pages are read anew", w->total, total);

    w->repeated = 1;

    walk->again = 1;
    walk->read = 0;
    walk->full = 0;
    walk->tells = 0;

    ngx_http_profile_seen_reset(w->seen);

    ngx_http_profile_walker_read_drop(w);
    ngx_http_profile_walk_page_destroy(page);

    return ngx_http_profile_walker_read_page(w, &walk->page, 0) == NGX_OK
           ? NGX_AGAIN : NGX_ERROR;
}


/* the answer of v1 to the first page is the one to the client */

static ngx_int_t
ngx_http_profile_walker_read_begin(ngx_http_profile_walker_t *w)
{
    ngx_int_t                      rc;
    ngx_http_request_t            *r;
    ngx_http_profile_walk_page_t  *page;

    r = w->request;
    page = w->walk->page;

    w->begun = 1;

    if (page->header
        && ngx_http_profile_walker_read_header(w, page->request) != NGX_OK)
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

        if (page->header) {
            w->record->walk.result = NGX_HTTP_PROFILE_WALK_ERROR;

        } else if (page->status == NGX_HTTP_GATEWAY_TIME_OUT) {
            w->record->walk.result = NGX_HTTP_PROFILE_WALK_TIMEOUT;
        }
    }

    rc = ngx_http_send_header(r);

    if (rc == NGX_OK && r->header_only) {
        return NGX_DONE;
    }

    return rc;
}


/* a list of one part ends in itself */

static ngx_int_t
ngx_http_profile_walker_read_header(ngx_http_profile_walker_t *w,
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
ngx_http_profile_walker_read_error(ngx_http_profile_walker_t *w)
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
ngx_http_profile_walker_read_next(ngx_http_profile_walker_t *w)
{
    ngx_uint_t                     number;
    ngx_http_profile_walk_page_t  *page;

    page = w->walk->page;
    number = page->number + 1;

    if (page->number == 0) {
        w->elements = w->walk->elements;
    }

    if (ngx_http_profile_walker_read_is_last(w)) {
        return ngx_http_profile_walker_read_end(w);
    }

    /* v1 says that there is more, and does not show it */

    if (ngx_http_profile_walker_read_stuck(w)) {
        w->walk->reason = PROFILE_PARTIAL;
        return ngx_http_profile_walker_read_fail(w);
    }

    if (number == w->conf->pages) {
        w->walk->reason = PROFILE_SEARCH_LIMIT;
        return ngx_http_profile_walker_read_fail(w);
    }

    if (page != w->first) {
        ngx_http_profile_walk_page_destroy(page);
    }

    w->walk->page = w->ahead;
    w->walk->read = 0;
    w->walk->tells = 0;
    w->ahead = NULL;

    if (w->walk->page) {

        /* it may have come to its end meanwhile, and will not say so again */

        ngx_http_profile_walk_post(w->request, &w->walk->posted);

        return NGX_AGAIN;
    }

    return ngx_http_profile_walker_read_page(w, &w->walk->page, number)
           == NGX_OK ? NGX_AGAIN : NGX_ERROR;
}


/* the next page is asked for while this one is read, if there may be one */

static ngx_int_t
ngx_http_profile_walker_read_ahead(ngx_http_profile_walker_t *w)
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

    return ngx_http_profile_walker_read_page(w, &w->ahead, number);
}


/*
 * v1 says so with "Link".  Where it does not, it may show fewer users on a page
 * than were asked for, but then on each; or the same ones, whichever page it is
 * asked for: that nobody is new on two pages in a row is no chance.
 */

static ngx_uint_t
ngx_http_profile_walker_read_is_last(ngx_http_profile_walker_t *w)
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

    return n < w->elements || ngx_http_profile_walker_read_stuck(w);
}


static ngx_uint_t
ngx_http_profile_walker_read_stuck(ngx_http_profile_walker_t *w)
{
    uint64_t  n;

    n = w->walk->elements;

    return n && ngx_http_profile_seen_again(w->seen) >= 2 * n;
}


static ngx_int_t
ngx_http_profile_walker_read_end(ngx_http_profile_walker_t *w)
{
    ngx_int_t  rc;

    ngx_http_profile_walker_read_drop(w);

    w->walk->last = 1;

    w->record->walk.result = w->walk->full ? NGX_HTTP_PROFILE_WALK_FULL
                                           : NGX_HTTP_PROFILE_WALK_END;

    rc = ngx_http_output_filter(w->request, NULL);

    return rc == NGX_AGAIN ? NGX_DONE : rc;
}


/* the response makes an answer of the reason, or is cut */

static ngx_int_t
ngx_http_profile_walker_read_fail(ngx_http_profile_walker_t *w)
{
    ngx_int_t            rc;
    ngx_http_request_t  *r;

    r = w->request;

    ngx_http_profile_walker_read_drop(w);

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

void
ngx_http_profile_walker_read_drop(ngx_http_profile_walker_t *w)
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
