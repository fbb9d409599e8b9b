
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_GUARD_MESSAGE_H_INCLUDED_
#define _PROFILE_GUARD_MESSAGE_H_INCLUDED_


#include "core/profile_core.h"
#include "core/request/profile_member.h"


/*
 * Appends the message of the answer to a write that was refused, for people,
 * as plain text.  Returns 0, or -1 when there is no memory.
 */
int profile_guard_message(profile_guard_t *g, const profile_alloc_t *a,
    profile_buf_t *out);


#endif /* _PROFILE_GUARD_MESSAGE_H_INCLUDED_ */
