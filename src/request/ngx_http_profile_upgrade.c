
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_alloc.h"
#include "conf/ngx_http_profile_value.h"
#include "core/request/profile_upgrade.h"
#include "core/request/profile_upgrade_exact.h"
#include "http/ngx_http_profile_answer.h"
#include "http/ngx_http_profile_api.h"
#include "http/ngx_http_profile_bag.h"
#include "http/ngx_http_profile_call.h"
#include "http/ngx_http_profile_condition.h"
#include "request/ngx_http_profile_refuse.h"
#include "request/ngx_http_profile_upgrade.h"
#include "request/ngx_http_profile_upgrade_read.h"


/* the names of all calls that write, with what stands between them */
#define NGX_HTTP_PROFILE_APPLIED_LEN  64


struct ngx_http_profile_upgrade_s {
    profile_upgrade_t            *plan;
    ngx_http_profile_loc_conf_t  *plcf;         /* of the v2 call */
    const profile_call_t         *step;
    ngx_http_profile_call_t       call;
    ngx_http_profile_upgrade_read_t  read;
    profile_buf_t                 applied;
    ngx_http_request_t           *request;
    ngx_uint_t                    method;       /* before the last call */
    ngx_str_t                     method_name;
    unsigned                      calling:1;
    unsigned                      client_error:1;
};


static ngx_http_profile_upgrade_t *ngx_http_profile_upgrade_create(
    ngx_http_request_t *r, profile_guard_t *guard);
static void ngx_http_profile_upgrade_cleanup(void *data);
static ngx_int_t ngx_http_profile_upgrade_refuse(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, ngx_http_profile_record_t *record,
    profile_reason_e reason);
static ngx_int_t ngx_http_profile_upgrade_step(ngx_http_profile_upgrade_t *u,
    ngx_http_profile_record_t *record);
static ngx_int_t ngx_http_profile_upgrade_answered(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, ngx_http_profile_record_t *record);
static ngx_int_t ngx_http_profile_upgrade_settle(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, ngx_http_profile_record_t *record);
static ngx_int_t ngx_http_profile_upgrade_failed(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, ngx_http_profile_record_t *record);
static ngx_int_t ngx_http_profile_upgrade_call(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u);
static ngx_int_t ngx_http_profile_upgrade_last(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, ngx_http_profile_record_t *record);
static void ngx_http_profile_upgrade_restore(void *data);
static ngx_int_t ngx_http_profile_upgrade_uri(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, ngx_str_t *uri);


