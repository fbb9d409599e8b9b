
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_OUTPUT_H_INCLUDED_
#define _NGX_HTTP_PROFILE_OUTPUT_H_INCLUDED_


#include "response/ngx_http_profile_response.h"


/*
 * Puts two filters on top of all; what was there comes next.  To be called
 * while the configuration is read, once.
 */
void ngx_http_profile_output_set_filters(
    ngx_http_output_header_filter_pt header,
    ngx_http_output_body_filter_pt body);

/* What the filters below say to the header, or to a chain, as it is. */
ngx_int_t ngx_http_profile_output_pass_header(ngx_http_request_t *r);
ngx_int_t ngx_http_profile_output_pass_body(ngx_http_request_t *r,
    ngx_chain_t *in);

/* Takes all of the chain. */
void ngx_http_profile_output_drop(ngx_chain_t *in);

/* Nothing waits yet; what is made is counted in *bytes. */
void ngx_http_profile_output_start(ngx_http_profile_output_t *o,
    ngx_http_request_t *r, off_t *bytes);

/*
 * For profile_sink_t, data being the output: keeps the bytes until they are
 * sent, or only counts them.  Both return PROFILE_OK, or PROFILE_NO_MEMORY.
 */
profile_reason_e ngx_http_profile_output_write(void *data, const u_char *p,
    size_t len);
profile_reason_e ngx_http_profile_output_discard(void *data, const u_char *p,
    size_t len);

/*
 * Sends what waits, with a flush or the end where that is due.  Returns NGX_OK,
 * NGX_AGAIN: the client has not taken all, or NGX_ERROR.
 */
ngx_int_t ngx_http_profile_output(ngx_http_request_t *r,
    ngx_http_profile_output_t *o);

/* What was made is not wanted; nothing of it has left. */
void ngx_http_profile_output_forget(ngx_http_profile_output_t *o);


#endif /* _NGX_HTTP_PROFILE_OUTPUT_H_INCLUDED_ */
