
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/response/profile_rewriter_search.h"
#include "core/response/profile_user_write.h"


static profile_reason_e profile_rewriter_search_seen(profile_rewriter_t *rw,
    int *seen);
static profile_reason_e profile_rewriter_search_finds(profile_rewriter_t *rw,
    int *finds);
static int profile_rewriter_search_named(const void *ctx,
    const profile_str_t *container, const profile_str_t *name);
static profile_reason_e profile_rewriter_search_sort(profile_rewriter_t *rw);
static profile_reason_e profile_rewriter_search_keep(void *ctx,
    const u_char *data, size_t len);
static profile_reason_e profile_rewriter_search_before(profile_rewriter_t *rw);


int
profile_rewriter_search_start(profile_rewriter_t *rw)
{
    profile_search_t     *search;
    profile_sort_conf_t   conf;

    search = &rw->conf.search;

    if (!search->enabled) {
        return 0;
    }

    if (rw->conf.list.none) {
        search->limit = 0;
    }

    /* only what is of this list is written */

    rw->conf.unwrap = 1;
    rw->conf.list.enabled = 1;
    rw->listing = 1;
    rw->window = search->limit < UINT64_MAX - search->start
                 ? search->start + search->limit : UINT64_MAX;

    if (search->sort.len == 0) {
        return 0;
    }

    conf.most = search->limit ? rw->window : 0;
    conf.size = search->sort_size;
    conf.descending = search->descending;

    rw->sort = profile_sort_create(&rw->alloc, &conf);

    return rw->sort ? 0 : -1;
}


int
profile_rewriter_search_full(profile_rewriter_t *rw)
{
    const profile_search_t  *search;

    search = &rw->conf.search;

    if (!search->enabled || search->all) {
        return 0;
    }

    return search->limit == 0 || (rw->sort == NULL && rw->found >= rw->window);
}


profile_reason_e
profile_rewriter_search_user(profile_rewriter_t *rw, int matches)
{
    int                      seen, finds;
    profile_reason_e         rc;
    const profile_search_t  *search;

    search = &rw->conf.search;

    seen = 0;
    finds = matches;

    rc = search->seen ? profile_rewriter_search_seen(rw, &seen) : PROFILE_OK;

    if (rc == PROFILE_OK && !seen && matches && search->query) {
        rc = profile_rewriter_search_finds(rw, &finds);
    }

    if (rc != PROFILE_OK || seen || !finds) {
        return rc;
    }

    rw->found++;

    if (rw->sort) {
        return profile_rewriter_search_sort(rw);
    }

    if (rw->found <= search->start || rw->found > rw->window) {
        return PROFILE_OK;
    }

    rc = profile_rewriter_search_before(rw);

    if (rc == PROFILE_OK) {
        rc = profile_user_write(rw->user, &rw->sink);
    }

    return rc == PROFILE_OK && profile_rewriter_search_full(rw)
           ? PROFILE_REWRITER_ENOUGH : rc;
}


/* two users without an id need not be the same */

static profile_reason_e
profile_rewriter_search_seen(profile_rewriter_t *rw, int *seen)
{
    int                      rc;
    unsigned                 flags;
    profile_str_t            id;
    profile_type_e           type;
    const profile_search_t  *search;

    static const profile_str_t  name = profile_string("user_id");

    search = &rw->conf.search;

    rc = profile_user_root(rw->user, &name, &type, &id);

    if (rc <= 0) {
        return rc ? PROFILE_NO_MEMORY : PROFILE_OK;
    }

    if (type == PROFILE_STRING) {
        if (profile_text_plain(&rw->alloc, &rw->picked, id.data + 1,
                               id.len - 2, &flags)
            != 0)
        {
            return PROFILE_NO_MEMORY;
        }

        id.data = rw->picked.data;
        id.len = rw->picked.len;

    } else if (type != PROFILE_NUMBER) {
        return PROFILE_OK;
    }

    if (id.len == 0) {
        return PROFILE_OK;
    }

    rc = search->seen(search->seen_ctx, id.data, id.len);

    *seen = rc > 0;

    return rc < 0 ? PROFILE_NO_MEMORY : PROFILE_OK;
}


