
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_skip.h"
#include "core/response/profile_user_inside.h"
#include "core/response/profile_user_shape.h"


/* one in another, where something is looked for in them */
#define PROFILE_USER_ARRAYS  128


static profile_reason_e profile_user_shape_root(profile_user_t *u, uint32_t i,
    const profile_shape_t *shape);
static profile_reason_e profile_user_shape_container(profile_user_t *u,
    uint32_t i, const profile_shape_t *shape);
static profile_reason_e profile_user_shape_last(profile_user_t *u,
    const profile_shape_t *shape, const u_char *p);
static profile_reason_e profile_user_shape_member(profile_user_t *u,
    const profile_shape_t *shape, const profile_shape_t *child,
    const profile_inside_t *in, int *stays);
static profile_reason_e profile_user_shape_add(profile_user_t *u,
    const profile_inside_t *in, profile_place_e place, profile_rest_t *rest);
static profile_reason_e profile_user_shape_lift(profile_user_t *u,
    const profile_shape_t *child, const profile_inside_t *in);
static profile_reason_e profile_user_shape_merge(profile_user_t *u,
    const profile_shape_t *child, const profile_inside_t *in);
static profile_reason_e profile_user_shape_members(profile_user_t *u,
    const profile_shape_t *shape, const profile_span_t *value);
static profile_reason_e profile_user_shape_rest(profile_user_t *u,
    const profile_shape_t *shape, const profile_span_t *value,
    profile_rest_t *rest);
static profile_reason_e profile_user_shape_object(profile_user_t *u,
    const profile_shape_t *shape, const u_char *p, int *changed, int *empty);
static profile_reason_e profile_user_shape_array(profile_user_t *u,
    const profile_shape_t *shape, const u_char *p, int *changed);
static profile_reason_e profile_user_shape_write(profile_user_t *u,
    const profile_rest_t *rest, size_t start);
static profile_reason_e profile_user_shape_unwraps(profile_user_t *u,
    const profile_shape_t *shape, int *unwraps);


#define profile_user_shape_put(u, data, len)                                 \
    (profile_buf_append(&(u)->alloc, &(u)->made, data, len) == 0             \
     ? PROFILE_OK : PROFILE_NO_MEMORY)


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

    if (profile_schema_shape_is_container(u->schema, &name)
        && m->type == PROFILE_OBJECT)
    {
        return profile_user_shape_container(u, i, shape);
    }

    value = m->value;

    rc = profile_user_shape_rest(u, shape, &value, &rest);

    if (rc != PROFILE_OK || !rest.changed) {
        return rc;
    }

    m = &profile_user_members(u)[i];

    if (rest.gone) {
        m->fate = PROFILE_FATE_GONE;
        return PROFILE_OK;
    }

    m->value = rest.value;
    m->made = rest.made;
    m->type = profile_user_inside_type(profile_user_value(u, m)[0]);
    m->identities = (shape && shape->moves
                     && profile_schema_has_identity_drop(u->schema));

    return PROFILE_OK;
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

    if (shape) {
        m = &profile_user_members(u)[i];

        rc = profile_user_shape_last(u, shape, u->text + m->value.start);
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

        rc = profile_user_inside_name(u, &in);
        if (rc != PROFILE_OK) {
            return rc;
        }

        child = shape ? profile_schema_shape_child(u->schema, shape, &in.name)
                      : NULL;

        rc = profile_user_shape_member(u, shape, child, &in, &stays);

        if (rc == PROFILE_OK && stays) {
            rc = profile_user_shape_rest(u, child, &in.value, &rest);
        }

        if (rc != PROFILE_OK) {
            return rc;
        }

        m = &profile_user_members(u)[k];

        if (!stays || rest.gone) {
            m->fate = PROFILE_FATE_GONE;

        } else if (rest.changed) {
            m->value = rest.value;
            m->made = rest.made;
            m->type = profile_user_inside_type(profile_user_value(u, m)[0]);
        }
    }

    return PROFILE_OK;
}


/* M5.4: where the last member stands of each name of which something is said */

