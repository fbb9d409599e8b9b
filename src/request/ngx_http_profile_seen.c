
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_md5.h>

#include <unistd.h>

#include "request/ngx_http_profile_seen.h"


#define NGX_HTTP_PROFILE_SEEN_TABLES  256
#define NGX_HTTP_PROFILE_SEEN_FIRST   8


typedef struct {
    uint64_t                       *elts;       /* 0: free */
    ngx_uint_t                      size;
    ngx_uint_t                      n;
} ngx_http_profile_seen_table_t;


struct ngx_http_profile_seen_s {
    ngx_http_profile_seen_table_t   tables[NGX_HTTP_PROFILE_SEEN_TABLES];
    ngx_uint_t                      again;
    ngx_log_t                      *log;
    u_char                          key[16];
};


static void ngx_http_profile_seen_cleanup(void *data);
static uint64_t ngx_http_profile_seen_hash(ngx_http_profile_seen_t *seen,
    const u_char *id, size_t len);
static ngx_int_t ngx_http_profile_seen_grow(ngx_http_profile_seen_t *seen,
    ngx_http_profile_seen_table_t *table);
static ngx_uint_t ngx_http_profile_seen_add(
    ngx_http_profile_seen_table_t *table, uint64_t hash);


ngx_http_profile_seen_t *
ngx_http_profile_seen_create(ngx_pool_t *pool)
{
    ngx_pool_cleanup_t       *cln;
    ngx_http_profile_seen_t  *seen;

    cln = ngx_pool_cleanup_add(pool, sizeof(ngx_http_profile_seen_t));
    if (cln == NULL) {
        return NULL;
    }

    seen = cln->data;

    ngx_memzero(seen, sizeof(ngx_http_profile_seen_t));

    seen->log = pool->log;

    cln->handler = ngx_http_profile_seen_cleanup;

    if (getentropy(seen->key, sizeof(seen->key)) != 0) {
        ngx_log_error(NGX_LOG_ALERT, pool->log, ngx_errno,
                      "getentropy() failed");
        return NULL;
    }

    return seen;
}


static void
ngx_http_profile_seen_cleanup(void *data)
{
    ngx_http_profile_seen_t *seen = data;

    ngx_http_profile_seen_reset(seen);
}


void
ngx_http_profile_seen_reset(ngx_http_profile_seen_t *seen)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_PROFILE_SEEN_TABLES; i++) {
        if (seen->tables[i].elts) {
            ngx_free(seen->tables[i].elts);
        }
    }

    ngx_memzero(seen->tables, sizeof(seen->tables));

    seen->again = 0;
}


ngx_uint_t
ngx_http_profile_seen_again(ngx_http_profile_seen_t *seen)
{
    return seen->again;
}


int
ngx_http_profile_seen(void *data, const u_char *id, size_t len)
{
    ngx_http_profile_seen_t *seen = data;

    uint64_t                        hash;
    ngx_http_profile_seen_table_t  *table;

    hash = ngx_http_profile_seen_hash(seen, id, len);
    table = &seen->tables[hash % NGX_HTTP_PROFILE_SEEN_TABLES];

    if (table->n >= table->size - table->size / 8
        && ngx_http_profile_seen_grow(seen, table) != NGX_OK)
    {
        return -1;
    }

    if (ngx_http_profile_seen_add(table, hash)) {
        seen->again++;
        return 1;
    }

    seen->again = 0;

    return 0;
}


static uint64_t
ngx_http_profile_seen_hash(ngx_http_profile_seen_t *seen, const u_char *id,
    size_t len)
{
    u_char     digest[16];
    uint64_t   hash;
    ngx_md5_t  md5;

    ngx_md5_init(&md5);
    ngx_md5_update(&md5, seen->key, sizeof(seen->key));
    ngx_md5_update(&md5, id, len);
    ngx_md5_final(digest, &md5);

    ngx_memcpy(&hash, digest, sizeof(uint64_t));

    return hash ? hash : 1;
}


static ngx_int_t
ngx_http_profile_seen_grow(ngx_http_profile_seen_t *seen,
    ngx_http_profile_seen_table_t *table)
{
    ngx_uint_t                     i;
    ngx_http_profile_seen_table_t  larger;

    larger.n = 0;
    larger.size = table->size ? table->size + table->size / 2
                              : NGX_HTTP_PROFILE_SEEN_FIRST;
    larger.elts = ngx_calloc(larger.size * sizeof(uint64_t), seen->log);

    if (larger.elts == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < table->size; i++) {
        if (table->elts[i]) {
            (void) ngx_http_profile_seen_add(&larger, table->elts[i]);
        }
    }

    if (table->elts) {
        ngx_free(table->elts);
    }

    *table = larger;

    return NGX_OK;
}


/* all of a table have the lowest bits in common */

static ngx_uint_t
ngx_http_profile_seen_add(ngx_http_profile_seen_table_t *table, uint64_t hash)
{
    ngx_uint_t  i;

    i = (hash / NGX_HTTP_PROFILE_SEEN_TABLES) % table->size;

    while (table->elts[i]) {

        if (table->elts[i] == hash) {
            return 1;
        }

        i = (i + 1 == table->size) ? 0 : i + 1;
    }

    table->elts[i] = hash;
    table->n++;

    return 0;
}
