
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that each engine of the reader takes what RFC 8259 calls a JSON text
 * and nothing else, and that the reason and the place of an error are the same
 * whatever the chunks are and whether or not the consumer looks inside.
 */


#include "core/json/profile_reader.h"
#include "json/reader_test.h"
#include "profile_test.h"


typedef struct {
    const char        *name;
    const char        *text;
    size_t             len;
    const char        *mark;             /* a caret under the offset */
    profile_reason_e   reason;
} strict_t;


#define valid(name, text)                                                    \
    { name, text, sizeof(text) - 1, NULL, PROFILE_OK }

#define json(name, text, mark)                                               \
    { name, text, sizeof(text) - 1, mark, PROFILE_INVALID_JSON }

#define utf8(name, text, mark)                                               \
    { name, text, sizeof(text) - 1, mark, PROFILE_INVALID_UTF8 }

#define cut(name, text, mark)                                                \
    { name, text, sizeof(text) - 1, mark, PROFILE_TRUNCATED }

#define trailing(name, text, mark)                                           \
    { name, text, sizeof(text) - 1, mark, PROFILE_TRAILING_DATA }


/* M6.3; ' stands for " */

static const strict_t  cases[] = {

    valid("null", "null"),
    valid("true", "true"),
    valid("false", "false"),
    valid("an integer", "0"),
    valid("zeros where they may stand", "[-0,0.00,0e0,0E+00,-0.0e-0,10]"),
    valid("all parts of a number", "-12.50e+06"),
    valid("digits beyond any type", "1234567890123456789012345678901234567890"),
    valid("an exponent beyond any type", "[1e400,1E-4000]"),
    valid("an empty string", "''"),
    valid("all short escapes", "'\\\"\\\\\\/\\b\\f\\n\\r\\t'"),
    valid("hexadecimal escapes", "'\\u0000\\uabCD\\uFFff'"),
    valid("surrogates alone", "'\\ud800 \\udc00 \\udbff\\udbff'"),
    valid("delete and the separators of lines",
          "'\x7f\xc2\x85\xe2\x80\xa8\xe2\x80\xa9'"),
    valid("a byte order mark in a string", "'\xef\xbb\xbf'"),
    valid("the edges of UTF-8",
          "'\xc2\x80\xdf\xbf\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf"
          "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf'"),
    valid("an empty array", "[]"),
    valid("an empty object", "{}"),
    valid("an empty name", "{'':0}"),
    valid("the same name twice", "{'a':1,'a':2}"),
    valid("a name with escapes", "{'\\u0061\\n\\\"':1}"),
    valid("all white space in all places",
          " \t\r\n{ \t\r\n'a' \t\r\n: \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n]"
          " \t\r\n, \t\r\n'b' \t\r\n: \t\r\n'' \t\r\n} \t\r\n"),
    valid("empty values inside one another", "[[[],{}],{'':[{}]}]"),
    valid("all types in an array", "[null,true,false,1,'',[],{}]"),
    valid("all types in an object",
          "{'a':null,'b':true,'c':false,'d':1,'e':'','f':[],'g':{}}"),

    json("a literal in upper case", "[True]", " ^"),
    json("a literal with a wrong end", "[trux]", "    ^"),
    json("a literal too short", "[nul]", "    ^"),
    json("a literal too long", "[nulll]", "     ^"),
    json("false spelled wrong", "{'a':falze}", "        ^"),
    json("a bare word", "{'a':abc}", "     ^"),
    json("not a number", "[NaN]", " ^"),
    json("infinity", "[-Infinity]", "  ^"),

    json("a leading zero", "[01]", "  ^"),
    json("a leading zero behind a sign", "[-00]", "   ^"),
    json("a plus sign", "[+1]", " ^"),
    json("a sign alone", "[-]", "  ^"),
    json("two signs", "[--1]", "  ^"),
    json("no integer", "[.5]", " ^"),
    json("no integer behind a sign", "[-.5]", "  ^"),
    json("no fraction", "[1.]", "   ^"),
    json("no fraction before an exponent", "[1.e1]", "   ^"),
    json("no exponent", "[1e]", "   ^"),
    json("no exponent behind a sign", "[1E+]", "    ^"),
    json("a fraction in an exponent", "[1e1.5]", "    ^"),
    json("two points", "[1.2.3]", "    ^"),
    json("hexadecimal", "[0x1]", "  ^"),
    json("white space in a number", "[1 2]", "   ^"),
    json("white space behind a sign", "[- 1]", "  ^"),
    json("digits that are not ASCII", "[\xef\xbc\x91]", " ^"),

    json("a NUL in a string", "['a\0']", "   ^"),
    json("a tab in a string", "['\t']", "  ^"),
    json("a newline in a string", "['ab\n']", "    ^"),
    json("a form feed in a string", "['a\f']", "   ^"),
    json("a vertical tab in a string", "['\v']", "  ^"),
    json("the last control character", "['\x1f']", "  ^"),
    json("a newline in a name", "{'a\n':1}", "   ^"),
    json("an unknown escape", "['\\x']", "   ^"),
    json("an escape of upper U", "['\\U0041']", "   ^"),
    json("an escaped single quote in place", "['\\a']", "   ^"),
    json("an escaped newline", "['\\\n']", "   ^"),
    json("three hexadecimal digits", "['\\u004']", "       ^"),
    json("no hexadecimal digit", "['\\u']", "    ^"),
    json("a digit that is not hexadecimal", "['\\u00g0']", "      ^"),
    json("a sign for a digit", "['\\u+041']", "    ^"),
    json("half a pair of a bad escape", "['\\ud83d\\ug']", "          ^"),
    json("a bad escape in a name", "{'\\q':1}", "   ^"),
    json("no quotes", "{a:1}", " ^"),
    json("back quotes", "[`a`]", " ^"),

    json("an array with a comma at its end", "[1,]", "   ^"),
    json("an array with a comma at its start", "[,1]", " ^"),
    json("an array with two commas", "[1,,2]", "   ^"),
    json("an array with no comma", "[1'a']", "  ^"),
    json("an array with a colon", "[1:2]", "  ^"),
    json("an array with a semicolon", "[1;2]", "  ^"),
    json("an array closed by a brace", "[1}", "  ^"),
    json("an empty array closed by a brace", "[}", " ^"),
    json("white space and a wrong token", "[1, \n\t]", "      ^"),
    json("values with no comma", "[{} []]", "    ^"),
    json("literals with no comma", "[null true]", "      ^"),

    json("an object with a comma at its end", "{'a':1,}", "       ^"),
    json("an object with a comma at its start", "{,'a':1}", " ^"),
    json("an object with two commas", "{'a':1,,'b':2}", "       ^"),
    json("an object with no comma", "{'a':1 'b':2}", "       ^"),
    json("an object with no colon", "{'a' 1}", "     ^"),
    json("an object with two colons", "{'a'::1}", "     ^"),
    json("an object with a comma for a colon", "{'a',1}", "    ^"),
    json("an object with no value", "{'a':}", "     ^"),
    json("an object with a name alone", "{'a'}", "    ^"),
    json("an object with no name", "{:1}", " ^"),
    json("an object with a number for a name", "{1:1}", " ^"),
    json("an object with null for a name", "{null:1}", " ^"),
    json("an object with an object for a name", "{{}:1}", " ^"),
    json("an object closed by a bracket", "{'a':1]", "      ^"),
    json("a bracket that closes nothing", "]", "^"),
    json("a brace that closes nothing", " }", " ^"),
    json("a comma alone", ",", "^"),
    json("a colon alone", "\n:", " ^"),

    json("a comment", "[1/**/]", "  ^"),
    json("a comment to the end of the line", "//\n[]", "^"),
    json("a comment of a shell", "[#\n]", " ^"),
    json("a vertical tab for a space", "[1,\v2]", "   ^"),
    json("a form feed for a space", "{\f}", " ^"),
    json("a vertical tab first", "\v[]", "^"),
    json("a form feed before the end", "[1 \f]", "   ^"),
    json("a vertical tab behind a number", "[1\v]", "  ^"),
    json("a form feed in a literal", "[tr\fue]", "   ^"),
    json("a NUL for a space", "[1,\0""2]", "   ^"),
    json("delete for a space", "[\x7f]", " ^"),
    json("a no-break space", "[\xc2\xa0]", " ^"),
    json("a separator of lines", "[1,\xe2\x80\xa8]", "   ^"),
    json("a byte order mark inside", "[\xef\xbb\xbf]", " ^"),
    json("a backslash in place", "[\\n]", " ^"),
    json("an equals sign", "{'a'=1}", "    ^"),

    utf8("a continuation alone", "['\x80']", "  ^"),
    utf8("an overlong NUL", "['\xc0\x80']", "  ^"),
    utf8("an overlong slash", "['a\xc1\xaf']", "   ^"),
    utf8("overlong of three bytes", "['\xe0\x9f\xbf']", "   ^"),
    utf8("overlong of four bytes", "['\xf0\x8f\xbf\xbf']", "   ^"),
    utf8("a surrogate", "['\xed\xa0\x80']", "   ^"),
    utf8("a pair of surrogates", "['\xed\xa0\xbd\xed\xb8\x80']", "   ^"),
    utf8("above the last character", "['\xf4\x90\x80\x80']", "   ^"),
    utf8("a lead of a fifth plane", "['\xf5\x80\x80\x80']", "  ^"),
    utf8("a lead of five bytes", "['\xf8\x88\x80\x80\x80']", "  ^"),
    utf8("0xff", "['\xff']", "  ^"),
    utf8("a sequence cut by a quote", "['\xc3']", "   ^"),
    utf8("a sequence of three cut by a quote", "['\xe2\x82']", "    ^"),
    utf8("a sequence of four cut by ASCII", "['\xf0\x9f\x98z']", "     ^"),
    utf8("a sequence cut by another", "['\xe2\xc3\xa9']", "   ^"),
    utf8("a sequence cut by a vertical tab", "['\xe2\x82\v']", "    ^"),
    utf8("a continuation too many", "['\xc3\xa9\xa9']", "    ^"),
    utf8("Latin-1 in a name", "{'caf\xe9':1}", "      ^"),
    utf8("behind an escape", "['\\n\xff']", "    ^"),
    utf8("for an escape", "['\\\xff']", "   ^"),
    utf8("for a hexadecimal digit", "['\\u00\xff""0']", "      ^"),
    utf8("between values", "[1,\xff]", "   ^"),
    utf8("in a number", "[1\xff]", "  ^"),
    utf8("in a literal", "[tru\xff]", "    ^"),
    utf8("first", "\xff[]", "^"),
    utf8("a byte order mark of UTF-16", "\xfe\xff", "^"),

    cut("nothing", "", "^"),
    cut("white space alone", " \n ", "   ^"),
    cut("a literal", "tru", "   ^"),
    cut("a number", "[1", "  ^"),
    cut("a sign", "-", " ^"),
    cut("a point", "1.", "  ^"),
    cut("an exponent", "1e", "  ^"),
    cut("the sign of an exponent", "1e+", "   ^"),
    cut("a string", "'ab", "   ^"),
    cut("an escape", "'a\\", "   ^"),
    cut("an escape of a character", "'a\\u00", "      ^"),
    cut("a sequence", "'\xe2\x82", "   ^"),
    cut("an array", "[", " ^"),
    cut("an array behind a value", "[1", "  ^"),
    cut("an array behind a comma", "[1,", "   ^"),
    cut("an object", "{", " ^"),
    cut("an object in a name", "{'a", "   ^"),
    cut("an object behind a name", "{'a'", "    ^"),
    cut("an object behind a colon", "{'a':", "     ^"),
    cut("an object behind a value", "{'a':1", "      ^"),
    cut("an object behind a comma", "{'a':1, ", "        ^"),
    cut("the outer of two", "[{'a':[]}", "         ^"),

    trailing("a value", "{} {}", "   ^"),
    trailing("a value close by", "[][]", "  ^"),
    trailing("the begin of a string", "{} 'abc", "   ^"),
    trailing("the begin of a literal", "1 t", "  ^"),
    trailing("a literal at a number", "1t", " ^"),
    trailing("a number behind a number", "1 2", "  ^"),
    trailing("a digit behind zero", "01", " ^"),
    trailing("a string behind a string", "'a''b'", "   ^"),
    trailing("a comma", "null,", "    ^"),
    trailing("a bracket", "[]]", "  ^"),
    trailing("a brace", "{}\n}", "   ^"),
    trailing("a NUL", "{}\0", "  ^"),
    trailing("a vertical tab", "{} \v", "   ^"),
    trailing("a comment", "{} // ", "   ^"),
    trailing("what is no UTF-8", "{}\xff", "  ^"),
    trailing("a byte order mark", "{}\xef\xbb\xbf", "  ^")
};