static profile_reason_e
profile_user_shape_last(profile_user_t *u, const profile_shape_t *shape,
    const u_char *p)
{
    size_t                  size;
    profile_inside_t        in;
    profile_reason_e        rc;
    const profile_shape_t  *child;

    size = profile_schema_shape_count(u->schema) * sizeof(uint32_t);

    if (profile_buf_reserve(&u->alloc, &u->lasts, size) != 0) {
        return PROFILE_NO_MEMORY;
    }

    for (p++; profile_user_inside_next(u, &p, &in); /* void */ ) {

        rc = profile_user_inside_name(u, &in);
        if (rc != PROFILE_OK) {
            return rc;
        }

        child = profile_schema_shape_child(u->schema, shape, &in.name);

        if (child && child->name) {
            ((uint32_t *) u->lasts.data)[child->number] = in.key.start;
        }
    }

    return PROFILE_OK;
}


/* the member goes to the root or into a container, or nowhere, or stays */

static profile_reason_e
profile_user_shape_member(profile_user_t *u, const profile_shape_t *shape,
    const profile_shape_t *child, const profile_inside_t *in, int *stays)
{
    *stays = 0;

    if (child && child->name
        && ((uint32_t *) u->lasts.data)[child->number] != in->key.start)
    {
        u->counts->conflicts++;
        return PROFILE_OK;
    }

    if (shape && shape->moves
        && profile_schema_identity_drop(u->schema, &in->name))
    {
        return PROFILE_OK;
    }

    if (child && child->what == PROFILE_SHAPE_DROP) {
        return PROFILE_OK;
    }

    switch ((child && u->arrays == 0) ? child->what : PROFILE_SHAPE_KEEP) {

    case PROFILE_SHAPE_LIFT:
        return profile_user_shape_lift(u, child, in);

    case PROFILE_SHAPE_MERGE:
        return profile_user_shape_merge(u, child, in);

    default: /* PROFILE_SHAPE_KEEP */
        *stays = 1;
        return PROFILE_OK;
    }
}


static profile_reason_e
profile_user_shape_add(profile_user_t *u, const profile_inside_t *in,
    profile_place_e place, profile_rest_t *rest)
{
    profile_user_member_t  m;

    memset(&m, 0, sizeof(profile_user_member_t));

    m.key = in->key;
    m.value = rest->value;
    m.number = (place == PROFILE_IN_ROOT) ? in->name.number : 0;
    m.place = place;
    m.escaped = in->escaped;
    m.made = rest->made;
    m.type = profile_user_inside_type(profile_user_value(u, &m)[0]);
    m.identities = profile_schema_has_identity_drop(u->schema) ? 1 : 0;

    return profile_buf_append(&u->alloc, &u->members, &m, sizeof(m)) == 0
           ? PROFILE_OK : PROFILE_NO_MEMORY;
}


/* M7.6 */

static profile_reason_e
profile_user_shape_lift(profile_user_t *u, const profile_shape_t *child,
    const profile_inside_t *in)
{
    int               known;
    uint32_t          n;
    profile_rest_t    rest;
    profile_reason_e  rc;

    n = profile_user_nmembers(u);

    /* the name has a number, by which the set knows it */

    if (profile_names_add(&u->names, &in->name, n, &known) == NULL) {
        return PROFILE_NO_MEMORY;
    }

    if (known) {
        u->counts->conflicts++;
        return PROFILE_OK;
    }

    rc = profile_user_shape_rest(u, child, &in->value, &rest);

    if (rc != PROFILE_OK) {
        return rc;
    }

    return profile_user_shape_add(u, in, PROFILE_IN_ROOT, &rest);
}


/* M7.7 */

