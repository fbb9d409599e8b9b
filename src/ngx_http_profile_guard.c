
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
static ngx_int_t ngx_http_profile_guard_start(ngx_http_request_t *r,
    ngx_http_profile_ctx_t *ctx);
static profile_reason_e ngx_http_profile_guard_headers(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);
static void ngx_http_profile_guard_body_handler(ngx_http_request_t *r);
static profile_reason_e ngx_http_profile_guard_body(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_verdict_t *verdict);
static profile_guard_t *ngx_http_profile_guard_create(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_verdict_t *verdict);
static void ngx_http_profile_guard_cleanup(void *data);
static profile_reason_e ngx_http_profile_guard_feed(ngx_http_request_t *r,
    profile_guard_t *guard);
static profile_reason_e ngx_http_profile_guard_feed_file(
    ngx_http_request_t *r, profile_guard_t *guard, ngx_buf_t *b);
static ngx_int_t ngx_http_profile_guard_verdict(ngx_http_request_t *r,
    ngx_http_profile_verdict_t *verdict);
static ngx_int_t ngx_http_profile_guard_refuse(ngx_http_request_t *r,
    ngx_http_profile_verdict_t *verdict);
static u_char *ngx_http_profile_guard_escape(u_char *dst,
    const profile_name_t *name);
