
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_schema.h"
#include "core/schema/profile_schema_pattern.h"
#include "core/schema/profile_schema_shape.h"
#include "core/schema/profile_schema_table.h"


static int profile_schema_shape_is_lone(const u_char *path, size_t len);
static int profile_schema_shape_leads(const profile_schema_t *s,
    const profile_shape_t *shape, const u_char *data, size_t len);
static int profile_schema_shape_spells_into(const profile_schema_t *s,
    const profile_shape_t *shape, const profile_name_t *name,
    const u_char *dot);


int
profile_schema_shape_said(const profile_schema_t *s)
{
    return s->shapes.len != 0 || s->unwraps != NULL;
}


uint32_t
profile_schema_shape_count(const profile_schema_t *s)
{
    return profile_schema_table_nshapes(s);
}


const profile_shape_t *
profile_schema_shape_root(const profile_schema_t *s, const profile_name_t *name)
{
    const profile_entry_t  *e;

    e = profile_schema_table_find(s, name);

    return (e && e->shape) ? &profile_schema_table_shapes(s)[e->shape] : NULL;
}


const profile_shape_t *
profile_schema_shape_child(const profile_schema_t *s,
    const profile_shape_t *shape, const profile_name_t *name)
{
    uint32_t                i;
    const profile_shape_t  *child, *any;

    any = NULL;

    for (i = shape->child; i; i = child->next) {
        child = &profile_schema_table_shapes(s)[i];

        if (child->name == 0) {
            any = child;

        } else if (child->name == name->number) {
            return child;
        }
    }

    return any;
}


const profile_str_t *
profile_schema_shape_name(const profile_schema_t *s,
    const profile_shape_t *shape, profile_str_t *name)
{
    const profile_name_t  *n;

    name->len = 0;

    if (shape->name) {
        n = &s->entries[shape->name - 1].name;
        name->data = n->data;
        name->len = n->len;
    }

    return name;
}


int
profile_schema_shape_has_unwraps(const profile_schema_t *s)
{
    return s->unwraps != NULL;
}


/* M2.8: half of a surrogate pair begins so, and no other character does */

static int
profile_schema_shape_is_lone(const u_char *path, size_t len)
{
    const u_char  *p, *last;

    last = path + len;

    for (p = path; p < last; p++) {
        p = memchr(p, 0xed, last - p);

        if (p == NULL || p + 1 == last) {
            return 0;
        }

        if (p[1] >= 0xa0) {
            return 1;
        }
    }

    return 0;
}


profile_reason_e
profile_schema_shape_unwraps(profile_matcher_t *m, const u_char *path,
    size_t len, int *found, int *any)
{
    profile_name_t            name;
    profile_reason_e          rc;
    const profile_pattern_t  *p;

    memset(&name, 0, sizeof(profile_name_t));

    /* a buffer of nothing may be nowhere */

    name.data = len ? path : (const u_char *) "";
    name.len = len;
    name.lone = profile_schema_shape_is_lone(name.data, len);

    rc = profile_schema_pattern_find(m, m->schema->unwraps, &name,
                                     PROFILE_PATTERN_EXACT, &p);

    *found = (rc == PROFILE_OK && p);
    *any = (*found && p->any);

    return rc;
}


uint32_t
profile_schema_shape_nmerges(const profile_schema_t *s)
{
    return s->nmerges;
}


const profile_shape_t *
profile_schema_shape_merge(const profile_schema_t *s,
    const profile_name_t *name)
{
    const profile_shape_t  *shape;

    shape = profile_schema_shape_root(s, name);

    return (shape && shape->what == PROFILE_SHAPE_MERGE) ? shape : NULL;
}


const profile_path_t *
profile_schema_shape_write(const profile_schema_t *s,
    profile_container_e container)
{
    return s->write_shape[container] ? &s->write_path[container] : NULL;
}


int
profile_schema_shape_keeps(const profile_schema_t *s,
    profile_container_e container, const profile_name_t *name)
{
    const profile_shape_t  *child, *shape;

    shape = &profile_schema_table_shapes(s)[s->write_shape[container]];
    child = profile_schema_shape_child(s, shape, name);

    return (child == NULL
            || (child->what == PROFILE_SHAPE_KEEP && child->child == 0))
           && !profile_schema_identity_drop(s, name);
}


int
profile_schema_shape_stores(const profile_schema_t *s,
    profile_container_e container, const profile_name_t *name)
{
    const profile_shape_t  *shape;

    shape = &profile_schema_table_shapes(s)[s->write_shape[container]];

    return profile_schema_shape_keeps(s, container, name)
           && !profile_schema_shape_leads(s, shape, name->data, name->len);
}


profile_reason_e
profile_schema_shape_stored(profile_matcher_t *m,
    profile_container_e container, const profile_name_t *as,
    profile_buf_t *buf, int *unwraps, int *any)
{
    size_t                   i;
    const profile_path_t    *path;
    const profile_shape_t   *shape;
    const profile_schema_t  *s;

    s = m->schema;
    path = profile_schema_shape_write(s, container);

    if (path) {
        shape = &profile_schema_table_shapes(s)[s->write_shape[container]];
        shape = profile_schema_shape_child(s, shape, as);

    } else {
        shape = profile_schema_shape_root(s, as);
    }

    *unwraps = (shape && shape->unwrap);
    *any = (*unwraps && shape->any);

    if (*unwraps || s->unwraps == NULL) {
        return PROFILE_OK;
    }

    buf->len = 0;

    for (i = 0; path && i < path->n; i++) {
        if (profile_buf_append(&m->alloc, buf, path->parts[i].data,
                               path->parts[i].len)
            != 0
            || profile_buf_text(&m->alloc, buf, ".") != 0)
        {
            return PROFILE_NO_MEMORY;
        }
    }

    if (profile_buf_append(&m->alloc, buf, as->data, as->len) != 0) {
        return PROFILE_NO_MEMORY;
    }

    return profile_schema_shape_unwraps(m, buf->data, buf->len, unwraps, any);
}


