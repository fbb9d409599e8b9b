
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_value.h"


char *
ngx_http_profile_value_compile(ngx_conf_t *cf, ngx_str_t *text,
    ngx_http_complex_value_t **cv)
{
    ngx_http_compile_complex_value_t  ccv;

    *cv = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
    if (*cv == NULL) {
        return NGX_CONF_ERROR;
    }

    ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

    ccv.cf = cf;
    ccv.value = text;
    ccv.complex_value = *cv;

    if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


char *
ngx_http_profile_value_condition(ngx_conf_t *cf, ngx_str_t *word,
    ngx_http_complex_value_t **filter)
{
    return ngx_http_profile_value_parameter(cf, "if=", word, filter);
}


char *
ngx_http_profile_value_parameter(ngx_conf_t *cf, const char *name,
    ngx_str_t *word, ngx_http_complex_value_t **cv)
{
    size_t     len;
    ngx_str_t  s;

    len = ngx_strlen(name);

    if (word->len <= len || ngx_strncmp(word->data, name, len) != 0
        || *cv != NULL)
    {
        return "is not this parameter";
    }

    s.len = word->len - len;
    s.data = word->data + len;

    return ngx_http_profile_value_compile(cf, &s, cv);
}


char *
ngx_http_profile_value_parameters(ngx_conf_t *cf, ngx_str_t *word,
    const ngx_http_profile_value_name_t *names)
{
    char  *rv;

    rv = "is none of these parameters";

    for ( /* void */ ; names->name; names++) {
        rv = ngx_http_profile_value_parameter(cf, names->name, word,
                                              names->value);

        if (rv == NGX_CONF_OK || rv == NGX_CONF_ERROR) {
            break;
        }
    }

    return rv;
}


char *
ngx_http_profile_value_path(ngx_conf_t *cf, const char *name, ngx_str_t *word,
    ngx_uint_t most, profile_path_t *path)
{
    size_t          len;
    u_char         *names;
    profile_str_t   text;

    len = ngx_strlen(name);

    if (ngx_strncmp(word->data, name, len) != 0 || path->n) {
        return "is not this parameter";
    }

    text.len = word->len - len;
    text.data = word->data + len;

    names = ngx_pnalloc(cf->pool, text.len + 1);
    if (names == NULL) {
        return NGX_CONF_ERROR;
    }

    if (profile_path_read(&text, names, path) == 0 && path->n <= most) {
        return NGX_CONF_OK;
    }

    if (most == 1) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid name in \"%V\", expected one, in which "
                           "\"\\.\" is a dot", word);

    } else {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid path in \"%V\", expected 1 to %ui names "
                           "between dots, in which \"\\.\" is a dot", word,
                           most);
    }

    return NGX_CONF_ERROR;
}


/*
 * To ngx_http_complex_value() a variable that there is no memory for is an
 * empty one: a guard would be off, and a list not limited.
 */

ngx_int_t
ngx_http_profile_value_get(ngx_http_request_t *r,
    ngx_http_complex_value_t *cv, ngx_str_t *value)
{
    ngx_uint_t  *index;

    if (cv->flushes) {
        for (index = cv->flushes; *index != (ngx_uint_t) -1; index++) {

            if (ngx_http_get_flushed_variable(r, *index) == NULL) {
                return NGX_ERROR;
            }
        }
    }

    return ngx_http_complex_value(r, cv, value);
}


ngx_int_t
ngx_http_profile_value_test(ngx_http_request_t *r,
    ngx_http_complex_value_t *cv)
{
    ngx_str_t  val;

    if (cv == NULL) {
        return NGX_OK;
    }

    if (ngx_http_profile_value_get(r, cv, &val) != NGX_OK) {
        return NGX_ERROR;
    }

    if (val.len == 0 || (val.len == 1 && val.data[0] == '0')) {
        return NGX_DECLINED;
    }

    return NGX_OK;
}
