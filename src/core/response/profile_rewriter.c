
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader.h"
#include "core/response/profile_rewriter.h"
#include "core/response/profile_rewriter_gap.h"
#include "core/response/profile_rewriter_state.h"
#include "core/response/profile_rewriter_text.h"
#include "core/response/profile_user_write.h"


static profile_reason_e profile_rewriter_begin(void *ctx,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_rewriter_begin_array(profile_rewriter_t *rw,
    const profile_event_t *ev);
static profile_reason_e profile_rewriter_begin_user(profile_rewriter_t *rw,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_rewriter_begin_member(profile_rewriter_t *rw,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_rewriter_begin_other(profile_rewriter_t *rw,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_rewriter_begin_list(profile_rewriter_t *rw,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_rewriter_value(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_rewriter_whole(profile_rewriter_t *rw,
    const profile_event_t *ev);
static profile_reason_e profile_rewriter_other(profile_rewriter_t *rw,
    const profile_event_t *ev);
static profile_reason_e profile_rewriter_end(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_rewriter_end_user(profile_rewriter_t *rw,
    const profile_event_t *ev);
static void profile_rewriter_lost(void *ctx, profile_reason_e reason,
    uint64_t offset);
static void profile_rewriter_unreadable(profile_rewriter_t *rw,
    profile_reason_e reason, uint64_t offset);
static profile_reason_e profile_rewriter_element(profile_rewriter_t *rw,
    const profile_event_t *ev);
static profile_reason_e profile_rewriter_list(profile_rewriter_t *rw,
    const profile_event_t *ev);
static profile_reason_e profile_rewriter_stranger(profile_rewriter_t *rw);


static const profile_reader_handler_t  profile_rewriter_handler = {
    profile_rewriter_begin,
    profile_rewriter_value,
    profile_rewriter_end
};


/* M1.5: what stands where a user may, and is none */

#define profile_rewriter_nobody(rw)                                          \
    ((rw)->conf.required ? PROFILE_NO_USERS : PROFILE_OK)

/* M1.1: whether only a user has a member of this name */

#define profile_rewriter_is_user(name)                                       \
    ((name)->number == PROFILE_NAME_USER_ID                                  \
     || (name)->number == PROFILE_NAME_IDENTITIES)

profile_rewriter_t *
profile_rewriter_create(const profile_alloc_t *a,
    const profile_rewriter_conf_t *conf, const profile_sink_t *sink)
{
    profile_rewriter_t    *rw;
    profile_reader_conf_t  rconf;

    rw = a->alloc(a->ctx, sizeof(profile_rewriter_t));
    if (rw == NULL) {
        return NULL;
    }

    memset(rw, 0, sizeof(profile_rewriter_t));

    rw->alloc = *a;
    rw->conf = *conf;
    rw->sink = *sink;

    rconf.engine = PROFILE_READER_YAJL;
    rconf.max_size = conf->max_user_size;
    rconf.max_depth = conf->max_depth;
    rconf.skip_bom = 1;

    rw->reader = profile_reader_create(a, &rconf, &profile_rewriter_handler,
                                       rw);
    rw->user = profile_user_create(a, conf->schema, &conf->notice,
                                   &conf->view);

    if (rw->reader == NULL || rw->user == NULL) {
        profile_rewriter_destroy(rw);
        return NULL;
    }

    return rw;
}


void
profile_rewriter_destroy(profile_rewriter_t *rw)
{
    if (rw == NULL) {
        return;
    }

    profile_reader_destroy(rw->reader);
    profile_user_destroy(rw->user);
    profile_buf_free(&rw->alloc, &rw->unescaped);
    profile_buf_free(&rw->alloc, &rw->gap);

    rw->alloc.free(rw->alloc.ctx, rw);
}


profile_reason_e
profile_rewriter_feed(profile_rewriter_t *rw, const u_char *data, size_t len)
{
    if (rw->reason != PROFILE_OK) {
        return rw->reason;
    }

    rw->chunk = data;
    rw->pos = rw->end;
    rw->end += len;

    rw->reason = profile_reader_feed(rw->reader, data, len);

    if (rw->reason == PROFILE_OK && !profile_reader_holding(rw->reader)) {
        rw->reason = profile_rewriter_text_pass(rw, rw->end);
    }

    return rw->reason;
}


profile_reason_e
profile_rewriter_finish(profile_rewriter_t *rw)
{
    if (rw->reason == PROFILE_OK) {
        rw->reason = profile_reader_finish(rw->reader);
    }

    return rw->reason;
}


int
profile_rewriter_started(profile_rewriter_t *rw)
{
    return rw->end != 0;
}


uint64_t
profile_rewriter_offset(profile_rewriter_t *rw)
{
    return profile_reader_offset(rw->reader);
}


uint64_t
profile_rewriter_left_out(profile_rewriter_t *rw)
{
    return rw->unreadable;
}


const profile_counts_t *
profile_rewriter_counts(profile_rewriter_t *rw)
{
    return &rw->counts;
}


static profile_reason_e
profile_rewriter_begin(void *ctx, const profile_event_t *ev, int *inside)
{
    profile_rewriter_t  *rw = ctx;

    profile_reason_e  rc;

    switch (profile_rewriter_scope(rw)) {

    case PROFILE_SCOPE_START:

        if (ev->type == PROFILE_ARRAY) {
            profile_rewriter_enter(rw, PROFILE_SCOPE_LIST);
            *inside = 1;

            if (rw->conf.list.enabled) {
                return profile_rewriter_list(rw, ev);
            }

            rc = profile_rewriter_text_pass(rw, ev->end);
            profile_rewriter_gap_begin(rw, ev->end);

            return rc;
        }

        return profile_rewriter_begin_user(rw, ev, inside);

    case PROFILE_SCOPE_LIST:

        if (ev->type == PROFILE_ARRAY) {
            return profile_rewriter_begin_array(rw, ev);
        }

        return profile_rewriter_begin_user(rw, ev, inside);

    case PROFILE_SCOPE_ENVELOPE:
        return profile_rewriter_begin_other(rw, ev, inside);

    case PROFILE_SCOPE_USER:
        return profile_rewriter_begin_member(rw, ev, inside);

    default: /* CONTAINER */
        return PROFILE_OK;
    }
}


/* an element of a list that is one itself: it passes as it comes */

static profile_reason_e
profile_rewriter_begin_array(profile_rewriter_t *rw, const profile_event_t *ev)
{
    profile_reason_e  rc;

    rc = profile_rewriter_stranger(rw);

    if (rc == PROFILE_OK && rw->gaps) {
        rc = profile_rewriter_gap_pass(rw, ev->start);
        profile_reader_release(rw->reader);
    }

    return rc;
}


static profile_reason_e
profile_rewriter_begin_user(profile_rewriter_t *rw, const profile_event_t *ev,
    int *inside)
{
    profile_reason_e  rc;

    rc = rw->gaps ? profile_rewriter_gap_keep(rw, ev->start)
                  : profile_rewriter_text_pass(rw, ev->start);
    if (rc != PROFILE_OK) {
        return rc;
    }

    profile_reader_hold(rw->reader, ev->start);
    profile_user_reset(rw->user, ev->start);

    if (rw->conf.skip && profile_rewriter_scope(rw) == PROFILE_SCOPE_LIST) {
        rw->list_scope = rw->nscopes;
        profile_reader_loose(rw->reader, profile_rewriter_lost);
    }

    profile_rewriter_enter(rw, PROFILE_SCOPE_USER);
    *inside = 1;

    return PROFILE_OK;
}


static profile_reason_e
profile_rewriter_begin_member(profile_rewriter_t *rw,
    const profile_event_t *ev, int *inside)
{
    profile_name_t    *name;
    profile_reason_e   rc;

    name = &rw->begun;

    rc = profile_rewriter_text_name(rw, ev, name);
    if (rc != PROFILE_OK) {
        return rc;
    }

    switch (name->number) {

    case PROFILE_NAME_APP_METADATA:
    case PROFILE_NAME_USER_METADATA:
    case PROFILE_NAME_METADATA:

        if (ev->type == PROFILE_ARRAY) {
            break;
        }

        profile_rewriter_enter(rw, PROFILE_SCOPE_CONTAINER);
        *inside = 1;

        return profile_user_member(rw->user, PROFILE_IN_ROOT, ev, name);

    case PROFILE_NAME_USER_ID:
    case PROFILE_NAME_IDENTITIES:
        rw->is_user = 1;
        return PROFILE_OK;

    default:
        break;
    }

    if (rw->nscopes == 1 && !rw->is_user
        && profile_rewriter_is_list(rw, ev, name))
    {
        profile_rewriter_scope(rw) = PROFILE_SCOPE_ENVELOPE;
        return profile_rewriter_begin_list(rw, ev, inside);
    }

    return PROFILE_OK;
}


/*
 * A member of an envelope.  Its name is held until it is known, its value
 * passes as it comes.
 */

static profile_reason_e
profile_rewriter_begin_other(profile_rewriter_t *rw, const profile_event_t *ev,
    int *inside)
{
    profile_name_t    name;
    profile_reason_e  rc;

    rc = profile_rewriter_text_name(rw, ev, &name);
    if (rc != PROFILE_OK) {
        return rc;
    }

    if (profile_rewriter_is_list(rw, ev, &name)) {
        return profile_rewriter_begin_list(rw, ev, inside);
    }

    if (profile_rewriter_is_user(&name)) {
        return PROFILE_LATE_USER;
    }

    return profile_rewriter_text_pass_held(rw, ev->end);
}


static profile_reason_e
profile_rewriter_begin_list(profile_rewriter_t *rw, const profile_event_t *ev,
    int *inside)
{
    profile_reason_e  rc;

    profile_rewriter_enter(rw, PROFILE_SCOPE_LIST);
    *inside = 1;

    rc = profile_rewriter_text_pass_held(rw, ev->end);
    profile_rewriter_gap_begin(rw, ev->end);

    return rc;
}


static profile_reason_e
profile_rewriter_value(void *ctx, const profile_event_t *ev)
{
    profile_rewriter_t  *rw = ctx;

    profile_name_t    name;
    profile_place_e   place;
    profile_reason_e  rc;

    switch (profile_rewriter_scope(rw)) {

    case PROFILE_SCOPE_ENVELOPE:
        return profile_rewriter_other(rw, ev);

    case PROFILE_SCOPE_USER:
        place = PROFILE_IN_ROOT;
        break;

    case PROFILE_SCOPE_CONTAINER:
        place = PROFILE_IN_CONTAINER;
        break;

    case PROFILE_SCOPE_LIST:
        return profile_rewriter_element(rw, ev);

    default: /* START */
        return profile_rewriter_nobody(rw);
    }

    if (place == PROFILE_IN_ROOT && ev->type <= PROFILE_ARRAY) {
        return profile_rewriter_whole(rw, ev);
    }

    rc = profile_rewriter_text_name(rw, ev, &name);
    if (rc != PROFILE_OK) {
        return rc;
    }

    if (place == PROFILE_IN_ROOT && profile_rewriter_is_user(&name)) {
        rw->is_user = 1;
    }

    return profile_user_member(rw->user, place, ev, &name);
}


/* M3.7 */

static profile_reason_e
profile_rewriter_whole(profile_rewriter_t *rw, const profile_event_t *ev)
{
    profile_event_t  whole;

    whole = *ev;

    if (ev->type == PROFILE_ARRAY && rw->begun.number != 0
        && rw->begun.number <= PROFILE_NAME_METADATA
        && profile_rewriter_text_is_empty(rw, ev))
    {
        whole.type = PROFILE_OBJECT;
    }

    return profile_user_member(rw->user, PROFILE_IN_ROOT, &whole, &rw->begun);
}


static profile_reason_e
profile_rewriter_other(profile_rewriter_t *rw, const profile_event_t *ev)
{
    profile_name_t    name;
    profile_reason_e  rc;

    if (profile_reader_holding(rw->reader)) {
        rc = profile_rewriter_text_name(rw, ev, &name);

        if (rc == PROFILE_OK && profile_rewriter_is_user(&name)) {
            rc = PROFILE_LATE_USER;
        }

        if (rc == PROFILE_OK) {
            rc = profile_rewriter_text_pass_held(rw, ev->end);
        }

    } else {
        rc = profile_rewriter_text_pass(rw, ev->end);
    }

    profile_reader_hold(rw->reader, ev->end);

    return rc;
}


static profile_reason_e
profile_rewriter_end(void *ctx, const profile_event_t *ev)
{
    profile_rewriter_t  *rw = ctx;

    profile_scope_e   scope;
    profile_reason_e  rc;

    scope = profile_rewriter_scope(rw);
    profile_rewriter_leave(rw);

    switch (scope) {

    case PROFILE_SCOPE_USER:
        return profile_rewriter_end_user(rw, ev);

    case PROFILE_SCOPE_ENVELOPE:
        return profile_rewriter_text_pass_held(rw, ev->end);

    case PROFILE_SCOPE_LIST:

        if (rw->gaps) {
            rc = profile_rewriter_gap_end(rw, ev->end - 1);
            if (rc != PROFILE_OK) {
                return rc;
            }
        }

        if (profile_rewriter_scope(rw) == PROFILE_SCOPE_START) {

            if (!rw->listing) {
                return PROFILE_OK;
            }

            if (rw->strange && rw->counts.users + rw->unreadable == 0
                && profile_rewriter_nobody(rw) != PROFILE_OK)
            {
                return PROFILE_NO_USERS;
            }

            rw->listing = 0;
            rw->passed = ev->end;

            return profile_list_tail(&rw->conf.list,
                                     rw->listed + rw->unreadable,
                                     &rw->sink);
        }

        rc = profile_rewriter_text_pass(rw, ev->end);
        profile_reader_hold(rw->reader, ev->end);

        return rc;

    default: /* CONTAINER */
        profile_user_member_end(rw->user, ev);
        return PROFILE_OK;
    }
}


static profile_reason_e
profile_rewriter_end_user(profile_rewriter_t *rw, const profile_event_t *ev)
{
    int                matches, written;
    const u_char      *text;
    profile_reason_e   rc;

    if (!rw->is_user) {
        rc = profile_rewriter_stranger(rw);

        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    if (!rw->is_user && !rw->listing) {
        rc = profile_rewriter_gap_write(rw);

        if (rc == PROFILE_OK) {
            rc = profile_rewriter_text_pass_held(rw, ev->end);
        }

        profile_rewriter_gap_next(rw, ev->end);

        return rc;
    }

    text = profile_reader_text(rw->reader, rw->passed, ev->end);
    if (text == NULL) {
        return PROFILE_NO_MEMORY;
    }

    rc = PROFILE_OK;
    matches = 0;
    written = 0;

    if (rw->is_user) {
        rc = profile_user_make(rw->user, text, ev->end - rw->passed,
                               &rw->counts, &matches);
    }

    if (rc == PROFILE_PATTERN_LIMIT && rw->conf.skip
        && profile_rewriter_scope(rw) == PROFILE_SCOPE_LIST)
    {
        profile_rewriter_unreadable(rw, rc, ev->end);

        rc = PROFILE_OK;
        matches = 0;
        rw->pending = rw->gaps;

    } else if (rc == PROFILE_OK) {
        rc = profile_rewriter_gap_write(rw);
        written = 1;
    }

    if (rc == PROFILE_OK && matches && rw->listing && rw->listed++) {
        rc = profile_list_comma(&rw->sink);
    }

    if (rc == PROFILE_OK && (matches || (written && !rw->listing))) {
        rc = profile_user_write(rw->user, &rw->sink);
    }

    rw->is_user = 0;
    rw->passed = ev->end;
    profile_reader_release(rw->reader);
    profile_rewriter_gap_next(rw, ev->end);

    return rc;
}


/* M6.4: what has been told of the user is of no use any more */

static void
profile_rewriter_lost(void *ctx, profile_reason_e reason, uint64_t offset)
{
    profile_rewriter_t  *rw = ctx;

    profile_rewriter_unreadable(rw, reason, offset);

    rw->nscopes = rw->list_scope;
    rw->is_user = 0;
    rw->lost = 1;
    rw->pending = rw->gaps;
}


static void
profile_rewriter_unreadable(profile_rewriter_t *rw, profile_reason_e reason,
    uint64_t offset)
{
    uint64_t       start, end;
    const u_char  *id;

    rw->unreadable++;

    if (rw->conf.unreadable == NULL) {
        return;
    }

    id = NULL;
    start = 0;
    end = 0;

    if (profile_user_id(rw->user, &start, &end)) {
        id = profile_reader_text(rw->reader, start, end);
    }

    rw->conf.unreadable(rw->conf.notice.ctx, reason, offset, id,
                        id ? end - start : 0);
}


/* another element of a list, or the end of a user who was let go */

static profile_reason_e
profile_rewriter_element(profile_rewriter_t *rw, const profile_event_t *ev)
{
    profile_reason_e  rc;

    if (rw->lost) {
        rw->lost = 0;
        rw->passed = ev->end;
        profile_rewriter_gap_next(rw, ev->end);

        return PROFILE_OK;
    }

    rc = profile_rewriter_stranger(rw);

    if (rc != PROFILE_OK || !rw->gaps) {
        return rc;
    }

    if (ev->type == PROFILE_ARRAY) {
        rc = profile_rewriter_text_pass(rw, ev->end);

    } else {
        rc = profile_rewriter_gap_pass(rw, ev->start);

        if (rc == PROFILE_OK) {
            rc = profile_rewriter_text_pass_held(rw, ev->end);
        }
    }

    profile_rewriter_gap_next(rw, ev->end);

    return rc;
}


/* in a list of v2 only users are written: what stands between them is ours */

static profile_reason_e
profile_rewriter_list(profile_rewriter_t *rw, const profile_event_t *ev)
{
    profile_reason_e  rc;

    rc = profile_rewriter_text_pass(rw, ev->start);
    if (rc != PROFILE_OK) {
        return rc;
    }

    rw->listing = 1;

    return profile_list_head(&rw->conf.list, &rw->sink);
}


/* in a list of U5 they are left out, but not all of them */

static profile_reason_e
profile_rewriter_stranger(profile_rewriter_t *rw)
{
    if (rw->listing) {
        rw->strange = 1;
        return PROFILE_OK;
    }

    return profile_rewriter_nobody(rw);
}
