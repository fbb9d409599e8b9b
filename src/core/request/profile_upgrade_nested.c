
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/request/profile_upgrade_nested.h"
#include "core/request/profile_upgrade_plan.h"
#include "core/schema/profile_schema_shape.h"


static unsigned profile_upgrade_nested_group(profile_upgrade_t *u,
    profile_container_e c, size_t level, unsigned mask);
static int profile_upgrade_nested_object(profile_upgrade_t *u, size_t level,
    unsigned mask);


int
profile_upgrade_nested_put(profile_upgrade_t *u, profile_container_e c,
    const profile_name_t *name, const u_char *value, size_t len)
{
    return profile_upgrade_plan_append(u, &u->nested[c], name, value, len);
}


profile_reason_e
profile_upgrade_nested_close(profile_upgrade_t *u, profile_call_e kind)
{
    unsigned               mask, group;
    profile_name_t         name;
    profile_container_e    c;
    const profile_path_t  *path;

    mask = 0;

    for (c = PROFILE_APP_METADATA; c <= PROFILE_USER_METADATA; c++) {
        if (u->nested[c].len) {
            mask |= 1 << c;
        }
    }

    for (c = PROFILE_APP_METADATA; c <= PROFILE_USER_METADATA; c++) {

        if (!(mask & (1 << c))) {
            continue;
        }

        group = profile_upgrade_nested_group(u, c, 0, mask);
        mask &= ~group;

        u->name.len = 0;

        if (profile_upgrade_nested_object(u, 1, group) != 0) {
            return PROFILE_NO_MEMORY;
        }

        path = profile_schema_shape_write(u->schema, c);

        profile_schema_name(u->schema, &name, path->parts[0].data,
                            path->parts[0].len);

        if (profile_upgrade_plan_put(u, kind, &name, u->name.data, u->name.len)
            != 0)
        {
            return PROFILE_NO_MEMORY;
        }
    }

    return PROFILE_OK;
}


/* those of the mask whose path goes on as that of the container */

static unsigned
profile_upgrade_nested_group(profile_upgrade_t *u, profile_container_e c,
    size_t level, unsigned mask)
{
    unsigned               group;
    profile_container_e    other;
    const profile_path_t  *a, *b;

    group = 1 << c;
    other = (c == PROFILE_APP_METADATA) ? PROFILE_USER_METADATA
                                        : PROFILE_APP_METADATA;

    if (mask & (1 << other)) {
        a = profile_schema_shape_write(u->schema, c);
        b = profile_schema_shape_write(u->schema, other);

        if (profile_str_eq(&a->parts[level], b->parts[level].data,
                           b->parts[level].len))
        {
            group |= 1 << other;
        }
    }

    return group;
}


/* in u->name: no path of two ends where the other goes on */

static int
profile_upgrade_nested_object(profile_upgrade_t *u, size_t level,
    unsigned mask)
{
    const char            *sep;
    unsigned               group;
    profile_container_e    c;
    const profile_path_t  *path;

    sep = "{";

    for (c = PROFILE_APP_METADATA; c <= PROFILE_USER_METADATA; c++) {

        if (!(mask & (1 << c))) {
            continue;
        }

        path = profile_schema_shape_write(u->schema, c);

        if (path->n == level) {
            return (profile_buf_append(&u->alloc, &u->name, u->nested[c].data,
                                       u->nested[c].len) == 0)
                   ? profile_buf_text(&u->alloc, &u->name, "}") : -1;
        }

        group = profile_upgrade_nested_group(u, c, level, mask);
        mask &= ~group;

        if (profile_buf_append(&u->alloc, &u->name, sep, 1) != 0
            || profile_upgrade_plan_name(u, &u->name, &path->parts[level]) != 0
            || profile_upgrade_nested_object(u, level + 1, group) != 0)
        {
            return -1;
        }

        sep = ",";
    }

    return profile_buf_text(&u->alloc, &u->name, "}");
}
