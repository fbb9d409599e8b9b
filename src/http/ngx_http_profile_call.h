
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_CALL_H_INCLUDED_
#define _NGX_HTTP_PROFILE_CALL_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "http/ngx_http_profile_capture.h"


/* a v1 call: a subrequest, and what v1 said */

typedef struct {
    ngx_http_request_t             *request;    /* the subrequest */
    ngx_http_profile_capture_t      capture;
    unsigned                        done:1;
    unsigned                        client_error:1;
} ngx_http_profile_call_t;


/*
 * Makes a call to the internal location of its URI, which knows the path and
 * the method on the wire.  Returns NGX_OK, call->done being set and the phases
 * of the main request run when it has been answered, or NGX_ERROR.
 */
ngx_int_t ngx_http_profile_call(ngx_http_request_t *r,
    ngx_http_profile_call_t *call, ngx_str_t *uri, ngx_uint_t write);

/*
 * Gives the request a list of headers without those that belong to the v2 call
 * (U2.3).  Returns NGX_OK, or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_call_headers(ngx_http_request_t *r);

/* Ends the request whose client has left during a call.  Returns NGX_DONE. */
ngx_int_t ngx_http_profile_call_left(ngx_http_request_t *r);

/* The call whose subrequest this is, or NULL (U7.4). */
ngx_http_profile_call_t *ngx_http_profile_call_find(ngx_http_request_t *r);


#endif /* _NGX_HTTP_PROFILE_CALL_H_INCLUDED_ */
