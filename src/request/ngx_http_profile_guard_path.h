
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_GUARD_PATH_H_INCLUDED_
#define _NGX_HTTP_PROFILE_GUARD_PATH_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* $profile_guard_v1 (U7.6), ended by an empty name */

extern ngx_http_variable_t  ngx_http_profile_guard_path_variables[];


#endif /* _NGX_HTTP_PROFILE_GUARD_PATH_H_INCLUDED_ */
