
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_GUARD_CALL_H_INCLUDED_
#define _PROFILE_GUARD_CALL_H_INCLUDED_


/* Bodies that say what to do for a user, and are no user (H5.15). */


#include "core/request/profile_guard.h"


/* Whether the root may have such a member: 1 or 0. */
int profile_guard_call_allows(const profile_guard_conf_t *conf,
    const profile_name_t *name);

/*
 * Finds the user's id in the body, whose members have been judged.  Returns
 * PROFILE_OK, or the error that has been set: PROFILE_ID where there is none,
 * PROFILE_NO_MEMORY.
 */
profile_reason_e profile_guard_call_find_id(profile_guard_t *g);

/* The id that was found, unescaped; valid until the guard is destroyed. */
void profile_guard_call_id(profile_guard_t *g, profile_str_t *id);

/* The id is none for a reason of the caller's.  Returns PROFILE_ID. */
profile_reason_e profile_guard_call_refuse_id(profile_guard_t *g);

/*
 * Appends the body for v1: the members under the names that they have there,
 * their values as they came.  Returns 0, or -1 when there is no memory.
 */
int profile_guard_call_body(profile_guard_t *g, const profile_alloc_t *a,
    profile_buf_t *out);


#endif /* _PROFILE_GUARD_CALL_H_INCLUDED_ */
