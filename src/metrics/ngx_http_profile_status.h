
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_STATUS_H_INCLUDED_
#define _NGX_HTTP_PROFILE_STATUS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* The directive "profile_status". */
char *ngx_http_profile_status_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);


#endif /* _NGX_HTTP_PROFILE_STATUS_H_INCLUDED_ */
