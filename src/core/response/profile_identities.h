
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_IDENTITIES_H_INCLUDED_
#define _PROFILE_IDENTITIES_H_INCLUDED_


#include "core/profile_core.h"
#include "core/schema/profile_schema.h"


/*
 * What is to be left out of the value of "identities" (M4.1), at every depth.
 * Made once and used for one value after another.
 */

typedef struct {
    profile_alloc_t       alloc;
    const profile_schema_t  *schema;
    profile_buf_t         losses;        /* a byte for each object: loses */
    profile_buf_t         stack;         /* profile_identities_level_t */
    profile_buf_t         cuts;          /* profile_cut_t */
    profile_buf_t         unescaped;     /* a name */
} profile_identities_t;


/* [start, end) of the value is left out */

typedef struct {
    size_t                start;
    size_t                end;
} profile_cut_t;


/* Nothing is allocated before there is something to look at. */
void profile_identities_init(profile_identities_t *ids,
    const profile_alloc_t *a, const profile_schema_t *schema);

/* Gives the memory back. */
void profile_identities_destroy(profile_identities_t *ids);

/* Whether the unescaped name of a root attribute is "identities" (M4.3). */
int profile_identities_named(const u_char *name, size_t len);

/*
 * What is to be cut out of a value that is valid JSON, in its order, *n in
 * number; valid until the next call.  Returns PROFILE_OK or PROFILE_NO_MEMORY.
 */
profile_reason_e profile_identities_cuts(profile_identities_t *ids,
    const u_char *text, size_t len, const profile_cut_t **cuts, size_t *n);


#endif /* _PROFILE_IDENTITIES_H_INCLUDED_ */
