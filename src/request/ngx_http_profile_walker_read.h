
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_WALKER_READ_H_INCLUDED_
#define _NGX_HTTP_PROFILE_WALKER_READ_H_INCLUDED_


#include "record/ngx_http_profile_record.h"
#include "request/ngx_http_profile_search.h"
#include "request/ngx_http_profile_seen.h"


typedef struct ngx_http_profile_probe_s  ngx_http_profile_probe_t;


/* A walk under way, and how it goes on. */

typedef struct {
    ngx_http_profile_walk_t        *walk;
    ngx_http_profile_loc_conf_t    *plcf;
    ngx_http_profile_walk_conf_t   *conf;
    ngx_http_profile_record_t      *record;
    ngx_http_profile_seen_t        *seen;
    ngx_http_profile_probe_t       *probe;      /* NULL: users are read */
    ngx_http_request_t             *request;

    ngx_http_profile_walk_page_t   *first;      /* its header is the answer's */
    ngx_http_profile_walk_page_t   *ahead;      /* follows that which is read */
    ngx_str_t                       uri;
    uint64_t                        total;      /* users, as v1 counts */
    uint64_t                        elements;   /* of the first page */

    ngx_event_t                     timer;      /* all of it takes too long */
    ngx_event_t                     delay;      /* limit_rate */

    unsigned                        begun:1;    /* the header was sent */
    unsigned                        error:1;    /* v1's answer is one */
    unsigned                        counts:1;   /* v1 does */
    unsigned                        repeated:1;
} ngx_http_profile_walker_t;


/*
 * Reads on, as far as v1 and the client let it.  Returns NGX_AGAIN: one of them
 * has to do something first; all else ends the request, and NGX_DONE with what
 * has been sent.
 */
ngx_int_t ngx_http_profile_walker_read(ngx_http_profile_walker_t *w);

/*
 * Asks for a page, of one user where users are counted.  Returns NGX_OK, or
 * NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_walker_read_page(ngx_http_profile_walker_t *w,
    ngx_http_profile_walk_page_t **page, ngx_uint_t number);

/* v1 is not waited for any more; what was taken of its pages stays. */
void ngx_http_profile_walker_read_drop(ngx_http_profile_walker_t *w);


#endif /* _NGX_HTTP_PROFILE_WALKER_READ_H_INCLUDED_ */
