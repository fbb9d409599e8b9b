
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "record/ngx_http_profile_record.h"
#include "record/ngx_http_profile_variables.h"


static ngx_http_profile_record_t *ngx_http_profile_variables_record(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_variables_action(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_profile_variables_reason(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_profile_variables_count(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_profile_variables_time(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_profile_variables_walk_time(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_profile_variables_total(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_profile_variables_exact(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_profile_variables_body(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_profile_variables_text(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);


typedef enum {
    NGX_HTTP_PROFILE_USERS = 0,
    NGX_HTTP_PROFILE_MOVED,
    NGX_HTTP_PROFILE_CONFLICTS,
    NGX_HTTP_PROFILE_BYTES_IN,
    NGX_HTTP_PROFILE_BYTES_OUT,
    NGX_HTTP_PROFILE_CALLS,
    NGX_HTTP_PROFILE_WALK_PAGES
} ngx_http_profile_count_e;


ngx_http_variable_t  ngx_http_profile_variables[] = {

    { ngx_string("profile_action"), NULL,
      ngx_http_profile_variables_action, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_reason"), NULL,
      ngx_http_profile_variables_reason, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_users"), NULL,
      ngx_http_profile_variables_count, NGX_HTTP_PROFILE_USERS,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_moved"), NULL,
      ngx_http_profile_variables_count, NGX_HTTP_PROFILE_MOVED,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_conflicts"), NULL,
      ngx_http_profile_variables_count, NGX_HTTP_PROFILE_CONFLICTS,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_bytes_in"), NULL,
      ngx_http_profile_variables_count, NGX_HTTP_PROFILE_BYTES_IN,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_bytes_out"), NULL,
      ngx_http_profile_variables_count, NGX_HTTP_PROFILE_BYTES_OUT,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_time"), NULL,
      ngx_http_profile_variables_time, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_calls"), NULL,
      ngx_http_profile_variables_count, NGX_HTTP_PROFILE_CALLS,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_walk_pages"), NULL,
      ngx_http_profile_variables_count, NGX_HTTP_PROFILE_WALK_PAGES,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_walk_time"), NULL,
      ngx_http_profile_variables_walk_time, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_total"), NULL,
      ngx_http_profile_variables_total, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_exact"), NULL,
      ngx_http_profile_variables_exact, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_call_body"), NULL,
      ngx_http_profile_variables_body, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_blocked_attributes"), NULL,
      ngx_http_profile_variables_text,
      offsetof(ngx_http_profile_record_t, write.blocked),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_applied"), NULL,
      ngx_http_profile_variables_text,
      offsetof(ngx_http_profile_record_t, calls.applied),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_profile_variables_add(ngx_conf_t *cf, ngx_http_variable_t *table)
{
    ngx_http_variable_t  *var, *v;

    for (v = table; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


/* nothing is said while a response is still under way */

static ngx_http_profile_record_t *
ngx_http_profile_variables_record(ngx_http_request_t *r)
{
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_record_find(r);

    if (record == NULL || record->outcome.action == NGX_HTTP_PROFILE_NOTHING
        || (record->response.open && !record->outcome.closed))
    {
        return NULL;
    }

    return record;
}


static ngx_int_t
ngx_http_profile_variables_action(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                  *name;
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_variables_record(r);

    if (record == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    name = &ngx_http_profile_record_actions[record->outcome.action];

    return ngx_http_profile_variables_set(v, name->data, name->len);
}


static ngx_int_t
ngx_http_profile_variables_reason(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    const profile_str_t        *name;
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_variables_record(r);

    if (record == NULL || record->outcome.reason == PROFILE_OK) {
        v->not_found = 1;
        return NGX_OK;
    }

    name = profile_reason_name(record->outcome.reason);

    return ngx_http_profile_variables_set(v, name->data, name->len);
}


static ngx_int_t
ngx_http_profile_variables_count(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                     *p;
    uint64_t                    n;
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_record_find(r);

    if (record == NULL
        || (data == NGX_HTTP_PROFILE_WALK_PAGES && record->walk.pages == 0))
    {
        v->not_found = 1;
        return NGX_OK;
    }

    switch (data) {

    case NGX_HTTP_PROFILE_USERS:
        n = record->response.counts.users;
        break;

    case NGX_HTTP_PROFILE_MOVED:
        n = record->response.counts.moved[PROFILE_APP_METADATA]
            + record->response.counts.moved[PROFILE_USER_METADATA];
        break;

    case NGX_HTTP_PROFILE_CONFLICTS:
        n = record->response.counts.conflicts;
        break;

    case NGX_HTTP_PROFILE_BYTES_IN:
        n = record->response.bytes_in;
        break;

    case NGX_HTTP_PROFILE_BYTES_OUT:
        n = record->response.bytes_out;
        break;

    case NGX_HTTP_PROFILE_CALLS:
        n = record->calls.made;
        break;

    default: /* NGX_HTTP_PROFILE_WALK_PAGES */
        n = record->walk.pages;
    }

    p = ngx_pnalloc(r->pool, NGX_INT64_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_profile_variables_set(v, p, ngx_sprintf(p, "%uL", n) - p);
}


static ngx_int_t
ngx_http_profile_variables_time(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                     *p;
    uint64_t                    us;
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_record_find(r);

    if (record == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, NGX_INT64_LEN + sizeof(".000000") - 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    us = record->response.time / 1000;

    return ngx_http_profile_variables_set(v, p,
                                          ngx_sprintf(p, "%uL.%06uL",
                                                      us / 1000000,
                                                      us % 1000000)
                                          - p);
}


/* as nginx writes times */

static ngx_int_t
ngx_http_profile_variables_walk_time(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    u_char                          *p;
    ngx_msec_t                       ms;
    ngx_http_profile_record_t       *record;
    ngx_http_profile_record_walk_t  *walk;

    record = ngx_http_profile_record_find(r);

    if (record == NULL || record->walk.pages == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    walk = &record->walk;
    ms = walk->open ? ngx_current_msec - walk->start : walk->time;

    p = ngx_pnalloc(r->pool, NGX_TIME_T_LEN + sizeof(".000") - 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    return ngx_http_profile_variables_set(v, p,
                                          ngx_sprintf(p, "%T.%03M",
                                                      (time_t) ms / 1000,
                                                      ms % 1000)
                                          - p);
}


static ngx_int_t
ngx_http_profile_variables_total(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_http_profile_record_t  *record;

    static const ngx_str_t      exact = ngx_string("exact");
    static const ngx_str_t      bound = ngx_string("bound");

    record = ngx_http_profile_record_find(r);

    if (record == NULL
        || record->response.total == NGX_HTTP_PROFILE_TOTAL_NONE)
    {
        v->not_found = 1;
        return NGX_OK;
    }

    if (record->response.total == NGX_HTTP_PROFILE_TOTAL_EXACT) {
        return ngx_http_profile_variables_set(v, exact.data, exact.len);
    }

    return ngx_http_profile_variables_set(v, bound.data, bound.len);
}


/* of what was rewritten, all by v1's bag or not */

static ngx_int_t
ngx_http_profile_variables_exact(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    profile_counts_t           *counts;
    ngx_http_profile_record_t  *record;

    static const ngx_str_t      yes = ngx_string("1");
    static const ngx_str_t      no = ngx_string("0");

    record = ngx_http_profile_record_find(r);

    if (record == NULL || record->response.counts.users == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    counts = &record->response.counts;

    if (counts->exact == counts->users) {
        return ngx_http_profile_variables_set(v, yes.data, yes.len);
    }

    return ngx_http_profile_variables_set(v, no.data, no.len);
}


/* of the call that is made now, or was refused before the first one */

static ngx_int_t
ngx_http_profile_variables_body(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    const profile_str_t        *body;
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_record_find(r);

    if (record && record->calls.body.len) {
        return ngx_http_profile_variables_set(v, record->calls.body.data,
                                              record->calls.body.len);
    }

    if (record == NULL || record->calls.upgrade == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    if (record->calls.step == NULL) {
        return ngx_http_profile_variables_set(v, NULL, 0);
    }

    body = &record->calls.step->body;

    return ngx_http_profile_variables_set(v, body->data, body->len);
}


static ngx_int_t
ngx_http_profile_variables_text(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                  *text;
    ngx_http_profile_record_t  *record;

    record = ngx_http_profile_record_find(r);

    if (record == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    text = (ngx_str_t *) ((u_char *) record + data);

    if (text->len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_profile_variables_set(v, text->data, text->len);
}


ngx_int_t
ngx_http_profile_variables_set(ngx_http_variable_value_t *v,
    const u_char *data, size_t len)
{
    v->len = len;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;
    v->data = (u_char *) data;

    return NGX_OK;
}
