
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * What the guard says of the text of a body (H5.3): each production of
 * RFC 8259 as it must be and as it must not be, at the offset that is to
 * blame; and bodies made to exhaust it.
 */


#include "request/guard_test.h"


/* values stand here, so offsets of theirs count from 22 */

#define BEFORE  "{\"user_metadata\":{\"v\":"
#define AFTER   "}}"


typedef struct {
    const char        *text;
    size_t             len;
    profile_reason_e   reason;
    size_t             offset;
} text_t;


#define good(text)           { text, sizeof(text) - 1, PROFILE_OK, 0 }
#define json(text, offset)   { text, sizeof(text) - 1,                       \
                               PROFILE_INVALID_JSON, offset }
#define utf8(text, offset)   { text, sizeof(text) - 1,                       \
                               PROFILE_INVALID_UTF8, offset }
#define cut(text)            { text, sizeof(text) - 1,                       \
                               PROFILE_TRUNCATED, sizeof(text) - 1 }
#define open(text)           { text, sizeof(text) - 1, PROFILE_TRUNCATED,    \
                               sizeof(text AFTER) - 1 }
#define tail(text, offset)   { text, sizeof(text) - 1,                       \
                               PROFILE_TRAILING_DATA, offset }
#define root(text, offset)   { text, sizeof(text) - 1,                       \
                               PROFILE_NOT_OBJECT, offset }
#define name(text, offset)   { text, sizeof(text) - 1,                       \
                               PROFILE_NAME, offset }


#define large(text, offset)  { text, sizeof(text) - 1,                       \
                               PROFILE_NUMBER_TOO_LARGE, offset }

#define ZEROS  "00000000000000000000000000000000000000000000000000"          \
               "00000000000000000000000000000000000000000000000000"
#define ZEROS_300  ZEROS ZEROS ZEROS


static profile_schema_t  *schema;


/* 3. Values, 6. Numbers, 7. Strings, 4. Objects, 5. Arrays, 2. Grammar */

