
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves which words of a v1 error reach the client of v2 (U6): one member's,
 * short, and nothing of what is no JSON.
 */


#include "core/response/profile_message.h"
#include "profile_test.h"


static void
check(const char *text, size_t len, const char *expected)
{
    u_char             *copy;
    profile_message_t   out;

    memset(&out, 0, sizeof(out));

    copy = malloc(len);
    memcpy(copy, text, len);

    assert_int_equal(profile_message(&test_alloc, copy, len, &out), 0);

    free(copy);

    if (out.text.len != strlen(expected)
        || (out.text.len
            && memcmp(out.text.data, expected, out.text.len) != 0))
    {
        fail_msg("%s\ngives \"%.*s\"\nnot \"%s\"", text, (int) out.text.len,
                 out.text.len ? (char *) out.text.data : "", expected);
    }

    profile_message_free(&test_alloc, &out);
}


static const char  *bodies[][2] = {

    /* the forms that v1 has */

    { "{\"error\":\"The user does not exist.\"}",
      "The user does not exist." },
    { "{\"code\":400,\"error\":\"Bad Request\",\"message\":\"too short\"}",
      "too short" },
    { "{\"code\":409,\"error\":\"conflict\",\"detail\":\"taken\"}",
      "taken" },
    { "{\"error\":\"x\",\"error_description\":\"expired\"}", "expired" },
    { " {\"statusCode\":404,\"error\":\"Not Found\",\"message\":\"no\"}\n",
      "no" },

    /* the order is that of the names */

    { "{\"error\":\"1\",\"detail\":\"2\",\"error_description\":\"3\","
      "\"message\":\"4\"}", "4" },
    { "{\"message\":\"4\",\"error_description\":\"3\",\"detail\":\"2\","
      "\"error\":\"1\"}", "4" },
    { "{\"error\":\"1\",\"detail\":\"2\"}", "2" },
    { "{\"message\":\"1\",\"message\":\"2\"}", "1" },

    /* strings only, and not empty ones */

    { "{\"message\":{\"message\":\"x\"},\"error\":\"e\"}", "e" },
    { "{\"message\":[\"x\"],\"detail\":null,\"error\":true}", "" },
    { "{\"message\":\"\",\"error\":\"e\"}", "e" },
    { "{\"Message\":\"y\",\"errors\":5,\"error\":[7]}", "" },

    /* what errors, and an error, hold */

    { "{\"errors\":{\"email\":[\"is taken\",\"is long\"],\"a\":[\"b\"]}}",
      "email: is taken" },
    { "{\"errors\":{\"email\":\"is taken\"}}", "email: is taken" },
    { "{\"errors\":{\"em\\u0061il\":{\"code\":\"x\",\"message\":\"m\"}}}",
      "email: m" },
    { "{\"errors\":{\"base\":[\"not now\"]}}", "not now" },
    { "{\"errors\":{\"a\":[],\"b\":[5,null,\"\"],\"c\":[\"d\"]}}",
      "c: d" },
    { "{\"errors\":{\"<a>\":[\"b\"]}}", "b" },
    { "{\"errors\":{\"a\":[\"<b>\"]}}", "" },
    { "{\"errors\":{\"a\":[[\"b\"]]}}", "" },
    { "{\"errors\":[\"a\",\"b\"]}", "a" },
    { "{\"errors\":[{\"status\":\"422\",\"codes\":[\"x\"],\"title\":\"t\"}]}",
      "t" },
    { "{\"errors\":[{\"source\":{\"pointer\":\"/a\"},\"detail\":\"d\"}]}",
      "d" },
    { "{\"errors\":\"a\"}", "a" },
    { "{\"error\":{\"code\":\"c\",\"message\":\"m\"}}", "m" },
    { "{\"error\":{\"code\":\"c\",\"reason\":[\"r\"]}}", "" },
    { "{\"error\":[\"a\"]}", "a" },
    { "{\"error\":\"Conflict\",\"errors\":[\"taken\"]}", "taken" },
    { "{\"errors\":[\"taken\"],\"message\":\"m\",\"errorMessage\":\"e\"}",
      "m" },
    { "{\"errors\":[\"taken\"],\"a\":[\"b\"],\"errors\":[\"c\"]}",
      "taken" },
    { "{\"errorMessage\":\"User exists\"}", "User exists" },
    { "{\"type\":\"/x\",\"title\":\"t\",\"status\":409}", "t" },
    { "{\"title\":\"t\",\"errors\":{\"a\":[\"b\"]}}", "a: b" },
    { "{\"title\":\"t\",\"detail\":\"d\"}", "d" },
    { "{\"errors\":{\"a\":[\"b\"", "a: b" },

    /* unescaped */

    { "{\"mess\\u0061ge\":\"\\u00e9\\\"\\/\\t\"}", "\xc3\xa9\"/\t" },
    { "\xef\xbb\xbf{\"message\":\"bom\"}", "bom" },

    /* the first line: what follows is for nobody */

    { "{\"message\":\"Error: x\\n    at f (/srv/app.js:1:2)\"}",
      "Error: x" },
    { "{\"message\":\"a\\r\\nb\"}", "a" },
    { "{\"message\":\"\\nb\"}", "" },
    { "{\"message\":\" \\t \",\"error\":\"e\"}", "e" },
    { "{\"message\":\"\\r\",\"error\":\"e\"}", "e" },

    /* no HTML */

    { "{\"message\":\"<html>x</html>\",\"error\":\"e\"}", "e" },
    { "{\"message\":\" \\t\\u003c!DOCTYPE html>\"}", "" },
    { "{\"message\":\"a < b\"}", "a < b" },

    /* no JSON, or none that says anything */

    { "", "" }, { "OK", "" }, { "null", "" }, { "\"message\"", "" },
    { "[{\"message\":\"x\"}]", "" }, { "{}", "" },
    { "<html><title>502</title></html>", "" },
    { "{\"message\":\"x\"} trailing", "" },
    { "{\"message\":\"x\",}", "" }, { "{\"message\":\"\xff\"}", "" },

    /* cut off behind the message */

    { "{\"message\":\"x\",\"trace\":\"aaaaaaaaaaaaaaaa", "x" },
    { "{\"message\":\"x", "" },
};


