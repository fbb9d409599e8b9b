
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


#endif /* _PROFILE_GUARD_RULES_H_INCLUDED_ */
