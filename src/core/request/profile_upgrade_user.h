
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_UPGRADE_USER_H_INCLUDED_
#define _PROFILE_UPGRADE_USER_H_INCLUDED_


#include "core/profile_core.h"
#include "core/request/profile_call.h"
#include "core/request/profile_member.h"


/* The user as v2 shows it, to be compared with what a body repeats (U4.7). */


/* what a body says of an attribute, and whether the user has the same */

typedef struct {
    const profile_guard_member_t  *member;
    unsigned              written:1;     /* there is a call for it */
    unsigned              equal:1;
} profile_upgrade_compared_t;


/*
 * One more attribute to compare.  Returns PROFILE_OK or PROFILE_NO_MEMORY.
 */
profile_reason_e profile_upgrade_user_compare(profile_upgrade_t *u,
    const profile_guard_member_t *m, int written);

/* The attributes that are compared. */
profile_upgrade_compared_t *profile_upgrade_user_compared(
    profile_upgrade_t *u, size_t *n);

/*
 * The user of v2, as it comes, one that was begun being forgotten.  max_size
 * bounds one value.  All return PROFILE_OK or PROFILE_NO_MEMORY; feed() and
 * finish() what is wrong with the text, PROFILE_USER_TOO_LARGE or
 * PROFILE_NOT_OBJECT as well.
 */
profile_reason_e profile_upgrade_user_start(profile_upgrade_t *u,
    size_t max_size);
profile_reason_e profile_upgrade_user_finish(profile_upgrade_t *u);

/* For profile_sink_t, which gets the upgrade. */
profile_reason_e profile_upgrade_user_feed(void *upgrade, const u_char *data,
    size_t len);

/* Gives the memory back. */
void profile_upgrade_user_destroy(profile_upgrade_t *u);


#endif /* _PROFILE_UPGRADE_USER_H_INCLUDED_ */
