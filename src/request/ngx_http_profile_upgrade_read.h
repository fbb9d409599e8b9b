
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_UPGRADE_READ_H_INCLUDED_
#define _NGX_HTTP_PROFILE_UPGRADE_READ_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_conf.h"
#include "core/request/profile_upgrade.h"
#include "core/response/profile_rewriter.h"
#include "http/ngx_http_profile_bag.h"
#include "http/ngx_http_profile_call.h"


/* what is read before the first write: the user as v2 shows it, or the bag */

typedef struct {
    profile_upgrade_t              *plan;
    ngx_http_profile_loc_conf_t    *plcf;       /* of the v2 call */
    ngx_http_profile_call_t        *call;       /* NULL: it is the bag's */
    profile_rewriter_t             *rewriter;   /* NULL: nothing has come */
    profile_exact_t                *exact;      /* M8; NULL: none */
    ngx_http_profile_bag_t         *bag;        /* U3.11; NULL: none */
    profile_sink_t                  out;        /* of the rewriter */
    profile_sink_t                  sink;       /* of the response */
} ngx_http_profile_upgrade_read_t;


/*
 * Begins to read what the step asks for: the response goes to read->sink.  That
 * of a user, who is asked for by the call, is in what the location of the call
 * says (M1.3, M1.6); the bag's is read as it is.  Returns NGX_OK, or NGX_ERROR:
 * there is no memory.
 */
ngx_int_t ngx_http_profile_upgrade_read_start(ngx_http_request_t *r,
    ngx_http_profile_upgrade_read_t *read, ngx_http_profile_loc_conf_t *plcf,
    profile_upgrade_t *plan, const profile_call_t *step,
    ngx_http_profile_call_t *call);

/* The response has ended.  Returns PROFILE_OK, or why it cannot be read. */
profile_reason_e ngx_http_profile_upgrade_read_end(
    ngx_http_profile_upgrade_read_t *read);


#endif /* _NGX_HTTP_PROFILE_UPGRADE_READ_H_INCLUDED_ */
