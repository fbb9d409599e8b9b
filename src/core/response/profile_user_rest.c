
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_skip.h"
#include "core/response/profile_user_inside.h"
#include "core/response/profile_user_rest.h"


static profile_reason_e profile_user_rest_object(profile_user_t *u,
    const profile_shape_t *shape, const u_char *p, int *changed, int *empty);
static profile_reason_e profile_user_rest_array(profile_user_t *u,
    const profile_shape_t *shape, const u_char *p, int *changed);
static profile_reason_e profile_user_rest_write(profile_user_t *u,
    const profile_rest_t *rest, size_t start);
static profile_reason_e profile_user_rest_move(profile_user_t *u,
    const profile_shape_t *shape, const profile_inside_t *in,
    profile_place_e place);
static profile_reason_e profile_user_rest_lift(profile_user_t *u,
    const profile_shape_t *child, const profile_inside_t *in);
static profile_reason_e profile_user_rest_merge(profile_user_t *u,
    const profile_shape_t *child, const profile_inside_t *in);
static profile_reason_e profile_user_rest_members(profile_user_t *u,
    const profile_shape_t *shape, const profile_span_t *value);
static profile_reason_e profile_user_rest_merged(profile_user_t *u,
    const profile_shape_t *shape);


#define profile_user_rest_put(u, data, len)                                  \
    (profile_buf_append(&(u)->alloc, &(u)->draft, data, len) == 0            \
     ? PROFILE_OK : PROFILE_NO_MEMORY)


profile_reason_e
profile_user_rest(profile_user_t *u, const profile_shape_t *shape,
    const profile_span_t *value, profile_rest_t *rest)
{
    int               changed, empty, unwraps;
    size_t            start;
    const u_char     *p;
    profile_reason_e  rc;

    memset(rest, 0, sizeof(profile_rest_t));

    rest->value = *value;

    p = u->text + value->start;

    rc = profile_user_inside_unwraps(u, shape, &unwraps);
    if (rc != PROFILE_OK) {
        return rc;
    }

    if (profile_skip_is_bracket(*p)
        && ((shape && shape->child)
            || (u->level < PROFILE_PATH_MAX
                && profile_schema_shape_has_unwraps(u->schema))))
    {
        start = u->draft.len;
        changed = 0;
        empty = 0;

        rc = (*p == '{') ? profile_user_rest_object(u, shape, p, &changed,
                                                     &empty)
                         : profile_user_rest_array(u, shape, p, &changed);

        if (rc != PROFILE_OK) {
            return rc;
        }

        if (changed) {
            rest->changed = 1;
            rest->made = 1;
            rest->gone = empty && shape && shape->moves && u->arrays == 0;
            rest->value.start = start;
            rest->value.end = u->draft.len;

        } else {
            u->draft.len = start;
        }
    }

    if (unwraps) {
        profile_user_inside_unwrap(u, rest);
    }

    return PROFILE_OK;
}


static profile_reason_e
profile_user_rest_object(profile_user_t *u, const profile_shape_t *shape,
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

    rc = shape ? profile_user_rest_last(u, shape, p) : PROFILE_OK;

    if (rc == PROFILE_OK) {
        rc = profile_user_rest_put(u, "{", 1);
    }

    u->level++;

    for (p++; rc == PROFILE_OK && profile_user_inside_next(u, &p, &in);
         /* void */ )
    {
        u->path.len = len;

        rc = profile_user_rest_member(u, shape, &in, &child, &stays);

        if (rc != PROFILE_OK || !stays) {
            *changed = 1;
            continue;
        }

        /* the name is written before its value is known */

        start = u->draft.len;

        rc = *empty ? PROFILE_OK : profile_user_rest_put(u, ",", 1);

        if (rc == PROFILE_OK) {
            rc = profile_user_rest_put(u, u->text + in.key.start - 1,
                                        in.key.end - in.key.start + 2);
        }

        if (rc == PROFILE_OK) {
            rc = profile_user_rest_put(u, ":", 1);
        }

        value = u->draft.len;

        if (rc == PROFILE_OK) {
            rc = profile_user_rest(u, child, &in.value, &rest);
        }

        if (rc != PROFILE_OK) {
            break;
        }

        *changed |= rest.changed;

        if (rest.gone) {
            u->draft.len = start;
            continue;
        }

        *empty = 0;

        rc = profile_user_rest_write(u, &rest, value);
    }

    u->level--;
    u->path.len = len;

    return (rc == PROFILE_OK) ? profile_user_rest_put(u, "}", 1) : rc;
}


