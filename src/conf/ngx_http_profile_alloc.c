
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>

#include "conf/ngx_http_profile_alloc.h"


static void *ngx_http_profile_libc_alloc(void *ctx, size_t size);
static void *ngx_http_profile_libc_realloc(void *ctx, void *p, size_t size);
static void ngx_http_profile_libc_free(void *ctx, void *p);


const profile_alloc_t  ngx_http_profile_alloc = {
    ngx_http_profile_libc_alloc,
    ngx_http_profile_libc_realloc,
    ngx_http_profile_libc_free,
    NULL
};


static void *
ngx_http_profile_libc_alloc(void *ctx, size_t size)
{
    return malloc(size);
}


static void *
ngx_http_profile_libc_realloc(void *ctx, void *p, size_t size)
{
    return realloc(p, size);
}


static void
ngx_http_profile_libc_free(void *ctx, void *p)
{
    free(p);
}
