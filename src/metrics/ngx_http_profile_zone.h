
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_ZONE_H_INCLUDED_
#define _NGX_HTTP_PROFILE_ZONE_H_INCLUDED_


#include "metrics/ngx_http_profile_counters.h"


/*
 * Words that are numbered from 1 in the order in which they came: the keys,
 * and the attributes' names of each key.  They are added under the mutex of
 * the zone and looked up without it: a number stands in the index once its word
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
    ngx_atomic_t                 *named;        /* by name, of each kind */
} ngx_http_profile_shared_t;


struct ngx_http_profile_zone_s {
    ngx_str_t                     name;
    ngx_http_complex_value_t     *key;
    ngx_shm_zone_t               *shm_zone;     /* NULL: not defined yet */
    ngx_slab_pool_t              *shpool;
    ngx_http_profile_shared_t    *sh;
    u_char                       *file;
    ngx_uint_t                    line;         /* of the first mention */
};


/* The directive "profile_zone". */
char *ngx_http_profile_zone_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * The zone of this name, whose directive may come later.  Returns NULL, the
 * log having been told, where the name is none or there is no memory.
 */
ngx_http_profile_zone_t *ngx_http_profile_zone_get(ngx_conf_t *cf,
    ngx_str_t *name);

/*
 * Once all is read: NGX_OK, or NGX_ERROR where a zone that was named has no
 * directive.
 */
ngx_int_t ngx_http_profile_zone_check(ngx_conf_t *cf);

/* The number of the request's key, 0 for "other". */
ngx_uint_t ngx_http_profile_zone_key(ngx_http_request_t *r,
    ngx_http_profile_zone_t *zone);

/* Counts one of the names of a request. */
void ngx_http_profile_zone_named(ngx_http_profile_zone_t *zone,
    ngx_uint_t key, ngx_http_profile_named_e kind, ngx_str_t *name,
    ngx_log_t *log);

/* How often a name has been counted, by its number. */
#define ngx_http_profile_zone_count(sh, kind, number)                        \
    ((sh)->named[((number) - 1) * NGX_HTTP_PROFILE_NAMED + (kind)])

/* Bytes; what could still be taken is free. */
void ngx_http_profile_zone_bytes(ngx_http_profile_zone_t *zone,
    uint64_t *used, uint64_t *free);


#endif /* _NGX_HTTP_PROFILE_ZONE_H_INCLUDED_ */
