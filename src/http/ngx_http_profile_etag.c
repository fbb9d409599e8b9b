
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "core/response/profile_rewriter.h"
#include "http/ngx_http_profile_bag.h"
#include "http/ngx_http_profile_etag.h"
#include "http/ngx_http_profile_headers.h"
#include "http/ngx_http_profile_list.h"
#include "http/ngx_http_profile_tag.h"


static uint64_t ngx_http_profile_etag_path(uint64_t print,
    const profile_path_t *path);
static uint64_t ngx_http_profile_etag_add(uint64_t print, uint64_t n);
static ngx_int_t ngx_http_profile_etag_answers(ngx_http_request_t *r,
    ngx_http_profile_etag_t *e, uint64_t *print, ngx_http_profile_tag_t *tag,
    ngx_uint_t *weak);
static ngx_int_t ngx_http_profile_etag_tag(ngx_http_request_t *r,
    ngx_http_profile_tag_t *tag);
static void ngx_http_profile_etag_remove(ngx_http_request_t *r);


static const ngx_str_t  ngx_http_profile_if_none_match[] = {
    ngx_string("If-None-Match"),
    ngx_null_string
};


static const ngx_str_t  ngx_http_profile_validators[] = {
    ngx_string("ETag"),
    ngx_string("Last-Modified"),
    ngx_null_string
};


ngx_int_t
ngx_http_profile_etag_print(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, uint64_t *print)
{
    ngx_int_t                    rc;
    ngx_http_profile_rewrite_t  *rewrite;

    rewrite = plcf->response.rewrite;

    *print = ngx_http_profile_etag_add(0, PROFILE_MAPPING_VERSION);
    *print = ngx_http_profile_etag_add(*print,
                       profile_schema_fingerprint(rewrite->schema->schema));
    *print = ngx_http_profile_etag_add(*print, plcf->response.types_print);
    *print = ngx_http_profile_etag_add(*print, rewrite->api_v2);
    *print = ngx_http_profile_etag_path(*print, &rewrite->envelope);
    *print = ngx_http_profile_etag_path(*print, &rewrite->wrapper);

    rc = ngx_http_profile_list_print(r, plcf, print);

    return (rc == NGX_OK) ? ngx_http_profile_bag_print(r, plcf, print) : rc;
}


static uint64_t
ngx_http_profile_etag_path(uint64_t print, const profile_path_t *path)
{
    ngx_uint_t  i;

    print = ngx_http_profile_etag_add(print, path->n);

    for (i = 0; i < path->n; i++) {
        print = profile_core_fingerprint(print, path->parts[i].data,
                                         path->parts[i].len);
    }

    return print;
}


static uint64_t
ngx_http_profile_etag_add(uint64_t print, uint64_t n)
{
    u_char      bytes[8];
    ngx_uint_t  i;

    for (i = 0; i < 8; i++) {
        bytes[i] = (u_char) (n >> (8 * i));
    }

    return profile_core_fingerprint(print, bytes, 8);
}


