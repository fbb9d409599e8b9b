
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves what a write takes in memory, when it has been judged and while v1 is
 * called.  H5.14 has the figures.
 */


#include "core/request/profile_call.h"
#include "core/request/profile_guard.h"
#include "core/request/profile_upgrade.h"
#include "profile_test.h"


#define SIZE   1000000

/* held for each ten bytes of the body */
#define JUDGED  70
#define CALLED  16


static const profile_schema_t  *schema;


static const struct {
    const char  *name;
    const char  *container;
} rows[] = {
    { "H5.14 small names as they are", "app_metadata" },
    { "H5.14 small names with a prefix", "user_metadata" }
};


static void
test_held(void **state)
{
    const char *const  *container = *state;

    char                  *body, *p;
    size_t                 first, judged, called, unused;
    unsigned               i;
    profile_guard_t       *g;
    profile_upgrade_t     *u;
    profile_guard_conf_t   conf;

    body = malloc(SIZE + 100);
    p = body + sprintf(body, "{\"%s\":{\"x\":1", *container);

    for (i = 0; p - body < SIZE; i++) {
        p += sprintf(p, ",\"%05x\":1", i);
    }

    p += sprintf(p, "}}");

    memset(&conf, 0, sizeof(conf));
    conf.schema = schema;
    conf.mode = PROFILE_GUARD_V2;
    conf.action = PROFILE_UPDATE;
    conf.user_id.data = (const u_char *) "auth0|1";
    conf.user_id.len = 7;
    conf.max_size = 2 * SIZE;
    conf.max_depth = 16;

    first = test_alloc_bytes(&unused);

    g = profile_guard_create(&test_alloc, &conf);
    assert_non_null(g);

    assert_int_equal(profile_guard_feed(g, (u_char *) body, p - body),
                     PROFILE_OK);
    assert_int_equal(profile_guard_finish(g), PROFILE_OK);
    judged = test_alloc_bytes(&unused) - first;

    u = profile_upgrade_create(&test_alloc, g, 1 << PROFILE_CALL_METADATA
                                               | 1 << PROFILE_CALL_READ);
    assert_non_null(u);
    assert_int_equal(profile_upgrade_make(u), PROFILE_OK);
    called = test_alloc_bytes(&unused) - first;

    assert_in_range(judged, SIZE, SIZE / 10 * JUDGED);
    assert_in_range(called, SIZE, SIZE / 10 * CALLED);

    profile_upgrade_destroy(u);
    profile_guard_destroy(g);
    free(body);
}


int
main(void)
{
    size_t  i;

    schema = test_schema_file("auth0.conf");

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_add(rows[i].name, test_held, &rows[i].container);
    }

    return test_run();
}
