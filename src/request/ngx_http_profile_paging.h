
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_PAGING_H_INCLUDED_
#define _NGX_HTTP_PROFILE_PAGING_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * $profile_page, $profile_per_page, $profile_offset: what v1 is to be asked for
 * (U5.8).
 */
extern ngx_http_variable_t  ngx_http_profile_paging_variables[];


#endif /* _NGX_HTTP_PROFILE_PAGING_H_INCLUDED_ */
