
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader.h"
#include "core/response/profile_rewriter.h"
#include "core/response/profile_rewriter_entries.h"
#include "core/response/profile_rewriter_search.h"
#include "core/response/profile_rewriter_users.h"
#include "core/schema/profile_schema_shape.h"


/* what may stand between users where a user may be no larger */
#define PROFILE_REWRITER_BETWEEN  1048576


profile_rewriter_t *
profile_rewriter_create(const profile_alloc_t *a,
    const profile_rewriter_conf_t *conf, const profile_sink_t *sink)
{
    profile_rewriter_t  *rw;

    rw = a->alloc(a->ctx, sizeof(profile_rewriter_t));
    if (rw == NULL) {
        return NULL;
    }

    memset(rw, 0, sizeof(profile_rewriter_t));

    rw->alloc = *a;
    rw->user = profile_user_create(a, conf->schema);

    if (rw->user == NULL || profile_rewriter_renew(rw, conf, sink) != 0) {
        profile_rewriter_destroy(rw);
        return NULL;
    }

    return rw;
}


int
profile_rewriter_renew(profile_rewriter_t *rw,
    const profile_rewriter_conf_t *conf, const profile_sink_t *sink)
{
    profile_rewriter_t  old;

    profile_rewriter_rest(rw);

    old = *rw;

    memset(rw, 0, sizeof(profile_rewriter_t));

    rw->alloc = old.alloc;
    rw->user = old.user;
    rw->unescaped = old.unescaped;
    rw->gap = old.gap;
    rw->picked = old.picked;

    rw->conf = *conf;
    rw->sink = *sink;
    rw->known = profile_schema_known(conf->schema);
    rw->last_user = profile_schema_shape_last_user(conf->schema);

    rw->max_between = conf->max_user_size > PROFILE_REWRITER_BETWEEN
                      ? conf->max_user_size : PROFILE_REWRITER_BETWEEN;

    rw->reader = profile_rewriter_reader(rw);

    return (rw->reader == NULL
            || profile_user_renew(rw->user, &conf->notice, &conf->view) != 0
            || profile_rewriter_search_start(rw) != 0) ? -1 : 0;
}


void
profile_rewriter_rest(profile_rewriter_t *rw)
{
    profile_reader_destroy(rw->reader);
    profile_sort_destroy(rw->sort);

    rw->reader = NULL;
    rw->sort = NULL;

    profile_user_trim(rw->user);
    profile_buf_trim(&rw->alloc, &rw->unescaped);
    profile_buf_trim(&rw->alloc, &rw->gap);
    profile_buf_trim(&rw->alloc, &rw->picked);
}


profile_reader_t *
profile_rewriter_reader(profile_rewriter_t *rw)
{
    profile_reader_conf_t  conf;

    conf.engine = PROFILE_READER_SCAN;
    conf.max_size = rw->conf.max_user_size;
    conf.max_depth = rw->conf.max_depth;
    conf.skip_bom = 1;

    return profile_reader_create(&rw->alloc, &conf, rw->conf.list.entries
                                 ? &profile_rewriter_entries_handler
                                 : &profile_rewriter_users_handler, rw);
}


void
profile_rewriter_destroy(profile_rewriter_t *rw)
{
    if (rw == NULL) {
        return;
    }

    profile_reader_destroy(rw->reader);
    profile_user_destroy(rw->user);
    profile_sort_destroy(rw->sort);
    profile_buf_free(&rw->alloc, &rw->picked);
    profile_buf_free(&rw->alloc, &rw->unescaped);
    profile_buf_free(&rw->alloc, &rw->gap);

    rw->alloc.free(rw->alloc.ctx, rw);
}


/*
 * No piece is longer than what may yet stand between users and one byte, so
 * that the offset of an error is the same however the text was cut.
 */