static const text_t  values[] = {

    good("null"), good("true"), good("false"),

    json("nul", 3), json("nil", 1), json("Null", 0), json("NULL", 0),
    json("nulll", 4), json("True", 0), json("TRUE", 0), json("tru", 3),
    json("truE", 3), json("trueish", 4), json("fals", 4), json("False", 0),
    json("undefined", 0), json("NaN", 0), json("nan", 1), json("Infinity", 0),
    json("-Infinity", 1), json("", 0), json("yes", 0), json("n ull", 1),
    json("'x'", 0), json("x", 0), json("`x`", 0), json("/x/", 0),

    good("0"), good("-0"), good("1"), good("10"), good("-1"), good("9"),
    good("1234567890"), good("0.0"), good("-0.0"), good("1.5"), good("0.05"),
    good("1e0"), good("1E0"), good("1e+0"), good("1e-0"), good("1E+10"),
    good("0e00"), good("-0E-0"), good("1.5e5"), good("1e308"), good("1e-400"),
    good("9007199254740993"), good("18446744073709551616"),
    good("123456789012345678901234567890.123456789012345678901234567890"),

    /* what a double holds, and what it does not */

    good("1.7976931348623157e308"), good("-1.7976931348623157E+308"),
    good("17976931348623157e292"), good("1.79769313486231570e0308"),
    good("0.0000017976931348623157e314"), good("9.9e307"), good("0e999"),
    good("-0.00e99999999999999999999999"), good("1e-99999999999999999999999"),
    good("1" ZEROS_300 "00000000"), good("1" ZEROS_300 ZEROS "e-92"),
    good("0." ZEROS_300 "1e609"), good("0." ZEROS_300 ZEROS "1e700"),
    large("1e309", 0), large("1e999", 0), large("-1e999", 0),
    large("1E+400", 0), large("1.7976931348623158e308", 0), large("2e308", 0),
    large("1.797693134862315700000001e309", 0), large("0.0018e311", 0),
    large("17976931348623158e292", 0), large("1" ZEROS_300 "000000000", 0),
    large("1" ZEROS_300 ZEROS "e-91", 0), large("0." ZEROS_300 "1e610", 0),
    large("1e99999999999999999999999", 0), large("1.0e00000000000400", 0),
    large("[1,1e999,2e999]", 3), large("{\"a\":[[{\"b\":-1e400}]]}", 12),

    json("+1", 0), json("-", 1), json("--1", 1), json("- 1", 1),
    json("01", 1), json("-01", 2), json("00", 1), json("-00", 2),
    json("0x1F", 1), json("0b1", 1), json("0o7", 1), json("1_000", 1),
    json("1,000.0", 2), json(".5", 0), json("-.5", 1), json("1.", 2),
    json("1.e5", 2), json("1.5.5", 3), json("1e", 2), json("1e+", 3),
    json("1e-", 3), json("1e5.5", 3), json("e5", 0), json("1ee5", 2),
    json("1f", 2), json("1L", 1), json("1n", 2), json("1 2", 2),
    json("\xef\xbc\x91", 0), json("\xd9\xa1", 0), json("1\xc2\xa0", 1),
    json("$1", 0), json("#1", 0), json("\\u0031", 0),

    good("\"\""), good("\" \""), good("\"a\""), good("\"'\""), good("\"/\""),
    good("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), good("\"\\u0041\\u00e9\""),
    good("\"\\uABCD\\uabcd\\uFfFf\""), good("\"\\u0000\""),
    good("\"\\ud83d\\ude00\""), good("\"\\ud800\""), good("\"\\udc00\""),
    good("\"\\udc00\\ud800\""), good("\"\x7f\""), good("\"\xc2\x80\""),
    good("\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""), good("\"{}[],:\""),
    good("\"\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf\""),
    good("\"\xf0\x90\x80\x80\xf4\x8f\xbf\xbf\""), good("\"\xef\xbb\xbf\""),
    good("\"\xe2\x80\xa8\xe2\x80\xa9\""), good("\"/* */ // #\""),

    json("\"\\x41\"", 2), json("\"\\'\"", 2), json("\"\\a\"", 2),
    json("\"\\v\"", 2), json("\"\\0\"", 2), json("\"\\ \"", 2),
    json("\"\\U0041\"", 2), json("\"\\u\"", 3), json("\"\\u004\"", 6),
    json("\"\\u00g1\"", 5), json("\"\\u{41}\"", 3), json("\"\\u+041\"", 3),
    json("\"\\u 041\"", 3), json("\"\\\xc3\xa9\"", 2),
    json("\"\n\"", 1), json("\"\t\"", 1), json("\"\r\"", 1),
    json("\"\x1f\"", 1), json("\"\x01\"", 1), json("\"\0\"", 1),
    json("\"\x0b\"", 1), json("\"\x0c\"", 1), json("\"\\\n\"", 2),
    json("'", 0), json("a\"", 0), json("\"a\"\"b\"", 3),
    json("\"a\" \"b\"", 4), json("\"a\"+\"b\"", 3),

    utf8("\"\x80\"", 1), utf8("\"\xbf\"", 1), utf8("\"\xc3\"", 2),
    utf8("\"\xe2\x82\"", 3), utf8("\"\xf0\x9f\x98\"", 4),
    utf8("\"\xc0\x80\"", 1), utf8("\"\xc1\xbf\"", 1), utf8("\"\xc0\xa2\"", 1),
    utf8("\"\xe0\x80\x80\"", 2), utf8("\"\xe0\x9f\xbf\"", 2),
    utf8("\"\xf0\x80\x80\x80\"", 2), utf8("\"\xf0\x8f\xbf\xbf\"", 2),
    utf8("\"\xed\xa0\x80\"", 2), utf8("\"\xed\xbf\xbf\"", 2),
    utf8("\"\xed\xa0\xbd\xed\xb8\x80\"", 2), utf8("\"\xf4\x90\x80\x80\"", 2),
    utf8("\"\xf5\x80\x80\x80\"", 1), utf8("\"\xf8\x88\x80\x80\x80\"", 1),
    utf8("\"\xfc\x84\x80\x80\x80\x80\"", 1), utf8("\"\xfe\"", 1),
    utf8("\"\xff\"", 1), utf8("\"\xe9\"", 2), utf8("\"\xc3\xc3\xa9\"", 2),
    utf8("\xa0", 0),

    good("[]"), good("[ ]"), good("[1]"), good("[1,2]"), good("[[],[[]]]"),
    good("[null,true,false,0,\"\",[],{}]"), good("[\t1\n,\r2 ]"),

    json("[1,]", 3), json("[,1]", 1), json("[,]", 1), json("[1,,2]", 3),
    json("[1 2]", 3), json("[1:2]", 2), json("[1;2]", 2), json("[\"a\":1]", 4),
    json("[1}", 2), json("]", 0), json("[1]]", 3), json("(1)", 0),
    json("[x]", 1), json("[1,...]", 3), open("[\"\"\"]"),

    good("{}"), good("{ }"), good("{\"a\":1}"), good("{\"\":{\"\":{}}}"),
    good("{\"a\":1,\"b\":2}"), good("{\"a\":1,\"a\":2}"),
    good("{\t\"a\"\n:\r1 }"),

    json("{\"a\":1,}", 7), json("{,\"a\":1}", 1), json("{\"a\":1,,}", 7),
    json("{\"a\"}", 4), json("{\"a\",1}", 4), json("{\"a\":}", 5),
    json("{\"a\"=1}", 4), json("{\"a\"=>1}", 4), json("{\"a\"::1}", 5),
    json("{a:1}", 1), json("{'a':1}", 1), json("{1:1}", 1),
    json("{null:1}", 1), json("{[]:1}", 1), json("{{}:1}", 1),
    json("{:1}", 1), json("{\"a\":1 \"b\":2}", 7), json("{\"a\":1]", 6),
    json("{\"a\":1;\"b\":2}", 6), json("{\"a\" \"b\"}", 5),
    json("{\"a\":1,\"b\"}", 10), json("{\"a\":1,b}", 7), json("{1}", 1),

    json("1/**/", 1), json("/**/1", 0), json("//\n1", 0), json("1#", 1),
    json("<!---->1", 0), json("[1,/*x*/2]", 3), json("{/**/}", 1),
    json("\x0b" "1", 0), json("1\x0c", 1), json("\x00" "1", 0),
    json("\x1e" "1", 0), json("\xc2\xa0" "1", 0), json("\xe2\x80\xa8" "1", 0),
    json("\xef\xbb\xbf" "1", 0), json("\xe3\x80\x80" "1", 0),
    json("\x08" "1", 0), json("\x7f" "1", 0), json("\\n1", 0),
};


