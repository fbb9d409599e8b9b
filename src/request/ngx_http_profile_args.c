
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "request/ngx_http_profile_request.h"
#include "core/profile_utf8.h"


static ngx_int_t ngx_http_profile_known_arg(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *value);
static ngx_int_t ngx_http_profile_get_arg(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *value);


/*
 * Decoded once, checked, and escaped as one URI component (U2.2): what is
 * wrong is empty here, and the request is refused.
 */

ngx_int_t
ngx_http_profile_arg_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t *name = (ngx_str_t *) data;

    ngx_int_t  rc;
    ngx_str_t  arg, value;

    arg.data = name->data + sizeof("profile_arg_") - 1;
    arg.len = name->len - (sizeof("profile_arg_") - 1);

    rc = ngx_http_profile_known_arg(r, &arg, &value);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_profile_request_text(v, &value);
}


/* what the test of all arguments has found is kept */

static ngx_int_t
ngx_http_profile_known_arg(ngx_http_request_t *r, ngx_str_t *name,
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

    return ngx_http_profile_get_arg(r, name, value);
}


/* NGX_DECLINED: absent, or not such that it may go to v1 */

static ngx_int_t
ngx_http_profile_get_arg(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value)
{
    u_char          *p, *dst;
    size_t           i;
    ngx_str_t        raw;
    ngx_int_t        high, low;
    profile_utf8_t   utf8;

    if (ngx_http_arg(r, name->data, name->len, &raw) != NGX_OK) {
        return NGX_DECLINED;
    }

    dst = ngx_pnalloc(r->pool, raw.len + 1);
    if (dst == NULL) {
        return NGX_ERROR;
    }

    value->data = dst;
    p = raw.data;

    for (i = 0; i < raw.len; i++) {

        if (p[i] == '+') {
            *dst++ = ' ';
            continue;
        }

        if (p[i] != '%') {
            *dst++ = p[i];
            continue;
        }

        if (raw.len - i < 3) {
            return NGX_DECLINED;
        }

        high = ngx_http_profile_hex(p[i + 1]);
        low = ngx_http_profile_hex(p[i + 2]);

        if (high == NGX_ERROR || low == NGX_ERROR) {
            return NGX_DECLINED;
        }

        *dst++ = (u_char) (high << 4 | low);
        i += 2;
    }

    value->len = dst - value->data;

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

    return ngx_http_profile_escape_component(r, value, value);
}


/*
 * The first argument of the request that "$profile_arg_" does not take.  The
 * values are kept, so that none is empty later for want of memory.
 */

ngx_int_t
ngx_http_profile_test_args(ngx_http_request_t *r, ngx_str_t *bad)
{
    ngx_int_t                      rc;
    ngx_str_t                     *name, *args, value;
    ngx_uint_t                     i;
    ngx_http_profile_ctx_t        *ctx;
    ngx_http_profile_main_conf_t  *pmcf;

    pmcf = ngx_http_get_module_main_conf(r, ngx_http_profile_module);

    ctx = ngx_http_profile_get_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    args = ngx_pcalloc(r->pool, pmcf->args.nelts * sizeof(ngx_str_t));
    if (args == NULL) {
        return NGX_ERROR;
    }

    name = pmcf->args.elts;

    for (i = 0; i < pmcf->args.nelts; i++) {

        rc = ngx_http_profile_get_arg(r, &name[i], &value);

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


/* the names of all "$profile_arg_NAME" that the configuration uses */

ngx_int_t
ngx_http_profile_init_args(ngx_conf_t *cf)
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
