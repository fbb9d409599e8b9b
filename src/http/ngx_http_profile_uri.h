
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_URI_H_INCLUDED_
#define _NGX_HTTP_PROFILE_URI_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Unescapes len bytes once; of an argument "+" is a space, too.  dst is
 * allocated from the request's pool.  Returns NGX_OK, NGX_DECLINED where a "%"
 * has no two digits behind it, or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_uri_unescape(ngx_http_request_t *r, u_char *src,
    size_t len, ngx_uint_t arg, ngx_str_t *dst);

/*
 * The same in place, for readers that leave what is no escape as it is.
 * Returns 1 if there was an escape, else 0.
 */
ngx_uint_t ngx_http_profile_uri_decode(ngx_str_t *text);

/*
 * Escapes all but the unreserved characters of RFC 3986, from the request's
 * pool; src and dst may be the same.  Returns NGX_OK, or NGX_ERROR: there is
 * no memory.
 */
ngx_int_t ngx_http_profile_uri_escape(ngx_http_request_t *r, ngx_str_t *src,
    ngx_str_t *dst);

/*
 * Whether an unescaped text is UTF-8 without control characters.  Returns
 * NGX_OK or NGX_DECLINED.
 */
ngx_int_t ngx_http_profile_uri_test(ngx_str_t *text);

/*
 * The length in bytes of a character at p that some trim away: white space of
 * Unicode, or none to be seen; 0 if there is another one, or p is last.
 */
size_t ngx_http_profile_uri_space(u_char *p, u_char *last);

/*
 * Of a segment of a path that is nothing, "." or "..", with white space around
 * it or not, the number of dots; NGX_DECLINED: it is a name.
 */
ngx_int_t ngx_http_profile_uri_dots(u_char *p, u_char *last);


#endif /* _NGX_HTTP_PROFILE_URI_H_INCLUDED_ */
