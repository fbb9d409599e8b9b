
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_CAPTURE_H_INCLUDED_
#define _NGX_HTTP_PROFILE_CAPTURE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "core/profile_core.h"
#include "http/ngx_http_profile_inflate.h"


/* a response of v1 that is read, and not passed on */

typedef struct {
    ngx_http_profile_inflate_t     *inflate;
    ngx_uint_t                      status;     /* 0: not known yet */
    profile_buf_t                   body;
    size_t                          limit;      /* of body */
    const profile_sink_t           *sink;       /* of a success; NULL: unread */
    size_t                          unpacked;   /* that the sink was given */
    profile_reason_e                reason;     /* why it has no more */
    unsigned                        upstream:1; /* the status is its own */
    unsigned                        complete:1;
    unsigned                        truncated:1;
} ngx_http_profile_capture_t;


/*
 * An empty capture, whose memory is given back with the request.  Returns
 * NGX_OK, or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_capture_start(ngx_http_request_t *r,
    ngx_http_profile_capture_t *capture);

/* Empties it for the next response: the body of a success goes to the sink. */
void ngx_http_profile_capture_reset(ngx_http_profile_capture_t *capture,
    const profile_sink_t *sink);

/*
 * In place of the header filters and of the body filters.  Both return NGX_OK,
 * or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_capture_header(ngx_http_request_t *r,
    ngx_http_profile_capture_t *capture);
ngx_int_t ngx_http_profile_capture_body(ngx_http_profile_capture_t *capture,
    ngx_chain_t *in);

/* What was read is none of it: a body that was malformed. */
void ngx_http_profile_capture_forget(ngx_http_profile_capture_t *capture);


#endif /* _NGX_HTTP_PROFILE_CAPTURE_H_INCLUDED_ */
