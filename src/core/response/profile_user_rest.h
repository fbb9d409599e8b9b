
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_USER_REST_H_INCLUDED_
#define _PROFILE_USER_REST_H_INCLUDED_


#include "core/profile_core.h"
#include "core/response/profile_user_inside.h"


/*
 * What stays of a value at u->path, of which this is said or nothing (NULL),
 * when all that moves out of it has gone to the members (M7.5 to M7.8).
 * Returns as profile_user_shape() does.
 */
profile_reason_e profile_user_rest(profile_user_t *u,
    const profile_shape_t *shape, const profile_span_t *value,
    profile_rest_t *rest);

/*
 * For an object at p of which this is said: where the last member stands of
 * each name of which more is said (M5.4).  Returns as above.
 */
profile_reason_e profile_user_rest_last(profile_user_t *u,
    const profile_shape_t *shape, const u_char *p);

/*
 * Then for each of its members: its name is read, *child is what is said of it
 * or NULL, and it goes to the root or into a container, or nowhere, or *stays
 * is 1.  Returns as above.
 */
profile_reason_e profile_user_rest_member(profile_user_t *u,
    const profile_shape_t *shape, profile_inside_t *in,
    const profile_shape_t **child, int *stays);

/* The value of a member becomes what stays of one.  Returns as above. */
profile_reason_e profile_user_rest_keep(profile_user_t *u,
    profile_rest_t *rest, profile_user_member_t *m);


#endif /* _PROFILE_USER_REST_H_INCLUDED_ */
