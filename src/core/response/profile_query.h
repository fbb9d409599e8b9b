
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_QUERY_H_INCLUDED_
#define _PROFILE_QUERY_H_INCLUDED_


/*
 * A search of v2 (U10.1): which users it finds.  Source of the language: the
 * public pages on "User Search Query Syntax" of the API whose v2 this is.
 */


#include "core/profile_core.h"


#define PROFILE_QUERY_LEN    1024        /* bytes */
#define PROFILE_QUERY_TERMS  32
#define PROFILE_QUERY_DEPTH  8


typedef struct profile_query_s  profile_query_t;


/* what cannot be understood, and where: a constant text, no full stop */

typedef struct {
    size_t                column;        /* of a character, from 1 on */
    profile_str_t         expected;      /* behind "expected" */
} profile_query_error_t;


/*
 * Makes a query of a text, which is copied.  Users of v1 nest no deeper than
 * max_depth.  Returns NULL with the error set, or with a column of 0 when
 * there is no memory.
 */
profile_query_t *profile_query_create(const profile_alloc_t *a,
    const profile_str_t *text, unsigned max_depth,
    profile_query_error_t *error);

/* Accepts NULL. */
void profile_query_destroy(profile_query_t *q);

/*
 * Whether the query finds a user of v2, whose bytes are one JSON object.
 * Returns PROFILE_OK, or what is wrong with the user, or PROFILE_NO_MEMORY;
 * nothing can be asked after that.  The cost is linear in the user.
 */
profile_reason_e profile_query_finds(profile_query_t *q, const u_char *user,
    size_t len, int *finds);

/*
 * Whether a member of this name, unescaped, has to do with the query: of the
 * root, where container is NULL, or of an object that is a member of the root.
 * A user without the others is found as with them.
 */
int profile_query_named(const profile_query_t *q,
    const profile_str_t *container, const profile_str_t *name);


#endif /* _PROFILE_QUERY_H_INCLUDED_ */