ngx_int_t
ngx_http_profile_etag_response(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_uint_t holds)
{
    uint64_t                  print, *known;
    ngx_int_t                 rc, has;
    ngx_uint_t                weak, not_modified;
    ngx_table_elt_t          *etag;
    ngx_http_profile_ctx_t   *ctx;
    ngx_http_profile_tag_t    tag;
    ngx_http_profile_etag_t  *e;

    if (r != r->main || plcf->response.dry_run) {
        return NGX_OK;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);
    e = ctx ? ctx->etag : NULL;

    /* a 304 that nobody has asked for confirms nothing */

    not_modified = (r->headers_out.status == NGX_HTTP_NOT_MODIFIED
                    && e && e->asked);
    weak = 1;

    if (!holds) {

        if (not_modified && e->scope != NGX_HTTP_PROFILE_ETAG_OFF) {
            return ngx_http_profile_etag_answers(r, e, NULL, NULL, &weak);
        }

        return NGX_OK;
    }

    if (!not_modified
        && r->headers_out.status != NGX_HTTP_OK
        && r->headers_out.status != NGX_HTTP_CREATED)
    {
        return NGX_OK;
    }

    has = ngx_http_profile_etag_tag(r, &tag);
    rc = ngx_http_profile_etag_print(r, plcf, &print);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    known = (rc == NGX_OK) ? &print : NULL;

    if (!not_modified) {
        weak = tag.weak;
    }

    if (not_modified
        && ngx_http_profile_etag_answers(r, e, known,
                                         has == NGX_OK ? &tag : NULL, &weak)
           != NGX_OK)
    {
        return NGX_DECLINED;
    }

    etag = r->headers_out.etag;

    ngx_http_profile_etag_remove(r);

    if (has != NGX_OK || known == NULL) {
        return NGX_OK;
    }

    if (ngx_http_profile_tag_make(r->pool, &tag, print, weak, &etag->value)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    etag->hash = 1;
    r->headers_out.etag = etag;

    return NGX_OK;
}


/*
 * Whether a 304 is one to what the client asked with.  print is that of the
 * response, or NULL where it has none; tag is the one that the upstream sent,
 * or NULL.  Returns NGX_OK, *weak being that of the client's, or NGX_DECLINED.
 */

static ngx_int_t
ngx_http_profile_etag_answers(ngx_http_request_t *r,
    ngx_http_profile_etag_t *e, uint64_t *print, ngx_http_profile_tag_t *tag,
    ngx_uint_t *weak)
{
    ngx_int_t                              rc;
    ngx_str_t                              list;
    ngx_uint_t                             i;
    ngx_http_profile_tag_t                 asked;
    ngx_http_profile_record_conditions_t  *conditions;

    conditions = &ngx_http_profile_record_find(r)->conditions;

    for (i = 0; i < conditions->nlines; i++) {

        if (!ngx_http_profile_headers_one_of(&conditions->lines[i].key,
                                             ngx_http_profile_if_none_match))
        {
            continue;
        }

        list = conditions->lines[i].value;

        if (ngx_http_profile_tag_any(&list)) {
            return NGX_OK;
        }

        if (print == NULL || e->scope != NGX_HTTP_PROFILE_ETAG_ON
            || !e->tagged || e->print != *print)
        {
            return NGX_DECLINED;
        }

        for ( ;; ) {
            rc = ngx_http_profile_tag_next(&list, &asked);

            if (rc == NGX_DONE) {
                break;
            }

            if (rc != NGX_OK || !asked.own || asked.print != *print) {
                continue;
            }

            if (tag == NULL
                || (asked.original.len == tag->opaque.len
                    && ngx_memcmp(asked.original.data, tag->opaque.data,
                                  tag->opaque.len)
                       == 0))
            {
                *weak = asked.weak;
                return NGX_OK;
            }
        }
    }

    return NGX_DECLINED;
}


ngx_int_t
ngx_http_profile_etag_is(ngx_http_request_t *r, ngx_http_request_t *read,
    ngx_http_profile_tag_t *asked)
{
    uint64_t                      print;
    ngx_int_t                     rc;
    ngx_uint_t                    i;
    ngx_http_request_t           *requests[2];
    ngx_http_profile_tag_t        tag;
    ngx_http_profile_loc_conf_t  *plcf;

    if (!asked->own
        || ngx_http_profile_etag_tag(read, &tag) != NGX_OK
        || asked->original_weak != tag.weak
        || asked->original.len != tag.opaque.len
        || ngx_memcmp(asked->original.data, tag.opaque.data, tag.opaque.len)
           != 0)
    {
        return NGX_DECLINED;
    }

    requests[0] = read;
    requests[1] = r;

    for (i = 0; i < 2; i++) {
        plcf = ngx_http_get_module_loc_conf(requests[i],
                                            ngx_http_profile_module);

        if (plcf->response.rewrite == NULL) {
            continue;
        }

        rc = ngx_http_profile_etag_print(requests[i], plcf, &print);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_OK && print == asked->print) {
            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


/* the tag of the upstream, or NGX_DECLINED: it sent none */

static ngx_int_t
ngx_http_profile_etag_tag(ngx_http_request_t *r, ngx_http_profile_tag_t *tag)
{
    ngx_str_t  list;

    ngx_memzero(tag, sizeof(ngx_http_profile_tag_t));

    if (r->headers_out.etag == NULL) {
        return NGX_DECLINED;
    }

    list = r->headers_out.etag->value;

    if (ngx_http_profile_tag_next(&list, tag) != NGX_OK || list.len) {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* before nginx 1.23 an upstream may have sent several of each */

static void
ngx_http_profile_etag_remove(ngx_http_request_t *r)
{
    ngx_http_clear_last_modified(r);
    ngx_http_clear_etag(r);

    ngx_http_profile_headers_remove(&r->headers_out.headers,
                                    ngx_http_profile_validators);
}
