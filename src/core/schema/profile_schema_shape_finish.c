
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/schema/profile_schema.h"
#include "core/schema/profile_schema_mistake.h"
#include "core/schema/profile_schema_shape.h"
#include "core/schema/profile_schema_shape_finish.h"
#include "core/schema/profile_schema_table.h"


static int profile_schema_shape_finish_shown(profile_schema_t *s,
    profile_container_e container);
static int profile_schema_shape_finish_user(profile_schema_t *s,
    uint32_t number);
static int profile_schema_shape_finish_identity(profile_schema_t *s,
    uint32_t number);
static void profile_schema_shape_finish_any(profile_schema_t *s,
    const profile_shape_t *shape);
static int profile_schema_shape_finish_moved(profile_schema_t *s,
    uint32_t parent, const profile_shape_t *shape);
static int profile_schema_shape_finish_tree(profile_schema_t *s, uint32_t node,
    const profile_statement_t *dropped, const profile_statement_t *lifted);


int
profile_schema_shape_finish(profile_schema_t *s)
{
    size_t                i, n;
    profile_path_t       *path;
    profile_entry_t      *e;
    profile_container_e   c;

    if (s->nusers == 0) {
        s->users[s->nusers++] = PROFILE_NAME_USER_ID;
        s->users[s->nusers++] = PROFILE_NAME_IDENTITIES;
    }

    for (i = 0; i < s->nusers; i++) {
        if (profile_schema_shape_finish_user(s, s->users[i]) != 0) {
            return -1;
        }
    }

    path = (profile_path_t *) s->provider_from.data;
    n = s->provider_from.len / sizeof(profile_path_t);

    for (i = 0; i < n; i++) {

        if (path[i].n == 0) {
            continue;
        }

        e = profile_schema_table_entry(s, &path[i].parts[0]);

        if (e == NULL
            || profile_schema_shape_finish_identity(s, e->name.number) != 0)
        {
            return -1;
        }
    }

    for (c = PROFILE_APP_METADATA; c <= PROFILE_USER_METADATA; c++) {
        if (profile_schema_shape_finish_shown(s, c) != 0) {
            return -1;
        }
    }

    if (s->nmerges == 0) {
        s->nmerges = 1;
    }

    if (s->shapes.len == 0) {
        return 0;
    }

    return profile_schema_shape_finish_tree(s, 0, NULL, NULL) < 0 ? -1 : 0;
}


/* what a user is known by stays where a user is looked for */

static int
profile_schema_shape_finish_user(profile_schema_t *s, uint32_t number)
{
    const profile_entry_t  *e;

    e = &s->entries[number - 1];

    switch (e->claim) {

    case PROFILE_CLAIM_CONTAINER:
        return profile_schema_mistake(s, "name \"%.*s\" in \"user\" is that "
                                      "of a metadata container",
                                      (int) e->name.len, e->name.data);

    case PROFILE_CLAIM_DROP:
        return profile_schema_mistake_twice(s, e->statement,
                       "name \"%.*s\" is in \"user\", and dropped",
                       (int) e->name.len, e->name.data);

    case PROFILE_CLAIM_METADATA:
        return profile_schema_mistake_twice(s, e->statement,
                       "name \"%.*s\" is in \"user\", and metadata",
                       (int) e->name.len, e->name.data);

    default:
        return profile_schema_shape_finish_identity(s, number);
    }
}


/* M7.2, M7.4: by what a user and the provider are known */

static int
profile_schema_shape_finish_identity(profile_schema_t *s, uint32_t number)
{
    profile_entry_t  *e;

    e = &s->entries[number - 1];

    if (e->claim == PROFILE_CLAIM_NONE) {
        e->claim = PROFILE_CLAIM_IDENTITY;
        e->statement = s->statement;
    }

    return 0;
}


