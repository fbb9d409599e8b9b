
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_LIST_SLOT_H_INCLUDED_
#define _NGX_HTTP_PROFILE_LIST_SLOT_H_INCLUDED_


#include "conf/ngx_http_profile_conf.h"


struct ngx_http_profile_list_s {
    ngx_http_complex_value_t     *page;
    ngx_http_complex_value_t     *per_page;
    ngx_http_complex_value_t     *totals;
    ngx_http_complex_value_t     *total;
    ngx_http_complex_value_t     *match;
    ngx_str_t                     match_name;
    ngx_str_t                     entries;      /* empty: users */
    profile_path_t                total_member;
    ngx_uint_t                    first;        /* page of v1's */
    u_char                       *file;
    ngx_uint_t                    line;
    unsigned                      has_first:1;
};


/* The directive "profile_list". */
char *ngx_http_profile_list_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Whether "total_member=" can be found, once all directives are known.  Returns
 * NGX_CONF_OK, or NGX_CONF_ERROR, the log having been told.
 */
char *ngx_http_profile_list_slot_check(ngx_conf_t *cf,
    ngx_http_profile_loc_conf_t *plcf);


#endif /* _NGX_HTTP_PROFILE_LIST_SLOT_H_INCLUDED_ */
