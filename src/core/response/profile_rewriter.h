
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_REWRITER_H_INCLUDED_
#define _PROFILE_REWRITER_H_INCLUDED_


#include "core/profile_core.h"
#include "core/profile_path.h"
#include "core/response/profile_list.h"
#include "core/response/profile_search.h"
#include "core/response/profile_user.h"
#include "core/schema/profile_schema.h"


/*
 * Counts up whenever the same response of v1 becomes other bytes than before,
 * by the same schema and conf: what clients keep of it is known by that.
 */

#define PROFILE_MAPPING_VERSION  3


/*
 * Turns a response of v1 into one of v2 as it streams (M1 to M6): users are
 * rewritten one at a time, all else passes byte for byte.
 */

typedef struct profile_rewriter_s  profile_rewriter_t;


/*
 * A user who is left out of a list (M6.5): why, at which byte, which element
 * of the list, counted from 0, and the text of the id if it was known by then,
 * else its len is 0.  The context is that of the notice.
 */

typedef struct {
    profile_reason_e      reason;
    uint64_t              offset;
    uint64_t              index;
    profile_str_t         id;
} profile_unreadable_t;

typedef void (*profile_unreadable_pt)(void *ctx,
    const profile_unreadable_t *user);


/* what is pointed to outlives the rewriter; nothing of it is changed */

typedef struct {
    const profile_schema_t  *schema;
    profile_path_t        envelope;      /* the way to a list: M1.3 */
    profile_str_t         wrapper;       /* of a user: M1.6; empty: none */
    profile_path_t        total;         /* the way to a number: U5.2 */
    profile_notice_t      notice;
    profile_unreadable_pt  unreadable;   /* NULL: nobody is told */
    profile_view_t        view;
    profile_list_t        list;
    profile_search_t      search;        /* of a walk: U10.2 */
    profile_exact_t      *exact;         /* of a user alone; NULL: none */
    size_t                max_user_size; /* bytes, below 2^32 */
    unsigned              max_depth;
    unsigned              unwrap:1;      /* M1.7: of these nothing is left */
    unsigned              required:1;    /* M1.5: nothing but users */
    unsigned              skip:1;        /* M6.5: who cannot be read */
} profile_rewriter_conf_t;


/* Returns NULL when there is no memory. */
profile_rewriter_t *profile_rewriter_create(const profile_alloc_t *a,
    const profile_rewriter_conf_t *conf, const profile_sink_t *sink);

/*
 * Makes a rewriter ready for another response by the same schema; nothing of
 * the last one is left but memory, of which it gives back what only very large
 * users need, and what the schema says of names.  Returns 0, or -1 when there
 * is no memory: then it is of no more use.
 */
int profile_rewriter_renew(profile_rewriter_t *rw,
    const profile_rewriter_conf_t *conf, const profile_sink_t *sink);

/* Until then it may wait without what belongs to the response. */
void profile_rewriter_rest(profile_rewriter_t *rw);

/* Accepts NULL. */
void profile_rewriter_destroy(profile_rewriter_t *rw);

/*
 * The next len bytes of the response; data is used during the call only.
 * What of them can leave goes to the sink, at most one user and these bytes
 * (M6.1).  Returns PROFILE_OK, a reason of M6 or what the sink said; after an
 * error every further call returns the same.
 */
profile_reason_e profile_rewriter_feed(profile_rewriter_t *rw,
    const u_char *data, size_t len);

/*
 * The response, or the last page of a walk, has ended.  Returns as
 * profile_rewriter_feed() does.
 */
profile_reason_e profile_rewriter_finish(profile_rewriter_t *rw);

/*
 * Where conf.search is enabled the response is that of many pages, each a list,
 * an envelope of one (M1.3) or a user alone, and what is written is one list:
 * its users, its head before them and its tail behind.
 *
 * profile_rewriter_next(): the page has ended, and another one follows.
 *
 * profile_rewriter_stop() in place of profile_rewriter_finish(): no more is
 * read, and the page need not be whole.
 *
 * profile_rewriter_more(): behind these, writes the next user who was sorted,
 * or, with *more 0, what was left to be written; to be called until then.
 *
 * All return as profile_rewriter_feed() does; after an error *more is 0.
 */
profile_reason_e profile_rewriter_next(profile_rewriter_t *rw);
profile_reason_e profile_rewriter_stop(profile_rewriter_t *rw);
profile_reason_e profile_rewriter_more(profile_rewriter_t *rw, int *more);

/*
 * Whether nothing that may follow in a walk can change what is written.  What
 * is fed all the same is not looked at, and the page need not be whole.
 */
int profile_rewriter_full(profile_rewriter_t *rw);

/* How many users a walk has found, up to the end of the window or in all. */
uint64_t profile_rewriter_found(profile_rewriter_t *rw);

/*
 * How many elements, whatever they are, the list of this page has had, or of
 * the one that ended last until the next begins.
 */
uint64_t profile_rewriter_page_elements(profile_rewriter_t *rw);

/*
 * Whether the response, or this page, has said how many users there are (U5.2),
 * and has not said something else of it since.
 */
int profile_rewriter_total(profile_rewriter_t *rw, uint64_t *total);

/* Whether a byte of the response, or of this page of it, has been there. */
int profile_rewriter_started(profile_rewriter_t *rw);

/* The offset in the response, or in this page, that belongs to the error. */
uint64_t profile_rewriter_offset(profile_rewriter_t *rw);

/* How many users of lists have been left out so far (M6.5). */
uint64_t profile_rewriter_left_out(profile_rewriter_t *rw);

/* What has been done so far. */
const profile_counts_t *profile_rewriter_counts(profile_rewriter_t *rw);


#endif /* _PROFILE_REWRITER_H_INCLUDED_ */
