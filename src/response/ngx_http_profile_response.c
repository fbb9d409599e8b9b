
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "record/ngx_http_profile_ctx.h"
#include "response/ngx_http_profile_response.h"


ngx_http_profile_filter_t *
ngx_http_profile_response_begin(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, ngx_http_profile_state_e state)
{
    ngx_http_profile_ctx_t     *ctx;
    ngx_http_profile_filter_t  *f;

    ctx = ngx_http_profile_ctx_get(r);
    if (ctx == NULL) {
        return NULL;
    }

    f = ngx_pcalloc(r->pool, sizeof(ngx_http_profile_filter_t));
    if (f == NULL) {
        return NULL;
    }

    f->record = record;
    f->state = state;

    ctx->filter = f;

    return f;
}
