
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_ETAG_H_INCLUDED_
#define _NGX_HTTP_PROFILE_ETAG_H_INCLUDED_


#include "http/ngx_http_profile_tag.h"
#include "record/ngx_http_profile_ctx.h"
#include "record/ngx_http_profile_record.h"


typedef enum {
    NGX_HTTP_PROFILE_ETAG_OFF = 0,              /* the response is v1 */
    NGX_HTTP_PROFILE_ETAG_ON,
    NGX_HTTP_PROFILE_ETAG_UNKNOWN               /* the upstream decides */
} ngx_http_profile_etag_scope_e;


/* what is known of the response when the request goes up */

struct ngx_http_profile_etag_s {
    ngx_http_profile_etag_scope_e   scope;
    uint64_t                        print;      /* of the representation */
    unsigned                        tagged:1;   /* it has a tag */
    unsigned                        asked:1;    /* for a 304 */
    unsigned                        compares:1; /* with a read of ours */
};


/*
 * The fingerprint of the representation that a location makes of its upstream's
 * for this request.  Returns NGX_OK; NGX_DECLINED: it has no tag; NGX_ERROR:
 * there is no memory.
 */
ngx_int_t ngx_http_profile_etag_print(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, uint64_t *print);

/*
 * Whether a tag of a client's is that which the response of a v1 call of ours,
 * a read, has as v2: where the call was made, or for the client's request.
 * Returns NGX_OK, NGX_DECLINED or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_etag_is(ngx_http_request_t *r,
    ngx_http_request_t *read, ngx_http_profile_tag_t *asked);

/*
 * H2.2: gives the response of a main request its own entity tag, and no date;
 * holds: its "if=" does.  Returns NGX_OK; NGX_DECLINED: a 304, but not to what
 * the client has; NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_etag_response(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_uint_t holds);


#endif /* _NGX_HTTP_PROFILE_ETAG_H_INCLUDED_ */
