
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "response/mapping_test.h"


void
test_mapping(void **state)
{
    char              *user, *expected;
    profile_schema_t  *s;
    const mapping_t   *m = *state;

    s = test_schema(m->schema);

    user = test_json(m->user);
    expected = test_json(m->expected);

    test_rewrites(s, NULL, user, expected);

    /* M5.5 */

    test_rewrites(s, NULL, expected, expected);

    free(user);
    free(expected);

    profile_schema_destroy(s);
}
