
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_QUERY_NARROW_H_INCLUDED_
#define _PROFILE_QUERY_NARROW_H_INCLUDED_


#include "core/response/profile_query.h"


/*
 * What a v1 backend may be asked for in place of all its users (U10.3): whom a
 * query finds are among these.
 */

typedef enum {
    PROFILE_NARROW_NOT = 0,              /* all have to be looked at */
    PROFILE_NARROW_USER_ID,
    PROFILE_NARROW_EMAIL,                /* in any letter case */
    PROFILE_NARROW_CONNECTION,           /* one of their identities */
    PROFILE_NARROW_SOCIAL
} profile_narrow_e;


/* The narrowest of them, and its value, which is the query's. */
profile_narrow_e profile_query_narrow(const profile_query_t *q,
    profile_str_t *value);

/* The name of a kind; empty: none. */
const profile_str_t *profile_query_narrow_name(profile_narrow_e kind);


#endif /* _PROFILE_QUERY_NARROW_H_INCLUDED_ */
