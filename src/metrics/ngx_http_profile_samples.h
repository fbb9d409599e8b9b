
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_SAMPLES_H_INCLUDED_
#define _NGX_HTTP_PROFILE_SAMPLES_H_INCLUDED_


#include "metrics/ngx_http_profile_zone.h"


/* what is in a zone now: its keys, and the names of each */

typedef struct {
    ngx_http_profile_zone_t      *zone;
    ngx_uint_t                   *keys;         /* numbers */
    ngx_uint_t                    nkeys;
    ngx_uint_t                   *first;        /* name, by key */
    ngx_uint_t                   *next;         /* name, by name */
} ngx_http_profile_snapshot_t;


/* a family of metrics and the counters that belong to it */

typedef struct {
    ngx_str_t                     labels[2];    /* values */
    size_t                        offset;       /* in counters_t */
    ngx_uint_t                    always;       /* is shown while it is zero */
} ngx_http_profile_place_t;


typedef enum {
    NGX_HTTP_PROFILE_COUNTER = 0,
    NGX_HTTP_PROFILE_NAMES,                     /* and those of a snapshot */
    NGX_HTTP_PROFILE_HISTOGRAM
} ngx_http_profile_kind_e;


typedef struct {
    ngx_str_t                     name;         /* without "profile_" */
    ngx_str_t                     help;
    ngx_http_profile_kind_e       kind;
    ngx_str_t                     labels[2];    /* names */
    ngx_http_profile_named_e      named;        /* of NAMES */
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


/* All families with their places: family_t; NULL: there is no memory. */
ngx_array_t *ngx_http_profile_samples_families(ngx_pool_t *pool);

/* What is in the zones now: view_t; NULL: there is no memory. */
ngx_array_t *ngx_http_profile_samples_snapshots(ngx_pool_t *pool,
    ngx_array_t *zones);

/* The text of a key, in the zone. */
ngx_str_t ngx_http_profile_samples_key(ngx_http_profile_snapshot_t *snap,
    ngx_uint_t key);

/*
 * Fills in the next sample of a key, the first where all of it is zero.
 * Returns 1, or 0 at the end.
 */
ngx_uint_t ngx_http_profile_samples_next(ngx_http_profile_snapshot_t *snap,
    ngx_uint_t key, ngx_http_profile_family_t *family,
    ngx_http_profile_sample_t *sample);

/* The histogram of a key. */
void ngx_http_profile_samples_histogram(ngx_http_profile_snapshot_t *snap,
    ngx_uint_t key, ngx_http_profile_histogram_t *h);


#endif /* _NGX_HTTP_PROFILE_SAMPLES_H_INCLUDED_ */
