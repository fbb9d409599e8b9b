
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_WALK_H_INCLUDED_
#define _NGX_HTTP_PROFILE_WALK_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "core/response/profile_search.h"
#include "http/ngx_http_profile_inflate.h"
#include "record/ngx_http_profile_ctx.h"


/*
 * A list of v1 that is read page by page, for one response (U10.2): what the
 * request that asks for the pages and the response that is made of them tell
 * each other.
 */


/* a page: a background subrequest, and all that is its own in one pool */

typedef struct {
    ngx_pool_t                     *pool;
    ngx_http_request_t             *request;
    ngx_http_profile_inflate_t     *inflate;    /* NULL: it is not packed */
    ngx_chain_t                    *in;         /* not yet taken */
    ngx_chain_t                   **last_in;
    ngx_http_posted_request_t       posted;
    ngx_uint_t                      number;     /* from 0 on */
    ngx_str_t                       texts[3];   /* it, users, those before */
    u_char                          text[3 * NGX_INT64_LEN];
    ngx_uint_t                      status;     /* 0: not known yet */
    profile_reason_e                reason;     /* why it cannot be read */
    unsigned                        header:1;   /* v1 has sent one */
    unsigned                        linked:1;   /* with a "Link" */
    unsigned                        next:1;     /* to a next page */
    unsigned                        nobody:1;   /* there is no such user */
    unsigned                        counted:1;  /* v1's header was looked at */
    unsigned                        told:1;     /* what v1 counts was seen */
    unsigned                        taken:1;    /* v1 may send more */
    unsigned                        paused:1;
    unsigned                        whole:1;    /* the end was seen */
    unsigned                        done:1;     /* so was the subrequest's */
} ngx_http_profile_walk_page_t;


struct ngx_http_profile_walk_s {
    profile_search_t                search;
    ngx_http_profile_walk_page_t   *page;       /* that is read; NULL: none */
    ngx_http_posted_request_t       posted;     /* the main request */
    profile_reason_e                reason;     /* why no more can be had */
    ngx_str_t                       total;      /* counted before the list */

    /* by the request */
    unsigned                        probe:1;    /* users are counted first */
    unsigned                        narrow:1;   /* v1 is asked for a few */
    unsigned                        single:1;   /* v1 is asked for one user */
    unsigned                        absent:1;   /* its 404 is nobody */
    unsigned                        active:1;   /* there is a list to read */
    unsigned                        again:1;    /* all pages come anew */
    unsigned                        last:1;     /* no page follows */

    /* by the response */
    unsigned                        sent:1;     /* the client has a part */
    unsigned                        waiting:1;  /* it has input to read */
    unsigned                        read:1;     /* the page, to its end */
    unsigned                        full:1;     /* it wants no more */
    unsigned                        answered:1; /* with something else */
    unsigned                        tells:1;    /* the page, what v1 counts */
    uint64_t                        said;       /* that */
    uint64_t                        elements;   /* of the page */
};


/* The walk whose response this request has, or NULL. */
ngx_http_profile_walk_t *ngx_http_profile_walk_find(ngx_http_request_t *r);

/* That of the request, or of the page of a walk; NULL: it has none. */
ngx_http_upstream_t *ngx_http_profile_walk_upstream(ngx_http_request_t *r);

/*
 * Moves what the page has brought to the end of a chain of the main request,
 * which is to read it before the page ends.  Returns NGX_OK, or NGX_ERROR:
 * there is no memory.
 */
ngx_int_t ngx_http_profile_walk_take(ngx_http_request_t *r,
    ngx_http_profile_walk_t *walk, ngx_chain_t **in);

/*
 * The request is run next, once: the main one with the walk's entry, as a page
 * has something to say, or a page with its own.
 */
void ngx_http_profile_walk_post(ngx_http_request_t *r,
    ngx_http_posted_request_t *posted);


#endif /* _NGX_HTTP_PROFILE_WALK_H_INCLUDED_ */
