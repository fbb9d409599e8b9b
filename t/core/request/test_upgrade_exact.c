
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that metadata of v2 takes no name of an attribute which v1 does not
 * keep as metadata (U3.11), and that a clear takes all that the bag shows in
 * the container.  It fails when such a name is written, with null too, or when
 * anything is written before bag and user are known.
 */


#include "request/upgrade_test.h"


/* the user as v2 shows it, made by that bag */

typedef struct {
    const char           *user_id;
    unsigned              calls;
    const char           *body;
    const char           *bag;
    const char           *plan;
    const char           *user;
} exact_t;


#define READ  "bag\nuser\n"


static void
check(const profile_schema_t *schema, const exact_t *rows, size_t n)
{
    size_t  i;
    row_t   row;

    test_upgrade_exact = 1;

    for (i = 0; i < n; i++) {
        memcpy(&row, &rows[i], sizeof(row));
        test_upgrade_stored = rows[i].user;
        test_upgrade_check(schema, &row);
    }

    test_upgrade_exact = 0;
    test_upgrade_stored = "{}";
}


static void
names(void **state)
{
    profile_schema_t  *schema;

    static const exact_t  rows[] = {

        /* free, or in the bag */

        { FACEBOOK, SHIPPED, "{\"app_metadata\":{\"groups\":1}}", "{}",
          READ "metadata {\"groups\":1}\nread\n", "{\"user_id\":\"x\"}" },
        { FACEBOOK, SHIPPED, "{\"app_metadata\":{\"plan\":1}}",
          "{\"plan\":0}", READ "metadata {\"plan\":1}\nread\n",
          "{\"app_metadata\":{\"plan\":0}}" },

        /* at the root, and not from the bag */

        { FACEBOOK, SHIPPED, "{\"app_metadata\":{\"groups\":1,\"b\":2}}", "{}",
          READ "metadata {\"am_groups\":1,\"b\":2}\nread\n",
          "{\"groups\":[\"deep\",{\"b\":1}]}" },
        { FACEBOOK, SHIPPED, "{\"app_metadata\":{\"gro\\u0075ps\":null}}",
          "{}", READ "metadata {\"am_groups\":null}\nread\n",
          "{\"\\u0067roups\":null}" },
        { FACEBOOK, SHIPPED, "{\"app_metadata\":{\"Groups\":1}}", "{}",
          READ "metadata {\"Groups\":1}\nread\n", "{\"groups\":1}" },

        /* prefixed by U3.1, and the name with the prefix is taken */

        { FACEBOOK, SHIPPED, "{\"user_metadata\":{\"a\":1}}", "{}",
          READ "metadata {\"um_a\":1}\nread\n", "{\"a\":1}" },
        { FACEBOOK, SHIPPED, "{\"user_metadata\":{\"a\":1}}", "{}",
          READ "reserved user_metadata.a", "{\"um_a\":1}" },
        { FACEBOOK, SHIPPED, "{\"app_metadata\":{\"a\":1,\"b\":2,\"c\":3}}",
          "{}", READ "reserved app_metadata.a",
          "{\"a\":0,\"am_a\":0,\"am_b\":0,\"c\":0}" },
        { FACEBOOK, SHIPPED, "{\"app_metadata\":{\"link\":1}}", "{}",
          READ "reserved app_metadata.link", "{\"link\":0,\"am_link\":0}" },

        /* what the containers hold is the bag's */

        { FACEBOOK, SHIPPED, "{\"app_metadata\":{\"a\":1}}", "{\"a\":0}",
          READ "metadata {\"a\":1}\nread\n",
          "{\"app_metadata\":{\"a\":0},\"user_metadata\":{\"a\":0}}" },

        /* what the schema has for another container or the provider */

        { FACEBOOK, SHIPPED, "{\"app_metadata\":{\"link\":1}}",
          "{\"link\":0}", READ "metadata {\"am_link\":1}\nread\n",
          "{\"app_metadata\":{\"link\":0}}" },

        /* parts that write no metadata ask for nothing */

        { DATABASE, SHIPPED, "{\"password\":\"p\"}", NULL,
          "password {\"password\":\"p\"}\nread\n", "{}" },
        { DATABASE, SHIPPED, "{\"name\":\"N\"}", NULL,
          "metadata {\"name\":\"N\"}\nread\n", "{}" },

        /* what is compared is the user of v2, so the bag comes first */

        { FACEBOOK, SHIPPED, "{\"groups\":1}", "{}", READ "read\n",
          "{\"groups\":1}" },
        { FACEBOOK, SHIPPED, "{\"groups\":1}", "{\"groups\":1}",
          READ "attributes groups", "{\"app_metadata\":{\"groups\":1}}" },

        /* clears: alone, with other parts, of what the schema has not */

        { FACEBOOK, SHIPPED, "{\"app_metadata\":{}}",
          "{\"a\":1,\"link\":2,\"um_b\":3,\"email\":4,\"c\":null}",
          "bag\nmetadata {\"a\":null,\"link\":null}\nread\n", "{}" },
        { FACEBOOK, SHIPPED,
          "{\"user_metadata\":{},\"app_metadata\":{\"d\":1}}",
          "{\"a\":1,\"um_b\":3}",
          READ "metadata {\"um_b\":null,\"am_d\":1}\nread\n", "{\"d\":1}" },
        { FACEBOOK, SHIPPED, "{\"app_metadata\":{}}", "[]", "bag\nread\n",
          "{}" },

        /* a create has nobody to ask about */

        { NULL, SHIPPED, "{\"connection\":\"c\",\"app_metadata\":{\"a\":1}}",
          NULL, "create {\"a\":1,\"connection\":\"c\"}\n", "{\"a\":1}" },
    };

    (void) state;

    schema = test_schema_file("auth0.conf");

    check(schema, rows, sizeof(rows) / sizeof(exact_t));

    profile_schema_destroy(schema);

    assert_int_equal(test_alloc_blocks(), 0);
}


