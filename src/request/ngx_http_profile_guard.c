
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_alloc.h"
#include "conf/ngx_http_profile_schema.h"
#include "conf/ngx_http_profile_value.h"
#include "core/request/profile_guard.h"
#include "request/ngx_http_profile_guard.h"
#include "request/ngx_http_profile_guard_call.h"
#include "request/ngx_http_profile_guard_headers.h"
#include "request/ngx_http_profile_guard_query.h"
#include "request/ngx_http_profile_user_id.h"


/* what is read from a temporary file at a time */
#define NGX_HTTP_PROFILE_FILE_PIECE  65536


static ngx_uint_t ngx_http_profile_guard_judged(
    ngx_http_profile_record_t *record, ngx_http_profile_loc_conf_t *plcf);
static ngx_int_t ngx_http_profile_guard_start(ngx_http_request_t *r,
    ngx_http_profile_ctx_t *ctx, ngx_http_profile_record_t *record,
    ngx_uint_t needed);
static void ngx_http_profile_guard_body_handler(ngx_http_request_t *r);
static profile_reason_e ngx_http_profile_guard_body(ngx_http_request_t *r,
    ngx_http_profile_verdict_t *verdict);
static profile_reason_e ngx_http_profile_guard_query(ngx_http_request_t *r,
    ngx_http_profile_verdict_t *verdict, profile_reason_e reason);
static profile_reason_e ngx_http_profile_guard_beside(ngx_http_request_t *r,
    ngx_http_profile_verdict_t *verdict, profile_reason_e reason);
static profile_reason_e ngx_http_profile_guard_size(ngx_http_request_t *r,
    off_t *size);
static profile_guard_t *ngx_http_profile_guard_create(ngx_http_request_t *r,
    ngx_http_profile_verdict_t *verdict);
static void ngx_http_profile_guard_cleanup(void *data);
static profile_reason_e ngx_http_profile_guard_feed(ngx_http_request_t *r,
    profile_guard_t *guard);
static profile_reason_e ngx_http_profile_guard_feed_file(
    ngx_http_request_t *r, profile_guard_t *guard, ngx_buf_t *b);
static ngx_int_t ngx_http_profile_guard_mode(ngx_str_t *value,
    profile_guard_mode_e *mode);


