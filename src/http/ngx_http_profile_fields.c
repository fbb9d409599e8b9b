
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_value.h"
#include "http/ngx_http_profile_early.h"
#include "http/ngx_http_profile_fields.h"
#include "http/ngx_http_profile_text.h"


/* names that make a path in a field: those of SAML have up to 10 dots inside */
#define NGX_HTTP_PROFILE_FIELDS_MAX  16


struct ngx_http_profile_fields_s {
    ngx_http_complex_value_t     *names;
    ngx_http_complex_value_t     *exclude;
};


char *
ngx_http_profile_fields_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_profile_loc_conf_t *plcf = conf;

    char                       *rv;
    ngx_str_t                  *value, s;
    ngx_http_profile_fields_t  *fields;

    if (plcf->fields != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    fields = ngx_pcalloc(cf->pool, sizeof(ngx_http_profile_fields_t));
    if (fields == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    rv = ngx_http_profile_value_compile(cf, &value[1], &fields->names);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (cf->args->nelts == 3) {

        if (ngx_strncmp(value[2].data, "exclude=", 8) != 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\", expected "
                               "\"exclude=value\"", &value[2]);
            return NGX_CONF_ERROR;
        }

        s.data = value[2].data + 8;
        s.len = value[2].len - 8;

        rv = ngx_http_profile_value_compile(cf, &s, &fields->exclude);

        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    plcf->fields = fields;

    return NGX_CONF_OK;
}


/* names that the response tells are not the client's */

ngx_int_t
ngx_http_profile_fields_test(ngx_http_request_t *r,
    ngx_http_profile_fields_t *fields, ngx_str_t *bad)
{
    u_char                    *p, *last;
    ngx_int_t                  rc, include;
    ngx_str_t                  text;
    ngx_uint_t                 n;
    ngx_http_profile_early_t   early;

    if (ngx_http_profile_text_flag(r, fields->exclude, 1, &include) != NGX_OK) {
        return NGX_ERROR;
    }

    if (include == NGX_ERROR) {
        ngx_str_set(bad, "include_fields");
        return NGX_DECLINED;
    }

    if (ngx_http_profile_early_start(r, &early) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_http_profile_text_plain(r, fields->names, &text);

    if (ngx_http_profile_early_end(r, &early) != NGX_OK || rc != NGX_OK) {
        return rc;
    }

    last = text.data + text.len;
    n = 1;

    for (p = text.data; p < last; p++) {

        if (*p == ',') {
            n = 1;

        } else if (*p == '.' && ++n > NGX_HTTP_PROFILE_FIELDS_MAX) {
            ngx_str_set(bad, "fields");
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_profile_fields_view(ngx_http_request_t *r,
    ngx_http_profile_fields_t *fields, profile_view_t *view)
{
    u_char         *p, *end, *last, *comma;
    size_t          n;
    ngx_int_t       include;
    ngx_str_t       text;
    profile_str_t  *names;

    if (ngx_http_profile_text_plain(r, fields->names, &text) != NGX_OK) {
        return NGX_ERROR;
    }

    if (text.len == 0) {
        return NGX_OK;
    }

    if (ngx_http_profile_text_flag(r, fields->exclude, 1, &include) != NGX_OK) {
        return NGX_ERROR;
    }

    view->exclude = (include == 0);

    last = text.data + text.len;
    n = 1;

    for (p = text.data; p < last; p++) {
        if (*p == ',') {
            n++;
        }
    }

    names = ngx_palloc(r->pool, n * sizeof(profile_str_t));
    if (names == NULL) {
        return NGX_ERROR;
    }

    view->fields = names;
    view->nfields = n;

    for (p = text.data; n; n--, p = comma + 1) {
        comma = ngx_strlchr(p, last, ',');

        if (comma == NULL) {
            comma = last;
        }

        for (end = comma; end > p && end[-1] == ' '; end--) { /* void */ }

        while (p < end && *p == ' ') {
            p++;
        }

        names->data = p;
        names->len = end - p;
        names++;
    }

    return NGX_OK;
}
