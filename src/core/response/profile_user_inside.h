
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_USER_INSIDE_H_INCLUDED_
#define _PROFILE_USER_INSIDE_H_INCLUDED_


#include "core/profile_core.h"
#include "core/response/profile_user_state.h"


/* What stands inside the values of a user, whose text is valid (M7). */


/* a member of an object */

typedef struct {
    profile_span_t        key;           /* without the quotes */
    profile_span_t        value;
    profile_name_t        name;          /* its bytes until the next one */
    unsigned              escaped:1;
} profile_inside_t;


/* what becomes of a value */

typedef struct {
    profile_span_t        value;
    unsigned              made:1;        /* the span is one of u->draft */
    unsigned              changed:1;
    unsigned              gone:1;        /* nothing is left of it */
} profile_rest_t;


/*
 * The members told so far that stand in the value of a root member, a
 * container: how many, and *first, the index of the first one.
 */
uint32_t profile_user_inside_told(profile_user_t *u, uint32_t member,
    uint32_t *first);

/*
 * The next member of an object, *p being behind its bracket or the member
 * before: 1, or 0: there are no more.  Its name is not read.
 */
int profile_user_inside_next(profile_user_t *u, const u_char **p,
    profile_inside_t *in);

/*
 * Reads its name, and adds it to u->path where patterns are to be asked.
 * Returns PROFILE_OK or PROFILE_NO_MEMORY.
 */
profile_reason_e profile_user_inside_name(profile_user_t *u,
    profile_inside_t *in);

/*
 * Whether the value at u->path, of which this is said or nothing (NULL), is one
 * to unwrap (M7.8): *unwraps.  Returns as profile_schema_shape_unwraps() does.
 */
profile_reason_e profile_user_inside_unwraps(profile_user_t *u,
    const profile_shape_t *shape, int *unwraps);

/* An array of one value that has no members becomes this value (M7.8). */
void profile_user_inside_unwrap(profile_user_t *u, profile_rest_t *rest);

/* The type of a value that begins so. */
profile_type_e profile_user_inside_type(u_char c);

/*
 * The text of the string or of the integer that is the value at a path,
 * unescaped in u->quoted (M7.4).  Returns 1, 0: there is none, -1: it is
 * something else, or -2: there is no memory.
 */
int profile_user_inside_find(profile_user_t *u, const profile_path_t *path);


#endif /* _PROFILE_USER_INSIDE_H_INCLUDED_ */
