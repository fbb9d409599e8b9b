
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_value.h"
#include "core/profile_reason.h"
#include "http/ngx_http_profile_answer.h"
#include "http/ngx_http_profile_api.h"
#include "http/ngx_http_profile_bag.h"
#include "http/ngx_http_profile_call.h"
#include "http/ngx_http_profile_condition.h"
#include "http/ngx_http_profile_early.h"
#include "record/ngx_http_profile_ctx.h"
#include "request/ngx_http_profile_exact.h"
#include "request/ngx_http_profile_refuse.h"


#define NGX_HTTP_PROFILE_EXACT_LEN  256


typedef struct {
    ngx_http_profile_bag_t       *bag;
    ngx_http_profile_call_t       call;
} ngx_http_profile_exact_t;


static ngx_int_t ngx_http_profile_exact_scope(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);
static ngx_int_t ngx_http_profile_exact_start(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_record_t *record);
static void ngx_http_profile_exact_cleanup(void *data);
static ngx_http_profile_exact_t *ngx_http_profile_exact_find(
    ngx_http_request_t *r, ngx_http_profile_bag_t *bag);
static ngx_int_t ngx_http_profile_exact_answered(ngx_http_request_t *r,
    ngx_http_profile_exact_t *exact, ngx_http_profile_record_t *record);
static ngx_int_t ngx_http_profile_exact_failed(ngx_http_request_t *r,
    ngx_http_profile_exact_t *exact, ngx_http_profile_record_t *record);
static ngx_int_t ngx_http_profile_exact_unreadable(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, profile_reason_e reason);
static ngx_int_t ngx_http_profile_exact_conditions(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);


ngx_int_t
ngx_http_profile_exact_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_http_profile_ctx_t       *ctx;
    ngx_http_profile_exact_t     *exact;
    ngx_http_profile_record_t    *record;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    if (!ngx_http_profile_bag_wanted(r, plcf)) {
        return NGX_DECLINED;
    }

    record = ngx_http_profile_record_get(r);
    if (record == NULL) {
        return NGX_ERROR;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    if (ctx == NULL || ctx->bag == NULL) {
        rc = ngx_http_profile_exact_scope(r, plcf);

        if (rc == NGX_OK) {
            return ngx_http_profile_exact_start(r, plcf, record);
        }

        return (rc == NGX_ERROR) ? NGX_ERROR
               : ngx_http_profile_exact_conditions(r, plcf);
    }

    exact = ngx_http_profile_exact_find(r, ctx->bag);

    if (!exact->call.done) {
        return NGX_AGAIN;
    }

    rc = ngx_http_profile_exact_answered(r, exact, record);

    return (rc == NGX_OK) ? ngx_http_profile_exact_conditions(r, plcf)
                          : rc;
}


/* NGX_DECLINED: the response is not rewritten, whatever it is */

static ngx_int_t
ngx_http_profile_exact_scope(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    ngx_int_t                 rc;
    ngx_http_profile_early_t  early;

    if (ngx_http_profile_early_start(r, &early) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_http_profile_value_test(r, plcf->response.rewrite->filter);

    if (ngx_http_profile_early_end(r, &early) == NGX_DECLINED
        && rc == NGX_DECLINED)
    {
        /* with the response this may be another value */
        rc = NGX_OK;
    }

    return rc;
}


static ngx_int_t
ngx_http_profile_exact_start(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_record_t *record)
{
    ngx_str_t                  uri;
    ngx_pool_cleanup_t        *cln;
    ngx_http_profile_exact_t  *exact;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_profile_exact_t));
    if (cln == NULL) {
        return NGX_ERROR;
    }

    exact = cln->data;

    ngx_memzero(exact, sizeof(ngx_http_profile_exact_t));

    cln->handler = ngx_http_profile_exact_cleanup;

    if (r == r->main && plcf->request.user_id) {
        record->id.template = plcf->request.user_id;
    }

    if (ngx_http_profile_capture_start(r, &exact->call.capture) != NGX_OK
        || ngx_http_profile_value_get(r, plcf->exact, &uri) != NGX_OK)
    {
        return NGX_ERROR;
    }

    exact->bag = ngx_http_profile_bag_create(r,
                                      plcf->response.rewrite->schema->schema,
                                      plcf->max_user_size);
    if (exact->bag == NULL) {
        return NGX_ERROR;
    }

    ngx_http_profile_capture_reset(&exact->call.capture, &exact->bag->sink);

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "profile exact: \"%V\"", &uri);

    record->calls.made++;

    return (ngx_http_profile_call(r, &exact->call, &uri, 0) == NGX_OK)
           ? NGX_AGAIN : NGX_ERROR;
}


/* what is known of the call lives in the cleanup itself: it is found by it */

static void
ngx_http_profile_exact_cleanup(void *data)
{
    /* void */
}


static ngx_http_profile_exact_t *
ngx_http_profile_exact_find(ngx_http_request_t *r, ngx_http_profile_bag_t *bag)
{
    ngx_pool_cleanup_t        *cln;
    ngx_http_profile_exact_t  *exact;

    exact = NULL;

    for (cln = r->pool->cleanup; cln; cln = cln->next) {

        if (cln->handler == ngx_http_profile_exact_cleanup) {
            exact = cln->data;

            if (exact->bag == bag) {
                break;
            }
        }
    }

    return exact;
}


