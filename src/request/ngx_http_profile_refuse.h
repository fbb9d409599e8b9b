
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_REFUSE_H_INCLUDED_
#define _NGX_HTTP_PROFILE_REFUSE_H_INCLUDED_


#include "record/ngx_http_profile_record.h"


/*
 * Refuses a write for this reason: in the record, in the log, and with an
 * answer (H5.11).  refused has the names, or is NULL; message is plain text,
 * or NULL where what there is to say of the reason is enough.  Returns
 * NGX_DONE; NGX_DECLINED: it is a dry run, and the request goes on; NGX_ERROR:
 * there is no memory.
 */
ngx_int_t ngx_http_profile_refuse(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, profile_reason_e reason,
    const profile_refused_t *refused, const profile_str_t *message);

/*
 * The same for a request that is refused whatever it writes: neither the log
 * is told, nor is there a dry run.  Returns NGX_DONE, or NGX_ERROR.
 */
ngx_int_t ngx_http_profile_refuse_request(ngx_http_request_t *r,
    profile_reason_e reason, const profile_str_t *message);


#endif /* _NGX_HTTP_PROFILE_REFUSE_H_INCLUDED_ */
