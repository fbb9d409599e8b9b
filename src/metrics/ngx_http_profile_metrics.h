
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_METRICS_H_INCLUDED_
#define _NGX_HTTP_PROFILE_METRICS_H_INCLUDED_


#include "ngx_http_profile_module.h"


/* bounds of the histogram, and one bucket for what is above them */

#define NGX_HTTP_PROFILE_BUCKETS  11


typedef enum {
    NGX_HTTP_PROFILE_WRITE_ALLOWED = 0,
    NGX_HTTP_PROFILE_WRITE_BLOCKED,
    NGX_HTTP_PROFILE_WRITE_INVALID
} ngx_http_profile_write_e;


#define NGX_HTTP_PROFILE_WRITES  (NGX_HTTP_PROFILE_WRITE_INVALID + 1)


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
    ngx_atomic_t                  other;        /* refused, by no name */

    ngx_atomic_t                  requests[NGX_HTTP_PROFILE_NOTHING]
                                          [PROFILE_REASONS];
    ngx_atomic_t                  writes[NGX_HTTP_PROFILE_WRITES]
                                        [PROFILE_REASONS];
    ngx_atomic_t                  calls[PROFILE_CALLS]
                                       [NGX_HTTP_PROFILE_CALL_RESULTS];
} ngx_http_profile_counters_t;


/*
 * Words that are numbered from 1 in the order in which they came: the keys,
 * and the refused names of each key.  They are added under the mutex of the
 * zone and looked up without it: a number stands in the index once its word
 * is complete, and neither is ever changed again.
 */

#define NGX_HTTP_PROFILE_WORD_LEN  120


typedef struct {
    uint32_t                      owner;        /* number of the key, or 0 */
    uint32_t                      len;
    u_char                        data[NGX_HTTP_PROFILE_WORD_LEN];
} ngx_http_profile_word_t;


typedef struct {
    ngx_uint_t                    n;            /* that fit */
    ngx_uint_t                    mask;
    ngx_atomic_t                  taken;
    ngx_atomic_t                  told;         /* the log knows of "other" */
    ngx_atomic_t                 *index;        /* numbers; 0: free */
    ngx_http_profile_word_t      *words;
} ngx_http_profile_words_t;


/*
 * The zone.  Nothing in it points outside: workers of two configurations use
 * it at the same time during a reload.
 */

typedef struct {
    ngx_uint_t                    layout;
    ngx_http_profile_words_t      keys;
    ngx_http_profile_words_t      names;
    ngx_http_profile_counters_t  *counters;     /* by key; 0: "other" */
    ngx_atomic_t                 *blocked;      /* by name */
} ngx_http_profile_shared_t;


struct ngx_http_profile_zone_s {
    ngx_str_t                     name;
    ngx_http_complex_value_t      key;
    ngx_shm_zone_t               *shm_zone;     /* NULL: not defined yet */
    ngx_slab_pool_t              *shpool;
    ngx_http_profile_shared_t    *sh;
    u_char                       *file;
    ngx_uint_t                    line;         /* of the first mention */
};


/* what is in a zone now: its keys, and the names of each */

typedef struct {
    ngx_http_profile_zone_t      *zone;
    ngx_uint_t                   *keys;         /* numbers */
    ngx_uint_t                    nkeys;
    ngx_uint_t                   *first;        /* name, by key */
    ngx_uint_t                   *next;         /* name, by name */
} ngx_http_profile_view_t;


/* a family of metrics and the counters that belong to it */

typedef struct {
    ngx_str_t                     labels[2];    /* values */
    size_t                        offset;       /* in counters_t */
    ngx_uint_t                    always;       /* is shown while it is zero */
} ngx_http_profile_place_t;


typedef enum {
    NGX_HTTP_PROFILE_COUNTER = 0,
    NGX_HTTP_PROFILE_NAMES,                     /* and those of a view */
    NGX_HTTP_PROFILE_HISTOGRAM
} ngx_http_profile_kind_e;


typedef struct {
    ngx_str_t                     name;         /* without "profile_" */
    ngx_str_t                     help;
    ngx_http_profile_kind_e       kind;
    ngx_str_t                     labels[2];    /* names */
    ngx_array_t                   places;
} ngx_http_profile_family_t;


typedef struct {
    ngx_str_t                     labels[2];
    uint64_t                      value;
    ngx_uint_t                    i;            /* of the next one */
    ngx_uint_t                    name;
} ngx_http_profile_sample_t;


typedef struct {
    ngx_str_t                     bound;
    uint64_t                      count;        /* up to it */
} ngx_http_profile_bucket_t;


typedef struct {
    ngx_http_profile_bucket_t     buckets[NGX_HTTP_PROFILE_BUCKETS];
    uint64_t                      sum;          /* nanoseconds */
} ngx_http_profile_histogram_t;


/* a page under way */

typedef struct {
    ngx_pool_t                   *pool;
    ngx_array_t                  *families;
    ngx_array_t                  *views;
    ngx_chain_t                  *out;
    ngx_chain_t                 **last_out;
    ngx_buf_t                    *buf;
    off_t                         size;
    ngx_uint_t                    failed;       /* no memory */
} ngx_http_profile_page_t;


/* ngx_http_profile_zone.c */

ngx_uint_t ngx_http_profile_zone_key(ngx_http_request_t *r,
    ngx_http_profile_zone_t *zone);
void ngx_http_profile_zone_blocked(ngx_http_profile_zone_t *zone,
    ngx_uint_t key, ngx_str_t *name, ngx_log_t *log);
void ngx_http_profile_zone_bytes(ngx_http_profile_zone_t *zone,
    uint64_t *used, uint64_t *free);


/* ngx_http_profile_metrics.c */

ngx_http_profile_write_e ngx_http_profile_write_result(
    profile_reason_e reason);


/* ngx_http_profile_samples.c */

ngx_array_t *ngx_http_profile_families(ngx_pool_t *pool);
ngx_array_t *ngx_http_profile_views(ngx_pool_t *pool, ngx_array_t *zones);
ngx_str_t ngx_http_profile_key_text(ngx_http_profile_view_t *view,
    ngx_uint_t key);
ngx_uint_t ngx_http_profile_next_sample(ngx_http_profile_view_t *view,
    ngx_uint_t key, ngx_http_profile_family_t *family,
    ngx_http_profile_sample_t *sample);
void ngx_http_profile_get_histogram(ngx_http_profile_view_t *view,
    ngx_uint_t key, ngx_http_profile_histogram_t *h);


/* ngx_http_profile_page.c */

void ngx_cdecl ngx_http_profile_page_print(ngx_http_profile_page_t *page,
    const char *fmt, ...);
void ngx_http_profile_page_prometheus(ngx_http_profile_page_t *page);
void ngx_http_profile_page_json(ngx_http_profile_page_t *page);
void ngx_http_profile_page_html(ngx_http_profile_page_t *page);


#endif /* _NGX_HTTP_PROFILE_METRICS_H_INCLUDED_ */
