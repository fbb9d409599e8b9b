
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_profile_module.h"


#define NGX_HTTP_PROFILE_TYPE_LEN  255

/* headers of an upstream's answer that ours has too */
#define NGX_HTTP_PROFILE_KEPT      16


static ngx_table_elt_t *ngx_http_profile_kept_headers(ngx_http_request_t *r,
    ngx_list_t *from, ngx_uint_t *n);
static void ngx_http_profile_clear_stale(ngx_list_t *headers);


/* headers that tell of the very bytes of the body: each line of them goes */

static ngx_str_t  ngx_http_profile_stale_headers[] = {
    ngx_string("Accept-Ranges"),
    ngx_string("Content-Encoding"),
    ngx_string("Content-MD5"),
    ngx_string("Digest"),
    ngx_string("Content-Digest"),
    ngx_string("Repr-Digest"),
    ngx_null_string
};


/* the next header of a list, from its first part and 0 on */

ngx_table_elt_t *
ngx_http_profile_next_header(ngx_list_part_t **part, ngx_uint_t *i)
{
    ngx_table_elt_t  *h;

    for ( ;; ) {

        if (*i >= (*part)->nelts) {

            if ((*part)->next == NULL) {
                return NULL;
            }

            *part = (*part)->next;
            *i = 0;
            continue;
        }

        h = (*part)->elts;
        h = &h[(*i)++];

        if (h->hash != 0) {
            return h;
        }
    }
}


/* ngx_http_test_content_type() strips no parameter but a plain charset */

ngx_int_t
ngx_http_profile_test_type(ngx_http_request_t *r, ngx_hash_t *types)
{
    u_char      *p, *last, lowcase[NGX_HTTP_PROFILE_TYPE_LEN];
    size_t       len;
    ngx_str_t   *type;
    ngx_uint_t   hash;

    type = &r->headers_out.content_type;

    if (type->len == 0) {
        return NGX_DECLINED;
    }

    if (types->size == 0) {
        return NGX_OK;
    }

    p = type->data;
    last = ngx_strlchr(p, p + type->len, ';');

    if (last == NULL) {
        last = p + type->len;
    }

    while (p < last && (*p == ' ' || *p == '\t')) {
        p++;
    }

    while (p < last && (last[-1] == ' ' || last[-1] == '\t')) {
        last--;
    }

    len = last - p;

    if (len == 0 || len > NGX_HTTP_PROFILE_TYPE_LEN) {
        return NGX_DECLINED;
    }

    hash = ngx_hash_strlow(lowcase, p, len);

    return ngx_hash_find(types, hash, lowcase, len) ? NGX_OK : NGX_DECLINED;
}


/*
 * The content coding: NGX_OK is gzip, NGX_DECLINED is none, NGX_ERROR is one
 * that we do not decode, or several.
 */

ngx_int_t
ngx_http_profile_test_gzip(ngx_http_request_t *r)
{
    ngx_int_t         rc;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    rc = NGX_DECLINED;
    part = &r->headers_out.headers.part;
    i = 0;

    for ( ;; ) {
        h = ngx_http_profile_next_header(&part, &i);

        if (h == NULL) {
            return rc;
        }

        if (h->key.len != 16
            || ngx_strncasecmp(h->key.data, (u_char *) "Content-Encoding", 16)
               != 0
            || h->value.len == 0
            || (h->value.len == 8
                && ngx_strncasecmp(h->value.data, (u_char *) "identity", 8)
                   == 0))
        {
            continue;
        }

        if (rc == NGX_DECLINED
            && ((h->value.len == 4
                 && ngx_strncasecmp(h->value.data, (u_char *) "gzip", 4) == 0)
                || (h->value.len == 6
                    && ngx_strncasecmp(h->value.data, (u_char *) "x-gzip", 6)
                       == 0)))
        {
            rc = NGX_OK;
            continue;
        }

        return NGX_ERROR;
    }
}


void
ngx_http_profile_change_headers(ngx_http_request_t *r)
{
    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_weak_etag(r);

    r->headers_out.content_encoding = NULL;

    ngx_http_profile_clear_stale(&r->headers_out.headers);
}


/* those of the upstream stand there when the body ends */

void
ngx_http_profile_change_trailers(ngx_http_request_t *r)
{
    ngx_http_profile_clear_stale(&r->headers_out.trailers);
}


static void
ngx_http_profile_clear_stale(ngx_list_t *headers)
{
    ngx_str_t        *name;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    part = &headers->part;
    i = 0;

    for ( ;; ) {
        h = ngx_http_profile_next_header(&part, &i);

        if (h == NULL) {
            return;
        }

        for (name = ngx_http_profile_stale_headers; name->len; name++) {

            if (h->key.len == name->len
                && ngx_strncasecmp(h->key.data, name->data, name->len) == 0)
            {
                h->hash = 0;
            }
        }
    }
}


/*
 * The answer is our own: nothing that the upstream said of its own holds, but
 * for what tells the client when to come back or how to be let in.
 */

ngx_int_t
ngx_http_profile_replace_headers(ngx_http_request_t *r, ngx_uint_t status,
    size_t len, ngx_list_t *from)
{
    ngx_uint_t        i, n;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *kept;

    kept = NULL;
    n = 0;

    if (from) {
        kept = ngx_http_profile_kept_headers(r, from, &n);

        if (kept == NULL) {
            return NGX_ERROR;
        }
    }

    ngx_memzero(&r->headers_out.status,
                sizeof(ngx_http_headers_out_t)
                    - offsetof(ngx_http_headers_out_t, status));

    part = &r->headers_out.headers.part;
    part->nelts = 0;
    part->next = NULL;
    r->headers_out.headers.last = part;

    r->headers_out.trailers.part.nelts = 0;
    r->headers_out.trailers.part.next = NULL;
    r->headers_out.trailers.last = &r->headers_out.trailers.part;

    for (i = 0; i < n; i++) {
        h = ngx_list_push(&r->headers_out.headers);
        if (h == NULL) {
            return NGX_ERROR;
        }

        *h = kept[i];
#if (nginx_version >= 1023000)
        h->next = NULL;
#endif
    }

    if (r->http_version == NGX_HTTP_VERSION_9 && r->http_major) {
        /* an upstream without a header has made it so */
        r->http_version = r->http_major * 1000 + r->http_minor;
    }

    r->headers_out.last_modified_time = -1;

    r->headers_out.status = status;
    r->headers_out.content_length_n = len;

    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    r->allow_ranges = 0;

    return NGX_OK;
}


static ngx_table_elt_t *
ngx_http_profile_kept_headers(ngx_http_request_t *r, ngx_list_t *from,
    ngx_uint_t *n)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *kept;

    kept = ngx_palloc(r->pool,
                      NGX_HTTP_PROFILE_KEPT * sizeof(ngx_table_elt_t));
    if (kept == NULL) {
        return NULL;
    }

    part = &from->part;
    i = 0;

    while (*n < NGX_HTTP_PROFILE_KEPT) {
        h = ngx_http_profile_next_header(&part, &i);

        if (h == NULL) {
            break;
        }

        if ((h->key.len == 11
             && ngx_strncasecmp(h->key.data, (u_char *) "Retry-After", 11)
                == 0)
            || (h->key.len == 16
                && ngx_strncasecmp(h->key.data, (u_char *) "WWW-Authenticate",
                                   16)
                   == 0)
            || (h->key.len > 12
                && ngx_strncasecmp(h->key.data, (u_char *) "X-RateLimit-", 12)
                   == 0))
        {
            kept[(*n)++] = *h;
        }
    }

    return kept;
}
