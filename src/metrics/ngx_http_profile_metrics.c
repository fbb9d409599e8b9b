
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "metrics/ngx_http_profile_metrics.h"


/* of each worker: providers that the log has been told of */

#define NGX_HTTP_PROFILE_UNKNOWN  32


struct ngx_http_profile_unknown_s {
    ngx_uint_t  n;
    ngx_uint_t  len[NGX_HTTP_PROFILE_UNKNOWN];
    u_char      names[NGX_HTTP_PROFILE_UNKNOWN][PROFILE_PROVIDER_MAX];
};


static ngx_int_t ngx_http_profile_enter_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_log_handler(ngx_http_request_t *r);
static void ngx_http_profile_record_init(ngx_http_request_t *r,
    ngx_http_profile_record_t *record);
static void ngx_http_profile_record_cleanup(void *data);
static void ngx_http_profile_record_close(void *data);
static void ngx_http_profile_record_end(ngx_http_profile_record_t *record);
static ngx_uint_t ngx_http_profile_client_gone(ngx_http_request_t *r);
static void ngx_http_profile_account(ngx_http_request_t *r,
    ngx_http_profile_record_t *record);
static void ngx_http_profile_account_time(ngx_http_profile_counters_t *c,
    uint64_t time);


/* nanoseconds */

static uint64_t  ngx_http_profile_limits[] = {
    10000, 50000, 100000, 500000, 1000000, 5000000, 10000000, 50000000,
    100000000, 500000000
};


#define ngx_http_profile_add(counter, n)                                     \
    if (n) {                                                                 \
        (void) ngx_atomic_fetch_add(&(counter), (ngx_atomic_int_t) (n));     \
    }

#define ngx_http_profile_in_scope(plcf)                                      \
    ((plcf)->rewrite != NULL || (plcf)->guard != NULL)


uint64_t
ngx_http_profile_now(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return (uint64_t) ts.tv_sec * 1000000000 + ts.tv_nsec;
}


/*
 * A request that has come to a location is accounted for there, whatever
 * becomes of it: it may never reach the header filter, or be answered by
 * another location.
 */

static ngx_int_t
ngx_http_profile_enter_handler(ngx_http_request_t *r)
{
    ngx_http_profile_record_t    *record;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    if (r != r->main || !ngx_http_profile_in_scope(plcf)) {
        return NGX_DECLINED;
    }

    record = ngx_http_profile_get_record(r);
    if (record == NULL) {
        return NGX_ERROR;
    }

    /* it may come from another location */

    record->rewrite = (plcf->rewrite != NULL);
    record->dry_run = plcf->rewrite_dry_run;

    if (record->metrics == NULL) {
        record->metrics = plcf->metrics;
    }

    return NGX_DECLINED;
}


ngx_http_profile_record_t *
ngx_http_profile_find_record(ngx_http_request_t *r)
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
ngx_http_profile_get_record(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t         *pcln;
    ngx_http_cleanup_t         *cln;
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_find_record(r);

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

    ngx_http_profile_record_init(r, record);

    pcln->handler = ngx_http_profile_record_cleanup;

    cln->handler = ngx_http_profile_record_close;
    cln->data = record;

    return record;
}


static void
ngx_http_profile_record_init(ngx_http_request_t *r,
    ngx_http_profile_record_t *record)
{
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    ngx_memzero(record, sizeof(ngx_http_profile_record_t));

    record->action = NGX_HTTP_PROFILE_NOTHING;
    record->request = r->main;
    record->metrics = plcf->metrics;
    record->rewrite = (plcf->rewrite != NULL);
    record->dry_run = plcf->rewrite_dry_run;
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
    ngx_http_profile_record_t  *record = data;

    if (record->action == NGX_HTTP_PROFILE_NOTHING || record->open
        || (record->action == NGX_HTTP_PROFILE_PASSED && record->rewrite
            && !record->answered))
    {
        ngx_http_profile_record_end(record);
    }

    if (record->method) {
        record->request->method = record->method;
        record->request->method_name = record->method_name;
    }

    record->closed = 1;
}


/* nobody has said how it ended: something has come in between */

