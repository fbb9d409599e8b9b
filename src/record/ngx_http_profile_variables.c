
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "ngx_http_profile_module.h"


static ngx_http_profile_record_t *ngx_http_profile_known_record(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_action_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_profile_reason_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_profile_count_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_profile_time_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_profile_text_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_profile_variable_text(ngx_http_variable_value_t *v,
    u_char *data, size_t len);


typedef enum {
    NGX_HTTP_PROFILE_USERS = 0,
    NGX_HTTP_PROFILE_MOVED,
    NGX_HTTP_PROFILE_CONFLICTS,
    NGX_HTTP_PROFILE_BYTES_IN,
    NGX_HTTP_PROFILE_BYTES_OUT,
    NGX_HTTP_PROFILE_CALLS
} ngx_http_profile_count_e;


ngx_str_t  ngx_http_profile_actions[] = {
    ngx_string("blocked"),
    ngx_string("failed"),
    ngx_string("upgraded"),
    ngx_string("rewritten"),
    ngx_string("passed"),
    ngx_string("would_block"),
    ngx_string("would_fail"),
    ngx_string("would_rewrite"),
    ngx_null_string
};


static ngx_http_variable_t  ngx_http_profile_variables[] = {

    { ngx_string("profile_action"), NULL,
      ngx_http_profile_action_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_reason"), NULL,
      ngx_http_profile_reason_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_users"), NULL,
      ngx_http_profile_count_variable, NGX_HTTP_PROFILE_USERS,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_moved"), NULL,
      ngx_http_profile_count_variable, NGX_HTTP_PROFILE_MOVED,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_conflicts"), NULL,
      ngx_http_profile_count_variable, NGX_HTTP_PROFILE_CONFLICTS,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_bytes_in"), NULL,
      ngx_http_profile_count_variable, NGX_HTTP_PROFILE_BYTES_IN,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_bytes_out"), NULL,
      ngx_http_profile_count_variable, NGX_HTTP_PROFILE_BYTES_OUT,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_time"), NULL,
      ngx_http_profile_time_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_calls"), NULL,
      ngx_http_profile_count_variable, NGX_HTTP_PROFILE_CALLS,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_blocked_attributes"), NULL,
      ngx_http_profile_text_variable,
      offsetof(ngx_http_profile_record_t, blocked),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_applied"), NULL,
      ngx_http_profile_text_variable,
      offsetof(ngx_http_profile_record_t, applied),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_profile_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_profile_variables; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


/*
 * To ngx_http_complex_value() a variable that there is no memory for is an
 * empty one: a guard would be off, and a list not limited.
 */

ngx_int_t
ngx_http_profile_value(ngx_http_request_t *r,
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


/* NGX_DECLINED: there is an "if=", and it does not hold */

ngx_int_t
ngx_http_profile_test_condition(ngx_http_request_t *r,
    ngx_http_complex_value_t *cv)
{
    ngx_str_t  val;

    if (cv == NULL) {
        return NGX_OK;
    }

    if (ngx_http_profile_value(r, cv, &val) != NGX_OK) {
        return NGX_ERROR;
    }

    if (val.len == 0 || (val.len == 1 && val.data[0] == '0')) {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


/* nothing is said while a response is still under way */

static ngx_http_profile_record_t *
ngx_http_profile_known_record(ngx_http_request_t *r)
{
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_find_record(r);

    if (record == NULL || record->action == NGX_HTTP_PROFILE_NOTHING
        || (record->open && !record->closed))
    {
        return NULL;
    }

    return record;
}


static ngx_int_t
ngx_http_profile_action_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_known_record(r);

    if (record == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_profile_variable_text(v,
                             ngx_http_profile_actions[record->action].data,
                             ngx_http_profile_actions[record->action].len);
}


static ngx_int_t
ngx_http_profile_reason_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    const profile_str_t        *name;
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_known_record(r);

    if (record == NULL || record->reason == PROFILE_OK) {
        v->not_found = 1;
        return NGX_OK;
    }

    name = profile_reason_name(record->reason);

    return ngx_http_profile_variable_text(v, (u_char *) name->data, name->len);
}


static ngx_int_t
ngx_http_profile_count_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                     *p;
    uint64_t                    n;
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_find_record(r);

    if (record == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    switch (data) {

    case NGX_HTTP_PROFILE_USERS:
        n = record->counts.users;
        break;

    case NGX_HTTP_PROFILE_MOVED:
        n = record->counts.moved[PROFILE_APP_METADATA]
            + record->counts.moved[PROFILE_USER_METADATA];
        break;

    case NGX_HTTP_PROFILE_CONFLICTS:
        n = record->counts.conflicts;
        break;

    case NGX_HTTP_PROFILE_BYTES_IN:
        n = record->bytes_in;
        break;

    case NGX_HTTP_PROFILE_BYTES_OUT:
        n = record->bytes_out;
        break;

    default: /* NGX_HTTP_PROFILE_CALLS */
        n = record->calls;
    }

    p = ngx_pnalloc(r->pool, NGX_INT64_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_profile_variable_text(v, p, ngx_sprintf(p, "%uL", n) - p);
}


static ngx_int_t
ngx_http_profile_time_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                     *p;
    uint64_t                    us;
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_find_record(r);

    if (record == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_INT64_LEN + sizeof(".000000") - 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    us = record->time / 1000;

    return ngx_http_profile_variable_text(v, p,
                                          ngx_sprintf(p, "%uL.%06uL",
                                                      us / 1000000,
                                                      us % 1000000)
                                          - p);
}


static ngx_int_t
ngx_http_profile_text_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                  *text;
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_find_record(r);

    if (record == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    text = (ngx_str_t *) ((u_char *) record + data);

    if (text->len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_profile_variable_text(v, text->data, text->len);
}


static ngx_int_t
ngx_http_profile_variable_text(ngx_http_variable_value_t *v, u_char *data,
    size_t len)
{
    v->len = len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->data = data;

    return NGX_OK;
}
