
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_USER_WRITE_H_INCLUDED_
#define _PROFILE_USER_WRITE_H_INCLUDED_


#include "core/profile_core.h"
#include "core/response/profile_user.h"


/*
 * Writes the user that profile_user_make() has made, while its text is there.
 * Returns PROFILE_OK, PROFILE_NO_MEMORY or what the sink said.
 */
profile_reason_e profile_user_write(profile_user_t *u,
    const profile_sink_t *sink);

/*
 * The same, whatever the view says, with those of the root members that are
 * picked; the counts stay as they are.
 */
profile_reason_e profile_user_write_picked(profile_user_t *u,
    const profile_pick_t *pick, const profile_sink_t *sink);


#endif /* _PROFILE_USER_WRITE_H_INCLUDED_ */
