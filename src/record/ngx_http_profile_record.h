
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_RECORD_H_INCLUDED_
#define _NGX_HTTP_PROFILE_RECORD_H_INCLUDED_


#include "conf/ngx_http_profile_conf.h"
#include "core/response/profile_user.h"


/* the first that happened is that of the request */

typedef enum {
    NGX_HTTP_PROFILE_BLOCKED = 0,
    NGX_HTTP_PROFILE_FAILED,
    NGX_HTTP_PROFILE_UPGRADED,
    NGX_HTTP_PROFILE_REWRITTEN,
    NGX_HTTP_PROFILE_PASSED,
    NGX_HTTP_PROFILE_WOULD_BLOCK,
    NGX_HTTP_PROFILE_WOULD_FAIL,
    NGX_HTTP_PROFILE_WOULD_REWRITE,
    NGX_HTTP_PROFILE_NOTHING
} ngx_http_profile_action_e;


/* what a v1 call led to: 2xx, another status of v1, none */

typedef enum {
    NGX_HTTP_PROFILE_CALL_OK = 0,
    NGX_HTTP_PROFILE_CALL_REFUSED,
    NGX_HTTP_PROFILE_CALL_FAILED
} ngx_http_profile_call_result_e;


#define NGX_HTTP_PROFILE_CALL_RESULTS  (NGX_HTTP_PROFILE_CALL_FAILED + 1)


/* how a walk has ended */

typedef enum {
    NGX_HTTP_PROFILE_WALK_NONE = 0,             /* there was none */
    NGX_HTTP_PROFILE_WALK_FULL,                 /* it needs no more of v1 */
    NGX_HTTP_PROFILE_WALK_END,                  /* v1 has no more */
    NGX_HTTP_PROFILE_WALK_ERROR,                /* v1's, on the first page */
    NGX_HTTP_PROFILE_WALK_LIMIT,
    NGX_HTTP_PROFILE_WALK_BUSY,                 /* it did not begin */
    NGX_HTTP_PROFILE_WALK_TIMEOUT,
    NGX_HTTP_PROFILE_WALK_FAILED,
    NGX_HTTP_PROFILE_WALK_CLIENT
} ngx_http_profile_walk_result_e;


#define NGX_HTTP_PROFILE_WALK_RESULTS  (NGX_HTTP_PROFILE_WALK_CLIENT + 1)


/* what the total of a list is that has one */

typedef enum {
    NGX_HTTP_PROFILE_TOTAL_NONE = 0,
    NGX_HTTP_PROFILE_TOTAL_EXACT,
    NGX_HTTP_PROFILE_TOTAL_BOUND                /* there may be more */
} ngx_http_profile_total_e;


/* what stands for the "*" in the path of a request */

typedef struct {
    ngx_http_profile_template_t    *template;   /* NULL: not known */
    ngx_str_t                       value;
    ngx_str_t                       escaped;
} ngx_http_profile_id_t;


typedef struct ngx_http_profile_upgrade_s  ngx_http_profile_upgrade_t;


/* what was done, by the record's own functions */

typedef struct {
    ngx_http_profile_action_e       action;
    profile_reason_e                reason;
    unsigned                        rewrite:1;  /* is to be rewritten */
    unsigned                        dry_run:1;
    unsigned                        closed:1;   /* all is said */
} ngx_http_profile_record_outcome_t;


/* what became of responses, its subrequests' included, by src/response */

typedef struct {
    profile_counts_t                counts;
    ngx_uint_t                      unreadable; /* users left out: M6.5 */
    ngx_array_t                    *differs;    /* ngx_str_t: names, M8.6 */
    ngx_uint_t                      differs_other;
    off_t                           bytes_in;
    off_t                           bytes_out;
    uint64_t                        time;       /* nanoseconds */
    ngx_uint_t                      open;       /* responses under way */
    ngx_http_profile_total_e        total;
    unsigned                        answered:1; /* the filter has seen it */
} ngx_http_profile_record_response_t;


/* what the guard said of a write, by src/request */

typedef struct {
    profile_reason_e                reason;
    ngx_http_profile_loc_conf_t    *guarded;    /* where it said so */
    ngx_str_t                       blocked;    /* names, escaped */
    ngx_str_t                      *names;      /* refused and known */
    ngx_uint_t                      nnames;
    ngx_uint_t                      other;      /* refused names besides */
} ngx_http_profile_record_write_t;


/* whose profile it is, by src/request */

