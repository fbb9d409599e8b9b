
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "record/ngx_http_profile_record.h"


static void ngx_http_profile_record_reset(ngx_http_request_t *r,
    ngx_http_profile_record_t *record);
static void ngx_http_profile_record_cleanup(void *data);
static void ngx_http_profile_record_close(void *data);
static void ngx_http_profile_record_end(ngx_http_profile_record_t *record);
static ngx_uint_t ngx_http_profile_record_client_gone(ngx_http_request_t *r);


ngx_str_t  ngx_http_profile_record_actions[] = {
    ngx_string("blocked"),
    ngx_string("failed"),
    ngx_string("upgraded"),
    ngx_string("rewritten"),
    ngx_string("passed"),
    ngx_string("would_block"),
    ngx_string("would_fail"),
    ngx_string("would_rewrite"),
    ngx_null_string
};


ngx_int_t
ngx_http_profile_record_handler(ngx_http_request_t *r)
{
    ngx_http_profile_record_t    *record;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    if (r != r->main || !ngx_http_profile_record_in_scope(plcf)) {
        return NGX_DECLINED;
    }

    record = ngx_http_profile_record_get(r);
    if (record == NULL) {
        return NGX_ERROR;
    }

    /* it may come from another location */

    record->outcome.rewrite = (plcf->response.rewrite != NULL);
    record->outcome.dry_run = plcf->response.dry_run;

    if (record->zone == NULL) {
        record->zone = plcf->metrics.zone;
    }

    return NGX_DECLINED;
}


ngx_http_profile_record_t *
ngx_http_profile_record_find(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t  *cln;

    for (cln = r->main->pool->cleanup; cln; cln = cln->next) {
        if (cln->handler == ngx_http_profile_record_cleanup) {
            return cln->data;
        }
    }

    return NULL;
}


ngx_http_profile_record_t *
ngx_http_profile_record_get(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t         *pcln;
    ngx_http_cleanup_t         *cln;
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_record_find(r);

    if (record) {
        return record;
    }

    pcln = ngx_pool_cleanup_add(r->main->pool,
                                sizeof(ngx_http_profile_record_t));
    if (pcln == NULL) {
        return NULL;
    }

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NULL;
    }

    record = pcln->data;

    ngx_http_profile_record_reset(r, record);

    pcln->handler = ngx_http_profile_record_cleanup;

    cln->handler = ngx_http_profile_record_close;
    cln->data = record;

    return record;
}


void
ngx_http_profile_record_fill(ngx_http_request_t *r,
    ngx_http_profile_record_t *record)
{
    ngx_http_profile_record_reset(r, record);
    ngx_http_profile_record_end(record);
}


static void
ngx_http_profile_record_reset(ngx_http_request_t *r,
    ngx_http_profile_record_t *record)
{
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    ngx_memzero(record, sizeof(ngx_http_profile_record_t));

    record->outcome.action = NGX_HTTP_PROFILE_NOTHING;
    record->request = r->main;
    record->zone = plcf->metrics.zone;
    record->outcome.rewrite = (plcf->response.rewrite != NULL);
    record->outcome.dry_run = plcf->response.dry_run;
}


/* the record lives in the cleanup itself: it is a mark to find it by */

static void
ngx_http_profile_record_cleanup(void *data)
{
    /* void */
}


/* the request ends, and is logged next */

static void
ngx_http_profile_record_close(void *data)
{
    ngx_http_profile_record_t *record = data;

    ngx_http_profile_record_outcome_t  *outcome;

    outcome = &record->outcome;

    if (outcome->action == NGX_HTTP_PROFILE_NOTHING || record->response.open
        || (outcome->action == NGX_HTTP_PROFILE_PASSED && outcome->rewrite
            && !record->response.answered))
    {
        ngx_http_profile_record_end(record);
    }

    outcome->closed = 1;
}


/* nobody has said how it ended: something has come in between */

