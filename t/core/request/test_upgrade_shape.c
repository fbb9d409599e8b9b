
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves how a write of v2 goes up to a backend that keeps metadata elsewhere
 * (U3.9, U3.10), calls attributes and options otherwise (U4.8), or does not
 * tell the provider by the id.
 */


#include "request/upgrade_test.h"


static void
nested(void **state)
{
    profile_schema_t  *s;

    static const row_t  both[] = {
        { "1", SHIPPED, "{\"user_metadata\":{\"lang\":\"it\",\"x\":null}}",
          NULL, "metadata {\"prefs\":{\"lang\":\"it\",\"x\":null}}\nread\n" },
        { "1", SHIPPED, "{\"app_metadata\":{\"plan\":1},\"user_metadata\":"
          "{\"a\\\"b\":[ 1.0 ]}}", NULL,
          "metadata {\"settings\":{\"plan\":1},\"prefs\":{\"a\\\"b\":[ 1.0 ]}}"
          "\nread\n" },

        /* names of anybody need no prefix there */

        { "1", SHIPPED, "{\"app_metadata\":{\"am_x\":1,\"gender\":2,"
          "\"settings\":3,\"\":4}}", NULL,
          "metadata {\"settings\":{\"am_x\":1,\"gender\":2,\"settings\":3,"
          "\"\":4}}\nread\n" },

        /* but what would not be shown again */

        { "1", SHIPPED, "{\"app_metadata\":{\"secret\":1,\"name\":2,\"k\":3}}",
          NULL, "reserved app_metadata.secret, app_metadata.name" },
        { "1", SHIPPED, "{\"app_metadata\":{\"Secret\":1,\"NA_ME\":2}}",
          NULL, "reserved app_metadata.Secret, app_metadata.NA_ME" },

        /* U3.5 */

        { "1", SHIPPED, "{\"user_metadata\":{}}",
          "{\"id\":1,\"settings\":{\"plan\":1},\"prefs\":{\"a\":1,"
          "\"b\":null,\"\\u0063\":{\"d\":1}},\"z\":2}",
          "bag\nmetadata {\"prefs\":{\"a\":null,\"c\":null}}\nread\n" },
        { "1", SHIPPED, "{\"app_metadata\":{}}",
          "{\"prefs\":{\"a\":1},\"settings\":{\"plan\":1},"
          "\"more\":{\"b\":1},\"own\":{\"c\":1}}",
          "bag\nmetadata {\"more\":null,\"settings\":{\"plan\":null}}\n"
          "read\n" },
        { "1", SHIPPED, "{\"user_metadata\":{}}",
          "{\"prefs\":{\"a\":1},\"settings\":{\"plan\":1},"
          "\"more\":{\"b\":1},\"own\":{\"c\":1}}",
          "bag\nmetadata {\"own\":null,\"prefs\":{\"a\":null}}\nread\n" },
        { "1", SHIPPED, "{\"user_metadata\":null,\"app_metadata\":{\"x\":1}}",
          "{\"prefs\":{\"a\":1}}",
          "bag\nmetadata {\"settings\":{\"x\":1},\"prefs\":{\"a\":null}}\n"
          "read\n" },
        { "1", SHIPPED, "{\"app_metadata\":{}}",
          "{\"settings\":{\"plan\":1,\"secret\":2,\"n\\u0061me\":3}}",
          "bag\nmetadata {\"settings\":{\"plan\":null}}\nread\n" },
        { "1", SHIPPED, "{\"app_metadata\":{}}",
          "{\"settings\":{\"Secret\":2}}",
          "bag\nmetadata {\"settings\":{\"Secret\":null}}\nread\n" },
        { "1", SHIPPED, "{\"app_metadata\":{}}",
          "{\"settings\":{\"secret\":2}}", "bag\nread\n" },
        { "1", SHIPPED, "{\"user_metadata\":{}}", "{\"prefs\":[1]}",
          "bag\nread\n" },
        { "1", SHIPPED, "{\"user_metadata\":{}}", "{\"x\":{\"prefs\":{"
          "\"a\":1}}}", "bag\nread\n" },

        { NULL, SHIPPED, "{\"connection\":\"x\",\"email\":\"e\","
          "\"user_metadata\":{\"a\":1,\"n\":null}}", NULL,
          "create {\"email\":\"e\",\"provider\":\"x\",\"prefs\":{\"a\":1}}\n" },
    };

    static const row_t  one[] = {
        { "p|1", SHIPPED, "{\"app_metadata\":{\"a\":1},\"user_metadata\":"
          "{\"b\":2}}", NULL,
          "metadata {\"um_b\":2,\"settings\":{\"a\":1}}\nread\n" },
        { "p|1", SHIPPED, "{\"app_metadata\":{},\"user_metadata\":{}}",
          "{\"settings\":{\"a\":1},\"um_b\":2,\"c\":3}",
          "bag\nmetadata {\"um_b\":null,\"settings\":{\"a\":null}}\nread\n" },
    };

    (void) state;

    s = test_schema("user id; rename id user_id; provider_from provider;"
                    "provider github gender; default root;"
                    "merge settings into app_metadata write;"
                    "merge prefs into user_metadata write;"
                    "merge more into app_metadata;"
                    "merge own into user_metadata;"
                    "drop settings.secret; lift settings.name;"
                    "option connection as=provider with=create;"
                    "writable email on=create;");
    check_rows(s, both);
    profile_schema_destroy(s);

    s = test_schema("provider p; merge settings into app_metadata write;"
                    "metadata_prefix user_metadata um_;");
    check_rows(s, one);
    profile_schema_destroy(s);
}


