
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_value.h"
#include "http/ngx_http_profile_cache.h"
#include "http/ngx_http_profile_cors.h"
#include "http/ngx_http_profile_headers.h"


typedef struct {
    ngx_str_t                    key;
    ngx_str_t                    value;
    ngx_uint_t                   preflight;
} ngx_http_profile_cors_line_t;


struct ngx_http_profile_cors_s {
    ngx_str_t                    origin;       /* empty: none is allowed */
    ngx_uint_t                   preflight;
};


static ngx_uint_t ngx_http_profile_cors_is_origin(ngx_str_t *value);
static ngx_uint_t ngx_http_profile_cors_is_one(ngx_http_request_t *r);


static const ngx_str_t  ngx_http_profile_cors_names[] = {
    ngx_string("Access-Control-"),
    ngx_null_string
};


/*
 * The names of X-RateLimit-* are those of the real API, and what else a script
 * may have of a response is what browsers leave to it anyway.
 */

static const ngx_http_profile_cors_line_t  ngx_http_profile_cors_lines[] = {

    { ngx_string("Access-Control-Expose-Headers"),
      ngx_string("ETag, Retry-After, X-RateLimit-Limit, "
                 "X-RateLimit-Remaining, X-RateLimit-Reset, "
                 "X-Profile-Unreadable"), 0 },

    { ngx_string("Access-Control-Allow-Methods"),
      ngx_string("GET, HEAD, POST, PATCH, DELETE"), 1 },

    { ngx_string("Access-Control-Allow-Headers"),
      ngx_string("Authorization, Content-Type, Auth0-Client, If-Match"), 1 },

    { ngx_string("Access-Control-Max-Age"), ngx_string("600"), 1 },

    { ngx_null_string, ngx_null_string, 0 }
};


char *
ngx_http_profile_cors_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_profile_loc_conf_t *plcf = conf;

    ngx_str_t  *value;

    if (plcf->cors != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_strcmp(value[1].data, "off") == 0) {
        plcf->cors = NULL;
        return NGX_CONF_OK;
    }

    return ngx_http_profile_value_compile(cf, &value[1], &plcf->cors);
}


/*
 * The value is read once: what it is made of, such as a header of the upstream,
 * may be gone when the header is sent.
 */

ngx_int_t
ngx_http_profile_cors_find(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_uint_t preflight)
{
    ngx_int_t                 rc;
    ngx_str_t                 value;
    ngx_http_profile_ctx_t   *ctx;
    ngx_http_profile_cors_t  *cors;

    if (plcf->cors == NULL) {
        return NGX_DECLINED;
    }

    rc = ngx_http_profile_cache_find(r, plcf);

    if (rc != NGX_OK) {
        return rc;
    }

    ctx = ngx_http_profile_ctx_get(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    cors = ctx->cors;

    if (cors == NULL) {

        if (ngx_http_profile_value_get(r, plcf->cors, &value) != NGX_OK) {
            return NGX_ERROR;
        }

        cors = ngx_pcalloc(r->pool, sizeof(ngx_http_profile_cors_t));
        if (cors == NULL) {
            return NGX_ERROR;
        }

        if (ngx_http_profile_cors_is_origin(&value)
            && ngx_http_profile_cors_is_one(r))
        {
            cors->origin = value;
        }

        cors->preflight = preflight;

        ctx->cors = cors;
    }

    return cors->origin.len ? NGX_OK : NGX_DECLINED;
}


/*
 * One word of ASCII: several lines "Origin" are joined to a list.  "null" is
 * the origin of every sandbox and of every file.
 */

static ngx_uint_t
ngx_http_profile_cors_is_origin(ngx_str_t *value)
{
    size_t  i;

    if (value->len == 0
        || (value->len == 4
            && ngx_strncasecmp(value->data, (u_char *) "null", 4) == 0))
    {
        return 0;
    }

    for (i = 0; i < value->len; i++) {
        if (value->data[i] <= ' ' || value->data[i] >= 0x7f
            || value->data[i] == ',')
        {
            return 0;
        }
    }

    return 1;
}


/* nginx joins several lines since 1.23, and took the first one before */

static ngx_uint_t
ngx_http_profile_cors_is_one(ngx_http_request_t *r)
{
    ngx_uint_t        i, n;
    ngx_list_part_t  *part;

    static const ngx_str_t  names[] = {
        ngx_string("Origin"),
        ngx_null_string
    };

    part = &r->headers_in.headers.part;
    i = 0;

    for (n = 0; ngx_http_profile_headers_next(&part, &i, names); n++) {
        /* void */
    }

    return n <= 1;
}


ngx_int_t
ngx_http_profile_cors_header(ngx_http_request_t *r)
{
    ngx_http_profile_ctx_t              *ctx;
    ngx_http_profile_cors_t             *cors;
    const ngx_http_profile_cors_line_t  *line;

    static const ngx_str_t  allow = ngx_string("Access-Control-Allow-Origin");

    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);
    cors = ctx ? ctx->cors : NULL;

    if (cors == NULL) {
        return NGX_OK;
    }

    /* a header may be sent twice, the second time for an error page */

    ngx_http_profile_headers_remove(&r->headers_out.headers,
                                    ngx_http_profile_cors_names);

    if (cors->origin.len == 0) {
        return NGX_OK;
    }

    if (ngx_http_profile_headers_add(r, &allow, &cors->origin) != NGX_OK) {
        return NGX_ERROR;
    }

    for (line = ngx_http_profile_cors_lines; line->key.len; line++) {

        if (line->preflight == cors->preflight
            && ngx_http_profile_headers_add(r, &line->key, &line->value)
               != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
