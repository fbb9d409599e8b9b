
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "request/ngx_http_profile_request.h"
#include "core/profile_utf8.h"


static ngx_int_t ngx_http_profile_find_user_id(ngx_http_request_t *r,
    ngx_http_profile_template_t *t, ngx_http_profile_id_t *id);
static ngx_int_t ngx_http_profile_unescape_id(ngx_http_request_t *r,
    u_char *p, u_char *last, ngx_str_t *id);
static ngx_int_t ngx_http_profile_test_id(ngx_str_t *id);
static ngx_int_t ngx_http_profile_test_part(u_char *p, u_char *last);
static size_t ngx_http_profile_space(u_char *p, u_char *last);

static ngx_int_t ngx_http_profile_id_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_profile_body_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);


static ngx_http_variable_t  ngx_http_profile_request_variables[] = {

    { ngx_string("profile_arg_"), NULL,
      ngx_http_profile_arg_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE|NGX_HTTP_VAR_PREFIX, 0 },

    { ngx_string("profile_call_body"), NULL,
      ngx_http_profile_body_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_user_id"), NULL,
      ngx_http_profile_id_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_user_id_escaped"), NULL,
      ngx_http_profile_id_variable, 1,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


char *
ngx_http_profile_user_id(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_profile_loc_conf_t *plcf = conf;

    u_char                       *star;
    ngx_str_t                    *value;
    ngx_http_profile_template_t  *t;

    if (plcf->user_id != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        plcf->user_id = NULL;
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

    plcf->user_id = t;

    return NGX_CONF_OK;
}


/*
 * NGX_DECLINED: the path does not name a user.  What is found is kept: to
 * nginx a variable that there is no memory for is an empty one, and without
 * an id a call for one user is one for all.
 */

ngx_int_t
ngx_http_profile_get_user_id(ngx_http_request_t *r,
    ngx_http_profile_template_t *t, ngx_http_profile_id_t *id)
{
    ngx_int_t                   rc;
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_find_record(r);

    if (record && record->id.template == t) {
        *id = record->id;
        return NGX_OK;
    }

    rc = ngx_http_profile_find_user_id(r, t, id);

    if (rc == NGX_OK && record) {
        record->id = *id;
    }

    return rc;
}


/*
 * The id as it stands in the request line, unescaped once (U2.1): nginx
 * matches locations with a path that it has unescaped and tidied up, where
 * "%2F" and "/" are the same.
 */

static ngx_int_t
ngx_http_profile_find_user_id(ngx_http_request_t *r,
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

    rc = ngx_http_profile_unescape_id(r, p, last, &id->value);

    if (rc != NGX_OK) {
        return rc;
    }

    id->template = t;

    return ngx_http_profile_escape_component(r, &id->value, &id->escaped);
}


static ngx_int_t
ngx_http_profile_unescape_id(ngx_http_request_t *r, u_char *p, u_char *last,
    ngx_str_t *id)
{
    u_char     *dst;
    ngx_int_t   high, low;

    dst = ngx_pnalloc(r->pool, last - p);
    if (dst == NULL) {
        return NGX_ERROR;
    }

    id->data = dst;

    while (p < last) {

        if (*p == '/') {
            return NGX_DECLINED;
        }

        if (*p != '%') {
            *dst++ = *p++;
            continue;
        }

        if (last - p < 3) {
            return NGX_DECLINED;
        }

        high = ngx_http_profile_hex(p[1]);
        low = ngx_http_profile_hex(p[2]);

        if (high == NGX_ERROR || low == NGX_ERROR) {
            return NGX_DECLINED;
        }

        *dst++ = (u_char) (high << 4 | low);
        p += 3;
    }

    id->len = dst - id->data;

    return ngx_http_profile_test_id(id);
}


ngx_int_t
ngx_http_profile_hex(u_char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }

    c |= 0x20;

    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }

    return NGX_ERROR;
}


/* a backend that unescapes and tidies up must not read another path */

static ngx_int_t
ngx_http_profile_test_id(ngx_str_t *id)
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

    if (ngx_http_profile_space(id->data, last)) {
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

        if (ngx_http_profile_test_part(p, end ? end : slash) != NGX_OK) {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


/* empty, "." and "..", also with white space around it */

static ngx_int_t
ngx_http_profile_test_part(u_char *p, u_char *last)
{
    size_t      n;
    ngx_uint_t  dots;

    while ((n = ngx_http_profile_space(p, last)) != 0) {
        p += n;
    }

    for (dots = 0; dots < 2 && p < last && *p == '.'; dots++) {
        p++;
    }

    while ((n = ngx_http_profile_space(p, last)) != 0) {
        p += n;
    }

    return p == last ? NGX_DECLINED : NGX_OK;
}


/* the length of a white space character of Unicode, which some trim away */

static size_t
ngx_http_profile_space(u_char *p, u_char *last)
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


/* all but the unreserved characters of RFC 3986 is escaped */

ngx_int_t
ngx_http_profile_escape_component(ngx_http_request_t *r, ngx_str_t *src,
    ngx_str_t *dst)
{
    u_char     *p;
    size_t      len;
    uintptr_t   n;

    n = ngx_escape_uri(NULL, src->data, src->len, NGX_ESCAPE_URI_COMPONENT);

    len = src->len + 2 * n;

    p = ngx_pnalloc(r->pool, len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_escape_uri(p, src->data, src->len, NGX_ESCAPE_URI_COMPONENT);

    /* src and dst may be the same */

    dst->data = p;
    dst->len = len;

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_id_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_int_t                     rc;
    ngx_http_profile_id_t         id;
    ngx_http_profile_record_t    *record;
    ngx_http_profile_template_t  *t;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);
    t = plcf->user_id;

    if (t == NULL) {

        /* a v1 call is made for the user of the v2 call */

        record = ngx_http_profile_find_record(r);
        t = record ? record->user_id : NULL;
    }

    rc = t ? ngx_http_profile_get_user_id(r, t, &id) : NGX_DECLINED;

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_profile_request_text(v, data ? &id.escaped : &id.value);
}


static ngx_int_t
ngx_http_profile_body_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                   body;
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_find_record(r);

    if (record == NULL || record->upgrade == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    ngx_http_profile_upgrade_body(record->upgrade, &body);

    return ngx_http_profile_request_text(v, &body);
}


ngx_int_t
ngx_http_profile_request_text(ngx_http_variable_value_t *v, ngx_str_t *text)
{
    v->len = text->len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->data = text->data;

    return NGX_OK;
}


ngx_int_t
ngx_http_profile_add_request_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_profile_request_variables; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}
