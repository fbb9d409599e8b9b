
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_STAND_IN_H_INCLUDED_
#define _NGX_HTTP_PROFILE_STAND_IN_H_INCLUDED_


#include "response/ngx_http_profile_response.h"


/*
 * Sends the header of a success whose body is that of "answer=" (U9.4): what v1
 * says in its place is dropped by the body filter.  Returns as a header filter
 * does.
 */
ngx_int_t ngx_http_profile_stand_in(ngx_http_request_t *r,
    ngx_http_profile_rewrite_t *rewrite, ngx_http_profile_record_t *record);


#endif /* _NGX_HTTP_PROFILE_STAND_IN_H_INCLUDED_ */
