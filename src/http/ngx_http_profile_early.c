
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <dlfcn.h>

#include "http/ngx_http_profile_early.h"
#include "http/ngx_http_profile_headers.h"


static ngx_uint_t ngx_http_profile_early_scripts(ngx_cycle_t *cycle);
static ngx_uint_t ngx_http_profile_early_late(ngx_http_variable_t *v,
    ngx_uint_t scripts);
static ngx_uint_t ngx_http_profile_early_begins(ngx_str_t *name,
    const ngx_str_t *words);
static void *ngx_http_profile_early_object(void *address);


/* how the names of variables begin */

static const ngx_str_t  ngx_http_profile_early_request[] = {
    ngx_string("arg_"),
    ngx_string("cookie_"),
    ngx_string("http_"),
    ngx_string("profile_arg_"),
    ngx_string("profile_user_id"),
    ngx_null_string
};


static const ngx_str_t  ngx_http_profile_early_upstream[] = {
    ngx_string("proxy_internal_"),
    ngx_string("sent_"),
    ngx_string("upstream_"),
    ngx_null_string
};


/* whole names: of a response, or of a body that is not read yet */

static const ngx_str_t  ngx_http_profile_early_response[] = {
    ngx_string("body_bytes_sent"),
    ngx_string("bytes_sent"),
    ngx_string("gzip_ratio"),
    ngx_string("profile_action"),
    ngx_string("profile_applied"),
    ngx_string("profile_blocked_attributes"),
    ngx_string("profile_bytes_in"),
    ngx_string("profile_bytes_out"),
    ngx_string("profile_call_body"),
    ngx_string("profile_calls"),
    ngx_string("profile_conflicts"),
    ngx_string("profile_moved"),
    ngx_string("profile_reason"),
    ngx_string("profile_time"),
    ngx_string("profile_users"),
    ngx_string("proxy_host"),
    ngx_string("proxy_port"),
    ngx_string("request_body"),
    ngx_string("request_body_file"),
    ngx_string("request_completion"),
    ngx_string("request_time"),
    ngx_string("slice_range"),
    ngx_string("status"),
    ngx_string("uid_set"),
    ngx_null_string
};


/* modules whose variables are what somebody has programmed */

static const ngx_str_t  ngx_http_profile_early_modules[] = {
    ngx_string("ngx_http_js_module"),
    ngx_string("ngx_http_lua_module"),
    ngx_string("ngx_http_perl_module"),
    ngx_null_string
};


ngx_int_t
ngx_http_profile_early_init(ngx_cycle_t *cycle)
{
    ngx_uint_t                     i, scripts;
    ngx_http_variable_t           *v;
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_profile_main_conf_t  *pmcf;

    cmcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_core_module);

    if (cmcf == NULL) {
        /* no http {} */
        return NGX_OK;
    }

    pmcf = ngx_http_cycle_get_module_main_conf(cycle, ngx_http_profile_module);

    pmcf->late = ngx_pnalloc(cycle->pool, cmcf->variables.nelts + 1);
    if (pmcf->late == NULL) {
        return NGX_ERROR;
    }

    scripts = ngx_http_profile_early_scripts(cycle);
    v = cmcf->variables.elts;

    for (i = 0; i < cmcf->variables.nelts; i++) {
        pmcf->late[i] = ngx_http_profile_early_late(&v[i], scripts);
    }

    return NGX_OK;
}


/* whether one of these modules is linked in, where its variables hide */

static ngx_uint_t
ngx_http_profile_early_scripts(ngx_cycle_t *cycle)
{
    ngx_str_t   name;
    ngx_uint_t  i;

    for (i = 0; cycle->modules[i]; i++) {
        name.data = (u_char *) cycle->modules[i]->name;
        name.len = ngx_strlen(name.data);

        if (ngx_http_profile_headers_one_of(&name,
                                            ngx_http_profile_early_modules)
            && ngx_http_profile_early_object(cycle->modules[i])
               == ngx_http_profile_early_object(&ngx_http_core_module))
        {
            return 1;
        }
    }

    return 0;
}


/*
 * What nginx itself knows is told by its name.  What a loaded module makes of
 * the request, or of the response, is not known here.
 */

static ngx_uint_t
ngx_http_profile_early_late(ngx_http_variable_t *v, ngx_uint_t scripts)
{
    void  *object;

    if (ngx_http_profile_early_begins(&v->name,
                                      ngx_http_profile_early_request))
    {
        return 0;
    }

    if (scripts
        || ngx_http_profile_early_begins(&v->name,
                                         ngx_http_profile_early_upstream)
        || ngx_http_profile_headers_one_of(&v->name,
                                           ngx_http_profile_early_response))
    {
        return 1;
    }

    object = ngx_http_profile_early_object((void *) (uintptr_t)
                                           v->get_handler);

    return object != ngx_http_profile_early_object(&ngx_http_core_module);
}


static ngx_uint_t
ngx_http_profile_early_begins(ngx_str_t *name, const ngx_str_t *words)
{
    const ngx_str_t  *w;

    for (w = words; w->len; w++) {
        if (name->len >= w->len
            && ngx_strncmp(name->data, w->data, w->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* the program or the shared object in which an address is */

static void *
ngx_http_profile_early_object(void *address)
{
    Dl_info  info;

    return dladdr(address, &info) ? info.dli_fbase : NULL;
}


ngx_int_t
ngx_http_profile_early_start(ngx_http_request_t *r,
    ngx_http_profile_early_t *early)
{
    size_t                      size;
    ngx_uint_t                  i;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);

    size = cmcf->variables.nelts * sizeof(ngx_http_variable_value_t);

    early->variables = ngx_palloc(r->pool, size);
    if (early->variables == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(early->variables, r->variables, size);

    /* what may change is read anew, or would not be seen to be read */

    for (i = 0; i < cmcf->variables.nelts; i++) {
        if (r->variables[i].no_cacheable) {
            r->variables[i].valid = 0;
            r->variables[i].not_found = 0;
        }
    }

#if (NGX_PCRE)

    /* the groups of the location's own expression are still needed */

    early->ncaptures = r->ncaptures;
    early->captures = r->captures;
    early->captures_data = r->captures_data;
    early->realloc_captures = r->realloc_captures;

    r->ncaptures = 0;
    r->captures = NULL;

#endif

    return NGX_OK;
}


ngx_int_t
ngx_http_profile_early_end(ngx_http_request_t *r,
    ngx_http_profile_early_t *early)
{
    ngx_int_t                      rc;
    ngx_uint_t                     i;
    ngx_http_variable_value_t     *now, *was;
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_profile_main_conf_t  *pmcf;

    cmcf = ngx_http_get_module_main_conf(r, ngx_http_core_module);
    pmcf = ngx_http_get_module_main_conf(r, ngx_http_profile_module);

    rc = NGX_OK;

    for (i = 0; i < cmcf->variables.nelts; i++) {
        now = &r->variables[i];
        was = &early->variables[i];

        if (!now->valid && !now->not_found) {
            *now = *was;
            continue;
        }

        if (pmcf->late[i]
            && (was->no_cacheable || (!was->valid && !was->not_found)))
        {
            rc = NGX_DECLINED;
        }
    }

    if (rc == NGX_DECLINED) {
        ngx_memcpy(r->variables, early->variables,
                   cmcf->variables.nelts * sizeof(ngx_http_variable_value_t));
    }

#if (NGX_PCRE)

    r->ncaptures = early->ncaptures;
    r->captures = early->captures;
    r->captures_data = early->captures_data;
    r->realloc_captures = early->realloc_captures;

#endif

    return rc;
}
