
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_VARIABLES_H_INCLUDED_
#define _NGX_HTTP_PROFILE_VARIABLES_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* what the record says, ended by an empty name */

extern ngx_http_variable_t  ngx_http_profile_variables[];


/* Adds a table.  Returns NGX_OK, or NGX_ERROR, the log having been told. */
ngx_int_t ngx_http_profile_variables_add(ngx_conf_t *cf,
    ngx_http_variable_t *table);

/* Sets a value, whose bytes live as long as the request.  Returns NGX_OK. */
ngx_int_t ngx_http_profile_variables_set(ngx_http_variable_value_t *v,
    const u_char *data, size_t len);


#endif /* _NGX_HTTP_PROFILE_VARIABLES_H_INCLUDED_ */
