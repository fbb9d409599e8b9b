
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * What no object of a write may hold, wherever it stands (H5.12).  It fails
 * when a backend that merges deeply gets such a name.
 */


#include "request/guard_test.h"


#define T_UPDATE(id)    PROFILE_GUARD_V2, PROFILE_UPDATE, id
#define T_CREATE        PROFILE_GUARD_V2, PROFILE_CREATE, NULL
#define T_V1(id)        PROFILE_GUARD_V1, PROFILE_UPDATE, id

#define T_DATABASE      T_UPDATE("auth0|7C54")


typedef struct {
    profile_guard_mode_e  mode;
    profile_action_e      action;
    const char           *user_id;
    const char           *body;
    profile_reason_e      reason;
    const char           *names;
} row_t;


static void
check(const profile_schema_t *schema, const row_t *row)
{
    test_guard_t  t;

    memset(&t, 0, sizeof(t));

    t.schema = schema;
    t.mode = row->mode;
    t.action = row->action;
    t.user_id = row->user_id;

    test_guards(&t, row->body, row->body, strlen(row->body), row->reason, -1,
                row->names);
}


#define check_rows(schema, rows)                                             \
    do {                                                                     \
        size_t  n_;                                                          \
        for (n_ = 0; n_ < sizeof(rows) / sizeof(row_t); n_++) {              \
            check(schema, &rows[n_]);                                        \
        }                                                                    \
    } while (0)


static void
forbidden(void **state)
{
    static const row_t  rows[] = {

        { T_V1("auth0|1"), "{\"__proto__\":{\"email_verified\":true}}",
          PROFILE_FORBIDDEN, "__proto__" },
        { T_V1("auth0|1"), "{\"constructor\":1}", PROFILE_FORBIDDEN,
          "constructor" },
        { T_V1("auth0|1"), "{\"prototype\":null}", PROFILE_FORBIDDEN,
          "prototype" },
        { T_V1("auth0|1"), "{\"a\":{\"constructor\":{\"prototype\":{}}}}",
          PROFILE_FORBIDDEN, "constructor, prototype" },
        { T_V1("auth0|1"), "{\"am_constructor\":1,\"um_prototype\":1}",
          PROFILE_FORBIDDEN, "am_constructor, um_prototype" },
        { T_V1("auth0|1"), "{\"a\":{\"prototype\":1},\"am___proto__\":1}",
          PROFILE_FORBIDDEN, "prototype, am___proto__" },
        { T_V1("auth0|1"), "{\"app_metadata\":{\"constructor\":1}}",
          PROFILE_FORBIDDEN, "app_metadata.constructor" },

        { T_DATABASE, "{\"__proto__\":{}}", PROFILE_FORBIDDEN, "__proto__" },
        { T_DATABASE, "{\"user_metadata\":{\"__proto__\":1}}",
          PROFILE_FORBIDDEN, "user_metadata.__proto__" },
        { T_DATABASE, "{\"user_metadata\":{\"a\":{\"b\":[[{\"c\":1},"
          "{\"__pro\\u0074o__\":1}]]}}}", PROFILE_FORBIDDEN, "__proto__" },
        { T_DATABASE, "{\"blocked\":{\"constructor\":1}}",
          PROFILE_FORBIDDEN, "constructor" },
        { T_CREATE, "{\"app_metadata\":{\"prototype\":{}}}",
          PROFILE_FORBIDDEN, "app_metadata.prototype" },

        /* before all else that the rules say, behind what the text is */

        { T_DATABASE, "{\"a\":1,\"a\":{\"prototype\":1}}",
          PROFILE_FORBIDDEN, "prototype" },
        { T_DATABASE, "{\"user_id\":{\"prototype\":1,\"prototype\":2}}",
          PROFILE_FORBIDDEN, "prototype, prototype" },
        { T_DATABASE, "{\"prototype\":1,\"\\u0000\":1}", PROFILE_NAME,
          NULL },

        /* as values, as parts, in another case */

        { T_DATABASE, "{\"user_metadata\":{\"a\":\"__proto__\","
          "\"proto\":[\"constructor\"],\"__proto\":1,\"Constructor\":1,"
          "\"am_prototype\":1}}", PROFILE_OK, NULL },
        { T_V1("auth0|1"), "{\"a\":{\"am_constructor\":1},"
          "\"constructors\":1}", PROFILE_OK, NULL },
    };

    (void) state;

    check_rows(shipped, rows);
}


/* more than are told by name, and names that the body does not keep */

static void
forbidden_many(void **state)
{
    int           i;
    char          body[8192];
    test_guard_t  t;

    (void) state;

    memset(&t, 0, sizeof(t));

    t.schema = shipped;
    t.mode = PROFILE_GUARD_V1;
    t.user_id = "auth0|1";

    (void) strcpy(body, "{\"a\":[");

    for (i = 0; i < 100; i++) {
        (void) strcat(body, i ? ",{\"\\u0063onstructor\":1}"
                              : "{\"\\u0063onstructor\":1}");
    }

    (void) strcat(body, "]}");

    assert_int_equal(test_guard(&t, body, strlen(body)), PROFILE_FORBIDDEN);
    assert_int_equal(t.nrefused, 100);
    assert_int_equal(t.offset, 7);
    assert_non_null(strstr(t.names, "constructor, constructor"));
    assert_non_null(strstr(t.names, "constructor and 80 more"));
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(forbidden),
        cmocka_unit_test(forbidden_many),
    };

    return cmocka_run_group_tests(tests, shipped_setup, shipped_teardown);
}
