
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_REWRITER_TEXT_H_INCLUDED_
#define _PROFILE_REWRITER_TEXT_H_INCLUDED_


#include "core/response/profile_rewriter_state.h"


/*
 * The name of a member, unescaped: its bytes stay for this event.  Returns
 * PROFILE_OK or PROFILE_NO_MEMORY.
 */
profile_reason_e profile_rewriter_text_name(profile_rewriter_t *rw,
    const profile_event_t *ev, profile_name_t *name);

/*
 * Writes what has not left up to there: bytes of the chunk that are nobody's
 * user, or bytes that were held until it was known.  Both return PROFILE_OK,
 * PROFILE_NO_MEMORY or what the sink says.
 */
profile_reason_e profile_rewriter_text_pass(profile_rewriter_t *rw,
    uint64_t end);
profile_reason_e profile_rewriter_text_pass_held(profile_rewriter_t *rw,
    uint64_t end);

/* Whether an array that is held is empty; 0 if there is no memory, too. */
int profile_rewriter_text_is_empty(profile_rewriter_t *rw,
    const profile_event_t *ev);


#endif /* _PROFILE_REWRITER_TEXT_H_INCLUDED_ */
