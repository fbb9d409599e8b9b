
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * What the unit tests share: cases, memory that can fail, files, schemas,
 * sinks.
 */


#ifndef _PROFILE_TEST_H_INCLUDED_
#define _PROFILE_TEST_H_INCLUDED_


#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/response/profile_rewriter.h"
#include "core/schema/profile_schema_make.h"


/*
 * Adds a case, named by its rule, with what it is given in *state.  A case
 * that leaves memory behind fails.
 */
void test_add(const char *name, CMUnitTestFunction function,
    const void *state);

/* Runs the cases.  Returns what main() returns. */
int test_run(void);


/* A copy with " in place of each ', to be freed: JSON that can be read in C. */
char *test_json(const char *text);


/* The allocator; the block count tells of leaks. */
extern const profile_alloc_t  test_alloc;

/* Lets the n-th allocation from now on fail, and no other; 0: none. */
void test_alloc_fail(unsigned long n);

/* Allocations since test_alloc_fail() was called. */
unsigned long test_alloc_count(void);

/* Blocks that have not been freed. */
long test_alloc_blocks(void);

/* Bytes that are held now, and at *most since the last call. */
size_t test_alloc_bytes(size_t *most);


/* A file under t/ with its length; to be freed. */
u_char *test_file(const char *name, size_t *len);

/*
 * The schema of a text of statements "name word...;", which stand in the file
 * "test", each in the line of its number; fails the test.
 */
profile_schema_t *test_schema(const char *text);

/*
 * The same with the mistake in it, or NULL; to be destroyed in both cases, and
 * the mistake is gone then.  NULL: there is no memory for a schema.
 */
profile_schema_t *test_schema_try(const char *text, const char **mistake);

/* The schema of a configuration file, its includes read from conf/. */
profile_schema_t *test_schema_file(const char *name);


/* A sink that keeps all. */

typedef struct {
    u_char               *data;
    size_t                len;
    size_t                size;
} test_out_t;

profile_reason_e test_write(void *ctx, const u_char *data, size_t len);


/* The path of a text, NULL: none; of no more than 64 bytes. */
profile_path_t test_path(const char *text);


/*
 * Rewrites in pieces of the given size (0: one piece), or cut in two at cut,
 * into out.
 */

typedef struct {
    const profile_schema_t  *schema;
    const char           *envelope;
    const char           *wrapper;
    int                   unwrap;
    size_t                piece;
    size_t                cut;
    size_t                max_user_size; /* 0: 1m */
    unsigned              max_depth;     /* 0: 128 */
    uint64_t              offset;        /* result: of the error */
    profile_counts_t      counts;        /* result */
} test_rewrite_t;

profile_reason_e test_rewrite(test_rewrite_t *t, const void *data, size_t len,
    test_out_t *out);

/* Asserts that the text becomes the expected one for every piece size. */
void test_rewrites(const profile_schema_t *schema, const char *envelope,
    const char *text, const char *expected);

/*
 * Asserts that the text is refused with the reason, for every piece size, at
 * the place of the caret in the mark that stands under it.
 */
void test_refuses(const profile_schema_t *schema, const char *envelope,
    const char *text, const char *mark, profile_reason_e reason);


#endif /* _PROFILE_TEST_H_INCLUDED_ */