/* what of the user the query has to do with is made, and no more */

static profile_reason_e
profile_rewriter_search_finds(profile_rewriter_t *rw, int *finds)
{
    profile_pick_t    pick;
    profile_sink_t    sink;
    profile_reason_e  rc;

    pick.named = profile_rewriter_search_named;
    pick.ctx = rw->conf.search.query;

    sink.write = profile_rewriter_search_keep;
    sink.ctx = rw;

    rw->picked.len = 0;

    rc = profile_user_write_picked(rw->user, &pick, &sink);

    if (rc != PROFILE_OK) {
        return rc;
    }

    return profile_query_finds(rw->conf.search.query, rw->picked.data,
                               rw->picked.len, finds);
}


static int
profile_rewriter_search_named(const void *ctx, const profile_str_t *container,
    const profile_str_t *name)
{
    return profile_query_named(ctx, container, name);
}


static profile_reason_e
profile_rewriter_search_sort(profile_rewriter_t *rw)
{
    int               rc, kept;
    profile_str_t     key;
    profile_sink_t    sink;
    profile_type_e    type;
    profile_reason_e  reason;

    static const profile_str_t  null = profile_string("null");

    rc = profile_user_root(rw->user, &rw->conf.search.sort, &type, &key);

    if (rc < 0) {
        return PROFILE_NO_MEMORY;
    }

    if (rc == 0) {
        type = PROFILE_NULL;
        key = null;
    }

    reason = profile_sort_key(rw->sort, type, &key, &kept);

    if (reason != PROFILE_OK || !kept) {
        return reason;
    }

    sink.write = profile_rewriter_search_keep;
    sink.ctx = rw;

    rw->picked.len = 0;

    reason = profile_user_write(rw->user, &sink);

    return reason == PROFILE_OK
           ? profile_sort_add(rw->sort, rw->picked.data, rw->picked.len)
           : reason;
}


static profile_reason_e
profile_rewriter_search_keep(void *ctx, const u_char *data, size_t len)
{
    profile_rewriter_t  *rw = ctx;

    return profile_buf_append(&rw->alloc, &rw->picked, data, len) == 0
           ? PROFILE_OK : PROFILE_NO_MEMORY;
}


static profile_reason_e
profile_rewriter_search_before(profile_rewriter_t *rw)
{
    return rw->listed++ ? profile_list_comma(&rw->sink)
                        : profile_list_head(&rw->conf.list, &rw->sink);
}


profile_reason_e
profile_rewriter_search_sorted(profile_rewriter_t *rw, int *more)
{
    profile_str_t     user;
    profile_reason_e  rc;

    *more = 0;

    if (rw->sort == NULL) {
        return PROFILE_OK;
    }

    do {
        if (!profile_sort_next(rw->sort, &user)) {
            return PROFILE_OK;
        }

    } while (rw->sorted++ < rw->conf.search.start);

    rc = profile_rewriter_search_before(rw);

    if (rc == PROFILE_OK) {
        rc = rw->sink.write(rw->sink.ctx, user.data, user.len);
    }

    *more = (rc == PROFILE_OK);

    return rc;
}


profile_reason_e
profile_rewriter_search_tail(profile_rewriter_t *rw)
{
    profile_reason_e  rc;

    rc = rw->listed ? PROFILE_OK
                    : profile_list_head(&rw->conf.list, &rw->sink);

    if (rc == PROFILE_OK) {
        rc = profile_list_tail(&rw->conf.list, rw->listed,
                               rw->conf.search.all ? &rw->found : NULL,
                               &rw->sink);
    }

    return rc;
}
