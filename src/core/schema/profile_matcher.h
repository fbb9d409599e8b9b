
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_MATCHER_H_INCLUDED_
#define _PROFILE_MATCHER_H_INCLUDED_


#include "core/profile_core.h"
#include "core/schema/profile_class.h"


/*
 * What each user of a schema needs for himself: the state of the patterns and
 * room for a new name.
 */

/*
 * The schema is finished and stays the caller's, who keeps it until the
 * matcher is destroyed; the matcher's memory is all of a.  Returns NULL when
 * there is no memory.
 */
profile_matcher_t *profile_matcher_create(const profile_schema_t *s,
    const profile_alloc_t *a);

/* Accepts NULL. */
void profile_matcher_destroy(profile_matcher_t *m);


#endif /* _PROFILE_MATCHER_H_INCLUDED_ */
