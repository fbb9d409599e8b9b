
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SEARCH_H_INCLUDED_
#define _PROFILE_SEARCH_H_INCLUDED_


#include "core/profile_core.h"
#include "core/response/profile_query.h"


/*
 * What of the users of a walk is asked for (U10.2).  A walk reads a list of v1
 * page by page; of who is found those in a window of it are written.
 *
 * seen() is asked of the id of each user of v2, unescaped, before anything
 * else is: it returns 1 if the user has been told before and is passed over, 0
 * if not, -1 when there is no memory.  Who has no id that is a text or a number
 * is never taken for someone else, and is not asked for.
 */

typedef struct {
    profile_query_t      *query;         /* the caller's; NULL: all are found */
    profile_str_t         sort;          /* a root member; empty: v1's order */
    size_t                sort_size;     /* bytes, of users who wait for it */
    uint64_t              start;         /* users found before the window */
    uint64_t              limit;         /* users in it; UINT64_MAX: all */
    int                 (*seen)(void *ctx, const u_char *id, size_t len);
    void                 *seen_ctx;      /* seen() may be NULL */
    unsigned              descending:1;
    unsigned              all:1;         /* those behind it count: totals */
    unsigned              enabled:1;
} profile_search_t;


#endif /* _PROFILE_SEARCH_H_INCLUDED_ */