/* the consumer: enters what is less deep than so many levels */

typedef struct {
    unsigned          enter;
    unsigned          depth;
} consumer_t;


static profile_reason_e
consumer_begin(void *ctx, const profile_event_t *ev, int *inside)
{
    consumer_t  *c = ctx;

    (void) ev;

    if (c->depth < c->enter) {
        *inside = 1;
        c->depth++;
    }

    return PROFILE_OK;
}


static profile_reason_e
consumer_value(void *ctx, const profile_event_t *ev)
{
    (void) ctx;

    assert_true(ev->start < ev->end);

    return PROFILE_OK;
}


static profile_reason_e
consumer_end(void *ctx, const profile_event_t *ev)
{
    consumer_t  *c = ctx;

    (void) ev;
    c->depth--;

    return PROFILE_OK;
}


static const profile_reader_handler_t  handler = {
    consumer_begin, consumer_value, consumer_end
};


static profile_reason_e
strict_read(const profile_reader_conf_t *conf, const char *text, size_t len,
    size_t piece, unsigned enter, uint64_t *offset)
{
    consumer_t         consumer;
    profile_reader_t  *r;
    profile_reason_e   rc;

    memset(&consumer, 0, sizeof(consumer));
    consumer.enter = enter;

    r = profile_reader_create(&test_alloc, conf, &handler, &consumer);
    assert_non_null(r);

    rc = test_reader_feed(r, text, len, piece);

    *offset = profile_reader_offset(r);

    if (rc != PROFILE_OK) {
        assert_int_equal(profile_reader_feed(r, (u_char *) "[]", 2), rc);
        assert_int_equal(profile_reader_finish(r), rc);
        assert_int_equal(profile_reader_offset(r), *offset);
    }

    profile_reader_destroy(r);

    return rc;
}