typedef struct {
    ngx_http_profile_template_t    *template;   /* of the v2 call */
    ngx_http_profile_id_t           found;
    ngx_http_profile_id_t           called;     /* by the body: H5.15 */
} ngx_http_profile_record_id_t;


/* the v1 calls of a write, by src/request */

typedef struct {
    ngx_http_profile_upgrade_t     *upgrade;
    const profile_call_t           *step;       /* the call; NULL: none yet */
    ngx_str_t                       body;       /* where there is no plan */
    ngx_uint_t                      made;
    ngx_str_t                       done;       /* kinds that succeeded */
    ngx_str_t                       applied;    /* the same, on a failure */
    ngx_uint_t                      results[PROFILE_CALLS]
                                           [NGX_HTTP_PROFILE_CALL_RESULTS];
    ngx_uint_t                      last;       /* call's kind plus 1, or 0 */
    unsigned                        created:1;  /* v1 has made the user */
} ngx_http_profile_record_calls_t;


/* the pages of v1 that one response is made of, by src/request */

typedef struct {
    ngx_http_profile_walk_result_e  result;     /* unless it failed since */
    ngx_uint_t                      pages;      /* asked for; 0: no walk */
    ngx_msec_t                      start;
    ngx_msec_t                      time;
    unsigned                        open:1;     /* there is no time yet */
} ngx_http_profile_record_walk_t;


/* the conditional headers as the client sent them, by src/http */

typedef struct {
    ngx_table_elt_t                *lines;
    ngx_uint_t                      nlines;
} ngx_http_profile_record_conditions_t;


/*
 * What was done for a main request, its subrequests included.  Contexts do
 * not survive an internal redirect, so it is found through its pool cleanup.
 * Each part is written by those who are named with it; all may read.
 */

typedef struct {
    ngx_http_profile_record_outcome_t   outcome;
    ngx_http_profile_record_response_t  response;
    ngx_http_profile_record_write_t     write;
    ngx_http_profile_record_id_t        id;
    ngx_http_profile_record_calls_t     calls;
    ngx_http_profile_record_walk_t      walk;
    ngx_http_profile_record_conditions_t  conditions;

    ngx_http_request_t             *request;    /* the main one */
    ngx_http_profile_zone_t        *zone;       /* NULL: not counted */
} ngx_http_profile_record_t;


/* whether requests of a location have a record */

#define ngx_http_profile_record_in_scope(plcf)                               \
    ((plcf)->response.rewrite != NULL || (plcf)->request.guard != NULL)


/* the names of actions, ended by an empty one */

extern ngx_str_t  ngx_http_profile_record_actions[];


/*
 * The handler of the preaccess phase: a request that has come to a location is
 * accounted for there, whatever becomes of it, as it may never reach the
 * header filter, or be answered by another location.  Returns NGX_DECLINED, or
 * NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_record_handler(ngx_http_request_t *r);

/* The record of the main request, or NULL: it has none. */
ngx_http_profile_record_t *ngx_http_profile_record_find(
    ngx_http_request_t *r);

/* The same, made if there is none; NULL: there is no memory. */
ngx_http_profile_record_t *ngx_http_profile_record_get(ngx_http_request_t *r);

/* That of a request which has ended without one. */
void ngx_http_profile_record_fill(ngx_http_request_t *r,
    ngx_http_profile_record_t *record);

/* Says what was done and why, unless something stronger was. */
void ngx_http_profile_record_set_action(ngx_http_profile_record_t *record,
    ngx_http_profile_action_e action, profile_reason_e reason);

/* A v1 call has been answered with this status. */
void ngx_http_profile_record_count_call(ngx_http_profile_record_t *record,
    profile_call_e kind, ngx_uint_t status);

/* How the walk of a request has ended which is over. */
ngx_http_profile_walk_result_e ngx_http_profile_record_walk_result(
    ngx_http_profile_record_t *record);

/* A create has succeeded in v1, whatever becomes of its response (U6.2). */
void ngx_http_profile_record_created(ngx_http_profile_record_t *record);

/*
 * The current call was answered with this status, which ends the plan: what
 * was applied before is told to the log and, from now on, to all (U4.2).
 */
void ngx_http_profile_record_fail_call(ngx_http_profile_record_t *record,
    ngx_uint_t status);

/* Nanoseconds of a clock that nobody sets. */
uint64_t ngx_http_profile_record_clock(void);


#endif /* _NGX_HTTP_PROFILE_RECORD_H_INCLUDED_ */
