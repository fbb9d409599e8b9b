
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_MAKE_H_INCLUDED_
#define _PROFILE_SCHEMA_MAKE_H_INCLUDED_


#include "core/profile_core.h"
#include "core/schema/profile_class.h"


/*
 * A schema without a statement.  seed is random and the same for all who
 * share the schema; both arguments are copied.  Returns NULL when there is no
 * memory.
 */
profile_schema_t *profile_schema_create(const profile_alloc_t *a,
    const profile_hash_t *seed);

/*
 * No more statements: the schema is read-only now, and any number of matchers
 * may use it at a time.  Returns 0, or -1 with the mistake in
 * profile_schema_error(): nothing but profile_schema_destroy() is left then.
 */
int profile_schema_finish(profile_schema_t *s);

/* Finished or not; accepts NULL. */
void profile_schema_destroy(profile_schema_t *s);


#endif /* _PROFILE_SCHEMA_MAKE_H_INCLUDED_ */
