
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_profile_module.h"


static void *ngx_http_profile_libc_alloc(void *ctx, size_t size);
static void *ngx_http_profile_libc_realloc(void *ctx, void *p, size_t size);
static void ngx_http_profile_libc_free(void *ctx, void *p);

static ngx_int_t ngx_http_profile_preinit(ngx_conf_t *cf);
static ngx_int_t ngx_http_profile_init(ngx_conf_t *cf);
static void *ngx_http_profile_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_profile_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_profile_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);

static char *ngx_http_profile_rewrite(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_profile_guard(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_profile_condition(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_complex_value_t **filter);
static char *ngx_http_profile_check_max_user_size(ngx_conf_t *cf, void *post,
    void *data);


static ngx_str_t  ngx_http_profile_default_types[] = {
    ngx_string("application/json"),
    ngx_null_string
};


/* places in a user are kept in 32 bits */

static ngx_conf_post_t  ngx_http_profile_max_user_size_post = {
    ngx_http_profile_check_max_user_size
};


static ngx_conf_num_bounds_t  ngx_http_profile_max_depth_bounds = {
    ngx_conf_check_num_bounds, 1, 100000
};


static ngx_conf_num_bounds_t  ngx_http_profile_guard_status_bounds = {
    ngx_conf_check_num_bounds, 400, 499
};


static ngx_command_t  ngx_http_profile_commands[] = {

    { ngx_string("profile_schema"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE1,
      ngx_http_profile_schema_block,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_rewrite"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1234,
      ngx_http_profile_rewrite,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_rewrite_dry_run"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_profile_loc_conf_t, rewrite_dry_run),
      NULL },

    { ngx_string("profile_guard"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE123,
      ngx_http_profile_guard,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_guard_dry_run"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_profile_loc_conf_t, guard_dry_run),
      NULL },

    { ngx_string("profile_guard_status"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_profile_loc_conf_t, guard_status),
      &ngx_http_profile_guard_status_bounds },

    { ngx_string("profile_guard_max_body_size"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_profile_loc_conf_t, guard_max_body_size),
      &ngx_http_profile_max_user_size_post },

    { ngx_string("profile_user_id"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_profile_user_id,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_call"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE2,
      ngx_http_profile_call_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_list"),
      NGX_HTTP_LOC_CONF|NGX_CONF_ANY,
      ngx_http_profile_list_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_fields"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_profile_fields_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE23,
      ngx_http_profile_zone,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_metrics"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_profile_metrics,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_profile_status,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_types"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_types_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_profile_loc_conf_t, types_keys),
      NULL },

    { ngx_string("profile_buffer_size"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_profile_loc_conf_t, buffer_size),
      NULL },

    { ngx_string("profile_max_user_size"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_profile_loc_conf_t, max_user_size),
      &ngx_http_profile_max_user_size_post },

    { ngx_string("profile_max_depth"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_profile_loc_conf_t, max_depth),
      &ngx_http_profile_max_depth_bounds },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_profile_module_ctx = {
    ngx_http_profile_preinit,              /* preconfiguration */
    ngx_http_profile_init,                 /* postconfiguration */

    ngx_http_profile_create_main_conf,     /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_profile_create_loc_conf,      /* create location configuration */
    ngx_http_profile_merge_loc_conf        /* merge location configuration */
};


ngx_module_t  ngx_http_profile_module = {
    NGX_MODULE_V1,
    &ngx_http_profile_module_ctx,          /* module context */
    ngx_http_profile_commands,             /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/* the core's buffers grow and shrink, which pools are not made for */

const profile_alloc_t  ngx_http_profile_alloc = {
    ngx_http_profile_libc_alloc,
    ngx_http_profile_libc_realloc,
    ngx_http_profile_libc_free,
    NULL
};


static void *
ngx_http_profile_libc_alloc(void *ctx, size_t size)
{
    return malloc(size);
}


static void *
ngx_http_profile_libc_realloc(void *ctx, void *p, size_t size)
{
    return realloc(p, size);
}


static void
ngx_http_profile_libc_free(void *ctx, void *p)
{
    free(p);
}


ngx_http_profile_ctx_t *
ngx_http_profile_get_ctx(ngx_http_request_t *r)
{
    ngx_http_profile_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    if (ctx == NULL) {
        ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_profile_ctx_t));
        if (ctx == NULL) {
            return NULL;
        }

        ngx_http_set_ctx(r, ctx, ngx_http_profile_module);
    }

    return ctx;
}


static void *
ngx_http_profile_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_profile_main_conf_t  *pmcf;

    pmcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_profile_main_conf_t));
    if (pmcf == NULL) {
        return NULL;
    }

    if (ngx_array_init(&pmcf->schemas, cf->pool, 2,
                       sizeof(ngx_http_profile_schema_t *))
        != NGX_OK)
    {
        return NULL;
    }

    if (ngx_array_init(&pmcf->zones, cf->pool, 2,
                       sizeof(ngx_http_profile_zone_t *))
        != NGX_OK)
    {
        return NULL;
    }

    return pmcf;
}


static void *
ngx_http_profile_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_profile_loc_conf_t));
    if (plcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     plcf->calls = { NULL };
     *     plcf->ncalls = 0;
     *     plcf->list = NULL;
     *     plcf->types = { NULL };
     *     plcf->types_keys = NULL;
     *     plcf->status = { 0, NULL };
     */

    plcf->rewrite = NGX_CONF_UNSET_PTR;
    plcf->rewrite_dry_run = NGX_CONF_UNSET;
    plcf->guard = NGX_CONF_UNSET_PTR;
    plcf->guard_dry_run = NGX_CONF_UNSET;
    plcf->guard_status = NGX_CONF_UNSET_UINT;
    plcf->guard_max_body_size = NGX_CONF_UNSET_SIZE;
    plcf->user_id = NGX_CONF_UNSET_PTR;
    plcf->fields = NGX_CONF_UNSET_PTR;
    plcf->metrics = NGX_CONF_UNSET_PTR;
    plcf->buffer_size = NGX_CONF_UNSET_SIZE;
    plcf->max_user_size = NGX_CONF_UNSET_SIZE;
    plcf->max_depth = NGX_CONF_UNSET_UINT;

    return plcf;
}