profile_reason_e
profile_rewriter_feed(profile_rewriter_t *rw, const u_char *data, size_t len)
{
    size_t            n;
    profile_reason_e  rc;

    if (profile_rewriter_search_full(rw)) {
        rw->end += len;
        return rw->reason;
    }

    while (len && rw->reason == PROFILE_OK) {

        n = rw->max_between - rw->between + 1;

        if (n > len) {
            n = len;
        }

        rw->chunk = data;
        rw->pos = rw->end;
        rw->end += n;

        rc = profile_reader_feed(rw->reader, data, n);

        if (rc == PROFILE_REWRITER_ENOUGH) {
            break;
        }

        if (rc == PROFILE_OK && !profile_reader_holding(rw->reader)) {
            rc = profile_rewriter_pass(rw, rw->end);
        }

        rw->reason = rc;

        data += n;
        len -= n;
    }

    return rw->reason;
}


profile_reason_e
profile_rewriter_finish(profile_rewriter_t *rw)
{
    if (rw->reason == PROFILE_OK && !profile_rewriter_search_full(rw)) {
        rw->reason = profile_reader_finish(rw->reader);
    }

    if (rw->reason != PROFILE_OK || !rw->conf.search.enabled) {
        return rw->reason;
    }

    return profile_rewriter_stop(rw);
}


profile_reason_e
profile_rewriter_stop(profile_rewriter_t *rw)
{
    if (rw->reason != PROFILE_OK || rw->ended) {
        return rw->reason;
    }

    rw->ended = 1;

    if (rw->sort == NULL) {
        rw->closed = 1;
        rw->reason = profile_rewriter_search_tail(rw);
    }

    return rw->reason;
}


profile_reason_e
profile_rewriter_more(profile_rewriter_t *rw, int *more)
{
    *more = 0;

    if (rw->reason != PROFILE_OK || rw->closed) {
        return rw->reason;
    }

    rw->reason = profile_rewriter_search_sorted(rw, more);

    if (rw->reason == PROFILE_OK && !*more) {
        rw->closed = 1;
        rw->reason = profile_rewriter_search_tail(rw);
    }

    return rw->reason;
}


profile_reason_e
profile_rewriter_next(profile_rewriter_t *rw)
{
    profile_reader_t  *reader;

    if (rw->reason == PROFILE_OK && !profile_rewriter_search_full(rw)) {
        rw->reason = profile_reader_finish(rw->reader);
    }

    if (rw->reason != PROFILE_OK) {
        return rw->reason;
    }

    reader = profile_rewriter_reader(rw);

    if (reader == NULL) {
        rw->reason = PROFILE_NO_MEMORY;
        return rw->reason;
    }

    profile_reader_destroy(rw->reader);

    rw->reader = reader;
    rw->end = 0;
    rw->passed = 0;
    rw->between = 0;

    return PROFILE_OK;
}


int
profile_rewriter_full(profile_rewriter_t *rw)
{
    return profile_rewriter_search_full(rw);
}


uint64_t
profile_rewriter_found(profile_rewriter_t *rw)
{
    return rw->found;
}


uint64_t
profile_rewriter_page_elements(profile_rewriter_t *rw)
{
    return rw->elements;
}


int
profile_rewriter_total(profile_rewriter_t *rw, uint64_t *total)
{
    unsigned  i;

    *total = 0;

    for (i = 0; i < rw->total_len; i++) {
        *total = *total * 10 + (rw->total_text[i] - '0');
    }

    return rw->total_len != 0;
}


int
profile_rewriter_started(profile_rewriter_t *rw)
{
    return rw->end != 0;
}


uint64_t
profile_rewriter_offset(profile_rewriter_t *rw)
{
    if (rw->reason == PROFILE_NOT_USERS) {
        return rw->passed - (rw->between - rw->max_between);
    }

    return profile_reader_offset(rw->reader);
}


uint64_t
profile_rewriter_left_out(profile_rewriter_t *rw)
{
    return rw->left_out;
}


const profile_counts_t *
profile_rewriter_counts(profile_rewriter_t *rw)
{
    return &rw->counts;
}
