
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_REFUSED_H_INCLUDED_
#define _PROFILE_REFUSED_H_INCLUDED_


#include "core/profile_core.h"
#include "core/request/profile_member.h"


/* One more. */
void profile_refused_add(profile_refused_t *refused,
    const profile_guard_member_t *m);

/*
 * Appends the names, between commas, each cut at 64 bytes, and "and N more".
 * Returns 0, or -1 when there is no memory.
 */
int profile_refused_write(const profile_refused_t *refused,
    const profile_schema_t *schema, const profile_alloc_t *a,
    profile_buf_t *out);


#endif /* _PROFILE_REFUSED_H_INCLUDED_ */