/* 2. Grammar, 8.1 Encoding: the text as a whole */

static const text_t  bodies[] = {

    good("{}"), good(" {}"), good("{} "), good("\t\n\r {\t\n\r }\t\n\r "),
    good("{\"user_metadata\":{}}"),

    { "", 0, PROFILE_EMPTY_BODY, 0 },
    cut(" "), cut("\n\n"), cut("{"), cut("{ "), cut("{\"a"), cut("{\"a\""),
    cut("{\"a\":"), cut("{\"a\":1"), cut("{\"a\":1,"), cut("{\"a\":tru"),
    cut("{\"a\":\"\\"), cut("{\"a\":\"\\u00"), cut("{\"a\":[{}"),
    cut("{\"a\":\"\xc3"), cut("{\"user_metadata\":{}"), cut("["), cut("\""),
    cut("{\"a\":-"), cut("nul"),

    root("null", 0), root("true", 0), root("1", 0), root(" -1.5e3 ", 1),
    root("\"\"", 0), root("\"{}\"", 0), root("[]", 0), root(" [{}]", 1),
    root("[{\"name\":1}]", 0), root("[{\"\\u0000\":1}]", 0),

    tail("{} {}", 3), tail("{}{}", 2), tail("{},", 2), tail("{}]", 2),
    tail("{}}", 2), tail("{}x", 2), tail("{}\0", 2), tail("{}\n\0", 3),
    tail("{}\x0b", 2), tail("{}\x0c", 2), tail("{}/**/", 2), tail("{}//", 2),
    tail("{}#", 2), tail("{};", 2), tail("{}\xef\xbb\xbf", 2),
    tail("{}\xc2\xa0", 2), tail("{}\xff", 2), tail("{\"a\":1}{\"b\":2}", 7),
    tail("[]{}", 2), tail("{}\n{}\n", 3), tail("1 2", 2), tail("{} 1", 3),

    json("\xef\xbb\xbf{}", 0), json("\xef\xbb\xbf", 0),
    json("\x1e{}", 0), json(")]}',\n{}", 0), json("while(1);{}", 0),
    json("\x0b{}", 0), json("\x0c{}", 0), json("/**/{}", 0), json("//\n{}", 0),
    json("#\n{}", 0), json("x{}", 0), json("callback({})", 0),
    json("a=1", 0), json("<a/>", 0), json("%7B%7D", 0), json("---\n{}", 1),

    json("\0{\0}", 0), json("{\0}\0", 1), json("\0\0\0{\0\0\0}", 0),
    json("{\0\0\0}\0\0\0", 1), utf8("\xfe\xff\0{\0}", 0),
    utf8("\xff\xfe{\0}\0", 0), json("\0\0\xfe\xff\0\0\0{", 0),
    utf8("\xff\xfe\0\0{\0\0\0", 0), json("+AHsAfQ-", 0),
    utf8("{\"a\":\"\xe9\"}", 7), utf8("{\"\xe9\":1}", 3),
    utf8("{\xa0}", 1), utf8("{\x85}", 1),
};