static int
profile_schema_shape_finish_shown(profile_schema_t *s,
    profile_container_e container)
{
    u_char         *p;
    profile_str_t  *name, *head;

    name = &s->shown[container];
    head = &s->shown_head[container];

    if (name->len == 0) {
        *name = *profile_schema_container_name(container);
    }

    p = profile_schema_table_text(s, 6 * name->len + 4);
    if (p == NULL) {
        return -1;
    }

    head->data = p;

    *p++ = '"';
    p += profile_text_escape(p, name->data, name->len);
    *p++ = '"';
    *p++ = ':';
    *p++ = '{';

    head->len = p - head->data;

    return 0;
}


/* what is said of any name is said of those of which more is said */

static void
profile_schema_shape_finish_any(profile_schema_t *s,
    const profile_shape_t *shape)
{
    uint32_t                i;
    profile_shape_t        *child;
    const profile_shape_t  *any;

    any = NULL;

    for (i = shape->child; i; i = child->next) {
        child = &profile_schema_table_shapes(s)[i];

        if (child->name == 0) {
            any = child;
        }
    }

    for (i = shape->child; any && i; i = child->next) {
        child = &profile_schema_table_shapes(s)[i];

        if (!child->unwrap) {
            child->unwrap = any->unwrap;
            child->any = any->any;
        }
    }
}


/* what moves, or something in it, is nothing that "identity_drop" speaks of */

static int
profile_schema_shape_finish_moved(profile_schema_t *s, uint32_t parent,
    const profile_shape_t *shape)
{
    const profile_name_t  *name;

    name = &s->entries[shape->name - 1].name;

    if (parent == 0 && profile_schema_shape_is_identities(s, name)) {
        return profile_schema_mistake(s, "\"%.*s\" are identities, of which "
                                      "nothing can be lifted or merged",
                                      (int) name->len, name->data);
    }

    if (shape->what == PROFILE_SHAPE_LIFT
        && (s->entries[shape->name - 1].implicit
            || s->entries[shape->name - 1].claim == PROFILE_CLAIM_CONTAINER))
    {
        return profile_schema_mistake(s, "\"%.*s\" in \"lift\" has a meaning "
                                      "at the root",
                                      (int) name->len, name->data);
    }

    if (parent && profile_schema_identity_drop(s, name)) {
        return profile_schema_mistake(s, "\"%.*s\" in a path of \"lift\" or "
                                      "\"merge\" is left out by "
                                      "\"identity_drop\"",
                                      (int) name->len, name->data);
    }

    return 0;
}


/* whether something at the node, or below it, moves: 1 or 0 */

static int
profile_schema_shape_finish_tree(profile_schema_t *s, uint32_t node,
    const profile_statement_t *dropped, const profile_statement_t *lifted)
{
    int                         rc;
    uint32_t                    i;
    profile_shape_t            *shape, *child;
    const profile_entry_t      *e;
    const profile_statement_t  *said;

    shape = &profile_schema_table_shapes(s)[node];

    if (dropped && shape->what != PROFILE_SHAPE_KEEP) {
        return profile_schema_mistake_twice(s, dropped,
                       "a path of \"%.*s\" is below one that is dropped",
                       (int) shape->statement->words[0].len,
                       shape->statement->words[0].data);
    }

    if (lifted && shape->what == PROFILE_SHAPE_LIFT) {
        return profile_schema_mistake_twice(s, lifted,
                       "a path of \"lift\" is below one that is lifted");
    }

    if (shape->what == PROFILE_SHAPE_DROP) {
        dropped = shape->statement;

    } else if (shape->what == PROFILE_SHAPE_LIFT) {
        lifted = shape->statement;
    }

    profile_schema_shape_finish_any(s, shape);

    for (i = shape->child; i; i = child->next) {
        child = &profile_schema_table_shapes(s)[i];
        said = dropped;

        if (node == 0) {
            e = &s->entries[child->name - 1];
            said = (e->claim == PROFILE_CLAIM_DROP) ? e->statement : NULL;
        }

        rc = profile_schema_shape_finish_tree(s, i, said, lifted);

        if (rc < 0
            || (rc && profile_schema_shape_finish_moved(s, node, child) != 0))
        {
            return -1;
        }

        shape->moves |= rc;
    }

    return shape->moves || shape->what == PROFILE_SHAPE_LIFT
           || shape->what == PROFILE_SHAPE_MERGE;
}