static char *
ngx_http_profile_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_profile_loc_conf_t *prev = parent;
    ngx_http_profile_loc_conf_t *conf = child;

    ngx_conf_merge_ptr_value(conf->rewrite, prev->rewrite, NULL);
    ngx_conf_merge_value(conf->rewrite_dry_run, prev->rewrite_dry_run, 0);

    if (ngx_http_merge_types(cf, &conf->types_keys, &conf->types,
                             &prev->types_keys, &prev->types,
                             ngx_http_profile_default_types)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    ngx_conf_merge_ptr_value(conf->guard, prev->guard, NULL);
    ngx_conf_merge_value(conf->guard_dry_run, prev->guard_dry_run, 0);
    ngx_conf_merge_uint_value(conf->guard_status, prev->guard_status,
                              NGX_HTTP_BAD_REQUEST);
    ngx_conf_merge_size_value(conf->guard_max_body_size,
                              prev->guard_max_body_size, 1024 * 1024);
    ngx_conf_merge_ptr_value(conf->user_id, prev->user_id, NULL);
    ngx_conf_merge_ptr_value(conf->fields, prev->fields, NULL);

    if (ngx_http_profile_call_check(cf, conf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    ngx_conf_merge_ptr_value(conf->metrics, prev->metrics, NULL);

    ngx_conf_merge_size_value(conf->buffer_size, prev->buffer_size, 65536);
    ngx_conf_merge_size_value(conf->max_user_size, prev->max_user_size,
                              1024 * 1024);
    ngx_conf_merge_uint_value(conf->max_depth, prev->max_depth, 128);

    return NGX_CONF_OK;
}


static char *
ngx_http_profile_rewrite(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_profile_loc_conf_t *plcf = conf;

    char                        *rv;
    ngx_str_t                   *value;
    ngx_uint_t                   i;
    ngx_http_profile_rewrite_t  *rw;

    if (plcf->rewrite != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        plcf->rewrite = NULL;
        return NGX_CONF_OK;
    }

    rw = ngx_pcalloc(cf->pool, sizeof(ngx_http_profile_rewrite_t));
    if (rw == NULL) {
        return NGX_CONF_ERROR;
    }

    rw->schema = ngx_http_profile_schema_get(cf, &value[1]);
    if (rw->schema == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "api=v2") == 0 && !rw->api_v2) {
            rw->api_v2 = 1;
            continue;
        }

        if (ngx_strncmp(value[i].data, "envelope=", 9) == 0
            && value[i].len > 9 && rw->envelope.len == 0)
        {
            rw->envelope.len = value[i].len - 9;
            rw->envelope.data = value[i].data + 9;
            continue;
        }

        rv = ngx_http_profile_condition(cf, &value[i], &rw->filter);

        if (rv == NGX_CONF_OK) {
            continue;
        }

        if (rv == NGX_CONF_ERROR) {
            return NGX_CONF_ERROR;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\", expected "
                           "\"envelope=NAME\", \"api=v2\" or \"if=value\", "
                           "once each", &value[i]);
        return NGX_CONF_ERROR;
    }

    plcf->rewrite = rw;

    return NGX_CONF_OK;
}


