
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_USER_ID_H_INCLUDED_
#define _NGX_HTTP_PROFILE_USER_ID_H_INCLUDED_


#include "record/ngx_http_profile_record.h"


/* $profile_user_id and $profile_user_id_escaped, ended by an empty name */

extern ngx_http_variable_t  ngx_http_profile_user_id_variables[];


/* The directive "profile_user_id". */
char *ngx_http_profile_user_id_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * The id in the path of the request (U2.1), allocated from its pool; record
 * may be NULL.  Returns NGX_OK, NGX_DECLINED where the path names no user, or
 * NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_user_id_get(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, ngx_http_profile_template_t *t,
    ngx_http_profile_id_t *id);

/*
 * Whether an unescaped text may be a segment of a path (U2.1).  Returns NGX_OK
 * or NGX_DECLINED.
 */
ngx_int_t ngx_http_profile_user_id_test(ngx_str_t *id);


#endif /* _NGX_HTTP_PROFILE_USER_ID_H_INCLUDED_ */