/* H5.3: what a name may not hold; the same as a value may */

static const text_t  names[] = {

    name("{\"\\u0000\":1}", 1), name("{\"a\\u0000\":1}", 1),
    name("{\"name\\u0000x\":1}", 1), name("{ \"\\u0000a\" : 1}", 2),
    name("{\"\\ud800\":1}", 1), name("{\"\\uDFFF\":1}", 1),
    name("{\"\\ud800x\":1}", 1), name("{\"\\ud800\\ud800\":1}", 1),
    name("{\"\\udc00\\ud800\":1}", 1), name("{\"\\ud83d\\u0041\":1}", 1),
    name("{\"\\ud83d\\\\ude00\":1}", 1), name("{\"\\ud83d\\n\":1}", 1),
    name("{\"\\ud83d\\ude00\\ude00\":1}", 1),

    /* in a container, and however deep */

    name("{\"user_metadata\":{\"\\u0000\":1}}", 18),
    name("{\"app_metadata\":{\"a\":1,\"\\ud800\":2}}", 23),
    name("{\"user_metadata\":{\"a\":{\"\\u0000\":1}}}", 23),
    name("{\"user_metadata\":{\"a\":[[{\"b\":[{\"\\udfff\":[]}]}]]}}", 31),
    name("{\"blocked\":{\"\\u0000\":{}}}", 12),
    name("{\"blocked\":[{\"\\u0000\":1}]}", 13),

    /* the first, before what else is wrong with names */

    name("{\"a\":1,\"\\u0000\":1,\"\\ud800\":2,\"a\":3}", 7),
    name("{\"name\":1,\"\\u0000\":1,\"user_metadata\":[]}", 10),

    large("{\"a\":1e999,\"\\u0000\":1}", 5), large("{\"name\":1e999}", 8),
    name("{\"\\u0000\":1e999}", 1),

    /* but the text comes first */

    tail("{\"a\":1e999}}", 11), cut("{\"a\":1e999"),
    root("1e999", 0), root("[1e999]", 0),

    tail("{\"\\u0000\":1}}", 12), json("{\"\\u0000\":x}", 10),
    cut("{\"\\u0000\":1"),

    good("{\"user_metadata\":{\"\\u0001\\u001f\\u007f\":\"\\u0000\"}}"),
    good("{\"user_metadata\":{\"\\\\u0000\":1,\"\\\\ud800\":2}}"),
    good("{\"user_metadata\":{\"\\ud83d\\ude00\":\"\\ud800\"}}"),
    good("{\"user_metadata\":{\"\\uFFFF\\uD7FF\\uE000\":[\"\\u0000\"]}}"),
};


