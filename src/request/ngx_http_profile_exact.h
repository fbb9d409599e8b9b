
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_EXACT_H_INCLUDED_
#define _NGX_HTTP_PROFILE_EXACT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * A handler of the precontent phase, behind the plan's (M8): where the response
 * is to be made by v1's bag, this is read before v1 is asked for the user.
 * Returns NGX_DECLINED: it has been, or is not needed; NGX_AGAIN: the call is
 * under way; NGX_DONE: the request has been answered; NGX_ERROR, or a status.
 */
ngx_int_t ngx_http_profile_exact_handler(ngx_http_request_t *r);


#endif /* _NGX_HTTP_PROFILE_EXACT_H_INCLUDED_ */
