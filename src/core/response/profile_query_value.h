
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_QUERY_VALUE_H_INCLUDED_
#define _PROFILE_QUERY_VALUE_H_INCLUDED_


/* What is searched for, next to what stands in a user (U10.1). */


#include "core/profile_core.h"
#include "core/response/profile_query_state.h"


/* Tells of a value whose text is set what it can be: a number, a date. */
void profile_query_value_read(profile_query_value_t *v);

/*
 * Whether the term holds for a scalar: a string, unescaped and without its
 * quotes, or any other as it stands in the text.  Returns 1, 0, or -1 when
 * there is no memory.
 */
int profile_query_value_holds(profile_query_t *q,
    const profile_query_term_t *t, profile_type_e type,
    const profile_str_t *s);


#endif /* _PROFILE_QUERY_VALUE_H_INCLUDED_ */
