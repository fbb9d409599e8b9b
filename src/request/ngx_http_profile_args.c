
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_conf.h"
#include "core/profile_utf8.h"
#include "http/ngx_http_profile_uri.h"
#include "record/ngx_http_profile_ctx.h"
#include "record/ngx_http_profile_variables.h"
#include "request/ngx_http_profile_args.h"


static ngx_int_t ngx_http_profile_args_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_profile_args_known(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *value);
static ngx_int_t ngx_http_profile_args_get(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *value);


ngx_http_variable_t  ngx_http_profile_args_variables[] = {

    { ngx_string("profile_arg_"), NULL,
      ngx_http_profile_args_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE|NGX_HTTP_VAR_PREFIX, 0 },

      ngx_http_null_variable
};


/*
 * Decoded once, checked, and escaped as one URI component (U2.2): what is
 * wrong is empty here, and the request is refused.
 */

static ngx_int_t
ngx_http_profile_args_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t *name = (ngx_str_t *) data;

    ngx_int_t  rc;
    ngx_str_t  arg, value;

    arg.data = name->data + sizeof("profile_arg_") - 1;
    arg.len = name->len - (sizeof("profile_arg_") - 1);

    rc = ngx_http_profile_args_known(r, &arg, &value);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_profile_variables_set(v, value.data, value.len);
}


/* what the test of all arguments has found is kept */

static ngx_int_t
ngx_http_profile_args_known(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value)
{
    ngx_str_t                     *known;
    ngx_uint_t                     i;
    ngx_http_profile_ctx_t        *ctx;
    ngx_http_profile_main_conf_t  *pmcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    if (ctx && ctx->args) {
        pmcf = ngx_http_get_module_main_conf(r, ngx_http_profile_module);
        known = pmcf->args.elts;

        for (i = 0; i < pmcf->args.nelts; i++) {

            if (known[i].data == name->data) {
                *value = ctx->args[i];
                return value->data ? NGX_OK : NGX_DECLINED;
            }
        }
    }

    return ngx_http_profile_args_get(r, name, value);
}


/* NGX_DECLINED: absent, or not such that it may go to v1 */

static ngx_int_t
ngx_http_profile_args_get(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value)
{
    size_t           i;
    ngx_int_t        rc;
    ngx_str_t        raw;
    profile_utf8_t   utf8;

    if (ngx_http_arg(r, name->data, name->len, &raw) != NGX_OK) {
        return NGX_DECLINED;
    }

    rc = ngx_http_profile_uri_unescape(r, raw.data, raw.len, 1, value);

    if (rc != NGX_OK) {
        return rc;
    }

    ngx_memzero(&utf8, sizeof(profile_utf8_t));

    if (profile_utf8_check(&utf8, value->data, value->len) != value->len
        || utf8.more
        || (value->len == 1 && value->data[0] == '.')
        || (value->len == 2 && value->data[0] == '.' && value->data[1] == '.'))
    {
        return NGX_DECLINED;
    }

    for (i = 0; i < value->len; i++) {

        if (value->data[i] < 0x20 || value->data[i] == 0x7f
            || value->data[i] == '/')
        {
            return NGX_DECLINED;
        }
    }

    return ngx_http_profile_uri_escape(r, value, value);
}


/* the values are kept, so that none is empty later for want of memory */

ngx_int_t
ngx_http_profile_args_test(ngx_http_request_t *r, ngx_str_t *bad)
{
    ngx_int_t                      rc;
    ngx_str_t                     *name, *args, value;
    ngx_uint_t                     i;
    ngx_http_profile_ctx_t        *ctx;
    ngx_http_profile_main_conf_t  *pmcf;

    pmcf = ngx_http_get_module_main_conf(r, ngx_http_profile_module);

    ctx = ngx_http_profile_ctx_get(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    args = ngx_pcalloc(r->pool, pmcf->args.nelts * sizeof(ngx_str_t));
    if (args == NULL) {
        return NGX_ERROR;
    }

    name = pmcf->args.elts;

    for (i = 0; i < pmcf->args.nelts; i++) {

        rc = ngx_http_profile_args_get(r, &name[i], &value);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_OK) {
            args[i] = value;

        } else if (ngx_http_arg(r, name[i].data, name[i].len, &value)
                   == NGX_OK)
        {
            *bad = name[i];
            return NGX_DECLINED;
        }
    }

    ctx->args = args;

    return NGX_OK;
}


ngx_int_t
ngx_http_profile_args_init(ngx_conf_t *cf)
{
    ngx_str_t                     *name;
    ngx_uint_t                     i;
    ngx_http_variable_t           *v;
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_profile_main_conf_t  *pmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_profile_module);

    if (ngx_array_init(&pmcf->args, cf->pool, 4, sizeof(ngx_str_t)) != NGX_OK)
    {
        return NGX_ERROR;
    }

    v = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {

        if (v[i].name.len <= sizeof("profile_arg_") - 1
            || ngx_strncmp(v[i].name.data, "profile_arg_",
                           sizeof("profile_arg_") - 1)
               != 0)
        {
            continue;
        }

        name = ngx_array_push(&pmcf->args);
        if (name == NULL) {
            return NGX_ERROR;
        }

        name->data = v[i].name.data + sizeof("profile_arg_") - 1;
        name->len = v[i].name.len - (sizeof("profile_arg_") - 1);
    }

    return NGX_OK;
}
