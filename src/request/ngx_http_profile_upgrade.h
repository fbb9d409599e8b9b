
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_UPGRADE_H_INCLUDED_
#define _NGX_HTTP_PROFILE_UPGRADE_H_INCLUDED_


#include "record/ngx_http_profile_record.h"


/* The directive "profile_call". */
char *ngx_http_profile_upgrade_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * What calls need can be inherited, so it is known when all is read.  Returns
 * NGX_CONF_OK, or NGX_CONF_ERROR, the log having been told.
 */
char *ngx_http_profile_upgrade_check(ngx_conf_t *cf,
    ngx_http_profile_loc_conf_t *plcf);

/* Returns 1 if the request is a write that becomes calls of v1 (U1), else 0. */
ngx_uint_t ngx_http_profile_upgrade_wanted(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);

/*
 * Runs once the guard has allowed the body, and again each time that a call is
 * done (U7.2).  What it returns is for the phases: NGX_AGAIN while a call is
 * under way, NGX_DONE when the request has been answered or sent on, or
 * NGX_ERROR.
 */
ngx_int_t ngx_http_profile_upgrade(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, profile_guard_t *guard);


#endif /* _NGX_HTTP_PROFILE_UPGRADE_H_INCLUDED_ */
