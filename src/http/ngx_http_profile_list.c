
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_value.h"
#include "http/ngx_http_profile_fields.h"
#include "http/ngx_http_profile_link.h"
#include "http/ngx_http_profile_list.h"
#include "http/ngx_http_profile_list_slot.h"
#include "http/ngx_http_profile_text.h"
#include "http/ngx_http_profile_walk.h"
#include "record/ngx_http_profile_ctx.h"


#define NGX_HTTP_PROFILE_PER_PAGE      50
#define NGX_HTTP_PROFILE_MAX_PER_PAGE  100
#define NGX_HTTP_PROFILE_MAX_PAGE      1000000000


/* what the client asks for, as it stands in the arguments */

struct ngx_http_profile_list_args_s {
    ngx_int_t                     page;         /* NGX_ERROR: no number */
    ngx_int_t                     per_page;
    ngx_int_t                     totals;       /* NGX_ERROR: no boolean */

    /* U5.8; they are empty where it is refused */

    ngx_str_t                     texts[3];
    u_char                        text[3 * NGX_INT64_LEN];
};


static ngx_http_profile_list_args_t *ngx_http_profile_list_args(
    ngx_http_request_t *r, ngx_http_profile_list_t *list);
static ngx_int_t ngx_http_profile_list_test_pages(ngx_http_request_t *r,
    ngx_http_profile_list_t *list, ngx_str_t *bad);
static void ngx_http_profile_list_texts(ngx_http_profile_list_t *list,
    ngx_http_profile_list_args_t *args);
static ngx_int_t ngx_http_profile_list_test_args(ngx_http_profile_list_t *list,
    ngx_http_profile_list_args_t *args, ngx_str_t *bad);
static ngx_int_t ngx_http_profile_list_view(ngx_http_request_t *r,
    ngx_http_profile_list_t *list, profile_rewriter_conf_t *conf);


ngx_int_t
ngx_http_profile_list_wanted(ngx_http_request_t *r,
    ngx_http_profile_list_t *list)
{
    ngx_http_profile_list_args_t  *args;

    if (list == NULL || list->entries.len == 0) {
        return NGX_DECLINED;
    }

    args = ngx_http_profile_list_args(r, list);

    if (args == NULL) {
        return NGX_ERROR;
    }

    return args->totals ? NGX_OK : NGX_DECLINED;
}


