
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_alloc.h"
#include "conf/ngx_http_profile_value.h"
#include "http/ngx_http_profile_bag.h"
#include "http/ngx_http_profile_call.h"


static ngx_uint_t ngx_http_profile_bag_applies(
    ngx_http_profile_loc_conf_t *plcf);
static void ngx_http_profile_bag_cleanup(void *data);


char *
ngx_http_profile_bag_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_profile_loc_conf_t *plcf = conf;

    ngx_str_t  *value;

    if (plcf->exact != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        plcf->exact = NULL;
        return NGX_CONF_OK;
    }

    if (value[1].len == 0 || value[1].data[0] != '/') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid URI \"%V\", expected that of an internal "
                           "location, or \"off\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    return ngx_http_profile_value_compile(cf, &value[1], &plcf->exact);
}


/* what is inherited leaves lists as they are; who says so here means it */

char *
ngx_http_profile_bag_check(ngx_conf_t *cf, ngx_http_profile_loc_conf_t *plcf,
    ngx_uint_t own)
{
    if (own && plcf->exact && plcf->list) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"profile_exact\" is of no use beside "
                           "\"profile_list\" in the same location: a bag is "
                           "that of one user");
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_uint_t
ngx_http_profile_bag_applies(ngx_http_profile_loc_conf_t *plcf)
{
    return plcf->exact && plcf->list == NULL && plcf->response.rewrite
           && plcf->response.rewrite->users != NGX_HTTP_PROFILE_USERS_NONE
           && !plcf->response.dry_run;
}


/* the calls that we make ourselves are not made of others */

ngx_uint_t
ngx_http_profile_bag_wanted(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    return ngx_http_profile_bag_applies(plcf)
           && r->method == NGX_HTTP_GET && !r->header_only
           && ngx_http_profile_call_find(r) == NULL;
}


ngx_http_profile_bag_t *
ngx_http_profile_bag_create(ngx_http_request_t *r, profile_schema_t *schema,
    size_t max_size)
{
    ngx_pool_cleanup_t      *cln;
    ngx_http_profile_bag_t  *bag;
    ngx_http_profile_ctx_t  *ctx;

    ctx = ngx_http_profile_ctx_get(r);
    if (ctx == NULL) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_profile_bag_t));
    if (cln == NULL) {
        return NULL;
    }

    bag = cln->data;

    ngx_memzero(bag, sizeof(ngx_http_profile_bag_t));

    bag->exact = profile_exact_create(&ngx_http_profile_alloc, schema,
                                      max_size);
    if (bag->exact == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_profile_bag_cleanup;

    bag->sink.write = profile_exact_feed;
    bag->sink.ctx = bag->exact;

    ctx->bag = bag;

    return bag;
}


static void
ngx_http_profile_bag_cleanup(void *data)
{
    ngx_http_profile_bag_t *bag = data;

    profile_exact_destroy(bag->exact);
    bag->exact = NULL;
}


profile_reason_e
ngx_http_profile_bag_finish(ngx_http_profile_bag_t *bag)
{
    profile_reason_e  rc;

    rc = profile_exact_finish(bag->exact);

    if (rc == PROFILE_OK) {
        bag->print = profile_exact_print(bag->exact);
        bag->whole = 1;
    }

    return rc;
}


ngx_http_profile_bag_t *
ngx_http_profile_bag_find(ngx_http_request_t *r)
{
    ngx_http_profile_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    return (ctx && ctx->bag && ctx->bag->whole) ? ctx->bag : NULL;
}


void
ngx_http_profile_bag_forget(ngx_http_request_t *r)
{
    ngx_http_profile_bag_t  *bag;

    bag = ngx_http_profile_bag_find(r);

    if (bag) {
        ngx_http_profile_bag_cleanup(bag);
    }
}


/*
 * A HEAD has the tag of its GET or none, and the user who is read for a PATCH
 * that of the PATCH; of other methods the response is made by the schema.
 */

ngx_int_t
ngx_http_profile_bag_print(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, uint64_t *print)
{
    ngx_http_profile_bag_t  *bag;

    if (!ngx_http_profile_bag_applies(plcf)) {
        return NGX_OK;
    }

    bag = ngx_http_profile_bag_find(r->main);

    if (bag) {
        *print = profile_core_fingerprint(*print, &bag->print,
                                          sizeof(uint64_t));
        return NGX_OK;
    }

    return (r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD)) ? NGX_DECLINED : NGX_OK;
}
