
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_UPGRADE_NESTED_H_INCLUDED_
#define _PROFILE_UPGRADE_NESTED_H_INCLUDED_


#include "core/profile_core.h"
#include "core/request/profile_call.h"
#include "core/schema/profile_schema.h"


/*
 * Metadata that the backend keeps inside an object (U3.9): a member of it goes
 * into the container that has "write".  Returns 0, or -1 when there is no
 * memory.
 */
int profile_upgrade_nested_put(profile_upgrade_t *u, profile_container_e c,
    const profile_name_t *name, const u_char *value, size_t len);

/*
 * All of them are known: they go into the body of a call, each object once.
 * Returns PROFILE_OK or PROFILE_NO_MEMORY.
 */
profile_reason_e profile_upgrade_nested_close(profile_upgrade_t *u,
    profile_call_e kind);


#endif /* _PROFILE_UPGRADE_NESTED_H_INCLUDED_ */
