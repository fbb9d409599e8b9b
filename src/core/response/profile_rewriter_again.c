
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader.h"
#include "core/response/profile_rewriter_again.h"


static profile_reason_e profile_rewriter_again_as(profile_rewriter_t *rw,
    profile_scope_e scope, uint64_t end);


profile_reason_e
profile_rewriter_again(profile_rewriter_t *rw, uint64_t end)
{
    profile_reason_e  rc;

    rc = PROFILE_OK;

    if (rw->unlisted && rw->conf.wrapper.len) {
        rc = profile_rewriter_again_as(rw, PROFILE_SCOPE_WRAPPER, end);
    }

    if (rc == PROFILE_OK && !rw->is_user
        && (rw->unlisted || rw->conf.wrapper.len))
    {
        rc = profile_rewriter_again_as(rw, PROFILE_SCOPE_USER, end);
        rw->unwrapped = rw->is_user;
    }

    rw->unlisted = 0;

    return rc;
}


/* of the object the reader of the response knows that it is valid */

static profile_reason_e
profile_rewriter_again_as(profile_rewriter_t *rw, profile_scope_e scope,
    uint64_t end)
{
    uint64_t           start;
    const u_char      *text;
    profile_reader_t  *reader;
    profile_reason_e   rc;

    start = rw->passed;

    text = profile_reader_text(rw->reader, start, end);
    if (text == NULL) {
        return PROFILE_NO_MEMORY;
    }

    reader = rw->reader;

    rw->reader = profile_rewriter_reader(rw);

    if (rw->reader == NULL) {
        rw->reader = reader;
        return PROFILE_NO_MEMORY;
    }

    rw->again = scope;
    profile_rewriter_enter(rw, PROFILE_SCOPE_AGAIN);

    rc = profile_reader_feed(rw->reader, text, end - start);

    profile_rewriter_leave(rw);

    profile_reader_destroy(rw->reader);
    rw->reader = reader;

    rw->user_start += start;
    rw->user_end += start;

    return rc;
}
