
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "http/ngx_http_profile_headers.h"


#define NGX_HTTP_PROFILE_TYPE_LEN  255

/* how many headers of an upstream's answer ours may have too */
#define NGX_HTTP_PROFILE_KEPT      16


static ngx_uint_t ngx_http_profile_headers_fine(ngx_uint_t status);
static ngx_table_elt_t *ngx_http_profile_headers_keep(ngx_http_request_t *r,
    ngx_list_t *from, ngx_uint_t *n);


static const ngx_str_t  ngx_http_profile_coding[] = {
    ngx_string("Content-Encoding"),
    ngx_null_string
};


static const ngx_str_t  ngx_http_profile_identity[] = {
    ngx_string("identity"),
    ngx_null_string
};


static const ngx_str_t  ngx_http_profile_gzip[] = {
    ngx_string("gzip"),
    ngx_string("x-gzip"),
    ngx_null_string
};


/* those that tell of the very bytes of the body, or of what it lacks */

static const ngx_str_t  ngx_http_profile_stale[] = {
    ngx_string("Accept-Ranges"),
    ngx_string("Content-Encoding"),
    ngx_string("Content-MD5"),
    ngx_string("Digest"),
    ngx_string("Content-Digest"),
    ngx_string("Repr-Digest"),
    ngx_string("X-Profile-Unreadable"),
    ngx_null_string
};


static const ngx_str_t  ngx_http_profile_kept[] = {
    ngx_string("Retry-After"),
    ngx_string("WWW-Authenticate"),
    ngx_string("X-RateLimit-"),
    ngx_null_string
};


ngx_uint_t
ngx_http_profile_headers_one_of(const ngx_str_t *text, const ngx_str_t *words)
{
    const ngx_str_t  *w;

    for (w = words; w->len; w++) {

        if (w->data[w->len - 1] == '-') {

            if (text->len <= w->len) {
                continue;
            }

        } else if (text->len != w->len) {
            continue;
        }

        if (ngx_strncasecmp(text->data, w->data, w->len) == 0) {
            return 1;
        }
    }

    return 0;
}


ngx_table_elt_t *
ngx_http_profile_headers_next(ngx_list_part_t **part, ngx_uint_t *i,
    const ngx_str_t *names)
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

        if (h->hash != 0
            && (names == NULL
                || ngx_http_profile_headers_one_of(&h->key, names)))
        {
            return h;
        }
    }
}


ngx_int_t
ngx_http_profile_headers_add(ngx_http_request_t *r, const ngx_str_t *key,
    const ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    h->key = *key;
    h->value = *value;

#if (nginx_version >= 1023000)
    h->next = NULL;
#endif

    return NGX_OK;
}


void
ngx_http_profile_headers_remove(ngx_list_t *headers, const ngx_str_t *names)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    part = &headers->part;
    i = 0;

    for ( ;; ) {
        h = ngx_http_profile_headers_next(&part, &i, names);

        if (h == NULL) {
            return;
        }

        h->hash = 0;
    }
}


/*
 * Nothing is taken out in place: a subrequest points to the list of its parent,
 * and the proxy sends on what has been removed, too.
 */

ngx_int_t
ngx_http_profile_headers_without(ngx_http_request_t *r, const ngx_str_t *names)
{
    ngx_uint_t        i;
    ngx_list_t        headers;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *copy;

    if (ngx_list_init(&headers, r->pool, 20, sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    part = &r->headers_in.headers.part;
    i = 0;

    for ( ;; ) {
        h = ngx_http_profile_headers_next(&part, &i, NULL);

        if (h == NULL) {
            break;
        }

        if (ngx_http_profile_headers_one_of(&h->key, names)) {
            continue;
        }

        copy = ngx_list_push(&headers);
        if (copy == NULL) {
            return NGX_ERROR;
        }

        *copy = *h;
    }

    /* a list of one part ends in itself */

    r->headers_in.headers = headers;

    if (headers.last == &headers.part) {
        r->headers_in.headers.last = &r->headers_in.headers.part;
    }

    return NGX_OK;
}


/* ngx_http_test_content_type() strips no parameter but a plain charset */

/* an upstream that is through with its response has no cleanup any more */

ngx_uint_t
ngx_http_profile_headers_status(ngx_http_request_t *r)
{
    ngx_http_upstream_t  *u;

    u = r->upstream;

    if (r->err_status && u && !u->header_sent && (u->cleanup || r->cached)) {
        return u->headers_in.status_n;
    }

    return r->headers_out.status;
}


ngx_uint_t
ngx_http_profile_headers_success(ngx_http_request_t *r)
{
    return ngx_http_profile_headers_fine(r->headers_out.status)
           || ngx_http_profile_headers_fine(ngx_http_profile_headers_status(r));
}


static ngx_uint_t
ngx_http_profile_headers_fine(ngx_uint_t status)
{
    return status == NGX_HTTP_OK || status == NGX_HTTP_CREATED
           || status == NGX_HTTP_PARTIAL_CONTENT;
}


ngx_int_t
ngx_http_profile_headers_test_type(ngx_http_request_t *r, ngx_hash_t *types)
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


ngx_int_t
ngx_http_profile_headers_test_gzip(ngx_http_request_t *r)
{
    ngx_int_t         rc;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    rc = NGX_DECLINED;
    part = &r->headers_out.headers.part;
    i = 0;

    for ( ;; ) {
        h = ngx_http_profile_headers_next(&part, &i, ngx_http_profile_coding);

        if (h == NULL) {
            return rc;
        }

        if (h->value.len == 0
            || ngx_http_profile_headers_one_of(&h->value,
                                               ngx_http_profile_identity))
        {
            continue;
        }

        if (rc == NGX_OK
            || !ngx_http_profile_headers_one_of(&h->value,
                                                ngx_http_profile_gzip))
        {
            return NGX_ERROR;
        }

        rc = NGX_OK;
    }
}


void
ngx_http_profile_headers_change(ngx_http_request_t *r)
{
    ngx_http_clear_content_length(r);
    ngx_http_clear_accept_ranges(r);
    ngx_http_weak_etag(r);

    r->headers_out.content_encoding = NULL;

    ngx_http_profile_headers_remove(&r->headers_out.headers,
                                    ngx_http_profile_stale);
}


void
ngx_http_profile_headers_change_trailers(ngx_http_request_t *r)
{
    ngx_http_profile_headers_remove(&r->headers_out.trailers,
                                    ngx_http_profile_stale);
}


ngx_int_t
ngx_http_profile_headers_replace(ngx_http_request_t *r, ngx_uint_t status,
    size_t len, ngx_list_t *from)
{
    ngx_uint_t        i, n;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *kept;

    kept = NULL;
    n = 0;

    if (from) {
        kept = ngx_http_profile_headers_keep(r, from, &n);

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
ngx_http_profile_headers_keep(ngx_http_request_t *r, ngx_list_t *from,
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
        h = ngx_http_profile_headers_next(&part, &i, ngx_http_profile_kept);

        if (h == NULL) {
            break;
        }

        kept[(*n)++] = *h;
    }

    return kept;
}
