
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves which calls of v1 a write of v2 becomes, in which order and with
 * which bodies (U3, U4), and that metadata is stored so that the rewriter
 * gives it back.
 */


#include "request/upgrade_test.h"


static void
stored_names(void **state)
{
    static const row_t  rows[] = {

        /* U3.1: k, where that comes back, else with the prefix */

        { DATABASE, SHIPPED, "{\"app_metadata\":{\"plan\":1}}", NULL,
          "metadata {\"plan\":1}\nread\n" },
        { "github|1", SHIPPED, "{\"app_metadata\":{\"plan\":1}}", NULL,
          "metadata {\"am_plan\":1}\nread\n" },
        { DATABASE, SHIPPED, "{\"user_metadata\":{\"hobby\":1}}", NULL,
          "metadata {\"um_hobby\":1}\nread\n" },
        { FACEBOOK, SHIPPED, "{\"user_metadata\":{\"picture\":\"p\"}}", NULL,
          "metadata {\"um_picture\":\"p\"}\nread\n" },
        { FACEBOOK, SHIPPED, "{\"app_metadata\":{\"gender\":1,\"login\":2}}",
          NULL, "metadata {\"am_gender\":1,\"login\":2}\nread\n" },
        { "nobody|1", SHIPPED, "{\"app_metadata\":{\"gender\":1}}", NULL,
          "metadata {\"gender\":1}\nread\n" },

        /* a name that looks like it has a prefix gets one more */

        { DATABASE, SHIPPED, "{\"app_metadata\":{\"am_x\":1,\"um_x\":2,"
          "\"am_\":3,\"um_\":4},\"user_metadata\":{\"am_x\":5,\"um_x\":6}}",
          NULL, "metadata {\"am_am_x\":1,\"am_um_x\":2,\"am_\":3,\"um_\":4,"
          "\"um_am_x\":5,\"um_um_x\":6}\nread\n" },

        /* containers' names inside of containers */

        { DATABASE, SHIPPED, "{\"app_metadata\":{\"user_metadata\":{},"
          "\"app_metadata\":1},\"user_metadata\":{\"metadata\":null}}",
          NULL, "metadata {\"am_user_metadata\":{},\"am_app_metadata\":1,"
          "\"um_metadata\":null}\nread\n" },

        /* nothing that v1 clients may not write: some backends fold */

        { FACEBOOK, SHIPPED, "{\"app_metadata\":{\"PICTURE\":1,"
          "\"Gender\":2,\"la\xc5\xbft_name\":3,\"Plan\":4}}", NULL,
          "metadata {\"am_PICTURE\":1,\"am_Gender\":2,"
          "\"am_la\xc5\xbft_name\":3,\"Plan\":4}\nread\n" },

        /* nothing that a create would take for something else */

        { DATABASE, SHIPPED, "{\"app_metadata\":{\"password\":1,"
          "\"connection\":2,\"client_id\":3}}", NULL,
          "metadata {\"am_password\":1,\"am_connection\":2,"
          "\"am_client_id\":3}\nread\n" },

        /* U3.6: values are the client's bytes, names are escaped anew */

        { DATABASE, SHIPPED, " { \"app_metadata\" : { \"\\u0061\\\"\\/\" : "
          "[ 1.0, 9007199254740993 ,\"\\u00e9\" ] , \"\\u0001\xc3\xa9\":1e308"
          " } } ", NULL, "metadata {\"a\\\"/\":[ 1.0, 9007199254740993 ,"
          "\"\\u00e9\" ],\"\\u0001\xc3\xa9\":1e308}\nread\n" },

        /* U3.3, U3.4: one call for both, null is stored */

        { DATABASE, SHIPPED, "{\"user_metadata\":{\"hobby\":null,"
          "\"color\":\"red\"},\"app_metadata\":{\"plan\":null}}", NULL,
          "metadata {\"um_hobby\":null,\"um_color\":\"red\",\"plan\":null}\n"
          "read\n" },
        { DATABASE, SHIPPED, "{}", NULL, "read\n" },

        /* the empty name: a prefix alone is no prefix (M2.6) */

        { DATABASE, SHIPPED, "{\"app_metadata\":{\"\":1}}", NULL,
          "metadata {\"\":1}\nread\n" },
        { DATABASE, SHIPPED, "{\"user_metadata\":{\"\":1}}", NULL,
          "reserved user_metadata." },
    };

    (void) state;

    check_rows(shipped, rows);
}


