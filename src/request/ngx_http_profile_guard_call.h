
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_GUARD_CALL_H_INCLUDED_
#define _NGX_HTTP_PROFILE_GUARD_CALL_H_INCLUDED_


#include "record/ngx_http_profile_record.h"
#include "core/request/profile_guard.h"


/* calls for one user, whose id the body says: "mode=call" (H5.15) */

/*
 * One of the parameters of that mode.  Returns NGX_CONF_OK, NGX_CONF_ERROR,
 * the log having been told, or another text where the word is none of them.
 */
char *ngx_http_profile_guard_call_parameter(ngx_conf_t *cf, ngx_str_t *word,
    ngx_http_profile_guard_t *guard);

/* Whether a location of that mode has all that it needs, and nothing else. */
char *ngx_http_profile_guard_call_check(ngx_conf_t *cf,
    ngx_http_profile_loc_conf_t *plcf);

/*
 * Gives the record what the call is made of: the id, and the body for v1.
 * Returns PROFILE_OK, PROFILE_ID where a path cannot have the id (U2.1), or
 * PROFILE_NO_MEMORY.
 */
profile_reason_e ngx_http_profile_guard_call_take(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, profile_guard_t *guard);


#endif /* _NGX_HTTP_PROFILE_GUARD_CALL_H_INCLUDED_ */
