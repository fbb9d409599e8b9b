
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_QUERY_DATE_H_INCLUDED_
#define _PROFILE_QUERY_DATE_H_INCLUDED_


/* Dates of a search, and of a user (U10.1). */


#include "core/profile_core.h"


/* a whole one, without a "Z" */
#define PROFILE_QUERY_DATE_LEN  (sizeof("2018-01-31T12:00:00.000000000") - 1)


typedef struct {
    u_char                text[PROFILE_QUERY_DATE_LEN];      /* in UTC */
    size_t                len;
} profile_query_date_t;


/*
 * Reads a date of ISO 8601, or the beginning of one that ends with a part:
 * "2018", "2018-01", "2018-01-31T12:00:00.000+01:00".  Returns how many parts
 * it has, at most 7, or 0: it is none.
 */
int profile_query_date_read(profile_query_date_t *date,
    const profile_str_t *s);

/* Of all that a date is the beginning of, the first. */
void profile_query_date_first(profile_query_date_t *date);

/*
 * Less than, equal to or greater than 0, as the first date, which is whole,
 * is before, among or behind all that the other is the beginning of.
 */
int profile_query_date_compare(const profile_query_date_t *date,
    const profile_query_date_t *among);


#endif /* _PROFILE_QUERY_DATE_H_INCLUDED_ */
