
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_schema.h"
#include "http/ngx_http_profile_bag.h"
#include "http/ngx_http_profile_cors.h"
#include "http/ngx_http_profile_early.h"
#include "http/ngx_http_profile_fields.h"
#include "http/ngx_http_profile_list_slot.h"
#include "metrics/ngx_http_profile_metrics.h"
#include "metrics/ngx_http_profile_status.h"
#include "metrics/ngx_http_profile_zone.h"
#include "record/ngx_http_profile_record.h"
#include "record/ngx_http_profile_variables.h"
#include "request/ngx_http_profile_args.h"
#include "request/ngx_http_profile_exact.h"
#include "request/ngx_http_profile_guard.h"
#include "request/ngx_http_profile_guard_call.h"
#include "request/ngx_http_profile_guard_path.h"
#include "request/ngx_http_profile_paging.h"
#include "request/ngx_http_profile_preflight.h"
#include "request/ngx_http_profile_request.h"
#include "request/ngx_http_profile_search.h"
#include "request/ngx_http_profile_upgrade.h"
#include "request/ngx_http_profile_user_id.h"
#include "request/ngx_http_profile_walker.h"
#include "response/ngx_http_profile_differs.h"
#include "response/ngx_http_profile_filter.h"
#include "response/ngx_http_profile_rewrite.h"
#include "response/ngx_http_profile_unknown.h"


static ngx_int_t ngx_http_profile_preinit(ngx_conf_t *cf);
static ngx_int_t ngx_http_profile_init(ngx_conf_t *cf);
static void *ngx_http_profile_create_main_conf(ngx_conf_t *cf);
static void *ngx_http_profile_create_loc_conf(ngx_conf_t *cf);
static char *ngx_http_profile_merge_loc_conf(ngx_conf_t *cf, void *parent,
    void *child);

static uint64_t ngx_http_profile_types_print(ngx_array_t *keys);
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


static ngx_conf_enum_t  ngx_http_profile_unreadable[] = {
    { ngx_string("skip"), NGX_HTTP_PROFILE_UNREADABLE_SKIP },
    { ngx_string("fail"), NGX_HTTP_PROFILE_UNREADABLE_FAIL },
    { ngx_null_string, 0 }
};


