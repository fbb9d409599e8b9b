
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "core/profile_utf8.h"
#include "http/ngx_http_profile_uri.h"
#include "record/ngx_http_profile_variables.h"
#include "request/ngx_http_profile_user_id.h"


static ngx_int_t ngx_http_profile_user_id_find(ngx_http_request_t *r,
    ngx_http_profile_template_t *t, ngx_http_profile_id_t *id);
static ngx_int_t ngx_http_profile_user_id_test(ngx_str_t *id);
static ngx_int_t ngx_http_profile_user_id_test_part(u_char *p, u_char *last);
static size_t ngx_http_profile_user_id_space(u_char *p, u_char *last);
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


/* a backend that unescapes and tidies up must not read another path */

static ngx_int_t
ngx_http_profile_user_id_test(ngx_str_t *id)
{
    u_char          *p, *end, *slash, *last;
    profile_utf8_t   utf8;

    p = id->data;
    last = p + id->len;

    ngx_memzero(&utf8, sizeof(profile_utf8_t));

    if (profile_utf8_check(&utf8, p, id->len) != id->len || utf8.more) {
        return NGX_DECLINED;
    }

    for ( /* void */ ; p < last; p++) {

        /* U+0080 to U+009F are controls too */

        if (*p < 0x20 || *p == 0x7f || (*p == 0xc2 && p[1] < 0xa0)) {
            return NGX_DECLINED;
        }
    }

    /* to some all of it is trimmed: the provider begins elsewhere then */

    if (ngx_http_profile_user_id_space(id->data, last)) {
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

        if (ngx_http_profile_user_id_test_part(p, end ? end : slash)
            != NGX_OK)
        {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


/* empty, "." and "..", also with white space around it */

static ngx_int_t
ngx_http_profile_user_id_test_part(u_char *p, u_char *last)
{
    size_t      n;
    ngx_uint_t  dots;

    while ((n = ngx_http_profile_user_id_space(p, last)) != 0) {
        p += n;
    }

    for (dots = 0; dots < 2 && p < last && *p == '.'; dots++) {
        p++;
    }

    while ((n = ngx_http_profile_user_id_space(p, last)) != 0) {
        p += n;
    }

    return p == last ? NGX_DECLINED : NGX_OK;
}


/* the length of a white space character of Unicode, which some trim away */

static size_t
ngx_http_profile_user_id_space(u_char *p, u_char *last)
{
    ngx_str_t  *s;

    static ngx_str_t  spaces[] = {
        ngx_string(" "),
        ngx_string("\xc2\xa0"),                /* U+00A0 */
        ngx_string("\xe1\x9a\x80"),            /* U+1680 */
        ngx_string("\xe2\x80\xa8"),            /* U+2028 */
        ngx_string("\xe2\x80\xa9"),            /* U+2029 */
        ngx_string("\xe2\x80\xaf"),            /* U+202F */
        ngx_string("\xe2\x81\x9f"),            /* U+205F */
        ngx_string("\xe3\x80\x80"),            /* U+3000 */
        ngx_string("\xef\xbb\xbf"),            /* U+FEFF */
        ngx_null_string
    };

    for (s = spaces; s->len; s++) {
        if ((size_t) (last - p) >= s->len
            && ngx_memcmp(p, s->data, s->len) == 0)
        {
            return s->len;
        }
    }

    /* U+2000 to U+200B */

    if (last - p >= 3 && p[0] == 0xe2 && p[1] == 0x80 && p[2] <= 0x8b) {
        return 3;
    }

    return 0;
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