static void
other_prefixes(void **state)
{
    profile_schema_t  *s;

    static const row_t  bare[] = {
        { "p|1", SHIPPED, "{\"user_metadata\":{\"hobby\":1,\"k\":2},"
          "\"app_metadata\":{\"x\":1}}", NULL,
          "metadata {\"hobby\":1,\"k\":2,\"x\":1}\nread\n" },

        /* U3.2: no prefix, no way back */

        { "p|1", SHIPPED, "{\"user_metadata\":{\"x\":1,\"hobby\":2},"
          "\"app_metadata\":{\"hobby\":3,\"y\":4,\"sent\":5}}", NULL,
          "reserved user_metadata.x, app_metadata.hobby, "
          "app_metadata.sent" },
        { "q|1", SHIPPED, "{\"app_metadata\":{\"sent\":5}}", NULL,
          "metadata {\"sent\":5}\nread\n" },
        { NULL, SHIPPED, "{\"user_metadata\":{\"x\":null}}", NULL,
          "reserved user_metadata.x" },
    };

    static const row_t  odd[] = {

        /* "m_u_" is user_metadata's, so app_metadata's "u_x" has no name */

        { "p|1", SHIPPED, "{\"app_metadata\":{\"x\":1},"
          "\"user_metadata\":{\"x\":2}}", NULL,
          "metadata {\"m_x\":1,\"m_u_x\":2}\nread\n" },
        { "p|1", SHIPPED, "{\"app_metadata\":{\"u_x\":1,\"k\":2}}", NULL,
          "reserved app_metadata.u_x, app_metadata.k" },
    };

    (void) state;

    s = test_schema("provider p sent; provider q; user_metadata hobby k;");
    check_rows(s, bare);
    profile_schema_destroy(s);

    s = test_schema("provider p; metadata_prefix app_metadata m_; drop m_k;"
                    "metadata_prefix user_metadata m_u_; default root;");
    check_rows(s, odd);
    profile_schema_destroy(s);
}


/* U3.1: what a create or an update writes to the root is no stored name */

static void
written_names(void **state)
{
    profile_schema_t  *s;

    static const row_t  rows[] = {
        { "p|1", SHIPPED, "{\"app_metadata\":{\"a\":1,\"b\":2,\"c\":3,"
          "\"d\":4}}", NULL,
          "metadata {\"m_a\":1,\"m_b\":2,\"m_c\":3,\"d\":4}\nread\n" },
        { NULL, SHIPPED, "{\"app_metadata\":{\"a\":1,\"b\":2,\"c\":3,"
          "\"d\":4}}", NULL,
          "create {\"m_a\":1,\"m_b\":2,\"m_c\":3,\"d\":4}\n" },
    };

    (void) state;

    s = test_schema("provider p; writable a on=create; writable b on=update;"
                    "option c; metadata_prefix app_metadata m_;");
    check_rows(s, rows);
    profile_schema_destroy(s);
}


