
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_core.h"


#define PROFILE_BUF_MIN    512

/* users larger than this are rare */
#define PROFILE_BUF_LARGE  65536

/* FNV-1a */
#define PROFILE_PRINT_BASIS  0xcbf29ce484222325ULL
#define PROFILE_PRINT_PRIME  0x100000001b3ULL


int
profile_buf_grow(const profile_alloc_t *a, profile_buf_t *buf, size_t len)
{
    u_char  *p;
    size_t   size;

    if (len > SIZE_MAX / 2 - buf->len) {
        return -1;
    }

    size = buf->size ? buf->size : PROFILE_BUF_MIN;

    while (size - buf->len < len) {
        size += size < PROFILE_BUF_LARGE ? size : size / 4;
    }

    p = a->realloc(a->ctx, buf->data, size);
    if (p == NULL) {
        return -1;
    }

    buf->data = p;
    buf->size = size;

    return 0;
}


int
profile_buf_append(const profile_alloc_t *a, profile_buf_t *buf,
    const void *data, size_t len)
{
    if (len == 0) {
        return 0;
    }

    if (profile_buf_reserve(a, buf, len) != 0) {
        return -1;
    }

    memcpy(buf->data + buf->len, data, len);
    buf->len += len;

    return 0;
}


void
profile_buf_trim(const profile_alloc_t *a, profile_buf_t *buf)
{
    buf->len = 0;

    if (buf->size > PROFILE_BUF_LARGE) {
        profile_buf_free(a, buf);
    }
}


void
profile_buf_free(const profile_alloc_t *a, profile_buf_t *buf)
{
    a->free(a->ctx, buf->data);

    buf->data = NULL;
    buf->len = 0;
    buf->size = 0;
}


uint64_t
profile_core_fingerprint(uint64_t print, const void *data, size_t len)
{
    size_t         i;
    const u_char  *p = data;

    print ^= PROFILE_PRINT_BASIS;

    for (i = 0; i < len; i++) {
        print = (print ^ p[i]) * PROFILE_PRINT_PRIME;
    }

    /* the end of a text, which no byte of one can be */

    return (print ^ (0x100 + (uint64_t) len)) * PROFILE_PRINT_PRIME;
}