static profile_reason_e
profile_user_shape_merge(profile_user_t *u, const profile_shape_t *child,
    const profile_inside_t *in)
{
    profile_rest_t     rest;
    profile_reason_e   rc;
    profile_source_t   source;

    switch (u->text[in->value.start]) {

    case 'n':
        return PROFILE_OK;

    case '{':
        source.rank = PROFILE_RANK_MERGED;
        source.container = child->container;
        source.order = child->order;
        source.clean = 1;
        source.written = child->write;
        source.first = profile_user_nmembers(u);

        rc = profile_user_shape_members(u, child, &in->value);
        if (rc != PROFILE_OK) {
            return rc;
        }

        source.n = profile_user_nmembers(u) - source.first;

        return profile_buf_append(&u->alloc, &u->sources, &source,
                                  sizeof(source)) == 0
               ? PROFILE_OK : PROFILE_NO_MEMORY;

    case '[':

        /* M3.7 */

        if (*profile_skip_space(u->text + in->value.start + 1, u->text_end)
            == ']')
        {
            return PROFILE_OK;
        }

        break;

    default:
        break;
    }

    /* M3.5 */

    memset(&rest, 0, sizeof(profile_rest_t));
    rest.value = in->value;

    rc = profile_user_shape_add(u, in, PROFILE_IN_ROOT, &rest);

    if (rc == PROFILE_OK) {
        profile_user_members(u)[profile_user_nmembers(u) - 1].fate =
            PROFILE_FATE_MOVE_APP;
        u->counts->moved[PROFILE_APP_METADATA]++;
    }

    return rc;
}


static profile_reason_e
profile_user_shape_members(profile_user_t *u, const profile_shape_t *shape,
    const profile_span_t *value)
{
    int                     stays;
    size_t                  len;
    const u_char           *p;
    profile_rest_t          rest;
    profile_inside_t        in;
    profile_reason_e        rc;
    const profile_shape_t  *child;

    p = u->text + value->start;
    len = u->path.len;

    rc = profile_user_shape_last(u, shape, p);

    u->level++;

    for (p++; rc == PROFILE_OK && profile_user_inside_next(u, &p, &in);
         /* void */ )
    {
        u->path.len = len;

        rc = profile_user_inside_name(u, &in);
        if (rc != PROFILE_OK) {
            break;
        }

        child = profile_schema_shape_child(u->schema, shape, &in.name);

        rc = profile_user_shape_member(u, shape, child, &in, &stays);

        if (rc != PROFILE_OK || !stays) {
            continue;
        }

        rc = profile_user_shape_rest(u, child, &in.value, &rest);

        if (rc == PROFILE_OK && !rest.gone) {
            rc = profile_user_shape_add(u, &in, PROFILE_IN_CONTAINER, &rest);
        }
    }

    u->level--;
    u->path.len = len;

    return rc;
}


static profile_reason_e
profile_user_shape_rest(profile_user_t *u, const profile_shape_t *shape,
    const profile_span_t *value, profile_rest_t *rest)
{
    int               changed, empty, unwraps;
    size_t            start;
    const u_char     *p;
    profile_reason_e  rc;

    memset(rest, 0, sizeof(profile_rest_t));

    rest->value = *value;

    p = u->text + value->start;

    rc = profile_user_shape_unwraps(u, shape, &unwraps);
    if (rc != PROFILE_OK) {
        return rc;
    }

    if (profile_skip_is_bracket(*p) && u->level < PROFILE_PATH_MAX
        && ((shape && shape->child)
            || profile_schema_shape_has_unwraps(u->schema)))
    {
        start = u->made.len;
        changed = 0;
        empty = 0;

        rc = (*p == '{') ? profile_user_shape_object(u, shape, p, &changed,
                                                     &empty)
                         : profile_user_shape_array(u, shape, p, &changed);

        if (rc != PROFILE_OK) {
            return rc;
        }

        if (changed) {
            rest->changed = 1;
            rest->made = 1;
            rest->gone = empty && shape && shape->moves;
            rest->value.start = start;
            rest->value.end = u->made.len;

        } else {
            u->made.len = start;
        }
    }

    if (unwraps) {
        profile_user_inside_unwrap(u, rest);
    }

    return PROFILE_OK;
}


