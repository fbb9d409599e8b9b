
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_MEMBER_H_INCLUDED_
#define _PROFILE_MEMBER_H_INCLUDED_


/* The members of a body, and what the guard is told and tells of them. */


#include "core/profile_core.h"
#include "core/json/profile_event.h"
#include "core/schema/profile_schema.h"


typedef struct profile_guard_s  profile_guard_t;


typedef enum {
    PROFILE_GUARD_V2 = 0,                /* a user of v2: H5.5 */
    PROFILE_GUARD_V1,                    /* metadata of v1: H5.6 */
    PROFILE_GUARD_CALL                   /* a call for a user: H5.15 */
} profile_guard_mode_e;


/* of a call: what may be a member of its body, and the name in v1 */

typedef struct {
    profile_str_t         name;
    profile_str_t         as;
} profile_guard_rename_t;


/* what is pointed to outlives the guard */

typedef struct {
    const profile_schema_t  *schema;
    profile_guard_mode_e  mode;
    profile_action_e      action;
    profile_str_t         user_id;       /* unescaped; empty in a create */
    unsigned              any:1;         /* v1: may be any provider's user */
    unsigned              compares:1;    /* v2: what may not be written is
                                            compared with the user (U4.7), or
                                            with a new one (U3.8) */
    unsigned              optional:1;    /* null and {} are no body (H5.1) */
    profile_str_t         wrapper;       /* v1: its members are the root's, too;
                                            empty: none (H5.17) */
    profile_str_t         id;            /* call: the member with the id */
    const profile_guard_rename_t  *renames;
    uint32_t              nrenames;
    size_t                max_size;      /* of the body, below 2^32 */
    unsigned              max_depth;
} profile_guard_conf_t;


typedef enum {
    PROFILE_AT_ROOT = 0,
    PROFILE_AT_APP_METADATA,             /* inside the container */
    PROFILE_AT_USER_METADATA
} profile_guard_place_e;


/* a member of the root or of a metadata container, in the body's order */

typedef struct {
    profile_name_t        name;          /* unescaped */
    uint32_t              offset;        /* in the body: the name's quote */
    uint32_t              start;         /* of the value */
    uint32_t              end;
    profile_type_e        type:8;
    profile_guard_place_e place:8;
    unsigned              escaped:1;     /* the name, in the body */
    unsigned              fixed:1;       /* may not be written: U4.7, or is
                                            left out of a create: U3.8 */
} profile_guard_member_t;


#define PROFILE_REFUSED_MAX  20

/* members that were refused, the first of them by name */

typedef struct {
    const profile_guard_member_t  *members[PROFILE_REFUSED_MAX];
    uint32_t              n;             /* all, also those not kept */
} profile_refused_t;


#endif /* _PROFILE_MEMBER_H_INCLUDED_ */
