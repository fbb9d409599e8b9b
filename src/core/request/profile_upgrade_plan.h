
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_UPGRADE_PLAN_H_INCLUDED_
#define _PROFILE_UPGRADE_PLAN_H_INCLUDED_


/* The state of an upgrade, with the bodies of the calls that are planned. */


#include "core/profile_core.h"
#include "core/request/profile_call.h"
#include "core/request/profile_member.h"
#include "core/schema/profile_kept.h"
#include "core/schema/profile_schema.h"


typedef struct profile_upgrade_bag_s  profile_upgrade_bag_t;
typedef struct profile_upgrade_user_s  profile_upgrade_user_t;


struct profile_upgrade_s {
    profile_alloc_t       alloc;
    profile_guard_t      *guard;         /* until the plan is made */
    const profile_schema_t  *schema;
    const profile_provider_t  *provider;
    const profile_provider_t  *judge;    /* by which names are denied (H5.6) */
    profile_matcher_t    *matcher;
    profile_action_e      action;
    unsigned              configured;    /* bits 1 << profile_call_e */

    profile_buf_t         bodies[PROFILE_CALLS];
    profile_buf_t         nested[2];     /* by profile_container_e: U3.9 */
    profile_buf_t         name;          /* a stored one, being made */
    profile_buf_t         wrapped;       /* a value, being made */
    profile_upgrade_bag_t  *bag;         /* NULL: none is read */
    profile_upgrade_user_t  *user;       /* the same, of the user */
    profile_buf_t         compared;      /* profile_upgrade_compared_t */
    profile_kept_t        root;          /* U3.11: of the user, names */
    profile_refused_t     refused;
    profile_reason_e      reason;

    unsigned              clear[2];      /* U3.5, by profile_container_e */
    unsigned              reads;         /* the user, before the writes */
    unsigned              exact;         /* U3.11: and the bag before that */
    unsigned              same_email;    /* the user has this one */
    unsigned              done;          /* calls that have succeeded */
    unsigned              next;          /* in the order of the calls */
    profile_call_t        call;          /* the current one */
};


/* U3.11: the bag is read before the user, who is read before the writes */

#define profile_upgrade_plan_bag_first(u)  ((u)->exact && (u)->reads)


/*
 * Appends "name":value to the object of a call, value being JSON; room is left
 * for the brace behind it.  Returns 0, or -1 when there is no memory.
 */
int profile_upgrade_plan_put(profile_upgrade_t *u, profile_call_e kind,
    const profile_name_t *name, const u_char *value, size_t len);

/* The same of an object in a buffer. */
int profile_upgrade_plan_append(profile_upgrade_t *u, profile_buf_t *object,
    const profile_name_t *name, const u_char *value, size_t len);

/* Appends "name":, and returns as profile_upgrade_plan_put() does. */
int profile_upgrade_plan_name(profile_upgrade_t *u, profile_buf_t *object,
    const profile_str_t *name);


#endif /* _PROFILE_UPGRADE_PLAN_H_INCLUDED_ */