static ngx_command_t  ngx_http_profile_commands[] = {

    { ngx_string("profile_schema"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_BLOCK|NGX_CONF_TAKE1,
      ngx_http_profile_schema_block,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_rewrite"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF
                        |NGX_CONF_TAKE1234|NGX_CONF_TAKE5|NGX_CONF_TAKE6,
      ngx_http_profile_rewrite_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_rewrite_dry_run"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_profile_loc_conf_t, response.dry_run),
      NULL },

    { ngx_string("profile_guard"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1234,
      ngx_http_profile_guard_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_guard_dry_run"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_profile_loc_conf_t, request.dry_run),
      NULL },

    { ngx_string("profile_guard_status"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_profile_loc_conf_t, request.status),
      &ngx_http_profile_guard_status_bounds },

    { ngx_string("profile_guard_max_body_size"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_profile_loc_conf_t, request.max_body_size),
      &ngx_http_profile_max_user_size_post },

    { ngx_string("profile_user_id"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_profile_user_id_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_call"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE2,
      ngx_http_profile_upgrade_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_list"),
      NGX_HTTP_LOC_CONF|NGX_CONF_ANY,
      ngx_http_profile_list_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_walk"),
      NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_profile_search_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_sort_buffer"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_profile_loc_conf_t, sort_buffer),
      NULL },

    { ngx_string("profile_fields"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_profile_fields_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_cors"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_profile_cors_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_exact"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_profile_bag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_zone"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE23,
      ngx_http_profile_zone_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_metrics"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_profile_metrics_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_status"),
      NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS|NGX_CONF_TAKE1,
      ngx_http_profile_status_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("profile_types"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_types_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_profile_loc_conf_t, response.types_keys),
      NULL },

    { ngx_string("profile_buffer_size"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_profile_loc_conf_t, response.buffer_size),
      NULL },

    { ngx_string("profile_unreadable_user"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_profile_loc_conf_t, response.unreadable),
      ngx_http_profile_unreadable },

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


/* tables of variables */

static ngx_http_variable_t  *ngx_http_profile_tables[] = {
    ngx_http_profile_variables,
    ngx_http_profile_args_variables,
    ngx_http_profile_search_variables,
    ngx_http_profile_paging_variables,
    ngx_http_profile_guard_path_variables,
    ngx_http_profile_user_id_variables,
    NULL
};


/* nginx runs the handlers of a phase from the end of its list */

static const struct {
    ngx_http_phases      phase;
    ngx_http_handler_pt  handler;
    ngx_uint_t           last;          /* of its phase */
} ngx_http_profile_handlers[] = {
    { NGX_HTTP_REWRITE_PHASE, ngx_http_profile_preflight_handler, 0 },
    { NGX_HTTP_PREACCESS_PHASE, ngx_http_profile_record_handler, 0 },
    { NGX_HTTP_PRECONTENT_PHASE, ngx_http_profile_request_handler, 0 },
    { NGX_HTTP_PRECONTENT_PHASE, ngx_http_profile_request_plan_handler, 1 },
    { NGX_HTTP_PRECONTENT_PHASE, ngx_http_profile_exact_handler, 1 },
    { NGX_HTTP_PRECONTENT_PHASE, ngx_http_profile_walker_handler, 1 },
    { NGX_HTTP_LOG_PHASE, ngx_http_profile_metrics_handler, 0 },
    { 0, NULL, 0 }
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
    ngx_http_profile_early_init,           /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


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
     *     plcf->request.calls = { NULL };
     *     plcf->request.ncalls = 0;
     *     plcf->request.calls_file = NULL;
     *     plcf->request.calls_line = 0;
     *     plcf->response.types = { NULL };
     *     plcf->response.types_keys = NULL;
     *     plcf->response.types_print = 0;
     *     plcf->metrics.format = { 0, NULL };
     *     plcf->list = NULL;
     *     plcf->walk = NULL;
     */

    plcf->request.guard = NGX_CONF_UNSET_PTR;
    plcf->request.dry_run = NGX_CONF_UNSET;
    plcf->request.status = NGX_CONF_UNSET_UINT;
    plcf->request.max_body_size = NGX_CONF_UNSET_SIZE;
    plcf->request.user_id = NGX_CONF_UNSET_PTR;

    plcf->response.rewrite = NGX_CONF_UNSET_PTR;
    plcf->response.dry_run = NGX_CONF_UNSET;
    plcf->response.unreadable = NGX_CONF_UNSET_UINT;
    plcf->response.buffer_size = NGX_CONF_UNSET_SIZE;

    plcf->metrics.zone = NGX_CONF_UNSET_PTR;

    plcf->sort_buffer = NGX_CONF_UNSET_SIZE;
    plcf->fields = NGX_CONF_UNSET_PTR;
    plcf->cors = NGX_CONF_UNSET_PTR;
    plcf->exact = NGX_CONF_UNSET_PTR;
    plcf->max_user_size = NGX_CONF_UNSET_SIZE;
    plcf->max_depth = NGX_CONF_UNSET_UINT;

    return plcf;
}


static char *
ngx_http_profile_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_profile_loc_conf_t *prev = parent;
    ngx_http_profile_loc_conf_t *conf = child;

    ngx_uint_t  exact;

    exact = (conf->exact != NGX_CONF_UNSET_PTR);

    ngx_conf_merge_ptr_value(conf->request.guard, prev->request.guard, NULL);
    ngx_conf_merge_value(conf->request.dry_run, prev->request.dry_run, 0);
    ngx_conf_merge_uint_value(conf->request.status, prev->request.status,
                              NGX_HTTP_BAD_REQUEST);
    ngx_conf_merge_size_value(conf->request.max_body_size,
                              prev->request.max_body_size, 1024 * 1024);
    ngx_conf_merge_ptr_value(conf->request.user_id, prev->request.user_id,
                             NULL);

    ngx_conf_merge_ptr_value(conf->response.rewrite, prev->response.rewrite,
                             NULL);
    ngx_conf_merge_value(conf->response.dry_run, prev->response.dry_run, 0);
    ngx_conf_merge_uint_value(conf->response.unreadable,
                              prev->response.unreadable,
                              NGX_HTTP_PROFILE_UNREADABLE_UNSET);

    if (ngx_http_merge_types(cf, &conf->response.types_keys,
                             &conf->response.types,
                             &prev->response.types_keys,
                             &prev->response.types,
                             ngx_http_profile_default_types)
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    /* inherited types have no keys but at their level */

    if (conf->response.types_keys) {
        conf->response.types_print = ngx_http_profile_types_print(
                                                  conf->response.types_keys);

    } else if (prev->response.types_keys) {
        conf->response.types_print = ngx_http_profile_types_print(
                                                  prev->response.types_keys);

    } else {
        conf->response.types_print = prev->response.types_print;
    }

    ngx_conf_merge_size_value(conf->response.buffer_size,
                              prev->response.buffer_size, 65536);

    ngx_conf_merge_ptr_value(conf->metrics.zone, prev->metrics.zone, NULL);

    ngx_conf_merge_size_value(conf->sort_buffer, prev->sort_buffer,
                              16 * 1024 * 1024);
    ngx_conf_merge_ptr_value(conf->fields, prev->fields, NULL);
    ngx_conf_merge_ptr_value(conf->cors, prev->cors, NULL);
    ngx_conf_merge_ptr_value(conf->exact, prev->exact, NULL);
    ngx_conf_merge_size_value(conf->max_user_size, prev->max_user_size,
                              8 * 1024 * 1024);
    ngx_conf_merge_uint_value(conf->max_depth, prev->max_depth, 128);

    if (conf->request.guard
        && conf->request.max_body_size > conf->max_user_size)
    {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"profile_guard_max_body_size\" is larger than "
                           "\"profile_max_user_size\": a user who is written "
                           "may be too large to be read");
    }

    if (ngx_http_profile_guard_call_check(cf, conf) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_profile_list_slot_check(cf, conf) != NGX_CONF_OK
        || ngx_http_profile_search_check(cf, conf) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (ngx_http_profile_bag_check(cf, conf, exact) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_profile_upgrade_check(cf, conf);
}


static uint64_t
ngx_http_profile_types_print(ngx_array_t *keys)
{
    uint64_t         print;
    ngx_uint_t       i;
    ngx_hash_key_t  *type;

    if (keys == (void *) -1) {
        return profile_core_fingerprint(0, "*", 1);
    }

    print = 0;
    type = keys->elts;

    for (i = 0; i < keys->nelts; i++) {
        print = profile_core_fingerprint(print, type[i].key.data,
                                         type[i].key.len);
    }

    return print;
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
    ngx_uint_t  i;

    for (i = 0; ngx_http_profile_tables[i]; i++) {

        if (ngx_http_profile_variables_add(cf, ngx_http_profile_tables[i])
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_init(ngx_conf_t *cf)
{
    ngx_uint_t                  i, phase;
    ngx_http_handler_pt        *h, *first;
    ngx_http_core_main_conf_t  *cmcf;

    if (ngx_http_profile_schema_check(cf) != NGX_OK
        || ngx_http_profile_zone_check(cf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_profile_args_init(cf) != NGX_OK
        || ngx_http_profile_unknown_init(cf) != NGX_OK
        || ngx_http_profile_differs_init(cf) != NGX_OK)
    {
        return NGX_ERROR;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    for (i = 0; ngx_http_profile_handlers[i].handler; i++) {
        phase = ngx_http_profile_handlers[i].phase;

        h = ngx_array_push(&cmcf->phases[phase].handlers);
        if (h == NULL) {
            return NGX_ERROR;
        }

        if (ngx_http_profile_handlers[i].last) {
            first = cmcf->phases[phase].handlers.elts;
            ngx_memmove(first + 1, first, (u_char *) h - (u_char *) first);
            h = first;
        }

        *h = ngx_http_profile_handlers[i].handler;
    }

    return ngx_http_profile_filter_init(cf);
}
