
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_alloc.h"
#include "core/request/profile_guard.h"
#include "core/request/profile_guard_message.h"
#include "http/ngx_http_profile_bag.h"
#include "http/ngx_http_profile_condition.h"
#include "http/ngx_http_profile_list.h"
#include "http/ngx_http_profile_uri.h"
#include "request/ngx_http_profile_args.h"
#include "request/ngx_http_profile_guard.h"
#include "request/ngx_http_profile_refuse.h"
#include "request/ngx_http_profile_request.h"
#include "request/ngx_http_profile_search.h"
#include "request/ngx_http_profile_upgrade.h"
#include "request/ngx_http_profile_user_id.h"


#define NGX_HTTP_PROFILE_ARG_LEN  128


static ngx_int_t ngx_http_profile_request_test(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);
static ngx_int_t ngx_http_profile_request_test_path(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);
static ngx_int_t ngx_http_profile_request_conditions(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);
static ngx_int_t ngx_http_profile_request_refuse(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, ngx_http_profile_verdict_t *verdict);
static ngx_int_t ngx_http_profile_request_refuse_argument(
    ngx_http_request_t *r, ngx_http_profile_record_t *record,
    ngx_http_profile_verdict_t *verdict);


ngx_int_t
ngx_http_profile_request_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_uint_t                    upgrade;
    ngx_http_profile_ctx_t       *ctx;
    ngx_http_profile_record_t    *record;
    ngx_http_profile_verdict_t   *verdict;
    ngx_http_profile_loc_conf_t  *plcf;

    if (r != r->main) {
        return NGX_DECLINED;
    }

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);
    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    if (ctx == NULL || ctx->verdict == NULL) {
        rc = ngx_http_profile_request_test(r, plcf);

        if (rc == NGX_OK && !ngx_http_profile_bag_wanted(r, plcf)) {
            /* else ngx_http_profile_exact_handler() does */
            rc = ngx_http_profile_request_conditions(r, plcf);
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (plcf->request.guard == NULL) {
        return NGX_DECLINED;
    }

    record = ngx_http_profile_record_get(r);
    if (record == NULL) {
        return NGX_ERROR;
    }

    upgrade = ngx_http_profile_upgrade_wanted(r, plcf);

    rc = ngx_http_profile_guard(r, record,
                                upgrade || plcf->request.guard->mode
                                           == PROFILE_GUARD_CALL,
                                &verdict);

    if (rc != NGX_OK) {
        return rc;
    }

    if (verdict->reason == PROFILE_ALLOWED && upgrade) {
        /* ngx_http_profile_request_plan_handler() goes on */
        return NGX_DECLINED;
    }

    if (verdict->reason == PROFILE_ALLOWED
        || verdict->reason == PROFILE_NO_BODY)
    {
        ngx_http_profile_guard_release(verdict);
        ngx_http_profile_record_set_action(record, NGX_HTTP_PROFILE_PASSED,
                                           verdict->reason);
        return NGX_DECLINED;
    }

    return ngx_http_profile_request_refuse(r, record, verdict);
}


/*
 * A mirror beside the gateway stands between the two handlers: it is to see the
 * write that was allowed, not the last call of a plan, which is a GET (U7.7).
 */

ngx_int_t
ngx_http_profile_request_plan_handler(ngx_http_request_t *r)
{
    ngx_http_profile_ctx_t       *ctx;
    ngx_http_profile_record_t    *record;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    if (r != r->main || !ngx_http_profile_upgrade_wanted(r, plcf)) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    if (ctx == NULL || ctx->verdict == NULL
        || ctx->verdict->reason != PROFILE_ALLOWED)
    {
        return NGX_DECLINED;
    }

    record = ngx_http_profile_record_get(r);
    if (record == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_profile_upgrade(r, record, ctx->verdict->guard);
}


/*
 * What no v1 call can be made of (U2.1, U2.2).  NGX_OK: nothing is wrong;
 * NGX_DONE: it has been answered.
 */

static ngx_int_t
ngx_http_profile_request_test(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    u_char         text[NGX_HTTP_PROFILE_ARG_LEN];
    ngx_int_t      rc;
    ngx_str_t      bad, said;
    profile_str_t  message;

    if (plcf->response.rewrite == NULL || !plcf->response.rewrite->api_v2) {
        return NGX_OK;
    }

    ngx_str_null(&said);

    rc = ngx_http_profile_args_test(r, &bad);

    if (rc == NGX_OK) {
        rc = ngx_http_profile_list_test(r, plcf, &bad);
    }

    if (rc == NGX_OK) {
        rc = ngx_http_profile_search(r, plcf, &said);
    }

    if (rc == NGX_DECLINED && said.len) {
        message.data = said.data;
        message.len = said.len;

        return ngx_http_profile_refuse_request(r, PROFILE_QUERY, &message);
    }

    if (rc == NGX_DECLINED) {
        message.data = text;
        message.len = ngx_snprintf(text, NGX_HTTP_PROFILE_ARG_LEN,
                                   "The argument \"%V\" of the request is "
                                   "invalid.", &bad)
                      - text;

        return ngx_http_profile_refuse_request(r, PROFILE_QUERY, &message);
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    return ngx_http_profile_request_test_path(r, plcf);
}


static ngx_int_t
ngx_http_profile_request_test_path(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    ngx_int_t              rc;
    ngx_http_profile_id_t  id;

    if (plcf->request.user_id == NULL) {
        return NGX_OK;
    }

    rc = ngx_http_profile_user_id_get(r, ngx_http_profile_record_find(r),
                                      plcf->request.user_id, &id);

    if (rc == NGX_DECLINED) {
        return ngx_http_profile_refuse_request(r, PROFILE_PATH, NULL);
    }

    return rc;
}


/* H2.6; it returns as ngx_http_profile_request_test() does */

static ngx_int_t
ngx_http_profile_request_conditions(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    ngx_int_t      rc;
    profile_str_t  message;

    rc = ngx_http_profile_condition_request(r, plcf,
                                 ngx_http_profile_upgrade_wanted(r, plcf),
                                 &message);

    if (rc == NGX_DECLINED) {
        return ngx_http_profile_refuse_request(r, PROFILE_PRECONDITION,
                                               &message);
    }

    return rc;
}


static ngx_int_t
ngx_http_profile_request_refuse(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, ngx_http_profile_verdict_t *verdict)
{
    ngx_int_t       rc;
    profile_buf_t   buf;
    profile_str_t   message, *said;

    if (verdict->reason == PROFILE_QUERY) {
        return ngx_http_profile_request_refuse_argument(r, record, verdict);
    }

    if (verdict->guard == NULL) {
        return ngx_http_profile_refuse(r, record, verdict->reason, NULL, NULL);
    }

    /* in a dry run the header may have been at fault before the body */

    ngx_memzero(&buf, sizeof(profile_buf_t));

    said = NULL;

    if (profile_guard_reason(verdict->guard) == verdict->reason
        && profile_guard_message(verdict->guard, &ngx_http_profile_alloc, &buf)
           == 0)
    {
        message.len = buf.len;
        message.data = buf.data;
        said = &message;
    }

    rc = ngx_http_profile_refuse(r, record, verdict->reason,
                                 profile_guard_refused(verdict->guard), said);

    profile_buf_free(&ngx_http_profile_alloc, &buf);

    return rc;
}


/* the name may hold whatever bytes: it is escaped, and cut */

static ngx_int_t
ngx_http_profile_request_refuse_argument(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, ngx_http_profile_verdict_t *verdict)
{
    u_char                        text[NGX_HTTP_PROFILE_ARG_LEN];
    ngx_str_t                     name;
    profile_str_t                 message;
    profile_refused_t             refused;
    profile_guard_member_t        m;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    if (ngx_http_profile_uri_escape(r, &verdict->argument, &name) != NGX_OK) {
        return NGX_ERROR;
    }

    name.len = ngx_min(name.len, 64);

    message.data = text;
    message.len = ngx_snprintf(text, NGX_HTTP_PROFILE_ARG_LEN,
                               "A write cannot have the argument \"%V\".",
                               &name)
                  - text;

    ngx_memzero(&m, sizeof(profile_guard_member_t));

    profile_schema_name(plcf->request.guard->schema->schema, &m.name,
                        verdict->argument.data, verdict->argument.len);

    refused.members[0] = &m;
    refused.n = 1;

    return ngx_http_profile_refuse(r, record, PROFILE_QUERY, &refused,
                                   &message);
}
