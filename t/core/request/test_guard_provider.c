
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * By which provider a write is judged (H5.5, H5.6), whatever stands for its
 * name.  It fails when a spelling that a backend reads as a provider is judged
 * by less than that provider sends.
 */


#include "request/guard_test.h"


#define T_UPDATE(id)    PROFILE_GUARD_V2, PROFILE_UPDATE, id
#define T_V1(id)        PROFILE_GUARD_V1, PROFILE_UPDATE, id


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


/* v1, by the id: the union where the name of the provider is none */

static void
ids(void **state)
{
    size_t  i;
    row_t   row = { T_V1(NULL), "{\"age_range\":1,\"html_url\":2,"
                    "\"photo_1\":3,\"urn:oid:2:5\":4,\"theme\":5}",
                    PROFILE_ATTRIBUTES,
                    "age_range, html_url, photo_1, urn:oid:2:5" };

    static const char *const  odd[] = {
        "|10", "facebook%7C10", "f\xc3\xa1" "cebook|10", "facebook |10",
        " facebook|10", "facebook\xef\xbd\x9c" "10", "face\xc2\xad" "book|10",
        "faceboo\xe2\x84\xaa|10", "facebook/|10", "facebook;x|10", "a b|10",
        "facebook+|1", "facebook%2e|1", "\xd0\xb0|1", "facebook:|1", "a@b"
    };

    static const char *const  plain[] = {
        "acme|10", "acme-intranet|10", "my.idp_2|10", "ACME|10", "10", "-|1"
    };

    (void) state;

    for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
        row.user_id = odd[i];
        check(shipped, &row);
    }

    row.reason = PROFILE_OK;
    row.names = NULL;

    for (i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        row.user_id = plain[i];
        check(shipped, &row);
    }
}


/* what is declared is what it is, however odd its name */

static void
declared(void **state)
{
    profile_schema_t  *s;

    static const row_t  rows[] = {
        { T_V1("my idp|1"), "{\"a\":1,\"b\":2,\"every\":3}",
          PROFILE_ATTRIBUTES, "a, every" },
        { T_V1("MY IDP|1"), "{\"a\":1,\"b\":2}", PROFILE_ATTRIBUTES, "a" },
        { T_V1("my  idp|1"), "{\"a\":1,\"b\":2,\"every\":3,\"c\":4}",
          PROFILE_ATTRIBUTES, "a, b, every" },
        { T_V1("my-idp|1"), "{\"a\":1,\"b\":2,\"every\":3}",
          PROFILE_ATTRIBUTES, "every" },

        /* a prefix and metadata by name hide what providers send */

        { T_V1("my  idp|1"), "{\"um_b\":1,\"plan\":2,\"PLAN\":3}",
          PROFILE_OK, NULL },
    };

    (void) state;

    s = test_schema("provider 'my idp' a; provider q b plan; provider * every;"
                    "app_metadata plan; metadata_prefix user_metadata um_;");

    check_rows(s, rows);

    profile_schema_destroy(s);
}


/* the nginx side does not know the id: any provider's user */

static void
any(void **state)
{
    size_t                 i;
    profile_guard_t       *g;
    profile_guard_conf_t   conf;

    static const char *const  bodies[] = {
        "{\"age_range\":1}", "{\"HTML_URL\":1}", "{\"photo_1\":1}"
    };

    (void) state;

    for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        memset(&conf, 0, sizeof(conf));

        conf.schema = shipped;
        conf.mode = PROFILE_GUARD_V1;
        conf.action = PROFILE_UPDATE;
        conf.any = 1;
        conf.max_size = 1024;
        conf.max_depth = 16;

        g = profile_guard_create(&test_alloc, &conf);

        (void) profile_guard_feed(g, (const u_char *) bodies[i],
                                  strlen(bodies[i]));

        assert_int_equal(profile_guard_finish(g), PROFILE_ATTRIBUTES);

        profile_guard_destroy(g);
    }
}