static void
ngx_http_profile_record_end(ngx_http_profile_record_t *record)
{
    profile_reason_e            reason;
    ngx_http_request_t         *r;
    ngx_http_profile_action_e   action;

    r = record->request;

    action = (record->outcome.rewrite && record->outcome.dry_run)
             ? NGX_HTTP_PROFILE_WOULD_FAIL : NGX_HTTP_PROFILE_FAILED;

    if (r->headers_out.status == NGX_HTTP_CLOSE) {
        action = NGX_HTTP_PROFILE_PASSED;
        reason = PROFILE_STATUS;

    } else if (ngx_http_profile_record_client_gone(r)) {
        reason = PROFILE_CLIENT;

    } else if (record->response.open) {
        reason = PROFILE_UPSTREAM;

    } else if (!r->header_sent) {
        reason = PROFILE_INTERNAL;

    } else if (r->headers_out.status == NGX_HTTP_OK
               || r->headers_out.status == NGX_HTTP_CREATED)
    {
        action = NGX_HTTP_PROFILE_PASSED;
        reason = PROFILE_REDIRECT;

    } else {
        action = NGX_HTTP_PROFILE_PASSED;
        reason = PROFILE_STATUS;
    }

    ngx_http_profile_record_set_action(record, action, reason);
}


static ngx_uint_t
ngx_http_profile_record_client_gone(ngx_http_request_t *r)
{
    return r->connection->error || r->connection->timedout
           || r->headers_out.status == NGX_HTTP_CLIENT_CLOSED_REQUEST
           || r->headers_out.status == NGX_HTTP_REQUEST_TIME_OUT;
}


void
ngx_http_profile_record_set_action(ngx_http_profile_record_t *record,
    ngx_http_profile_action_e action, profile_reason_e reason)
{
    if (action < record->outcome.action) {
        record->outcome.action = action;
        record->outcome.reason = reason;
    }
}


void
ngx_http_profile_record_count_call(ngx_http_profile_record_t *record,
    profile_call_e kind, ngx_uint_t status)
{
    ngx_http_profile_call_result_e  result;

    if (status >= NGX_HTTP_OK && status < NGX_HTTP_SPECIAL_RESPONSE) {
        result = NGX_HTTP_PROFILE_CALL_OK;

    } else if (status >= NGX_HTTP_SPECIAL_RESPONSE
               && status < NGX_HTTP_CLIENT_CLOSED_REQUEST)
    {
        result = NGX_HTTP_PROFILE_CALL_REFUSED;

    } else {
        result = NGX_HTTP_PROFILE_CALL_FAILED;
    }

    record->calls.results[kind][result]++;
}


ngx_http_profile_walk_result_e
ngx_http_profile_record_walk_result(ngx_http_profile_record_t *record)
{
    ngx_http_profile_record_outcome_t  *outcome;

    outcome = &record->outcome;

    if (record->walk.result == NGX_HTTP_PROFILE_WALK_NONE
        || record->walk.result == NGX_HTTP_PROFILE_WALK_BUSY)
    {
        return record->walk.result;
    }

    switch (outcome->reason) {

    case PROFILE_CLIENT:
        return NGX_HTTP_PROFILE_WALK_CLIENT;

    case PROFILE_SEARCH_LIMIT:
        return NGX_HTTP_PROFILE_WALK_LIMIT;

    case PROFILE_TIMEOUT:
        return NGX_HTTP_PROFILE_WALK_TIMEOUT;

    default:
        return (outcome->action == NGX_HTTP_PROFILE_FAILED)
               ? NGX_HTTP_PROFILE_WALK_FAILED : record->walk.result;
    }
}


void
ngx_http_profile_record_created(ngx_http_profile_record_t *record)
{
    const profile_str_t  *name;

    name = profile_call_name(PROFILE_CALL_CREATE);

    record->calls.created = 1;
    record->calls.done.len = name->len;
    record->calls.done.data = (u_char *) name->data;
}


void
ngx_http_profile_record_fail_call(ngx_http_profile_record_t *record,
    ngx_uint_t status)
{
    ngx_http_profile_record_calls_t  *calls;

    calls = &record->calls;

    calls->applied = calls->done;

    if (calls->step == NULL) {
        return;
    }

    ngx_log_error(NGX_LOG_ERR, record->request->connection->log, 0,
                  "profile upgrade: call \"%s\" was answered with %ui, "
                  "applied before: \"%V\"",
                  profile_call_name(calls->step->kind)->data, status,
                  &calls->applied);
}


uint64_t
ngx_http_profile_record_clock(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}
