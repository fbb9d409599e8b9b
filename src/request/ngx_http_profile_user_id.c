
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "http/ngx_http_profile_uri.h"
#include "record/ngx_http_profile_variables.h"
#include "request/ngx_http_profile_user_id.h"


static ngx_int_t ngx_http_profile_user_id_find(ngx_http_request_t *r,
    ngx_http_profile_template_t *t, ngx_http_profile_id_t *id);
static ngx_int_t ngx_http_profile_user_id_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);


ngx_http_variable_t  ngx_http_profile_user_id_variables[] = {

    { ngx_string("profile_user_id"), NULL,
      ngx_http_profile_user_id_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_user_id_escaped"), NULL,
      ngx_http_profile_user_id_variable, 1,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


char *
ngx_http_profile_user_id_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_profile_loc_conf_t *plcf = conf;

    u_char                       *star;
    ngx_str_t                    *value;
    ngx_http_profile_template_t  *t;

    if (plcf->request.user_id != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        plcf->request.user_id = NULL;
        return NGX_CONF_OK;
    }

    star = (u_char *) ngx_strchr(value[1].data, '*');

    if (value[1].data[0] != '/' || star == NULL || star[-1] != '/'
        || (star[1] != '/' && star[1] != '\0')
        || ngx_strchr(star + 1, '*') != NULL
        || strpbrk((char *) value[1].data, "?#%") != NULL)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid template \"%V\", expected a path with "
                           "one \"*\" for a segment, such as "
                           "\"/api/v2/users/*\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    t = ngx_palloc(cf->pool, sizeof(ngx_http_profile_template_t));
    if (t == NULL) {
        return NGX_CONF_ERROR;
    }

    t->prefix.data = value[1].data;
    t->prefix.len = star - value[1].data;
    t->suffix.data = star + 1;
    t->suffix.len = value[1].len - t->prefix.len - 1;

    plcf->request.user_id = t;

    return NGX_CONF_OK;
}


/*
 * What is found is kept: to nginx a variable that there is no memory for is an
 * empty one, and without an id a call for one user is one for all.
 */

ngx_int_t
ngx_http_profile_user_id_get(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, ngx_http_profile_template_t *t,
    ngx_http_profile_id_t *id)
{
    ngx_int_t  rc;

    if (record && record->id.found.template == t) {
        *id = record->id.found;
        return NGX_OK;
    }

    rc = ngx_http_profile_user_id_find(r, t, id);

    if (rc == NGX_OK && record) {
        record->id.found = *id;
    }

    return rc;
}


/*
 * The id as it stands in the request line, unescaped once (U2.1): nginx
 * matches locations with a path that it has unescaped and tidied up, where
 * "%2F" and "/" are the same.
 */

static ngx_int_t
ngx_http_profile_user_id_find(ngx_http_request_t *r,
    ngx_http_profile_template_t *t, ngx_http_profile_id_t *id)
{
    u_char     *p, *last;
    size_t      len;
    ngx_int_t   rc;

    p = r->unparsed_uri.data;
    len = r->unparsed_uri.len;

    last = ngx_strlchr(p, p + len, '?');

    if (last == NULL) {
        last = p + len;
    }

    if (ngx_strlchr(p, p + len, '#')
        || (size_t) (last - p) <= t->prefix.len + t->suffix.len
        || ngx_strncmp(p, t->prefix.data, t->prefix.len) != 0
        || ngx_strncmp(last - t->suffix.len, t->suffix.data, t->suffix.len)
           != 0)
    {
        return NGX_DECLINED;
    }

    p += t->prefix.len;
    last -= t->suffix.len;

    if (ngx_strlchr(p, last, '/')) {
        return NGX_DECLINED;
    }

    rc = ngx_http_profile_uri_unescape(r, p, last - p, 0, &id->value);

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_profile_user_id_test(&id->value) != NGX_OK) {
        return NGX_DECLINED;
    }

    id->template = t;

    return ngx_http_profile_uri_escape(r, &id->value, &id->escaped);
}


/*
 * A backend that unescapes and tidies up must not read another path: what it
 * may drop of the inside, such as one of two slashes, leads to no other place.
 */

ngx_int_t
ngx_http_profile_user_id_test(ngx_str_t *id)
{
    u_char     *p, *end, *slash, *last;
    ngx_int_t   dots;

    last = id->data + id->len;

    if (ngx_http_profile_uri_test(id) != NGX_OK) {
        return NGX_DECLINED;
    }

    /* to some all of it is trimmed: the provider begins elsewhere then */

    if (ngx_http_profile_uri_space(id->data, last)) {
        return NGX_DECLINED;
    }

    for (p = id->data; p <= last; p = slash + 1) {

        /* to some the backslash is a slash as well */

        for (slash = p; slash < last; slash++) {
            if (*slash == '/' || *slash == '\\') {
                break;
            }
        }

        /* and what stands behind a ";" does not belong to the segment */

        end = ngx_strlchr(p, slash, ';');

        dots = ngx_http_profile_uri_dots(p, end ? end : slash);

        if (dots > 0 || (dots == 0 && (p == id->data || slash == last))) {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_user_id_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_int_t                     rc;
    ngx_http_profile_id_t         id;
    ngx_http_profile_record_t    *record;
    ngx_http_profile_template_t  *t;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);
    t = plcf->request.user_id;

    record = ngx_http_profile_record_find(r);

    if (t == NULL && record) {
        /* a v1 call is made for the user of the v2 call */
        t = record->id.template;
    }

    rc = t ? ngx_http_profile_user_id_get(r, record, t, &id) : NGX_DECLINED;

    if (t == NULL && record && record->id.called.value.len) {
        id = record->id.called;
        rc = NGX_OK;
    }

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        v->not_found = 1;
        return NGX_OK;
    }

    return data ? ngx_http_profile_variables_set(v, id.escaped.data,
                                                 id.escaped.len)
                : ngx_http_profile_variables_set(v, id.value.data,
                                                 id.value.len);
}