int
profile_schema_shape_holds(const profile_schema_t *s, int v2,
    const profile_name_t *name, profile_container_e *container)
{
    profile_container_e     c;
    const profile_entry_t  *e;
    const profile_shape_t  *shape;

    for (c = PROFILE_APP_METADATA; v2 && c <= PROFILE_USER_METADATA; c++) {

        if (profile_str_eq(&s->shown[c], name->data, name->len)) {
            *container = c;
            return 1;
        }
    }

    e = profile_schema_table_find(s, name);

    if (v2 || e == NULL || e->claim != PROFILE_CLAIM_CONTAINER) {
        return 0;
    }

    *container = e->container;

    if (e->container != PROFILE_METADATA) {
        return 1;
    }

    shape = profile_schema_shape_merge(s, name);

    if (shape == NULL || e->name.number == PROFILE_NAME_METADATA) {
        return 0;
    }

    *container = shape->container;

    return 1;
}


int
profile_schema_shape_spells(const profile_schema_t *s,
    const profile_name_t *name)
{
    size_t                  len;
    uint32_t                i;
    profile_str_t           known;
    const u_char           *dot;
    const profile_shape_t  *shapes, *shape;

    if (s->shapes.len == 0) {
        return 0;
    }

    dot = memchr(name->data, '.', name->len);
    len = dot ? (size_t) (dot - name->data) : name->len;

    shapes = profile_schema_table_shapes(s);

    for (i = shapes[0].child; i; i = shape->next) {
        shape = &shapes[i];

        (void) profile_schema_shape_name(s, shape, &known);

        if (profile_schema_alike(&known, name->data, len)
            && profile_schema_shape_spells_into(s, shape, name, dot))
        {
            return 1;
        }
    }

    return 0;
}


/* a container is one by its very name only */

static int
profile_schema_shape_spells_into(const profile_schema_t *s,
    const profile_shape_t *shape, const profile_name_t *name,
    const u_char *dot)
{
    size_t         len;
    const u_char  *next;

    if (s->entries[shape->name - 1].claim != PROFILE_CLAIM_CONTAINER) {
        return dot && shape->moves;
    }

    if (dot == NULL) {
        return shape->moves && name->number != shape->name;
    }

    len = name->len - (++dot - name->data);
    next = memchr(dot, '.', len);

    return profile_schema_shape_leads(s, shape, dot,
                                      next ? (size_t) (next - dot) : len);
}


int
profile_schema_shape_takes(const profile_schema_t *s,
    const profile_name_t *name, const u_char *data, size_t len)
{
    const profile_shape_t  *shape;

    shape = profile_schema_shape_root(s, name);

    return shape && profile_schema_shape_leads(s, shape, data, len);
}


/* whether the value of a member, or something inside of it, does not stay */

static int
profile_schema_shape_leads(const profile_schema_t *s,
    const profile_shape_t *shape, const u_char *data, size_t len)
{
    uint32_t                i;
    profile_str_t           known;
    const profile_shape_t  *child;

    for (i = shape->child; i; i = child->next) {
        child = &profile_schema_table_shapes(s)[i];

        if (child->name == 0
            || (child->what == PROFILE_SHAPE_KEEP && !child->moves))
        {
            continue;
        }

        (void) profile_schema_shape_name(s, child, &known);

        if (profile_schema_alike(&known, data, len)) {
            return 1;
        }
    }

    return 0;
}


int
profile_schema_shape_is_container(const profile_schema_t *s,
    const profile_name_t *name)
{
    const profile_entry_t  *e;

    e = profile_schema_table_find(s, name);

    return e && e->claim == PROFILE_CLAIM_CONTAINER;
}


int
profile_schema_shape_is_user(const profile_schema_t *s,
    const profile_name_t *name)
{
    size_t  i;

    for (i = 0; i < s->nusers; i++) {
        if (name->number == s->users[i]) {
            return 1;
        }
    }

    return 0;
}


uint32_t
profile_schema_shape_last_user(const profile_schema_t *s)
{
    size_t    i;
    uint32_t  last;

    last = 0;

    for (i = 0; i < s->nusers; i++) {
        if (s->users[i] > last) {
            last = s->users[i];
        }
    }

    return last;
}


uint32_t
profile_schema_shape_id(const profile_schema_t *s)
{
    return s->users[0];
}


int
profile_schema_shape_makes_id(const profile_schema_t *s)
{
    return s->entries[PROFILE_NAME_USER_ID - 1].target;
}


int
profile_schema_shape_is_identities(const profile_schema_t *s,
    const profile_name_t *name)
{
    static const profile_str_t  identities = profile_string("identities");

    if (s->finished && name->number) {
        return s->entries[name->number - 1].identities;
    }

    return profile_schema_alike(&identities, name->data, name->len)
           || (s->logins.len
               && profile_schema_alike(&s->logins, name->data, name->len));
}


const profile_path_t *
profile_schema_shape_provider_from(const profile_schema_t *s, size_t i)
{
    if (i >= s->provider_from.len / sizeof(profile_path_t)) {
        return NULL;
    }

    return (profile_path_t *) s->provider_from.data + i;
}


const profile_str_t *
profile_schema_shape_shown(const profile_schema_t *s,
    profile_container_e container)
{
    return &s->shown[container];
}


const profile_str_t *
profile_schema_shape_shown_head(const profile_schema_t *s,
    profile_container_e container)
{
    return &s->shown_head[container];
}