static void
nested_deep(void **state)
{
    profile_schema_t  *s;

    static const row_t  deep[] = {
        { "1", SHIPPED, "{\"app_metadata\":{\"a\":1},\"user_metadata\":"
          "{\"b\":2}}", NULL,
          "metadata {\"data\":{\"app\":{\"a\":1},\"own\":{\"u\":{\"b\":2}}}}\n"
          "read\n" },
        { "1", SHIPPED, "{\"user_metadata\":{\"b\":2}}", NULL,
          "metadata {\"data\":{\"own\":{\"u\":{\"b\":2}}}}\nread\n" },
        { "1", SHIPPED, "{\"user_metadata\":{},\"app_metadata\":{}}",
          "{\"data\":{\"x\":1,\"own\":{\"u\":{\"a\":1},\"v\":2},"
          "\"app\":{\"b\":1}},\"own\":{\"u\":{\"c\":1}}}",
          "bag\nmetadata {\"data\":{\"app\":{\"b\":null},\"own\":{\"u\":"
          "{\"a\":null}}}}\nread\n" },
    };

    (void) state;

    s = test_schema("merge data.app into app_metadata write;"
                    "merge data.own.u into user_metadata write;");
    check_rows(s, deep);
    profile_schema_destroy(s);
}


/* U3.9: what would not be shown again, in values too */

static void
nested_secret(void **state)
{
    profile_schema_t  *s;

    static const row_t  rows[] = {
        { "1", SHIPPED, "{\"app_metadata\":{\"token\":1,\"a\":{\"x\":[{"
          "\"to\\u006ben\" : 2}]},\"b\":{\"Access_Token\":\"x\"},"
          "\"c\":[{\"token\":3}],\"d\":{\"t\":\"token\"},\"e\":\"token\"}}",
          NULL, "reserved app_metadata.token, app_metadata.a, app_metadata.b, "
          "app_metadata.c" },
        { "1", SHIPPED, "{\"app_metadata\":{\"d\":{\"t\":[\"token\",\"\\\"\"]},"
          "\"e\":\"token\"},\"user_metadata\":{\"f\":{\"token\":1}}}", NULL,
          "metadata {\"um_f\":{\"token\":1},\"settings\":{\"d\":{\"t\":"
          "[\"token\",\"\\\"\"]},\"e\":\"token\"}}\nread\n" },
    };

    (void) state;

    s = test_schema("merge settings into app_metadata write;"
                    "metadata_prefix user_metadata um_;"
                    "identity_drop token accessToken;");
    check_rows(s, rows);
    profile_schema_destroy(s);
}


/* U3.1, U4.8: metadata beside an option of v1's name */

static void
options(void **state)
{
    profile_schema_t  *s;

    static const row_t  rows[] = {
        { NULL, SHIPPED, "{\"connection\":\"c\",\"app_metadata\":"
          "{\"origin\":1,\"Origin\":2,\"how\":3,\"x\":4}}", NULL,
          "create {\"am_origin\":1,\"am_Origin\":2,\"am_how\":3,\"x\":4,"
          "\"origin\":\"c\"}\n" },
        { "auth0|1", SHIPPED, "{\"app_metadata\":{\"origin\":1,\"how\":2},"
          "\"hint\":\"h\"}", NULL,
          "metadata {\"am_origin\":1,\"am_how\":2,\"how\":\"h\"}\nread\n" },
    };

    (void) state;

    s = test_schema("provider auth0; metadata_prefix app_metadata am_;"
                    "option connection as=origin with=create;"
                    "option hint as=how with=metadata;");
    check_rows(s, rows);
    profile_schema_destroy(s);
}


/* U4.7, U3.11: the user is read before, and the bag as well */