static void
clearing(void **state)
{
    profile_schema_t  *s;

    /* patterns match no name that is no UTF-8 */

    static const row_t  lone[] = {
        { "p|1", SHIPPED, "{\"user_metadata\":{}}",
          "{\"\\ud800x\":1,\"ax\":2,\"\\u0061bx\":3}",
          "bag\nmetadata {\"ax\":null,\"abx\":null}\nread\n" },
    };

    static const row_t  rows[] = {

        /* U3.5: the bag's members that M2 puts there, and the container */

        { FACEBOOK, SHIPPED, "{\"app_metadata\":{}}",
          "{\"plan\":1,\"um_a\":2,\"am_b\":{\"c\":[1]},\"picture\":3,"
          "\"user_metadata\":{},\"d\":null,\"app_metadata\":{\"x\":1},"
          "\"metadata\":{\"y\":1},\"\\u0065\\n\":[]}",
          "bag\nmetadata {\"plan\":null,\"am_b\":null,"
          "\"app_metadata\":null,\"metadata\":null,\"e\\u000a\":null}\n"
          "read\n" },
        { FACEBOOK, SHIPPED, "{\"user_metadata\":null}",
          "{\"plan\":1,\"um_a\":2,\"user_metadata\":{\"z\":1},"
          "\"metadata\":{}}",
          "bag\nmetadata {\"um_a\":null,\"user_metadata\":null}\nread\n" },
        { FACEBOOK, SHIPPED, "{\"user_metadata\":{ },\"app_metadata\":null}",
          " {\"plan\":1,\"um_a\":2,\"um_b\":3} ",
          "bag\nmetadata {\"plan\":null,\"um_a\":null,\"um_b\":null}\n"
          "read\n" },

        /* a container that is a scalar is shown inside of app_metadata */

        { FACEBOOK, SHIPPED, "{\"user_metadata\":{}}",
          "{\"user_metadata\":\"x\",\"app_metadata\":\"y\"}",
          "bag\nread\n" },
        { FACEBOOK, SHIPPED, "{\"app_metadata\":{}}",
          "{\"user_metadata\":\"x\",\"app_metadata\":\"y\"}",
          "bag\nmetadata {\"user_metadata\":null,\"app_metadata\":null}\n"
          "read\n" },

        /* nothing there, nothing to write */

        { FACEBOOK, SHIPPED, "{\"app_metadata\":{}}", "{}", "bag\nread\n" },

        /* one is cleared, the other written; the bag is read first */

        { DATABASE, SHIPPED, "{\"user_metadata\":{\"a\":1},"
          "\"app_metadata\":{},\"email\":\"e\"}", "{\"b\":2,\"um_a\":3}",
          "bag\nemail {\"email\":\"e\"}\n"
          "metadata {\"um_a\":1,\"b\":null}\nread\n" },
        { DATABASE, SHIPPED, "{\"app_metadata\":{},"
          "\"user_metadata\":{\"a\":1}}", "\xef\xbb\xbf{}",
          "bag\nmetadata {\"um_a\":1}\nread\n" },

        /* a create has nothing to clear */

        { NULL, SHIPPED, "{\"app_metadata\":{},\"user_metadata\":null}",
          NULL, "create {}\n" },
    };

    (void) state;

    check_rows(shipped, rows);

    s = test_schema("provider p; user_metadata ~.*x;");
    check_rows(s, lone);
    profile_schema_destroy(s);
}


static void
broken_bags(void **state)
{
    size_t       i;
    row_t        row;
    test_out_t   out;

    static const struct {
        const char        *bag;
        profile_reason_e   reason;
    } rows[] = {
        { "", PROFILE_TRUNCATED }, { "{", PROFILE_TRUNCATED },
        { "[[]]", PROFILE_NOT_OBJECT }, { "[null]", PROFILE_NOT_OBJECT },
        { "true", PROFILE_NOT_OBJECT }, { "[1]", PROFILE_NOT_OBJECT },
        { "[{\"a\":1}]", PROFILE_NOT_OBJECT }, { "OK", PROFILE_INVALID_JSON },
        { "{\"a\":\"\xff\"}", PROFILE_INVALID_UTF8 },
        { "{} {}", PROFILE_TRAILING_DATA }, { "<html>", PROFILE_INVALID_JSON },
    };

    (void) state;

    memset(&row, 0, sizeof(row));

    row.user_id = FACEBOOK;
    row.calls = SHIPPED;
    row.body = "{\"app_metadata\":{}}";

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(&out, 0, sizeof(out));
        row.bag = rows[i].bag;

        assert_int_equal(test_upgrade_plan(shipped, &row, &out),
                         rows[i].reason);
        assert_memory_equal(out.data, "bag\n", 4);

        free(out.data);
    }
}


/* the limit is far above that of the body */

static void
deep_bags(void **state)
{
    char         bag[2 * 65536 + 16];
    row_t        row;
    size_t       n;
    test_out_t   out;

    (void) state;

    memset(&row, 0, sizeof(row));

    row.user_id = FACEBOOK;
    row.calls = SHIPPED;
    row.body = "{\"app_metadata\":{}}";
    row.bag = bag;

    for (n = 65535; n <= 65536; n++) {
        memset(&out, 0, sizeof(out));

        (void) strcpy(bag, "{\"a\":");
        memset(bag + 5, '[', n);
        memset(bag + 5 + n, ']', n);
        (void) strcpy(bag + 5 + 2 * n, "}");

        assert_int_equal(test_upgrade_plan(shipped, &row, &out),
                         n == 65535 ? PROFILE_OK : PROFILE_TOO_DEEP);

        free(out.data);
    }
}


