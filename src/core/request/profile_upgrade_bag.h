
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_UPGRADE_BAG_H_INCLUDED_
#define _PROFILE_UPGRADE_BAG_H_INCLUDED_


#include "core/profile_core.h"
#include "core/request/profile_call.h"


/*
 * The whole answer to the call BAG, before the next one is asked for.  Returns
 * PROFILE_OK, or what is wrong with it.
 */
profile_reason_e profile_upgrade_bag(profile_upgrade_t *u, const u_char *data,
    size_t len);


#endif /* _PROFILE_UPGRADE_BAG_H_INCLUDED_ */
