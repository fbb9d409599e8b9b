
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_UPGRADE_WRAP_H_INCLUDED_
#define _PROFILE_UPGRADE_WRAP_H_INCLUDED_


#include "core/profile_core.h"
#include "core/request/profile_call.h"
#include "core/schema/profile_schema.h"


/*
 * The value that a member of a container has in v1, where M7.8 unwraps it
 * (U3.10).  *value is that of v2 before, valid JSON, and that of v1 after; what
 * is made is the upgrade's until the next call.  *fits is 0 if v1 cannot have
 * such a value.  Returns PROFILE_OK, PROFILE_NO_MEMORY or
 * PROFILE_PATTERN_LIMIT.
 */
profile_reason_e profile_upgrade_wrap(profile_upgrade_t *u,
    profile_container_e c, const profile_name_t *as, profile_str_t *value,
    int *fits);


#endif /* _PROFILE_UPGRADE_WRAP_H_INCLUDED_ */
