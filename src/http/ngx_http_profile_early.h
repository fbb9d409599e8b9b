
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_EARLY_H_INCLUDED_
#define _NGX_HTTP_PROFILE_EARLY_H_INCLUDED_


#include "conf/ngx_http_profile_conf.h"


/* what variables were before values of a response are read with a request */

typedef struct {
    ngx_http_variable_value_t      *variables;
#if (NGX_PCRE)
    ngx_uint_t                      ncaptures;
    int                            *captures;
    u_char                         *captures_data;
    unsigned                        realloc_captures:1;
#endif
} ngx_http_profile_early_t;


/*
 * Once all is configured: which variables are known with the response only.
 * Returns NGX_OK, or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_early_init(ngx_cycle_t *cycle);

/* Before the values are read.  Returns NGX_OK, or NGX_ERROR: no memory. */
ngx_int_t ngx_http_profile_early_start(ngx_http_request_t *r,
    ngx_http_profile_early_t *early);

/*
 * After that.  Returns NGX_OK: they are those of the whole request, and their
 * variables keep them; NGX_DECLINED: one of them depends on the response, or
 * may, and all variables are again what they were.
 */
ngx_int_t ngx_http_profile_early_end(ngx_http_request_t *r,
    ngx_http_profile_early_t *early);


#endif /* _NGX_HTTP_PROFILE_EARLY_H_INCLUDED_ */
