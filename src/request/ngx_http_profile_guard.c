
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_profile_module.h"


/* what is read from a temporary file at a time */
#define NGX_HTTP_PROFILE_FILE_PIECE  65536


struct ngx_http_profile_verdict_s {
    profile_guard_t              *guard;
    profile_reason_e              reason;
    unsigned                      done:1;
};


static ngx_int_t ngx_http_profile_guard_handler(ngx_http_request_t *r);
static ngx_uint_t ngx_http_profile_guard_judged(
    ngx_http_profile_record_t *record, ngx_http_profile_loc_conf_t *plcf);
static ngx_int_t ngx_http_profile_guard_start(ngx_http_request_t *r,
    ngx_http_profile_ctx_t *ctx);
static void ngx_http_profile_guard_body_handler(ngx_http_request_t *r);
static profile_reason_e ngx_http_profile_guard_body(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_verdict_t *verdict);
static profile_reason_e ngx_http_profile_guard_size(ngx_http_request_t *r,
    off_t *size);
static profile_guard_t *ngx_http_profile_guard_create(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_verdict_t *verdict);
static void ngx_http_profile_guard_cleanup(void *data);
static profile_reason_e ngx_http_profile_guard_feed(ngx_http_request_t *r,
    profile_guard_t *guard);
static profile_reason_e ngx_http_profile_guard_feed_file(
    ngx_http_request_t *r, profile_guard_t *guard, ngx_buf_t *b);
static ngx_int_t ngx_http_profile_guard_verdict(ngx_http_request_t *r,
    ngx_http_profile_verdict_t *verdict);


