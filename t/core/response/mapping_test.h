
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* What the tests of users share: one of v1, and what becomes of it. */


#ifndef _MAPPING_TEST_H_INCLUDED_
#define _MAPPING_TEST_H_INCLUDED_


#include "profile_test.h"


typedef struct {
    const char  *name;
    const char  *schema;
    const char  *user;
    const char  *expected;
} mapping_t;


/* A test of the one that is its state, and of a second pass (M5.5). */
void test_mapping(void **state);


#endif /* _MAPPING_TEST_H_INCLUDED_ */
