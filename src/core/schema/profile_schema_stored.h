
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_STORED_H_INCLUDED_
#define _PROFILE_SCHEMA_STORED_H_INCLUDED_


#include "core/profile_core.h"
#include "core/schema/profile_class.h"
#include "core/schema/profile_matcher.h"


/*
 * The name under which v1 stores a member of a container (U3.1): *stored is 0
 * where there is none.  The judge is the provider by which names are denied
 * (H5.6).  The bytes of as are in buf, which is the caller's, of the matcher's
 * allocator.  Returns PROFILE_OK, PROFILE_NO_MEMORY or PROFILE_PATTERN_LIMIT.
 */
profile_reason_e profile_schema_stored(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_provider_t *judge,
    profile_container_e container, const profile_name_t *name,
    profile_buf_t *buf, profile_name_t *as, int *stored);

/* The same, where the name without the container's prefix is taken. */
profile_reason_e profile_schema_stored_prefixed(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_provider_t *judge,
    profile_container_e container, const profile_name_t *name,
    profile_buf_t *buf, profile_name_t *as, int *stored);


#endif /* _PROFILE_SCHEMA_STORED_H_INCLUDED_ */
