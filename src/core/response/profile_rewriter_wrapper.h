
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_REWRITER_WRAPPER_H_INCLUDED_
#define _PROFILE_REWRITER_WRAPPER_H_INCLUDED_


#include "core/response/profile_rewriter_pass.h"


/*
 * What a rewriter does with an object that is to hold one user (M1.6), which is
 * held as a whole: a member of it begins and is complete.  Both return as the
 * handlers of a reader do.
 */
profile_reason_e profile_rewriter_wrapper_begin(profile_rewriter_t *rw,
    const profile_event_t *ev, int *inside);
profile_reason_e profile_rewriter_wrapper_value(profile_rewriter_t *rw,
    const profile_event_t *ev);

/*
 * Writes the object with the user, who was made; its text ends at end.  Returns
 * as profile_rewriter_pass_gap() does.
 */
profile_reason_e profile_rewriter_wrapper_write(profile_rewriter_t *rw,
    const u_char *text, uint64_t end);


#endif /* _PROFILE_REWRITER_WRAPPER_H_INCLUDED_ */
