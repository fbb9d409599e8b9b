
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_LIST_H_INCLUDED_
#define _PROFILE_LIST_H_INCLUDED_


#include "core/profile_core.h"


/*
 * A list of v2 from one of v1 (U5): users only, and with totals an envelope
 * around them.  total is the number of all users in digits; where it is empty
 * more tells whether another page follows, and what is said is never more than
 * there are.  With entries it is a list of what is no user, and passes as it
 * comes (U5.6).
 */

typedef struct {
    uint64_t              start;         /* of this page */
    uint64_t              limit;         /* users a page */
    profile_str_t         total;
    profile_str_t         name;          /* in the envelope */
    unsigned              enabled:1;
    unsigned              totals:1;
    unsigned              more:1;
    unsigned              none:1;        /* users are counted, not written */
    unsigned              entries:1;
} profile_list_t;


/*
 * What stands before the first of the users, between two of them, and behind
 * the last of n (U5.2); total is how many there are in all, or NULL where no
 * more is known than the list says.  All return what the sink says.
 */
profile_reason_e profile_list_head(const profile_list_t *list,
    const profile_sink_t *sink);
profile_reason_e profile_list_comma(const profile_sink_t *sink);
profile_reason_e profile_list_tail(const profile_list_t *list, uint64_t n,
    const uint64_t *total, const profile_sink_t *sink);


#endif /* _PROFILE_LIST_H_INCLUDED_ */
