
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_UPGRADE_BAG_H_INCLUDED_
#define _PROFILE_UPGRADE_BAG_H_INCLUDED_


#include "core/profile_core.h"
#include "core/request/profile_call.h"


/*
 * The answer to the call BAG, as it comes, before the next one is asked for:
 * what has to be cleared goes into the call METADATA (U3.5).  The values are
 * passed over, whatever their size is, but for a single string of more than
 * eight times max_size; the names that are cleared have max_size bytes at most.
 * A bag that was begun is forgotten.
 *
 * All return PROFILE_OK or PROFILE_NO_MEMORY; feed() and finish() what is wrong
 * with the text, PROFILE_USER_TOO_LARGE, PROFILE_NOT_OBJECT or
 * PROFILE_PATTERN_LIMIT as well.
 */
profile_reason_e profile_upgrade_bag_start(profile_upgrade_t *u,
    size_t max_size);
profile_reason_e profile_upgrade_bag_finish(profile_upgrade_t *u);

/* For profile_sink_t, which gets the upgrade. */
profile_reason_e profile_upgrade_bag_feed(void *upgrade, const u_char *data,
    size_t len);

/* Gives the memory back. */
void profile_upgrade_bag_destroy(profile_upgrade_t *u);


#endif /* _PROFILE_UPGRADE_BAG_H_INCLUDED_ */
