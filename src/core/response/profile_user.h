
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_USER_H_INCLUDED_
#define _PROFILE_USER_H_INCLUDED_


#include "core/profile_core.h"
#include "core/json/profile_event.h"
#include "core/response/profile_exact.h"
#include "core/schema/profile_schema.h"


/*
 * One user of v1: its members as they are met, then the user of v2 (M2 to
 * M5).  Made once and used for one user after another.
 */

typedef struct profile_user_s  profile_user_t;


typedef struct {
    uint64_t              users;
    uint64_t              moved[2];      /* by profile_container_e */
    uint64_t              conflicts;
    uint64_t              unknown;       /* users of an unknown provider */
    uint64_t              exact;         /* users with a bag (M8) */
} profile_counts_t;


#define PROFILE_PROVIDER_MAX  64

/*
 * Told of each user of an unknown provider: what stands before the first "|"
 * of the id, unescaped, cut at PROFILE_PROVIDER_MAX bytes.  An id without one
 * names no provider, and nothing is told.  unknown may be NULL.
 *
 * And of each attribute that v1's bag makes another one than the schema would
 * (M8.6), metadata or not; known: the schema has the name.  differs may be
 * NULL.
 */

typedef struct {
    void                (*unknown)(void *ctx, const u_char *name, size_t len);
    void                (*differs)(void *ctx, const profile_name_t *name,
                                   int metadata, int known);
    void                 *ctx;
} profile_notice_t;


/*
 * What of the users is asked for (U5.3, U5.4, U5.7): only the members of v2
 * that are named, or all but these; only users whose root member match_name is
 * the string match_value.  Names and values are unescaped, and what stands
 * below the root is named by the names on the way to it, joined by dots.
 */

typedef struct {
    const profile_str_t  *fields;
    size_t                nfields;       /* 0: all */
    profile_str_t         match_name;    /* empty: all */
    profile_str_t         match_value;
    unsigned              exclude:1;
} profile_view_t;


/*
 * Whether a member of v2, by its name, unescaped, is one of some: of the root,
 * where container is NULL, or of this container, if that is.
 */

typedef struct {
    int                 (*named)(const void *ctx,
                                 const profile_str_t *container,
                                 const profile_str_t *name);
    const void           *ctx;
} profile_pick_t;


/* where a member stands */

typedef enum {
    PROFILE_IN_ROOT = 0,
    PROFILE_IN_CONTAINER
} profile_place_e;


/* Returns NULL when there is no memory. */
profile_user_t *profile_user_create(const profile_alloc_t *a,
    const profile_schema_t *schema);

/*
 * Users of another response come: the notice and the view are copied.  Returns
 * 0, or -1 when there is no memory.
 */
int profile_user_renew(profile_user_t *u, const profile_notice_t *notice,
    const profile_view_t *view);

/* Accepts NULL. */
void profile_user_destroy(profile_user_t *u);

/*
 * The bag that decides what is metadata of the users who are made from now on
 * (M8), or NULL: the schema does.
 */
void profile_user_exact(profile_user_t *u, profile_exact_t *exact);

/* The next user begins, at this offset. */
void profile_user_reset(profile_user_t *u, uint64_t start);

/*
 * The place of the text of the id, without its quotes, in the members told so
 * far.  Returns 1, or 0: there is none, or it is no string.
 */
int profile_user_id(profile_user_t *u, uint64_t *start, uint64_t *end);

/* The root member begun last, a container, has ended. */
void profile_user_member_end(profile_user_t *u, const profile_event_t *ev);

/*
 * Nothing of the user is needed any more: what only a very large one takes is
 * given back, and the others wait without it (M6.6).
 */
void profile_user_trim(profile_user_t *u);

/*
 * Makes the user, whose bytes are text, one of v2: what becomes of each member
 * is known then.  *matches is 0 if the view does not ask for this user, which
 * is not written then.  counts grow.  Returns PROFILE_OK, PROFILE_NO_MEMORY or
 * PROFILE_PATTERN_LIMIT.
 */
profile_reason_e profile_user_make(profile_user_t *u, const u_char *text,
    size_t len, profile_counts_t *counts, int *matches);

/*
 * A root member of the user that was made, by its name in v2, but no container:
 * its type and its value as it stands in the text.  Returns 1, 0: there is
 * none, or -1 when there is no memory.
 */
int profile_user_root(profile_user_t *u, const profile_str_t *name,
    profile_type_e *type, profile_str_t *value);


#endif /* _PROFILE_USER_H_INCLUDED_ */