static void
nested_read(void **state)
{
    profile_schema_t  *s;

    static const row_t  user[] = {
        { "1", SHIPPED, "{\"blocked\":true,\"app_metadata\":{\"a\":1}}", NULL,
          "user\nmetadata {\"data\":{\"app\":{\"a\":1}}}\nread\n" },
        { "1", SHIPPED, "{\"blocked\":true,\"app_metadata\":{},"
          "\"user_metadata\":{\"b\":2}}", "{\"data\":{\"app\":{\"a\":1}}}",
          "user\nbag\nmetadata {\"um_b\":2,\"data\":{\"app\":"
          "{\"a\":null}}}\nread\n" },
    };

    static const row_t  bag[] = {
        { "1", SHIPPED, "{\"app_metadata\":{\"a\":1},\"user_metadata\":"
          "{\"b\":2}}", "{\"data\":{\"app\":{\"c\":1}}}",
          "bag\nuser\nmetadata {\"um_b\":2,\"data\":{\"app\":{\"a\":1}}}\n"
          "read\n" },
        { "1", SHIPPED, "{\"app_metadata\":{},\"user_metadata\":{\"b\":2}}",
          "{\"data\":{\"app\":{\"c\":1}}}",
          "bag\nuser\nmetadata {\"um_b\":2,\"data\":{\"app\":{\"c\":null}}}\n"
          "read\n" },
    };

    (void) state;

    s = test_schema("merge data.app into app_metadata write;"
                    "metadata_prefix user_metadata um_;");

    test_upgrade_stored = "{\"blocked\":true}";
    check_rows(s, user);

    test_upgrade_exact = 1;
    check_rows(s, bag);

    test_upgrade_exact = 0;
    test_upgrade_stored = "{}";

    profile_schema_destroy(s);
}


static void
wrapped(void **state)
{
    profile_schema_t  *s;

    static const row_t  texts[] = {
        { "1", SHIPPED, "{\"user_metadata\":{\"a\":\"x\",\"b\":[\"y\",\"z\"],"
          "\"c\":null,\"d\":[ ]}}", NULL,
          "metadata {\"attributes\":{\"a\":[\"x\"],\"b\":[\"y\",\"z\"],"
          "\"c\":null,\"d\":[ ]}}\nread\n" },
        { "1", SHIPPED, "{\"user_metadata\":{\"a\":1,\"b\":true,\"c\":{},"
          "\"d\":[\"x\",1],\"e\":\"x\",\"f\":[[\"x\"]]}}", NULL,
          "value user_metadata.a, user_metadata.b, user_metadata.c, "
          "user_metadata.d, user_metadata.f" },
        { NULL, SHIPPED, "{\"connection\":\"c\",\"user_metadata\":"
          "{\"a\":\"x\"}}", NULL,
          "create {\"connection\":\"c\",\"attributes\":{\"a\":[\"x\"]}}\n" },
    };

    static const row_t  any[] = {
        { "1", SHIPPED, "{\"app_metadata\":{\"a_s\":1,\"b_s\":\"x\","
          "\"c_s\":{\"d\":1},\"d_s\":[1],\"e\":2,\"f_s\":null}}", NULL,
          "metadata {\"a_s\":[1],\"b_s\":[\"x\"],\"c_s\":{\"d\":1},"
          "\"d_s\":[1],\"e\":2,\"f_s\":null}\nread\n" },
    };

    (void) state;

    s = test_schema("merge attributes into user_metadata write;"
                    "unwrap attributes.*; provider p; option connection;");
    check_rows(s, texts);
    profile_schema_destroy(s);

    s = test_schema("provider p; unwrap ~.*_s values=any;");
    check_rows(s, any);
    profile_schema_destroy(s);
}


static void
named(void **state)
{
    profile_schema_t  *s;

    static const row_t  rows[] = {
        { "1", ALL, "{\"traits\":{\"a\":1},\"app_metadata\":{\"b\":2}}", NULL,
          "metadata {\"um_a\":1,\"b\":2}\nread\n" },
        { "1", ALL, "{\"given_name\":\"Jo\",\"tell\":true}", NULL,
          "attributes {\"firstName\":\"Jo\",\"notify\":true}\nread\n" },
        { "1", ALL, "{\"tell\":true,\"traits\":{\"a\":1}}", NULL,
          "metadata {\"um_a\":1}\nread\n" },
        { NULL, ALL, "{\"given_name\":\"Jo\",\"tell\":true,\"via\":\"x\"}",
          NULL, "create {\"firstName\":\"Jo\",\"source\":\"x\"}\n" },
    };

    static const row_t  unknown[] = {

        /* M7.4: the id does not tell who sends "login" */

        { "17", SHIPPED, "{\"app_metadata\":{\"login\":1,\"plan\":2}}", NULL,
          "metadata {\"am_login\":1,\"plan\":2}\nread\n" },
        { "17", SHIPPED, "{\"app_metadata\":{}}", "{\"login\":1,\"plan\":2,"
          "\"id\":3}", "bag\nmetadata {\"login\":null,\"plan\":null}\nread\n" },
    };

    (void) state;

    s = test_schema("container user_metadata traits;"
                    "metadata_prefix user_metadata um_;"
                    "rename firstName given_name;"
                    "writable given_name via=attributes;"
                    "option tell as=notify with=attributes;"
                    "option via as=source with=create;");
    check_rows(s, rows);
    profile_schema_destroy(s);

    s = test_schema("user id; provider_from via user_id; provider github login;"
                    "metadata_prefix app_metadata am_;");
    check_rows(s, unknown);
    profile_schema_destroy(s);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(nested),
        cmocka_unit_test(nested_deep),
        cmocka_unit_test(nested_read),
        cmocka_unit_test(nested_secret),
        cmocka_unit_test(options),
        cmocka_unit_test(wrapped),
        cmocka_unit_test(named),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
