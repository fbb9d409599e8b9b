
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader.h"
#include "core/response/profile_rewriter_again.h"
#include "core/response/profile_rewriter_envelope.h"
#include "core/response/profile_rewriter_lost.h"
#include "core/response/profile_rewriter_search.h"
#include "core/response/profile_rewriter_users.h"
#include "core/response/profile_rewriter_wrapper.h"
#include "core/response/profile_user_state.h"


static profile_reason_e profile_rewriter_begin(void *ctx,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_rewriter_begin_array(profile_rewriter_t *rw,
    const profile_event_t *ev);
static profile_reason_e profile_rewriter_begin_user(profile_rewriter_t *rw,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_rewriter_begin_member(profile_rewriter_t *rw,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_rewriter_value(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_rewriter_value_other(profile_rewriter_t *rw,
    profile_scope_e scope, const profile_event_t *ev);
static profile_reason_e profile_rewriter_element(profile_rewriter_t *rw,
    const profile_event_t *ev);
static profile_reason_e profile_rewriter_whole(profile_rewriter_t *rw,
    const profile_event_t *ev);
static profile_reason_e profile_rewriter_end(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_rewriter_end_list(profile_rewriter_t *rw,
    const profile_event_t *ev);
static profile_exact_t *profile_rewriter_exact(profile_rewriter_t *rw);
static profile_reason_e profile_rewriter_end_user(profile_rewriter_t *rw,
    const profile_event_t *ev);
static profile_reason_e profile_rewriter_user(profile_rewriter_t *rw,
    const u_char *text, uint64_t end, int matches);
static profile_reason_e profile_rewriter_list(profile_rewriter_t *rw,
    const profile_event_t *ev);


const profile_reader_handler_t  profile_rewriter_users_handler = {
    profile_rewriter_begin,
    profile_rewriter_value,
    profile_rewriter_end
};


/* the number of a name, at least: no more is asked of a member of a user */

static inline profile_reason_e
profile_rewriter_read_number(profile_rewriter_t *rw, const profile_event_t *ev,
    profile_name_t *name)
{
    if (ev->name == NULL || ev->escaped) {
        return profile_rewriter_read_name(rw, ev, name);
    }

    name->number = profile_known_number(rw->known, ev->name,
                                        ev->name_end - ev->name_start);

    return PROFILE_OK;
}


static profile_reason_e
profile_rewriter_begin(void *ctx, const profile_event_t *ev, int *inside)
{
    profile_rewriter_t  *rw = ctx;

    profile_reason_e  rc;

    switch (profile_rewriter_scope(rw)) {

    case PROFILE_SCOPE_START:

        rw->elements = 0;
        rw->total_len = 0;
        rw->strange = 0;
        rw->peopled = 0;

        if (ev->type == PROFILE_ARRAY) {
            profile_rewriter_enter(rw, PROFILE_SCOPE_LIST);
            *inside = 1;

            if (rw->conf.list.enabled && !rw->conf.search.enabled) {
                return profile_rewriter_list(rw, ev);
            }

            rc = profile_rewriter_pass(rw, ev->end);
            profile_rewriter_pass_list(rw);

            return rc;
        }

        if (rw->conf.envelope.n) {
            return profile_rewriter_envelope(rw, ev, inside);
        }

        return profile_rewriter_begin_user(rw, ev, inside);

    case PROFILE_SCOPE_LIST:

        if (ev->type == PROFILE_ARRAY) {
            return profile_rewriter_begin_array(rw, ev);
        }

        return profile_rewriter_begin_user(rw, ev, inside);

    case PROFILE_SCOPE_ENVELOPE:
        return profile_rewriter_envelope_begin(rw, ev, inside);

    case PROFILE_SCOPE_WRAPPER:
        return profile_rewriter_wrapper_begin(rw, ev, inside);

    case PROFILE_SCOPE_USER:
        return profile_rewriter_begin_member(rw, ev, inside);

    case PROFILE_SCOPE_AGAIN:
        rw->user_start = ev->start;
        profile_user_reset(rw->user, ev->start);

        profile_rewriter_enter(rw, rw->again);
        *inside = 1;

        return PROFILE_OK;

    default: /* CONTAINER */
        return PROFILE_OK;
    }
}


/* an element of a list that is one itself: it passes as it comes */

static profile_reason_e
profile_rewriter_begin_array(profile_rewriter_t *rw, const profile_event_t *ev)
{
    profile_reason_e  rc;

    rw->elements++;

    rc = profile_rewriter_pass_stranger(rw);

    if (rc == PROFILE_OK && rw->gaps) {
        rc = profile_rewriter_pass_gap(rw, ev->end);
        rw->gaps = 0;
    }

    return rc;
}


static profile_reason_e
profile_rewriter_begin_user(profile_rewriter_t *rw, const profile_event_t *ev,
    int *inside)
{
    profile_reason_e  rc;

    rc = profile_rewriter_pass(rw, ev->start);
    if (rc != PROFILE_OK) {
        return rc;
    }

    profile_reader_hold(rw->reader, ev->start);
    profile_user_reset(rw->user, ev->start);

    rw->elements++;

    if (rw->conf.skip && profile_rewriter_scope(rw) == PROFILE_SCOPE_LIST) {
        rw->list_scope = rw->nscopes;
        profile_reader_loose(rw->reader, profile_rewriter_lost);
    }

    rw->user_start = ev->start;

    profile_rewriter_enter(rw, rw->conf.wrapper.len ? PROFILE_SCOPE_WRAPPER
                                                    : PROFILE_SCOPE_USER);
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

    rc = profile_rewriter_read_number(rw, ev, name);
    if (rc != PROFILE_OK) {
        return rc;
    }

    if (profile_rewriter_is_user(rw, name)) {
        rw->is_user = 1;
        return PROFILE_OK;
    }

    if (ev->type == PROFILE_OBJECT
        && profile_schema_shape_is_container(rw->conf.schema, name))
    {
        profile_rewriter_enter(rw, PROFILE_SCOPE_CONTAINER);
        *inside = 1;

        return profile_user_member(rw->user, PROFILE_IN_ROOT, ev,
                                   name->number);
    }

    return PROFILE_OK;
}


static profile_reason_e
profile_rewriter_value(void *ctx, const profile_event_t *ev)
{
    profile_rewriter_t  *rw = ctx;

    profile_name_t    name;
    profile_scope_e   scope;
    profile_reason_e  rc;

    scope = profile_rewriter_scope(rw);

    if (scope != PROFILE_SCOPE_USER) {
        return profile_rewriter_value_other(rw, scope, ev);
    }

    if (ev->type <= PROFILE_ARRAY) {
        return profile_rewriter_whole(rw, ev);
    }

    rc = profile_rewriter_read_number(rw, ev, &name);
    if (rc != PROFILE_OK) {
        return rc;
    }

    if (profile_rewriter_is_user(rw, &name)) {
        rw->is_user = 1;
    }

    return profile_user_member(rw->user, PROFILE_IN_ROOT, ev, name.number);
}


static profile_reason_e
profile_rewriter_value_other(profile_rewriter_t *rw, profile_scope_e scope,
    const profile_event_t *ev)
{
    switch (scope) {

    case PROFILE_SCOPE_ENVELOPE:
        return profile_rewriter_envelope_value(rw, ev);

    case PROFILE_SCOPE_WRAPPER:
        return profile_rewriter_wrapper_value(rw, ev);

    case PROFILE_SCOPE_CONTAINER:
        return profile_user_member(rw->user, PROFILE_IN_CONTAINER, ev, 0);

    case PROFILE_SCOPE_LIST:
        return profile_rewriter_element(rw, ev);

    default: /* START */
        return profile_rewriter_pass_stranger(rw);
    }
}


/* the end of a user who was let go, or what is none */

static profile_reason_e
profile_rewriter_element(profile_rewriter_t *rw, const profile_event_t *ev)
{
    profile_reason_e  rc;

    if (rw->lost) {
        rw->lost = 0;
        rw->passed = ev->end;

        return PROFILE_OK;
    }

    if (ev->type == PROFILE_ARRAY) {
        rc = profile_rewriter_pass(rw, ev->end);
        rw->gaps = rw->conf.skip && !rw->listing;

        return rc;
    }

    rw->elements++;

    rc = profile_rewriter_pass_stranger(rw);

    return (rc == PROFILE_OK && rw->gaps)
           ? profile_rewriter_pass_gap(rw, ev->end) : rc;
}


/* M3.7 */

static profile_reason_e
profile_rewriter_whole(profile_rewriter_t *rw, const profile_event_t *ev)
{
    const u_char     *text;
    profile_event_t   whole;

    whole = *ev;

    if (ev->type == PROFILE_ARRAY
        && profile_schema_shape_is_container(rw->conf.schema, &rw->begun))
    {
        text = profile_reader_text(rw->reader, ev->start, ev->end);
        if (text == NULL) {
            return PROFILE_NO_MEMORY;
        }

        do {
            text++;
        } while (*text == ' ' || *text == '\t' || *text == '\n'
                 || *text == '\r');

        if (*text == ']') {
            whole.type = PROFILE_OBJECT;
        }
    }

    return profile_user_member(rw->user, PROFILE_IN_ROOT, &whole,
                               rw->begun.number);
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
        rw->user_end = ev->end;

        if (profile_rewriter_scope(rw) == PROFILE_SCOPE_WRAPPER) {
            return PROFILE_OK;
        }

        /* fall through */

    case PROFILE_SCOPE_WRAPPER:

        if (profile_rewriter_scope(rw) == PROFILE_SCOPE_AGAIN) {
            return PROFILE_OK;
        }

        return profile_rewriter_end_user(rw, ev);

    case PROFILE_SCOPE_ENVELOPE:
        rc = profile_rewriter_envelope_end(rw, ev);

        return rw->unlisted ? profile_rewriter_end_user(rw, ev) : rc;

    case PROFILE_SCOPE_LIST:
        return profile_rewriter_end_list(rw, ev);

    default: /* CONTAINER */
        profile_user_member_end(rw->user, ev);
        return PROFILE_OK;
    }
}


static profile_reason_e
profile_rewriter_end_list(profile_rewriter_t *rw, const profile_event_t *ev)
{
    profile_reason_e  rc;

    if (rw->gaps) {
        rc = profile_rewriter_pass_gap(rw, ev->end);
        rw->gaps = 0;

        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    if (rw->listing && rw->strange && !rw->peopled && rw->conf.required) {
        return PROFILE_NO_USERS;
    }

    if (profile_rewriter_scope(rw) != PROFILE_SCOPE_START) {
        rc = profile_rewriter_pass(rw, ev->end);
        profile_reader_hold(rw->reader, ev->end);

        return rc;
    }

    if (!rw->listing || rw->conf.search.enabled) {
        return PROFILE_OK;
    }

    rw->listing = 0;
    rw->passed = ev->end;

    return profile_list_tail(&rw->conf.list, rw->listed + rw->left_out, NULL,
                             &rw->sink);
}


static profile_reason_e
profile_rewriter_end_user(profile_rewriter_t *rw, const profile_event_t *ev)
{
    int                matches;
    const u_char      *text;
    profile_reason_e   rc;

    rc = rw->is_user ? PROFILE_OK : profile_rewriter_again(rw, ev->end);

    if (rc == PROFILE_OK && !rw->is_user) {
        rc = profile_rewriter_pass_stranger(rw);
    }

    if (rc != PROFILE_OK) {
        return rc;
    }

    if (!rw->is_user && !rw->listing) {
        rc = profile_rewriter_pass_gap(rw, rw->passed);

        if (rc == PROFILE_OK) {
            rc = profile_rewriter_pass_object(rw, ev->end);
        }

        profile_user_trim(rw->user);

        return rc;
    }

    text = profile_reader_text(rw->reader, rw->passed, ev->end);
    if (text == NULL) {
        return PROFILE_NO_MEMORY;
    }

    rc = PROFILE_OK;
    matches = 0;

    if (rw->is_user) {
        rw->between = 0;
        rw->peopled = 1;

        profile_user_exact(rw->user, profile_rewriter_exact(rw));

        rc = profile_user_make(rw->user, text + (rw->user_start - rw->passed),
                               rw->user_end - rw->user_start, &rw->counts,
                               &matches);
    }

    if (rc == PROFILE_PATTERN_LIMIT && rw->conf.skip
        && profile_rewriter_scope(rw) == PROFILE_SCOPE_LIST)
    {
        profile_rewriter_lost_user(rw, rc, ev->end);
        rc = PROFILE_OK;

    } else if (rc == PROFILE_OK && rw->is_user) {
        rc = profile_rewriter_user(rw, text, ev->end, matches);
    }

    rw->is_user = 0;
    rw->unwrapped = 0;
    rw->passed = ev->end;
    profile_reader_release(rw->reader);
    profile_buf_trim(&rw->alloc, &rw->picked);
    profile_user_trim(rw->user);

    return rc;
}


/* M8.4: the bag is that of one user, who is no element of a list */

static profile_exact_t *
profile_rewriter_exact(profile_rewriter_t *rw)
{
    unsigned  i;

    for (i = 0; i <= rw->nscopes; i++) {
        if (rw->scopes[i] == PROFILE_SCOPE_LIST) {
            return NULL;
        }
    }

    return rw->conf.exact;
}


static profile_reason_e
profile_rewriter_user(profile_rewriter_t *rw, const u_char *text, uint64_t end,
    int matches)
{
    if (rw->conf.search.enabled) {
        return profile_rewriter_search_user(rw, matches);
    }

    if (rw->conf.wrapper.len && !rw->unwrapped && !rw->conf.unwrap
        && !rw->listing)
    {
        return profile_rewriter_wrapper_write(rw, text, end);
    }

    return profile_rewriter_pass_user(rw, matches);
}


/* in a list of v2 only users are written: what stands between them is ours */

static profile_reason_e
profile_rewriter_list(profile_rewriter_t *rw, const profile_event_t *ev)
{
    profile_reason_e  rc;

    rc = profile_rewriter_pass(rw, ev->start);
    if (rc != PROFILE_OK) {
        return rc;
    }

    rw->listing = 1;

    return profile_list_head(&rw->conf.list, &rw->sink);
}
