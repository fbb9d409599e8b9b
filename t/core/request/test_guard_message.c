
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * The answer to a write that is refused: its words, and that a name cannot
 * break out of them (H5.5, H5.11).
 */


#include "core/profile_error.h"
#include "core/profile_reason.h"
#include "request/guard_test.h"


#define T_UPDATE(id)    PROFILE_GUARD_V2, PROFILE_UPDATE, id
#define T_CREATE        PROFILE_GUARD_V2, PROFILE_CREATE, NULL
#define T_V1(id)        PROFILE_GUARD_V1, PROFILE_UPDATE, id

#define T_FACEBOOK      T_UPDATE("facebook|10")


typedef struct {
    profile_guard_mode_e  mode;
    profile_action_e      action;
    const char           *user_id;
    const char           *body;
    const char           *message;
} message_t;


static void
messages(void **state)
{
    size_t        n;
    test_guard_t  t;

    static const message_t  rows[] = {

        { T_FACEBOOK, "{\"name\":1,\"picture\":2}",
          "The following user attributes cannot be updated: name, picture. "
          "The connection's identity provider is \"facebook\"; what it sends "
          "and what the system sets are read-only. Store values of your own "
          "in \"user_metadata\" or \"app_metadata\"." },
        { T_CREATE, "{\"connection\":\"sms\",\"picture\":1,\"x\":2}",
          "The following user attributes cannot be set: x. "
          "The connection's identity provider is \"sms\"; what it sends "
          "and what the system sets are read-only. Store values of your own "
          "in \"user_metadata\" or \"app_metadata\"." },
        { T_UPDATE("x"), "{\"name\":1}",
          "The following user attributes cannot be updated: name. "
          "The connection's identity provider is not known, so only what any "
          "user may change can be written. Store values of your own in "
          "\"user_metadata\" or \"app_metadata\"." },
        { T_V1("facebook|10"), "{\"name\":1}",
          "The following user attributes cannot be updated: name. "
          "The connection's identity provider is \"facebook\"; what it sends "
          "and what the system sets are read-only. Store values of your own "
          "under other names." },

        { T_FACEBOOK, "{\"blocked\":1,\"blocked\":2}",
          "The following names stand more than once in the request body: "
          "blocked." },
        { T_FACEBOOK, "{\"user_metadata\":{\"a\":{\"constructor\":2}}}",
          "The following names are forbidden in a request body, at any depth: "
          "constructor." },
        { T_FACEBOOK, "{\"user_metadata\":1}",
          "The following members must be an object or null: user_metadata." },
        { T_FACEBOOK, "{\"app_metadata\":{\"email\":1}}",
          "The following names are reserved and cannot be used in metadata: "
          "app_metadata.email." },
        { T_FACEBOOK, "{\"user_metadata\":{\"$a\":1}}",
          "The following metadata names contain a dot or begin with a dollar "
          "sign: user_metadata.$a." },

        { T_FACEBOOK, "{\"a\":1,}",
          "Invalid request body: invalid JSON at byte 7." },
        { T_FACEBOOK, "{\"\\u0000\":1}",
          "Invalid request body: a name with a NUL or a lone surrogate at "
          "byte 1." },
        { T_FACEBOOK, "[]",
          "Invalid request body: the body is not a JSON object." },
        { T_FACEBOOK, "", "Invalid request body: the body is empty." },
    };

    (void) state;

    for (n = 0; n < sizeof(rows) / sizeof(message_t); n++) {
        memset(&t, 0, sizeof(t));

        t.schema = shipped;
        t.mode = rows[n].mode;
        t.action = rows[n].action;
        t.user_id = rows[n].user_id;

        assert_int_not_equal(test_guard(&t, rows[n].body,
                                        strlen(rows[n].body)),
                             PROFILE_OK);
        assert_string_equal(t.message, rows[n].message);
    }
}


