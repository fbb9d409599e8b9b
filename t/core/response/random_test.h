
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * What the tests by random values share: JSON that depends on a seed only,
 * written twice, without white space and with some of it.
 */


#ifndef _RANDOM_TEST_H_INCLUDED_
#define _RANDOM_TEST_H_INCLUDED_


#include "profile_test.h"


typedef struct {
    uint64_t     state;
    test_out_t   plain;
    test_out_t   spaced;
} random_t;


/* Begins with a seed; what is written is to be freed by random_free(). */
void random_init(random_t *r, uint64_t seed);
void random_free(random_t *r);

/* A number below n. */
unsigned random_below(random_t *r, unsigned n);

/* Forgets what has been written. */
void random_clear(random_t *r);

/* A token, with white space behind it, or without. */
void random_token(random_t *r, const char *token);

/* An object or an array, of names that are also tokens of identities. */
void random_value(random_t *r);

/* A user, whoever the provider is. */
void random_user(random_t *r);


#endif /* _RANDOM_TEST_H_INCLUDED_ */
