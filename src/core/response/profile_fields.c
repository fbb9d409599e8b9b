
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/response/profile_fields.h"


static int profile_fields_add(profile_fields_t *f, const profile_str_t *field);
static uint32_t *profile_fields_slot(const profile_fields_t *f,
    uint32_t parent, const u_char *data, size_t len, uint32_t *hash);


#define profile_fields_nodes(f)                                              \
    ((profile_fields_node_t *) (f)->nodes.data)

#define profile_fields_nnodes(f)                                             \
    ((uint32_t) ((f)->nodes.len / sizeof(profile_fields_node_t)))


int
profile_fields_init(profile_fields_t *f, const profile_alloc_t *a,
    const profile_schema_t *schema, const profile_str_t *fields, size_t n,
    int exclude)
{
    size_t                 i, j, most;
    profile_fields_node_t  root;

    memset(f, 0, sizeof(profile_fields_t));

    f->alloc = *a;
    f->schema = schema;
    f->exclude = exclude;

    if (n == 0) {
        return 0;
    }

    most = n;

    for (i = 0; i < n; i++) {
        for (j = 0; j < fields[i].len; j++) {
            most += (fields[i].data[j] == '.');
        }
    }

    for (f->size = 8; f->size < 2 * most; f->size *= 2) { /* void */ }

    f->slots = a->alloc(a->ctx, f->size * sizeof(uint32_t));
    if (f->slots == NULL) {
        return -1;
    }

    memset(f->slots, 0, f->size * sizeof(uint32_t));
    memset(&root, 0, sizeof(profile_fields_node_t));

    if (profile_buf_append(a, &f->nodes, &root, sizeof(root)) != 0) {
        return -1;
    }

    for (i = 0; i < n; i++) {
        if (profile_fields_add(f, &fields[i]) != 0) {
            return -1;
        }
    }

    return 0;
}


void
profile_fields_destroy(profile_fields_t *f)
{
    f->alloc.free(f->alloc.ctx, f->slots);

    profile_buf_free(&f->alloc, &f->nodes);
}


static int
profile_fields_add(profile_fields_t *f, const profile_str_t *field)
{
    uint32_t               *slot, parent;
    const u_char           *p, *dot, *last;
    profile_fields_node_t   node;

    memset(&node, 0, sizeof(profile_fields_node_t));

    parent = PROFILE_FIELDS_ROOT;
    last = field->data + field->len;

    for (p = field->data; /* void */ ; p = dot + 1) {
        dot = memchr(p, '.', last - p);

        node.data = p;
        node.len = (dot ? dot : last) - p;
        node.parent = parent;

        slot = profile_fields_slot(f, parent, p, node.len, &node.hash);

        if (*slot == 0) {

            if (profile_buf_append(&f->alloc, &f->nodes, &node, sizeof(node))
                != 0)
            {
                return -1;
            }

            *slot = profile_fields_nnodes(f);
        }

        parent = *slot - 1;

        if (dot == NULL) {
            profile_fields_nodes(f)[parent].named = 1;
            return 0;
        }
    }
}


/* of the node that there is, or where it will be noted */

static uint32_t *
profile_fields_slot(const profile_fields_t *f, uint32_t parent,
    const u_char *data, size_t len, uint32_t *hash)
{
    uint32_t                i, *slot;
    profile_fields_node_t  *node;

    *hash = profile_schema_hash(f->schema, data, len) ^ parent * 0x9e3779b1U;

    for (i = *hash; /* void */ ; i++) {
        slot = &f->slots[i & (f->size - 1)];

        if (*slot == 0) {
            return slot;
        }

        node = &profile_fields_nodes(f)[*slot - 1];

        if (node->hash == *hash && node->parent == parent
            && node->len == len && memcmp(node->data, data, len) == 0)
        {
            return slot;
        }
    }
}


profile_fields_e
profile_fields_member(const profile_fields_t *f, uint32_t *node,
    const u_char *name, size_t len)
{
    uint32_t      *slot, hash;
    const u_char  *p, *dot, *last;

    last = name + len;

    for (p = name; /* void */ ; p = dot + 1) {
        dot = memchr(p, '.', last - p);
        slot = profile_fields_slot(f, *node, p, (dot ? dot : last) - p, &hash);

        if (*slot == 0) {
            *node = PROFILE_FIELDS_ALL;

            return f->exclude ? PROFILE_FIELDS_WHOLE : PROFILE_FIELDS_NONE;
        }

        *node = *slot - 1;

        if (dot == NULL) {
            break;
        }
    }

    if (!profile_fields_nodes(f)[*node].named) {
        return PROFILE_FIELDS_PART;
    }

    *node = PROFILE_FIELDS_ALL;

    return f->exclude ? PROFILE_FIELDS_NONE : PROFILE_FIELDS_WHOLE;
}


uint64_t
profile_fields_keep(profile_fields_t *f, uint32_t node, uint64_t object)
{
    uint64_t                before;
    profile_fields_node_t  *n;

    n = &profile_fields_nodes(f)[node];

    before = n->object;
    n->object = object;

    return before;
}


int
profile_fields_kept(const profile_fields_t *f, uint32_t node, uint64_t object)
{
    return profile_fields_nodes(f)[node].object == object;
}
