
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_USER_SHAPE_H_INCLUDED_
#define _PROFILE_USER_SHAPE_H_INCLUDED_


#include "core/profile_core.h"
#include "core/response/profile_user_state.h"


/*
 * M7: what the schema says of members inside objects is done to the members
 * that have been told, whose names at the root are in u->names: they come as
 * if the backend had sent them so.  Returns PROFILE_OK, PROFILE_NO_MEMORY or
 * PROFILE_PATTERN_LIMIT.
 */
profile_reason_e profile_user_shape(profile_user_t *u);


#endif /* _PROFILE_USER_SHAPE_H_INCLUDED_ */