static void
ngx_http_profile_record_end(ngx_http_profile_record_t *record)
{
    profile_reason_e            reason;
    ngx_http_request_t         *r;
    ngx_http_profile_action_e   action;

    r = record->request;

    action = (record->rewrite && record->dry_run) ? NGX_HTTP_PROFILE_WOULD_FAIL
                                                  : NGX_HTTP_PROFILE_FAILED;

    if (r->headers_out.status == NGX_HTTP_CLOSE) {
        action = NGX_HTTP_PROFILE_PASSED;
        reason = PROFILE_STATUS;

    } else if (ngx_http_profile_client_gone(r)) {
        reason = PROFILE_CLIENT;

    } else if (record->open) {
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

    ngx_http_profile_set_action(record, action, reason);
}


static ngx_uint_t
ngx_http_profile_client_gone(ngx_http_request_t *r)
{
    return r->connection->error || r->connection->timedout
           || r->headers_out.status == NGX_HTTP_CLIENT_CLOSED_REQUEST
           || r->headers_out.status == NGX_HTTP_REQUEST_TIME_OUT;
}


void
ngx_http_profile_set_action(ngx_http_profile_record_t *record,
    ngx_http_profile_action_e action, profile_reason_e reason)
{
    if (action < record->action) {
        record->action = action;
        record->reason = reason;
    }
}


/* only names that the schema knows: others are the client's to invent */

ngx_int_t
ngx_http_profile_count_blocked(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, const profile_schema_t *schema,
    const profile_refused_t *refused)
{
    u_char                *p;
    uint32_t               i, n;
    const profile_name_t  *name;

    n = ngx_min(refused->n, PROFILE_REFUSED_MAX);

    record->nnames = 0;
    record->other = refused->n - n;

    record->names = ngx_palloc(r->pool, n * sizeof(ngx_str_t));
    if (record->names == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        name = &refused->members[i]->name;

        if (name->len > NGX_HTTP_PROFILE_WORD_LEN
            || !profile_schema_knows(schema, name))
        {
            record->other++;
            continue;
        }

        p = ngx_pnalloc(r->pool, name->len);
        if (p == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(p, name->data, name->len);

        record->names[record->nnames].len = name->len;
        record->names[record->nnames++].data = p;
    }

    return NGX_OK;
}


/* answered with success, answered otherwise, or not answered by v1 */

void
ngx_http_profile_count_call(ngx_http_request_t *r, profile_call_e kind,
    ngx_uint_t status)
{
    ngx_http_profile_record_t       *record;
    ngx_http_profile_call_result_e   result;

    record = ngx_http_profile_find_record(r);
    if (record == NULL) {
        return;
    }

    if (status >= NGX_HTTP_OK && status < NGX_HTTP_SPECIAL_RESPONSE) {
        result = NGX_HTTP_PROFILE_CALL_OK;

    } else if (status >= NGX_HTTP_SPECIAL_RESPONSE
               && status < NGX_HTTP_CLIENT_CLOSED_REQUEST)
    {
        result = NGX_HTTP_PROFILE_CALL_REFUSED;

    } else {
        result = NGX_HTTP_PROFILE_CALL_FAILED;
    }

    record->results[kind][result]++;
}


/*
 * Told once in each worker: what the schema lacks.  This is the one part of
 * the configuration that requests write to, each worker its own copy.
 */

void
ngx_http_profile_unknown_provider(void *data, const u_char *name, size_t len)
{
    ngx_http_request_t *r = data;

    u_char                        *last, text[3 * PROFILE_PROVIDER_MAX];
    ngx_uint_t                     i;
    ngx_http_profile_unknown_t    *unknown;
    ngx_http_profile_loc_conf_t   *plcf;
    ngx_http_profile_main_conf_t  *pmcf;

    pmcf = ngx_http_get_module_main_conf(r, ngx_http_profile_module);

    unknown = pmcf->unknown;

    for (i = 0; i < unknown->n; i++) {

        if (unknown->len[i] == len
            && ngx_memcmp(unknown->names[i], name, len) == 0)
        {
            return;
        }
    }

    if (i == NGX_HTTP_PROFILE_UNKNOWN) {
        return;
    }

    unknown->n++;
    unknown->len[i] = len;
    ngx_memcpy(unknown->names[i], name, len);

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    last = (u_char *) ngx_escape_uri(text, (u_char *) name, len,
                                     NGX_ESCAPE_URI_COMPONENT);

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "profile filter: the schema \"%V\" has no provider "
                  "\"%*s\"", &plcf->rewrite->schema->name,
                  (size_t) (last - text), text);
}


static ngx_int_t
ngx_http_profile_log_handler(ngx_http_request_t *r)
{
    ngx_http_profile_record_t    *record, last;
    ngx_http_profile_loc_conf_t  *plcf;

    if (r != r->main) {
        return NGX_OK;
    }

    record = ngx_http_profile_find_record(r);

    if (record == NULL) {

        /* it has not come far: a malformed request, a "return" */

        plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

        if (plcf->metrics == NULL || !ngx_http_profile_in_scope(plcf)) {
            return NGX_OK;
        }

        record = &last;

        ngx_http_profile_record_init(r, record);
        ngx_http_profile_record_end(record);
    }

    if (record->metrics) {
        ngx_http_profile_account(r, record);
    }

    return NGX_OK;
}


/* counters of what has not happened are left alone */

static void
ngx_http_profile_account(ngx_http_request_t *r,
    ngx_http_profile_record_t *record)
{
    ngx_uint_t                    i, k, key;
    profile_counts_t             *counts;
    ngx_http_profile_counters_t  *c;

    key = ngx_http_profile_zone_key(r, record->metrics);

    c = &record->metrics->sh->counters[key];
    counts = &record->counts;

    (void) ngx_atomic_fetch_add(&c->requests[record->action][record->reason],
                                1);

    ngx_http_profile_add(c->users, counts->users);
    ngx_http_profile_add(c->moved[0], counts->moved[0]);
    ngx_http_profile_add(c->moved[1], counts->moved[1]);
    ngx_http_profile_add(c->conflicts, counts->conflicts);
    ngx_http_profile_add(c->unknown, counts->unknown);
    ngx_http_profile_add(c->bytes_in, record->bytes_in);
    ngx_http_profile_add(c->bytes_out, record->bytes_out);

    if (record->time) {
        ngx_http_profile_account_time(c, record->time);
    }

    if (record->write != PROFILE_OK) {
        i = ngx_http_profile_write_result(record->write);
        (void) ngx_atomic_fetch_add(&c->writes[i][record->write], 1);
    }

    ngx_http_profile_add(c->other, record->other);

    for (i = 0; i < record->nnames; i++) {
        ngx_http_profile_zone_blocked(record->metrics, key, &record->names[i],
                                      r->connection->log);
    }

    if (record->last) {
        /* the main request itself made it */
        ngx_http_profile_count_call(r, record->last - 1,
                                    r->headers_out.status);
    }

    for (i = 0; i < PROFILE_CALLS; i++) {
        for (k = 0; k < NGX_HTTP_PROFILE_CALL_RESULTS; k++) {
            ngx_http_profile_add(c->calls[i][k], record->results[i][k]);
        }
    }
}


static void
ngx_http_profile_account_time(ngx_http_profile_counters_t *c, uint64_t time)
{
    ngx_uint_t  i;

    for (i = 0; i < NGX_HTTP_PROFILE_BUCKETS - 1; i++) {
        if (time <= ngx_http_profile_limits[i]) {
            break;
        }
    }

    (void) ngx_atomic_fetch_add(&c->buckets[i], 1);
    (void) ngx_atomic_fetch_add(&c->time, (ngx_atomic_int_t) time);
}


/* refused is what could be read and may not be written */

ngx_http_profile_write_e
ngx_http_profile_write_result(profile_reason_e reason)
{
    switch (reason) {

    case PROFILE_ALLOWED:
    case PROFILE_NO_BODY:
        return NGX_HTTP_PROFILE_WRITE_ALLOWED;

    case PROFILE_ATTRIBUTES:
    case PROFILE_RESERVED:
    case PROFILE_METADATA_NAME:
    case PROFILE_UNSUPPORTED:
        return NGX_HTTP_PROFILE_WRITE_BLOCKED;

    default:
        return NGX_HTTP_PROFILE_WRITE_INVALID;
    }
}


ngx_int_t
ngx_http_profile_metrics_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt           *h;
    ngx_http_core_main_conf_t     *cmcf;
    ngx_http_profile_main_conf_t  *pmcf;

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_profile_module);

    pmcf->unknown = ngx_pcalloc(cf->pool, sizeof(ngx_http_profile_unknown_t));
    if (pmcf->unknown == NULL) {
        return NGX_ERROR;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PREACCESS_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_profile_enter_handler;

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_profile_log_handler;

    return NGX_OK;
}