static void
message_names(void **state)
{
    int           i;
    char          body[8192], expected[2048], *p, *e;
    test_guard_t  t;

    (void) state;

    memset(&t, 0, sizeof(t));

    t.schema = shipped;
    t.action = PROFILE_UPDATE;
    t.user_id = "facebook|10";

    /* cut at 64 bytes, and not within a character */

    (void) snprintf(body, sizeof(body), "{\"%064d\":1,\"%065d\":2,"
                    "\"%062d\xe2\x82\xac\":3,\"%061d\xe2\x82\xac\":4,"
                    "\"%061d\xe2\x82\xac.\":5,\"%063d\xe2\x82\xac\":6}",
                    0, 0, 0, 0, 0, 0);
    (void) snprintf(expected, sizeof(expected), "%064d, %064d..., %062d..., "
                    "%061d\xe2\x82\xac, %061d\xe2\x82\xac..., %063d...",
                    0, 0, 0, 0, 0, 0);

    assert_int_equal(test_guard(&t, body, strlen(body)), PROFILE_ATTRIBUTES);
    assert_string_equal(t.names, expected);
    assert_int_equal(t.nrefused, 6);

    /* 20 of them, then their number */

    p = body;
    e = expected;

    for (i = 0; i < 20; i++) {
        p += sprintf(p, "%s\"x%d\":%d", i ? "," : "{", i, i);
        e += sprintf(e, "%sx%d", i ? ", " : "", i);
    }

    (void) strcpy(p, "}");

    assert_int_equal(test_guard(&t, body, strlen(body)), PROFILE_ATTRIBUTES);
    assert_string_equal(t.names, expected);

    for ( /* void */ ; i < 123; i++) {
        p += sprintf(p, ",\"x%d\":%d", i, i);
    }

    (void) strcpy(p, "}");
    (void) strcpy(e, " and 103 more");

    assert_int_equal(test_guard(&t, body, strlen(body)), PROFILE_ATTRIBUTES);
    assert_string_equal(t.names, expected);
    assert_int_equal(t.nrefused, 123);
}


static void
answers(void **state)
{
    test_guard_t   t;
    profile_buf_t  out;
    profile_str_t  phrase = profile_string("Bad Request");
    profile_str_t  message, none;

    static const char  body[] = "{\"\\\",\\\\\\n\xc3\xa9\":1}";

    (void) state;

    memset(&t, 0, sizeof(t));
    memset(&out, 0, sizeof(out));
    memset(&none, 0, sizeof(none));

    t.schema = shipped;
    t.action = PROFILE_UPDATE;
    t.user_id = "x|1";

    /* a name cannot break out of the answer */

    assert_int_equal(test_guard(&t, body, sizeof(body) - 1),
                     PROFILE_ATTRIBUTES);

    t.message[strlen("The following user attributes cannot be updated: "
                     "\",\\\n\xc3\xa9.")] = '\0';

    message.data = (const u_char *) t.message;
    message.len = strlen(t.message);

    assert_int_equal(
        profile_error_answer(&test_alloc, &out,
                             profile_reason_status(PROFILE_ATTRIBUTES),
                             &phrase, &message,
                             profile_reason_code(PROFILE_ATTRIBUTES)), 0);
    assert_int_equal(profile_error_answer(&test_alloc, &out, 502, &none, &none,
                                          &none), 0);
    assert_int_equal(profile_buf_append(&test_alloc, &out, "", 1), 0);

    assert_string_equal(out.data,
        "{\"statusCode\":400,\"error\":\"Bad Request\",\"message\":\""
        "The following user attributes cannot be updated: "
        "\\\",\\\\\\u000a\xc3\xa9.\",\"errorCode\":"
        "\"operation_not_supported\"}"
        "{\"statusCode\":502,\"error\":\"\",\"message\":\"\"}");

    profile_buf_free(&test_alloc, &out);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(messages),
        cmocka_unit_test(message_names),
        cmocka_unit_test(answers),
    };

    return cmocka_run_group_tests(tests, shipped_setup, shipped_teardown);
}
