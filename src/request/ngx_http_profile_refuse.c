
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_profile_module.h"


static u_char *ngx_http_profile_guard_escape(u_char *dst,
    const profile_name_t *name);


ngx_int_t
ngx_http_profile_guard_refuse(ngx_http_request_t *r, profile_reason_e reason,
    profile_guard_t *guard)
{
    ngx_int_t                     rc;
    ngx_uint_t                    status;
    profile_buf_t                 buf;
    profile_str_t                 message;
    ngx_http_profile_loc_conf_t  *plcf;

    status = profile_reason_status(reason);

    if (status == 0) {
        /* no fault of the client */
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (reason == PROFILE_ATTRIBUTES) {
        plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);
        status = plcf->guard_status;
    }

    if (guard == NULL || profile_guard_reason(guard) != reason) {
        return ngx_http_profile_send_reason(r, reason);
    }

    ngx_memzero(&buf, sizeof(profile_buf_t));

    rc = NGX_HTTP_INTERNAL_SERVER_ERROR;

    if (profile_guard_message(guard, &ngx_http_profile_alloc, &buf) == 0) {
        message.len = buf.len;
        message.data = buf.data;

        rc = ngx_http_profile_send_error(r, status, &message,
                                         profile_reason_code(reason));
    }

    profile_buf_free(&ngx_http_profile_alloc, &buf);

    return rc;
}


/* the names for the log: one word, whatever they hold */

ngx_int_t
ngx_http_profile_blocked_names(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, const profile_refused_t *refused)
{
    u_char                       *p;
    size_t                        len;
    uint32_t                      i, n;
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
