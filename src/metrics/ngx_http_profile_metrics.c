
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "metrics/ngx_http_profile_metrics.h"
#include "metrics/ngx_http_profile_zone.h"


static void ngx_http_profile_metrics_account(ngx_http_request_t *r,
    ngx_http_profile_record_t *record);
static void ngx_http_profile_metrics_account_names(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, ngx_http_profile_counters_t *c,
    ngx_uint_t key);
static void ngx_http_profile_metrics_account_time(
    ngx_http_profile_counters_t *c, uint64_t time);


/* nanoseconds */

static uint64_t  ngx_http_profile_limits[] = {
    10000, 50000, 100000, 500000, 1000000, 5000000, 10000000, 50000000,
    100000000, 500000000
};


#define ngx_http_profile_add(counter, n)                                     \
    if (n) {                                                                 \
        (void) ngx_atomic_fetch_add(&(counter), (ngx_atomic_int_t) (n));     \
    }


ngx_int_t
ngx_http_profile_metrics_handler(ngx_http_request_t *r)
{
    ngx_http_profile_record_t    *record, last;
    ngx_http_profile_loc_conf_t  *plcf;

    if (r != r->main) {
        return NGX_OK;
    }

    record = ngx_http_profile_record_find(r);

    if (record == NULL) {

        /* it has not come far: a malformed request, a "return" */

        plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

        if (plcf->metrics.zone == NULL
            || !ngx_http_profile_record_in_scope(plcf))
        {
            return NGX_OK;
        }

        record = &last;

        ngx_http_profile_record_fill(r, record);
    }

    if (record->zone) {
        ngx_http_profile_metrics_account(r, record);
    }

    return NGX_OK;
}


/* counters of what has not happened are left alone */

static void
ngx_http_profile_metrics_account(ngx_http_request_t *r,
    ngx_http_profile_record_t *record)
{
    ngx_uint_t                          i, k, key, walk;
    profile_counts_t                   *counts;
    ngx_http_profile_counters_t        *c;
    ngx_http_profile_record_outcome_t  *outcome;

    key = ngx_http_profile_zone_key(r, record->zone);

    c = &record->zone->sh->counters[key];
    counts = &record->response.counts;

    outcome = &record->outcome;

    (void) ngx_atomic_fetch_add(&c->requests[outcome->action][outcome->reason],
                                1);

    ngx_http_profile_add(c->users, counts->users);
    ngx_http_profile_add(c->moved[0], counts->moved[0]);
    ngx_http_profile_add(c->moved[1], counts->moved[1]);
    ngx_http_profile_add(c->conflicts, counts->conflicts);
    ngx_http_profile_add(c->unknown, counts->unknown);
    ngx_http_profile_add(c->unreadable, record->response.unreadable);
    ngx_http_profile_add(c->bytes_in, record->response.bytes_in);
    ngx_http_profile_add(c->bytes_out, record->response.bytes_out);

    if (record->response.time) {
        ngx_http_profile_metrics_account_time(c, record->response.time);
    }

    if (record->write.reason != PROFILE_OK) {
        i = ngx_http_profile_metrics_write_result(record->write.reason);
        (void) ngx_atomic_fetch_add(&c->writes[i][record->write.reason], 1);
    }

    ngx_http_profile_metrics_account_names(r, record, c, key);

    walk = ngx_http_profile_record_walk_result(record);

    ngx_http_profile_add(c->walks[walk], walk != NGX_HTTP_PROFILE_WALK_NONE);
    ngx_http_profile_add(c->pages, record->walk.pages);

    if (record->calls.last) {
        /* the main request itself made it */
        ngx_http_profile_record_count_call(record, record->calls.last - 1,
                                           r->headers_out.status);
    }

    for (i = 0; i < PROFILE_CALLS; i++) {
        for (k = 0; k < NGX_HTTP_PROFILE_CALL_RESULTS; k++) {
            ngx_http_profile_add(c->calls[i][k], record->calls.results[i][k]);
        }
    }
}


static void
ngx_http_profile_metrics_account_names(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, ngx_http_profile_counters_t *c,
    ngx_uint_t key)
{
    ngx_str_t    *name;
    ngx_log_t    *log;
    ngx_uint_t    i;
    ngx_array_t  *differs;

    log = r->connection->log;
    differs = record->response.differs;

    ngx_http_profile_add(c->other[NGX_HTTP_PROFILE_NAMED_BLOCKED],
                         record->write.other);
    ngx_http_profile_add(c->other[NGX_HTTP_PROFILE_NAMED_DIFFERS],
                         record->response.differs_other);

    for (i = 0; i < record->write.nnames; i++) {
        ngx_http_profile_zone_named(record->zone, key,
                                    NGX_HTTP_PROFILE_NAMED_BLOCKED,
                                    &record->write.names[i], log);
    }

    for (i = 0; differs && i < differs->nelts; i++) {
        name = differs->elts;

        ngx_http_profile_zone_named(record->zone, key,
                                    NGX_HTTP_PROFILE_NAMED_DIFFERS, &name[i],
                                    log);
    }
}


static void
ngx_http_profile_metrics_account_time(ngx_http_profile_counters_t *c,
    uint64_t time)
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


/* blocked is what could be read and may not be written */

ngx_http_profile_write_e
ngx_http_profile_metrics_write_result(profile_reason_e reason)
{
    switch (reason) {

    case PROFILE_ALLOWED:
    case PROFILE_NO_BODY:
        return NGX_HTTP_PROFILE_WRITE_ALLOWED;

    case PROFILE_ATTRIBUTES:
    case PROFILE_RESERVED:
    case PROFILE_METADATA_NAME:
    case PROFILE_ALIAS:
    case PROFILE_UNSUPPORTED:
    case PROFILE_FORBIDDEN:
    case PROFILE_VALUE:
        return NGX_HTTP_PROFILE_WRITE_BLOCKED;

    default:
        return NGX_HTTP_PROFILE_WRITE_INVALID;
    }
}


char *
ngx_http_profile_metrics_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_profile_loc_conf_t *plcf = conf;

    ngx_str_t  *value;

    if (plcf->metrics.zone != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        plcf->metrics.zone = NULL;
        return NGX_CONF_OK;
    }

    plcf->metrics.zone = ngx_http_profile_zone_get(cf, &value[1]);

    return plcf->metrics.zone ? NGX_CONF_OK : NGX_CONF_ERROR;
}
