
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_alloc.h"
#include "conf/ngx_http_profile_value.h"
#include "core/response/profile_query.h"
#include "core/response/profile_query_narrow.h"
#include "http/ngx_http_profile_list.h"
#include "http/ngx_http_profile_text.h"
#include "http/ngx_http_profile_uri.h"
#include "http/ngx_http_profile_walk_page.h"
#include "record/ngx_http_profile_ctx.h"
#include "record/ngx_http_profile_variables.h"
#include "request/ngx_http_profile_search.h"
#include "request/ngx_http_profile_user_id.h"


/* as in the Management API, whose searches end there, too */
#define NGX_HTTP_PROFILE_SEARCH_SORTED   1000

#define NGX_HTTP_PROFILE_SEARCH_MESSAGE  256


/* a number that the directive does not name */

#define ngx_http_profile_search_preset(n, value)                             \
    if (*(n) == 0) {                                                         \
        *(n) = value;                                                        \
    }


typedef enum {
    NGX_HTTP_PROFILE_SEARCH_PAGE = 0,
    NGX_HTTP_PROFILE_SEARCH_SIZE,
    NGX_HTTP_PROFILE_SEARCH_OFFSET
} ngx_http_profile_search_number_e;


static ngx_int_t ngx_http_profile_search_query(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_search_t *s,
    ngx_str_t *text, ngx_str_t *message);
static void ngx_http_profile_search_cleanup(void *data);
static ngx_int_t ngx_http_profile_search_sort(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_search_t *s,
    ngx_str_t *text, ngx_str_t *message);
static ngx_int_t ngx_http_profile_search_match(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_search_t *s);
static char *ngx_http_profile_search_parameter(ngx_conf_t *cf,
    ngx_str_t *word, ngx_http_profile_walk_conf_t *walk);
static char *ngx_http_profile_search_number(ngx_conf_t *cf, ngx_str_t *word,
    const char *name, ngx_uint_t max, ngx_uint_t *n);
static char *ngx_http_profile_search_time(ngx_str_t *word, ngx_msec_t *time);
static ngx_int_t ngx_http_profile_search_number_variable(
    ngx_http_request_t *r, ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_profile_search_text_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);


