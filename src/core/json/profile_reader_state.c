
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader_state.h"


profile_reason_e
profile_reader_state_error(profile_reader_t *r, profile_reason_e reason,
    uint64_t offset)
{
    r->reason = reason;
    r->offset = offset;

    return reason;
}


int
profile_reader_state_lose(profile_reader_t *r, profile_reason_e reason,
    uint64_t offset)
{
    if (r->losing || !r->holding || r->loose_depth == 0) {
        return 0;
    }

    /* the handler may still want to see what is held */

    r->lost(r->ctx, reason, offset);

    r->skip.type = PROFILE_OBJECT;
    r->skip.start = r->hold_start;
    r->skip.named = 0;
    r->skip_depth = r->loose_depth;
    r->ev.named = 0;

    r->holding = 0;
    r->loose_depth = 0;
    r->losing = 1;

    profile_buf_trim(&r->alloc, &r->held);

    return 1;
}


profile_reason_e
profile_reader_state_keep(profile_reader_t *r)
{
    uint64_t  have;

    if (!r->holding) {
        return PROFILE_OK;
    }

    have = r->hold_start + r->held.len;

    if (profile_buf_append(&r->alloc, &r->held,
                           r->chunk + (have - r->chunk_start),
                           r->chunk_end - have)
        != 0)
    {
        return profile_reader_state_error(r, PROFILE_NO_MEMORY, r->pos);
    }

    return PROFILE_OK;
}