static void
forms(void **state)
{
    size_t  i;

    (void) state;

    for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        check(bodies[i][0], strlen(bodies[i][0]), bodies[i][1]);
    }
}


static void
length(void **state)
{
    int   n;
    char  text[2048], expected[1024];

    (void) state;

    (void) snprintf(text, sizeof(text), "{\"message\":\"%0500d\"}", 0);
    (void) snprintf(expected, sizeof(expected), "%0500d", 0);
    check(text, strlen(text), expected);

    (void) snprintf(text, sizeof(text), "{\"message\":\"%0501d\"}", 0);
    check(text, strlen(text), expected);

    /* not within a character */

    (void) snprintf(text, sizeof(text), "{\"message\":\"%0498d\xe2\x82\xac\"}",
                    0);
    (void) snprintf(expected, sizeof(expected), "%0498d", 0);
    check(text, strlen(text), expected);

    (void) snprintf(text, sizeof(text), "{\"message\":\"%0497d\\u20ac%d\"}",
                    0, 1);
    (void) snprintf(expected, sizeof(expected), "%0497d\xe2\x82\xac", 0);
    check(text, strlen(text), expected);

    /* what another text has left behind it does not count */

    n = sprintf(text, "{\"detail\":\"a");

    while (n < 620) {
        n += sprintf(text + n, "\xc3\xa9");
    }

    (void) sprintf(text + n, "\",\"message\":\"%0500d\"}", 0);
    (void) sprintf(expected, "%0500d", 0);
    check(text, strlen(text), expected);
}


/* what else the body holds may be nested */

static void
depth(void **state)
{
    char    text[512];
    size_t  n;

    (void) state;

    for (n = 126; n <= 128; n++) {
        (void) strcpy(text, "{\"message\":\"m\",\"a\":");
        memset(text + 19, '[', n);
        memset(text + 19 + n, ']', n);
        (void) strcpy(text + 19 + 2 * n, "}");

        check(text, strlen(text), n < 128 ? "m" : "");
    }
}


