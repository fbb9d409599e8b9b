
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
