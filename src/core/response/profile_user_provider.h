
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_USER_PROVIDER_H_INCLUDED_
#define _PROFILE_USER_PROVIDER_H_INCLUDED_


#include "core/profile_core.h"
#include "core/response/profile_user_state.h"


/*
 * The provider of a user whose root members are in u->names (M2, M7.4), or
 * NULL: it is unknown, and the notice is told; or u->reason says why not.
 */
const profile_provider_t *profile_user_provider(profile_user_t *u);


#endif /* _PROFILE_USER_PROVIDER_H_INCLUDED_ */
