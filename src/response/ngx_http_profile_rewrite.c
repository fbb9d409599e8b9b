
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_alloc.h"
#include "conf/ngx_http_profile_schema.h"
#include "conf/ngx_http_profile_value.h"
#include "http/ngx_http_profile_bag.h"
#include "http/ngx_http_profile_list.h"
#include "response/ngx_http_profile_differs.h"
#include "response/ngx_http_profile_output.h"
#include "response/ngx_http_profile_rewrite.h"
#include "response/ngx_http_profile_turn.h"
#include "response/ngx_http_profile_unknown.h"
#include "response/ngx_http_profile_unreadable.h"


/* what is read at a time, so that output is looked at in between */
#define NGX_HTTP_PROFILE_PIECE  16384


static ngx_int_t ngx_http_profile_rewrite_rewriter(
    ngx_http_profile_filter_t *f, ngx_http_profile_schema_t *schema,
    const profile_rewriter_conf_t *conf, const profile_sink_t *sink);
static void ngx_http_profile_rewrite_cleanup(void *data);
static ngx_int_t ngx_http_profile_rewrite_turn_page(
    ngx_http_profile_filter_t *f);
static ngx_int_t ngx_http_profile_rewrite_page(ngx_http_profile_filter_t *f);
static ngx_int_t ngx_http_profile_rewrite_sorted(
    ngx_http_profile_filter_t *f);
static ngx_int_t ngx_http_profile_rewrite_feed(ngx_http_profile_filter_t *f,
    ngx_str_t *text);
static char *ngx_http_profile_rewrite_parameter(ngx_conf_t *cf,
    ngx_str_t *word, ngx_http_profile_rewrite_t *rw);
static ngx_int_t ngx_http_profile_rewrite_users(ngx_str_t *value,
    ngx_http_profile_users_e *users);


