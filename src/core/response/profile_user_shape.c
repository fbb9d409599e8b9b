
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/response/profile_user_inside.h"
#include "core/response/profile_user_rest.h"
#include "core/response/profile_user_shape.h"


static profile_reason_e profile_user_shape_root(profile_user_t *u, uint32_t i,
    const profile_shape_t *shape);
static profile_reason_e profile_user_shape_container(profile_user_t *u,
    uint32_t i, const profile_shape_t *shape);
static int profile_user_shape_cleans(profile_user_t *u,
    const profile_shape_t *shape);


profile_reason_e
profile_user_shape(profile_user_t *u)
{
    uint32_t                i, n;
    profile_name_t          name;
    profile_reason_e        rc;
    const profile_shape_t  *shape;
    profile_user_member_t  *m;

    n = profile_user_nmembers(u);

    for (i = 0; i < n; i++) {
        m = &profile_user_members(u)[i];

        if (m->place != PROFILE_IN_ROOT || m->fate == PROFILE_FATE_GONE) {
            continue;
        }

        name.number = m->number;
        shape = profile_schema_shape_root(u->schema, &name);

        if (shape == NULL && !profile_schema_shape_has_unwraps(u->schema)) {
            continue;
        }

        rc = profile_user_shape_root(u, i, shape);

        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    return PROFILE_OK;
}


static profile_reason_e
profile_user_shape_root(profile_user_t *u, uint32_t i,
    const profile_shape_t *shape)
{
    profile_span_t          value;
    profile_name_t          name;
    profile_rest_t          rest;
    profile_reason_e        rc;
    profile_user_member_t  *m;

    m = &profile_user_members(u)[i];

    u->scratch.len = 0;
    u->path.len = 0;

    if (profile_user_state_name(u, m, &u->scratch, &name) != 0
        || profile_buf_append(&u->alloc, &u->path, name.data, name.len) != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    u->level = 1;

    /* M3.7: an empty array counts as an object */

    if (profile_schema_shape_is_container(u->schema, &name)
        && u->text[m->value.start] == '{')
    {
        return profile_user_shape_container(u, i, shape);
    }

    value = m->value;

    rc = profile_user_rest(u, shape, &value, &rest);

    if (rc != PROFILE_OK) {
        return rc;
    }

    m = &profile_user_members(u)[i];
    m->identities = profile_user_shape_cleans(u, shape);

    if (!rest.changed) {
        return PROFILE_OK;
    }

    if (rest.gone) {
        m->fate = PROFILE_FATE_GONE;
        return PROFILE_OK;
    }

    return profile_user_rest_keep(u, &rest, m);
}


/* M7.6, M7.7: whether tokens are left out of all that stays at its place */

static int
profile_user_shape_cleans(profile_user_t *u, const profile_shape_t *shape)
{
    return shape && (shape->moves || shape->what == PROFILE_SHAPE_MERGE)
           && profile_schema_has_identity_drop(u->schema);
}


/* its members have been told */

static profile_reason_e
profile_user_shape_container(profile_user_t *u, uint32_t i,
    const profile_shape_t *shape)
{
    int                     stays;
    size_t                  len;
    uint32_t                k, n;
    profile_rest_t          rest;
    profile_inside_t        in;
    profile_reason_e        rc;
    const profile_shape_t  *child;
    profile_user_member_t  *m;

    n = profile_user_inside_told(u, i, &k);
    len = u->path.len;
    u->level++;

    if (shape) {
        m = &profile_user_members(u)[i];

        rc = profile_user_rest_last(u, shape, u->text + m->value.start);
        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    for (n += k; k < n; k++) {
        m = &profile_user_members(u)[k];

        in.key = m->key;
        in.value = m->value;
        in.escaped = m->escaped;

        u->path.len = len;

        rc = profile_user_rest_member(u, shape, &in, &child, &stays);

        if (rc == PROFILE_OK && stays) {
            rc = profile_user_rest(u, child, &in.value, &rest);
        }

        if (rc != PROFILE_OK) {
            return rc;
        }

        m = &profile_user_members(u)[k];
        m->identities = profile_user_shape_cleans(u, shape);

        if (!stays || rest.gone) {
            m->fate = PROFILE_FATE_GONE;

        } else if (rest.changed) {
            rc = profile_user_rest_keep(u, &rest, m);

            if (rc != PROFILE_OK) {
                return rc;
            }
        }
    }

    return PROFILE_OK;
}