static void
strict_case(profile_reader_conf_t *conf, const strict_t *c, uint64_t expected)
{
    size_t            piece;
    unsigned          enter;
    uint64_t          offset;
    profile_reason_e  rc;

    test_engines (conf->engine) {
        for (enter = 0; enter <= 3; enter++) {
            for (piece = 0; piece <= c->len; piece++) {

                rc = strict_read(conf, c->text, c->len, piece, enter,
                                 &offset);

                if (rc != c->reason
                    || (rc != PROFILE_OK && offset != expected))
                {
                    fail_msg("%s, %u levels in pieces of %zu: \"%s\" at %u: "
                             "%s", test_engine_names[conf->engine], enter,
                             piece, profile_reason_name(rc)->data,
                             (unsigned) offset, c->text);
                }
            }
        }
    }
}


static void
test_strict(void **state)
{
    size_t                 i, space;
    char                  *text;
    strict_t               c;
    profile_reader_conf_t  conf;

    static const char  spaces[] = " \t\r\n  \t\r\n";

    c = *(const strict_t *) *state;

    memset(&conf, 0, sizeof(conf));
    conf.max_size = 1024;
    conf.max_depth = 16;

    text = malloc(c.len + sizeof(spaces));

    /* by itself, and behind white space */

    for (space = 0; space < sizeof(spaces); space += sizeof(spaces) - 1) {
        memcpy(text, spaces, space);
        memcpy(text + space, ((const strict_t *) *state)->text, c.len);

        for (i = space; i < space + c.len; i++) {
            text[i] = text[i] == '\'' ? '"' : text[i];
        }

        c.text = text;
        c.len += space;

        strict_case(&conf, &c, c.mark ? space + strcspn(c.mark, "^") : 0);
    }

    free(text);
}


