
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that a write of v2 may repeat what is stored (U4.7), and that an
 * attribute goes with the call that the schema names (U3.7, U4.6).
 */


#include "request/upgrade_test.h"


/* the same, with a user of v2 to be compared with */

typedef struct {
    const char           *user_id;
    unsigned              calls;
    const char           *body;
    const char           *bag;
    const char           *plan;
    const char           *user;
} repeat_t;


/* U4.7: what repeats the user as v2 shows it is left out */

static void
repeats(void **state)
{
    size_t  i;
    row_t   row;

    static const repeat_t  rows[] = {
        { DATABASE, SHIPPED, "{\"blocked\":false,\"app_metadata\":{\"a\":1}}",
          NULL, "user\nmetadata {\"a\":1}\nread\n", "{\"blocked\":false}" },
        { DATABASE, SHIPPED, "{\"blocked\":false}", NULL,
          "user\nunsupported blocked", "{\"blocked\":true}" },
        { DATABASE, SHIPPED, "{\"blocked\":false,\"username\":\"u\"}", NULL,
          "user\nunsupported username", "{\"blocked\":false}" },

        /* what the guard refuses is the guard's to say, and comes first */

        { FACEBOOK, SHIPPED, "{\"name\":\"N\",\"user_id\":\"facebook|10\"}",
          NULL, "user\nread\n",
          "{\"user_id\":\"facebook|10\",\"name\":\"\\u004e\"}" },
        { FACEBOOK, SHIPPED, "{\"name\":\"N\",\"blocked\":true,\"x\":1,"
          "\"picture\":\"p\"}", NULL, "user\nattributes name, x",
          "{\"name\":\"M\",\"picture\":\"p\",\"app_metadata\":{\"x\":1}}" },

        /* the same value: strings unescaped, objects in any order */

        { FACEBOOK, SHIPPED, "{\"identities\":[{\"a\":1,\"b\":[2,{\"c\":null,"
          "\"d\":\"\\u00e9\"}]} , true]}", NULL, "user\nread\n",
          "{\"identities\" : [ {\"b\":[2,{\"d\":\"\xc3\xa9\",\"c\":null} ],"
          "\"\\u0061\":1},true]}" },
        { FACEBOOK, SHIPPED, "{\"n\":1.0}", NULL, "user\nattributes n",
          "{\"n\":1}" },
        { FACEBOOK, SHIPPED, "{\"n\":\"1\"}", NULL, "user\nattributes n",
          "{\"n\":1}" },
        { FACEBOOK, SHIPPED, "{\"n\":[1,2]}", NULL, "user\nattributes n",
          "{\"n\":[2,1]}" },
        { FACEBOOK, SHIPPED, "{\"n\":{\"a\":1,\"a\":2}}", NULL,
          "user\nattributes n", "{\"n\":{\"a\":2,\"a\":1}}" },
        { FACEBOOK, SHIPPED, "{\"n\":{\"a\":1,\"bb\":2,\"c\":{},\"d\":[]}}",
          NULL, "user\nread\n",
          "{\"n\":{\"d\":[],\"c\":{},\"bb\":2,\"a\":1}}" },
        { FACEBOOK, SHIPPED, "{\"n\":null}", NULL, "user\nattributes n", "{}" },

        /* an e-mail that is the same takes no verification away */

        { DATABASE, SHIPPED, "{\"email\":\"e\",\"email_verified\":true,"
          "\"verify_email\":true}", NULL, "user\nread\n",
          "{\"email\":\"e\",\"email_verified\":true}" },
        { DATABASE, SHIPPED, "{\"email\":\"f\",\"email_verified\":true}", NULL,
          "user\nunsupported email_verified",
          "{\"email\":\"e\",\"email_verified\":true}" },
        { DATABASE, SHIPPED, "{\"email\":\"e\",\"blocked\":false}", NULL,
          "user\nread\n", "{\"email\":\"e\",\"blocked\":false}" },
        { DATABASE, SHIPPED, "{\"email\":\"e\",\"blocked\":false,"
          "\"verify_email\":true}", NULL,
          "user\nemail {\"email\":\"e\",\"verify\":true}\nread\n",
          "{\"email\":\"e\",\"blocked\":false}" },
        { DATABASE, SHIPPED, "{\"email\":\"e\",\"blocked\":false,"
          "\"email_verified\":false}", NULL,
          "user\nemail {\"email\":\"e\"}\nread\n",
          "{\"email\":\"e\",\"email_verified\":true,\"blocked\":false}" },
        { DATABASE, SHIPPED, "{\"email_verified\":true}", NULL, "user\nread\n",
          "{\"email_verified\":true}" },
        { DATABASE, SHIPPED, "{\"email_verified\":false}", NULL,
          "user\nread\n", "{\"email_verified\":false}" },

        /* one read of the user and one of the bag */

        { DATABASE, SHIPPED, "{\"blocked\":false,\"app_metadata\":{}}",
          "{\"plan\":1}", "user\nbag\nmetadata {\"plan\":null}\nread\n",
          "{\"blocked\":false}" },

        /* U3.2 waits for it */

        { DATABASE, SHIPPED, "{\"blocked\":false,"
          "\"user_metadata\":{\"\":1}}", NULL,
          "user\nreserved user_metadata.", "{\"blocked\":false}" },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        row.user_id = rows[i].user_id;
        row.calls = rows[i].calls;
        row.body = rows[i].body;
        row.bag = rows[i].bag;
        row.plan = rows[i].plan;

        test_upgrade_stored = rows[i].user;

        test_upgrade_check(shipped, &row);
    }

    test_upgrade_stored = "{}";
}


