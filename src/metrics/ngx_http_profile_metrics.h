
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_METRICS_H_INCLUDED_
#define _NGX_HTTP_PROFILE_METRICS_H_INCLUDED_


#include "metrics/ngx_http_profile_counters.h"


/* The directive "profile_metrics". */
char *ngx_http_profile_metrics_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * The handler of the log phase: adds what the record says to its zone.  Returns
 * NGX_OK.
 */
ngx_int_t ngx_http_profile_metrics_handler(ngx_http_request_t *r);

/* What a write was that the guard has judged so. */
ngx_http_profile_write_e ngx_http_profile_metrics_write_result(
    profile_reason_e reason);


#endif /* _NGX_HTTP_PROFILE_METRICS_H_INCLUDED_ */
