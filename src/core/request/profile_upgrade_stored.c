
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_skip.h"
#include "core/request/profile_guard.h"
#include "core/request/profile_upgrade_exact.h"
#include "core/request/profile_upgrade_nested.h"
#include "core/request/profile_upgrade_plan.h"
#include "core/request/profile_upgrade_stored.h"
#include "core/request/profile_upgrade_wrap.h"
#include "core/schema/profile_schema_shape.h"


static profile_reason_e profile_upgrade_stored_name(profile_upgrade_t *u,
    profile_container_e c, const profile_guard_member_t *m,
    profile_name_t *as, int *stored);
static profile_reason_e profile_upgrade_stored_inside(profile_upgrade_t *u,
    const profile_guard_member_t *m, int *stored);


profile_reason_e
profile_upgrade_stored(profile_upgrade_t *u, profile_call_e kind,
    profile_container_e c, const profile_guard_member_t *m)
{
    int               rv, stored, fits;
    profile_str_t     value;
    profile_name_t    as;
    profile_reason_e  rc;

    rc = profile_upgrade_stored_name(u, c, m, &as, &stored);

    if (rc != PROFILE_OK) {
        return rc;
    }

    if (!stored) {
        return PROFILE_RESERVED;
    }

    /* U3.4 */

    if (kind == PROFILE_CALL_CREATE && m->type == PROFILE_NULL) {
        return PROFILE_OK;
    }

    value.data = profile_guard_bytes(u->guard) + m->start;
    value.len = m->end - m->start;

    rc = profile_upgrade_wrap(u, c, &as, &value, &fits);

    if (rc != PROFILE_OK) {
        return rc;
    }

    if (!fits) {
        return PROFILE_VALUE;
    }

    rv = profile_schema_shape_write(u->schema, c)
         ? profile_upgrade_nested_put(u, c, &as, value.data, value.len)
         : profile_upgrade_plan_put(u, kind, &as, value.data, value.len);

    return (rv == 0) ? PROFILE_OK : PROFILE_NO_MEMORY;
}


static profile_reason_e
profile_upgrade_stored_name(profile_upgrade_t *u, profile_container_e c,
    const profile_guard_member_t *m, profile_name_t *as, int *stored)
{
    if (profile_schema_shape_write(u->schema, c)) {
        *as = m->name;
        *stored = profile_schema_shape_stores(u->schema, c, &m->name);

        return *stored ? profile_upgrade_stored_inside(u, m, stored)
                       : PROFILE_OK;
    }

    return profile_upgrade_exact_stored(u, c, &m->name, as, stored);
}


/* M7.7: no name of "identity_drop" is shown, however deep */

static profile_reason_e
profile_upgrade_stored_inside(profile_upgrade_t *u,
    const profile_guard_member_t *m, int *stored)
{
    size_t           len;
    const u_char    *p, *next, *last;
    profile_name_t   name;

    p = profile_guard_bytes(u->guard) + m->start;
    last = profile_guard_bytes(u->guard) + m->end;

    if (!profile_skip_is_bracket(*p)
        || !profile_schema_has_identity_drop(u->schema))
    {
        return PROFILE_OK;
    }

    for ( /* void */ ; p < last; p = next) {

        if (*p != '"') {
            next = p + 1;
            continue;
        }

        next = profile_skip_string(p, last);
        len = next - p - 2;

        if (*profile_skip_space(next, last) != ':') {
            continue;
        }

        if (profile_schema_name_read(u->schema, &u->alloc, &u->name, p + 1, len,
                                     memchr(p + 1, '\\', len) != NULL, &name)
            != 0)
        {
            return PROFILE_NO_MEMORY;
        }

        if (profile_schema_identity_drop(u->schema, &name)) {
            *stored = 0;
            break;
        }
    }

    return PROFILE_OK;
}
