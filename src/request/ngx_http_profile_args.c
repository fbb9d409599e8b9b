
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_conf.h"
#include "http/ngx_http_profile_uri.h"
#include "record/ngx_http_profile_ctx.h"
#include "record/ngx_http_profile_variables.h"
#include "request/ngx_http_profile_args.h"
#include "request/ngx_http_profile_user_id.h"


/* two families of variables: $profile_arg_NAME, $profile_segment_NAME */

typedef struct {
    ngx_str_t    prefix;
    ngx_uint_t   segment;       /* of a path */
} ngx_http_profile_family_t;


static ngx_int_t ngx_http_profile_args_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static const ngx_http_profile_family_t *ngx_http_profile_args_family(
    ngx_str_t *name);
static ngx_int_t ngx_http_profile_args_known(ngx_http_request_t *r,
    ngx_http_profile_arg_t *arg, ngx_str_t *value);
static ngx_int_t ngx_http_profile_args_get(ngx_http_request_t *r,
    ngx_http_profile_arg_t *arg, ngx_str_t *value);


static const ngx_http_profile_family_t  ngx_http_profile_args_families[] = {
    { ngx_string("profile_arg_"), 0 },
    { ngx_string("profile_segment_"), 1 },
    { ngx_null_string, 0 }
};


ngx_http_variable_t  ngx_http_profile_args_variables[] = {

    { ngx_string("profile_arg_"), NULL,
      ngx_http_profile_args_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE|NGX_HTTP_VAR_PREFIX, 0 },

    { ngx_string("profile_segment_"), NULL,
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

    ngx_int_t                         rc;
    ngx_str_t                         value;
    ngx_http_profile_arg_t            arg;
    const ngx_http_profile_family_t  *family;

    family = ngx_http_profile_args_family(name);

    if (family == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    arg.name.data = name->data + family->prefix.len;
    arg.name.len = name->len - family->prefix.len;
    arg.segment = family->segment;

    /* the arguments are the client's: a subrequest has none */

    rc = ngx_http_profile_args_known(r->main, &arg, &value);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_profile_variables_set(v, value.data, value.len);
}


/* NULL: a prefix without a name, or another variable */

static const ngx_http_profile_family_t *
ngx_http_profile_args_family(ngx_str_t *name)
{
    const ngx_http_profile_family_t  *f;

    for (f = ngx_http_profile_args_families; f->prefix.len; f++) {
        if (name->len > f->prefix.len
            && ngx_strncmp(name->data, f->prefix.data, f->prefix.len) == 0)
        {
            return f;
        }
    }

    return NULL;
}


/* what the test of all arguments has found is kept, and what was read */

static ngx_int_t
ngx_http_profile_args_known(ngx_http_request_t *r,
    ngx_http_profile_arg_t *arg, ngx_str_t *value)
{
    ngx_uint_t                     i;
    ngx_http_profile_arg_t        *known;
    ngx_http_profile_ctx_t        *ctx;
    ngx_http_profile_main_conf_t  *pmcf;

    pmcf = ngx_http_get_module_main_conf(r, ngx_http_profile_module);
    known = pmcf->args.elts;

    for (i = 0; i < pmcf->args.nelts; i++) {

        if (known[i].name.data != arg->name.data) {
            continue;
        }

        ctx = ngx_http_profile_ctx_get(r);
        if (ctx == NULL) {
            return NGX_ERROR;
        }

        if (ctx->args_read == NULL) {
            ctx->args_read = ngx_pcalloc(r->pool, pmcf->args.nelts);
            if (ctx->args_read == NULL) {
                return NGX_ERROR;
            }
        }

        ctx->args_read[i] = 1;

        if (ctx->args) {
            *value = ctx->args[i];
            return value->data ? NGX_OK : NGX_DECLINED;
        }

        break;
    }

    return ngx_http_profile_args_get(r, arg, value);
}


ngx_uint_t
ngx_http_profile_args_read(ngx_http_request_t *r, ngx_str_t *name)
{
    ngx_uint_t                     i;
    ngx_http_profile_arg_t        *known;
    ngx_http_profile_ctx_t        *ctx;
    ngx_http_profile_main_conf_t  *pmcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    if (ctx == NULL) {
        return 0;
    }

    pmcf = ngx_http_get_module_main_conf(r, ngx_http_profile_module);
    known = pmcf->args.elts;

    for (i = 0; i < pmcf->args.nelts; i++) {

        if ((ctx->args || (ctx->args_read && ctx->args_read[i]))
            && known[i].name.len == name->len
            && ngx_strncasecmp(known[i].name.data, name->data, name->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* NGX_DECLINED: absent, or not such that it may go to v1 */

static ngx_int_t
ngx_http_profile_args_get(ngx_http_request_t *r, ngx_http_profile_arg_t *arg,
    ngx_str_t *value)
{
    ngx_int_t  rc;
    ngx_str_t  raw;

    if (ngx_http_arg(r, arg->name.data, arg->name.len, &raw) != NGX_OK) {
        return NGX_DECLINED;
    }

    rc = ngx_http_profile_uri_unescape(r, raw.data, raw.len, 1, value);

    if (rc != NGX_OK) {
        return rc;
    }

    /* nothing is no segment, and no harm: what takes it can see that */

    rc = (arg->segment && value->len) ? ngx_http_profile_user_id_test(value)
                                      : ngx_http_profile_uri_test(value);

    return rc == NGX_OK ? ngx_http_profile_uri_escape(r, value, value) : rc;
}


/* the values are kept, so that none is empty later for want of memory */

ngx_int_t
ngx_http_profile_args_test(ngx_http_request_t *r, ngx_str_t *bad)
{
    ngx_int_t                      rc;
    ngx_str_t                     *args, value;
    ngx_uint_t                     i;
    ngx_http_profile_arg_t        *arg;
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

    arg = pmcf->args.elts;

    for (i = 0; i < pmcf->args.nelts; i++) {

        rc = ngx_http_profile_args_get(r, &arg[i], &value);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        if (rc == NGX_OK) {
            args[i] = value;

        } else if (ngx_http_arg(r, arg[i].name.data, arg[i].name.len, &value)
                   == NGX_OK)
        {
            *bad = arg[i].name;
            return NGX_DECLINED;
        }
    }

    ctx->args = args;

    return NGX_OK;
}


ngx_int_t
ngx_http_profile_args_init(ngx_conf_t *cf)
{
    ngx_uint_t                        i;
    ngx_http_variable_t              *v;
    ngx_http_profile_arg_t           *arg;
    ngx_http_core_main_conf_t        *cmcf;
    ngx_http_profile_main_conf_t     *pmcf;
    const ngx_http_profile_family_t  *family;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_profile_module);

    if (ngx_array_init(&pmcf->args, cf->pool, 4,
                       sizeof(ngx_http_profile_arg_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    v = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {
        family = ngx_http_profile_args_family(&v[i].name);

        if (family == NULL) {
            continue;
        }

        arg = ngx_array_push(&pmcf->args);
        if (arg == NULL) {
            return NGX_ERROR;
        }

        arg->name.data = v[i].name.data + family->prefix.len;
        arg->name.len = v[i].name.len - family->prefix.len;
        arg->segment = family->segment;
    }

    return NGX_OK;
}
