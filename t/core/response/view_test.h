
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* What the tests of views share. */


#ifndef _VIEW_TEST_H_INCLUDED_
#define _VIEW_TEST_H_INCLUDED_


#include "profile_test.h"


/*
 * Gives the view the fields that stand between commas, a "-" before them: these
 * not.  Both the returned fields and their text, *copy, are to be freed.
 */
profile_str_t *test_view_fields(const char *text, char **copy,
    profile_view_t *view);

/* Asserts that the body, in pieces of this size (0: one), becomes that. */
void test_view_rewrites(const profile_rewriter_conf_t *conf, const char *body,
    size_t piece, const char *expected);


#endif /* _VIEW_TEST_H_INCLUDED_ */