ngx_int_t
ngx_http_profile_guard(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, ngx_uint_t needed,
    ngx_http_profile_verdict_t **verdict)
{
    ngx_int_t                     rc;
    ngx_http_profile_ctx_t       *ctx;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    ctx = ngx_http_profile_ctx_get(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (ctx->verdict == NULL) {

        if (ngx_http_profile_guard_judged(record, plcf)) {
            return NGX_DECLINED;
        }

        rc = ngx_http_profile_value_test(r, plcf->request.guard->filter);

        if (rc == NGX_DECLINED
            && ngx_http_profile_guard_headers_disguised(r))
        {
            /* what "if=" was told of the request need not be what it is */
            rc = NGX_OK;
        }

        if (rc == NGX_DECLINED) {
            ngx_http_profile_record_set_action(record, NGX_HTTP_PROFILE_PASSED,
                                               PROFILE_CONDITION);
        }

        if (rc != NGX_OK) {
            return rc;
        }

        record->id.template = plcf->request.user_id;
        record->id.called.value.len = 0;
        record->calls.body.len = 0;

        rc = ngx_http_profile_guard_start(r, ctx, record, needed);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    *verdict = ctx->verdict;

    if (!ctx->verdict->done) {
        /* the body is still on its way */
        return NGX_DONE;
    }

    if (ctx->verdict->reason == PROFILE_OK) {
        ctx->verdict->reason = PROFILE_ALLOWED;
    }

    record->write.reason = ctx->verdict->reason;
    record->write.guarded = plcf;

    return NGX_OK;
}


/*
 * Whether the same guard, told the same, has judged this request before an
 * internal redirect (H5.10).  One that had no verdict yet has judged nothing,
 * and what it has let pass for a dry run only is judged anew.
 */

static ngx_uint_t
ngx_http_profile_guard_judged(ngx_http_profile_record_t *record,
    ngx_http_profile_loc_conf_t *plcf)
{
    ngx_http_profile_loc_conf_t  *prev;

    prev = record->write.guarded;

    if (prev == NULL
        || prev->request.guard != plcf->request.guard
        || prev->request.user_id != plcf->request.user_id
        || prev->request.max_body_size != plcf->request.max_body_size
        || prev->max_depth != plcf->max_depth)
    {
        return 0;
    }

    return plcf->request.dry_run || !prev->request.dry_run;
}


/* NGX_OK: nothing has to be read */

static ngx_int_t
ngx_http_profile_guard_start(ngx_http_request_t *r,
    ngx_http_profile_ctx_t *ctx, ngx_http_profile_record_t *record,
    ngx_uint_t needed)
{
    ngx_int_t                     rc;
    ngx_uint_t                    no_body;
    ngx_http_profile_verdict_t   *verdict;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    verdict = ngx_pcalloc(r->pool, sizeof(ngx_http_profile_verdict_t));
    if (verdict == NULL) {
        return NGX_ERROR;
    }

    ctx->verdict = verdict;

    verdict->record = record;
    verdict->needed = needed;
    verdict->reason = ngx_http_profile_guard_headers(r, record, needed);

    no_body = (verdict->reason == PROFILE_NO_BODY);

    if (verdict->reason == PROFILE_OK || no_body) {
        verdict->reason = ngx_http_profile_guard_query(r, verdict,
                                                       verdict->reason);
    }

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "profile guard: headers: \"%s\"",
                   profile_reason_name(verdict->reason)->data);

    if ((verdict->reason != PROFILE_OK && !plcf->request.dry_run)
        || verdict->reason == PROFILE_BODY_TOO_LARGE
        || no_body)
    {
        verdict->done = 1;
        return NGX_OK;
    }

    rc = ngx_http_read_client_request_body(r,
                                           ngx_http_profile_guard_body_handler);

    if (rc >= NGX_HTTP_SPECIAL_RESPONSE) {
        return rc;
    }

    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_DONE;
}


static void
ngx_http_profile_guard_body_handler(ngx_http_request_t *r)
{
    profile_reason_e             rc;
    ngx_http_profile_ctx_t      *ctx;
    ngx_http_profile_verdict_t  *verdict;

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    verdict = ctx->verdict;

    rc = ngx_http_profile_guard_body(r, verdict);

    if (verdict->reason == PROFILE_OK) {
        verdict->reason = rc;
    }

    verdict->done = 1;

    r->preserve_body = 1;

    r->write_event_handler = ngx_http_core_run_phases;
    ngx_http_core_run_phases(r);
}


static profile_reason_e
ngx_http_profile_guard_body(ngx_http_request_t *r,
    ngx_http_profile_verdict_t *verdict)
{
    off_t              size;
    profile_reason_e   rc;

    rc = ngx_http_profile_guard_size(r, &size);

    if (rc != PROFILE_OK) {
        return rc;
    }

    if (size == 0) {
        rc = ngx_http_profile_guard_headers_no_body(r, verdict->needed);

        return ngx_http_profile_guard_query(r, verdict, rc);
    }

    if (r->headers_in.chunked) {
        rc = ngx_http_profile_guard_headers_content(r, verdict->record);

        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    verdict->guard = ngx_http_profile_guard_create(r, verdict);
    if (verdict->guard == NULL) {
        return PROFILE_NO_MEMORY;
    }

    rc = ngx_http_profile_guard_feed(r, verdict->guard);

    if (rc == PROFILE_OK) {
        rc = profile_guard_finish(verdict->guard);
    }

    if (rc == PROFILE_OK
        && profile_guard_conf(verdict->guard)->mode == PROFILE_GUARD_CALL)
    {
        rc = ngx_http_profile_guard_call_take(r, verdict->record,
                                              verdict->guard);
    }

    return ngx_http_profile_guard_beside(r, verdict, rc);
}


/* H5.8: of a request without a body all, of another one what comes before */

static profile_reason_e
ngx_http_profile_guard_query(ngx_http_request_t *r,
    ngx_http_profile_verdict_t *verdict, profile_reason_e reason)
{
    profile_reason_e  rc;

    rc = ngx_http_profile_guard_query_override(r, &verdict->argument);

    if (rc != PROFILE_OK) {
        return rc;
    }

    if (reason != PROFILE_NO_BODY
        || !ngx_http_profile_guard_query_is_judged(r))
    {
        return reason;
    }

    verdict->guard = ngx_http_profile_guard_create(r, verdict);
    if (verdict->guard == NULL) {
        return PROFILE_NO_MEMORY;
    }

    return ngx_http_profile_guard_beside(r, verdict, reason);
}


/* the reason is what the body, or that there is none, came to */

static profile_reason_e
ngx_http_profile_guard_beside(ngx_http_request_t *r,
    ngx_http_profile_verdict_t *verdict, profile_reason_e reason)
{
    profile_reason_e  rc;

    if ((reason != PROFILE_OK && reason != PROFILE_NO_BODY)
        || !ngx_http_profile_guard_query_is_judged(r))
    {
        return reason;
    }

    rc = ngx_http_profile_guard_query_judge(r, verdict->guard,
                                            &verdict->argument);

    return rc == PROFILE_OK ? reason : rc;
}


/*
 * Before an internal redirect the body may have been discarded, or read in
 * part: until a chunk was wrong, or as far as an upstream has taken it.
 */

static profile_reason_e
ngx_http_profile_guard_size(ngx_http_request_t *r, off_t *size)
{
    ngx_chain_t              *cl;
    ngx_http_request_body_t  *rb;

    *size = 0;

    if (!ngx_http_profile_guard_headers_has_body(r)) {
        return PROFILE_OK;
    }

    rb = r->request_body;

    if (rb) {
        for (cl = rb->bufs; cl; cl = cl->next) {
            *size += ngx_buf_size(cl->buf);
        }

        if (rb->rest == 0 && !r->reading_body
            && *size == r->headers_in.content_length_n)
        {
            return PROFILE_OK;
        }
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "profile guard: the request body is not whole: "
                  "%O of %O bytes", *size, r->headers_in.content_length_n);

    return PROFILE_INTERNAL;
}


static profile_guard_t *
ngx_http_profile_guard_create(ngx_http_request_t *r,
    ngx_http_profile_verdict_t *verdict)
{
    ngx_int_t                     rc;
    profile_guard_t              *guard;
    ngx_pool_cleanup_t           *cln;
    profile_guard_conf_t          conf;
    ngx_http_profile_id_t         id;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    ngx_memzero(&conf, sizeof(profile_guard_conf_t));

    conf.schema = plcf->request.guard->schema->schema;
    conf.mode = plcf->request.guard->mode;
    conf.action = plcf->request.user_id ? PROFILE_UPDATE : PROFILE_CREATE;
    conf.wrapper = plcf->request.guard->wrapper.parts[0];
    conf.id = plcf->request.guard->id;
    conf.renames = plcf->request.guard->renames;
    conf.nrenames = plcf->request.guard->nrenames;
    conf.max_size = plcf->request.max_body_size;
    conf.compares = verdict->needed;

    /* what some clients send with each call that has no body */

    conf.optional = (conf.mode == PROFILE_GUARD_V2
                     && r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD
                                     |NGX_HTTP_DELETE));

    /* in a list and moved into a container it still fits (H5.14) */

    conf.max_depth = (plcf->max_depth > 3) ? plcf->max_depth - 2 : 1;

    if (plcf->request.user_id) {
        rc = ngx_http_profile_user_id_get(r, verdict->record,
                                          plcf->request.user_id, &id);

        if (rc == NGX_ERROR) {
            return NULL;
        }

        if (rc == NGX_OK) {
            conf.user_id.len = id.value.len;
            conf.user_id.data = id.value.data;

        } else {
            conf.any = 1;
        }
    }

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    guard = profile_guard_create(&ngx_http_profile_alloc, &conf);
    if (guard == NULL) {
        return NULL;
    }

    cln->handler = ngx_http_profile_guard_cleanup;
    cln->data = verdict;

    return guard;
}


static void
ngx_http_profile_guard_cleanup(void *data)
{
    ngx_http_profile_guard_release(data);
}


static profile_reason_e
ngx_http_profile_guard_feed(ngx_http_request_t *r, profile_guard_t *guard)
{
    ngx_buf_t         *b;
    ngx_chain_t       *cl;
    profile_reason_e   rc;

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        b = cl->buf;

        if (ngx_buf_in_memory(b)) {
            rc = profile_guard_feed(guard, b->pos, b->last - b->pos);

        } else if (b->in_file) {
            rc = ngx_http_profile_guard_feed_file(r, guard, b);

        } else {
            continue;
        }

        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    return PROFILE_OK;
}


static profile_reason_e
ngx_http_profile_guard_feed_file(ngx_http_request_t *r, profile_guard_t *guard,
    ngx_buf_t *b)
{
    off_t              pos;
    size_t             size;
    u_char            *buf;
    ssize_t            n;
    profile_reason_e   rc;

    buf = ngx_palloc(r->pool, NGX_HTTP_PROFILE_FILE_PIECE);
    if (buf == NULL) {
        return PROFILE_NO_MEMORY;
    }

    rc = PROFILE_OK;

    for (pos = b->file_pos; pos < b->file_last && rc == PROFILE_OK; pos += n) {
        size = ngx_min(b->file_last - pos, NGX_HTTP_PROFILE_FILE_PIECE);

        n = ngx_read_file(b->file, buf, size, pos);

        if (n <= 0) {
            ngx_log_error(NGX_LOG_CRIT, r->connection->log, 0,
                          "profile guard: the temporary file \"%V\" is cut",
                          &b->file->name);
            rc = PROFILE_INTERNAL;
            break;
        }

        rc = profile_guard_feed(guard, buf, n);
    }

    (void) ngx_pfree(r->pool, buf);

    return rc;
}


void
ngx_http_profile_guard_release(ngx_http_profile_verdict_t *verdict)
{
    profile_guard_destroy(verdict->guard);
    verdict->guard = NULL;
}


char *
ngx_http_profile_guard_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_profile_loc_conf_t *plcf = conf;

    char                      *rv;
    ngx_str_t                 *value;
    ngx_uint_t                 i, mode;
    ngx_http_profile_guard_t  *guard;

    if (plcf->request.guard != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        plcf->request.guard = NULL;
        return NGX_CONF_OK;
    }

    guard = ngx_pcalloc(cf->pool, sizeof(ngx_http_profile_guard_t));
    if (guard == NULL) {
        return NGX_CONF_ERROR;
    }

    guard->schema = ngx_http_profile_schema_get(cf, &value[1]);
    if (guard->schema == NULL) {
        return NGX_CONF_ERROR;
    }

    mode = 0;

    for (i = 2; i < cf->args->nelts; i++) {

        if (mode == 0
            && ngx_http_profile_guard_mode(&value[i], &guard->mode) == NGX_OK)
        {
            mode = 1;
            continue;
        }

        rv = (guard->mode == PROFILE_GUARD_CALL)
             ? ngx_http_profile_guard_call_parameter(cf, &value[i], guard)
             : ngx_http_profile_value_condition(cf, &value[i], &guard->filter);

        if (rv != NGX_CONF_OK && rv != NGX_CONF_ERROR
            && guard->mode == PROFILE_GUARD_V1)
        {
            rv = ngx_http_profile_value_path(cf, "wrapper=", &value[i], 1,
                                             &guard->wrapper);
        }

        if (rv == NGX_CONF_OK) {
            continue;
        }

        if (rv == NGX_CONF_ERROR) {
            return NGX_CONF_ERROR;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\", expected %s, once each",
                           &value[i],
                           (guard->mode == PROFILE_GUARD_CALL)
                           ? "\"id=NAME\" or \"members=NAME,...\""
                           : "\"mode=v2\", \"mode=v1\", \"mode=call\", "
                             "\"if=value\" or, with \"mode=v1\" before it, "
                             "\"wrapper=NAME\"");
        return NGX_CONF_ERROR;
    }

    if (mode == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "no \"mode=\" in profile_guard \"%V\", expected "
                           "\"mode=v2\", \"mode=v1\" or \"mode=call\"",
                           &value[1]);
        return NGX_CONF_ERROR;
    }

    if (guard->mode == PROFILE_GUARD_CALL
        && (guard->id.len == 0 || guard->filter))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "profile_guard \"%V\" with \"mode=call\" needs "
                           "\"id=NAME\" and cannot have \"if=\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    plcf->request.guard = guard;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_profile_guard_mode(ngx_str_t *value, profile_guard_mode_e *mode)
{
    if (ngx_strcmp(value->data, "mode=v2") == 0) {
        *mode = PROFILE_GUARD_V2;

    } else if (ngx_strcmp(value->data, "mode=v1") == 0) {
        *mode = PROFILE_GUARD_V1;

    } else if (ngx_strcmp(value->data, "mode=call") == 0) {
        *mode = PROFILE_GUARD_CALL;

    } else {
        return NGX_DECLINED;
    }

    return NGX_OK;
}
