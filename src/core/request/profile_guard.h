
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_GUARD_H_INCLUDED_
#define _PROFILE_GUARD_H_INCLUDED_


#include "core/profile_core.h"
#include "core/profile_error.h"
#include "core/json/profile_reader.h"
#include "core/schema/profile_schema.h"


/*
 * Judges the body of a write (H5.3 to H5.7): allowed, or refused with the
 * reason, the place and the names.  What it read stays at hand for the
 * upgrade, which plans from the same parse (U4.4).
 */

typedef struct profile_guard_s  profile_guard_t;


typedef enum {
    PROFILE_GUARD_V2 = 0,                /* a user of v2: H5.5 */
    PROFILE_GUARD_V1                     /* metadata of v1: H5.6 */
} profile_guard_mode_e;


/* what is pointed to outlives the guard */

typedef struct {
    const profile_schema_t  *schema;
    profile_guard_mode_e  mode;
    profile_action_e      action;
    profile_str_t         user_id;       /* unescaped; empty in a create */
    size_t                max_size;      /* of the body, below 2^32 */
    unsigned              max_depth;
} profile_guard_conf_t;


typedef enum {
    PROFILE_AT_ROOT = 0,
    PROFILE_AT_APP_METADATA,             /* inside the container */
    PROFILE_AT_USER_METADATA
} profile_guard_place_e;


/* a member of the root or of a metadata container, in the body's order */

typedef struct {
    profile_name_t        name;          /* unescaped */
    uint32_t              offset;        /* in the body: the name's quote */
    uint32_t              start;         /* of the value */
    uint32_t              end;
    profile_type_e        type:8;
    profile_guard_place_e place:8;
    unsigned              escaped:1;     /* the name, in the body */
} profile_guard_member_t;


#define PROFILE_REFUSED_MAX  20

/* members that were refused, the first of them by name */

typedef struct {
    const profile_guard_member_t  *members[PROFILE_REFUSED_MAX];
    uint32_t              n;             /* all, also those not kept */
} profile_refused_t;


/* Returns NULL when there is no memory. */
profile_guard_t *profile_guard_create(const profile_alloc_t *a,
    const profile_guard_conf_t *conf);

/* Accepts NULL. */
void profile_guard_destroy(profile_guard_t *g);

/*
 * The next len bytes of the body; data is used during the call only.  After
 * an error every further call returns the same error.
 */
profile_reason_e profile_guard_feed(profile_guard_t *g, const u_char *data,
    size_t len);

/*
 * The body has ended: PROFILE_OK if the write is allowed, else the reason for
 * which it is refused, the first that applies in the order of the text
 * (PROFILE_INVALID_JSON and so on), PROFILE_DUPLICATE, PROFILE_CONTAINER,
 * PROFILE_ATTRIBUTES, PROFILE_RESERVED, PROFILE_METADATA_NAME.
 */
profile_reason_e profile_guard_finish(profile_guard_t *g);

/* What profile_guard_finish(), or an error before it, has returned. */
profile_reason_e profile_guard_reason(profile_guard_t *g);

/* The offset in the body of what was refused, the first if there are more. */
uint64_t profile_guard_offset(profile_guard_t *g);

/* The names that were refused, n being 0 where it was the text. */
const profile_refused_t *profile_guard_refused(profile_guard_t *g);

/*
 * Appends the message of the answer to a write that was refused, for people,
 * as plain text.  Returns 0, or -1 when there is no memory.
 */
int profile_guard_message(profile_guard_t *g, const profile_alloc_t *a,
    profile_buf_t *out);


/*
 * What was read, once profile_guard_finish() has returned PROFILE_OK; valid
 * until the guard is destroyed.  The body is the bytes as they came.
 */
const profile_guard_member_t *profile_guard_members(profile_guard_t *g,
    uint32_t *n);
const u_char *profile_guard_body(profile_guard_t *g);
const profile_guard_conf_t *profile_guard_conf(profile_guard_t *g);

/* The user's provider (H5.5), or NULL: the schema does not know it. */
const profile_provider_t *profile_guard_provider(profile_guard_t *g);


/* One more. */
void profile_refused_add(profile_refused_t *refused,
    const profile_guard_member_t *m);

/*
 * Appends the names, between commas, each cut at 64 bytes, and "and N more".
 * Returns 0, or -1 when there is no memory.
 */
int profile_refused_write(const profile_refused_t *refused,
    const profile_alloc_t *a, profile_buf_t *out);


#endif /* _PROFILE_GUARD_H_INCLUDED_ */
