
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_schema_mistake.h"
#include "core/schema/profile_schema_path.h"
#include "core/schema/profile_schema_table.h"


static uint32_t profile_schema_path_child(profile_schema_t *s, uint32_t parent,
    uint32_t name);


int
profile_schema_path_read(profile_schema_t *s, const profile_str_t *word,
    profile_path_t *path)
{
    size_t   i;
    u_char  *text;

    text = profile_schema_table_text(s, word->len);
    if (text == NULL) {
        return -1;
    }

    if (profile_path_read(word, text, path) == 0) {

        for (i = 0; i < path->n; i++) {
            if (profile_str_eq(&path->parts[i], "*", 1)) {
                return profile_schema_mistake(s, "invalid path \"%.*s\", "
                                              "expected names, for which no "
                                              "star stands",
                                              (int) word->len, word->data);
            }
        }

        return 0;
    }

    if (path->n == PROFILE_PATH_MAX) {
        return profile_schema_mistake(s, "invalid path \"%.*s\", expected "
                                      "%d names at most",
                                      (int) word->len, word->data,
                                      PROFILE_PATH_MAX);
    }

    /* an empty name is a name, but not beside others */

    if (word->len == 0) {
        path->n = 1;
        return 0;
    }

    return profile_schema_mistake(s, "invalid path \"%.*s\", expected names "
                                  "between its dots, in which a dot is "
                                  "\"\\.\"", (int) word->len, word->data);
}


profile_shape_t *
profile_schema_path_node(profile_schema_t *s, const profile_path_t *path,
    int any)
{
    size_t            i;
    uint32_t          node, name;
    profile_entry_t  *e;

    node = 0;

    for (i = 0; i < path->n; i++) {
        e = profile_schema_table_entry(s, &path->parts[i]);
        if (e == NULL) {
            return NULL;
        }

        name = e->name.number;
        node = profile_schema_path_child(s, node, name);

        if (node == 0) {
            return NULL;
        }

        if (i == 0) {
            s->entries[name - 1].shape = node;
        }
    }

    if (any) {
        node = profile_schema_path_child(s, node, 0);
    }

    return node ? &profile_schema_table_shapes(s)[node] : NULL;
}


/* its number; 0 with the schema's error set */

static uint32_t
profile_schema_path_child(profile_schema_t *s, uint32_t parent, uint32_t name)
{
    uint32_t          i, *link;
    profile_shape_t   shape, *shapes;

    memset(&shape, 0, sizeof(profile_shape_t));

    /* the root is a node */

    if (s->shapes.len == 0
        && profile_buf_append(&s->alloc, &s->shapes, &shape, sizeof(shape))
           != 0)
    {
        goto no_memory;
    }

    shapes = profile_schema_table_shapes(s);

    for (i = shapes[parent].child; i; i = shapes[i].next) {
        if (shapes[i].name == name) {
            return i;
        }
    }

    shape.name = name;
    shape.number = s->shapes.len / sizeof(profile_shape_t);

    if (profile_buf_append(&s->alloc, &s->shapes, &shape, sizeof(shape)) != 0)
    {
        goto no_memory;
    }

    shapes = profile_schema_table_shapes(s);

    /* in the order of the statements */

    for (link = &shapes[parent].child; *link; link = &shapes[*link].next) {
        /* void */
    }

    *link = shape.number;

    return shape.number;

no_memory:

    (void) profile_schema_mistake(s, "not enough memory");

    return 0;
}