/* without a prefix there is no other name */

static void
no_prefix(void **state)
{
    profile_schema_t  *schema;

    static const exact_t  rows[] = {
        { "p|1", ALL, "{\"app_metadata\":{\"a\":1,\"b\":2}}", "{}",
          READ "reserved app_metadata.a", "{\"a\":0}" },
        { "p|1", ALL, "{\"app_metadata\":{\"a\":1}}", "{\"a\":0}",
          READ "metadata {\"a\":1}\nread\n", "{\"app_metadata\":{\"a\":0}}" },
        { "p|1", ALL, "{\"user_metadata\":{\"hobby\":1}}", "{}",
          READ "reserved user_metadata.hobby", "{\"hobby\":0}" },
    };

    (void) state;

    schema = test_schema("provider p x; user_metadata hobby;");

    check(schema, rows, sizeof(rows) / sizeof(exact_t));

    profile_schema_destroy(schema);

    assert_int_equal(test_alloc_blocks(), 0);
}


/* all memory fails once */

static void
no_memory(void **state)
{
    test_out_t         out;
    unsigned long      i;
    profile_reason_e   rc;
    profile_schema_t  *schema;

    static const row_t  row = {
        "p|1", ALL, "{\"app_metadata\":{\"a\":1},\"user_metadata\":{}}",
        "{\"um_b\":1}", NULL
    };

    (void) state;

    schema = test_schema("provider p x; metadata_prefix user_metadata um_;"
                         "metadata_prefix app_metadata am_;");

    test_upgrade_exact = 1;
    test_upgrade_stored = "{\"a\":0}";

    for (i = 1; ; i++) {
        memset(&out, 0, sizeof(out));

        test_alloc_fail(i);
        rc = test_upgrade_plan(schema, &row, &out);
        test_alloc_fail(0);

        if (rc == PROFILE_OK) {
            assert_int_equal(out.len, strlen(READ "metadata {\"um_b\":null,"
                                             "\"am_a\":1}\nread\n"));
            free(out.data);
            break;
        }

        assert_int_equal(rc, PROFILE_NO_MEMORY);
        free(out.data);
    }

    assert_true(i > 10);

    test_upgrade_exact = 0;
    test_upgrade_stored = "{}";

    profile_schema_destroy(schema);

    assert_int_equal(test_alloc_blocks(), 0);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(no_prefix),
        cmocka_unit_test(no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
