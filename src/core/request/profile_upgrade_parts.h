
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_UPGRADE_PARTS_H_INCLUDED_
#define _PROFILE_UPGRADE_PARTS_H_INCLUDED_


#include "core/profile_core.h"
#include "core/request/profile_call.h"


/*
 * What has to be compared with the user before there is a plan (U4.7): u->reads
 * says whether anything has.  Returns as profile_upgrade_make() does.
 */
profile_reason_e profile_upgrade_parts_sort(profile_upgrade_t *u);

/* What came of it.  Returns as profile_upgrade_settle() does. */
profile_reason_e profile_upgrade_parts_settle(profile_upgrade_t *u);

/*
 * What of the body goes with which call (U3, U4): the bodies of the calls are
 * made.  Returns as profile_upgrade_make() does.
 */
profile_reason_e profile_upgrade_parts(profile_upgrade_t *u);


#endif /* _PROFILE_UPGRADE_PARTS_H_INCLUDED_ */
