
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_COUNTERS_H_INCLUDED_
#define _NGX_HTTP_PROFILE_COUNTERS_H_INCLUDED_


#include "record/ngx_http_profile_record.h"


/* bounds of the histogram, and one bucket for what is above them */

#define NGX_HTTP_PROFILE_BUCKETS  11


typedef enum {
    NGX_HTTP_PROFILE_WRITE_ALLOWED = 0,
    NGX_HTTP_PROFILE_WRITE_BLOCKED,
    NGX_HTTP_PROFILE_WRITE_INVALID
} ngx_http_profile_write_e;


#define NGX_HTTP_PROFILE_WRITES  (NGX_HTTP_PROFILE_WRITE_INVALID + 1)


/* what is counted by the names of attributes; those without a slot: "other" */

typedef enum {
    NGX_HTTP_PROFILE_NAMED_BLOCKED = 0,         /* refused by the guard */
    NGX_HTTP_PROFILE_NAMED_DIFFERS              /* schema and bag: M8.6 */
} ngx_http_profile_named_e;


#define NGX_HTTP_PROFILE_NAMED  (NGX_HTTP_PROFILE_NAMED_DIFFERS + 1)


/*
 * The counters of one key.  What every request adds to stands together, so
 * that it is fetched together.
 */

typedef struct {
    ngx_atomic_t                  users;
    ngx_atomic_t                  moved[2];     /* by profile_container_e */
    ngx_atomic_t                  conflicts;
    ngx_atomic_t                  bytes_in;
    ngx_atomic_t                  bytes_out;
    ngx_atomic_t                  time;         /* nanoseconds */
    ngx_atomic_t                  buckets[NGX_HTTP_PROFILE_BUCKETS];
    ngx_atomic_t                  unknown;
    ngx_atomic_t                  unreadable;
    ngx_atomic_t                  other[NGX_HTTP_PROFILE_NAMED];
    ngx_atomic_t                  pages;        /* of walks */
    ngx_atomic_t                  walks[NGX_HTTP_PROFILE_WALK_RESULTS];

    ngx_atomic_t                  requests[NGX_HTTP_PROFILE_NOTHING]
                                          [PROFILE_REASONS];
    ngx_atomic_t                  writes[NGX_HTTP_PROFILE_WRITES]
                                        [PROFILE_REASONS];
    ngx_atomic_t                  calls[PROFILE_CALLS]
                                       [NGX_HTTP_PROFILE_CALL_RESULTS];
} ngx_http_profile_counters_t;


#endif /* _NGX_HTTP_PROFILE_COUNTERS_H_INCLUDED_ */
