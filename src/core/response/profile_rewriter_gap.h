
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_REWRITER_GAP_H_INCLUDED_
#define _PROFILE_REWRITER_GAP_H_INCLUDED_


#include "core/response/profile_rewriter_state.h"


/*
 * M6.4: where an element may be left out, what stands before each is kept until
 * it is known whether the element stays.  Of what stood around those that do
 * not the first part is written: it has a comma if there is an element before
 * it.  Functions that return a reason return PROFILE_OK, PROFILE_NO_MEMORY or
 * what the sink says.
 */

/* A list begins: behind its bracket. */
void profile_rewriter_gap_begin(profile_rewriter_t *rw, uint64_t start);

/* An element has ended there. */
void profile_rewriter_gap_next(profile_rewriter_t *rw, uint64_t start);

/* Another one begins there. */
profile_reason_e profile_rewriter_gap_keep(profile_rewriter_t *rw,
    uint64_t end);

/* It stays. */
profile_reason_e profile_rewriter_gap_write(profile_rewriter_t *rw);

/* Both: another one begins there, and stays. */
profile_reason_e profile_rewriter_gap_pass(profile_rewriter_t *rw,
    uint64_t end);

/* The list ends at this bracket. */
profile_reason_e profile_rewriter_gap_end(profile_rewriter_t *rw,
    uint64_t end);


#endif /* _PROFILE_REWRITER_GAP_H_INCLUDED_ */
