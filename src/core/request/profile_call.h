
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_CALL_H_INCLUDED_
#define _PROFILE_CALL_H_INCLUDED_


/* The calls of v1 that a write of v2 becomes. */


#include "core/profile_core.h"


typedef struct profile_upgrade_s  profile_upgrade_t;


/* the kinds of "profile_call"; the writes in their order (U4.1) */

typedef enum {
    PROFILE_CALL_EMAIL = 0,
    PROFILE_CALL_PASSWORD,
    PROFILE_CALL_ATTRIBUTES,
    PROFILE_CALL_METADATA,
    PROFILE_CALL_CREATE,
    PROFILE_CALL_BAG,                    /* reads v1's own metadata: U3.5 */
    PROFILE_CALL_READ                    /* reads the user as now stored */
} profile_call_e;


#define PROFILE_CALLS  (PROFILE_CALL_READ + 1)


typedef struct {
    profile_call_e        kind;
    profile_str_t         body;          /* empty: a call without a body */
    unsigned              first:1;       /* READ, before anything is written */
    unsigned              exact:1;       /* BAG, before that READ: U3.11 */
} profile_call_t;


/* "email", "password", ... */
const profile_str_t *profile_call_name(profile_call_e kind);


#endif /* _PROFILE_CALL_H_INCLUDED_ */
