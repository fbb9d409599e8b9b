
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_KEPT_H_INCLUDED_
#define _PROFILE_KEPT_H_INCLUDED_


#include "core/profile_core.h"
#include "core/schema/profile_schema.h"


/*
 * Names of a text that has passed by: they are kept as they come, and can be
 * looked up once all are there.
 */

typedef struct {
    const profile_schema_t  *schema;
    profile_alloc_t       alloc;
    profile_buf_t         bytes;         /* of the names */
    profile_buf_t         lengths;       /* uint32_t, of each */
    profile_names_t       names;
    uint64_t              print;
} profile_kept_t;


/* Empty; the schema says what hashes and numbers are. */
void profile_kept_init(profile_kept_t *kept, const profile_alloc_t *a,
    const profile_schema_t *schema);

/* Gives the memory back; only profile_kept_init() may follow. */
void profile_kept_destroy(profile_kept_t *kept);

/*
 * One more name, which is copied.  Returns 0, or -1 when there is no memory.
 */
int profile_kept_add(profile_kept_t *kept, const profile_name_t *name);

/* All are there.  Returns as profile_kept_add() does. */
int profile_kept_finish(profile_kept_t *kept);

/* After that: 1 if the name, one of the schema's reading, is among them. */
int profile_kept_has(profile_kept_t *kept, const profile_name_t *name);

/*
 * After that: the fingerprint of which names there are, in whatever order and
 * however often: see profile_core_fingerprint().
 */
uint64_t profile_kept_print(const profile_kept_t *kept);


#endif /* _PROFILE_KEPT_H_INCLUDED_ */
