
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_SEARCH_H_INCLUDED_
#define _NGX_HTTP_PROFILE_SEARCH_H_INCLUDED_


#include "conf/ngx_http_profile_conf.h"
#include "http/ngx_http_profile_walk.h"


/* what a list of v2 is asked for that v1 cannot say (U10) */

typedef struct {
    ngx_http_profile_walk_t         walk;
    ngx_str_t                       kind;       /* of a narrower call */
    ngx_str_t                       value;      /* of it, escaped */
} ngx_http_profile_search_t;


extern ngx_http_variable_t  ngx_http_profile_search_variables[];


/* The directive "profile_walk". */
char *ngx_http_profile_search_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Whether there is a list in the location.  Returns NGX_CONF_OK, or
 * NGX_CONF_ERROR, the log having been told.
 */
char *ngx_http_profile_search_check(ngx_conf_t *cf,
    ngx_http_profile_loc_conf_t *plcf);

/*
 * Whether something is asked for that v1 cannot say, and is wanted of it.
 * Returns NGX_OK; NGX_DECLINED: no; NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_search_asked(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_str_t *query, ngx_str_t *sort);

/*
 * Reads what is asked for (U10.1, U10.4).  Returns NGX_OK; NGX_DECLINED: it
 * cannot be understood, *message says why; NGX_ERROR: there is no memory.
 * ctx->walk, the beginning of a search, is set where v1 cannot answer itself.
 */
ngx_int_t ngx_http_profile_search(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_str_t *message);


#endif /* _NGX_HTTP_PROFILE_SEARCH_H_INCLUDED_ */
