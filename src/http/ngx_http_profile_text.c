
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_value.h"
#include "http/ngx_http_profile_headers.h"
#include "http/ngx_http_profile_text.h"


static const ngx_str_t  ngx_http_profile_true[] = {
    ngx_string("true"),
    ngx_string("1"),
    ngx_null_string
};


static const ngx_str_t  ngx_http_profile_false[] = {
    ngx_string("false"),
    ngx_string("0"),
    ngx_null_string
};


ngx_int_t
ngx_http_profile_text_number(ngx_http_request_t *r,
    ngx_http_complex_value_t *cv, ngx_int_t preset, ngx_int_t *n)
{
    ngx_str_t  val;

    *n = preset;

    if (cv == NULL) {
        return NGX_OK;
    }

    if (ngx_http_profile_value_get(r, cv, &val) != NGX_OK) {
        return NGX_ERROR;
    }

    if (val.len) {
        *n = ngx_atoi(val.data, val.len);
    }

    return NGX_OK;
}


/* in any letter case: to clients in Python it is "True" */

ngx_int_t
ngx_http_profile_text_flag(ngx_http_request_t *r, ngx_http_complex_value_t *cv,
    ngx_int_t preset, ngx_int_t *flag)
{
    ngx_str_t  val;

    *flag = preset;

    if (cv == NULL) {
        return NGX_OK;
    }

    if (ngx_http_profile_value_get(r, cv, &val) != NGX_OK) {
        return NGX_ERROR;
    }

    if (val.len == 0) {
        return NGX_OK;
    }

    if (ngx_http_profile_headers_one_of(&val, ngx_http_profile_true)) {
        *flag = 1;

    } else if (ngx_http_profile_headers_one_of(&val, ngx_http_profile_false)) {
        *flag = 0;

    } else {
        *flag = NGX_ERROR;
    }

    return NGX_OK;
}


/* a value of "$profile_arg_NAME" is escaped */

ngx_int_t
ngx_http_profile_text_plain(ngx_http_request_t *r, ngx_http_complex_value_t *cv,
    ngx_str_t *text)
{
    u_char     *dst, *src;
    ngx_str_t   val;

    if (cv == NULL) {
        ngx_str_null(text);
        return NGX_OK;
    }

    if (ngx_http_profile_value_get(r, cv, &val) != NGX_OK) {
        return NGX_ERROR;
    }

    text->data = ngx_pnalloc(r->pool, val.len + 1);
    if (text->data == NULL) {
        return NGX_ERROR;
    }

    dst = text->data;
    src = val.data;

    ngx_unescape_uri(&dst, &src, val.len, 0);

    text->len = dst - text->data;

    return NGX_OK;
}
