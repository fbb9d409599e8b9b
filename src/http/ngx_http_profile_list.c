
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
#include "http/ngx_http_profile_text.h"
#include "http/ngx_http_profile_walk.h"
#include "record/ngx_http_profile_ctx.h"


#define NGX_HTTP_PROFILE_PER_PAGE      50
#define NGX_HTTP_PROFILE_MAX_PER_PAGE  100
#define NGX_HTTP_PROFILE_MAX_PAGE      1000000000


struct ngx_http_profile_list_s {
    ngx_http_complex_value_t     *page;
    ngx_http_complex_value_t     *per_page;
    ngx_http_complex_value_t     *totals;
    ngx_http_complex_value_t     *total;
    ngx_http_complex_value_t     *match;
    ngx_str_t                     match_name;
    ngx_str_t                     entries;      /* empty: users */
};


/* what the client asks for, as it stands in the arguments */

struct ngx_http_profile_list_args_s {
    ngx_int_t                     page;         /* NGX_ERROR: no number */
    ngx_int_t                     per_page;
    ngx_int_t                     totals;       /* NGX_ERROR: no boolean */
};


static ngx_int_t ngx_http_profile_list_entries(ngx_str_t *word,
    ngx_str_t *name);
static ngx_http_profile_list_args_t *ngx_http_profile_list_args(
    ngx_http_request_t *r, ngx_http_profile_list_t *list);
static ngx_int_t ngx_http_profile_list_test_pages(ngx_http_request_t *r,
    ngx_http_profile_list_t *list, ngx_str_t *bad);
static ngx_int_t ngx_http_profile_list_view(ngx_http_request_t *r,
    ngx_http_profile_list_t *list, profile_rewriter_conf_t *conf);


char *
ngx_http_profile_list_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_profile_loc_conf_t *plcf = conf;

    char                      *rv;
    u_char                    *colon;
    ngx_str_t                 *value, s;
    ngx_uint_t                 i;
    ngx_http_profile_list_t   *list;
    ngx_http_complex_value_t **cv;

    if (plcf->list) {
        return "is duplicate";
    }

    list = ngx_pcalloc(cf->pool, sizeof(ngx_http_profile_list_t));
    if (list == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {
        s = value[i];

        if (ngx_strncmp(s.data, "entries=", 8) == 0
            && ngx_http_profile_list_entries(&s, &list->entries) == NGX_OK)
        {
            continue;
        }

        if (ngx_strncmp(s.data, "page=", 5) == 0) {
            cv = &list->page;
            s.data += 5;

        } else if (ngx_strncmp(s.data, "per_page=", 9) == 0) {
            cv = &list->per_page;
            s.data += 9;

        } else if (ngx_strncmp(s.data, "totals=", 7) == 0) {
            cv = &list->totals;
            s.data += 7;

        } else if (ngx_strncmp(s.data, "total=", 6) == 0) {
            cv = &list->total;
            s.data += 6;

        } else if (ngx_strncmp(s.data, "match=", 6) == 0) {
            cv = &list->match;
            s.data += 6;

            colon = (u_char *) ngx_strchr(s.data, ':');

            if (colon == NULL || colon == s.data) {
                ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                                   "invalid \"%V\", expected "
                                   "\"match=NAME:value\"", &value[i]);
                return NGX_CONF_ERROR;
            }

            list->match_name.data = s.data;
            list->match_name.len = colon - s.data;

            s.data = colon + 1;

        } else {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\", expected \"page=\", "
                               "\"per_page=\", \"totals=\", \"total=\", "
                               "\"match=\" or \"entries=NAME\"", &value[i]);
            return NGX_CONF_ERROR;
        }

        if (*cv) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "duplicate parameter \"%V\"", &value[i]);
            return NGX_CONF_ERROR;
        }

        s.len = value[i].data + value[i].len - s.data;

        rv = ngx_http_profile_value_compile(cf, &s, cv);

        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    plcf->list = list;

    return NGX_CONF_OK;
}


/* a name that needs no escapes in JSON, once */

static ngx_int_t
ngx_http_profile_list_entries(ngx_str_t *word, ngx_str_t *name)
{
    u_char  *p, *last;

    p = word->data + 8;
    last = word->data + word->len;

    if (p == last || name->len) {
        return NGX_DECLINED;
    }

    name->data = p;

    for ( /* void */ ; p < last; p++) {
        if (*p <= ' ' || *p >= 0x7f || *p == '"' || *p == '\\') {
            return NGX_DECLINED;
        }
    }

    name->len = last - name->data;

    return NGX_OK;
}


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

    if (args == NULL) {
        return NGX_ERROR;
    }

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

    ctx->list = args;

    return args;
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
