
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_QUERY_FOLD_H_INCLUDED_
#define _PROFILE_QUERY_FOLD_H_INCLUDED_


/* Texts of which letter case does not count, by simple folding (U10.1). */


#include "core/profile_core.h"
#include "core/response/profile_query_state.h"


/* Returns 0, or -1 when there is no memory. */
int profile_query_fold_term(profile_query_t *q, profile_query_term_t *t);

/* Accepts a query in which no term is folded. */
void profile_query_fold_destroy(profile_query_t *q);

/* Returns 1, 0, or -1 when there is no memory. */
int profile_query_fold_equal(profile_query_t *q,
    const profile_query_term_t *t, const profile_str_t *s);


#endif /* _PROFILE_QUERY_FOLD_H_INCLUDED_ */
