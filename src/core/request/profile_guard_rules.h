
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_GUARD_RULES_H_INCLUDED_
#define _PROFILE_GUARD_RULES_H_INCLUDED_


#include "core/profile_core.h"
#include "core/request/profile_member.h"


/*
 * The text was read and the names are known: what the rules say of them.
 * Returns PROFILE_OK, or the error that has been set.
 */
profile_reason_e profile_guard_rules_judge(profile_guard_t *g);

/*
 * Whether v1 must not be told to store this name for this user (H5.6), in both
 * modes: the user to be made may be any provider's.  Returns PROFILE_OK,
 * PROFILE_PATTERN_LIMIT or PROFILE_NO_MEMORY.
 */
profile_reason_e profile_guard_rules_denied(profile_guard_t *g,
    const profile_name_t *name, int *denied);

/*
 * The same of an argument of the query (H5.8): in mode=v1 another name of a
 * member counts as well (U3.3).
 */
profile_reason_e profile_guard_rules_argument(profile_guard_t *g,
    const profile_name_t *name, int *denied);


#endif /* _PROFILE_GUARD_RULES_H_INCLUDED_ */