ngx_int_t
ngx_http_profile_rewrite_create(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_filter_t *f)
{
    profile_sink_t               sink;
    ngx_pool_cleanup_t          *cln;
    ngx_http_profile_bag_t      *bag;
    profile_rewriter_conf_t      conf;
    ngx_http_profile_rewrite_t  *rewrite;

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(&conf, sizeof(profile_rewriter_conf_t));

    rewrite = plcf->response.rewrite;

    conf.schema = rewrite->schema->schema;
    conf.envelope = rewrite->envelope;
    conf.wrapper = rewrite->wrapper.parts[0];
    conf.unwrap = rewrite->api_v2;
    conf.notice.unknown = ngx_http_profile_unknown_tell;
    conf.unreadable = ngx_http_profile_unreadable_tell;
    conf.notice.differs = ngx_http_profile_differs_tell;
    conf.notice.ctx = r;
    conf.required = (rewrite->users == NGX_HTTP_PROFILE_USERS_REQUIRED
                     && !(rewrite->api_v2 && r->method == NGX_HTTP_DELETE));

    bag = ngx_http_profile_bag_find(r);

    if (bag) {
        conf.exact = bag->exact;

    } else if (ngx_http_profile_bag_wanted(r, plcf)) {
        /* what is not known is not guessed */
        return NGX_ERROR;
    }

    if (ngx_http_profile_list_conf(r, plcf, &conf) != NGX_OK) {
        return NGX_ERROR;
    }

    if (conf.list.totals && f->state != NGX_HTTP_PROFILE_DRY) {
        f->total = (f->walk || conf.list.total.len)
                   ? NGX_HTTP_PROFILE_TOTAL_EXACT
                   : NGX_HTTP_PROFILE_TOTAL_BOUND;
    }

    sink.ctx = &f->output;
    sink.write = (f->state == NGX_HTTP_PROFILE_DRY)
                 ? ngx_http_profile_output_discard
                 : ngx_http_profile_output_write;

    if (ngx_http_profile_rewrite_rewriter(f, rewrite->schema, &conf, &sink)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_profile_rewrite_cleanup;
    cln->data = f;

    return NGX_OK;
}


/* for most responses it would take as long to make one as to use it */

static ngx_int_t
ngx_http_profile_rewrite_rewriter(ngx_http_profile_filter_t *f,
    ngx_http_profile_schema_t *schema, const profile_rewriter_conf_t *conf,
    const profile_sink_t *sink)
{
    f->schema = schema;

    if (schema->idle == NULL) {
        f->rewriter = profile_rewriter_create(&ngx_http_profile_alloc, conf,
                                              sink);

        return f->rewriter ? NGX_OK : NGX_ERROR;
    }

    f->rewriter = schema->idle;
    schema->idle = NULL;

    if (profile_rewriter_renew(f->rewriter, conf, sink) != 0) {
        profile_rewriter_destroy(f->rewriter);
        f->rewriter = NULL;

        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_http_profile_rewrite_cleanup(void *data)
{
    ngx_http_profile_filter_t  *f = data;

    if (f->rewriter) {

        if (f->schema->idle == NULL) {
            profile_rewriter_rest(f->rewriter);
            f->schema->idle = f->rewriter;

        } else {
            profile_rewriter_destroy(f->rewriter);
        }

        f->rewriter = NULL;

        ngx_http_profile_bag_forget(f->output.request);
    }
}


ngx_int_t
ngx_http_profile_rewrite_read(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f)
{
    uint64_t      start;
    ngx_int_t     rc;
    ngx_chain_t  *cl;

    start = ngx_http_profile_record_clock();
    rc = NGX_OK;

    if (f->walk && ngx_http_profile_rewrite_turn_page(f) != NGX_OK) {
        rc = NGX_ERROR;
    }

    while (f->in && rc == NGX_OK) {

        if (f->output.waiting > f->limit) {
            rc = NGX_AGAIN;
            break;
        }

        if (ngx_http_profile_turn_over(f)) {
            rc = NGX_BUSY;
            break;
        }

        rc = ngx_http_profile_rewrite_read_buf(f, f->in->buf);

        if (rc == NGX_ERROR) {
            break;
        }

        if (rc == NGX_AGAIN) {
            rc = NGX_OK;
            continue;
        }

        cl = f->in;
        f->in = cl->next;

        /* those of a walk's page are not meant for the client */

        if (cl->buf->flush && f->walk == NULL) {
            f->output.flush = 1;
        }

        if ((cl->buf->last_buf || cl->buf->last_in_chain) && f->walk == NULL) {
            f->last = 1;
        }

        ngx_free_chain(r->pool, cl);
    }

    if (rc == NGX_OK && f->walk) {
        rc = ngx_http_profile_rewrite_page(f);
    }

    if (rc == NGX_OK && f->last) {
        rc = ngx_http_profile_rewrite_sorted(f);
    }

    if (rc == NGX_OK && f->last) {
        rc = ngx_http_profile_rewrite_finish(f, NGX_HTTP_PROFILE_REWRITTEN);

        if (rc == NGX_OK) {
            f->output.last = 1;
            rc = NGX_DONE;
        }
    }

    if (f->walk) {
        f->walk->waiting = (f->in != NULL);
    }

    f->record->response.time += ngx_http_profile_record_clock() - start;

    return rc;
}


/* a walk: what comes now is another page (U10.2) */

static ngx_int_t
ngx_http_profile_rewrite_turn_page(ngx_http_profile_filter_t *f)
{
    ngx_http_request_t            *r;
    ngx_http_profile_walk_page_t  *page;

    r = f->output.request;
    page = f->walk->page;

    if (page == NULL || f->ended) {
        return NGX_OK;
    }

    f->inflate = page->inflate;

    if (f->walk->again) {
        f->walk->again = 0;
        f->page = page->number;

        ngx_http_profile_output_forget(&f->output);
        ngx_http_profile_rewrite_cleanup(f);

        return ngx_http_profile_rewrite_create(r,
                       ngx_http_get_module_loc_conf(r, ngx_http_profile_module),
                       f);
    }

    if (f->page == page->number) {
        return NGX_OK;
    }

    f->page = page->number;

    f->reason = profile_rewriter_next(f->rewriter);

    if (f->reason != PROFILE_OK) {
        f->offset = profile_rewriter_offset(f->rewriter);
        return NGX_ERROR;
    }

    return NGX_OK;
}


/* the page has been read as far as it has come: its request is told */

static ngx_int_t
ngx_http_profile_rewrite_page(ngx_http_profile_filter_t *f)
{
    ngx_http_profile_walk_t  *walk;

    walk = f->walk;

    if (walk->last) {
        f->last = 1;
        return NGX_OK;
    }

    if (walk->page == NULL || !walk->page->whole || walk->read) {
        return NGX_OK;
    }

    f->offset = f->record->response.bytes_in;

    if (f->inflate && !ngx_http_profile_inflate_finished(f->inflate)) {
        f->reason = PROFILE_INVALID_GZIP;
        return NGX_ERROR;
    }

    f->inflate = NULL;

    if (walk->page->nobody) {
        f->reason = profile_rewriter_feed(f->rewriter, (u_char *) "[]", 2);
        walk->full = profile_rewriter_full(f->rewriter);
    }

    if (!walk->full && !profile_rewriter_started(f->rewriter)) {
        f->reason = PROFILE_TRUNCATED;
        return NGX_ERROR;
    }

    walk->elements = profile_rewriter_page_elements(f->rewriter);
    walk->read = 1;

    return NGX_OK;
}


/* users who had to wait until all were read (U10.4) */

static ngx_int_t
ngx_http_profile_rewrite_sorted(ngx_http_profile_filter_t *f)
{
    int  more;

    if (f->walk == NULL) {
        return NGX_OK;
    }

    if (!f->ended) {
        f->ended = 1;
        f->reason = f->walk->full ? profile_rewriter_stop(f->rewriter)
                                  : profile_rewriter_finish(f->rewriter);

        /* whom v1 has found may be the one who cannot be read */

        if (f->reason == PROFILE_OK && f->walk->narrow
            && profile_rewriter_found(f->rewriter) == 0
            && profile_rewriter_left_out(f->rewriter))
        {
            f->reason = PROFILE_PARTIAL;
        }
    }

    more = 1;

    while (more && f->reason == PROFILE_OK) {

        if (f->output.waiting > f->limit) {
            return NGX_AGAIN;
        }

        f->reason = profile_rewriter_more(f->rewriter, &more);
    }

    if (f->reason != PROFILE_OK) {
        f->offset = profile_rewriter_offset(f->rewriter);
        return NGX_ERROR;
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_profile_rewrite_read_buf(ngx_http_profile_filter_t *f, ngx_buf_t *b)
{
    ngx_int_t  rc;
    ngx_str_t  text;

    if (!ngx_buf_in_memory(b)) {
        return NGX_OK;
    }

    if (f->inflate == NULL) {
        text.data = b->pos;
        text.len = ngx_min(b->last - b->pos, NGX_HTTP_PROFILE_PIECE);

        b->pos += text.len;

        if (ngx_http_profile_rewrite_feed(f, &text) != NGX_OK) {
            return NGX_ERROR;
        }

        return (b->pos == b->last) ? NGX_OK : NGX_AGAIN;
    }

    /* an empty buffer may be filled anew: zlib must keep nothing of it */

    do {
        rc = ngx_http_profile_inflate(f->inflate, b, &text);

        if (rc == NGX_AGAIN) {
            return NGX_OK;
        }

        if (rc == NGX_DECLINED) {
            f->reason = PROFILE_INVALID_GZIP;
            f->offset = f->record->response.bytes_in;
            return NGX_ERROR;
        }

        if (ngx_http_profile_rewrite_feed(f, &text) != NGX_OK) {
            return NGX_ERROR;
        }

    } while (b->pos == b->last);

    return NGX_AGAIN;
}


static ngx_int_t
ngx_http_profile_rewrite_feed(ngx_http_profile_filter_t *f, ngx_str_t *text)
{
    f->record->response.bytes_in += text->len;
    f->turn.read += text->len;

    if (f->walk && f->walk->full) {
        return NGX_OK;
    }

    f->reason = profile_rewriter_feed(f->rewriter, text->data, text->len);

    if (f->reason != PROFILE_OK) {
        f->offset = profile_rewriter_offset(f->rewriter);
        return NGX_ERROR;
    }

    if (f->walk) {
        f->walk->full = profile_rewriter_full(f->rewriter);
        f->walk->tells = profile_rewriter_total(f->rewriter, &f->walk->said);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_profile_rewrite_finish(ngx_http_profile_filter_t *f,
    ngx_http_profile_action_e action)
{
    uint64_t          total;
    profile_reason_e  reason;

    if (f->walk == NULL && f->may_lack
        && profile_rewriter_started(f->rewriter) == 0)
    {
        ngx_http_profile_rewrite_count(f);
        ngx_http_profile_record_set_action(f->record, NGX_HTTP_PROFILE_PASSED,
                                           PROFILE_NO_BODY);
        return NGX_OK;
    }

    if (f->inflate && !ngx_http_profile_inflate_finished(f->inflate)) {
        f->reason = PROFILE_INVALID_GZIP;
        f->offset = f->record->response.bytes_in;
        return NGX_ERROR;
    }

    if (f->walk == NULL) {
        f->reason = profile_rewriter_finish(f->rewriter);
    }

    if (f->reason != PROFILE_OK) {
        f->offset = profile_rewriter_offset(f->rewriter);
        return NGX_ERROR;
    }

    if (f->walk && f->total && profile_rewriter_left_out(f->rewriter)) {
        /* one who cannot be read may be asked for */
        f->total = NGX_HTTP_PROFILE_TOTAL_BOUND;

    } else if (f->total && profile_rewriter_total(f->rewriter, &total)) {
        f->total = NGX_HTTP_PROFILE_TOTAL_EXACT;
    }

    f->record->response.total = f->total;

    reason = PROFILE_OK;

    if (profile_rewriter_counts(f->rewriter)->users == 0
        && profile_rewriter_left_out(f->rewriter) == 0)
    {
        action = NGX_HTTP_PROFILE_PASSED;
        reason = PROFILE_NO_USERS;
    }

    ngx_http_profile_rewrite_count(f);
    ngx_http_profile_record_set_action(f->record, action, reason);

    return NGX_OK;
}


void
ngx_http_profile_rewrite_count(ngx_http_profile_filter_t *f)
{
    const profile_counts_t     *counts;
    ngx_http_profile_record_t  *record;

    record = f->record;
    record->response.open--;

    if (f->rewriter == NULL) {
        return;
    }

    counts = profile_rewriter_counts(f->rewriter);

    record->response.unreadable += profile_rewriter_left_out(f->rewriter);
    record->response.counts.users += counts->users;
    record->response.counts.conflicts += counts->conflicts;
    record->response.counts.unknown += counts->unknown;
    record->response.counts.exact += counts->exact;

    record->response.counts.moved[PROFILE_APP_METADATA] +=
                                           counts->moved[PROFILE_APP_METADATA];
    record->response.counts.moved[PROFILE_USER_METADATA] +=
                                          counts->moved[PROFILE_USER_METADATA];

    /* the client may take long to read the rest */
    ngx_http_profile_rewrite_cleanup(f);
}


char *
ngx_http_profile_rewrite_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_profile_loc_conf_t *plcf = conf;

    char                          *rv;
    ngx_str_t                     *value;
    ngx_uint_t                     i;
    ngx_http_profile_rewrite_t    *rw;
    ngx_http_profile_main_conf_t  *pmcf;

    if (plcf->response.rewrite != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[1].data, "off") == 0) {
        plcf->response.rewrite = NULL;
        return NGX_CONF_OK;
    }

    rw = ngx_pcalloc(cf->pool, sizeof(ngx_http_profile_rewrite_t));
    if (rw == NULL) {
        return NGX_CONF_ERROR;
    }

    rw->schema = ngx_http_profile_schema_get(cf, &value[1]);
    if (rw->schema == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 2; i < cf->args->nelts; i++) {

        if (ngx_strcmp(value[i].data, "api=v2") == 0 && !rw->api_v2) {
            rw->api_v2 = 1;
            continue;
        }

        if (rw->users == NGX_HTTP_PROFILE_USERS_UNSET
            && ngx_http_profile_rewrite_users(&value[i], &rw->users) == NGX_OK)
        {
            continue;
        }

        rv = ngx_http_profile_rewrite_parameter(cf, &value[i], rw);

        if (rv == NGX_CONF_OK) {
            continue;
        }

        if (rv == NGX_CONF_ERROR) {
            return NGX_CONF_ERROR;
        }

        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid parameter \"%V\", expected "
                           "\"envelope=PATH\", \"wrapper=NAME\", "
                           "\"api=v2\", "
                           "\"users=required|any|none\", "
                           "\"answer=value\" or \"if=value\", "
                           "once each", &value[i]);
        return NGX_CONF_ERROR;
    }

    if (rw->answer
        && !(rw->api_v2 && rw->users == NGX_HTTP_PROFILE_USERS_NONE))
    {
        return "with \"answer=\" needs \"api=v2\" and \"users=none\"";
    }

    if (rw->users == NGX_HTTP_PROFILE_USERS_NONE
        && (rw->envelope.n || rw->wrapper.n))
    {
        return "with \"users=none\" reads no \"envelope=\" or \"wrapper=\"";
    }

    if (rw->users == NGX_HTTP_PROFILE_USERS_UNSET) {
        rw->users = rw->api_v2 ? NGX_HTTP_PROFILE_USERS_REQUIRED
                               : NGX_HTTP_PROFILE_USERS_ANY;
    }

    plcf->response.rewrite = rw;

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_profile_module);
    pmcf->rewrites = 1;

    return NGX_CONF_OK;
}


/* it returns as ngx_http_profile_value_condition() */

static char *
ngx_http_profile_rewrite_parameter(ngx_conf_t *cf, ngx_str_t *word,
    ngx_http_profile_rewrite_t *rw)
{
    char  *rv;

    rv = ngx_http_profile_value_condition(cf, word, &rw->filter);

    if (rv != NGX_CONF_OK && rv != NGX_CONF_ERROR) {
        rv = ngx_http_profile_value_parameter(cf, "answer=", word,
                                              &rw->answer);
    }

    if (rv != NGX_CONF_OK && rv != NGX_CONF_ERROR) {
        rv = ngx_http_profile_value_path(cf, "envelope=", word,
                                         PROFILE_PATH_MAX, &rw->envelope);
    }

    if (rv != NGX_CONF_OK && rv != NGX_CONF_ERROR) {
        rv = ngx_http_profile_value_path(cf, "wrapper=", word, 1,
                                         &rw->wrapper);
    }

    return rv;
}


static ngx_int_t
ngx_http_profile_rewrite_users(ngx_str_t *value,
    ngx_http_profile_users_e *users)
{
    if (ngx_strcmp(value->data, "users=required") == 0) {
        *users = NGX_HTTP_PROFILE_USERS_REQUIRED;

    } else if (ngx_strcmp(value->data, "users=any") == 0) {
        *users = NGX_HTTP_PROFILE_USERS_ANY;

    } else if (ngx_strcmp(value->data, "users=none") == 0) {
        *users = NGX_HTTP_PROFILE_USERS_NONE;

    } else {
        return NGX_DECLINED;
    }

    return NGX_OK;
}