static ngx_uint_t ngx_http_profile_has_body(ngx_http_request_t *r);
static profile_reason_e ngx_http_profile_test_request_type(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_parse_type(ngx_http_request_t *r,
    ngx_str_t *value);
static ngx_int_t ngx_http_profile_parse_parameters(u_char *p, u_char *last);
static u_char *ngx_http_profile_skip_token(u_char *p, u_char *last);
static u_char *ngx_http_profile_skip_space(u_char *p, u_char *last);
static ngx_uint_t ngx_http_profile_header_is(ngx_table_elt_t *h,
    ngx_str_t *name);


static ngx_str_t  ngx_http_profile_content_type
                                              = ngx_string("content-type");
static ngx_str_t  ngx_http_profile_content_encoding
                                          = ngx_string("content-encoding");

static ngx_str_t  ngx_http_profile_overrides[] = {
    ngx_string("x-http-method-override"),
    ngx_string("x-http-method"),
    ngx_string("x-method-override"),
    ngx_null_string
};


static ngx_int_t
ngx_http_profile_guard_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_str_t                     val;
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

    if (record->guard == guard) {
        /* it has judged this request before an internal redirect */
        return NGX_DECLINED;
    }

    if (guard->filter) {
        if (ngx_http_complex_value(r, guard->filter, &val) != NGX_OK) {
            return NGX_ERROR;
        }

        if (val.len == 0 || (val.len == 1 && val.data[0] == '0')) {
            ngx_http_profile_set_action(record, NGX_HTTP_PROFILE_PASSED,
                                        PROFILE_CONDITION);
            return NGX_DECLINED;
        }
    }

    record->guard = guard;
    record->user_id = plcf->user_id;

    return ngx_http_profile_guard_start(r, ctx);
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


/* all that can be said before the body is read: PROFILE_OK if that is next */

static profile_reason_e
ngx_http_profile_guard_headers(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    ngx_str_t        *name, id;
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    part = &r->headers_in.headers.part;
    i = 0;

    for ( ;; ) {
        h = ngx_http_profile_next_header(&part, &i);

        if (h == NULL) {
            break;
        }

        for (name = ngx_http_profile_overrides; name->len; name++) {
            if (ngx_http_profile_header_is(h, name)) {
                return PROFILE_METHOD_OVERRIDE;
            }
        }
    }

    if (!ngx_http_profile_has_body(r)) {

        if (r->method & (NGX_HTTP_PUT|NGX_HTTP_PATCH)) {
            return PROFILE_EMPTY_BODY;
        }

        return PROFILE_NO_BODY;
    }

    if (plcf->user_id) {

        switch (ngx_http_profile_get_user_id(r, plcf->user_id, &id)) {

        case NGX_OK:
            break;

        case NGX_DECLINED:
            return PROFILE_PATH;

        default: /* NGX_ERROR */
            return PROFILE_NO_MEMORY;
        }
    }

    if (r->headers_in.content_length_n > (off_t) plcf->guard_max_body_size) {
        return PROFILE_BODY_TOO_LARGE;
    }

    return ngx_http_profile_test_request_type(r);
}


static ngx_uint_t
ngx_http_profile_has_body(ngx_http_request_t *r)
{
    return r->headers_in.content_length_n > 0 || r->headers_in.chunked;
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
    ngx_chain_t       *cl;
    profile_reason_e   rc;

    size = 0;

    for (cl = r->request_body->bufs; cl; cl = cl->next) {
        size += ngx_buf_size(cl->buf);
    }

    if (size > (off_t) plcf->guard_max_body_size) {
        return PROFILE_BODY_TOO_LARGE;
    }

    if (size == 0) {
        return (r->method & (NGX_HTTP_PUT|NGX_HTTP_PATCH)) ? PROFILE_EMPTY_BODY
                                                           : PROFILE_NO_BODY;
    }

    verdict->guard = ngx_http_profile_guard_create(r, plcf, verdict);
    if (verdict->guard == NULL) {
        return PROFILE_NO_MEMORY;
    }

    rc = ngx_http_profile_guard_feed(r, verdict->guard);

    return rc == PROFILE_OK ? profile_guard_finish(verdict->guard) : rc;
}


static profile_guard_t *
ngx_http_profile_guard_create(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_verdict_t *verdict)
{
    ngx_str_t             id;
    ngx_pool_cleanup_t   *cln;
    profile_guard_t      *guard;
    profile_guard_conf_t  conf;

    ngx_memzero(&conf, sizeof(profile_guard_conf_t));

    conf.schema = plcf->guard->schema->schema;
    conf.mode = plcf->guard->mode;
    conf.action = plcf->user_id ? PROFILE_UPDATE : PROFILE_CREATE;
    conf.max_size = plcf->guard_max_body_size;
    conf.max_depth = plcf->max_depth;

    if (plcf->user_id
        && ngx_http_profile_get_user_id(r, plcf->user_id, &id) == NGX_OK)
    {
        conf.user_id.len = id.len;
        conf.user_id.data = id.data;
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

    record->write = verdict->reason;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

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

    ngx_http_finalize_request(r, ngx_http_profile_guard_refuse(r, verdict));

    return NGX_DONE;
}


static ngx_int_t
ngx_http_profile_guard_refuse(ngx_http_request_t *r,
    ngx_http_profile_verdict_t *verdict)
{
    ngx_int_t                     rc;
    ngx_uint_t                    status;
    profile_buf_t                 buf;
    profile_str_t                 message;
    ngx_http_profile_loc_conf_t  *plcf;

    status = profile_reason_status(verdict->reason);

    if (status == 0) {
        /* no fault of the client */
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (verdict->reason == PROFILE_ATTRIBUTES) {
        plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);
        status = plcf->guard_status;
    }

    if (verdict->guard == NULL
        || profile_guard_reason(verdict->guard) != verdict->reason)
    {
        return ngx_http_profile_send_reason(r, verdict->reason);
    }

    ngx_memzero(&buf, sizeof(profile_buf_t));

    rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    if (profile_guard_message(verdict->guard, &ngx_http_profile_alloc, &buf)
        == 0)
    {
        message.len = buf.len;
        message.data = buf.data;

        rc = ngx_http_profile_send_error(r, status, &message,
                                         profile_reason_code(verdict->reason));
    }

    profile_buf_free(&ngx_http_profile_alloc, &buf);

    return rc;
}


/* the names for the log: one word, whatever they hold */

ngx_int_t
ngx_http_profile_blocked_names(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, const profile_refused_t *refused)
{
    u_char    *p;
    size_t     len;
    uint32_t   i, n;

    ngx_http_profile_loc_conf_t  *plcf;

    n = ngx_min(refused->n, PROFILE_REFUSED_MAX);

    if (n == 0) {
        return NGX_OK;
    }

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    if (ngx_http_profile_count_blocked(r, record, plcf->guard->schema->schema,
                                       refused)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    len = 0;

    for (i = 0; i < n; i++) {
        len += 3 * ngx_min(refused->members[i]->name.len, 64) + 1;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    record->blocked.data = p;

    for (i = 0; i < n; i++) {

        if (i) {
            *p++ = ',';
        }

        p = ngx_http_profile_guard_escape(p, &refused->members[i]->name);
    }

    record->blocked.len = p - record->blocked.data;

    return NGX_OK;
}


static u_char *
ngx_http_profile_guard_escape(u_char *dst, const profile_name_t *name)
{
    u_char        c;
    uint32_t      i;
    static u_char hex[] = "0123456789ABCDEF";

    for (i = 0; i < name->len && i < 64; i++) {
        c = name->data[i];

        if (c <= ' ' || c >= 0x7f || c == ',' || c == '%' || c == '"'
            || c == '\\')
        {
            *dst++ = '%';
            *dst++ = hex[c >> 4];
            *dst++ = hex[c & 0xf];

        } else {
            *dst++ = c;
        }
    }

    return dst;
}


/*
 * H5.2: nginx 1.22 knows the first of two Content-Type lines, and passes on
 * both.
 */

static profile_reason_e
ngx_http_profile_test_request_type(ngx_http_request_t *r)
{
    ngx_uint_t        i, n;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    part = &r->headers_in.headers.part;
    i = 0;
    n = 0;

    for ( ;; ) {
        h = ngx_http_profile_next_header(&part, &i);

        if (h == NULL) {
            return n ? PROFILE_OK : PROFILE_MEDIA_TYPE;
        }

        if (ngx_http_profile_header_is(h, &ngx_http_profile_content_type)) {

            if (n++ || ngx_http_profile_parse_type(r, &h->value) != NGX_OK) {
                return PROFILE_MEDIA_TYPE;
            }

        } else if (ngx_http_profile_header_is(h,
                                         &ngx_http_profile_content_encoding)
                   && (h->value.len != 8
                       || ngx_strncasecmp(h->value.data,
                                          (u_char *) "identity", 8)
                          != 0))
        {
            return PROFILE_BODY_ENCODING;
        }
    }
}


static ngx_int_t
ngx_http_profile_parse_type(ngx_http_request_t *r, ngx_str_t *value)
{
    u_char  *p, *last, *slash, *end;

    p = value->data;
    last = p + value->len;

    slash = ngx_http_profile_skip_token(p, last);

    if (slash == last || *slash != '/') {
        return NGX_DECLINED;
    }

    end = ngx_http_profile_skip_token(slash + 1, last);

    if (end - p == 16
        && ngx_strncasecmp(p, (u_char *) "application/json", 16) == 0)
    {
        return ngx_http_profile_parse_parameters(end, last);
    }

    if (end - p == 28 && r->method == NGX_HTTP_PATCH
        && ngx_strncasecmp(p, (u_char *) "application/merge-patch+json", 28)
           == 0)
    {
        return ngx_http_profile_parse_parameters(end, last);
    }

    return NGX_DECLINED;
}


/*
 * Only tokens, and "utf-8" in quotes: what one reader takes for a charset
 * must not be a part of a quoted value to another.
 */

static ngx_int_t
ngx_http_profile_parse_parameters(u_char *p, u_char *last)
{
    u_char      *name, *value;
    ngx_uint_t   charset;

    charset = 0;

    for ( ;; ) {
        p = ngx_http_profile_skip_space(p, last);

        if (p == last) {
            return NGX_OK;
        }

        if (*p != ';') {
            return NGX_DECLINED;
        }

        name = ngx_http_profile_skip_space(p + 1, last);
        p = ngx_http_profile_skip_token(name, last);

        if (p == name || p == last || *p != '=') {
            return NGX_DECLINED;
        }

        value = p + 1;

        if (p - name != 7
            || ngx_strncasecmp(name, (u_char *) "charset", 7) != 0)
        {
            p = ngx_http_profile_skip_token(value, last);

            if (p == value) {
                return NGX_DECLINED;
            }

            continue;
        }

        if (charset++) {
            return NGX_DECLINED;
        }

        if (last - value >= 7
            && ngx_strncasecmp(value, (u_char *) "\"utf-8\"", 7) == 0)
        {
            p = value + 7;
            continue;
        }

        p = ngx_http_profile_skip_token(value, last);

        if (p - value != 5
            || ngx_strncasecmp(value, (u_char *) "utf-8", 5) != 0)
        {
            return NGX_DECLINED;
        }
    }
}


static u_char *
ngx_http_profile_skip_token(u_char *p, u_char *last)
{
    for ( /* void */ ; p < last; p++) {

        if (*p <= ' ' || *p >= 0x7f
            || ngx_strchr("()<>@,;:\\\"/[]?={}", *p) != NULL)
        {
            break;
        }
    }

    return p;
}


static u_char *
ngx_http_profile_skip_space(u_char *p, u_char *last)
{
    while (p < last && (*p == ' ' || *p == '\t')) {
        p++;
    }

    return p;
}


/* to backends that see headers as variables "_" and "-" are the same */

static ngx_uint_t
ngx_http_profile_header_is(ngx_table_elt_t *h, ngx_str_t *name)
{
    u_char      c;
    ngx_uint_t  i;

    if (h->key.len != name->len) {
        return 0;
    }

    for (i = 0; i < name->len; i++) {
        c = ngx_tolower(h->key.data[i]);

        if (c != name->data[i] && !(c == '_' && name->data[i] == '-')) {
            return 0;
        }
    }

    return 1;
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