/*
 * Nothing moves out of an array, but what is dropped is dropped there, too, and
 * in the arrays inside it, of which there may be any number.
 */

static profile_reason_e
profile_user_rest_array(profile_user_t *u, const profile_shape_t *shape,
    const u_char *p, int *changed)
{
    int               empty, part;
    size_t            start, depth;
    const u_char     *end;
    profile_rest_t    rest;
    profile_reason_e  rc;

    memset(&rest, 0, sizeof(profile_rest_t));

    rc = PROFILE_OK;
    depth = 0;

    u->arrays++;

    do {
        p = profile_skip_space(p, u->text_end);
        end = p + 1;
        start = u->draft.len;
        part = 0;

        if (*p == '[') {
            depth++;

        } else if (*p == ']') {
            depth--;

        } else if (*p != ',') {
            end = profile_skip_value(p, u->text_end);
        }

        if (*p == '{') {
            rc = profile_user_rest_object(u, shape, p, &part, &empty);
        }

        if (rc == PROFILE_OK && !part) {
            rest.value.start = p - u->text;
            rest.value.end = end - u->text;

            rc = profile_user_rest_write(u, &rest, start);
        }

        *changed |= part;
        p = end;

    } while (rc == PROFILE_OK && depth);

    u->arrays--;

    return rc;
}


/* what was made of the value stands behind its place, or in it */

static profile_reason_e
profile_user_rest_write(profile_user_t *u, const profile_rest_t *rest,
    size_t start)
{
    size_t  len;

    len = rest->value.end - rest->value.start;
    u->draft.len = start;

    if (!rest->made) {
        return profile_user_rest_put(u, u->text + rest->value.start, len);
    }

    memmove(u->draft.data + start, u->draft.data + rest->value.start, len);
    u->draft.len += len;

    return PROFILE_OK;
}


/* M5.4: where the last member stands of each name of which something is said */

