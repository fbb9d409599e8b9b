
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_UNKNOWN_H_INCLUDED_
#define _NGX_HTTP_PROFILE_UNKNOWN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * For profile_notice_t, data being the request: tells the log what the schema
 * lacks, once in each worker.
 */
void ngx_http_profile_unknown_tell(void *data, const u_char *name, size_t len);

/* Returns NGX_OK, or NGX_ERROR: there is no memory. */
ngx_int_t ngx_http_profile_unknown_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_PROFILE_UNKNOWN_H_INCLUDED_ */
