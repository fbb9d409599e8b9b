
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
static profile_reason_e ngx_http_profile_upgrade_read_create(
    ngx_http_profile_upgrade_read_t *read);
static void ngx_http_profile_upgrade_read_cleanup(void *data);


ngx_int_t
ngx_http_profile_upgrade_read_start(ngx_http_request_t *r,
    ngx_http_profile_upgrade_read_t *read, ngx_http_profile_loc_conf_t *plcf,
    profile_upgrade_t *plan, const profile_call_t *step,
    ngx_http_profile_call_t *call)
{
    ngx_pool_cleanup_t      *cln;
    ngx_http_profile_bag_t  *bag;

    ngx_memzero(read, sizeof(ngx_http_profile_upgrade_read_t));

    read->plan = plan;
    read->plcf = plcf;

    if (!step->first) {
        return ngx_http_profile_upgrade_read_bag(r, read, plcf, step);
    }

    if (profile_upgrade_user_start(plan, plcf->max_user_size) != PROFILE_OK) {
        return NGX_ERROR;
    }

    read->call = call;

    bag = ngx_http_profile_bag_find(r);

    if (bag) {
        read->exact = bag->exact;
    }

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_profile_upgrade_read_cleanup;
    cln->data = read;

    read->out.write = profile_upgrade_user_feed;
    read->out.ctx = plan;

    read->sink.write = ngx_http_profile_upgrade_read_feed;
    read->sink.ctx = read;

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

    if (read->rewriter == NULL
        && ngx_http_profile_upgrade_read_create(read) != PROFILE_OK)
    {
        return PROFILE_NO_MEMORY;
    }

    return profile_rewriter_feed(read->rewriter, data, len);
}


/* which location answers is known once it does */

static profile_reason_e
ngx_http_profile_upgrade_read_create(ngx_http_profile_upgrade_read_t *read)
{
    profile_rewriter_conf_t       conf;
    ngx_http_profile_rewrite_t   *rewrite;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(read->call->request,
                                        ngx_http_profile_module);
    rewrite = plcf->response.rewrite;

    ngx_memzero(&conf, sizeof(profile_rewriter_conf_t));

    conf.schema = read->plcf->request.guard->schema->schema;
    conf.max_user_size = read->plcf->max_user_size;
    conf.max_depth = read->plcf->max_depth;
    conf.exact = read->exact;
    conf.unwrap = 1;
    conf.required = 1;

    if (rewrite) {
        conf.envelope = rewrite->envelope;
        conf.wrapper = rewrite->wrapper.parts[0];
    }

    read->rewriter = profile_rewriter_create(&ngx_http_profile_alloc, &conf,
                                             &read->out);

    return read->rewriter ? PROFILE_OK : PROFILE_NO_MEMORY;
}


profile_reason_e
ngx_http_profile_upgrade_read_end(ngx_http_profile_upgrade_read_t *read)
{
    profile_reason_e  rc;

    if (read->call == NULL) {
        rc = profile_upgrade_bag_finish(read->plan);

        return (rc == PROFILE_OK && read->bag)
               ? ngx_http_profile_bag_finish(read->bag) : rc;
    }

    if (read->rewriter == NULL) {
        return PROFILE_TRUNCATED;
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