static void
parts(void **state)
{
    static const row_t  rows[] = {

        /* U4.1: the order, whatever the body's is; options with their call */

        { DATABASE, ALL, "{\"app_metadata\":{\"a\":1},\"name\":\"n\","
          "\"verify_password\":true,\"password\":\"p\",\"blocked\":false,"
          "\"client_id\":\"c\",\"verify_email\":false,\"email\":\"e\","
          "\"connection\":\"d\"}", NULL,
          "email {\"email\":\"e\",\"verify\":false}\n"
          "password {\"password\":\"p\",\"verify\":true}\n"
          "attributes {\"blocked\":false,\"client_id\":\"c\","
          "\"connection\":\"d\"}\n"
          "metadata {\"name\":\"n\",\"a\":1}\nread\n" },

        { DATABASE, SHIPPED, "{\"em\\u0061il\":\"\\u0065\","
          "\"client_id\":\"c\",\"connection\":\"d\"}", NULL,
          "email {\"email\":\"\\u0065\"}\nread\n" },

        /* an option without what it is for */

        { DATABASE, ALL, "{\"verify_email\":true,\"client_id\":\"c\","
          "\"verify_phone_number\":true,\"password\":\"p\"}", NULL,
          "password {\"password\":\"p\"}\nread\n" },
        { "sms|1", ALL, "{\"phone_number\":\"1\","
          "\"verify_phone_number\":true,\"verify_email\":true}", NULL,
          "attributes {\"phone_number\":\"1\",\"verify_phone_number\":true}\n"
          "read\n" },

        /* U4.3: all that have no call are named, and nothing is sent */

        { DATABASE, SHIPPED, "{\"email\":\"e\",\"blocked\":true,"
          "\"username\":\"n\",\"user_metadata\":{\"a\":1}}", NULL,
          "user\nunsupported blocked, username" },
        { DATABASE, SHIPPED & NO(EMAIL), "{\"email\":\"e\"}", NULL,
          "user\nunsupported email" },
        { DATABASE, SHIPPED & NO(PASSWORD), "{\"password\":\"p\"}", NULL,
          "user\nunsupported password" },
        { DATABASE, SHIPPED & NO(METADATA), "{\"user_metadata\":{\"a\":1},"
          "\"app_metadata\":null}", NULL,
          "unsupported user_metadata, app_metadata" },
        { DATABASE, SHIPPED & NO(BAG), "{\"user_metadata\":{\"a\":1},"
          "\"app_metadata\":{}}", NULL, "unsupported app_metadata" },

        /* U4.5: the e-mail, not verified; with another meaning it is refused */

        { DATABASE, SHIPPED, "{\"email\":\"e\",\"email_verified\":false,"
          "\"verify_email\":true}", NULL,
          "email {\"email\":\"e\",\"verify\":true}\nread\n" },
        { "email|1", SHIPPED, "{\"em\\u0061il_verified\":false,"
          "\"email\":\"e\"}", NULL, "email {\"email\":\"e\"}\nread\n" },
        { DATABASE, SHIPPED, "{\"email\":\"e\",\"email_verified\":true}", NULL,
          "user\nunsupported email_verified" },
        { DATABASE, SHIPPED, "{\"email\":\"e\",\"email_verified\":\"false\"}",
          NULL, "user\nunsupported email_verified" },
        { DATABASE, SHIPPED, "{\"email_verified\":false,\"password\":\"p\"}",
          NULL, "user\nunsupported email_verified" },
        { DATABASE, ALL, "{\"email\":\"e\",\"email_verified\":false}", NULL,
          "email {\"email\":\"e\"}\nattributes {\"email_verified\":false}\n"
          "read\n" },
        { DATABASE, ALL & NO(EMAIL) & NO(ATTRIBUTES) & NO(PASSWORD),
          "{\"email\":\"e\",\"email_verified\":false}", NULL,
          "user\nunsupported email, email_verified" },

        /* a backend that takes all in one call */

        { DATABASE, ALL & NO(EMAIL) & NO(PASSWORD), "{\"email\":\"e\","
          "\"password\":\"p\",\"verify_email\":true}", NULL,
          "attributes {\"email\":\"e\",\"password\":\"p\","
          "\"verify_email\":true}\nread\n" },
    };

    (void) state;

    check_rows(shipped, rows);
}


