
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_FILTER_H_INCLUDED_
#define _NGX_HTTP_PROFILE_FILTER_H_INCLUDED_


#include "ngx_http_profile_module.h"


/* what may wait for the client once the header is out */
#define NGX_HTTP_PROFILE_BUSY_SIZE  65536

/* of an output buffer */
#define NGX_HTTP_PROFILE_BUF_SIZE   16384


typedef enum {
    NGX_HTTP_PROFILE_HELD = 0,         /* the header waits */
    NGX_HTTP_PROFILE_STREAMING,
    NGX_HTTP_PROFILE_ANSWER,           /* our own answer is to be sent */
    NGX_HTTP_PROFILE_CAPTURE,          /* an error of v1, for our answer */
    NGX_HTTP_PROFILE_DROPPING,         /* what still comes is not wanted */
    NGX_HTTP_PROFILE_DRY,
    NGX_HTTP_PROFILE_DONE
} ngx_http_profile_state_e;


struct ngx_http_profile_filter_s {
    profile_rewriter_t           *rewriter;
    ngx_http_profile_inflate_t   *inflate;
    ngx_http_profile_record_t    *record;
    ngx_http_request_t           *request;

    ngx_chain_t                  *in;
    ngx_chain_t                  *out;
    ngx_chain_t                 **last_out;
    ngx_chain_t                  *busy;
    ngx_chain_t                  *free;
    ngx_buf_t                    *buf;          /* the last of out */

    ngx_http_profile_call_t       error;        /* what is captured */
    ngx_str_t                     answer;
    size_t                        first_size;   /* of the first buffer */
    size_t                        waiting;      /* bytes in out and busy */
    size_t                        limit;        /* of them */
    profile_reason_e              reason;
    off_t                         offset;

    ngx_http_profile_state_e      state;
    unsigned                      flush:1;
    unsigned                      flushed:1;    /* all that was made */
    unsigned                      last:1;
};


/* ngx_http_profile_filter.c */

ngx_int_t ngx_http_profile_pass_header(ngx_http_request_t *r);
ngx_int_t ngx_http_profile_pass_body(ngx_http_request_t *r, ngx_chain_t *in);
void ngx_http_profile_cleanup(void *data);
void ngx_http_profile_drop(ngx_chain_t *in);
ngx_uint_t ngx_http_profile_cut(ngx_http_request_t *r, ngx_chain_t *in);


/* ngx_http_profile_body.c */

ngx_int_t ngx_http_profile_dry_run(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f, ngx_chain_t *in);
ngx_int_t ngx_http_profile_read(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
void ngx_http_profile_count(ngx_http_profile_filter_t *f);
ngx_int_t ngx_http_profile_output(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
profile_reason_e ngx_http_profile_write(void *data, const u_char *p,
    size_t len);
profile_reason_e ngx_http_profile_discard(void *data, const u_char *p,
    size_t len);


/* ngx_http_profile_fail.c */

ngx_int_t ngx_http_profile_capture(ngx_http_request_t *r,
    ngx_http_profile_record_t *record);
ngx_int_t ngx_http_profile_answer_error(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
ngx_int_t ngx_http_profile_fail(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
void ngx_http_profile_failed(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f, ngx_http_profile_action_e action);
ngx_int_t ngx_http_profile_answer(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);
ngx_int_t ngx_http_profile_send_answer(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);


#endif /* _NGX_HTTP_PROFILE_FILTER_H_INCLUDED_ */
