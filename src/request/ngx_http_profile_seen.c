
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_md5.h>

#include <unistd.h>

#include "request/ngx_http_profile_seen.h"


#define NGX_HTTP_PROFILE_SEEN_FIRST  256


struct ngx_http_profile_seen_s {
    uint64_t                       *table;      /* 0: free */
    size_t                          size;       /* a power of two */
    size_t                          n;
    ngx_log_t                      *log;
    u_char                          key[16];
};


static void ngx_http_profile_seen_cleanup(void *data);
static uint64_t ngx_http_profile_seen_hash(ngx_http_profile_seen_t *seen,
    const u_char *id, size_t len);
static ngx_int_t ngx_http_profile_seen_grow(ngx_http_profile_seen_t *seen);
static ngx_uint_t ngx_http_profile_seen_add(ngx_http_profile_seen_t *seen,
    uint64_t hash);


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

    if (seen->table) {
        ngx_free(seen->table);
    }
}


void
ngx_http_profile_seen_reset(ngx_http_profile_seen_t *seen)
{
    seen->n = 0;

    if (seen->table) {
        ngx_memzero(seen->table, seen->size * sizeof(uint64_t));
    }
}


int
ngx_http_profile_seen(void *data, const u_char *id, size_t len)
{
    ngx_http_profile_seen_t *seen = data;

    if (seen->n * 2 >= seen->size
        && ngx_http_profile_seen_grow(seen) != NGX_OK)
    {
        return -1;
    }

    return ngx_http_profile_seen_add(seen,
                                     ngx_http_profile_seen_hash(seen, id, len));
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
ngx_http_profile_seen_grow(ngx_http_profile_seen_t *seen)
{
    size_t     i, size;
    uint64_t  *table;

    table = seen->table;
    size = seen->size;

    seen->size = size ? size * 2 : NGX_HTTP_PROFILE_SEEN_FIRST;
    seen->table = ngx_calloc(seen->size * sizeof(uint64_t), seen->log);

    if (seen->table == NULL) {
        seen->table = table;
        seen->size = size;

        return NGX_ERROR;
    }

    seen->n = 0;

    for (i = 0; i < size; i++) {
        if (table[i]) {
            (void) ngx_http_profile_seen_add(seen, table[i]);
        }
    }

    if (table) {
        ngx_free(table);
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_profile_seen_add(ngx_http_profile_seen_t *seen, uint64_t hash)
{
    size_t  i;

    for (i = hash & (seen->size - 1);
         seen->table[i];
         i = (i + 1) & (seen->size - 1))
    {
        if (seen->table[i] == hash) {
            return 1;
        }
    }

    seen->table[i] = hash;
    seen->n++;

    return 0;
}
