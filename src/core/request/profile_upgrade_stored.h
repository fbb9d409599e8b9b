
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_UPGRADE_STORED_H_INCLUDED_
#define _PROFILE_UPGRADE_STORED_H_INCLUDED_


#include "core/profile_core.h"
#include "core/request/profile_call.h"
#include "core/request/profile_member.h"
#include "core/schema/profile_class.h"


/*
 * A member of a container of v2 goes into the call, as the backend keeps it
 * (U3.1 to U3.3, U3.9, U3.10).  Returns PROFILE_OK, PROFILE_RESERVED: there is
 * no name for it; PROFILE_VALUE: it cannot keep such a value;
 * PROFILE_NO_MEMORY or PROFILE_PATTERN_LIMIT.
 */
profile_reason_e profile_upgrade_stored(profile_upgrade_t *u,
    profile_call_e kind, profile_container_e c,
    const profile_guard_member_t *m);


#endif /* _PROFILE_UPGRADE_STORED_H_INCLUDED_ */
