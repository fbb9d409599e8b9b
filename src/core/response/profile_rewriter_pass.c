
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader.h"
#include "core/response/profile_rewriter_pass.h"


static profile_reason_e profile_rewriter_count(profile_rewriter_t *rw,
    uint64_t n);


profile_reason_e
profile_rewriter_pass(profile_rewriter_t *rw, uint64_t end)
{
    uint64_t          start;
    profile_reason_e  rc;

    start = profile_reader_origin(rw->reader);

    if (start < rw->passed) {
        start = rw->passed;
    }

    rw->passed = end;

    if (start >= end) {
        return PROFILE_OK;
    }

    if (!rw->listing) {
        rc = rw->sink.write(rw->sink.ctx, rw->chunk + (start - rw->pos),
                            end - start);
        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    return profile_rewriter_count(rw, end - start);
}


profile_reason_e
profile_rewriter_pass_held(profile_rewriter_t *rw, uint64_t end)
{
    uint64_t          start;
    profile_reason_e  rc;

    start = rw->passed;

    rc = profile_rewriter_pass_object(rw, end);

    return rc == PROFILE_OK ? profile_rewriter_count(rw, end - start) : rc;
}


profile_reason_e
profile_rewriter_pass_object(profile_rewriter_t *rw, uint64_t end)
{
    size_t         len;
    const u_char  *text;

    text = profile_reader_text(rw->reader, rw->passed, end);
    if (text == NULL) {
        return PROFILE_NO_MEMORY;
    }

    len = end - rw->passed;

    rw->passed = end;
    profile_reader_release(rw->reader);

    return rw->sink.write(rw->sink.ctx, text, len);
}


/* M6.4: what has passed just now */

static profile_reason_e
profile_rewriter_count(profile_rewriter_t *rw, uint64_t n)
{
    rw->between += n;

    return rw->between > rw->max_between ? PROFILE_NOT_USERS : PROFILE_OK;
}
