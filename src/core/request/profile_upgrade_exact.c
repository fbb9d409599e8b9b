
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/request/profile_upgrade_exact.h"
#include "core/request/profile_upgrade_plan.h"
#include "core/schema/profile_schema_stored.h"


void
profile_upgrade_exact(profile_upgrade_t *u)
{
    u->exact = (u->action == PROFILE_UPDATE);
}


int
profile_upgrade_exact_root(profile_upgrade_t *u, const profile_name_t *name)
{
    return u->exact ? profile_kept_add(&u->root, name) : 0;
}


int
profile_upgrade_exact_finish(profile_upgrade_t *u)
{
    return profile_kept_finish(&u->root);
}


/* with the bag's members taken away the root has what is not v1's to store */

profile_reason_e
profile_upgrade_exact_stored(profile_upgrade_t *u,
    profile_container_e container, const profile_name_t *name,
    profile_name_t *as, int *stored)
{
    profile_reason_e  rc;

    rc = profile_schema_stored(u->matcher, u->provider, u->judge, container,
                               name, &u->name, as, stored);

    if (rc != PROFILE_OK || !*stored || !profile_kept_has(&u->root, as)) {
        return rc;
    }

    rc = profile_schema_stored_prefixed(u->matcher, u->provider, u->judge,
                                        container, name, &u->name, as, stored);

    if (rc == PROFILE_OK && *stored && profile_kept_has(&u->root, as)) {
        *stored = 0;
    }

    return rc;
}
