
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "http/ngx_http_profile_cors.h"
#include "http/ngx_http_profile_headers.h"
#include "request/ngx_http_profile_preflight.h"


static ngx_uint_t ngx_http_profile_preflight_asked(ngx_http_request_t *r);


static const ngx_str_t  ngx_http_profile_preflight_names[] = {
    ngx_string("Access-Control-Request-Method"),
    ngx_null_string
};


ngx_int_t
ngx_http_profile_preflight_handler(ngx_http_request_t *r)
{
    ngx_int_t                     rc;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    if (plcf->cors == NULL || !ngx_http_profile_preflight_asked(r)) {
        return NGX_DECLINED;
    }

    rc = ngx_http_profile_cors_find(r, plcf, 1);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    r->headers_out.status = NGX_HTTP_NO_CONTENT;
    r->header_only = 1;

    return ngx_http_send_header(r);
}


static ngx_uint_t
ngx_http_profile_preflight_asked(ngx_http_request_t *r)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;

    if (r->method != NGX_HTTP_OPTIONS) {
        return 0;
    }

    part = &r->headers_in.headers.part;
    i = 0;

    return ngx_http_profile_headers_next(&part, &i,
                                         ngx_http_profile_preflight_names)
           != NULL;
}
