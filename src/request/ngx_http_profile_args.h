
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_ARGS_H_INCLUDED_
#define _NGX_HTTP_PROFILE_ARGS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* $profile_arg_NAME and $profile_segment_NAME, ended by an empty name */

extern ngx_http_variable_t  ngx_http_profile_args_variables[];


/*
 * U2.2: looks at all arguments that the configuration reads.  Returns NGX_OK,
 * NGX_DECLINED with the name of the first that is not taken, or NGX_ERROR:
 * there is no memory.
 */
ngx_int_t ngx_http_profile_args_test(ngx_http_request_t *r, ngx_str_t *bad);

/*
 * Returns 1 if the argument of this name, as it stands in the query, is the
 * location's own: one of those that were looked at by the test above, or was
 * read by now through a variable of ours; else 0.
 */
ngx_uint_t ngx_http_profile_args_read(ngx_http_request_t *r, ngx_str_t *name);

/*
 * Once all is read: learns the names that it uses.  Returns NGX_OK, or
 * NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_args_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_PROFILE_ARGS_H_INCLUDED_ */
