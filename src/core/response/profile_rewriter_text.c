
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/json/profile_reader.h"
#include "core/response/profile_rewriter_text.h"


profile_reason_e
profile_rewriter_text_name(profile_rewriter_t *rw, const profile_event_t *ev,
    profile_name_t *name)
{
    size_t         len;
    unsigned       flags;
    const u_char  *text;

    len = ev->name_end - ev->name_start;

    text = profile_reader_text(rw->reader, ev->name_start, ev->name_end);
    if (text == NULL) {
        return PROFILE_NO_MEMORY;
    }

    if (!ev->escaped) {
        profile_schema_name(rw->conf.schema, name, text, len);
        return PROFILE_OK;
    }

    rw->unescaped.len = 0;

    if (profile_buf_reserve(&rw->alloc, &rw->unescaped, len) != 0) {
        return PROFILE_NO_MEMORY;
    }

    len = profile_text_unescape(rw->unescaped.data, text, len, &flags);

    profile_schema_name(rw->conf.schema, name, rw->unescaped.data, len);
    name->lone = (flags & PROFILE_NAME_LONE) ? 1 : 0;

    return PROFILE_OK;
}


profile_reason_e
profile_rewriter_text_pass(profile_rewriter_t *rw, uint64_t end)
{
    uint64_t  start;

    start = profile_reader_origin(rw->reader);

    if (start < rw->passed) {
        start = rw->passed;
    }

    rw->passed = end;

    if (start >= end || rw->listing || rw->lost) {
        return PROFILE_OK;
    }

    return rw->sink.write(rw->sink.ctx, rw->chunk + (start - rw->pos),
                          end - start);
}


profile_reason_e
profile_rewriter_text_pass_held(profile_rewriter_t *rw, uint64_t end)
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


int
profile_rewriter_text_is_empty(profile_rewriter_t *rw,
    const profile_event_t *ev)
{
    const u_char  *p;

    p = profile_reader_text(rw->reader, ev->start, ev->end);
    if (p == NULL) {
        return 0;
    }

    do {
        p++;
    } while (*p == ' ' || *p == '\t' || *p == '\n' || *p == '\r');

    return *p == ']';
}