static void
creates(void **state)
{
    static const row_t  rows[] = {
        { NULL, ALL, "{\"connection\":\"db\",\"email\":\"e\","
          "\"password\":\"p\",\"email_verified\":false,"
          "\"user_metadata\":{\"hobby\":\"surf\",\"n\":null},"
          "\"app_metadata\":{\"plan\":\"full\",\"m\":null,"
          "\"password\":\"not this\",\"connection\":\"nor this\"},"
          "\"verify_email\":false,\"client_id\":\"c\"}", NULL,
          "create {\"email\":\"e\",\"password\":\"p\","
          "\"email_verified\":false,\"um_hobby\":\"surf\",\"plan\":\"full\","
          "\"am_password\":\"not this\",\"am_connection\":\"nor this\","
          "\"connection\":\"db\"}\n" },
        { NULL, 0, "{\"connection\":\"sms\",\"phone_number\":\"+1\"}", NULL,
          "create {\"phone_number\":\"+1\",\"connection\":\"sms\"}\n" },

        /* U3.8: what is so of each new user */

        { NULL, 0, "{\"connection\":\"sms\",\"phone_number\":\"+1\","
          "\"blocked\":false,\"phone_verified\":null}", NULL,
          "create {\"phone_number\":\"+1\",\"connection\":\"sms\"}\n" },
        { NULL, ALL, "{\"blocked\":null,\"email\":\"e\"}", NULL,
          "create {\"email\":\"e\"}\n" },

        /* names are chosen for the provider of the connection */

        { NULL, 0, "{\"connection\":\"github\","
          "\"app_metadata\":{\"plan\":1}}", NULL,
          "create {\"am_plan\":1,\"connection\":\"github\"}\n" },
        { NULL, 0, "{}", NULL, "create {}\n" },
    };

    (void) state;

    check_rows(shipped, rows);
}


/* The N-th allocation fails, for every N that the plan reaches. */

static void
check_allocations(const row_t *row, profile_reason_e reason)
{
    test_out_t        out;
    unsigned long     n;
    profile_reason_e  rc;

    for (n = 1; /* void */ ; n++) {
        memset(&out, 0, sizeof(out));
        test_alloc_fail(n);

        rc = test_upgrade_plan(shipped, row, &out);

        free(out.data);

        if (test_alloc_count() < n) {
            break;
        }

        assert_int_equal(rc, PROFILE_NO_MEMORY);
    }

    test_alloc_fail(0);

    assert_int_equal(rc, reason);
    assert_true(n > 10);
}


static void
allocations(void **state)
{
    int    i;
    char   body[8192], bag[4096], *p;
    row_t  row;

    (void) state;

    memset(&row, 0, sizeof(row));

    row.user_id = "github|1";
    row.calls = SHIPPED;
    row.body = "{\"user_metadata\":{\"a\":1,\"\\u0062\":2},"
               "\"app_metadata\":{}}";
    row.bag = bag;

    (void) snprintf(bag, sizeof(bag), "{\"hobb\\u0079\":2,\"%0900d\\u0030\":1}",
                    0);

    check_allocations(&row, PROFILE_OK);

    (void) snprintf(body, sizeof(body), "{\"user_metadata\":{\"%0700d\":1,"
                    "\"%0800d\":2},\"app_metadata\":{\"plan\":\"%0900d\"}}",
                    0, 0, 0);

    row.body = body;

    check_allocations(&row, PROFILE_OK);

    /* every call, an option that does not fit beside its attribute */

    row.user_id = DATABASE;
    row.calls = ALL;

    (void) snprintf(body, sizeof(body), "{\"email\":\"%0450d\",\"password\":1,"
                    "\"name\":2,\"verify_email\":\"%0300d\","
                    "\"client_id\":\"%0700d\",\"app_metadata\":{}}", 0, 0, 0);

    check_allocations(&row, PROFILE_OK);

    /* what is compared */

    row.calls = SHIPPED;
    row.body = "{\"identities\":[{\"\\u0061\":1,\"b\":2}],\"blocked\":false,"
               "\"email\":\"e\"}";
    test_upgrade_stored = "{\"identities\":[{\"b\":2,\"a\":1}],"
                          "\"bl\\u006fcked\":false,\"email\":\"f\"}";

    check_allocations(&row, PROFILE_OK);

    test_upgrade_stored = "{}";
    row.body = body;
    row.calls = ALL;

    /* the names of what cannot be stored */

    p = body + sprintf(body, "{\"user_metadata\":{\"\":1},\"app_metadata\":{"
                             "\"a\":1");

    for (i = 0; i < 30; i++) {
        p += sprintf(p, ",\"%04d%070d\":1", i, 0);
    }

    (void) strcpy(p, "}}");

    check_allocations(&row, PROFILE_RESERVED);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(stored_names),
        cmocka_unit_test(other_prefixes),
        cmocka_unit_test(written_names),
        cmocka_unit_test(clearing),
        cmocka_unit_test(broken_bags),
        cmocka_unit_test(deep_bags),
        cmocka_unit_test(parts),
        cmocka_unit_test(creates),
        cmocka_unit_test(allocations),
    };

    return cmocka_run_group_tests(tests, shipped_setup, shipped_teardown);
}
