
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_UPGRADE_STORE_H_INCLUDED_
#define _PROFILE_UPGRADE_STORE_H_INCLUDED_


#include "core/profile_core.h"
#include "core/request/profile_call.h"
#include "core/schema/profile_schema.h"


/*
 * The name under which v1 stores a member of a container (U3.1), valid until
 * the next call; *stored is 0 where there is none.  Returns PROFILE_OK,
 * PROFILE_NO_MEMORY or PROFILE_PATTERN_LIMIT.
 */
profile_reason_e profile_upgrade_store(profile_upgrade_t *u,
    profile_container_e container, const profile_name_t *name,
    profile_name_t *as, int *stored);


#endif /* _PROFILE_UPGRADE_STORE_H_INCLUDED_ */
