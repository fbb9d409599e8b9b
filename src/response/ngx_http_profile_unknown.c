
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_conf.h"
#include "core/response/profile_user.h"
#include "response/ngx_http_profile_unknown.h"


/* of each worker: providers that the log has been told of */
#define NGX_HTTP_PROFILE_UNKNOWN  32


struct ngx_http_profile_unknown_s {
    ngx_uint_t  n;
    ngx_uint_t  len[NGX_HTTP_PROFILE_UNKNOWN];
    u_char      names[NGX_HTTP_PROFILE_UNKNOWN][PROFILE_PROVIDER_MAX];
};


/*
 * This is the one part of the configuration that requests write to, each
 * worker its own copy.
 */

void
ngx_http_profile_unknown_tell(void *data, const u_char *name, size_t len)
{
    ngx_http_request_t *r = data;

    u_char                        *last, text[3 * PROFILE_PROVIDER_MAX];
    ngx_uint_t                     i;
    ngx_http_profile_unknown_t    *unknown;
    ngx_http_profile_loc_conf_t   *plcf;
    ngx_http_profile_main_conf_t  *pmcf;

    pmcf = ngx_http_get_module_main_conf(r, ngx_http_profile_module);

    unknown = pmcf->unknown;

    for (i = 0; i < unknown->n; i++) {

        if (unknown->len[i] == len
            && ngx_memcmp(unknown->names[i], name, len) == 0)
        {
            return;
        }
    }

    if (i == NGX_HTTP_PROFILE_UNKNOWN) {
        return;
    }

    unknown->n++;
    unknown->len[i] = len;
    ngx_memcpy(unknown->names[i], name, len);

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    last = (u_char *) ngx_escape_uri(text, (u_char *) name, len,
                                     NGX_ESCAPE_URI_COMPONENT);

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "profile filter: the schema \"%V\" has no provider "
                  "\"%*s\"", &plcf->response.rewrite->schema->name,
                  (size_t) (last - text), text);
}


ngx_int_t
ngx_http_profile_unknown_init(ngx_conf_t *cf)
{
    ngx_http_profile_main_conf_t  *pmcf;

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_profile_module);

    pmcf->unknown = ngx_pcalloc(cf->pool, sizeof(ngx_http_profile_unknown_t));

    return pmcf->unknown ? NGX_OK : NGX_ERROR;
}
