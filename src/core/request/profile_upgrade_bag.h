
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_UPGRADE_BAG_H_INCLUDED_
#define _PROFILE_UPGRADE_BAG_H_INCLUDED_


#include "core/profile_core.h"
#include "core/request/profile_call.h"


/*
 * The whole answer to the call BAG, before the next one is asked for: what
 * has to be cleared goes into the call METADATA (U3.5).  Returns PROFILE_OK,
 * what is wrong with the text, PROFILE_NOT_OBJECT, PROFILE_PATTERN_LIMIT or
 * PROFILE_NO_MEMORY.
 */
profile_reason_e profile_upgrade_bag(profile_upgrade_t *u, const u_char *data,
    size_t len);


#endif /* _PROFILE_UPGRADE_BAG_H_INCLUDED_ */
