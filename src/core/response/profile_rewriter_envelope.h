
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_REWRITER_ENVELOPE_H_INCLUDED_
#define _PROFILE_REWRITER_ENVELOPE_H_INCLUDED_


#include "core/response/profile_rewriter_pass.h"


/*
 * What a rewriter does with a root object that is to hold a list (M1.3): the
 * root begins; a member of it, or of an object on the way to the list or to
 * the total, begins and is complete; such an object has ended, and is no longer
 * among the scopes.  All return as the handlers of a reader do.
 */
profile_reason_e profile_rewriter_envelope(profile_rewriter_t *rw,
    const profile_event_t *ev, int *inside);
profile_reason_e profile_rewriter_envelope_begin(profile_rewriter_t *rw,
    const profile_event_t *ev, int *inside);
profile_reason_e profile_rewriter_envelope_value(profile_rewriter_t *rw,
    const profile_event_t *ev);
profile_reason_e profile_rewriter_envelope_end(profile_rewriter_t *rw,
    const profile_event_t *ev);


#endif /* _PROFILE_REWRITER_ENVELOPE_H_INCLUDED_ */
