
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_UNREADABLE_H_INCLUDED_
#define _NGX_HTTP_PROFILE_UNREADABLE_H_INCLUDED_


#include "response/ngx_http_profile_response.h"


/* For profile_unreadable_pt, data being the request: tells the log (M6.5). */
void ngx_http_profile_unreadable_tell(void *data,
    const profile_unreadable_t *user);

/*
 * The header that tells the client how many have been left out, if any.
 * Returns NGX_OK, or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_unreadable_header(ngx_http_request_t *r,
    ngx_uint_t n);


#endif /* _NGX_HTTP_PROFILE_UNREADABLE_H_INCLUDED_ */
