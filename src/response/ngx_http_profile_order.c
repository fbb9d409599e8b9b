
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_conf.h"
#include "response/ngx_http_profile_order.h"


extern ngx_module_t  ngx_http_copy_filter_module;


/*
 * Filters run from the last of the modules to the first, and the copy filter
 * is the first one that is given a response; nginx's own stand before us.  A
 * module does not say whether it has a filter.
 */

void
ngx_http_profile_order_check(ngx_conf_t *cf)
{
    ngx_uint_t                      i, ours;
    ngx_module_t                  **modules;
    ngx_http_profile_main_conf_t   *pmcf;

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_profile_module);

    if (!pmcf->rewrites) {
        return;
    }

    modules = cf->cycle->modules;
    ours = 0;

    for (i = 0; modules[i] && modules[i] != &ngx_http_copy_filter_module; i++) {

        if (modules[i] == &ngx_http_profile_module) {
            ours = 1;
            continue;
        }

        if (ours) {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "the filters of module \"%s\" run before "
                          "profile_rewrite and may change what it reads; make "
                          "ngx_http_profile_module the last of all "
                          "load_module, or of all --add-module",
                          modules[i]->name);
        }
    }
}
