
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_alloc.h"
#include "core/request/profile_upgrade_bag.h"
#include "core/request/profile_upgrade_user.h"
#include "request/ngx_http_profile_upgrade_read.h"


static ngx_int_t ngx_http_profile_upgrade_read_bag(ngx_http_request_t *r,
    ngx_http_profile_upgrade_read_t *read, ngx_http_profile_loc_conf_t *plcf,
    const profile_call_t *step);
static profile_reason_e ngx_http_profile_upgrade_read_both(void *ctx,
    const u_char *data, size_t len);
static profile_reason_e ngx_http_profile_upgrade_read_feed(void *ctx,
    const u_char *data, size_t len);
static void ngx_http_profile_upgrade_read_cleanup(void *data);


ngx_int_t
ngx_http_profile_upgrade_read_start(ngx_http_request_t *r,
    ngx_http_profile_upgrade_read_t *read, ngx_http_profile_loc_conf_t *plcf,
    profile_upgrade_t *plan, const profile_call_t *step)
{
    ngx_pool_cleanup_t       *cln;
    ngx_http_profile_bag_t   *bag;
    profile_rewriter_conf_t   conf;

    ngx_memzero(read, sizeof(ngx_http_profile_upgrade_read_t));

    read->plan = plan;

    if (!step->first) {
        return ngx_http_profile_upgrade_read_bag(r, read, plcf, step);
    }

    if (profile_upgrade_user_start(plan, plcf->max_user_size) != PROFILE_OK) {
        return NGX_ERROR;
    }

    read->out.write = profile_upgrade_user_feed;
    read->out.ctx = plan;

    read->sink.write = ngx_http_profile_upgrade_read_feed;
    read->sink.ctx = read;

    ngx_memzero(&conf, sizeof(profile_rewriter_conf_t));

    conf.schema = plcf->request.guard->schema->schema;
    conf.max_user_size = plcf->max_user_size;
    conf.max_depth = plcf->max_depth;
    conf.required = 1;

    bag = ngx_http_profile_bag_find(r);

    if (bag) {
        conf.exact = bag->exact;
    }

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    read->rewriter = profile_rewriter_create(&ngx_http_profile_alloc, &conf,
                                             &read->out);
    if (read->rewriter == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_profile_upgrade_read_cleanup;
    cln->data = read;

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_upgrade_read_bag(ngx_http_request_t *r,
    ngx_http_profile_upgrade_read_t *read, ngx_http_profile_loc_conf_t *plcf,
    const profile_call_t *step)
{
    if (profile_upgrade_bag_start(read->plan, plcf->max_user_size)
        != PROFILE_OK)
    {
        return NGX_ERROR;
    }

    read->sink.write = profile_upgrade_bag_feed;
    read->sink.ctx = read->plan;

    if (!step->exact) {
        return NGX_OK;
    }

    read->bag = ngx_http_profile_bag_create(r,
                                         plcf->request.guard->schema->schema,
                                         plcf->max_user_size);
    if (read->bag == NULL) {
        return NGX_ERROR;
    }

    read->sink.write = ngx_http_profile_upgrade_read_both;
    read->sink.ctx = read;

    return NGX_OK;
}


/* what is to be cleared, and what is metadata */

static profile_reason_e
ngx_http_profile_upgrade_read_both(void *ctx, const u_char *data, size_t len)
{
    ngx_http_profile_upgrade_read_t  *read = ctx;

    profile_reason_e  rc;

    rc = profile_upgrade_bag_feed(read->plan, data, len);

    return (rc == PROFILE_OK)
           ? read->bag->sink.write(read->bag->sink.ctx, data, len) : rc;
}


static profile_reason_e
ngx_http_profile_upgrade_read_feed(void *ctx, const u_char *data, size_t len)
{
    ngx_http_profile_upgrade_read_t  *read = ctx;

    return profile_rewriter_feed(read->rewriter, data, len);
}


profile_reason_e
ngx_http_profile_upgrade_read_end(ngx_http_profile_upgrade_read_t *read)
{
    profile_reason_e  rc;

    if (read->rewriter == NULL) {
        rc = profile_upgrade_bag_finish(read->plan);

        return (rc == PROFILE_OK && read->bag)
               ? ngx_http_profile_bag_finish(read->bag) : rc;
    }

    rc = profile_rewriter_finish(read->rewriter);

    ngx_http_profile_upgrade_read_cleanup(read);

    return (rc == PROFILE_OK) ? profile_upgrade_user_finish(read->plan) : rc;
}


static void
ngx_http_profile_upgrade_read_cleanup(void *data)
{
    ngx_http_profile_upgrade_read_t  *read = data;

    profile_rewriter_destroy(read->rewriter);
    read->rewriter = NULL;
}