ngx_int_t
ngx_http_profile_list_test(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_str_t *bad)
{
    ngx_int_t  rc;

    if (plcf->list) {
        rc = ngx_http_profile_list_test_pages(r, plcf->list, bad);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (plcf->fields == NULL) {
        return NGX_OK;
    }

    return ngx_http_profile_fields_test(r, plcf->fields, bad);
}


static ngx_int_t
ngx_http_profile_list_test_pages(ngx_http_request_t *r,
    ngx_http_profile_list_t *list, ngx_str_t *bad)
{
    ngx_http_profile_list_args_t  *args;

    args = ngx_http_profile_list_args(r, list);

    return args ? ngx_http_profile_list_test_args(list, args, bad) : NGX_ERROR;
}


static ngx_int_t
ngx_http_profile_list_test_args(ngx_http_profile_list_t *list,
    ngx_http_profile_list_args_t *args, ngx_str_t *bad)
{
    if (args->page == NGX_ERROR || args->page > NGX_HTTP_PROFILE_MAX_PAGE) {
        ngx_str_set(bad, "page");
        return NGX_DECLINED;
    }

    if (args->per_page == NGX_ERROR
        || args->per_page > NGX_HTTP_PROFILE_MAX_PER_PAGE
        || (args->per_page == 0 && list->entries.len))
    {
        ngx_str_set(bad, "per_page");
        return NGX_DECLINED;
    }

    if (args->totals == NGX_ERROR) {
        ngx_str_set(bad, "include_totals");
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* they are read once: by the test of a request, or for its response */

static ngx_http_profile_list_args_t *
ngx_http_profile_list_args(ngx_http_request_t *r,
    ngx_http_profile_list_t *list)
{
    ngx_http_profile_ctx_t        *ctx;
    ngx_http_profile_list_args_t  *args;

    ctx = ngx_http_profile_ctx_get(r);
    if (ctx == NULL) {
        return NULL;
    }

    if (ctx->list) {
        return ctx->list;
    }

    args = ngx_palloc(r->pool, sizeof(ngx_http_profile_list_args_t));
    if (args == NULL) {
        return NULL;
    }

    if (ngx_http_profile_text_flag(r, list->totals, 0, &args->totals) != NGX_OK
        || ngx_http_profile_text_number(r, list->page, 0, &args->page)
           != NGX_OK
        || ngx_http_profile_text_number(r, list->per_page,
                                        NGX_HTTP_PROFILE_PER_PAGE,
                                        &args->per_page)
           != NGX_OK)
    {
        return NULL;
    }

    ngx_http_profile_list_texts(list, args);

    ctx->list = args;

    return args;
}


/* what is asked of v1 lacks nothing for want of memory later */

static void
ngx_http_profile_list_texts(ngx_http_profile_list_t *list,
    ngx_http_profile_list_args_t *args)
{
    u_char     *p;
    uint64_t    n[3];
    ngx_str_t   bad;
    ngx_uint_t  i;

    ngx_memzero(args->texts, sizeof(args->texts));

    if (ngx_http_profile_list_test_args(list, args, &bad) != NGX_OK) {
        return;
    }

    /* there is no telling what v1 makes of a page of nobody */

    n[0] = args->per_page ? args->page : 0;
    n[1] = args->per_page ? args->per_page : 1;
    n[2] = n[0] * n[1];
    n[0] += list->first;

    p = args->text;

    for (i = 0; i < 3; i++) {
        args->texts[i].data = p;
        p = ngx_sprintf(p, "%uL", n[i]);
        args->texts[i].len = p - args->texts[i].data;
    }
}


ngx_int_t
ngx_http_profile_list_conf(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, profile_rewriter_conf_t *conf)
{
    conf->max_user_size = plcf->max_user_size;
    conf->max_depth = plcf->max_depth;

    if (plcf->response.unreadable == NGX_HTTP_PROFILE_UNREADABLE_UNSET) {
        conf->skip = plcf->response.rewrite->api_v2;

    } else {
        conf->skip = (plcf->response.unreadable
                      == NGX_HTTP_PROFILE_UNREADABLE_SKIP);
    }

    if (plcf->fields
        && ngx_http_profile_fields_view(r, plcf->fields, &conf->view)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (plcf->list && plcf->response.rewrite->api_v2
        && ngx_http_profile_list_view(r, plcf->list, conf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_profile_list_print(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, uint64_t *print)
{
    size_t                         i;
    uint64_t                       limits[2];
    profile_view_t                *view;
    profile_rewriter_conf_t        conf;
    ngx_http_profile_ctx_t        *ctx;
    ngx_http_profile_list_args_t  *args;

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    if (ctx && ctx->walk) {
        return NGX_DECLINED;
    }

    if (plcf->list && plcf->response.rewrite->api_v2) {
        args = ngx_http_profile_list_args(r, plcf->list);

        if (args == NULL) {
            return NGX_ERROR;
        }

        if (args->totals == 1) {
            return NGX_DECLINED;
        }
    }

    ngx_memzero(&conf, sizeof(profile_rewriter_conf_t));

    if (ngx_http_profile_list_conf(r, plcf, &conf) != NGX_OK) {
        return NGX_ERROR;
    }

    view = &conf.view;

    *print = profile_core_fingerprint(*print,
                                      !conf.list.enabled ? "-"
                                      : conf.list.none ? "0" : "l", 1);
    *print = profile_core_fingerprint(*print, view->match_name.data,
                                      view->match_name.len);
    *print = profile_core_fingerprint(*print, view->match_value.data,
                                      view->match_value.len);

    if (view->nfields) {
        *print = profile_core_fingerprint(*print, view->exclude ? "-" : "+", 1);
    }

    for (i = 0; i < view->nfields; i++) {
        *print = profile_core_fingerprint(*print, view->fields[i].data,
                                          view->fields[i].len);
    }

    if (conf.skip) {
        limits[0] = conf.max_user_size;
        limits[1] = conf.max_depth;

        *print = profile_core_fingerprint(*print, (u_char *) limits,
                                          sizeof(limits));
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_list_view(ngx_http_request_t *r,
    ngx_http_profile_list_t *list, profile_rewriter_conf_t *conf)
{
    ngx_str_t                      name, val;
    ngx_http_profile_ctx_t        *ctx;
    ngx_http_profile_walk_t       *walk;
    ngx_http_profile_list_args_t  *args;

    conf->list.enabled = 1;
    conf->list.entries = (list->entries.len != 0);
    conf->list.name.len = list->entries.len;
    conf->list.name.data = list->entries.data;

    if (list->match) {

        if (ngx_http_profile_list_match(r, list, &name, &val) != NGX_OK) {
            return NGX_ERROR;
        }

        conf->view.match_name.len = name.len;
        conf->view.match_name.data = name.data;
        conf->view.match_value.len = val.len;
        conf->view.match_value.data = val.data;
    }

    args = ngx_http_profile_list_args(r, list);

    if (args == NULL) {
        return NGX_ERROR;
    }

    if (args->page == NGX_ERROR || args->per_page == NGX_ERROR
        || args->totals == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    conf->list.none = (args->per_page == 0);

    walk = ngx_http_profile_walk_find(r);

    if (walk || args->totals) {
        conf->total = list->total_member;
    }

    if (walk) {
        conf->search = walk->search;
        conf->search.start = (uint64_t) args->page * args->per_page;
        conf->search.limit = list->page ? (uint64_t) args->per_page
                                        : UINT64_MAX;
        conf->search.all = args->totals;
    }

    if (!args->totals) {
        return NGX_OK;
    }

    conf->list.totals = 1;
    conf->list.start = (uint64_t) args->page * args->per_page;
    conf->list.limit = args->per_page;
    conf->list.more = ngx_http_profile_link_more(r);

    if (ngx_http_profile_list_total(r, list, &val) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    if (val.len == 0 && ctx->walk) {
        val = ctx->walk->total;
    }

    conf->list.total.len = val.len;
    conf->list.total.data = val.data;

    return NGX_OK;
}


ngx_int_t
ngx_http_profile_list_total(ngx_http_request_t *r,
    ngx_http_profile_list_t *list, ngx_str_t *total)
{
    ngx_str_null(total);

    if (list->total == NULL) {
        return NGX_OK;
    }

    if (ngx_http_profile_value_get(r, list->total, total) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_atoof(total->data, total->len) == NGX_ERROR) {
        total->len = 0;
        return NGX_OK;
    }

    /* a number of JSON does not begin with zeros */

    while (total->len > 1 && *total->data == '0') {
        total->len--;
        total->data++;
    }

    return NGX_OK;
}


const profile_path_t *
ngx_http_profile_list_total_member(ngx_http_profile_list_t *list)
{
    return &list->total_member;
}


ngx_int_t
ngx_http_profile_list_asked(ngx_http_request_t *r,
    ngx_http_profile_list_t *list, ngx_uint_t n, ngx_str_t *text)
{
    ngx_http_profile_list_args_t  *args;

    if (list == NULL) {
        return NGX_DECLINED;
    }

    args = ngx_http_profile_list_args(r, list);

    if (args == NULL) {
        return NGX_ERROR;
    }

    *text = args->texts[n];

    return text->len ? NGX_OK : NGX_DECLINED;
}


ngx_uint_t
ngx_http_profile_list_first(ngx_http_profile_list_t *list)
{
    return list->first;
}


ngx_uint_t
ngx_http_profile_list_matches(ngx_http_profile_list_t *list)
{
    return list->match != NULL;
}


ngx_int_t
ngx_http_profile_list_match(ngx_http_request_t *r,
    ngx_http_profile_list_t *list, ngx_str_t *name, ngx_str_t *value)
{
    *name = list->match_name;

    return ngx_http_profile_text_plain(r, list->match, value);
}


uint64_t
ngx_http_profile_list_end(ngx_http_request_t *r, ngx_http_profile_list_t *list)
{
    ngx_http_profile_list_args_t  *args;

    /* they have been read by the test of the request */

    args = ngx_http_profile_list_args(r, list);

    return args ? ((uint64_t) args->page + 1) * args->per_page : UINT64_MAX;
}


ngx_uint_t
ngx_http_profile_list_totals(ngx_http_request_t *r,
    ngx_http_profile_list_t *list)
{
    ngx_http_profile_list_args_t  *args;

    args = ngx_http_profile_list_args(r, list);

    return args && args->totals == 1;
}


ngx_uint_t
ngx_http_profile_list_is_part(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    ngx_http_profile_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    return (ctx == NULL || ctx->walk == NULL)
           && plcf->list && plcf->list->match && plcf->list->page == NULL
           && plcf->response.rewrite->api_v2
           && ngx_http_profile_link_more(r);
}