static profile_reason_e
profile_user_shape_object(profile_user_t *u, const profile_shape_t *shape,
    const u_char *p, int *changed, int *empty)
{
    int                     stays;
    size_t                  start, value, len;
    profile_rest_t          rest;
    profile_inside_t        in;
    profile_reason_e        rc;
    const profile_shape_t  *child;

    len = u->path.len;
    *empty = 1;

    rc = shape ? profile_user_shape_last(u, shape, p) : PROFILE_OK;

    if (rc == PROFILE_OK) {
        rc = profile_user_shape_put(u, "{", 1);
    }

    u->level++;

    for (p++; rc == PROFILE_OK && profile_user_inside_next(u, &p, &in);
         /* void */ )
    {
        u->path.len = len;

        rc = profile_user_inside_name(u, &in);
        if (rc != PROFILE_OK) {
            break;
        }

        child = shape ? profile_schema_shape_child(u->schema, shape, &in.name)
                      : NULL;

        rc = profile_user_shape_member(u, shape, child, &in, &stays);

        if (rc != PROFILE_OK || !stays) {
            *changed = 1;
            continue;
        }

        /* the name is written before its value is known */

        start = u->made.len;

        rc = *empty ? PROFILE_OK : profile_user_shape_put(u, ",", 1);

        if (rc == PROFILE_OK) {
            rc = profile_user_shape_put(u, u->text + in.key.start - 1,
                                        in.key.end - in.key.start + 2);
        }

        if (rc == PROFILE_OK) {
            rc = profile_user_shape_put(u, ":", 1);
        }

        value = u->made.len;

        if (rc == PROFILE_OK) {
            rc = profile_user_shape_rest(u, child, &in.value, &rest);
        }

        if (rc != PROFILE_OK) {
            break;
        }

        *changed |= rest.changed;

        if (rest.gone) {
            u->made.len = start;
            continue;
        }

        *empty = 0;

        rc = profile_user_shape_write(u, &rest, value);
    }

    u->level--;
    u->path.len = len;

    return (rc == PROFILE_OK) ? profile_user_shape_put(u, "}", 1) : rc;
}


/* nothing moves out of an array, but what is dropped is dropped there, too */

static profile_reason_e
profile_user_shape_array(profile_user_t *u, const profile_shape_t *shape,
    const u_char *p, int *changed)
{
    int               empty, part;
    size_t            start;
    const u_char     *end;
    profile_rest_t    rest;
    profile_reason_e  rc;

    memset(&rest, 0, sizeof(profile_rest_t));

    rc = profile_user_shape_put(u, "[", 1);

    u->arrays++;

    for (p = profile_skip_space(p + 1, u->text_end);
         rc == PROFILE_OK && *p != ']';
         p = profile_skip_space(p, u->text_end))
    {
        if (*p == ',') {
            rc = profile_user_shape_put(u, ",", 1);
            p++;
            continue;
        }

        start = u->made.len;
        end = profile_skip_value(p, u->text_end);
        part = 0;

        if (*p == '{') {
            rc = profile_user_shape_object(u, shape, p, &part, &empty);

        } else if (*p == '[') {
            rc = (u->arrays < PROFILE_USER_ARRAYS)
                 ? profile_user_shape_array(u, shape, p, &part)
                 : PROFILE_TOO_DEEP;
        }

        if (rc == PROFILE_OK && !part) {
            rest.value.start = p - u->text;
            rest.value.end = end - u->text;

            rc = profile_user_shape_write(u, &rest, start);
        }

        *changed |= part;
        p = end;
    }

    u->arrays--;

    return (rc == PROFILE_OK) ? profile_user_shape_put(u, "]", 1) : rc;
}


/* what was made of the value stands behind its place, or in it */

static profile_reason_e
profile_user_shape_write(profile_user_t *u, const profile_rest_t *rest,
    size_t start)
{
    size_t  len;

    len = rest->value.end - rest->value.start;
    u->made.len = start;

    if (!rest->made) {
        return profile_user_shape_put(u, u->text + rest->value.start, len);
    }

    memmove(u->made.data + start, u->made.data + rest->value.start, len);
    u->made.len += len;

    return PROFILE_OK;
}


/* M7.8 */

static profile_reason_e
profile_user_shape_unwraps(profile_user_t *u, const profile_shape_t *shape,
    int *unwraps)
{
    int  any;

    *unwraps = shape && shape->unwrap;

    if (*unwraps || !profile_schema_shape_has_unwraps(u->schema)) {
        return PROFILE_OK;
    }

    return profile_schema_shape_unwraps(u->matcher, u->path.data, u->path.len,
                                  unwraps, &any);
}