profile_reason_e
profile_user_rest_last(profile_user_t *u, const profile_shape_t *shape,
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

profile_reason_e
profile_user_rest_member(profile_user_t *u, const profile_shape_t *shape,
    profile_inside_t *in, const profile_shape_t **child, int *stays)
{
    profile_reason_e        rc;
    const profile_shape_t  *said;

    *stays = 0;

    rc = profile_user_inside_name(u, in);
    if (rc != PROFILE_OK) {
        return rc;
    }

    said = shape ? profile_schema_shape_child(u->schema, shape, &in->name)
                 : NULL;
    *child = said;

    if (said && said->name
        && ((uint32_t *) u->lasts.data)[said->number] != in->key.start)
    {
        u->counts->conflicts++;
        return PROFILE_OK;
    }

    if (shape && shape->moves
        && profile_schema_identity_drop(u->schema, &in->name))
    {
        return PROFILE_OK;
    }

    if (said && said->what == PROFILE_SHAPE_DROP) {
        return PROFILE_OK;
    }

    switch ((said && u->arrays == 0) ? said->what : PROFILE_SHAPE_KEEP) {

    case PROFILE_SHAPE_LIFT:
        return profile_user_rest_lift(u, said, in);

    case PROFILE_SHAPE_MERGE:
        return profile_user_rest_merge(u, said, in);

    default: /* PROFILE_SHAPE_KEEP */
        *stays = 1;
        return PROFILE_OK;
    }
}


/* what stays of a value becomes that of a member behind all others */

static profile_reason_e
profile_user_rest_move(profile_user_t *u, const profile_shape_t *shape,
    const profile_inside_t *in, profile_place_e place)
{
    size_t                 start;
    uint32_t               number;
    profile_rest_t         rest;
    profile_reason_e       rc;
    profile_user_member_t  m;

    memset(&m, 0, sizeof(profile_user_member_t));

    start = u->draft.len;
    number = in->name.number;

    rc = profile_user_rest(u, shape, &in->value, &rest);

    if (rc == PROFILE_OK) {
        rc = profile_user_rest_keep(u, &rest, &m);
    }

    /* what it is moved out of is written on */

    u->draft.len = start;

    if (rc != PROFILE_OK || rest.gone) {
        return rc;
    }

    m.key = in->key;
    m.number = (place == PROFILE_IN_ROOT) ? number : 0;
    m.place = place;
    m.escaped = in->escaped;
    m.identities = profile_schema_has_identity_drop(u->schema) ? 1 : 0;

    return profile_buf_append(&u->alloc, &u->members, &m, sizeof(m)) == 0
           ? PROFILE_OK : PROFILE_NO_MEMORY;
}


/* the value of a member, out of the draft if it is there */

profile_reason_e
profile_user_rest_keep(profile_user_t *u, profile_rest_t *rest,
    profile_user_member_t *m)
{
    size_t  start;

    m->value = rest->value;
    m->made = rest->made;

    if (rest->made) {
        start = u->made.len;

        if (profile_buf_append(&u->alloc, &u->made,
                               u->draft.data + rest->value.start,
                               rest->value.end - rest->value.start)
            != 0)
        {
            return PROFILE_NO_MEMORY;
        }

        m->value.start = start;
        m->value.end = u->made.len;
    }

    m->type = profile_user_inside_type(*profile_user_value(u, m));

    return PROFILE_OK;
}


/* M7.6 */

static profile_reason_e
profile_user_rest_lift(profile_user_t *u, const profile_shape_t *child,
    const profile_inside_t *in)
{
    int               known;
    size_t            start;
    profile_rest_t    rest;
    profile_reason_e  rc;

    /* the name has a number, by which the set knows it */

    if (profile_names_add(&u->names, &in->name, profile_user_nmembers(u),
                          &known)
        == NULL)
    {
        return PROFILE_NO_MEMORY;
    }

    if (known) {
        u->counts->conflicts++;

        /* what is said of something inside it holds all the same */

        start = u->draft.len;
        rc = profile_user_rest(u, child, &in->value, &rest);
        u->draft.len = start;

        return rc;
    }

    return profile_user_rest_move(u, child, in, PROFILE_IN_ROOT);
}


/* M7.7 */

static profile_reason_e
profile_user_rest_merge(profile_user_t *u, const profile_shape_t *child,
    const profile_inside_t *in)
{
    uint32_t                n;
    profile_reason_e        rc;
    profile_user_member_t  *m;

    switch (u->text[in->value.start]) {

    case 'n':
        return PROFILE_OK;

    case '{':
        return profile_user_rest_members(u, child, &in->value);

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

    n = profile_user_nmembers(u);

    rc = profile_user_rest_move(u, child, in, PROFILE_IN_ROOT);
    if (rc != PROFILE_OK) {
        return rc;
    }

    m = &profile_user_members(u)[n];

    /* M7.8: it may have been an array of a null */

    if (m->type == PROFILE_NULL) {
        m->fate = PROFILE_FATE_GONE;
        return PROFILE_OK;
    }

    /* a member of the root may have its name */

    m->fate = PROFILE_FATE_MOVE_APP;
    u->aliased = 1;
    u->counts->moved[PROFILE_APP_METADATA]++;

    return PROFILE_OK;
}


static profile_reason_e
profile_user_rest_members(profile_user_t *u, const profile_shape_t *shape,
    const profile_span_t *value)
{
    int                     stays;
    size_t                  len;
    uint32_t                n;
    const u_char           *p;
    profile_inside_t        in;
    profile_reason_e        rc;
    const profile_shape_t  *child;

    p = u->text + value->start;
    len = u->path.len;

    rc = profile_user_rest_last(u, shape, p);

    u->level++;

    for (p++; rc == PROFILE_OK && profile_user_inside_next(u, &p, &in);
         /* void */ )
    {
        u->path.len = len;

        rc = profile_user_rest_member(u, shape, &in, &child, &stays);

        if (rc != PROFILE_OK || !stays) {
            continue;
        }

        rc = profile_user_rest_move(u, child, &in, PROFILE_IN_CONTAINER);

        n = profile_user_nmembers(u);

        if (rc == PROFILE_OK && n
            && profile_user_members(u)[n - 1].key.start == in.key.start)
        {
            rc = profile_user_rest_merged(u, shape);
        }
    }

    u->level--;
    u->path.len = len;

    return rc;
}


/* the last member is of this merge; others may have come since those before */

static profile_reason_e
profile_user_rest_merged(profile_user_t *u, const profile_shape_t *shape)
{
    uint32_t           last;
    profile_source_t  *source, next;

    last = profile_user_nmembers(u) - 1;

    if (u->sources.len) {
        source = (profile_source_t *) (u->sources.data + u->sources.len
                                       - sizeof(profile_source_t));

        if (source->rank == PROFILE_RANK_MERGED && source->clean
            && source->order == shape->order
            && source->first + source->n == last)
        {
            source->n++;
            return PROFILE_OK;
        }
    }

    next.container = shape->container;
    next.rank = PROFILE_RANK_MERGED;
    next.order = shape->order;
    next.first = last;
    next.n = 1;
    next.clean = 1;
    next.written = shape->write;

    return profile_buf_append(&u->alloc, &u->sources, &next, sizeof(next)) == 0
           ? PROFILE_OK : PROFILE_NO_MEMORY;
}
