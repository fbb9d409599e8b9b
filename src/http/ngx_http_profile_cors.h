
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_CORS_H_INCLUDED_
#define _NGX_HTTP_PROFILE_CORS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_conf.h"
#include "record/ngx_http_profile_ctx.h"


/* what browsers are told of who may call the v2 API (U8) */

/* The directive "profile_cors". */
char *ngx_http_profile_cors_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Finds out what the client of a v2 call is told, and keeps it for the header
 * that is sent in the end; preflight: of what it may ask, too.  Returns NGX_OK:
 * an origin is allowed; NGX_DECLINED: none is, or it is no v2 call; NGX_ERROR:
 * there is no memory.
 */
ngx_int_t ngx_http_profile_cors_find(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_uint_t preflight);

/*
 * Adds what has been found, if anything, to the header of the response, in
 * place of what it says of the kind.  Returns NGX_OK, or NGX_ERROR: there is no
 * memory.
 */
ngx_int_t ngx_http_profile_cors_header(ngx_http_request_t *r);


#endif /* _NGX_HTTP_PROFILE_CORS_H_INCLUDED_ */
