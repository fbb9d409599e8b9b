
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_FIELDS_H_INCLUDED_
#define _PROFILE_FIELDS_H_INCLUDED_


#include "core/profile_core.h"
#include "core/schema/profile_schema.h"


/*
 * The fields of a view (U5.3, U5.7), as a tree of what stands between their
 * dots.  A member is known by the names on the way to it, joined by dots,
 * whether there are dots in the names or not.
 */

typedef struct {
    const u_char         *data;          /* of the field */
    uint32_t              len;
    uint32_t              hash;
    uint32_t              parent;
    uint32_t              named;         /* a field ends here */
    uint64_t              object;        /* see profile_fields_keep() */
} profile_fields_node_t;


typedef struct {
    profile_alloc_t       alloc;
    const profile_schema_t  *schema;
    profile_buf_t         nodes;         /* profile_fields_node_t */
    uint32_t             *slots;         /* of a node and 1, or 0 */
    uint32_t              size;          /* a power of 2, or 0: no fields */
    unsigned              exclude:1;
} profile_fields_t;


/* a node: the root of the user, and where all is shown */
#define PROFILE_FIELDS_ROOT  0
#define PROFILE_FIELDS_ALL   UINT32_MAX


/* what is shown of a member */

typedef enum {
    PROFILE_FIELDS_NONE = 0,
    PROFILE_FIELDS_WHOLE,
    PROFILE_FIELDS_PART
} profile_fields_e;


/*
 * The fields are shown, or with exclude left out; their bytes stay where they
 * are as long as the tree is used.  n may be 0.  Returns 0, or -1 when there is
 * no memory.
 */
int profile_fields_init(profile_fields_t *f, const profile_alloc_t *a,
    const profile_schema_t *schema, const profile_str_t *fields, size_t n,
    int exclude);

/* Gives the memory back. */
void profile_fields_destroy(profile_fields_t *f);

/* The node of the root of a user: without fields all is shown. */
#define profile_fields_root(f)                                               \
    ((f)->size ? PROFILE_FIELDS_ROOT : PROFILE_FIELDS_ALL)

/*
 * What is shown of a member with this unescaped name, of an object at *node,
 * which becomes the node of the member.  PROFILE_FIELDS_PART is for objects and
 * arrays, whose elements have the node of the array.
 */
profile_fields_e profile_fields_member(const profile_fields_t *f,
    uint32_t *node, const u_char *name, size_t len);

/* The same for a value that is neither: it is part of nothing. */
#define profile_fields_scalar(f)                                             \
    ((f)->exclude ? PROFILE_FIELDS_WHOLE : PROFILE_FIELDS_NONE)

/*
 * Notes that a part of the member at node was kept in the object of this
 * number, and returns what was noted before, 0 at first.
 */
uint64_t profile_fields_keep(profile_fields_t *f, uint32_t node,
    uint64_t object);

/* Whether it is that object which is noted. */
int profile_fields_kept(const profile_fields_t *f, uint32_t node,
    uint64_t object);


#endif /* _PROFILE_FIELDS_H_INCLUDED_ */
