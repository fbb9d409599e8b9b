
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_REWRITER_SEARCH_H_INCLUDED_
#define _PROFILE_REWRITER_SEARCH_H_INCLUDED_


#include "core/response/profile_rewriter_pass.h"


/*
 * What a walk asks for (U10.2), and what is written of it.  All but full()
 * return PROFILE_OK, PROFILE_NO_MEMORY, PROFILE_SEARCH_LIMIT, what is wrong
 * with a user to a query, or what the sink said.
 */

/* Returns 0, or -1 when there is no memory. */
int profile_rewriter_search_start(profile_rewriter_t *rw);

/* Whether nothing that may follow changes what is written. */
int profile_rewriter_search_full(profile_rewriter_t *rw);

/* in place of a reason: nothing that follows is looked at */
#define PROFILE_REWRITER_ENOUGH  PROFILE_REASONS


/*
 * A user who was made, and whether the view asks for it.  Returns
 * PROFILE_REWRITER_ENOUGH, too.
 */
profile_reason_e profile_rewriter_search_user(profile_rewriter_t *rw,
    int matches);

/* Writes the next user who was sorted; *more is 0 if there is none. */
profile_reason_e profile_rewriter_search_sorted(profile_rewriter_t *rw,
    int *more);

/* What stands behind the users, and before them if there are none. */
profile_reason_e profile_rewriter_search_tail(profile_rewriter_t *rw);


#endif /* _PROFILE_REWRITER_SEARCH_H_INCLUDED_ */
