
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_CTX_H_INCLUDED_
#define _NGX_HTTP_PROFILE_CTX_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


typedef struct ngx_http_profile_bag_s        ngx_http_profile_bag_t;
typedef struct ngx_http_profile_cors_s       ngx_http_profile_cors_t;
typedef struct ngx_http_profile_etag_s       ngx_http_profile_etag_t;
typedef struct ngx_http_profile_filter_s     ngx_http_profile_filter_t;
typedef struct ngx_http_profile_list_args_s  ngx_http_profile_list_args_t;
typedef struct ngx_http_profile_verdict_s    ngx_http_profile_verdict_t;
typedef struct ngx_http_profile_walk_s       ngx_http_profile_walk_t;


/* of one location: nginx takes it away with an internal redirect */

typedef struct {
    ngx_http_profile_filter_t     *filter;
    ngx_http_profile_verdict_t    *verdict;
    ngx_http_profile_list_args_t  *list;        /* NULL: not looked at */
    ngx_http_profile_etag_t       *etag;        /* NULL: no condition */
    ngx_http_profile_cors_t       *cors;        /* NULL: nothing is told */
    ngx_http_profile_walk_t       *walk;        /* NULL: the list is v1's */
    ngx_http_profile_bag_t        *bag;         /* NULL: none is read */
    ngx_str_t                     *args;        /* as in main_conf_t, escaped */
    u_char                        *args_read;   /* by arg_t; NULL: none */
    u_char                        *guard_uri;   /* that guard_v1 is of */
    unsigned                       guard_v1:1;
    unsigned                       answered:1;  /* by us, as it is */
    unsigned                       api:1;       /* the response is one of v2 */
} ngx_http_profile_ctx_t;


/* The context of a request, made if there is none; NULL: no memory. */
ngx_http_profile_ctx_t *ngx_http_profile_ctx_get(ngx_http_request_t *r);


#endif /* _NGX_HTTP_PROFILE_CTX_H_INCLUDED_ */
