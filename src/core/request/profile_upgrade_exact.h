
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_UPGRADE_EXACT_H_INCLUDED_
#define _PROFILE_UPGRADE_EXACT_H_INCLUDED_


#include "core/profile_core.h"
#include "core/request/profile_call.h"
#include "core/schema/profile_schema.h"


/*
 * Metadata of a user of whom is known what v1 keeps as such (U3.11): it takes
 * no name of an attribute that stands at the root.
 */

/*
 * Before the plan is made: users are read with their bag, which the first call
 * reads then, before the user.
 */
void profile_upgrade_exact(profile_upgrade_t *u);

/*
 * A name at the root of the user who is read, then the end.  Both return 0, or
 * -1 when there is no memory.
 */
int profile_upgrade_exact_root(profile_upgrade_t *u,
    const profile_name_t *name);
int profile_upgrade_exact_finish(profile_upgrade_t *u);

/*
 * As profile_schema_stored(): the name under which a member is stored, in
 * u->name.
 */
profile_reason_e profile_upgrade_exact_stored(profile_upgrade_t *u,
    profile_container_e container, const profile_name_t *name,
    profile_name_t *as, int *stored);


#endif /* _PROFILE_UPGRADE_EXACT_H_INCLUDED_ */