/* M6.3: what stands before the text, with and without a mark being skipped */

static void
test_byte_order_mark(void **state)
{
    size_t                 i;
    strict_t               c;
    profile_reader_conf_t  conf;

    static const struct {
        const char        *text;
        profile_reason_e   skipped;
        unsigned           skipped_offset;
        profile_reason_e   refused;
        unsigned           refused_offset;
    } marks[] = {
        { "\xef\xbb\xbf{}",
          PROFILE_OK, 0, PROFILE_INVALID_JSON, 0 },
        { "\xef\xbb\xbf\xef\xbb\xbf{}",
          PROFILE_INVALID_JSON, 3, PROFILE_INVALID_JSON, 0 },
        { " \xef\xbb\xbf{}",
          PROFILE_INVALID_JSON, 1, PROFILE_INVALID_JSON, 1 },
        { "\xef\xbb\xbf",
          PROFILE_TRUNCATED, 3, PROFILE_INVALID_JSON, 0 },
        { "\xef\xbb",
          PROFILE_TRUNCATED, 2, PROFILE_INVALID_JSON, 0 },
        { "\xef",
          PROFILE_TRUNCATED, 1, PROFILE_INVALID_JSON, 0 },
        { "\xef\xbb{}",
          PROFILE_INVALID_JSON, 0, PROFILE_INVALID_JSON, 0 },
        { "\xef{}",
          PROFILE_INVALID_JSON, 0, PROFILE_INVALID_JSON, 0 },
        { "\xef\xbb\xbe{}",
          PROFILE_INVALID_JSON, 0, PROFILE_INVALID_JSON, 0 },
        { "\xef\xbb\xbf{",
          PROFILE_TRUNCATED, 4, PROFILE_INVALID_JSON, 0 },
        { "\xef\xbb\xbf{} x",
          PROFILE_TRAILING_DATA, 6, PROFILE_INVALID_JSON, 0 },
        { "\xef\xbb\xbf[1,]",
          PROFILE_INVALID_JSON, 6, PROFILE_INVALID_JSON, 0 },
        { "\xef\xbb\xbf['\xff']",
          PROFILE_INVALID_JSON, 4, PROFILE_INVALID_JSON, 0 },
        { "\xef\xbb\xbf\xff",
          PROFILE_INVALID_UTF8, 3, PROFILE_INVALID_JSON, 0 },
        { "\xfe\xff",
          PROFILE_INVALID_UTF8, 0, PROFILE_INVALID_UTF8, 0 },
        { "",
          PROFILE_TRUNCATED, 0, PROFILE_TRUNCATED, 0 }
    };

    (void) state;

    memset(&conf, 0, sizeof(conf));
    conf.max_size = 1024;
    conf.max_depth = 16;

    for (i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        c.text = marks[i].text;
        c.len = strlen(marks[i].text);

        conf.skip_bom = 1;
        c.reason = marks[i].skipped;
        strict_case(&conf, &c, marks[i].skipped_offset);

        conf.skip_bom = 0;
        c.reason = marks[i].refused;
        strict_case(&conf, &c, marks[i].refused_offset);
    }
}


