
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_UPGRADE_IMPL_H_INCLUDED_
#define _PROFILE_UPGRADE_IMPL_H_INCLUDED_


#include "core/request/profile_upgrade.h"


struct profile_upgrade_s {
    profile_alloc_t       alloc;
    profile_guard_t      *guard;         /* until the plan is made */
    const profile_schema_t  *schema;
    const profile_provider_t  *provider;
    profile_matcher_t    *matcher;
    profile_action_e      action;
    unsigned              max_depth;
    unsigned              configured;    /* bits 1 << profile_call_e */

    profile_buf_t         bodies[PROFILE_CALLS];
    profile_buf_t         name;          /* one that is being made */
    profile_refused_t     refused;
    profile_reason_e      reason;

    unsigned              clear[2];      /* U3.5, by profile_container_e */
    unsigned              done;          /* calls that have succeeded */
    unsigned              next;          /* in the order of the calls */
    profile_call_t        call;          /* the current one */
};


/* Appends "name":value to the object of a call.  Returns 0, or -1. */
int profile_upgrade_put(profile_upgrade_t *u, profile_call_e kind,
    const profile_name_t *name, const u_char *value, size_t len);

/*
 * The name under which v1 stores a member of a container (U3.1), valid until
 * the next call; *stored is 0 where there is none.  Returns PROFILE_OK,
 * PROFILE_NO_MEMORY or PROFILE_PATTERN_LIMIT.
 */
profile_reason_e profile_upgrade_store(profile_upgrade_t *u,
    profile_container_e container, const profile_name_t *name,
    profile_name_t *as, int *stored);


#endif /* _PROFILE_UPGRADE_IMPL_H_INCLUDED_ */
