
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "http/ngx_http_profile_answer.h"
#include "request/ngx_http_profile_refuse.h"


/* of a name, in the log */
#define NGX_HTTP_PROFILE_NAME_LEN  64


static ngx_int_t ngx_http_profile_refuse_names(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, const profile_refused_t *refused);
static ngx_int_t ngx_http_profile_refuse_count(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, const profile_refused_t *refused);
static u_char *ngx_http_profile_refuse_escape(u_char *dst,
    const profile_name_t *name);


ngx_int_t
ngx_http_profile_refuse(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, profile_reason_e reason,
    const profile_refused_t *refused, const profile_str_t *message)
{
    ngx_int_t                     rc;
    ngx_uint_t                    status;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    record->write.reason = reason;

    if (refused
        && ngx_http_profile_refuse_names(r, record, refused) != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                  "profile guard: request %s: %s: %s%s%V",
                  plcf->request.dry_run ? "would be refused" : "refused",
                  profile_reason_name(reason)->data,
                  profile_reason_text(reason)->data,
                  record->write.blocked.len ? ": " : "",
                  &record->write.blocked);

    if (plcf->request.dry_run) {
        ngx_http_profile_record_set_action(record, NGX_HTTP_PROFILE_WOULD_BLOCK,
                                           reason);
        return NGX_DECLINED;
    }

    ngx_http_profile_record_set_action(record, NGX_HTTP_PROFILE_BLOCKED,
                                       reason);

    status = (reason == PROFILE_ATTRIBUTES) ? plcf->request.status
                                            : profile_reason_status(reason);

    if (status == 0) {
        /* no fault of the client */
        rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    } else {
        rc = ngx_http_profile_answer_reason(r, reason, status, message);
    }

    ngx_http_finalize_request(r, rc);

    return NGX_DONE;
}


ngx_int_t
ngx_http_profile_refuse_request(ngx_http_request_t *r,
    profile_reason_e reason, const profile_str_t *message)
{
    ngx_int_t                   rc;
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_record_get(r);
    if (record == NULL) {
        return NGX_ERROR;
    }

    ngx_http_profile_record_set_action(record, NGX_HTTP_PROFILE_BLOCKED,
                                       reason);

    rc = ngx_http_profile_answer_reason(r, reason,
                                        profile_reason_status(reason),
                                        message);

    ngx_http_finalize_request(r, rc);

    return NGX_DONE;
}


/* the names for the log: one word, whatever they hold */

static ngx_int_t
ngx_http_profile_refuse_names(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, const profile_refused_t *refused)
{
    u_char    *p;
    size_t     len;
    uint32_t   i, n;

    n = ngx_min(refused->n, PROFILE_REFUSED_MAX);

    if (n == 0) {
        return NGX_OK;
    }

    if (ngx_http_profile_refuse_count(r, record, refused) != NGX_OK) {
        return NGX_ERROR;
    }

    len = 0;

    for (i = 0; i < n; i++) {
        len += 3 * ngx_min(refused->members[i]->name.len,
                           NGX_HTTP_PROFILE_NAME_LEN) + 1;
    }

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    record->write.blocked.data = p;

    for (i = 0; i < n; i++) {

        if (i) {
            *p++ = ',';
        }

        p = ngx_http_profile_refuse_escape(p, &refused->members[i]->name);
    }

    record->write.blocked.len = p - record->write.blocked.data;

    return NGX_OK;
}


/* only names that the schema knows: others are the client's to invent */

static ngx_int_t
ngx_http_profile_refuse_count(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, const profile_refused_t *refused)
{
    u_char                       *p;
    uint32_t                      i, n;
    const profile_name_t         *name;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    n = ngx_min(refused->n, PROFILE_REFUSED_MAX);

    record->write.nnames = 0;
    record->write.other = refused->n - n;

    record->write.names = ngx_palloc(r->pool, n * sizeof(ngx_str_t));
    if (record->write.names == NULL) {
        return NGX_ERROR;
    }

    for (i = 0; i < n; i++) {
        name = &refused->members[i]->name;

        if (!profile_schema_knows(plcf->request.guard->schema->schema, name)) {
            record->write.other++;
            continue;
        }

        p = ngx_pnalloc(r->pool, name->len);
        if (p == NULL) {
            return NGX_ERROR;
        }

        ngx_memcpy(p, name->data, name->len);

        record->write.names[record->write.nnames].len = name->len;
        record->write.names[record->write.nnames++].data = p;
    }

    return NGX_OK;
}


static u_char *
ngx_http_profile_refuse_escape(u_char *dst, const profile_name_t *name)
{
    u_char        c;
    uint32_t      i;
    static u_char hex[] = "0123456789ABCDEF";

    for (i = 0; i < name->len && i < NGX_HTTP_PROFILE_NAME_LEN; i++) {
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
