
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_value.h"
#include "http/ngx_http_profile_list_slot.h"


#define NGX_HTTP_PROFILE_MAX_FIRST  1000


static char *ngx_http_profile_list_slot_parameter(ngx_conf_t *cf,
    ngx_str_t *word, ngx_http_profile_list_t *list);
static char *ngx_http_profile_list_slot_match(ngx_conf_t *cf,
    ngx_str_t *word, ngx_http_profile_list_t *list);
static char *ngx_http_profile_list_slot_first(ngx_conf_t *cf,
    ngx_str_t *word, ngx_http_profile_list_t *list);
static ngx_int_t ngx_http_profile_list_slot_entries(ngx_str_t *word,
    ngx_str_t *name);


char *
ngx_http_profile_list_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_profile_loc_conf_t *plcf = conf;

    char                     *rv;
    ngx_str_t                *value;
    ngx_uint_t                i;
    ngx_http_profile_list_t  *list;

    if (plcf->list) {
        return "is duplicate";
    }

    list = ngx_pcalloc(cf->pool, sizeof(ngx_http_profile_list_t));
    if (list == NULL) {
        return NGX_CONF_ERROR;
    }

    list->file = cf->conf_file->file.name.data;
    list->line = cf->conf_file->line;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {
        rv = ngx_http_profile_list_slot_parameter(cf, &value[i], list);

        if (rv == NGX_CONF_OK) {
            continue;
        }

        if (rv != NGX_CONF_ERROR) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\", expected "
                               "\"page=value\", \"per_page=value\", "
                               "\"totals=value\", \"total=value\", "
                               "\"total_member=PATH\", \"first_page=number\", "
                               "\"match=NAME:value\" or \"entries=NAME\", "
                               "once each", &value[i]);
        }

        return NGX_CONF_ERROR;
    }

    plcf->list = list;

    return NGX_CONF_OK;
}


/* it returns as ngx_http_profile_value_condition() */

static char *
ngx_http_profile_list_slot_parameter(ngx_conf_t *cf, ngx_str_t *word,
    ngx_http_profile_list_t *list)
{
    char  *rv;

    const ngx_http_profile_value_name_t  values[] = {
        { "page=", &list->page },
        { "per_page=", &list->per_page },
        { "totals=", &list->totals },
        { "total=", &list->total },
        { NULL, NULL }
    };

    rv = ngx_http_profile_value_parameters(cf, word, values);

    if (rv == NGX_CONF_OK || rv == NGX_CONF_ERROR) {
        return rv;
    }

    if (ngx_strncmp(word->data, "entries=", 8) == 0
        && ngx_http_profile_list_slot_entries(word, &list->entries) == NGX_OK)
    {
        return NGX_CONF_OK;
    }

    if (ngx_strncmp(word->data, "match=", 6) == 0 && list->match == NULL) {
        return ngx_http_profile_list_slot_match(cf, word, list);
    }

    if (ngx_strncmp(word->data, "first_page=", 11) == 0 && !list->has_first) {
        return ngx_http_profile_list_slot_first(cf, word, list);
    }

    return ngx_http_profile_value_path(cf, "total_member=", word,
                                       PROFILE_PATH_MAX,
                                       &list->total_member);
}


static char *
ngx_http_profile_list_slot_match(ngx_conf_t *cf, ngx_str_t *word,
    ngx_http_profile_list_t *list)
{
    u_char     *colon;
    ngx_str_t   name, s;

    name.data = word->data + 6;

    colon = (u_char *) ngx_strchr(name.data, ':');

    if (colon == NULL || colon == name.data) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid \"%V\", expected \"match=NAME:value\"",
                           word);
        return NGX_CONF_ERROR;
    }

    name.len = colon - name.data;
    list->match_name = name;

    s.data = colon + 1;
    s.len = word->data + word->len - s.data;

    return ngx_http_profile_value_compile(cf, &s, &list->match);
}


static char *
ngx_http_profile_list_slot_first(ngx_conf_t *cf, ngx_str_t *word,
    ngx_http_profile_list_t *list)
{
    ngx_int_t  n;

    n = ngx_atoi(word->data + 11, word->len - 11);

    if (n == NGX_ERROR || n > NGX_HTTP_PROFILE_MAX_FIRST) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid number in \"%V\", expected 0 to %d",
                           word, NGX_HTTP_PROFILE_MAX_FIRST);
        return NGX_CONF_ERROR;
    }

    list->first = n;
    list->has_first = 1;

    return NGX_CONF_OK;
}


char *
ngx_http_profile_list_slot_check(ngx_conf_t *cf,
    ngx_http_profile_loc_conf_t *plcf)
{
    ngx_http_profile_list_t     *list;
    ngx_http_profile_rewrite_t  *rewrite;

    list = plcf->list;

    if (list == NULL || list->total_member.n == 0) {
        return NGX_CONF_OK;
    }

    rewrite = plcf->response.rewrite;

    if (rewrite == NULL || !rewrite->api_v2 || rewrite->envelope.n == 0) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"profile_list\" with \"total_member=\" needs a "
                      "\"profile_rewrite\" with \"api=v2\" and "
                      "\"envelope=\" in the same location in %s:%ui",
                      list->file, list->line);
        return NGX_CONF_ERROR;
    }

    if (profile_path_meets(&list->total_member, &rewrite->envelope)) {
        ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                      "\"profile_list\" with a \"total_member=\" that is on "
                      "the path of \"envelope=\" in %s:%ui",
                      list->file, list->line);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


/* a name that needs no escapes in JSON, once */

static ngx_int_t
ngx_http_profile_list_slot_entries(ngx_str_t *word, ngx_str_t *name)
{
    u_char  *p, *last;

    p = word->data + 8;
    last = word->data + word->len;

    if (p == last || name->len) {
        return NGX_DECLINED;
    }

    name->data = p;

    for ( /* void */ ; p < last; p++) {
        if (*p <= ' ' || *p >= 0x7f || *p == '"' || *p == '\\') {
            return NGX_DECLINED;
        }
    }

    name->len = last - name->data;

    return NGX_OK;
}
