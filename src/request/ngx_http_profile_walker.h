
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_WALKER_H_INCLUDED_
#define _NGX_HTTP_PROFILE_WALKER_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * The last handler of the precontent phase (U10.2): where ctx->walk says that
 * v1 cannot answer in one call, its pages are read one after another, and are
 * the response.  Returns NGX_DECLINED: it can; NGX_DONE: the response is under
 * way, or was another one; NGX_ERROR or a status.
 */
ngx_int_t ngx_http_profile_walker_handler(ngx_http_request_t *r);


#endif /* _NGX_HTTP_PROFILE_WALKER_H_INCLUDED_ */
