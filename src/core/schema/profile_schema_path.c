
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_schema_mistake.h"
#include "core/schema/profile_schema_path.h"
#include "core/schema/profile_schema_table.h"


static u_char *profile_schema_path_text(profile_schema_t *s, size_t len);
static uint32_t profile_schema_path_child(profile_schema_t *s, uint32_t parent,
    uint32_t name);


int
profile_schema_path_read(profile_schema_t *s, const profile_str_t *word,
    profile_path_t *path)
{
    u_char         *text;
    const u_char   *p, *last;
    profile_str_t  *part;

    text = profile_schema_path_text(s, word->len);
    if (text == NULL) {
        return -1;
    }

    p = word->data;
    last = p + word->len;
    path->n = 0;

    for ( ;; ) {

        if (path->n == PROFILE_PATH_MAX) {
            return profile_schema_mistake(s, "invalid path \"%.*s\", expected "
                                          "%d names at most",
                                          (int) word->len, word->data,
                                          PROFILE_PATH_MAX);
        }

        part = &path->parts[path->n++];
        part->data = text;

        for ( /* void */ ; p < last && *p != '.'; p++) {

            if (*p == '\\' && p + 1 < last && (p[1] == '.' || p[1] == '\\')) {
                p++;
            }

            *text++ = *p;
        }

        part->len = text - part->data;

        /* an empty name is a name, but not beside others */

        if (part->len == 0 && word->len) {
            return profile_schema_mistake(s, "invalid path \"%.*s\", expected "
                                          "names between its dots, in which "
                                          "a dot is \"\\.\"",
                                          (int) word->len, word->data);
        }

        if (p++ == last) {
            return 0;
        }
    }
}


/* freed with the schema */

static u_char *
profile_schema_path_text(profile_schema_t *s, size_t len)
{
    u_char  *text;

    text = s->alloc.alloc(s->alloc.ctx, len + 1);

    if (text == NULL
        || profile_buf_append(&s->alloc, &s->texts, &text, sizeof(text)) != 0)
    {
        s->alloc.free(s->alloc.ctx, text);
        (void) profile_schema_mistake(s, "not enough memory");

        return NULL;
    }

    return text;
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
