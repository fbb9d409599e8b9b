
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_VALUE_H_INCLUDED_
#define _PROFILE_VALUE_H_INCLUDED_


#include "core/profile_core.h"


/* Two JSON values are the same if their plain forms are the same bytes. */


/* what is nested more deeply is not compared */
#define PROFILE_VALUE_DEPTH  128


/* made of zeros, and used for one value after another */

typedef struct {
    profile_buf_t         out;           /* the plain form */
    profile_buf_t         members;       /* of the objects around */
    profile_buf_t         scratch;
    profile_reason_e      reason;
} profile_value_t;


/*
 * Makes the plain form of a value that a reader has accepted, len bytes without
 * white space around: no white space, strings with one way to escape, the
 * members of objects sorted by name; numbers byte by byte.  Returns
 * PROFILE_OK, PROFILE_TOO_DEEP or PROFILE_NO_MEMORY.
 */
profile_reason_e profile_value_make(const profile_alloc_t *a,
    profile_value_t *v, const u_char *text, size_t len);

/* Gives the memory back. */
void profile_value_free(const profile_alloc_t *a, profile_value_t *v);


#endif /* _PROFILE_VALUE_H_INCLUDED_ */
