
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "http/ngx_http_profile_headers.h"
#include "request/ngx_http_profile_guard_headers.h"
#include "request/ngx_http_profile_user_id.h"


static profile_reason_e ngx_http_profile_guard_headers_type(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_guard_headers_parse(ngx_http_request_t *r,
    ngx_str_t *value);
static ngx_int_t ngx_http_profile_guard_headers_parameters(u_char *p,
    u_char *last);
static u_char *ngx_http_profile_guard_headers_token(u_char *p, u_char *last);
static u_char *ngx_http_profile_guard_headers_space(u_char *p, u_char *last);


static const ngx_str_t  ngx_http_profile_guard_overrides[] = {
    ngx_string("x-http-method-override"),
    ngx_string("x-http-method"),
    ngx_string("x-method-override"),
    ngx_null_string
};


/*
 * What nginx reads, or gateway.conf keeps from the backend, by the name with a
 * dash alone.
 */

static const ngx_str_t  ngx_http_profile_guard_dashed[] = {
    ngx_string("content-length"),
    ngx_string("transfer-encoding"),
    ngx_string("content-range"),
    ngx_string("x-original-url"),
    ngx_string("x-rewrite-url"),
    ngx_null_string
};


static const ngx_str_t  ngx_http_profile_guard_type[] = {
    ngx_string("content-type"),
    ngx_null_string
};


static const ngx_str_t  ngx_http_profile_guard_coding[] = {
    ngx_string("content-encoding"),
    ngx_null_string
};


static const ngx_str_t  ngx_http_profile_guard_identity[] = {
    ngx_string("identity"),
    ngx_null_string
};


/* what a body may be, the second only that of a PATCH */

static const ngx_str_t  ngx_http_profile_guard_json[] = {
    ngx_string("application/json"),
    ngx_null_string
};


static const ngx_str_t  ngx_http_profile_guard_patch[] = {
    ngx_string("application/json"),
    ngx_string("application/merge-patch+json"),
    ngx_null_string
};


profile_reason_e
ngx_http_profile_guard_headers(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, ngx_uint_t needed)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    part = &r->headers_in.headers.part;
    i = 0;

    for ( ;; ) {
        h = ngx_http_profile_headers_next(&part, &i, NULL);

        if (h == NULL) {
            break;
        }

        if (ngx_http_profile_guard_headers_is(&h->key,
                                              ngx_http_profile_guard_overrides))
        {
            return PROFILE_METHOD_OVERRIDE;
        }
    }

    if (ngx_http_profile_guard_headers_disguised(r)) {
        return PROFILE_HEADER;
    }

    if (!ngx_http_profile_guard_headers_has_body(r)) {
        return ngx_http_profile_guard_headers_no_body(r, needed);
    }

    if (r->headers_in.chunked) {
        /* chunks may come to nothing, which is no body */
        return PROFILE_OK;
    }

    return ngx_http_profile_guard_headers_content(r, record);
}


ngx_uint_t
ngx_http_profile_guard_headers_disguised(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    part = &r->headers_in.headers.part;
    i = 0;

    for ( ;; ) {
        h = ngx_http_profile_headers_next(&part, &i, NULL);

        if (h == NULL) {
            return 0;
        }

        if (ngx_http_profile_guard_headers_is(&h->key,
                                              ngx_http_profile_guard_dashed)
            && !ngx_http_profile_headers_one_of(&h->key,
                                                ngx_http_profile_guard_dashed))
        {
            return 1;
        }
    }
}


ngx_uint_t
ngx_http_profile_guard_headers_has_body(ngx_http_request_t *r)
{
    return r->headers_in.content_length_n > 0 || r->headers_in.chunked;
}


/* nothing is written without a body, and no call of v1 is made of none */

profile_reason_e
ngx_http_profile_guard_headers_no_body(ngx_http_request_t *r,
    ngx_uint_t needed)
{
    if (r->method & (NGX_HTTP_PUT|NGX_HTTP_PATCH) || needed) {
        return PROFILE_EMPTY_BODY;
    }

    return PROFILE_NO_BODY;
}


profile_reason_e
ngx_http_profile_guard_headers_content(ngx_http_request_t *r,
    ngx_http_profile_record_t *record)
{
    ngx_http_profile_id_t         id;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    if (plcf->request.user_id) {

        switch (ngx_http_profile_user_id_get(r, record, plcf->request.user_id,
                                             &id))
        {
        case NGX_OK:
            break;

        case NGX_DECLINED:

            if (plcf->request.guard->mode == PROFILE_GUARD_V1) {
                /* whoever is meant: see ngx_http_profile_guard_create() */
                break;
            }

            return PROFILE_PATH;

        default: /* NGX_ERROR */
            return PROFILE_NO_MEMORY;
        }

    } else if (plcf->request.guard->mode == PROFILE_GUARD_V2
               && r->method & (NGX_HTTP_PUT|NGX_HTTP_PATCH))
    {
        /* it is no create, and whose profile it changes is not known */
        return PROFILE_PATH;
    }

    if (r->headers_in.content_length_n > (off_t) plcf->request.max_body_size) {
        return PROFILE_BODY_TOO_LARGE;
    }

    return ngx_http_profile_guard_headers_type(r);
}