static ngx_int_t
ngx_http_profile_guard_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_http_profile_ctx_t       *ctx;
    ngx_http_profile_guard_t     *guard;
    ngx_http_profile_record_t    *record;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    if (r != r->main) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    if (ctx && ctx->verdict) {
        return ngx_http_profile_guard_verdict(r, ctx->verdict);
    }

    rc = ngx_http_profile_api_request(r, plcf);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    guard = plcf->guard;

    if (guard == NULL) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_profile_get_ctx(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    record = ngx_http_profile_get_record(r);
    if (record == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_profile_guard_judged(record, plcf)) {
        return NGX_DECLINED;
    }

    rc = ngx_http_profile_test_condition(r, guard->filter);

    if (rc == NGX_DECLINED) {
        ngx_http_profile_set_action(record, NGX_HTTP_PROFILE_PASSED,
                                    PROFILE_CONDITION);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    record->user_id = plcf->user_id;

    return ngx_http_profile_guard_start(r, ctx);
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

    prev = record->guarded;

    if (prev == NULL
        || prev->guard != plcf->guard
        || prev->user_id != plcf->user_id
        || prev->guard_max_body_size != plcf->guard_max_body_size
        || prev->max_depth != plcf->max_depth)
    {
        return 0;
    }

    return plcf->guard_dry_run || !prev->guard_dry_run;
}


static ngx_int_t
ngx_http_profile_guard_start(ngx_http_request_t *r,
    ngx_http_profile_ctx_t *ctx)
{
    ngx_int_t                     rc;
    ngx_http_profile_verdict_t   *verdict;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    verdict = ngx_pcalloc(r->pool, sizeof(ngx_http_profile_verdict_t));
    if (verdict == NULL) {
        return NGX_ERROR;
    }

    ctx->verdict = verdict;

    verdict->reason = ngx_http_profile_guard_headers(r, plcf);

    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "profile guard: headers: \"%s\"",
                   profile_reason_name(verdict->reason)->data);

    if (verdict->reason != PROFILE_OK && !plcf->guard_dry_run) {
        verdict->done = 1;
        return ngx_http_profile_guard_verdict(r, verdict);
    }

    if (verdict->reason == PROFILE_NO_BODY
        || verdict->reason == PROFILE_BODY_TOO_LARGE)
    {
        verdict->done = 1;
        return ngx_http_profile_guard_verdict(r, verdict);
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
    profile_reason_e              rc;
    ngx_http_profile_ctx_t       *ctx;
    ngx_http_profile_verdict_t   *verdict;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);
    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    verdict = ctx->verdict;

    rc = ngx_http_profile_guard_body(r, plcf, verdict);

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
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_verdict_t *verdict)
{
    off_t              size;
    profile_reason_e   rc;

    rc = ngx_http_profile_guard_size(r, &size);

    if (rc != PROFILE_OK) {
        return rc;
    }

    if (size == 0) {
        return ngx_http_profile_guard_no_body(r, plcf);
    }

    if (r->headers_in.chunked) {
        rc = ngx_http_profile_guard_content(r, plcf);

        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    verdict->guard = ngx_http_profile_guard_create(r, plcf, verdict);
    if (verdict->guard == NULL) {
        return PROFILE_NO_MEMORY;
    }

    rc = ngx_http_profile_guard_feed(r, verdict->guard);

    return rc == PROFILE_OK ? profile_guard_finish(verdict->guard) : rc;
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

    if (!ngx_http_profile_guard_has_body(r)) {
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
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_verdict_t *verdict)
{
    ngx_int_t               rc;
    ngx_pool_cleanup_t     *cln;
    profile_guard_t        *guard;
    profile_guard_conf_t    conf;
    ngx_http_profile_id_t   id;

    ngx_memzero(&conf, sizeof(profile_guard_conf_t));

    conf.schema = plcf->guard->schema->schema;
    conf.mode = plcf->guard->mode;
    conf.action = plcf->user_id ? PROFILE_UPDATE : PROFILE_CREATE;
    conf.max_size = plcf->guard_max_body_size;
    conf.max_depth = plcf->max_depth;

    if (plcf->user_id) {
        rc = ngx_http_profile_get_user_id(r, plcf->user_id, &id);

        if (rc == NGX_ERROR) {
            return NULL;
        }

        if (rc == NGX_OK) {
            conf.user_id.len = id.value.len;
            conf.user_id.data = id.value.data;
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
    ngx_http_profile_verdict_t  *verdict = data;

    profile_guard_destroy(verdict->guard);
    verdict->guard = NULL;
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


/* NGX_DECLINED: go on; NGX_DONE: it has been answered */

static ngx_int_t
ngx_http_profile_guard_verdict(ngx_http_request_t *r,
    ngx_http_profile_verdict_t *verdict)
{
    ngx_int_t                     rc;
    ngx_http_profile_record_t    *record;
    ngx_http_profile_loc_conf_t  *plcf;

    if (!verdict->done) {
        /* the body is still on its way */
        return NGX_DONE;
    }

    record = ngx_http_profile_get_record(r);
    if (record == NULL) {
        return NGX_ERROR;
    }

    if (verdict->reason == PROFILE_OK) {
        verdict->reason = PROFILE_ALLOWED;
    }

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    record->write = verdict->reason;
    record->guarded = plcf;

    if (verdict->reason == PROFILE_ALLOWED
        && ngx_http_profile_upgrades(r, plcf))
    {
        return ngx_http_profile_upgrade_handler(r, verdict->guard);
    }

    if (verdict->reason == PROFILE_ALLOWED
        || verdict->reason == PROFILE_NO_BODY)
    {
        ngx_http_profile_guard_cleanup(verdict);
        ngx_http_profile_set_action(record, NGX_HTTP_PROFILE_PASSED,
                                    verdict->reason);
        return NGX_DECLINED;
    }

    if (verdict->guard
        && ngx_http_profile_blocked_names(r, record,
                                        profile_guard_refused(verdict->guard))
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "profile guard: request %s: %s: %s%s%V",
                  plcf->guard_dry_run ? "would be refused" : "refused",
                  profile_reason_name(verdict->reason)->data,
                  profile_reason_text(verdict->reason)->data,
                  record->blocked.len ? ": " : "", &record->blocked);

    if (plcf->guard_dry_run) {
        ngx_http_profile_set_action(record, NGX_HTTP_PROFILE_WOULD_BLOCK,
                                    verdict->reason);
        return NGX_DECLINED;
    }

    ngx_http_profile_set_action(record, NGX_HTTP_PROFILE_BLOCKED,
                                verdict->reason);

    rc = ngx_http_profile_guard_refuse(r, verdict->reason, verdict->guard);

    ngx_http_finalize_request(r, rc);

    return NGX_DONE;
}


ngx_int_t
ngx_http_profile_guard_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_PRECONTENT_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_profile_guard_handler;

    return NGX_OK;
}
