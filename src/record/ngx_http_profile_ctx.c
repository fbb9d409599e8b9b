
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_conf.h"
#include "record/ngx_http_profile_ctx.h"


ngx_http_profile_ctx_t *
ngx_http_profile_ctx_get(ngx_http_request_t *r)
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
