
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SORT_H_INCLUDED_
#define _PROFILE_SORT_H_INCLUDED_


#include "core/profile_core.h"
#include "core/json/profile_event.h"


/*
 * The first of many users in the order of a key (U10.4): each is kept as its
 * bytes, until others have come before it.  Numbers go by their value, then
 * texts by code points, then false, then true; or all of that the other way
 * round.  What is none of these comes last in both directions.  Users of equal
 * keys stay in the order in which they have come.
 */

typedef struct profile_sort_s  profile_sort_t;


typedef struct {
    uint64_t              most;          /* users that are kept */
    size_t                size;          /* bytes that they may take */
    unsigned              descending:1;
} profile_sort_conf_t;


/* Returns NULL when there is no memory. */
profile_sort_t *profile_sort_create(const profile_alloc_t *a,
    const profile_sort_conf_t *conf);

/* Accepts NULL. */
void profile_sort_destroy(profile_sort_t *s);

/*
 * The key of the next user: a value as it stands in a JSON text, of which only
 * strings, numbers and booleans count; used during the call only.  *kept is 0
 * if that user is not among the first.  Returns PROFILE_OK or
 * PROFILE_NO_MEMORY.
 */
profile_reason_e profile_sort_key(profile_sort_t *s, profile_type_e type,
    const profile_str_t *value, int *kept);

/*
 * The bytes of the user whose key came last, if that is kept; they are copied.
 * Returns PROFILE_OK, PROFILE_NO_MEMORY, or PROFILE_SEARCH_LIMIT: they are too
 * many.
 */
profile_reason_e profile_sort_add(profile_sort_t *s, const u_char *data,
    size_t len);

/*
 * The next user, from the first on; nothing is added after that.  The bytes
 * stay until the next call.  Returns 1, or 0: there is none.
 */
int profile_sort_next(profile_sort_t *s, profile_str_t *user);


#endif /* _PROFILE_SORT_H_INCLUDED_ */