/* a create, by its connection */

static void
connections(void **state)
{
    size_t  i;
    char    body[256];
    row_t   row = { PROFILE_GUARD_V2, PROFILE_CREATE, NULL, body, PROFILE_OK,
                    NULL };

    static const struct {
        const char        *connection;
        profile_reason_e   reason;
        const char        *names;
    } rows[] = {

        /* a provider, in whatever way it is written */

        { "\"facebook\"", PROFILE_ATTRIBUTES, "name" },
        { "\"Facebook\"", PROFILE_ATTRIBUTES, "name" },
        { "\"FACEBOOK\"", PROFILE_ATTRIBUTES, "name" },
        { "\"facebook \"", PROFILE_ATTRIBUTES, "name" },
        { "\" \\t\\u000bFacebook\\r\\n\"", PROFILE_ATTRIBUTES, "name" },
        { "\"faceboo\\u212a\"", PROFILE_ATTRIBUTES, "name" },
        { "\"faceboo\xe2\x84\xaa\"", PROFILE_ATTRIBUTES, "name" },
        { "\"facebook\\u00a0\"", PROFILE_ATTRIBUTES, "name" },
        { "\"\\ufefffacebook\"", PROFILE_ATTRIBUTES, "name" },
        { "\"face\\u00adbook\"", PROFILE_ATTRIBUTES, "name" },
        { "\"\\uff46acebook\"", PROFILE_ATTRIBUTES, "name" },

        /* what is no string, or not all of one */

        { "\"facebook\\u0000\"", PROFILE_CONNECTION, "connection" },
        { "\"\\u0000\"", PROFILE_CONNECTION, "connection" },
        { "\"auth0\\ud800\"", PROFILE_CONNECTION, "connection" },
        { "[\"facebook\"]", PROFILE_CONNECTION, "connection" },
        { "{\"a\":\"facebook\"}", PROFILE_CONNECTION, "connection" },
        { "null", PROFILE_CONNECTION, "connection" },
        { "true", PROFILE_CONNECTION, "connection" },
        { "0", PROFILE_CONNECTION, "connection" },

        /* a database */

        { "\"auth0\"", PROFILE_OK, NULL },
        { "\" AUTH0\"", PROFILE_OK, NULL },
        { "\"Username-Password-Authentication\"", PROFILE_OK, NULL },
        { "\"My users\"", PROFILE_OK, NULL },
        { "\"face book\"", PROFILE_OK, NULL },
        { "\"\"", PROFILE_OK, NULL },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        (void) snprintf(body, sizeof(body), "{\"name\":1,\"connection\":%s}",
                        rows[i].connection);

        row.reason = rows[i].reason;
        row.names = rows[i].names;

        check(shipped, &row);
    }

    /* of an update it is only an option */

    row.action = PROFILE_UPDATE;
    row.user_id = "auth0|1";
    row.body = "{\"name\":1,\"connection\":[\"facebook\"]}";
    row.reason = PROFILE_OK;
    row.names = NULL;

    check(shipped, &row);
}


/* the message tells of no provider that is none */

static void
message(void **state)
{
    test_guard_t  t;

    (void) state;

    memset(&t, 0, sizeof(t));

    t.schema = shipped;
    t.mode = PROFILE_GUARD_V1;
    t.action = PROFILE_UPDATE;
    t.user_id = "facebook |10";

    (void) test_guard(&t, "{\"html_url\":1}", 14);

    assert_string_equal(t.message, "The following user attributes cannot be "
                        "updated: html_url. The connection's identity provider "
                        "is not known, so only what any user may change can be "
                        "written. Store values of your own under other names.");
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(ids),
        cmocka_unit_test(declared),
        cmocka_unit_test(any),
        cmocka_unit_test(connections),
        cmocka_unit_test(message),
    };

    return cmocka_run_group_tests(tests, shipped_setup, shipped_teardown);
}
