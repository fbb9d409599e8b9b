
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_BAG_H_INCLUDED_
#define _NGX_HTTP_PROFILE_BAG_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_conf.h"
#include "core/response/profile_exact.h"
#include "record/ngx_http_profile_ctx.h"


/* v1's own bag of a user, which a response is made by (M8) */

struct ngx_http_profile_bag_s {
    profile_exact_t                *exact;      /* NULL: of no use any more */
    profile_sink_t                  sink;       /* of the response */
    uint64_t                        print;
    unsigned                        whole:1;
};


/* The directive "profile_exact". */
char *ngx_http_profile_bag_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * Returns NGX_CONF_OK, or NGX_CONF_ERROR, the log having been told: the
 * location itself has the directive, and cannot.
 */
char *ngx_http_profile_bag_check(ngx_conf_t *cf,
    ngx_http_profile_loc_conf_t *plcf, ngx_uint_t own);

/*
 * Whether the response to this request is to be made by the bag if it is
 * rewritten: 1 or 0.
 */
ngx_uint_t ngx_http_profile_bag_wanted(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);

/*
 * An empty bag, which belongs to the request from now on; the schema is the one
 * that its user is rewritten by.  Returns NULL: there is no memory.
 */
ngx_http_profile_bag_t *ngx_http_profile_bag_create(ngx_http_request_t *r,
    profile_schema_t *schema, size_t max_size);

/* Its text has ended.  Returns PROFILE_OK, or why it cannot be read. */
profile_reason_e ngx_http_profile_bag_finish(ngx_http_profile_bag_t *bag);

/* The bag of a request, if it is whole, or NULL. */
ngx_http_profile_bag_t *ngx_http_profile_bag_find(ngx_http_request_t *r);

/* The user has been rewritten. */
void ngx_http_profile_bag_forget(ngx_http_request_t *r);

/*
 * Adds to the fingerprint of a representation what the bag decides of it
 * (H2.2).  Returns NGX_OK, or NGX_DECLINED: that is not known.
 */
ngx_int_t ngx_http_profile_bag_print(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, uint64_t *print);


#endif /* _NGX_HTTP_PROFILE_BAG_H_INCLUDED_ */
