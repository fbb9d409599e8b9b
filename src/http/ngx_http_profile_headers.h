
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_HEADERS_H_INCLUDED_
#define _NGX_HTTP_PROFILE_HEADERS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/*
 * Lists of words end with an empty one.  One that ends in "-" stands for all
 * that begin with it; case does not count.
 */

/* Returns 1 if the text is one of the words, else 0. */
ngx_uint_t ngx_http_profile_headers_one_of(const ngx_str_t *text,
    const ngx_str_t *words);

/*
 * The next header of a list, from its first part and 0 on, that has not been
 * removed, and is one of the names unless they are NULL.  Returns NULL at the
 * end.
 */
ngx_table_elt_t *ngx_http_profile_headers_next(ngx_list_part_t **part,
    ngx_uint_t *i, const ngx_str_t *names);

/*
 * Adds a header to the response; key and value are kept as they are.  Returns
 * NGX_OK, or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_headers_add(ngx_http_request_t *r,
    const ngx_str_t *key, const ngx_str_t *value);

/* Removes each line of a list that is one of the names. */
void ngx_http_profile_headers_remove(ngx_list_t *headers,
    const ngx_str_t *names);

/*
 * Gives the request a list of headers of its own, without those that are one of
 * the names; what nginx has read of these stays.  Returns NGX_OK, or NGX_ERROR:
 * there is no memory.
 */
ngx_int_t ngx_http_profile_headers_without(ngx_http_request_t *r,
    const ngx_str_t *names);

/*
 * What the response is by itself: the status that its upstream said, where an
 * error_page has led there and left that of the error in its place, else its
 * own.  Of an upstream that said none it is 0.
 */
ngx_uint_t ngx_http_profile_headers_status(ngx_http_request_t *r);

/* H1.1: returns 1 if it is a 200, 201 or 206, by itself or to the client. */
ngx_uint_t ngx_http_profile_headers_success(ngx_http_request_t *r);

/*
 * H1.1: returns NGX_OK if the response has one of the types, whatever its
 * parameters, else NGX_DECLINED.
 */
ngx_int_t ngx_http_profile_headers_test_type(ngx_http_request_t *r,
    ngx_hash_t *types);

/*
 * The content coding of the response (H2.4): NGX_OK is gzip, NGX_DECLINED is
 * none, NGX_ERROR is one that we do not decode, or several.
 */
ngx_int_t ngx_http_profile_headers_test_gzip(ngx_http_request_t *r);

/* H2: the header, then the trailers, of a response that is rewritten. */
void ngx_http_profile_headers_change(ngx_http_request_t *r);
void ngx_http_profile_headers_change_trailers(ngx_http_request_t *r);

/*
 * The header of an answer of our own, of len bytes of JSON: nothing that the
 * upstream said of its own holds, but what tells the client when to come back
 * or how to be let in, if that is in from, which may be NULL.  Returns NGX_OK,
 * or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_headers_replace(ngx_http_request_t *r,
    ngx_uint_t status, size_t len, ngx_list_t *from);


#endif /* _NGX_HTTP_PROFILE_HEADERS_H_INCLUDED_ */