static void
check(const void *data, size_t len, const text_t *t, size_t offset)
{
    char          what[512];
    test_guard_t  guard;

    memset(&guard, 0, sizeof(guard));

    guard.schema = schema;
    guard.action = PROFILE_UPDATE;
    guard.user_id = "p|1";

    (void) snprintf(what, sizeof(what), "%.*s", (int) len,
                    (const char *) data);

    test_guards(&guard, what, data, len, t->reason,
                t->reason == PROFILE_OK ? -1 : (long) (t->offset + offset),
                NULL);
}


static void
test_values(void **state)
{
    char    body[512];
    size_t  n, before, after;

    (void) state;

    before = strlen(BEFORE);
    after = strlen(AFTER);

    memcpy(body, BEFORE, before);

    for (n = 0; n < sizeof(values) / sizeof(text_t); n++) {
        memcpy(body + before, values[n].text, values[n].len);
        memcpy(body + before + values[n].len, AFTER, after);

        check(body, before + values[n].len + after, &values[n], before);
    }
}


static void
test_bodies(void **state)
{
    size_t  n;

    (void) state;

    for (n = 0; n < sizeof(bodies) / sizeof(text_t); n++) {
        check(bodies[n].text, bodies[n].len, &bodies[n], 0);
    }
}


static void
test_names(void **state)
{
    size_t  n;

    (void) state;

    for (n = 0; n < sizeof(names) / sizeof(text_t); n++) {
        check(names[n].text, names[n].len, &names[n], 0);
    }
}


/* H5.1: what says nothing is no body, where there need be none */

static void
optional(void **state)
{
    size_t                n;
    test_guard_t          t;

    static const text_t  rows[] = {
        { "null", 4, PROFILE_NO_BODY, 0 }, { "null\n", 5, PROFILE_NO_BODY, 0 },
        { "{}", 2, PROFILE_NO_BODY, 0 }, { "{ \n}\n", 5, PROFILE_NO_BODY, 0 },
        { "", 0, PROFILE_EMPTY_BODY, 0 },
        root("[]", 0), root("false", 0), root("\"\"", 0), root("[null]", 0),
        tail("null {}", 5), tail("{}null", 2), cut("nul"), cut("{"),
        json("Null", 0), good("{\"user_metadata\":{}}"),
        name("{\"\\u0000\":1}", 1),
    };

    (void) state;

    for (n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        memset(&t, 0, sizeof(t));

        t.schema = schema;
        t.action = PROFILE_UPDATE;
        t.user_id = "p|1";
        t.optional = 1;

        test_guards(&t, rows[n].text, rows[n].text, rows[n].len,
                    rows[n].reason, rows[n].offset, NULL);
    }
}