static char *
ngx_http_profile_guard(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_profile_loc_conf_t *plcf = conf;

    char                      *rv;
    ngx_str_t                 *value;
    ngx_uint_t                 i, mode;
    ngx_http_profile_guard_t  *guard;

    if (plcf->guard != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        plcf->guard = NULL;
        return NGX_CONF_OK;
    }

    guard = ngx_pcalloc(cf->pool, sizeof(ngx_http_profile_guard_t));
    if (guard == NULL) {
        return NGX_CONF_ERROR;
    }

    guard->schema = ngx_http_profile_schema_get(cf, &value[1]);
    if (guard->schema == NULL) {
        return NGX_CONF_ERROR;
    }

    mode = 0;

    for (i = 2; i < cf->args->nelts; i++) {

        if (mode == 0 && ngx_strcmp(value[i].data, "mode=v2") == 0) {
            guard->mode = PROFILE_GUARD_V2;
            mode = 1;
            continue;
        }

        if (mode == 0 && ngx_strcmp(value[i].data, "mode=v1") == 0) {
            guard->mode = PROFILE_GUARD_V1;
            mode = 1;
            continue;
        }

        rv = ngx_http_profile_condition(cf, &value[i], &guard->filter);

        if (rv == NGX_CONF_OK) {
            continue;
        }

        if (rv == NGX_CONF_ERROR) {
            return NGX_CONF_ERROR;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\", expected \"mode=v2\", "
                           "\"mode=v1\" or \"if=value\", once each",
                           &value[i]);
        return NGX_CONF_ERROR;
    }

    if (mode == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "no \"mode=\" in profile_guard \"%V\", expected "
                           "\"mode=v2\" or \"mode=v1\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    plcf->guard = guard;

    return NGX_CONF_OK;
}


/* "if=": NGX_CONF_OK if it is one, NGX_CONF_ERROR, or any text if it is not */

static char *
ngx_http_profile_condition(ngx_conf_t *cf, ngx_str_t *value,
    ngx_http_complex_value_t **filter)
{
    ngx_str_t                         s;
    ngx_http_compile_complex_value_t  ccv;

    if (value->len <= 3 || ngx_strncmp(value->data, "if=", 3) != 0
        || *filter != NULL)
    {
        return "is not a condition";
    }

    s.len = value->len - 3;
    s.data = value->data + 3;

    *filter = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (*filter == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &s;
    ccv.complex_value = *filter;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_profile_check_max_user_size(ngx_conf_t *cf, void *post, void *data)
{
    size_t *sp = data;

    if (*sp < 1024 || *sp > 1024 * 1024 * 1024) {
        return "must be from 1k to 1024m";
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_profile_preinit(ngx_conf_t *cf)
{
    if (ngx_http_profile_add_variables(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_profile_add_request_variables(cf);
}


static ngx_int_t
ngx_http_profile_init(ngx_conf_t *cf)
{
    if (ngx_http_profile_schema_check(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_profile_init_args(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_profile_zone_check(cf) != NGX_OK
        || ngx_http_profile_metrics_init(cf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_profile_guard_init(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_profile_filter_init(cf);
}
