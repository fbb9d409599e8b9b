
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/response/profile_rewriter_entries.h"
#include "core/response/profile_rewriter_pass.h"


static profile_reason_e profile_rewriter_entries_begin(void *ctx,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_rewriter_entries_value(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_rewriter_entries_end(void *ctx,
    const profile_event_t *ev);


const profile_reader_handler_t  profile_rewriter_entries_handler = {
    profile_rewriter_entries_begin,
    profile_rewriter_entries_value,
    profile_rewriter_entries_end
};


/* no entry is entered */

static profile_reason_e
profile_rewriter_entries_begin(void *ctx, const profile_event_t *ev,
    int *inside)
{
    profile_rewriter_t  *rw = ctx;

    profile_reason_e  rc;

    if (rw->nscopes) {
        return PROFILE_OK;
    }

    if (ev->type != PROFILE_ARRAY) {
        return PROFILE_NO_USERS;
    }

    rc = profile_rewriter_pass(rw, ev->start);
    if (rc != PROFILE_OK) {
        return rc;
    }

    *inside = 1;

    rw->scopes[++rw->nscopes] = PROFILE_SCOPE_LIST;
    rw->passed = ev->end;

    return profile_list_head(&rw->conf.list, &rw->sink);
}


static profile_reason_e
profile_rewriter_entries_value(void *ctx, const profile_event_t *ev)
{
    profile_rewriter_t  *rw = ctx;

    if (rw->nscopes == 0) {
        return PROFILE_NO_USERS;
    }

    rw->elements++;
    rw->between = 0;

    return profile_rewriter_pass(rw, ev->end);
}


static profile_reason_e
profile_rewriter_entries_end(void *ctx, const profile_event_t *ev)
{
    profile_rewriter_t  *rw = ctx;

    profile_reason_e  rc;

    rw->nscopes--;

    /* the bracket is that of the envelope's tail */

    rc = profile_rewriter_pass(rw, ev->end - 1);

    if (rc != PROFILE_OK) {
        return rc;
    }

    rw->passed = ev->end;

    return profile_list_tail(&rw->conf.list, rw->elements, NULL, &rw->sink);
}
