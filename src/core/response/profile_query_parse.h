
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_QUERY_PARSE_H_INCLUDED_
#define _PROFILE_QUERY_PARSE_H_INCLUDED_


/* From the text of a query to its terms and steps (U10.1). */


#include "core/profile_core.h"
#include "core/response/profile_query_state.h"


/* Returns 0, or -1 with the error of profile_query_create(). */
int profile_query_parse(profile_query_t *q, const profile_str_t *text,
    profile_query_error_t *error);


#endif /* _PROFILE_QUERY_PARSE_H_INCLUDED_ */
