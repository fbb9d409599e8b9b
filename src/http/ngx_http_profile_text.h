
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_TEXT_H_INCLUDED_
#define _NGX_HTTP_PROFILE_TEXT_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * What the value of a directive says, as it comes from an argument.  All return
 * NGX_OK, or NGX_ERROR: there is no memory.
 */

/* A number, the preset where there is none, NGX_ERROR where it is no number. */
ngx_int_t ngx_http_profile_text_number(ngx_http_request_t *r,
    ngx_http_complex_value_t *cv, ngx_int_t preset, ngx_int_t *n);

/* 1 or 0, the preset where there is none, NGX_ERROR where it is neither. */
ngx_int_t ngx_http_profile_text_flag(ngx_http_request_t *r,
    ngx_http_complex_value_t *cv, ngx_int_t preset, ngx_int_t *flag);

/* The text, unescaped once. */
ngx_int_t ngx_http_profile_text_plain(ngx_http_request_t *r,
    ngx_http_complex_value_t *cv, ngx_str_t *text);


#endif /* _NGX_HTTP_PROFILE_TEXT_H_INCLUDED_ */