/* U4.7: a user who is none */

static void
broken_users(void **state)
{
    size_t      i;
    row_t       row;
    test_out_t  out;

    static const struct {
        const char        *user;
        profile_reason_e   reason;
    } rows[] = {
        { "", PROFILE_TRUNCATED }, { "{\"a\":1", PROFILE_TRUNCATED },
        { "[]", PROFILE_NOT_OBJECT }, { "7", PROFILE_NOT_OBJECT },
        { "{} x", PROFILE_TRAILING_DATA }, { "OK", PROFILE_INVALID_JSON },
    };

    (void) state;

    memset(&row, 0, sizeof(row));

    row.user_id = DATABASE;
    row.calls = SHIPPED;
    row.body = "{\"blocked\":false}";

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(&out, 0, sizeof(out));
        test_upgrade_stored = rows[i].user;

        assert_int_equal(test_upgrade_plan(shipped, &row, &out),
                         rows[i].reason);
        assert_memory_equal(out.data, "user\n", 5);

        free(out.data);
    }

    test_upgrade_stored = "{}";
}


/* U3.7, U4.6: by the call that the schema names */

static void
ways(void **state)
{
    profile_schema_t  *s;

    static const row_t  rows[] = {
        { DATABASE, SHIPPED, "{\"name\":\"N\",\"picture\":null,"
          "\"app_metadata\":{\"name\":1},\"nickname\":\"\\u0041\"}", NULL,
          "metadata {\"name\":\"N\",\"picture\":null,"
          "\"nickname\":\"\\u0041\",\"am_name\":1}\nread\n" },
        { DATABASE, SHIPPED & NO(METADATA), "{\"name\":\"N\"}", NULL,
          "user\nunsupported name" },

        /* a clear leaves them */

        { DATABASE, SHIPPED, "{\"app_metadata\":{},\"user_metadata\":{},"
          "\"name\":\"N\"}", "{\"name\":\"M\",\"picture\":\"P\",\"plan\":1}",
          "bag\nmetadata {\"name\":\"N\",\"plan\":null}\nread\n" },

        /* in a create, too: null is nothing */

        { NULL, SHIPPED, "{\"name\":\"N\",\"picture\":null,"
          "\"email\":null}", NULL,
          "create {\"name\":\"N\",\"email\":null}\n" },
    };

    static const row_t  other[] = {
        { "p|1", ALL, "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"email\":5,"
          "\"verify_email\":6,\"verify_password\":7}", NULL,
          "email {\"a\":1}\npassword {\"b\":2,\"verify\":7}\n"
          "attributes {\"c\":3,\"email\":5,\"verify_email\":6}\n"
          "metadata {\"d\":4}\nread\n" },

        /* another call never takes the place of the one that is named */

        { "p|1", NO(EMAIL) & NO(PASSWORD), "{\"a\":1,\"b\":2,\"c\":3}", NULL,
          "user\nunsupported a, b" },
        { "p|1", NO(ATTRIBUTES), "{\"c\":3,\"email\":5}", NULL,
          "user\nunsupported c, email" },
        { "q|1", ALL, "{\"d\":4,\"verify_email\":1}", NULL,
          "attributes {\"d\":4,\"verify_email\":1}\nread\n" },
    };

    (void) state;

    check_rows(shipped, rows);

    s = test_schema("provider p; provider q; option verify_email;"
                    "option verify_password; writable a via=email;"
                    "writable b via=password; writable c via=attributes;"
                    "writable d; writable d for=p via=metadata;"
                    "writable email via=attributes;");
    check_rows(s, other);
    profile_schema_destroy(s);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(ways),
        cmocka_unit_test(repeats),
        cmocka_unit_test(broken_users),
    };

    return cmocka_run_group_tests(tests, shipped_setup, shipped_teardown);
}