ngx_http_variable_t  ngx_http_profile_search_variables[] = {

    { ngx_string("profile_walk_page"), NULL,
      ngx_http_profile_search_number_variable, NGX_HTTP_PROFILE_SEARCH_PAGE,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_walk_size"), NULL,
      ngx_http_profile_search_number_variable, NGX_HTTP_PROFILE_SEARCH_SIZE,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_walk_offset"), NULL,
      ngx_http_profile_search_number_variable, NGX_HTTP_PROFILE_SEARCH_OFFSET,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_query_kind"), NULL,
      ngx_http_profile_search_text_variable,
      offsetof(ngx_http_profile_search_t, kind),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_query_value"), NULL,
      ngx_http_profile_search_text_variable,
      offsetof(ngx_http_profile_search_t, value),
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


ngx_int_t
ngx_http_profile_search(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_str_t *message)
{
    ngx_int_t                   rc;
    ngx_str_t                   query, sort;
    ngx_http_profile_ctx_t     *ctx;
    ngx_http_profile_search_t  *s;

    rc = ngx_http_profile_search_asked(r, plcf, &query, &sort);

    if (rc != NGX_OK) {
        return rc == NGX_DECLINED ? NGX_OK : NGX_ERROR;
    }

    s = ngx_pcalloc(r->pool, sizeof(ngx_http_profile_search_t));
    if (s == NULL) {
        return NGX_ERROR;
    }

    s->walk.search.enabled = 1;

    s->walk.probe = (plcf->walk->count == NGX_HTTP_PROFILE_WALK_COUNT_PROBE
                     && query.len == 0 && sort.len == 0
                     && !ngx_http_profile_list_matches(plcf->list));

    rc = ngx_http_profile_search_match(r, plcf, s);

    if (rc == NGX_OK && query.len) {
        rc = ngx_http_profile_search_query(r, plcf, s, &query, message);
    }

    if (rc == NGX_OK && sort.len) {
        rc = ngx_http_profile_search_sort(r, plcf, s, &sort, message);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    ctx = ngx_http_profile_ctx_get(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    ctx->walk = &s->walk;

    return NGX_OK;
}


ngx_int_t
ngx_http_profile_search_asked(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_str_t *query, ngx_str_t *sort)
{
    ngx_int_t                      rc;
    ngx_http_profile_walk_conf_t  *walk;

    walk = plcf->walk;

    if (walk == NULL || !(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))
        || plcf->response.dry_run)
    {
        return NGX_DECLINED;
    }

    rc = ngx_http_profile_value_test(r, walk->filter);

    if (rc == NGX_OK) {
        rc = ngx_http_profile_value_test(r, plcf->response.rewrite->filter);
    }

    if (rc != NGX_OK) {
        return rc;
    }

    if (ngx_http_profile_text_plain(r, walk->query, query) != NGX_OK
        || ngx_http_profile_text_plain(r, walk->sort, sort) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (query->len == 0 && sort->len == 0
        && !ngx_http_profile_list_matches(plcf->list)
        && !(walk->count && ngx_http_profile_list_totals(r, plcf->list)))
    {
        return NGX_DECLINED;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_search_query(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_search_t *s,
    ngx_str_t *text, ngx_str_t *message)
{
    ngx_str_t               value;
    profile_str_t           query, narrow;
    profile_query_t        *q;
    profile_narrow_e        kind;
    ngx_pool_cleanup_t     *cln;
    const profile_str_t    *name;
    profile_query_error_t   error;

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    query.len = text->len;
    query.data = text->data;

    q = profile_query_create(&ngx_http_profile_alloc, &query, plcf->max_depth,
                             &error);

    if (q == NULL && error.column == 0) {
        return NGX_ERROR;
    }

    if (q == NULL) {
        message->data = ngx_pnalloc(r->pool, NGX_HTTP_PROFILE_SEARCH_MESSAGE);
        if (message->data == NULL) {
            return NGX_ERROR;
        }

        message->len = ngx_snprintf(message->data,
                                    NGX_HTTP_PROFILE_SEARCH_MESSAGE,
                                    "The argument \"q\" of the request is "
                                    "invalid: expected %*s at character %uz.",
                                    error.expected.len, error.expected.data,
                                    error.column)
                       - message->data;

        return NGX_DECLINED;
    }

    cln->handler = ngx_http_profile_search_cleanup;
    cln->data = q;

    s->walk.search.query = q;

    kind = profile_query_narrow(q, &narrow);

    if (kind == PROFILE_NARROW_NOT) {
        return NGX_OK;
    }

    name = profile_query_narrow_name(kind);

    value.len = narrow.len;
    value.data = (u_char *) narrow.data;

    /* what is to be a segment of a path */

    if (kind != PROFILE_NARROW_EMAIL
        && ngx_http_profile_user_id_test(&value) != NGX_OK)
    {
        return NGX_OK;
    }

    s->kind.len = name->len;
    s->kind.data = (u_char *) name->data;

    s->walk.narrow = 1;
    s->walk.single = (kind == PROFILE_NARROW_USER_ID);
    s->walk.absent = (kind == PROFILE_NARROW_USER_ID
                      || kind == PROFILE_NARROW_CONNECTION);

    return ngx_http_profile_uri_escape(r, &value, &s->value);
}


static void
ngx_http_profile_search_cleanup(void *data)
{
    profile_query_t *q = data;

    profile_query_destroy(q);
}


/* "NAME:1" or "NAME:-1" */

static ngx_int_t
ngx_http_profile_search_sort(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_search_t *s,
    ngx_str_t *text, ngx_str_t *message)
{
    u_char            *colon, *last;
    profile_search_t  *search;

    search = &s->walk.search;

    last = text->data + text->len;
    colon = ngx_strlchr(text->data, last, ':');

    if (colon == NULL || colon == text->data
        || ngx_strlchr(text->data, colon, '.') != NULL)
    {
        goto invalid;
    }

    if (last - colon == 3 && colon[1] == '-' && colon[2] == '1') {
        search->descending = 1;

    } else if (last - colon != 2 || colon[1] != '1') {
        goto invalid;
    }

    search->sort.data = text->data;
    search->sort.len = colon - text->data;
    search->sort_size = plcf->sort_buffer;

    if (ngx_http_profile_list_end(r, plcf->list)
        > NGX_HTTP_PROFILE_SEARCH_SORTED)
    {
        ngx_str_set(message, "You can only page through the first 1000 users "
                             "of a list that is sorted.");
        return NGX_DECLINED;
    }

    return NGX_OK;

invalid:

    ngx_str_set(message, "The argument \"sort\" of the request is invalid: "
                         "expected the name of an attribute, with \":1\" or "
                         "\":-1\" behind it.");

    return NGX_DECLINED;
}


/* a list of those who have one value for an attribute is a search for it */

static ngx_int_t
ngx_http_profile_search_match(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_search_t *s)
{
    ngx_str_t      name, value;
    profile_str_t  email;

    if (!ngx_http_profile_list_matches(plcf->list)) {
        return NGX_OK;
    }

    if (ngx_http_profile_list_match(r, plcf->list, &name, &value) != NGX_OK) {
        return NGX_ERROR;
    }

    email = *profile_query_narrow_name(PROFILE_NARROW_EMAIL);

    if (name.len != email.len
        || ngx_memcmp(name.data, email.data, email.len) != 0)
    {
        return NGX_OK;
    }

    s->kind = name;
    s->walk.narrow = 1;

    return ngx_http_profile_uri_escape(r, &value, &s->value);
}


char *
ngx_http_profile_search_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_profile_loc_conf_t *plcf = conf;

    char                          *rv;
    ngx_str_t                     *value;
    ngx_uint_t                     i;
    ngx_http_profile_walk_conf_t  *walk;

    if (plcf->walk) {
        return "is duplicate";
    }

    walk = ngx_pcalloc(cf->pool, sizeof(ngx_http_profile_walk_conf_t));
    if (walk == NULL) {
        return NGX_CONF_ERROR;
    }

    value = cf->args->elts;

    if (value[1].len == 0 || value[1].data[0] != '/') {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid URI \"%V\", expected that of an internal "
                           "location", &value[1]);
        return NGX_CONF_ERROR;
    }

    if (ngx_http_profile_value_compile(cf, &value[1], &walk->uri)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {
        rv = ngx_http_profile_search_parameter(cf, &value[i], walk);

        if (rv == NGX_CONF_OK) {
            continue;
        }

        if (rv != NGX_CONF_ERROR) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\", expected "
                               "\"query=value\", \"sort=value\", "
                               "\"size=users\", \"pages=number\", "
                               "\"parallel=1|2\", \"time=time\", "
                               "\"walks=number\", \"count=walk|probe\" "
                               "or \"if=value\", once each", &value[i]);
        }

        return NGX_CONF_ERROR;
    }

    ngx_http_profile_search_preset(&walk->size, 100);
    ngx_http_profile_search_preset(&walk->pages, 200);
    ngx_http_profile_search_preset(&walk->parallel, 1);
    ngx_http_profile_search_preset(&walk->walks, 8);
    ngx_http_profile_search_preset(&walk->time, 60000);

    walk->file = cf->conf_file->file.name.data;
    walk->line = cf->conf_file->line;

    plcf->walk = walk;

    return NGX_CONF_OK;
}


char *
ngx_http_profile_search_check(ngx_conf_t *cf,
    ngx_http_profile_loc_conf_t *plcf)
{
    char                        *expected;
    ngx_http_profile_rewrite_t  *rewrite;

    if (plcf->walk == NULL) {
        return NGX_CONF_OK;
    }

    rewrite = plcf->response.rewrite;

    if (plcf->list == NULL) {
        expected = "\"profile_list\"";

    } else if (rewrite == NULL || !rewrite->api_v2
               || rewrite->users != NGX_HTTP_PROFILE_USERS_REQUIRED)
    {
        expected = "\"profile_rewrite\" with \"api=v2\", of users";

    } else {
        return NGX_CONF_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "\"profile_walk\" needs a %s in the same location in %s:%ui",
                  expected, plcf->walk->file, plcf->walk->line);

    return NGX_CONF_ERROR;
}


/* it returns as ngx_http_profile_value_condition() */

static char *
ngx_http_profile_search_parameter(ngx_conf_t *cf, ngx_str_t *word,
    ngx_http_profile_walk_conf_t *walk)
{
    char        *rv;
    ngx_uint_t   i;

    const ngx_http_profile_value_name_t  values[] = {
        { "query=", &walk->query },
        { "sort=", &walk->sort },
        { "if=", &walk->filter },
        { NULL, NULL }
    };

    struct {
        const char                 *name;
        ngx_uint_t                  max;
        ngx_uint_t                 *n;
    } numbers[] = {
        { "size=", 1000, &walk->size },
        { "pages=", 1000000, &walk->pages },
        { "parallel=", 2, &walk->parallel },
        { "walks=", 65535, &walk->walks },
        { NULL, 0, NULL }
    };

    rv = ngx_http_profile_value_parameters(cf, word, values);

    if (rv == NGX_CONF_OK || rv == NGX_CONF_ERROR) {
        return rv;
    }

    for (i = 0; numbers[i].name; i++) {
        rv = ngx_http_profile_search_number(cf, word, numbers[i].name,
                                            numbers[i].max, numbers[i].n);

        if (rv == NGX_CONF_OK || rv == NGX_CONF_ERROR) {
            return rv;
        }
    }

    if (walk->count == NGX_HTTP_PROFILE_WALK_COUNT_OFF) {

        if (ngx_strcmp(word->data, "count=walk") == 0) {
            walk->count = NGX_HTTP_PROFILE_WALK_COUNT_WALK;
            return NGX_CONF_OK;
        }

        if (ngx_strcmp(word->data, "count=probe") == 0) {
            walk->count = NGX_HTTP_PROFILE_WALK_COUNT_PROBE;
            return NGX_CONF_OK;
        }
    }

    return ngx_http_profile_search_time(word, &walk->time);
}


/* from 1 to max, once; it returns as ngx_http_profile_value_condition() */

static char *
ngx_http_profile_search_number(ngx_conf_t *cf, ngx_str_t *word,
    const char *name, ngx_uint_t max, ngx_uint_t *n)
{
    size_t     len;
    ngx_int_t  number;

    len = ngx_strlen(name);

    if (ngx_strncmp(word->data, name, len) != 0 || *n) {
        return "is unknown";
    }

    number = ngx_atoi(word->data + len, word->len - len);

    if (number < 1 || (ngx_uint_t) number > max) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid number in \"%V\", expected 1 to %ui",
                           word, max);
        return NGX_CONF_ERROR;
    }

    *n = number;

    return NGX_CONF_OK;
}


static char *
ngx_http_profile_search_time(ngx_str_t *word, ngx_msec_t *time)
{
    ngx_int_t  msec;
    ngx_str_t  value;

    if (ngx_strncmp(word->data, "time=", 5) != 0 || *time) {
        return "is unknown";
    }

    value.data = word->data + 5;
    value.len = word->len - 5;

    msec = ngx_parse_time(&value, 0);

    if (msec == NGX_ERROR || msec == 0) {
        return "is no time";
    }

    *time = msec;

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_profile_search_number_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t                     *text;
    ngx_http_profile_walk_page_t  *page;

    page = ngx_http_profile_walk_page_find(r);

    if (page == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    text = &page->texts[data];

    return ngx_http_profile_variables_set(v, text->data, text->len);
}


/* the walk is that of the main request, and begins its context */

static ngx_int_t
ngx_http_profile_search_text_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_str_t               *text;
    ngx_http_profile_ctx_t  *ctx;

    ctx = ngx_http_get_module_ctx(r->main, ngx_http_profile_module);

    if (ctx == NULL || ctx->walk == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    text = (ngx_str_t *) ((u_char *) ctx->walk + data);

    return ngx_http_profile_variables_set(v, text->data, text->len);
}
