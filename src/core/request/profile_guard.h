
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_GUARD_H_INCLUDED_
#define _PROFILE_GUARD_H_INCLUDED_


/*
 * Judges the body of a write (H5.3 to H5.7): allowed, or refused with the
 * reason, the place and the names.  What it read stays at hand for the
 * upgrade, which plans from the same parse (U4.4).
 */


#include "core/profile_core.h"
#include "core/request/profile_member.h"


/* Returns NULL when there is no memory. */
profile_guard_t *profile_guard_create(const profile_alloc_t *a,
    const profile_guard_conf_t *conf);

/* Accepts NULL. */
void profile_guard_destroy(profile_guard_t *g);

/*
 * The next len bytes of the body; data is used during the call only.  Returns
 * PROFILE_OK, what is wrong with the text, PROFILE_BODY_TOO_LARGE or
 * PROFILE_NO_MEMORY.  After an error every further call returns the same.
 */
profile_reason_e profile_guard_feed(profile_guard_t *g, const u_char *data,
    size_t len);

/*
 * The body has ended: PROFILE_OK if the write is allowed, else the reason for
 * which it is refused, the first that applies in the order of the text
 * (PROFILE_INVALID_JSON and so on), PROFILE_FORBIDDEN, PROFILE_DUPLICATE,
 * PROFILE_CONTAINER, PROFILE_CONNECTION, PROFILE_ATTRIBUTES, PROFILE_RESERVED,
 * PROFILE_METADATA_NAME, PROFILE_ALIAS, PROFILE_ID; or PROFILE_NO_MEMORY,
 * PROFILE_PATTERN_LIMIT.  PROFILE_NO_BODY: there is nothing in it, and it is
 * optional.
 */
profile_reason_e profile_guard_finish(profile_guard_t *g);

/*
 * Nobody asks any more what was read: gives back what it took (H5.14).  What is
 * known of the user and of the verdict stays.
 */
void profile_guard_forget(profile_guard_t *g);

/* What profile_guard_finish(), or an error before it, has returned. */
profile_reason_e profile_guard_reason(profile_guard_t *g);

/* The offset in the body of what was refused, the first if there are more. */
uint64_t profile_guard_offset(profile_guard_t *g);

/* The names that were refused, n being 0 where it was the text. */
const profile_refused_t *profile_guard_refused(profile_guard_t *g);


/*
 * U4.7: refuses a member that was marked as fixed, after all, because the user
 * has another value: the reason is PROFILE_ATTRIBUTES from now on.
 */
void profile_guard_refuse(profile_guard_t *g, const profile_guard_member_t *m);

/*
 * What was read, once profile_guard_finish() has returned PROFILE_OK; valid
 * until the guard is destroyed.  The body is the bytes as they came.
 */
const profile_guard_member_t *profile_guard_members(profile_guard_t *g,
    uint32_t *n);
const u_char *profile_guard_bytes(profile_guard_t *g);
const profile_guard_conf_t *profile_guard_conf(profile_guard_t *g);

/*
 * H5.8: whether an argument of this name is refused beside the body that has
 * been read, or beside none; inside: only as a part of a name that is deeper
 * than the root (H5.12), unless bodies have a wrapper (H5.17).  The name is
 * UTF-8 and not empty.  Returns PROFILE_OK, PROFILE_PATTERN_LIMIT or
 * PROFILE_NO_MEMORY.
 */
profile_reason_e profile_guard_argument(profile_guard_t *g,
    const u_char *data, size_t len, int inside, int *denied);

/* The user's provider (H5.5), or NULL: the schema does not know it. */
const profile_provider_t *profile_guard_provider(profile_guard_t *g);

/* The same, or any, for names that are denied (H5.6). */
const profile_provider_t *profile_guard_judge(profile_guard_t *g);


#endif /* _PROFILE_GUARD_H_INCLUDED_ */
