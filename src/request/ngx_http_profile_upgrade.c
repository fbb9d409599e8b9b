
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_profile_module.h"


struct ngx_http_profile_upgrade_s {
    profile_upgrade_t            *plan;
    ngx_http_profile_loc_conf_t  *plcf;         /* of the v2 call */
    const profile_call_t         *step;
    ngx_http_profile_call_t       call;
    unsigned                      calling:1;
    unsigned                      client_error:1;
};


static ngx_http_profile_upgrade_t *ngx_http_profile_upgrade_create(
    ngx_http_request_t *r, profile_guard_t *guard);
static void ngx_http_profile_upgrade_cleanup(void *data);
static ngx_int_t ngx_http_profile_upgrade_refuse(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, profile_reason_e reason);
static ngx_int_t ngx_http_profile_upgrade_answered(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u);
static ngx_int_t ngx_http_profile_upgrade_failed(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u);
static ngx_int_t ngx_http_profile_upgrade_call(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u);
static ngx_int_t ngx_http_profile_upgrade_last(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, ngx_http_profile_record_t *record);
static ngx_int_t ngx_http_profile_upgrade_uri(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, ngx_str_t *uri);


char *
ngx_http_profile_call_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_profile_loc_conf_t *plcf = conf;

    ngx_str_t                         *value;
    const profile_str_t               *name;
    ngx_uint_t                         kind;
    ngx_http_compile_complex_value_t   ccv;

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

    if (plcf->calls[kind]) {
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

    plcf->calls[kind] = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (plcf->calls[kind] == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = &value[2];
    ccv.complex_value = plcf->calls[kind];

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    if (plcf->ncalls++ == 0) {
        plcf->calls_file = cf->conf_file->file.name.data;
        plcf->calls_line = cf->conf_file->line;
    }

    return NGX_CONF_OK;
}


/* what calls need can be inherited, so it is known when all is read */

char *
ngx_http_profile_call_check(ngx_conf_t *cf, ngx_http_profile_loc_conf_t *plcf)
{
    char            *expected;
    profile_call_e   last;

    if (plcf->ncalls == 0) {
        return NGX_CONF_OK;
    }

    last = plcf->user_id ? PROFILE_CALL_READ : PROFILE_CALL_CREATE;

    if (plcf->guard == NULL || plcf->guard->mode != PROFILE_GUARD_V2) {
        expected = "a \"profile_guard\" with \"mode=v2\"";

    } else if (plcf->guard_dry_run) {
        expected = "no \"profile_guard_dry_run\"";

    } else if (plcf->calls[last]) {
        return NGX_CONF_OK;

    } else if (last == PROFILE_CALL_READ) {
        expected = "a \"profile_call read\", as \"profile_user_id\" is set,";

    } else {
        expected = "a \"profile_call create\" or a \"profile_user_id\"";
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"profile_call\" needs %s in the same location in %s:%ui",
                  expected, plcf->calls_file, plcf->calls_line);

    return NGX_CONF_ERROR;
}


/* whether the request is a write that becomes calls of v1 (U1) */

ngx_uint_t
ngx_http_profile_upgrades(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    if (plcf->ncalls == 0) {
        return 0;
    }

    return r->method == (plcf->user_id ? NGX_HTTP_PATCH : NGX_HTTP_POST);
}


/*
 * Runs in the precontent phase once the guard has allowed the body, and again
 * each time that a call is done (U7.2).
 */

ngx_int_t
ngx_http_profile_upgrade_handler(ngx_http_request_t *r, profile_guard_t *guard)
{
    ngx_int_t                    rc;
    profile_reason_e             reason;
    ngx_http_profile_record_t   *record;
    ngx_http_profile_upgrade_t  *u;

    record = ngx_http_profile_get_record(r);
    if (record == NULL) {
        return NGX_ERROR;
    }

    u = record->upgrade;

    if (u == NULL) {
        u = ngx_http_profile_upgrade_create(r, guard);
        if (u == NULL) {
            return NGX_ERROR;
        }

        record->upgrade = u;

        reason = profile_upgrade_make(u->plan);

        if (reason != PROFILE_OK) {
            return ngx_http_profile_upgrade_refuse(r, u, reason);
        }
    }

    if (u->calling) {

        if (!u->call.done) {
            return NGX_AGAIN;
        }

        rc = ngx_http_profile_upgrade_answered(r, u);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    u->step = profile_upgrade_next(u->plan);

    if (u->step == NULL) {
        return NGX_ERROR;
    }

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "profile upgrade: call \"%s\"",
                   profile_call_name(u->step->kind)->data);

    if (u->step->kind == PROFILE_CALL_READ
        || u->step->kind == PROFILE_CALL_CREATE)
    {
        return ngx_http_profile_upgrade_last(r, u, record);
    }

    record->calls++;

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
        if (u->plcf->calls[kind]) {
            calls |= 1 << kind;
        }
    }

    if (ngx_http_profile_call_init(r, &u->call) != NGX_OK) {
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

    return u;
}


static void
ngx_http_profile_upgrade_cleanup(void *data)
{
    ngx_http_profile_upgrade_t  *u = data;

    profile_upgrade_destroy(u->plan);
}


static ngx_int_t
ngx_http_profile_upgrade_refuse(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, profile_reason_e reason)
{
    ngx_int_t                   rc;
    ngx_uint_t                  status;
    profile_buf_t               buf;
    profile_str_t               message;
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_get_record(r);
    if (record == NULL) {
        return NGX_ERROR;
    }

    record->write = reason;

    if (ngx_http_profile_blocked_names(r, record,
                                       profile_upgrade_refused(u->plan))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_http_profile_set_action(record, NGX_HTTP_PROFILE_BLOCKED, reason);

    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "profile upgrade: request refused: %s: %s: %V",
                  profile_reason_name(reason)->data,
                  profile_reason_text(reason)->data, &record->blocked);

    status = profile_reason_status(reason);

    ngx_memzero(&buf, sizeof(profile_buf_t));

    if (status == 0
        || profile_upgrade_message(u->plan, &ngx_http_profile_alloc, &buf)
           != 0)
    {
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    } else {
        message.len = buf.len;
        message.data = buf.data;

        rc = ngx_http_profile_send_error(r, status, &message,
                                         profile_reason_code(reason));
    }

    profile_buf_free(&ngx_http_profile_alloc, &buf);

    ngx_http_finalize_request(r, rc);

    return NGX_DONE;
}


/* NGX_OK: the plan goes on */

static ngx_int_t
ngx_http_profile_upgrade_answered(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u)
{
    profile_reason_e          rc;
    ngx_http_profile_call_t  *call;

    call = &u->call;
    u->calling = 0;

    if (call->client_error) {
        u->client_error = 1;
    }

    if (call->status < NGX_HTTP_OK || call->status >= NGX_HTTP_SPECIAL_RESPONSE)
    {
        return ngx_http_profile_upgrade_failed(r, u);
    }

    if (u->step->kind != PROFILE_CALL_BAG) {
        ngx_http_profile_count_call(r, u->step->kind, call->status);
        return NGX_OK;
    }

    rc = PROFILE_UPSTREAM;

    if (call->complete && !call->truncated) {
        rc = profile_upgrade_bag(u->plan, call->body.data, call->body.len);
    }

    profile_buf_free(&ngx_http_profile_alloc, &call->body);

    if (rc == PROFILE_OK) {
        ngx_http_profile_count_call(r, u->step->kind, call->status);
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "profile upgrade: the metadata of the user cannot be read: "
                  "%s", profile_reason_text(rc)->data);

    call->status = NGX_HTTP_BAD_GATEWAY;

    return ngx_http_profile_upgrade_failed(r, u);
}


/* U4.2: the first failure ends the plan, and tells what was done before it */

static ngx_int_t
ngx_http_profile_upgrade_failed(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u)
{
    ngx_int_t                   rc;
    ngx_str_t                   body;
    ngx_uint_t                  status;
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_get_record(r);
    if (record == NULL) {
        return NGX_ERROR;
    }

    ngx_http_profile_count_call(r, u->step->kind, u->call.status);

    if (ngx_http_profile_upgrade_applied(r, record, u->call.status) != NGX_OK) {
        return NGX_ERROR;
    }

    if (u->call.status >= 500) {
        ngx_http_profile_set_action(record, NGX_HTTP_PROFILE_FAILED,
                                    PROFILE_UPSTREAM);

    } else {
        ngx_http_profile_set_action(record, NGX_HTTP_PROFILE_PASSED,
                                    PROFILE_STATUS);
    }

    if (u->client_error) {
        r->connection->error = 1;
        ngx_http_finalize_request(r, NGX_HTTP_CLIENT_CLOSED_REQUEST);
        return NGX_DONE;
    }

    if (ngx_http_profile_api_error(r, &u->call, &record->applied, &status,
                                   &body)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    rc = ngx_http_profile_send_body(r, status, &body,
                                    &u->call.request->headers_out.headers);

    ngx_http_finalize_request(r, rc);

    return NGX_DONE;
}


/* what was done before this failure, for the client and the log */

ngx_int_t
ngx_http_profile_upgrade_applied(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, ngx_uint_t status)
{
    ngx_int_t                    rc;
    profile_buf_t                buf;
    ngx_http_profile_upgrade_t  *u;

    u = record->upgrade;

    if (u->step == NULL) {
        return NGX_OK;
    }

    ngx_memzero(&buf, sizeof(profile_buf_t));

    rc = NGX_ERROR;

    if (profile_upgrade_applied(u->plan, &ngx_http_profile_alloc, &buf) == 0) {
        rc = NGX_OK;
    }

    if (rc == NGX_OK && buf.len) {
        record->applied.data = ngx_pnalloc(r->pool, buf.len);

        if (record->applied.data) {
            record->applied.len = buf.len;

        } else {
            rc = NGX_ERROR;
        }

        if (record->applied.len) {
            ngx_memcpy(record->applied.data, buf.data, buf.len);
        }
    }

    profile_buf_free(&ngx_http_profile_alloc, &buf);

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "profile upgrade: call \"%s\" was answered with %ui, "
                  "applied before: \"%V\"",
                  profile_call_name(u->step->kind)->data, status,
                  &record->applied);

    return rc;
}


static ngx_int_t
ngx_http_profile_upgrade_call(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u)
{
    ngx_str_t                 uri;
    ngx_http_profile_call_t  *call;

    call = &u->call;

    profile_buf_free(&ngx_http_profile_alloc, &call->body);

    ngx_memzero(call, sizeof(ngx_http_profile_call_t));

    call->write = (u->step->kind != PROFILE_CALL_BAG);
    call->whole = (u->step->kind == PROFILE_CALL_BAG);
    call->max_size = u->plcf->max_user_size;

    if (ngx_http_profile_upgrade_uri(r, u, &uri) != NGX_OK) {
        return NGX_ERROR;
    }

    u->calling = 1;

    if (ngx_http_profile_call(r, call, &uri) != NGX_OK) {
        return NGX_ERROR;
    }

    return NGX_AGAIN;
}


/*
 * The last call is the main request itself: its answer is the client's.  To
 * the log it will be what it was.
 */

static ngx_int_t
ngx_http_profile_upgrade_last(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, ngx_http_profile_record_t *record)
{
    ngx_str_t          uri, args;
    ngx_connection_t  *c;

    c = r->connection;

    if (u->step->kind == PROFILE_CALL_READ) {
        ngx_http_profile_set_action(record, NGX_HTTP_PROFILE_UPGRADED,
                                    PROFILE_OK);

        if (u->client_error || c->read->pending_eof) {
            c->error = 1;
            ngx_http_finalize_request(r, NGX_HTTP_CLIENT_CLOSED_REQUEST);
            return NGX_DONE;
        }
    }

    record->calls++;
    record->last = u->step->kind + 1;
    record->method = r->method;
    record->method_name = r->method_name;

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


static ngx_int_t
ngx_http_profile_upgrade_uri(ngx_http_request_t *r,
    ngx_http_profile_upgrade_t *u, ngx_str_t *uri)
{
    return ngx_http_profile_value(r, u->plcf->calls[u->step->kind], uri);
}


void
ngx_http_profile_upgrade_body(ngx_http_profile_upgrade_t *u, ngx_str_t *body)
{
    ngx_str_null(body);

    if (u->step) {
        body->len = u->step->body.len;
        body->data = (u_char *) u->step->body.data;
    }
}
