
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_EXACT_H_INCLUDED_
#define _PROFILE_EXACT_H_INCLUDED_


#include "core/profile_core.h"
#include "core/schema/profile_schema.h"


/*
 * What v1 itself keeps as metadata of a user, from the bag that it shows: the
 * names of its members (M8).
 */

typedef struct profile_exact_s  profile_exact_t;


/*
 * The bag of a user who is rewritten by this schema, in max_size bytes at
 * most.  Returns NULL when there is no memory.
 */
profile_exact_t *profile_exact_create(const profile_alloc_t *a,
    const profile_schema_t *schema, size_t max_size);

/* Accepts NULL. */
void profile_exact_destroy(profile_exact_t *exact);

/*
 * The bag as it comes, for profile_sink_t, which gets the bag; then its end.
 * "[]" and null are an empty one (M3.7).  Both return PROFILE_OK, what is wrong
 * with the text, PROFILE_USER_TOO_LARGE, PROFILE_NOT_OBJECT or
 * PROFILE_NO_MEMORY.
 */
profile_reason_e profile_exact_feed(void *exact, const u_char *data,
    size_t len);
profile_reason_e profile_exact_finish(profile_exact_t *exact);

/* Of a bag that is whole: whether it has the name, 1 or 0. */
int profile_exact_has(profile_exact_t *exact, const profile_name_t *name);

/* Of a bag that is whole: the fingerprint of all that it decides. */
uint64_t profile_exact_print(const profile_exact_t *exact);


#endif /* _PROFILE_EXACT_H_INCLUDED_ */
