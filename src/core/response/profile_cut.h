
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_CUT_H_INCLUDED_
#define _PROFILE_CUT_H_INCLUDED_


#include "core/profile_core.h"
#include "core/response/profile_fields.h"
#include "core/schema/profile_schema.h"


/*
 * What is to be left out of a value, at every depth: tokens of identities
 * (M4.1), and what the fields do not show (U5.7).  Made once and used for one
 * value after another.
 */

typedef struct {
    profile_alloc_t       alloc;
    const profile_schema_t  *schema;
    profile_fields_t     *fields;
    profile_buf_t         losses;        /* a byte for each bracket: loses */
    profile_buf_t         stack;         /* profile_cut_level_t */
    profile_buf_t         kept;          /* profile_cut_kept_t */
    profile_buf_t         cuts;          /* profile_cut_t */
    profile_buf_t         unescaped;     /* a name */
    uint64_t              brackets;      /* so far, in all values */
} profile_cutter_t;


/* [start, end) of the value is left out */

typedef struct {
    size_t                start;
    size_t                end;
} profile_cut_t;


/* Nothing is allocated before there is something to look at. */
void profile_cut_init(profile_cutter_t *c, const profile_alloc_t *a,
    const profile_schema_t *schema, profile_fields_t *fields);

/* Gives the memory back. */
void profile_cut_destroy(profile_cutter_t *c);

/* Gives back what only a very large value takes. */
void profile_cut_trim(profile_cutter_t *c);

/*
 * What is to be cut out of a value that is valid JSON, in its order, *n in
 * number; valid until the next call.  node is that of the value in the fields;
 * with tokens those of identities go.  Returns PROFILE_OK or PROFILE_NO_MEMORY.
 */
profile_reason_e profile_cut_make(profile_cutter_t *c, const u_char *text,
    size_t len, uint32_t node, int tokens, const profile_cut_t **cuts,
    size_t *n);


#endif /* _PROFILE_CUT_H_INCLUDED_ */
