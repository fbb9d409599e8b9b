
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_QUERY_STATE_H_INCLUDED_
#define _PROFILE_QUERY_STATE_H_INCLUDED_


/* What a query consists of, and what is known of the user so far. */


#include "core/profile_core.h"
#include "core/json/profile_event.h"
#include "core/response/profile_query.h"
#include "core/response/profile_query_date.h"


typedef enum {
    PROFILE_QUERY_EQUAL = 0,
    PROFILE_QUERY_PREFIX,
    PROFILE_QUERY_RANGE,
    PROFILE_QUERY_EXISTS
} profile_query_kind_e;


typedef struct {
    profile_str_t         text;          /* unescaped */
    profile_query_date_t  date;
    unsigned              is_number:1;
    unsigned              is_date:1;     /* or the beginning of one */
    unsigned              open:1;        /* "*": there is no end */
    unsigned              inclusive:1;
} profile_query_value_t;


typedef struct {
    profile_query_kind_e  kind;
    profile_str_t         path;          /* names, dots between them */
    profile_query_value_t value;         /* or the lower end */
    profile_query_value_t upper;
    void                 *folded;        /* see profile_query_fold.h */
    unsigned              caseless:1;    /* letter case does not count */
    unsigned              domain:1;      /* what follows the "@" */
    unsigned              interval:1;    /* a date stands for all of it */
} profile_query_term_t;


/* a query as it is worked off: the number of a term, or what is done */

#define PROFILE_QUERY_NOT  -1
#define PROFILE_QUERY_AND  -2
#define PROFILE_QUERY_OR   -3

/* a NOT for each term and for each pair of parentheses */
#define PROFILE_QUERY_STEPS                                                  \
    (PROFILE_QUERY_TERMS * (3 + PROFILE_QUERY_DEPTH))


/* terms are bits; an array has what stands around it */

typedef struct {
    uint32_t              open;          /* whose path begins like this one */
    uint32_t              below;         /* whose path is above: _exists_ */
    uint32_t              len;           /* of the path, and of a dot behind */
} profile_query_level_t;


struct profile_query_s {
    profile_alloc_t       alloc;
    profile_reader_t     *reader;        /* NULL: as the next user comes */
    unsigned              max_depth;     /* of users of v1 */

    profile_buf_t         text;          /* what paths and values are of */
    profile_query_term_t  terms[PROFILE_QUERY_TERMS];
    unsigned              nterms;
    int8_t                steps[PROFILE_QUERY_STEPS];
    unsigned              nsteps;
    void                 *folds;         /* see profile_query_fold.h */

    /* while a user is read */

    uint32_t              found;         /* terms that hold for the user */
    profile_query_level_t  *levels;      /* from the list of all users on */
    unsigned              level;
    profile_buf_t         name;
    profile_buf_t         value;
    unsigned              begun:1;       /* the list of all users */
    unsigned              ended:1;       /* the user */
};


#endif /* _PROFILE_QUERY_STATE_H_INCLUDED_ */
