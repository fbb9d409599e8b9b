
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* What the tests of walks share: pages become one list. */


#ifndef _SEARCH_TEST_H_INCLUDED_
#define _SEARCH_TEST_H_INCLUDED_


#include "profile_test.h"


/* what came of a walk; the output is to be freed */

typedef struct {
    test_out_t            out;
    profile_reason_e      reason;
    uint64_t              offset;
    uint64_t              found;
    uint64_t              elements;
    uint64_t              left_out;
    int                   full;
} test_walk_t;


/* how the pages come: in pieces (0: whole), or in two; to the end or not */

typedef struct {
    size_t                piece;
    size_t                cut;
    unsigned              early;
} test_way_t;


/*
 * Rewrites pages, of which there is at least one, up to NULL.  What is to be
 * sorted comes at the end, and after that nothing; fails the test if not.
 */
void test_walk(const profile_rewriter_conf_t *conf, char *const *pages,
    const test_way_t *way, test_walk_t *walk);


#endif /* _SEARCH_TEST_H_INCLUDED_ */