/* NGX_OK: the bag is whole */

static ngx_int_t
ngx_http_profile_exact_answered(ngx_http_request_t *r,
    ngx_http_profile_exact_t *exact, ngx_http_profile_record_t *record)
{
    profile_reason_e             reason;
    ngx_http_profile_capture_t  *capture;

    if (exact->bag->whole) {
        return NGX_OK;
    }

    capture = &exact->call.capture;

    ngx_http_profile_record_count_call(record, PROFILE_CALL_BAG,
                                       capture->status);

    if (exact->call.client_error
        || (r == r->main && r->connection->read->pending_eof))
    {
        ngx_http_profile_record_set_action(record, NGX_HTTP_PROFILE_FAILED,
                                           PROFILE_CLIENT);

        return ngx_http_profile_call_left(r);
    }

    if (capture->status != NGX_HTTP_OK) {
        return ngx_http_profile_exact_failed(r, exact, record);
    }

    reason = capture->reason;

    if (reason == PROFILE_OK && capture->sink == NULL) {
        reason = PROFILE_ENCODING;

    } else if (reason == PROFILE_OK && !capture->complete) {
        reason = PROFILE_UPSTREAM;

    } else if (reason == PROFILE_OK && capture->truncated) {
        reason = capture->inflate ? PROFILE_INVALID_GZIP : PROFILE_UPSTREAM;
    }

    if (reason == PROFILE_OK) {
        reason = ngx_http_profile_bag_finish(exact->bag);
    }

    return (reason == PROFILE_OK)
           ? NGX_OK : ngx_http_profile_exact_unreadable(r, record, reason);
}


/* U6: as if it were the answer to the one call of which the client knows */

static ngx_int_t
ngx_http_profile_exact_failed(ngx_http_request_t *r,
    ngx_http_profile_exact_t *exact, ngx_http_profile_record_t *record)
{
    ngx_int_t                    rc;
    ngx_str_t                    body;
    ngx_uint_t                   status;
    ngx_list_t                  *headers;
    ngx_http_profile_capture_t  *capture;

    capture = &exact->call.capture;

    ngx_http_profile_record_fail_call(record, capture->status);

    if (capture->status >= NGX_HTTP_BAD_REQUEST
        && capture->status < NGX_HTTP_INTERNAL_SERVER_ERROR)
    {
        ngx_http_profile_record_set_action(record, NGX_HTTP_PROFILE_PASSED,
                                           PROFILE_STATUS);

    } else {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "profile exact: the metadata of the user cannot be "
                      "read: v1 answered %ui", capture->status);

        ngx_http_profile_record_set_action(record, NGX_HTTP_PROFILE_FAILED,
                                           PROFILE_UPSTREAM);
    }

    rc = ngx_http_profile_api_error(r, capture, record, &status, &body);

    if (rc != NGX_OK) {
        return NGX_ERROR;
    }

    if (r != r->main) {
        return status;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    headers = &exact->call.request->headers_out.headers;

    rc = ngx_http_profile_answer_send(r, status, &body, headers);

    ngx_http_finalize_request(r, rc);

    return NGX_DONE;
}


static ngx_int_t
ngx_http_profile_exact_unreadable(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, profile_reason_e reason)
{
    u_char         text[NGX_HTTP_PROFILE_EXACT_LEN], *last, *end;
    ngx_int_t      rc;
    ngx_str_t     *applied;
    profile_str_t  message;

    static const profile_str_t  code
                                  = profile_string("invalid_upstream_profile");

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "profile exact: the metadata of the user cannot be read: "
                  "%s: %s", profile_reason_name(reason)->data,
                  profile_reason_text(reason)->data);

    ngx_http_profile_record_fail_call(record, NGX_HTTP_BAD_GATEWAY);
    ngx_http_profile_record_set_action(record, NGX_HTTP_PROFILE_FAILED,
                                       reason);

    if (r != r->main) {
        return NGX_HTTP_BAD_GATEWAY;
    }

    end = text + NGX_HTTP_PROFILE_EXACT_LEN;

    last = ngx_slprintf(text, end, "The backend's answer cannot be shown as a "
                                   "profile: what it keeps as metadata cannot "
                                   "be read.");

    applied = &record->calls.applied;

    if (applied->len) {
        last = ngx_slprintf(last, end, " Applied before the failure: %V.",
                            applied);
    }

    message.data = text;
    message.len = last - text;

    rc = ngx_http_profile_answer_error(r, NGX_HTTP_BAD_GATEWAY, &message,
                                       &code);

    ngx_http_finalize_request(r, rc);

    return NGX_DONE;
}


/* H2.6: the client's tags are compared with one that is made of the bag, too */

static ngx_int_t
ngx_http_profile_exact_conditions(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    ngx_int_t      rc;
    profile_str_t  message;

    if (r != r->main) {
        return NGX_DECLINED;
    }

    rc = ngx_http_profile_condition_request(r, plcf, 0, &message);

    if (rc == NGX_DECLINED) {
        return ngx_http_profile_refuse_request(r, PROFILE_PRECONDITION,
                                               &message);
    }

    return (rc == NGX_OK) ? NGX_DECLINED : rc;
}
