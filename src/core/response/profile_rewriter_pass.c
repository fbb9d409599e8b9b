
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader.h"
#include "core/response/profile_rewriter_pass.h"
#include "core/response/profile_user_write.h"


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

    if (start >= end || rw->lost) {
        return PROFILE_OK;
    }

    if (rw->gaps) {
        if (profile_buf_append(&rw->alloc, &rw->gap,
                               rw->chunk + (start - rw->pos), end - start)
            != 0)
        {
            return PROFILE_NO_MEMORY;
        }

    } else if (!rw->listing) {
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
    const u_char      *text;
    profile_reason_e   rc;

    rc = PROFILE_OK;

    if (!rw->listing) {
        text = profile_reader_text(rw->reader, rw->passed, end);
        if (text == NULL) {
            return PROFILE_NO_MEMORY;
        }

        rc = rw->sink.write(rw->sink.ctx, text, end - rw->passed);
    }

    rw->passed = end;
    profile_reader_release(rw->reader);

    return rc;
}


/* in a list of U5 they are left out, but not all, and none in its place */

profile_reason_e
profile_rewriter_pass_stranger(profile_rewriter_t *rw)
{
    if (!rw->listing || !rw->conf.list.enabled) {
        return rw->conf.required ? PROFILE_NO_USERS : PROFILE_OK;
    }

    if (profile_rewriter_scope(rw) == PROFILE_SCOPE_START) {
        return PROFILE_NO_USERS;
    }

    rw->strange = 1;

    return PROFILE_OK;
}


profile_reason_e
profile_rewriter_pass_user(profile_rewriter_t *rw, int matches)
{
    profile_reason_e  rc;

    if (!rw->listing) {
        rc = profile_rewriter_pass_gap(rw, rw->passed);

    } else if (matches && rw->conf.list.none) {
        rw->listed++;
        return PROFILE_OK;

    } else if (matches) {
        rc = rw->listed++ ? profile_list_comma(&rw->sink) : PROFILE_OK;

    } else {
        return PROFILE_OK;
    }

    return rc == PROFILE_OK ? profile_user_write(rw->user, &rw->sink) : rc;
}


void
profile_rewriter_pass_list(profile_rewriter_t *rw)
{
    if (!rw->conf.search.enabled) {
        rw->elements = 0;
    }

    rw->gaps = rw->conf.skip && !rw->listing;
    rw->some = 0;
    rw->bare = 0;
    rw->gap.len = 0;
}


/* the comma in front of the first one that stays goes, too */

profile_reason_e
profile_rewriter_pass_gap(profile_rewriter_t *rw, uint64_t end)
{
    size_t             len;
    u_char            *comma;
    profile_reason_e   rc;

    rc = profile_rewriter_pass(rw, end);
    if (rc != PROFILE_OK) {
        return rc;
    }

    len = rw->gap.len;
    comma = rw->bare ? memchr(rw->gap.data, ',', len) : NULL;

    rw->some = 1;
    rw->bare = 0;
    rw->gap.len = 0;

    if (len == 0) {
        return PROFILE_OK;
    }

    if (comma == NULL) {
        return rw->sink.write(rw->sink.ctx, rw->gap.data, len);
    }

    if (comma != rw->gap.data) {
        rc = rw->sink.write(rw->sink.ctx, rw->gap.data, comma - rw->gap.data);
    }

    comma++;
    len -= comma - rw->gap.data;

    if (rc == PROFILE_OK && len) {
        rc = rw->sink.write(rw->sink.ctx, comma, len);
    }

    return rc;
}


void
profile_rewriter_pass_none(profile_rewriter_t *rw)
{
    rw->gap.len = 0;

    if (!rw->some) {
        rw->bare = 1;
    }
}


/* M6.4: what has passed just now */

static profile_reason_e
profile_rewriter_count(profile_rewriter_t *rw, uint64_t n)
{
    rw->between += n;

    return rw->between > rw->max_between ? PROFILE_NOT_USERS : PROFILE_OK;
}
