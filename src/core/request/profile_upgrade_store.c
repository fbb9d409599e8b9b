
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/request/profile_upgrade_plan.h"
#include "core/request/profile_upgrade_store.h"
#include "core/schema/profile_schema_denied.h"


static profile_reason_e profile_upgrade_returns(profile_upgrade_t *u,
    profile_container_e container, const profile_name_t *name,
    const profile_name_t *as, int *returns);


/*
 * What a name comes back as is the schema's to say, so no two members share a
 * stored name: each is read back as one member only.
 */

profile_reason_e
profile_upgrade_store(profile_upgrade_t *u, profile_container_e container,
    const profile_name_t *name, profile_name_t *as, int *stored)
{
    profile_reason_e      rc;
    const profile_str_t  *prefix;

    *as = *name;

    rc = profile_upgrade_returns(u, container, name, as, stored);

    if (rc != PROFILE_OK || *stored) {
        return rc;
    }

    prefix = profile_schema_prefix(u->schema, container);

    if (prefix->len == 0) {
        return PROFILE_OK;
    }

    u->name.len = 0;

    if (profile_buf_append(&u->alloc, &u->name, prefix->data, prefix->len)
        != 0
        || profile_buf_append(&u->alloc, &u->name, name->data, name->len)
           != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    profile_schema_name(u->schema, as, u->name.data, u->name.len);

    return profile_upgrade_returns(u, container, name, as, stored);
}


static profile_reason_e
profile_upgrade_returns(profile_upgrade_t *u, profile_container_e container,
    const profile_name_t *name, const profile_name_t *as, int *returns)
{
    int                    taken;
    profile_class_t        class;
    profile_reason_e       rc;
    const profile_name_t  *back;

    *returns = 0;

    rc = profile_schema_class(u->matcher, u->provider, as, &class);

    if (rc != PROFILE_OK
        || class.kind != PROFILE_CLASS_METADATA
        || class.container != container)
    {
        return rc;
    }

    back = class.renamed ? &class.name : as;

    if (back->len != name->len
        || memcmp(back->data, name->data, name->len) != 0)
    {
        return PROFILE_OK;
    }

    /*
     * A backend that folds would take it for an attribute of the root: what
     * the guard refuses to clients of v1 does not come from here (H5.6).  And
     * in a create metadata stands beside what a write says of the root, so
     * that an "app_metadata.password" must not become the password; an update
     * has to find the same name.
     */

    rc = profile_schema_denied_root(u->matcher, u->judge, as, &taken);

    *returns = !taken;

    return rc;
}