/*
 * H5.2: nginx 1.22 knows the first of two Content-Type lines, and passes on
 * both.
 */

static profile_reason_e
ngx_http_profile_guard_headers_type(ngx_http_request_t *r)
{
    ngx_uint_t        i, n;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    part = &r->headers_in.headers.part;
    i = 0;
    n = 0;

    for ( ;; ) {
        h = ngx_http_profile_headers_next(&part, &i, NULL);

        if (h == NULL) {
            return n ? PROFILE_OK : PROFILE_MEDIA_TYPE;
        }

        if (ngx_http_profile_guard_headers_is(&h->key,
                                              ngx_http_profile_guard_type))
        {
            if (n++ || ngx_http_profile_guard_headers_parse(r, &h->value)
                       != NGX_OK)
            {
                return PROFILE_MEDIA_TYPE;
            }

            continue;
        }

        if (ngx_http_profile_guard_headers_is(&h->key,
                                              ngx_http_profile_guard_coding)
            && !ngx_http_profile_headers_one_of(&h->value,
                                              ngx_http_profile_guard_identity))
        {
            return PROFILE_BODY_ENCODING;
        }
    }
}


static ngx_int_t
ngx_http_profile_guard_headers_parse(ngx_http_request_t *r, ngx_str_t *value)
{
    u_char     *last, *slash, *end;
    ngx_str_t   type;

    last = value->data + value->len;

    slash = ngx_http_profile_guard_headers_token(value->data, last);

    if (slash == last || *slash != '/') {
        return NGX_DECLINED;
    }

    end = ngx_http_profile_guard_headers_token(slash + 1, last);

    type.data = value->data;
    type.len = end - value->data;

    if (!ngx_http_profile_headers_one_of(&type,
                                         (r->method == NGX_HTTP_PATCH)
                                         ? ngx_http_profile_guard_patch
                                         : ngx_http_profile_guard_json))
    {
        return NGX_DECLINED;
    }

    return ngx_http_profile_guard_headers_parameters(end, last);
}


/*
 * Only tokens, and "utf-8" in quotes: what one reader takes for a charset
 * must not be a part of a quoted value to another.
 */

static ngx_int_t
ngx_http_profile_guard_headers_parameters(u_char *p, u_char *last)
{
    u_char      *name, *value;
    ngx_uint_t   charset;

    charset = 0;

    for ( ;; ) {
        p = ngx_http_profile_guard_headers_space(p, last);

        if (p == last) {
            return NGX_OK;
        }

        if (*p != ';') {
            return NGX_DECLINED;
        }

        name = ngx_http_profile_guard_headers_space(p + 1, last);
        p = ngx_http_profile_guard_headers_token(name, last);

        if (p == name && (p == last || *p == ';')) {
            /* an empty parameter, which RFC 9110 allows */
            continue;
        }

        if (p == name || p == last || *p != '=') {
            return NGX_DECLINED;
        }

        value = p + 1;

        if (p - name < 7
            || ngx_strncasecmp(name, (u_char *) "charset", 7) != 0)
        {
            p = ngx_http_profile_guard_headers_token(value, last);

            if (p == value) {
                return NGX_DECLINED;
            }

            continue;
        }

        /* "charset*" and "charset*0" of RFC 2231 name a charset as well */

        if (p - name > 7 || charset++) {
            return NGX_DECLINED;
        }

        if (last - value >= 7
            && ngx_strncasecmp(value, (u_char *) "\"utf-8\"", 7) == 0)
        {
            p = value + 7;
            continue;
        }

        p = ngx_http_profile_guard_headers_token(value, last);

        if (p - value != 5
            || ngx_strncasecmp(value, (u_char *) "utf-8", 5) != 0)
        {
            return NGX_DECLINED;
        }
    }
}


static u_char *
ngx_http_profile_guard_headers_token(u_char *p, u_char *last)
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
ngx_http_profile_guard_headers_space(u_char *p, u_char *last)
{
    while (p < last && (*p == ' ' || *p == '\t')) {
        p++;
    }

    return p;
}


/* so it is to backends that see headers as variables */

ngx_uint_t
ngx_http_profile_guard_headers_is(const ngx_str_t *key,
    const ngx_str_t *names)
{
    u_char            c;
    ngx_uint_t        i, word;
    const ngx_str_t  *name;

    for (name = names; name->len; name++) {

        if (key->len != name->len) {
            continue;
        }

        for (i = 0; i < name->len; i++) {
            c = ngx_tolower(key->data[i]);
            word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

            if (c != name->data[i] && (word || name->data[i] != '-')) {
                break;
            }
        }

        if (i == name->len) {
            return 1;
        }
    }

    return 0;
}