/* M6.2: a scalar has no depth, each bracket one more */

static void
test_depth(void **state)
{
    size_t                 i;
    strict_t               c;
    profile_reader_conf_t  conf;

    static const struct {
        const char  *text;
        unsigned     depth;
        unsigned     offset;             /* of the bracket that is too deep */
    } depths[] = {
        { "1", 0, 0 },
        { "[]", 1, 0 },
        { "{}", 1, 0 },
        { " [[]]", 2, 2 },
        { "[[],[],{}]", 2, 1 },
        { "{\"a\":{}}", 2, 5 },
        { "[1,{\"a\":[2,{\"b\":[]}]}]", 5, 16 },
        { "[[[[[[[[[[]]]]]]]]]]", 10, 9 }
    };

    (void) state;

    memset(&conf, 0, sizeof(conf));
    conf.max_size = 1024;

    for (i = 0; i < sizeof(depths) / sizeof(depths[0]); i++) {
        c.text = depths[i].text;
        c.len = strlen(depths[i].text);

        conf.max_depth = depths[i].depth;
        c.reason = PROFILE_OK;
        strict_case(&conf, &c, 0);

        if (depths[i].depth) {
            conf.max_depth--;
            c.reason = PROFILE_TOO_DEEP;
            strict_case(&conf, &c, depths[i].offset);
        }
    }
}


int
main(void)
{
    size_t  i;
    char    names[sizeof(cases) / sizeof(cases[0])][80];

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void) snprintf(names[i], sizeof(names[i]), "M6.3 %s: %s",
                        cases[i].reason ? (const char *)
                        profile_reason_name(cases[i].reason)->data : "valid",
                        cases[i].name);
        test_add(names[i], test_strict, &cases[i]);
    }

    test_add("M6.3 byte order marks", test_byte_order_mark, NULL);
    test_add("M6.2 depth", test_depth, NULL);

    return test_run();
}
