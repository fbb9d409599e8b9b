
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_SHAPE_H_INCLUDED_
#define _PROFILE_SCHEMA_SHAPE_H_INCLUDED_


#include "core/profile_path.h"
#include "core/schema/profile_class.h"
#include "core/schema/profile_matcher.h"
#include "core/schema/profile_names.h"


/*
 * What the schema says of where a backend keeps things (M7): which objects are
 * users, who their provider is, and what becomes of a member inside an object,
 * which is known by a path, the names on the way to it.
 */

#define PROFILE_USER_NAMES  8


typedef enum {
    PROFILE_SHAPE_KEEP = 0,
    PROFILE_SHAPE_DROP,
    PROFILE_SHAPE_LIFT,
    PROFILE_SHAPE_MERGE
} profile_shape_e;


/* of a path, or of a part of one: a node of a tree */

typedef struct {
    uint32_t              name;          /* its number; 0: whatever it is */
    uint32_t              number;        /* of the node */
    uint32_t              child;         /* the first; 0: none */
    uint32_t              next;          /* 0: the last */
    profile_shape_e       what;
    profile_container_e   container;     /* of a merge */
    uint32_t              order;         /* among all merges */
    const profile_statement_t  *statement;      /* that says so */
    unsigned              write:1;       /* what is written goes there */
    unsigned              unwrap:1;
    unsigned              any:1;         /* "values=any" */
    unsigned              moves:1;       /* something below is lifted */
} profile_shape_t;


/* The answers are 0, which is no, or not 0. */

/* M7.1: whether any object has to be looked into. */
int profile_schema_shape_said(const profile_schema_t *s);

/* How many nodes there are: their numbers are below that. */
uint32_t profile_schema_shape_count(const profile_schema_t *s);

/*
 * M7.1: what is said of a root member, or of a member of an object of which
 * something is said; NULL: nothing.
 */
const profile_shape_t *profile_schema_shape_root(const profile_schema_t *s,
    const profile_name_t *name);
const profile_shape_t *profile_schema_shape_child(const profile_schema_t *s,
    const profile_shape_t *shape, const profile_name_t *name);

/* The name of a node, empty where it is that of any name; returns name. */
const profile_str_t *profile_schema_shape_name(const profile_schema_t *s,
    const profile_shape_t *shape, profile_str_t *name);

/* M7.8: whether there are patterns of paths whose values are unwrapped. */
int profile_schema_shape_has_unwraps(const profile_schema_t *s);

/*
 * M7.8: whether a path, its names joined by dots, is that of a value to be
 * unwrapped by a pattern; *any is 1 with "values=any".  Returns PROFILE_OK,
 * with *found 1 or 0, PROFILE_PATTERN_LIMIT or PROFILE_NO_MEMORY.
 */
profile_reason_e profile_schema_shape_unwraps(profile_matcher_t *m,
    const u_char *path, size_t len, int *found, int *any);

/* M7.7: how many merges there are, each with its order below that. */
uint32_t profile_schema_shape_nmerges(const profile_schema_t *s);

/*
 * M7.7: the merge that a root member is, one of the class of PROFILE_METADATA;
 * NULL: this is "metadata" by default, which goes into app_metadata.
 */
const profile_shape_t *profile_schema_shape_merge(const profile_schema_t *s,
    const profile_name_t *name);

/* U3.9: where v1 keeps the members of a container, or NULL: at the root. */
const profile_path_t *profile_schema_shape_write(const profile_schema_t *s,
    profile_container_e container);

/* U3.9: whether a member that stands there is shown as it is. */
int profile_schema_shape_keeps(const profile_schema_t *s,
    profile_container_e container, const profile_name_t *name);

/* U3.9: whether it may be written, too, whatever the case of its letters. */
int profile_schema_shape_stores(const profile_schema_t *s,
    profile_container_e container, const profile_name_t *name);

/*
 * U3.10: whether a member of a container, as it is stored there or else at the
 * root, is unwrapped when it is read; buf is for a moment.  Returns as
 * profile_schema_shape_unwraps().
 */
profile_reason_e profile_schema_shape_stored(profile_matcher_t *m,
    profile_container_e container, const profile_name_t *as,
    profile_buf_t *buf, int *unwraps, int *any);

/*
 * Whether the root member of a write is an object of metadata, by the names of
 * v2 or of v1; *container is that of v2 then (H5.7, M7.7, M7.9).
 */
int profile_schema_shape_holds(const profile_schema_t *s, int v2,
    const profile_name_t *name, profile_container_e *container);

/*
 * H5.16: whether a name is, in whatever case of its letters, a path with dots
 * into an object of which something is lifted, or such an object of metadata
 * under another name than its own.
 */
int profile_schema_shape_spells(const profile_schema_t *s,
    const profile_name_t *name);

/*
 * H5.16: whether a member of a root member, whatever the case of its letters,
 * is dropped or goes elsewhere, or something inside of it does.
 */
int profile_schema_shape_takes(const profile_schema_t *s,
    const profile_name_t *name, const u_char *data, size_t len);

/* M2.1: whether a root member of this name holds metadata. */
int profile_schema_shape_is_container(const profile_schema_t *s,
    const profile_name_t *name);

/* M7.2: whether an object with a root member of this name is a user. */
int profile_schema_shape_is_user(const profile_schema_t *s,
    const profile_name_t *name);

/* M7.2: the largest number of these names. */
uint32_t profile_schema_shape_last_user(const profile_schema_t *s);

/* M7.2: the number of the name of the id. */
uint32_t profile_schema_shape_id(const profile_schema_t *s);

/* M4.3, M7.3: whether it can be read as a name of identities. */
int profile_schema_shape_is_identities(const profile_schema_t *s,
    const profile_name_t *name);

/* M7.3: whether the user_id of v2 has another name in v1. */
int profile_schema_shape_makes_id(const profile_schema_t *s);

/*
 * M7.4: the i-th path of the provider's name, or NULL.  "0" in it may also be
 * the first element of an array; one of no names is the id's part before the
 * bar.
 */
const profile_path_t *profile_schema_shape_provider_from(
    const profile_schema_t *s, size_t i);

/* M7.9: the name of a container in v2, and as it begins an object there. */
const profile_str_t *profile_schema_shape_shown(const profile_schema_t *s,
    profile_container_e container);
const profile_str_t *profile_schema_shape_shown_head(const profile_schema_t *s,
    profile_container_e container);


#endif /* _PROFILE_SCHEMA_SHAPE_H_INCLUDED_ */