/* the code, and whether the body is an object */

static void
codes(void **state)
{
    size_t              i;
    profile_message_t   out;

    static const struct {
        const char  *text;
        const char  *code;
        int          object;
        int          other;
    } rows[] = {
        { "{\"errorCode\":\"insufficient_scope\",\"message\":\"m\"}",
          "insufficient_scope", 1, 0 },
        { " {\"message\":\"m\",\"error\\u0043ode\":\"A-Z.09_\"}\n", "A-Z.09_",
          1, 0 },
        { "{\"errorCode\":1,\"errorCode\":\"\",\"errorCode\":\"b\","
          "\"errorCode\":\"c\"}", "b", 1, 1 },
        { "{\"errorCode\":\"a\",\"errorCode\":{}}", "a", 1, 1 },
        { "{\"errorCode\":[1]}", "", 1, 1 },
        { "{\"errorCode\":null}", "", 1, 1 },
        { "{\"errorCode\":\"a b\"}", "", 1, 1 },
        { "{\"errorCode\":\"<b>\"}", "", 1, 1 },
        { "{\"errorCode\":\"\\u0061\"}", "", 1, 1 },
        { "{\"errorCode\":\"\xc3\xa9\"}", "", 1, 1 },
        { "{\"errorcode\":\"a\",\"code\":\"b\"}", "", 1, 0 },
        { "{\"x\":{\"errorCode\":\"a\"}}", "", 1, 0 },
        { "[{\"errorCode\":\"a\"}]", "", 0, 0 },
        { "{\"errorCode\":\"a\",\"message\":\"", "a", 0, 0 },
        { "{\"errorCode\":\"a\"} x", "", 0, 0 },
        { "{}", "", 1, 0 },
        { "[]", "", 0, 0 }, { "null", "", 0, 0 }, { "\"x\"", "", 0, 0 },
        { "", "", 0, 0 }, { "{", "", 0, 0 }, { "<html>", "", 0, 0 },
        { "{\"errorCode\":\"0123456789012345678901234567890123456789012345678"
          "901234567890123\"}", "01234567890123456789012345678901234567890123"
          "45678901234567890123", 1, 0 },
        { "{\"errorCode\":\"0123456789012345678901234567890123456789012345678"
          "9012345678901234\"}", "", 1, 1 },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        memset(&out, 0, sizeof(out));

        assert_int_equal(profile_message(&test_alloc,
                                         (const u_char *) rows[i].text,
                                         strlen(rows[i].text), &out), 0);

        if (out.object != (unsigned) rows[i].object
            || out.other != (unsigned) rows[i].other
            || out.code.len != strlen(rows[i].code)
            || (out.code.len
                && memcmp(out.code.data, rows[i].code, out.code.len) != 0))
        {
            fail_msg("%s\ngives \"%.*s\", %u", rows[i].text,
                     (int) out.code.len,
                     out.code.len ? (char *) out.code.data : "", out.object);
        }

        profile_message_free(&test_alloc, &out);
    }
}


static void
allocations(void **state)
{
    int                 rc;
    unsigned long       n;
    profile_message_t   out;

    static const char  text[] = "{\"error\":\"x\",\"mess\\u0061ge\":\"y\","
                                "\"errorCode\":\"z\"}";

    (void) state;

    for (n = 1; /* void */ ; n++) {
        memset(&out, 0, sizeof(out));
        test_alloc_fail(n);

        rc = profile_message(&test_alloc, (const u_char *) text,
                             sizeof(text) - 1, &out);

        profile_message_free(&test_alloc, &out);

        if (test_alloc_count() < n) {
            break;
        }

        assert_int_equal(rc, -1);
    }

    test_alloc_fail(0);

    assert_int_equal(rc, 0);
    assert_true(n > 3);
    assert_int_equal(test_alloc_blocks(), 0);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(forms),
        cmocka_unit_test(length),
        cmocka_unit_test(depth),
        cmocka_unit_test(codes),
        cmocka_unit_test(allocations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