static void
depth(void **state)
{
    char           body[256], *p;
    size_t         n;
    unsigned       i, step, inside;
    test_guard_t   t;

    static const char  *nests[][2] = {
        { "[", "]" }, { "{\"a\":", "}" }, { "[{\"a\":", "}]" }
    };

    (void) state;

    memset(&t, 0, sizeof(t));

    t.schema = schema;
    t.action = PROFILE_UPDATE;
    t.user_id = "p|1";
    t.max_depth = 10;

    for (n = 0; n < 3; n++) {

        /* the root and the container are two of the ten */

        step = n == 2 ? 2 : 1;

        for (inside = 0; inside < 12; inside += step) {
            p = body + sprintf(body, "%s", BEFORE);

            for (i = 0; i < inside; i += step) {
                p += sprintf(p, "%s", nests[n][0]);
            }

            p += sprintf(p, "0");

            for (i = 0; i < inside; i += step) {
                p += sprintf(p, "%s", nests[n][1]);
            }

            p += sprintf(p, "%s", AFTER);

            test_guards(&t, body, body, p - body,
                        inside <= 8 ? PROFILE_OK : PROFILE_TOO_DEEP, -1,
                        NULL);
        }
    }

    /* the offset is that of the bracket */

    test_guards(&t, "brackets", "{\"a\":[[[[[[[[[[", 15, PROFILE_TOO_DEEP, 14,
                NULL);
}


/* a body of one text repeated, between others */

static u_char *
repeat(const char *before, const char *text, size_t n, const char *after,
    size_t *len)
{
    u_char  *p, *body;

    *len = strlen(before) + n * strlen(text) + strlen(after);

    body = malloc(*len + 1);
    assert_non_null(body);

    p = body + sprintf((char *) body, "%s", before);

    while (n--) {
        memcpy(p, text, strlen(text));
        p += strlen(text);
    }

    memcpy(p, after, strlen(after) + 1);

    return body;
}


static void
size(void **state)
{
    size_t         len;
    u_char        *body;
    test_guard_t   t;

    (void) state;

    memset(&t, 0, sizeof(t));

    t.schema = schema;
    t.action = PROFILE_UPDATE;
    t.user_id = "p|1";
    t.max_size = 10;

    test_guards(&t, "10", "{\"a\":1234}", 10, PROFILE_ATTRIBUTES, -1, "a");
    test_guards(&t, "11", "{\"a\":12345}", 11, PROFILE_BODY_TOO_LARGE, 10,
                NULL);
    test_guards(&t, "space", "           {}", 13, PROFILE_BODY_TOO_LARGE, 10,
                NULL);
    test_guards(&t, "after", "{}         ", 11, PROFILE_BODY_TOO_LARGE, 10,
                NULL);
    test_guards(&t, "string", "{\"a\":\"12345678901234567890", 26,
                PROFILE_BODY_TOO_LARGE, 10, NULL);

    /* what is wrong before is said of any piece size */

    test_guards(&t, "error", "{\"a\":1}x         ", 17, PROFILE_TRAILING_DATA,
                7, NULL);
    test_guards(&t, "error", "{\"a\":\"\\u00g0         ", 20,
                PROFILE_BODY_TOO_LARGE, 10, NULL);

    t.max_size = 11;

    test_guards(&t, "error", "{\"a\":\"\\u00g0         ", 20,
                PROFILE_INVALID_JSON, 10, NULL);

    /* in a string so long that its pieces are gathered too */

    t.max_size = 7000;
    body = repeat("{\"a\":\"", "x", 20000, "", &len);
    memcpy(body + 6000, "\\q", 2);

    for (t.piece = 0; t.piece < 7000; t.piece += 333) {
        assert_int_equal(test_guard(&t, body, len), PROFILE_INVALID_JSON);
        assert_int_equal(t.offset, 6001);
    }

    free(body);
}


