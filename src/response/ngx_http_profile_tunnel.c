
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "http/ngx_http_profile_call.h"
#include "http/ngx_http_profile_cache.h"
#include "http/ngx_http_profile_cors.h"
#include "http/ngx_http_profile_headers.h"
#include "response/ngx_http_profile_fail.h"
#include "response/ngx_http_profile_output.h"
#include "response/ngx_http_profile_tunnel.h"


static ngx_uint_t ngx_http_profile_tunnel_begins(ngx_http_request_t *r);
static ngx_uint_t ngx_http_profile_tunnel_error(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);
static ngx_int_t ngx_http_profile_tunnel_call(ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_tunnel_leave(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);
static ngx_uint_t ngx_http_profile_tunnel_dry_run(
    ngx_http_profile_loc_conf_t *plcf);

#if (nginx_version >= 1029000)

static ngx_int_t ngx_http_profile_early_hints_filter(ngx_http_request_t *r);


static ngx_http_output_header_filter_pt  ngx_http_next_early_hints_filter;

#endif


ngx_int_t
ngx_http_profile_tunnel_header(ngx_http_request_t *r)
{
    ngx_http_profile_ctx_t       *ctx;
    ngx_http_profile_loc_conf_t  *plcf;

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    if (ctx && ctx->filter && ctx->filter->state == NGX_HTTP_PROFILE_TUNNEL) {
        return ngx_http_profile_fail_header(r, ctx->filter);
    }

    if (!ngx_http_profile_tunnel_begins(r)) {
        return NGX_DECLINED;
    }

    if (ngx_http_profile_call_find(r)) {
        return ngx_http_profile_tunnel_call(r);
    }

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    if (!ngx_http_profile_record_in_scope(plcf)
        || ngx_http_profile_tunnel_error(r, plcf))
    {
        return NGX_DECLINED;
    }

    return ngx_http_profile_tunnel_leave(r, plcf);
}


/*
 * After a 101 nginx passes on raw bytes, as it does after no status at all,
 * which is HTTP/0.9.  Of other statuses below 200 older versions pass on as a
 * body what follows, the final response, and the tunnel module of newer ones
 * has a status of 200.
 */

static ngx_uint_t
ngx_http_profile_tunnel_begins(ngx_http_request_t *r)
{
    return r->upstream
           && (ngx_http_profile_headers_status(r) < NGX_HTTP_OK
               || r->upstream->upgrade);
}


/* no status at all is an error like others to the v2 API (U6) */

static ngx_uint_t
ngx_http_profile_tunnel_error(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    return ngx_http_profile_headers_status(r) == 0 && r == r->main
           && !plcf->response.dry_run
           && plcf->response.rewrite && plcf->response.rewrite->api_v2
           && plcf->response.rewrite->filter == NULL;
}


/* the plan takes it for a failure, and says so */

static ngx_int_t
ngx_http_profile_tunnel_call(ngx_http_request_t *r)
{
    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "profile upgrade: tunnel: %s",
                  profile_reason_text(PROFILE_TUNNEL)->data);

    r->upstream->upgrade = 0;

    return NGX_HTTP_BAD_GATEWAY;
}


static ngx_int_t
ngx_http_profile_tunnel_leave(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    ngx_http_profile_ctx_t     *ctx;
    ngx_http_profile_filter_t  *f;

    ctx = ngx_http_profile_ctx_get(r);

    if (ctx == NULL
        || ngx_http_profile_cache_find(r, plcf) == NGX_ERROR
        || ngx_http_profile_cors_find(r, plcf, 0) == NGX_ERROR)
    {
        return NGX_ERROR;
    }

    f = ngx_pcalloc(r->pool, sizeof(ngx_http_profile_filter_t));
    if (f == NULL) {
        return NGX_ERROR;
    }

    f->record = ngx_http_profile_record_get(r);
    if (f->record == NULL) {
        return NGX_ERROR;
    }

    f->reason = PROFILE_TUNNEL;
    f->record->response.answered = 1;
    f->record->response.open++;

    if (ngx_http_profile_tunnel_dry_run(plcf)) {
        ngx_http_profile_fail_note(r, f, NGX_HTTP_PROFILE_WOULD_FAIL);
        return ngx_http_profile_output_pass_header(r);
    }

    ngx_http_profile_fail_note(r, f, NGX_HTTP_PROFILE_FAILED);

    f->state = NGX_HTTP_PROFILE_TUNNEL;
    ctx->filter = f;

    /* nothing stays of what the upstream said, nor has an error page a say */

    if (ngx_http_profile_headers_replace(r, NGX_HTTP_BAD_GATEWAY, 0, NULL)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    r->upstream->upgrade = 0;
    r->error_page = 1;

    return NGX_HTTP_BAD_GATEWAY;
}


static ngx_uint_t
ngx_http_profile_tunnel_dry_run(ngx_http_profile_loc_conf_t *plcf)
{
    return (plcf->response.rewrite == NULL || plcf->response.dry_run)
           && (plcf->request.guard == NULL || plcf->request.dry_run);
}


#if (nginx_version >= 1029000)

/* H1.4: what v1 hints at ahead of its response is all v1 */

static ngx_int_t
ngx_http_profile_early_hints_filter(ngx_http_request_t *r)
{
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    if (plcf->response.rewrite && plcf->response.rewrite->api_v2
        && !plcf->response.dry_run)
    {
        return NGX_OK;
    }

    return ngx_http_next_early_hints_filter(r);
}

#endif


void
ngx_http_profile_tunnel_set_filter(void)
{
#if (nginx_version >= 1029000)
    ngx_http_next_early_hints_filter = ngx_http_top_early_hints_filter;
    ngx_http_top_early_hints_filter = ngx_http_profile_early_hints_filter;
#endif
}
