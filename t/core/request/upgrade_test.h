
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* What the tests of plans share: a plan as text. */


#ifndef _UPGRADE_TEST_H_INCLUDED_
#define _UPGRADE_TEST_H_INCLUDED_


#include "request/guard_test.h"
#include "core/request/profile_upgrade.h"
#include "core/request/profile_upgrade_bag.h"
#include "core/request/profile_upgrade_exact.h"
#include "core/request/profile_upgrade_user.h"


#define ALL         ((1 << PROFILE_CALLS) - 1)
#define NO(kind)    (ALL & ~(1 << PROFILE_CALL_##kind))
#define SHIPPED     NO(ATTRIBUTES)

#define DATABASE    "auth0|7C54"
#define FACEBOOK    "facebook|10"

typedef struct {
    const char           *user_id;       /* NULL: a create */
    unsigned              calls;
    const char           *body;
    const char           *bag;
    const char           *plan;          /* "kind body" a line, or a reason */
} row_t;


/* the user that is read, where one is: {} at first */

extern const char  *test_upgrade_stored;

/* whether v1 is asked what is metadata: not at first */

extern int  test_upgrade_exact;


/*
 * The plan as text, whole; the guard is gone before the first call is made
 * that is not to be compared with it.
 */
profile_reason_e test_upgrade_plan(const profile_schema_t *schema,
    const row_t *row, test_out_t *out);

/* All of the bag at once, without a limit. */
profile_reason_e test_upgrade_bag(profile_upgrade_t *u, const u_char *data,
    size_t len);

/* Asserts what the plan is. */
void test_upgrade_check(const profile_schema_t *schema, const row_t *row);

#define check_rows(schema, rows)                                              \
    do {                                                                     \
        size_t  n_;                                                          \
        for (n_ = 0; n_ < sizeof(rows) / sizeof(row_t); n_++) {              \
            test_upgrade_check(schema, &rows[n_]);                           \
        }                                                                    \
    } while (0)


#endif /* _UPGRADE_TEST_H_INCLUDED_ */