static void
exhaustion(void **state)
{
    size_t             i, n, len;
    u_char            *body;
    test_guard_t       t;

    static const size_t  pieces[] = { 0, 1, 4096, 65536 };

    static const struct {
        const char        *before;
        const char        *text;
        size_t             n;
        const char        *after;
        profile_reason_e   reason;
        uint64_t           offset;
        uint32_t           nrefused;
    } rows[] = {
        { "", "[", 1000000, "", PROFILE_TOO_DEEP, 128, 0 },
        { "", "{\"\":", 250000, "", PROFILE_TOO_DEEP, 512, 0 },
        { "{\"", "n", 1000000, "\":1}", PROFILE_ATTRIBUTES, 1, 1 },
        { "{\"user_metadata\":{\"", "n", 1000000, "\":1}}", PROFILE_OK, 0, 0 },
        { "{\"user_metadata\":{\"v\":\"", "\\u00e9", 150000, "\"}}",
          PROFILE_OK, 0, 0 },
        { "{\"", "\\u0041", 150000, "\":1}", PROFILE_ATTRIBUTES, 1, 1 },
        { "{\"user_metadata\":{\"v\":0.", "1", 1000000, "}}",
          PROFILE_OK, 0, 0 },
        { "{\"user_metadata\":{\"v\":", "1", 1000000, "}}",
          PROFILE_NUMBER_TOO_LARGE, 22, 0 },
        { "{\"user_metadata\":{\"v\":1e", "1", 1000000, "}}",
          PROFILE_NUMBER_TOO_LARGE, 22, 0 },
        { "{\"user_metadata\":{\"v\":[0", ",0", 500000, "]}}",
          PROFILE_OK, 0, 0 },
        { "", " ", 1000000, "{}", PROFILE_OK, 0, 0 },
        { "{}", " ", 1000000, "", PROFILE_OK, 0, 0 },
        { "{\"a\":1", ",\"a\":1", 100000, "}", PROFILE_DUPLICATE, 7, 100000 },
        { "{\"user_metadata\":{\"a\":1", ",\"\":1", 100000, "}}",
          PROFILE_DUPLICATE, 29, 99999 },
    };

    (void) state;

    memset(&t, 0, sizeof(t));

    t.schema = schema;
    t.action = PROFILE_UPDATE;
    t.user_id = "p|1";

    for (i = 0; i < 4 * sizeof(rows) / sizeof(rows[0]); i++) {
        n = i / 4;
        t.piece = pieces[i % 4];

        body = repeat(rows[n].before, rows[n].text, rows[n].n, rows[n].after,
                      &len);

        assert_int_equal(test_guard(&t, body, len), rows[n].reason);
        assert_int_equal(t.offset, rows[n].offset);
        assert_int_equal(t.nrefused, rows[n].nrefused);

        free(body);
    }
}


/* H5.4: each name is another, but for the last */

static void
many_names(void **state)
{
    char          *body, *p;
    unsigned       i;
    test_guard_t   t;

    (void) state;

    memset(&t, 0, sizeof(t));

    t.schema = schema;
    t.action = PROFILE_UPDATE;
    t.user_id = "p|1";

    body = malloc(2000000);
    assert_non_null(body);

    p = body + sprintf(body, "{\"app_metadata\":{");

    for (i = 0; i < 100000; i++) {
        p += sprintf(p, "\"n%u\":%u,", i, i);
    }

    (void) strcpy(p, "\"n\":0}}");

    assert_int_equal(test_guard(&t, body, strlen(body)), PROFILE_OK);

    (void) strcpy(p, "\"n12345\":0}}");

    assert_int_equal(test_guard(&t, body, strlen(body)), PROFILE_DUPLICATE);
    assert_string_equal(t.names, "app_metadata.n12345");
    assert_int_equal(t.offset, p - body);

    free(body);
}


static int
setup(void **state)
{
    (void) state;

    schema = test_schema("provider p; writable blocked;");

    return 0;
}


static int
teardown(void **state)
{
    (void) state;

    profile_schema_destroy(schema);

    return test_alloc_blocks() == 0 ? 0 : -1;
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_names),
        cmocka_unit_test(optional),
        cmocka_unit_test(depth),
        cmocka_unit_test(size),
        cmocka_unit_test(exhaustion),
        cmocka_unit_test(many_names),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
