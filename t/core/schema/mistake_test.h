
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* What the tests of mistakes share. */


#ifndef _MISTAKE_TEST_H_INCLUDED_
#define _MISTAKE_TEST_H_INCLUDED_


/* a schema, its statements parted by ";", and the mistake that is found */

typedef struct {
    const char  *name;
    const char  *text;
    const char  *mistake;
} mistake_t;


/* A test of the mistake that is its state. */
void test_mistake(void **state);


#endif /* _MISTAKE_TEST_H_INCLUDED_ */
