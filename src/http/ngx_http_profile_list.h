
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_LIST_H_INCLUDED_
#define _NGX_HTTP_PROFILE_LIST_H_INCLUDED_


#include "conf/ngx_http_profile_conf.h"
#include "core/response/profile_rewriter.h"


/*
 * U5.1, U5.7: returns NGX_OK, NGX_DECLINED with the name of the argument that
 * is wrong, or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_list_test(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_str_t *bad);

/*
 * U5.6: whether an envelope is asked for around entries that are no users, as
 * NGX_OK or NGX_DECLINED; NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_list_wanted(ngx_http_request_t *r,
    ngx_http_profile_list_t *list);

/*
 * Tells the rewriter what of the users to write, and in which form (U5.2 to
 * U5.4), and who cannot be read (M6.1, M6.2, M6.5); what it points to lives as
 * long as the request.  Returns NGX_OK, or NGX_ERROR: an argument is wrong, or
 * there is no memory.
 */
ngx_int_t ngx_http_profile_list_conf(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, profile_rewriter_conf_t *conf);

/*
 * Adds to a fingerprint what of the users is asked for, and how (H2.2).
 * Returns NGX_OK; NGX_DECLINED: a list with totals, which are not of the
 * upstream's body; or NGX_ERROR as above.
 */
ngx_int_t ngx_http_profile_list_print(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, uint64_t *print);

/*
 * U5.4: whether the response is a part of what those who match are looked for
 * in, and nobody can ask for the rest.
 */
ngx_uint_t ngx_http_profile_list_is_part(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);

/*
 * U5.4: whether those who match are looked for; the name and the value, plain
 * and allocated from the request's pool.  Returns NGX_OK, or NGX_ERROR: there
 * is no memory.
 */
ngx_uint_t ngx_http_profile_list_matches(ngx_http_profile_list_t *list);
ngx_int_t ngx_http_profile_list_match(ngx_http_request_t *r,
    ngx_http_profile_list_t *list, ngx_str_t *name, ngx_str_t *value);

/* The way to the same number in the upstream's body, or none. */
const profile_path_t *ngx_http_profile_list_total_member(
    ngx_http_profile_list_t *list);

/*
 * U5.8: what v1 is to be asked for: the page, counted as v1 does, for n 0, the
 * users a page for 1, those before it for 2.  It lives as long as the request.
 * Returns NGX_OK; NGX_DECLINED: there is no list, or an argument is wrong; or
 * NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_list_asked(ngx_http_request_t *r,
    ngx_http_profile_list_t *list, ngx_uint_t n, ngx_str_t *text);

/* U5.8: what v1 calls its first page. */
ngx_uint_t ngx_http_profile_list_first(ngx_http_profile_list_t *list);

/* How many users there are up to the end of the page that is asked for. */
uint64_t ngx_http_profile_list_end(ngx_http_request_t *r,
    ngx_http_profile_list_t *list);

/* Whether totals are asked for, once the arguments have been tested: 1 or 0. */
ngx_uint_t ngx_http_profile_list_totals(ngx_http_request_t *r,
    ngx_http_profile_list_t *list);

/*
 * U5.2: the number of all users, as the upstream of a request says it, or
 * empty.  Returns NGX_OK, or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_list_total(ngx_http_request_t *r,
    ngx_http_profile_list_t *list, ngx_str_t *total);


#endif /* _NGX_HTTP_PROFILE_LIST_H_INCLUDED_ */
