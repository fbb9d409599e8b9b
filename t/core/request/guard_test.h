
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* What the tests of the guard share: a body in pieces, the verdict on it. */


#ifndef _GUARD_TEST_H_INCLUDED_
#define _GUARD_TEST_H_INCLUDED_


#include "core/request/profile_guard.h"
#include "core/request/profile_guard_message.h"
#include "core/request/profile_refused.h"
#include "profile_test.h"


typedef struct {
    const profile_schema_t  *schema;
    profile_guard_mode_e  mode;
    profile_action_e      action;
    const char           *user_id;
    const char           *wrapper;       /* of v1; NULL: none */
    size_t                max_size;      /* 0: 2m */
    unsigned              max_depth;     /* 0: 128 */
    size_t                piece;         /* 0: one piece */
    unsigned              compares;
    unsigned              optional;      /* null and {} are no body */

    /* results */

    uint64_t              offset;
    uint32_t              nrefused;
    char                  names[4096];   /* refused, between commas */
    char                  message[4096];
} test_guard_t;


/* The shipped schema, for cases between the two; nothing else is left. */
extern profile_schema_t  *shipped;

int shipped_setup(void **state);
int shipped_teardown(void **state);


/* A guard that has been fed, not finished; NULL: no memory. */
profile_guard_t *test_guard_fed(test_guard_t *t, const void *data, size_t len);

/* The verdict on a body. */
profile_reason_e test_guard(test_guard_t *t, const void *data, size_t len);

/*
 * Asserts the verdict for every piece size: the reason, the offset unless it
 * is -1, and the names, NULL being none.
 */
void test_guards(test_guard_t *t, const char *what, const void *data,
    size_t len, profile_reason_e reason, long offset, const char *names);


/*
 * A guard that has allowed the body, the user id being NULL in a create; fails
 * the test if it does not.  NULL: no memory.
 */
profile_guard_t *test_guard_allowed(const profile_schema_t *schema,
    const char *user_id, const void *body, size_t len);

/* The same, where what may not be written is compared with the user. */
profile_guard_t *test_guard_compared(const profile_schema_t *schema,
    const char *user_id, const void *body, size_t len);


#endif /* _GUARD_TEST_H_INCLUDED_ */
