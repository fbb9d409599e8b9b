
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_UPGRADE_H_INCLUDED_
#define _PROFILE_UPGRADE_H_INCLUDED_


/*
 * Turns a write of v2 that the guard has allowed into calls of v1, one after
 * another (U3, U4).
 */


#include "core/profile_core.h"
#include "core/request/profile_call.h"
#include "core/request/profile_member.h"


/*
 * g has allowed a write of v2; calls has the bit 1 << kind for each kind that
 * is configured, the last call of a plan being taken for granted.  Returns
 * NULL when there is no memory.
 */
profile_upgrade_t *profile_upgrade_create(const profile_alloc_t *a,
    profile_guard_t *g, unsigned calls);

/* Accepts NULL. */
void profile_upgrade_destroy(profile_upgrade_t *u);

/* Before the plan is made: the user is to be read first, whatever it is. */
void profile_upgrade_read(profile_upgrade_t *u);

/*
 * Makes the plan.  PROFILE_OK: there is one, and the guard is not looked at
 * any more, unless the first call is one that reads.  PROFILE_UNSUPPORTED
 * (U4.3), PROFILE_RESERVED (U3.2) and PROFILE_VALUE (U3.10) refuse the write,
 * profile_upgrade_refused() tells the names.  PROFILE_NO_MEMORY
 * and PROFILE_PATTERN_LIMIT: it could not be made.
 */
profile_reason_e profile_upgrade_make(profile_upgrade_t *u);

/*
 * The first call has read the user, who has been told (profile_upgrade_user):
 * the rest of the plan is made (U4.7).  Returns as profile_upgrade_make() does,
 * or PROFILE_ATTRIBUTES, which refuses the write as well.
 */
profile_reason_e profile_upgrade_settle(profile_upgrade_t *u);

/*
 * The first call, then each time the next one, when the one before it has
 * succeeded; NULL after the last.  The last is the call whose answer is the
 * client's: READ in an update, CREATE in a create.  It is valid until the
 * next call.
 */
const profile_call_t *profile_upgrade_next(profile_upgrade_t *u);

/*
 * Appends the kinds of the writes that have succeeded, between commas (U4.2).
 * Returns 0, or -1 when there is no memory.
 */
int profile_upgrade_applied(profile_upgrade_t *u, const profile_alloc_t *a,
    profile_buf_t *out);

/* The names that were refused, which are there while the guard is. */
const profile_refused_t *profile_upgrade_refused(profile_upgrade_t *u);

/*
 * Appends the message of the answer to a write for which there is no plan, as
 * plain text, while the guard is there.  Returns 0, or -1 when there is no
 * memory.
 */
int profile_upgrade_message(profile_upgrade_t *u, const profile_alloc_t *a,
    profile_buf_t *out);


#endif /* _PROFILE_UPGRADE_H_INCLUDED_ */
