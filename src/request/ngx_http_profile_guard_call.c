
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_alloc.h"
#include "core/request/profile_guard_call.h"
#include "http/ngx_http_profile_uri.h"
#include "request/ngx_http_profile_guard_call.h"
#include "request/ngx_http_profile_user_id.h"


static char *ngx_http_profile_guard_call_members(ngx_conf_t *cf,
    ngx_http_profile_guard_t *guard, ngx_str_t *word, u_char *p);
static ngx_int_t ngx_http_profile_guard_call_name(u_char *p, u_char *last,
    profile_str_t *name);
static ngx_uint_t ngx_http_profile_guard_call_twice(
    ngx_http_profile_guard_t *guard, profile_guard_rename_t *rename);


char *
ngx_http_profile_guard_call_parameter(ngx_conf_t *cf, ngx_str_t *word,
    ngx_http_profile_guard_t *guard)
{
    u_char  *last;

    last = word->data + word->len;

    if (ngx_strncmp(word->data, "id=", 3) == 0 && guard->id.len == 0) {

        if (ngx_http_profile_guard_call_name(word->data + 3, last, &guard->id)
            != NGX_OK)
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid name of a member in \"%V\"", word);
            return NGX_CONF_ERROR;
        }

        return NGX_CONF_OK;
    }

    if (ngx_strncmp(word->data, "members=", 8) == 0 && guard->renames == NULL) {
        return ngx_http_profile_guard_call_members(cf, guard, word,
                                                   word->data + 8);
    }

    return "is not a parameter of a call";
}


/* NAME or NAME:AS, between commas */

static char *
ngx_http_profile_guard_call_members(ngx_conf_t *cf,
    ngx_http_profile_guard_t *guard, ngx_str_t *word, u_char *p)
{
    u_char                  *end, *colon, *last;
    ngx_array_t              renames;
    profile_guard_rename_t  *rename;

    if (ngx_array_init(&renames, cf->pool, 4, sizeof(profile_guard_rename_t))
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    last = word->data + word->len;

    for ( /* void */ ; p <= last; p = end + 1) {

        end = ngx_strlchr(p, last, ',');

        if (end == NULL) {
            end = last;
        }

        rename = ngx_array_push(&renames);
        if (rename == NULL) {
            return NGX_CONF_ERROR;
        }

        guard->renames = renames.elts;
        guard->nrenames = renames.nelts - 1;

        colon = ngx_strlchr(p, end, ':');

        if (ngx_http_profile_guard_call_name(p, colon ? colon : end,
                                             &rename->name)
            != NGX_OK
            || ngx_http_profile_guard_call_name(colon ? colon + 1 : p, end,
                                                &rename->as)
               != NGX_OK
            || ngx_http_profile_guard_call_twice(guard, rename))
        {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid or repeated name of a member in "
                               "\"%V\", expected \"members=NAME,...\" or "
                               "\"members=NAME:AS,...\"", word);
            return NGX_CONF_ERROR;
        }
    }

    guard->nrenames = renames.nelts;

    return NGX_CONF_OK;
}


/* plain names: nothing in them has to be escaped in JSON */

static ngx_int_t
ngx_http_profile_guard_call_name(u_char *p, u_char *last, profile_str_t *name)
{
    name->len = last - p;
    name->data = p;

    if (p == last) {
        return NGX_DECLINED;
    }

    for ( /* void */ ; p < last; p++) {
        if (*p <= ' ' || *p >= 0x7f || *p == '"' || *p == '\\' || *p == ':') {
            return NGX_DECLINED;
        }
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_profile_guard_call_twice(ngx_http_profile_guard_t *guard,
    profile_guard_rename_t *rename)
{
    ngx_uint_t                     i;
    const profile_guard_rename_t  *r;

    r = guard->renames;

    for (i = 0; i < guard->nrenames; i++) {
        if (profile_str_eq(&r[i].name, rename->name.data, rename->name.len)
            || profile_str_eq(&r[i].as, rename->as.data, rename->as.len))
        {
            return 1;
        }
    }

    return 0;
}


/* whatever is not judged here would be a call for no user, or for all */

char *
ngx_http_profile_guard_call_check(ngx_conf_t *cf,
    ngx_http_profile_loc_conf_t *plcf)
{
    char                      *expected;
    ngx_http_profile_guard_t  *guard;

    guard = plcf->request.guard;

    if (guard == NULL || guard->mode != PROFILE_GUARD_CALL) {
        return NGX_CONF_OK;
    }

    if (plcf->request.dry_run) {
        expected = "\"profile_guard_dry_run\"";

    } else if (plcf->request.user_id) {
        expected = "\"profile_user_id\"";

    } else {
        return NGX_CONF_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "a \"profile_guard\" with \"mode=call\" cannot have %s "
                       "in the same location", expected);

    return NGX_CONF_ERROR;
}


/* the record has all of it or nothing: the log reads it, too */

profile_reason_e
ngx_http_profile_guard_call_take(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, profile_guard_t *guard)
{
    ngx_str_t              body;
    profile_buf_t          buf;
    profile_str_t          found;
    ngx_http_profile_id_t  id;

    profile_guard_call_id(guard, &found);

    id.template = NULL;
    id.value.len = found.len;
    id.value.data = (u_char *) found.data;

    if (ngx_http_profile_user_id_test(&id.value) != NGX_OK) {
        return profile_guard_call_refuse_id(guard);
    }

    id.value.data = ngx_pstrdup(r->pool, &id.value);

    if (id.value.data == NULL
        || ngx_http_profile_uri_escape(r, &id.value, &id.escaped) != NGX_OK)
    {
        return PROFILE_NO_MEMORY;
    }

    ngx_memzero(&buf, sizeof(profile_buf_t));

    body.data = NULL;

    if (profile_guard_call_body(guard, &ngx_http_profile_alloc, &buf) == 0) {
        body.len = buf.len;
        body.data = buf.data;
        body.data = ngx_pstrdup(r->pool, &body);
    }

    profile_buf_free(&ngx_http_profile_alloc, &buf);

    if (body.data == NULL) {
        return PROFILE_NO_MEMORY;
    }

    record->id.called = id;
    record->calls.body = body;

    return PROFILE_OK;
}
