
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_profile_module.h"


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


/* all that can be said before the body is read: PROFILE_OK if that is next */

profile_reason_e
ngx_http_profile_guard_headers(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    ngx_str_t        *name;
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

    if (!ngx_http_profile_guard_has_body(r)) {

        return ngx_http_profile_guard_no_body(r, plcf);
    }

    if (r->headers_in.chunked) {
        /* chunks may come to nothing, which is no body */
        return PROFILE_OK;
    }

    return ngx_http_profile_guard_content(r, plcf);
}


ngx_uint_t
ngx_http_profile_guard_has_body(ngx_http_request_t *r)
{
    return r->headers_in.content_length_n > 0 || r->headers_in.chunked;
}


/* nothing is written without a body, and no call of v1 is made of none */

profile_reason_e
ngx_http_profile_guard_no_body(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    if (r->method & (NGX_HTTP_PUT|NGX_HTTP_PATCH)
        || ngx_http_profile_upgrades(r, plcf))
    {
        return PROFILE_EMPTY_BODY;
    }

    return PROFILE_NO_BODY;
}


/* what is asked of a request that has a body */

profile_reason_e
ngx_http_profile_guard_content(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf)
{
    ngx_http_profile_id_t  id;

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

        if (p - name < 7
            || ngx_strncasecmp(name, (u_char *) "charset", 7) != 0)
        {
            p = ngx_http_profile_skip_token(value, last);

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


/*
 * To backends that see headers as variables all that is neither a letter nor
 * a digit is the same.
 */

static ngx_uint_t
ngx_http_profile_header_is(ngx_table_elt_t *h, ngx_str_t *name)
{
    u_char      c;
    ngx_uint_t  i, word;

    if (h->key.len != name->len) {
        return 0;
    }

    for (i = 0; i < name->len; i++) {
        c = ngx_tolower(h->key.data[i]);
        word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        if (c != name->data[i] && (word || name->data[i] != '-')) {
            return 0;
        }
    }

    return 1;
}
