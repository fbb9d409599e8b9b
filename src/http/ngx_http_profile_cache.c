
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_value.h"
#include "http/ngx_http_profile_cache.h"
#include "http/ngx_http_profile_headers.h"


static ngx_int_t ngx_http_profile_cache_control(ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_cache_control_add(ngx_http_request_t *r,
    ngx_str_t *value);
static ngx_int_t ngx_http_profile_cache_vary(ngx_http_request_t *r);
static const ngx_str_t *ngx_http_profile_cache_words(ngx_http_request_t *r);
static void ngx_http_profile_cache_put(ngx_str_t *list, const ngx_str_t *word);
static ngx_uint_t ngx_http_profile_cache_lists(ngx_str_t list,
    const ngx_str_t *word);
static ngx_uint_t ngx_http_profile_cache_next(ngx_str_t *list,
    ngx_str_t *word);


static const ngx_str_t  ngx_http_profile_cache_control_name[] = {
    ngx_string("Cache-Control"),
    ngx_null_string
};


/* what says the same to older caches, or to some of them alone (RFC 9213) */

static const ngx_str_t  ngx_http_profile_cache_other_names[] = {
    ngx_string("Expires"),
    ngx_string("CDN-Cache-Control"),
    ngx_string("Cloudflare-CDN-Cache-Control"),
    ngx_string("Edge-Control"),
    ngx_string("Surrogate-Control"),
    ngx_null_string
};


static const ngx_str_t  ngx_http_profile_cache_vary_name[] = {
    ngx_string("Vary"),
    ngx_null_string
};


/* all that v1 may add to "no-cache": each makes it stricter */

static const ngx_str_t  ngx_http_profile_cache_strict[] = {
    ngx_string("private"),
    ngx_string("no-store"),
    ngx_string("no-transform"),
    ngx_null_string
};


/*
 * Which origin may read a response is said in its header; in which coding it
 * leaves, nginx decides, and says so itself with "gzip_vary on".
 */

static const ngx_str_t  ngx_http_profile_cache_varies[] = {
    ngx_string("Origin"),
    ngx_string("Accept-Encoding"),
    ngx_null_string
};


#define NGX_HTTP_PROFILE_CACHE_STRICTEST                                      \
    (sizeof("private, no-store, no-transform, no-cache") - 1)

#define NGX_HTTP_PROFILE_CACHE_VARIES                                         \
    (sizeof(", Origin, Accept-Encoding") - 1)


ngx_int_t
ngx_http_profile_cache_find(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    ngx_int_t                    rc;
    ngx_http_profile_ctx_t      *ctx;
    ngx_http_profile_rewrite_t  *rewrite;

    rewrite = plcf->response.rewrite;

    if (rewrite == NULL || !rewrite->api_v2 || plcf->response.dry_run
        || r != r->main)
    {
        return NGX_DECLINED;
    }

    ctx = ngx_http_profile_ctx_get(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (ctx->api) {
        return NGX_OK;
    }

    rc = ngx_http_profile_value_test(r, rewrite->filter);

    ctx->api = (rc == NGX_OK);

    return rc;
}


ngx_int_t
ngx_http_profile_cache_header(ngx_http_request_t *r)
{
    ngx_http_profile_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    if (ctx == NULL || !ctx->api) {
        return NGX_OK;
    }

    if (ngx_http_profile_cache_control(r) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_profile_cache_vary(r);
}


/*
 * What v1 allows is for its own paths, and for those whom it lets in there: a
 * cache that goes by the URL would hand a profile to anybody.
 */

static ngx_int_t
ngx_http_profile_cache_control(ngx_http_request_t *r)
{
    ngx_str_t         value;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *first;
    const ngx_str_t  *strict;

    static const ngx_str_t  no_cache = ngx_string("no-cache");

    ngx_http_profile_headers_remove(&r->headers_out.headers,
                                    ngx_http_profile_cache_other_names);

    r->headers_out.expires = NULL;

    value.len = 0;
    value.data = ngx_pnalloc(r->pool, NGX_HTTP_PROFILE_CACHE_STRICTEST);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    first = NULL;
    part = &r->headers_out.headers.part;
    i = 0;

    for ( ;; ) {
        h = ngx_http_profile_headers_next(&part, &i,
                                          ngx_http_profile_cache_control_name);
        if (h == NULL) {
            break;
        }

        for (strict = ngx_http_profile_cache_strict; strict->len; strict++) {

            if (ngx_http_profile_cache_lists(h->value, strict)) {
                ngx_http_profile_cache_put(&value, strict);
            }
        }

        if (first) {
            h->hash = 0;

        } else {
            first = h;
        }
    }

    ngx_http_profile_cache_put(&value, &no_cache);

    if (first == NULL) {
        return ngx_http_profile_cache_control_add(r, &value);
    }

    first->value = value;

    return NGX_OK;
}


/* "expires" and "add_header" of nginx look for it at a place of its own */

static ngx_int_t
ngx_http_profile_cache_control_add(ngx_http_request_t *r, ngx_str_t *value)
{
    ngx_table_elt_t  *h;
#if (nginx_version < 1023000)
    ngx_table_elt_t  **place;
#endif

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    h->hash = 1;
    h->key = ngx_http_profile_cache_control_name[0];
    h->value = *value;

#if (nginx_version >= 1023000)
    h->next = NULL;

    r->headers_out.cache_control = h;
#else
    if (ngx_array_init(&r->headers_out.cache_control, r->pool, 1,
                       sizeof(ngx_table_elt_t *))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    place = ngx_array_push(&r->headers_out.cache_control);
    if (place == NULL) {
        return NGX_ERROR;
    }

    *place = h;
#endif

    return NGX_OK;
}


/*
 * One line, which names all that v1's lines do and no name twice.  The token is
 * not among them: what is kept is asked for again each time, with the token of
 * who asks, and a new token need not make it useless.
 */

static ngx_int_t
ngx_http_profile_cache_vary(ngx_http_request_t *r)
{
    size_t            len;
    ngx_str_t         value, word, list;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;
    const ngx_str_t  *words;

    len = NGX_HTTP_PROFILE_CACHE_VARIES;
    part = &r->headers_out.headers.part;
    i = 0;

    for ( ;; ) {
        h = ngx_http_profile_headers_next(&part, &i,
                                          ngx_http_profile_cache_vary_name);
        if (h == NULL) {
            break;
        }

        /* what stands between two names may become longer by a space */

        len += 2 * (h->value.len + 1);
    }

    value.len = 0;
    value.data = ngx_pnalloc(r->pool, len);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    words = ngx_http_profile_cache_words(r);

    part = &r->headers_out.headers.part;
    i = 0;

    for ( ;; ) {
        h = ngx_http_profile_headers_next(&part, &i,
                                          ngx_http_profile_cache_vary_name);
        if (h == NULL) {
            break;
        }

        list = h->value;

        while (ngx_http_profile_cache_next(&list, &word)) {

            if (!ngx_http_profile_headers_one_of(&word,
                                               ngx_http_profile_cache_varies))
            {
                ngx_http_profile_cache_put(&value, &word);
            }
        }

        h->hash = 0;
    }

    for ( /* void */ ; words->len; words++) {
        ngx_http_profile_cache_put(&value, words);
    }

    return ngx_http_profile_headers_add(r, ngx_http_profile_cache_vary_name,
                                        &value);
}


static const ngx_str_t *
ngx_http_profile_cache_words(ngx_http_request_t *r)
{
#if (NGX_HTTP_GZIP)
    ngx_http_core_loc_conf_t  *clcf;

    static const ngx_str_t  origin[] = {
        ngx_string("Origin"),
        ngx_null_string
    };

    clcf = ngx_http_get_module_loc_conf(r, ngx_http_core_module);

    if (clcf->gzip_vary) {
        return origin;
    }
#endif

    return ngx_http_profile_cache_varies;
}


/* appends a word to a list that has room for it, if it is not in it */

static void
ngx_http_profile_cache_put(ngx_str_t *list, const ngx_str_t *word)
{
    u_char  *p;

    if (ngx_http_profile_cache_lists(*list, word)) {
        return;
    }

    p = list->data + list->len;

    if (list->len) {
        *p++ = ',';
        *p++ = ' ';
    }

    p = ngx_cpymem(p, word->data, word->len);

    list->len = p - list->data;
}


/* whether the word is one of the list, with a value of its own or without */

static ngx_uint_t
ngx_http_profile_cache_lists(ngx_str_t list, const ngx_str_t *word)
{
    ngx_str_t  next;

    while (ngx_http_profile_cache_next(&list, &next)) {

        if (next.len >= word->len
            && (next.len == word->len || next.data[word->len] == '=')
            && ngx_strncasecmp(next.data, word->data, word->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* takes the next word off a list: what stands between commas, if anything */

static ngx_uint_t
ngx_http_profile_cache_next(ngx_str_t *list, ngx_str_t *word)
{
    u_char  *p, *end, *last;

    last = list->data + list->len;

    while (list->len) {

        p = list->data;
        end = ngx_strlchr(p, last, ',');

        if (end == NULL) {
            end = last;
        }

        list->data = (end < last) ? end + 1 : last;
        list->len = last - list->data;

        while (p < end && (*p == ' ' || *p == '\t')) {
            p++;
        }

        while (p < end && (end[-1] == ' ' || end[-1] == '\t')) {
            end--;
        }

        if (p < end) {
            word->data = p;
            word->len = end - p;

            return 1;
        }
    }

    return 0;
}
