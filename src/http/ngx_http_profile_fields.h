
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_FIELDS_H_INCLUDED_
#define _NGX_HTTP_PROFILE_FIELDS_H_INCLUDED_


#include "conf/ngx_http_profile_conf.h"
#include "core/response/profile_user.h"


/* The directive "profile_fields". */
char *ngx_http_profile_fields_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * U5.1, U5.7: returns NGX_OK, NGX_DECLINED with the name of the argument that
 * is wrong, or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_fields_test(ngx_http_request_t *r,
    ngx_http_profile_fields_t *fields, ngx_str_t *bad);

/*
 * U5.3, U5.7: tells the view which members to show; they live as long as the
 * request.  Returns NGX_OK, or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_fields_view(ngx_http_request_t *r,
    ngx_http_profile_fields_t *fields, profile_view_t *view);


#endif /* _NGX_HTTP_PROFILE_FIELDS_H_INCLUDED_ */
