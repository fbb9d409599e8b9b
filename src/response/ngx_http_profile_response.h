
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_RESPONSE_H_INCLUDED_
#define _NGX_HTTP_PROFILE_RESPONSE_H_INCLUDED_


#include "core/response/profile_rewriter.h"
#include "http/ngx_http_profile_capture.h"
#include "http/ngx_http_profile_walk.h"
#include "record/ngx_http_profile_ctx.h"
#include "record/ngx_http_profile_record.h"


/*
 * A response under way.  Who may call whom: filter > dry_run, tunnel > fail,
 * stand_in > rewrite > output > input, turn.
 */

/* r->buffered has four bits: SSI has 1, sub 2, copy 4 */
#define NGX_HTTP_PROFILE_BUFFERED   0x08

/* what may wait for the client once the header is out */
#define NGX_HTTP_PROFILE_BUSY_SIZE  65536

/* of an output buffer */
#define NGX_HTTP_PROFILE_BUF_SIZE   16384


typedef enum {
    NGX_HTTP_PROFILE_HELD = 0,         /* the header waits */
    NGX_HTTP_PROFILE_STREAMING,
    NGX_HTTP_PROFILE_TUNNEL,           /* the upstream is being left */
    NGX_HTTP_PROFILE_ANSWER,           /* our own answer is to be sent */
    NGX_HTTP_PROFILE_CAPTURE,          /* an error of v1, for our answer */
    NGX_HTTP_PROFILE_DROPPING,         /* what still comes is not wanted */
    NGX_HTTP_PROFILE_DRY,
    NGX_HTTP_PROFILE_DONE
} ngx_http_profile_state_e;


/* what was made and not yet taken; belongs to ngx_http_profile_output.c */

typedef struct {
    ngx_http_request_t           *request;
    off_t                        *bytes;        /* that were made: counted */

    ngx_chain_t                  *out;
    ngx_chain_t                 **last_out;
    ngx_chain_t                  *busy;
    ngx_chain_t                  *free;
    ngx_buf_t                    *buf;          /* the last of out */

    size_t                        first_size;   /* of the first buffer */
    size_t                        waiting;      /* bytes in out and busy */

    unsigned                      flush:1;
    unsigned                      flushed:1;    /* all that was made */
    unsigned                      last:1;       /* nothing more is made */
} ngx_http_profile_output_t;


/* the event loop's turn; belongs to ngx_http_profile_turn.c */

typedef struct {
    ngx_event_t                   event;        /* posted: input waits */
    ngx_http_request_t           *request;
    size_t                        read;         /* text, in this turn */
} ngx_http_profile_turn_t;


struct ngx_http_profile_filter_s {
    profile_rewriter_t           *rewriter;
    ngx_http_profile_schema_t    *schema;       /* of the rewriter */
    ngx_http_profile_inflate_t   *inflate;
    ngx_http_profile_record_t    *record;
    ngx_http_profile_walk_t      *walk;         /* NULL: it has one page */

    ngx_chain_t                  *in;
    ngx_http_profile_output_t     output;
    ngx_http_profile_turn_t       turn;
    size_t                        limit;        /* of what waits */
    ngx_uint_t                    page;         /* of a walk, that is read */

    ngx_http_profile_capture_t    error;
    ngx_str_t                     answer;
    ngx_http_profile_total_e      total;        /* that of a list */
    profile_reason_e              reason;
    off_t                         offset;

    ngx_http_profile_state_e      state;
    unsigned                      last:1;       /* of the input */
    unsigned                      may_lack:1;   /* H1.7 */
    unsigned                      ended:1;      /* sorted users may follow */
};


/*
 * Begins what is known of a response, which the request's context points to
 * from now on; record may be NULL where nothing is said of it.  Returns NULL:
 * there is no memory.
 */
ngx_http_profile_filter_t *ngx_http_profile_response_begin(
    ngx_http_request_t *r, ngx_http_profile_record_t *record,
    ngx_http_profile_state_e state);


#endif /* _NGX_HTTP_PROFILE_RESPONSE_H_INCLUDED_ */
