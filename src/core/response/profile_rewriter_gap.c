
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader.h"
#include "core/response/profile_rewriter_gap.h"


void
profile_rewriter_gap_begin(profile_rewriter_t *rw, uint64_t start)
{
    rw->gaps = rw->conf.skip;
    rw->pending = 0;

    profile_rewriter_gap_next(rw, start);
}


void
profile_rewriter_gap_next(profile_rewriter_t *rw, uint64_t start)
{
    if (rw->gaps) {
        profile_reader_hold(rw->reader, start);
    }
}


profile_reason_e
profile_rewriter_gap_keep(profile_rewriter_t *rw, uint64_t end)
{
    size_t         len;
    const u_char  *text;

    len = end - rw->passed;

    if (rw->pending || len == 0) {
        rw->passed = end;
        return PROFILE_OK;
    }

    text = profile_reader_text(rw->reader, rw->passed, end);

    rw->passed = end;

    if (text == NULL
        || profile_buf_append(&rw->alloc, &rw->gap, text, len) != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    return PROFILE_OK;
}


profile_reason_e
profile_rewriter_gap_write(profile_rewriter_t *rw)
{
    size_t  len;

    len = rw->gap.len;

    rw->gap.len = 0;
    rw->pending = 0;

    return len ? rw->sink.write(rw->sink.ctx, rw->gap.data, len) : PROFILE_OK;
}


profile_reason_e
profile_rewriter_gap_pass(profile_rewriter_t *rw, uint64_t end)
{
    profile_reason_e  rc;

    rc = profile_rewriter_gap_keep(rw, end);

    return rc == PROFILE_OK ? profile_rewriter_gap_write(rw) : rc;
}


profile_reason_e
profile_rewriter_gap_end(profile_rewriter_t *rw, uint64_t end)
{
    profile_reason_e  rc;

    if (rw->gap.len && memchr(rw->gap.data, ',', rw->gap.len)) {
        rw->gap.len = 0;
    }

    rw->pending = 0;
    rw->gaps = 0;

    rc = profile_rewriter_gap_pass(rw, end);

    profile_reader_release(rw->reader);

    return rc;
}
