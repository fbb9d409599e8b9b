
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * What the tests of classes share: what becomes of a name, in words, and by
 * which statement.
 */


#ifndef _CLASS_TEST_H_INCLUDED_
#define _CLASS_TEST_H_INCLUDED_


#include "core/schema/profile_schema.h"
#include "profile_test.h"


/*
 * Writes into text what becomes of a name, such as "metadata app_metadata
 * exact", and into *st which statement decided, if that is PROFILE_OK.  id may
 * be NULL.
 */
profile_reason_e test_class_of(const profile_schema_t *s, const char *id,
    const u_char *data, size_t len, unsigned lone, char *text,
    const profile_statement_t **st);

/* Asserts what becomes of a name. */
void test_class_is(const profile_schema_t *s, const char *id,
    const char *name, const char *expected, const profile_statement_t **st);

/* Asserts that the statement, as it was written, is the one in the line. */
void test_statement_is(const profile_statement_t *st, const char *expected,
    size_t line);


#endif /* _CLASS_TEST_H_INCLUDED_ */
