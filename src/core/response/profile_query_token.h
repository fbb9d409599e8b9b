
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_QUERY_TOKEN_H_INCLUDED_
#define _PROFILE_QUERY_TOKEN_H_INCLUDED_


/*
 * The pieces of a query (U10.1).  What is read is appended to the text of the
 * query, where there is room for it, without its backslashes.
 */


#include "core/profile_core.h"
#include "core/response/profile_query_state.h"


typedef struct {
    profile_query_t       *query;
    profile_query_error_t  *error;
    const u_char          *start;
    const u_char          *p;            /* the next byte */
    const u_char          *last;
    profile_query_term_t   field;        /* of what stands in parentheses */
    unsigned               depth;
    unsigned               grouped:1;    /* field is set */
} profile_query_token_t;


#define profile_query_token_more(ps)  ((ps)->p < (ps)->last)

#define profile_query_token_is_space(c)                                      \
    ((c) == ' ' || (c) == '\t' || (c) == '\r' || (c) == '\n')

#define profile_query_token_is(ps, c)                                        \
    ((ps)->p < (ps)->last && *(ps)->p == (c))


/*
 * Each returns 0, or -1 with the error set.
 *
 * path: names with dots between them, none if something else stands there;
 * quoted: the value that begins with the quote that is next; bare: one
 * without, which makes a term of PROFILE_QUERY_PREFIX of it if it ends in a
 * wildcard; end: one end of a range.
 */
int profile_query_token_path(profile_query_token_t *ps,
    profile_query_term_t *t);
int profile_query_token_quoted(profile_query_token_t *ps, profile_str_t *s);
int profile_query_token_bare(profile_query_token_t *ps,
    profile_query_term_t *t);
int profile_query_token_end(profile_query_token_t *ps,
    profile_query_value_t *v);

void profile_query_token_space(profile_query_token_t *ps);

/*
 * Whether the next is this word of the language, which is upper case; if so it
 * is left behind, with the white space around it.
 */
int profile_query_token_word(profile_query_token_t *ps, const char *word,
    size_t len);

/* Sets the error: something else is expected at this byte.  Returns -1. */
int profile_query_token_fail(profile_query_token_t *ps, const u_char *at,
    const char *expected);
int profile_query_token_no_memory(profile_query_token_t *ps);


#endif /* _PROFILE_QUERY_TOKEN_H_INCLUDED_ */