char *
ngx_http_profile_upgrade_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_profile_loc_conf_t *plcf = conf;

    char                 *rv;
    ngx_str_t            *value;
    ngx_uint_t            kind;
    const profile_str_t  *name;

    value = cf->args->elts;

    for (kind = 0; kind < PROFILE_CALLS; kind++) {
        name = profile_call_name(kind);

        if (profile_str_eq(name, value[1].data, value[1].len)) {
            break;
        }
    }

    if (kind == PROFILE_CALLS) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid kind \"%V\", expected \"email\", "
                           "\"password\", \"attributes\", \"metadata\", "
                           "\"bag\", \"create\" or \"read\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (plcf->request.calls[kind]) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate profile_call \"%V\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (value[2].len == 0 || value[2].data[0] != '/') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid URI \"%V\", expected that of an internal "
                           "location", &value[2]);
        return NGX_CONF_ERROR;
    }

    rv = ngx_http_profile_value_compile(cf, &value[2],
                                        &plcf->request.calls[kind]);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (plcf->request.ncalls++ == 0) {
        plcf->request.calls_file = cf->conf_file->file.name.data;
        plcf->request.calls_line = cf->conf_file->line;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_profile_upgrade_check(ngx_conf_t *cf,
    ngx_http_profile_loc_conf_t *plcf)
{
    char                      *expected;
    profile_call_e             last;
    ngx_http_profile_guard_t  *guard;

    if (plcf->request.ncalls == 0) {
        return NGX_CONF_OK;
    }

    last = plcf->request.user_id ? PROFILE_CALL_READ : PROFILE_CALL_CREATE;

    guard = plcf->request.guard;

    if (guard == NULL || guard->mode != PROFILE_GUARD_V2) {
        expected = "a \"profile_guard\" with \"mode=v2\"";

    } else if (plcf->request.dry_run) {
        expected = "no \"profile_guard_dry_run\"";

    } else if (plcf->request.calls[last]) {
        return NGX_CONF_OK;

    } else if (last == PROFILE_CALL_READ) {
        expected = "a \"profile_call read\", as \"profile_user_id\" is set,";

    } else {
        expected = "a \"profile_call create\" or a \"profile_user_id\"";
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"profile_call\" needs %s in the same location in %s:%ui",
                  expected, plcf->request.calls_file, plcf->request.calls_line);

    return NGX_CONF_ERROR;
}


ngx_uint_t
ngx_http_profile_upgrade_wanted(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    if (plcf->request.ncalls == 0) {
        return 0;
    }

    return r->method == (plcf->request.user_id ? NGX_HTTP_PATCH
                                               : NGX_HTTP_POST);
}


ngx_int_t
ngx_http_profile_upgrade(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, profile_guard_t *guard)
{
    ngx_int_t                    rc;
    profile_reason_e             reason;
    ngx_http_profile_upgrade_t  *u;

    u = record->calls.upgrade;

    if (u == NULL) {
        u = ngx_http_profile_upgrade_create(r, guard);
        if (u == NULL) {
            return NGX_ERROR;
        }

        record->calls.upgrade = u;

        if (ngx_http_profile_condition_compares(r)) {
            profile_upgrade_read(u->plan);
        }

        if (u->plcf->exact) {
            profile_upgrade_exact(u->plan);
        }

        reason = profile_upgrade_make(u->plan);

        if (reason != PROFILE_OK) {
            return ngx_http_profile_upgrade_refuse(r, u, record, reason);
        }
    }

    if (u->calling) {

        if (!u->call.done) {
            return NGX_AGAIN;
        }

        rc = ngx_http_profile_upgrade_answered(r, u, record);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    if (ngx_http_profile_upgrade_step(u, record) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "profile upgrade: call \"%s\"",
                   profile_call_name(u->step->kind)->data);

    if (u->step->kind == PROFILE_CALL_CREATE
        || (u->step->kind == PROFILE_CALL_READ && !u->step->first))
    {
        return ngx_http_profile_upgrade_last(r, u, record);
    }

    record->calls.made++;

    return ngx_http_profile_upgrade_call(r, u);
}


static ngx_http_profile_upgrade_t *
ngx_http_profile_upgrade_create(ngx_http_request_t *r, profile_guard_t *guard)
{
    unsigned                     calls;
    ngx_uint_t                   kind;
    ngx_pool_cleanup_t          *cln;
    ngx_http_profile_upgrade_t  *u;

    u = ngx_pcalloc(r->pool, sizeof(ngx_http_profile_upgrade_t));
    if (u == NULL) {
        return NULL;
    }

    u->plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    calls = 0;

    for (kind = 0; kind < PROFILE_CALLS; kind++) {
        if (u->plcf->request.calls[kind]) {
            calls |= 1 << kind;
        }
    }

    if (u->plcf->exact) {
        calls |= 1 << PROFILE_CALL_BAG;
    }

    if (ngx_http_profile_capture_start(r, &u->call.capture) != NGX_OK) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    u->plan = profile_upgrade_create(&ngx_http_profile_alloc, guard, calls);
    if (u->plan == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_profile_upgrade_cleanup;
    cln->data = u;

    /* what is applied can be told whatever happens */

    if (profile_buf_reserve(&ngx_http_profile_alloc, &u->applied,
                            NGX_HTTP_PROFILE_APPLIED_LEN)
        != 0)
    {
        return NULL;
    }

    return u;
}


static void
ngx_http_profile_upgrade_cleanup(void *data)
{
    ngx_http_profile_upgrade_t  *u = data;

    profile_upgrade_destroy(u->plan);
    profile_buf_free(&ngx_http_profile_alloc, &u->applied);
}


static ngx_int_t
ngx_http_profile_upgrade_refuse(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, ngx_http_profile_record_t *record,
    profile_reason_e reason)
{
    ngx_int_t       rc;
    profile_buf_t   buf;
    profile_str_t   message, *said;

    ngx_memzero(&buf, sizeof(profile_buf_t));

    said = NULL;

    if (profile_upgrade_message(u->plan, &ngx_http_profile_alloc, &buf) == 0) {
        message.len = buf.len;
        message.data = buf.data;
        said = &message;
    }

    rc = ngx_http_profile_refuse(r, record, reason,
                                 profile_upgrade_refused(u->plan), said);

    profile_buf_free(&ngx_http_profile_alloc, &buf);

    return rc;
}


/* the plan goes on: all calls before this one have succeeded */

static ngx_int_t
ngx_http_profile_upgrade_step(ngx_http_profile_upgrade_t *u,
    ngx_http_profile_record_t *record)
{
    u->step = profile_upgrade_next(u->plan);

    if (u->step == NULL) {
        return NGX_ERROR;
    }

    u->applied.len = 0;

    if (profile_upgrade_applied(u->plan, &ngx_http_profile_alloc, &u->applied)
        != 0)
    {
        return NGX_ERROR;
    }

    record->calls.done.len = u->applied.len;
    record->calls.done.data = u->applied.data;
    record->calls.step = u->step;

    return NGX_OK;
}


/* NGX_OK: the plan goes on */

static ngx_int_t
ngx_http_profile_upgrade_answered(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, ngx_http_profile_record_t *record)
{
    profile_reason_e             rc;
    ngx_http_profile_capture_t  *capture;

    capture = &u->call.capture;
    u->calling = 0;

    if (u->call.client_error) {
        u->client_error = 1;
    }

    if (capture->status < NGX_HTTP_OK
        || capture->status >= NGX_HTTP_SPECIAL_RESPONSE)
    {
        return ngx_http_profile_upgrade_failed(r, u, record);
    }

    if (u->step->first || u->step->kind == PROFILE_CALL_BAG) {
        rc = capture->reason;

        if (rc == PROFILE_OK) {
            rc = (capture->status == NGX_HTTP_OK && capture->complete
                  && !capture->truncated && capture->sink)
                 ? ngx_http_profile_upgrade_read_end(&u->read)
                 : PROFILE_UPSTREAM;
        }

        if (rc != PROFILE_OK) {
            ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                          "profile upgrade: the %s of the user cannot "
                          "be read: %s",
                          u->step->first ? "profile" : "metadata",
                          profile_reason_text(rc)->data);

            capture->status = NGX_HTTP_BAD_GATEWAY;

            return ngx_http_profile_upgrade_failed(r, u, record);
        }
    }

    ngx_http_profile_record_count_call(record, u->step->kind, capture->status);

    return u->step->first ? ngx_http_profile_upgrade_settle(r, u, record)
                          : NGX_OK;
}


/* H2.6, U4.7: the user is known, and nothing has been written */

static ngx_int_t
ngx_http_profile_upgrade_settle(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, ngx_http_profile_record_t *record)
{
    profile_reason_e  reason;

    static const profile_str_t  changed
        = profile_string("No entity tag in \"If-Match\" is that of the user "
                         "as now stored.");

    if (u->client_error) {
        return ngx_http_profile_call_left(r);
    }

    if (ngx_http_profile_condition_compares(r)) {

        switch (ngx_http_profile_condition_compare(r, u->call.request)) {

        case NGX_OK:
            break;

        case NGX_DECLINED:
            return ngx_http_profile_refuse(r, record, PROFILE_PRECONDITION,
                                           NULL, &changed);

        default: /* NGX_ERROR */
            return NGX_ERROR;
        }
    }

    ngx_http_profile_bag_forget(r);

    reason = profile_upgrade_settle(u->plan);

    return (reason == PROFILE_OK)
           ? NGX_OK : ngx_http_profile_upgrade_refuse(r, u, record, reason);
}


/* U4.2: the first failure ends the plan, and tells what was done before it */

static ngx_int_t
ngx_http_profile_upgrade_failed(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, ngx_http_profile_record_t *record)
{
    ngx_int_t                    rc;
    ngx_str_t                    body;
    ngx_uint_t                   status;
    ngx_http_profile_capture_t  *capture;

    capture = &u->call.capture;

    ngx_http_profile_record_count_call(record, u->step->kind, capture->status);
    ngx_http_profile_record_fail_call(record, capture->status);

    if (capture->status >= NGX_HTTP_INTERNAL_SERVER_ERROR) {
        ngx_http_profile_record_set_action(record, NGX_HTTP_PROFILE_FAILED,
                                           PROFILE_UPSTREAM);

    } else {
        ngx_http_profile_record_set_action(record, NGX_HTTP_PROFILE_PASSED,
                                           PROFILE_STATUS);
    }

    if (u->client_error) {
        return ngx_http_profile_call_left(r);
    }

    if (ngx_http_profile_api_error(r, capture, record, &status, &body)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = ngx_http_profile_answer_send(r, status, &body,
                                      &u->call.request->headers_out.headers);

    ngx_http_finalize_request(r, rc);

    return NGX_DONE;
}


static ngx_int_t
ngx_http_profile_upgrade_call(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u)
{
    ngx_str_t   uri;
    ngx_uint_t  reads;

    reads = (u->step->first || u->step->kind == PROFILE_CALL_BAG);

    if (reads
        && ngx_http_profile_upgrade_read_start(r, &u->read, u->plcf, u->plan,
                                               u->step, &u->call)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_profile_capture_reset(&u->call.capture,
                                   reads ? &u->read.sink : NULL);

    if (ngx_http_profile_upgrade_uri(r, u, &uri) != NGX_OK) {
        return NGX_ERROR;
    }

    u->calling = 1;

    if (ngx_http_profile_call(r, &u->call, &uri, !reads) != NGX_OK) {
        return NGX_ERROR;
    }

    return NGX_AGAIN;
}


/*
 * The last call is the main request itself: its response is the client's.  To
 * the log it will be what it was.
 */

static ngx_int_t
ngx_http_profile_upgrade_last(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, ngx_http_profile_record_t *record)
{
    ngx_str_t            uri, args;
    ngx_http_cleanup_t  *cln;

    if (u->step->kind == PROFILE_CALL_READ) {
        ngx_http_profile_record_set_action(record, NGX_HTTP_PROFILE_UPGRADED,
                                           PROFILE_OK);

        if (u->client_error || r->connection->read->pending_eof) {
            return ngx_http_profile_call_left(r);
        }
    }

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_profile_upgrade_restore;
    cln->data = u;

    u->request = r;
    u->method = r->method;
    u->method_name = r->method_name;

    record->calls.made++;
    record->calls.last = u->step->kind + 1;

    if (u->step->kind == PROFILE_CALL_READ) {
        r->method = NGX_HTTP_GET;
        ngx_str_set(&r->method_name, "GET");

    } else {
        r->method = NGX_HTTP_POST;
        ngx_str_set(&r->method_name, "POST");
    }

    if (ngx_http_profile_upgrade_uri(r, u, &uri) != NGX_OK
        || ngx_http_profile_call_headers(r) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_split_args(r, &uri, &args);

    (void) ngx_http_internal_redirect(r, &uri, &args);

    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_DONE;
}


static void
ngx_http_profile_upgrade_restore(void *data)
{
    ngx_http_profile_upgrade_t  *u = data;

    u->request->method = u->method;
    u->request->method_name = u->method_name;
}


static ngx_int_t
ngx_http_profile_upgrade_uri(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, ngx_str_t *uri)
{
    ngx_http_complex_value_t  *cv;

    cv = u->plcf->request.calls[u->step->kind];

    if (u->step->kind == PROFILE_CALL_BAG && u->plcf->exact) {
        cv = u->plcf->exact;
    }

    return ngx_http_profile_value_get(r, cv, uri);
}
