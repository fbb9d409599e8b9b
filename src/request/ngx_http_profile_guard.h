
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_GUARD_H_INCLUDED_
#define _NGX_HTTP_PROFILE_GUARD_H_INCLUDED_


#include "record/ngx_http_profile_ctx.h"
#include "record/ngx_http_profile_record.h"


/* what was found out about a request of this location */

struct ngx_http_profile_verdict_s {
    profile_guard_t              *guard;        /* NULL: nothing was judged */
    profile_reason_e              reason;
    ngx_str_t                     argument;     /* of PROFILE_QUERY */
    ngx_http_profile_record_t    *record;
    unsigned                      needed:1;     /* a body */
    unsigned                      done:1;
};


/* The directive "profile_guard". */
char *ngx_http_profile_guard_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Judges the request, of whose location the guard is on; needed: what is made
 * of it needs a body.  Returns NGX_OK with the verdict, whose reason is
 * PROFILE_ALLOWED, PROFILE_NO_BODY or why it is refused; NGX_DECLINED: there
 * is nothing to judge here; NGX_DONE: the body is being read, and the phases
 * are run when it is there; NGX_ERROR, or a status.
 */
ngx_int_t ngx_http_profile_guard(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, ngx_uint_t needed,
    ngx_http_profile_verdict_t **verdict);

/* Gives the memory of what was read back, which is not wanted any more. */
void ngx_http_profile_guard_release(ngx_http_profile_verdict_t *verdict);


#endif /* _NGX_HTTP_PROFILE_GUARD_H_INCLUDED_ */
