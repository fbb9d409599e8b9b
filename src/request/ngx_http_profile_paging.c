
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "http/ngx_http_profile_list.h"
#include "record/ngx_http_profile_variables.h"
#include "request/ngx_http_profile_paging.h"


/* as ngx_http_profile_list_asked() counts them */

typedef enum {
    NGX_HTTP_PROFILE_PAGING_PAGE = 0,
    NGX_HTTP_PROFILE_PAGING_PER_PAGE,
    NGX_HTTP_PROFILE_PAGING_OFFSET
} ngx_http_profile_paging_number_e;


static ngx_int_t ngx_http_profile_paging_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);


ngx_http_variable_t  ngx_http_profile_paging_variables[] = {

    { ngx_string("profile_page"), NULL,
      ngx_http_profile_paging_variable, NGX_HTTP_PROFILE_PAGING_PAGE,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_per_page"), NULL,
      ngx_http_profile_paging_variable, NGX_HTTP_PROFILE_PAGING_PER_PAGE,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("profile_offset"), NULL,
      ngx_http_profile_paging_variable, NGX_HTTP_PROFILE_PAGING_OFFSET,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


static ngx_int_t
ngx_http_profile_paging_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_int_t                     rc;
    ngx_str_t                     text;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    rc = ngx_http_profile_list_asked(r, plcf->list, data, &text);

    if (rc == NGX_ERROR) {
        return NGX_ERROR;
    }

    if (rc == NGX_DECLINED) {
        v->not_found = 1;
        return NGX_OK;
    }

    return ngx_http_profile_variables_set(v, text.data, text.len);
}
