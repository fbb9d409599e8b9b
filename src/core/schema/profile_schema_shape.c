
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_schema_pattern.h"
#include "core/schema/profile_schema_shape.h"
#include "core/schema/profile_schema_table.h"


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


const profile_shape_t *
profile_schema_shape_next(const profile_schema_t *s,
    const profile_shape_t *shape, const profile_shape_t *child)
{
    uint32_t  i;

    i = child ? child->next : shape->child;

    return i ? &profile_schema_table_shapes(s)[i] : NULL;
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


profile_reason_e
profile_schema_shape_unwraps(profile_matcher_t *m, const u_char *path,
    size_t len, int *found, int *any)
{
    profile_name_t            name;
    profile_reason_e          rc;
    const profile_pattern_t  *p;

    memset(&name, 0, sizeof(profile_name_t));

    name.data = path;
    name.len = len;

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


uint32_t
profile_schema_shape_merge(const profile_schema_t *s,
    const profile_name_t *name, profile_container_e *container, int *said)
{
    const profile_entry_t  *e;

    e = profile_schema_table_find(s, name);

    *said = e->merged;
    *container = e->into;

    return e->order;
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
profile_schema_shape_id(const profile_schema_t *s)
{
    return s->users[0];
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
