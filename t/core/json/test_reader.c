
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves what each engine of the reader tells its consumer: events with their
 * places, text that is held across chunks, and limits to the byte.
 */


#include "core/json/profile_reader.h"
#include "json/reader_test.h"
#include "profile_test.h"


typedef struct {
    profile_reader_engine_e  engine;
    profile_reader_t  *reader;
    const char        *text;
    unsigned           enter;            /* levels that are entered */
    unsigned           depth;
    unsigned           hold;             /* see the macros below */
    uint64_t           held;             /* from here on */
    unsigned           fail;             /* event that is refused */
    unsigned           events;
    unsigned           terse;            /* no names in the log */
    char               log[4096];
    size_t             len;
} consumer_t;


#define HOLD_NONE   0
#define HOLD_ROOT   1                    /* from the root's begin to its end */
#define HOLD_EACH   2                    /* from the end of the last event */


static void
consumer_text(consumer_t *c, uint64_t start, uint64_t end)
{
    const u_char  *p;

    p = profile_reader_text(c->reader, start, end);

    assert_non_null(p);
    assert_memory_equal(p, c->text + start, end - start);
}


static void
consumer_log(consumer_t *c, const profile_event_t *ev, const char *what,
    int whole)
{
    int  n;

    if (c->len) {
        c->log[c->len++] = ' ';
    }

    if (ev->named) {
        assert_int_equal(c->text[ev->name_start - 1], '"');
        assert_int_equal(c->text[ev->name_end], '"');

        if (ev->name) {
            assert_memory_equal(ev->name, c->text + ev->name_start,
                                ev->name_end - ev->name_start);
        }

        c->len += sprintf(c->log + c->len, "%.*s%s:",
                          c->terse ? 1 : (int) (ev->name_end - ev->name_start),
                          c->terse ? "$" : c->text + ev->name_start,
                          ev->escaped ? "~" : "");
    }

    n = sprintf(c->log + c->len, whole ? "%s@%u-%u" : "%s@%u", what,
                (unsigned) ev->start, (unsigned) ev->end);

    c->len += n;
    assert_true(c->len < sizeof(c->log) - 64);
}


static profile_reason_e
consumer_event(consumer_t *c, const profile_event_t *ev, uint64_t start)
{
    if (c->hold == HOLD_ROOT && c->depth) {

        if (ev->named) {
            consumer_text(c, ev->name_start - 1, ev->name_end + 1);
        }

        consumer_text(c, start, ev->end);
        consumer_text(c, c->held, ev->end);
    }

    if (c->hold == HOLD_EACH) {

        if (c->events) {
            consumer_text(c, c->held, ev->end);
        }

        c->held = ev->end;
        profile_reader_hold(c->reader, ev->end);
    }

    return ++c->events == c->fail ? PROFILE_INTERNAL : PROFILE_OK;
}


static profile_reason_e
consumer_begin(void *ctx, const profile_event_t *ev, int *inside)
{
    consumer_t  *c = ctx;

    assert_int_equal(ev->end, ev->start + 1);
    consumer_log(c, ev, ev->type == PROFILE_OBJECT ? "{" : "[", 0);

    if (c->depth < c->enter) {
        *inside = 1;

        if (c->depth++ == 0 && c->hold == HOLD_ROOT) {
            c->held = ev->start;
            profile_reader_hold(c->reader, ev->start);
        }
    }

    return consumer_event(c, ev, ev->start);
}


static profile_reason_e
consumer_value(void *ctx, const profile_event_t *ev)
{
    consumer_t  *c = ctx;

    static const char  *types[] = {
        "object", "array", "string", "number", "boolean", "null"
    };

    consumer_log(c, ev, types[ev->type], 1);

    return consumer_event(c, ev, ev->start);
}


static profile_reason_e
consumer_end(void *ctx, const profile_event_t *ev)
{
    consumer_t        *c = ctx;
    profile_event_t    end;
    profile_reason_e   rc;

    end = *ev;
    end.named = 0;
    end.start = ev->end - 1;

    consumer_log(c, &end, ev->type == PROFILE_OBJECT ? "}" : "]", 0);

    rc = consumer_event(c, &end, end.start);
    c->depth--;

    if (c->depth == 0 && c->hold == HOLD_ROOT) {
        profile_reader_release(c->reader);
    }

    return rc;
}


static const profile_reader_handler_t  handler = {
    consumer_begin, consumer_value, consumer_end
};


static profile_reason_e
reader_read(consumer_t *c, size_t max_size, const char *text, size_t piece,
    uint64_t *offset)
{
    u_char                 *copy;
    size_t                  n, done, len;
    profile_reason_e        rc;
    profile_reader_conf_t   conf;

    memset(&conf, 0, sizeof(conf));
    conf.engine = c->engine;
    conf.max_size = max_size;
    conf.max_depth = 32;
    conf.skip_bom = 1;

    len = strlen(text);

    c->text = text;
    c->depth = 0;
    c->held = 0;
    c->events = 0;
    c->len = 0;
    c->log[0] = '\0';

    c->reader = profile_reader_create(&test_alloc, &conf, &handler, c);
    assert_non_null(c->reader);

    rc = PROFILE_OK;

    for (done = 0; done < len && rc == PROFILE_OK; done += n) {
        n = (piece && piece < len - done) ? piece : len - done;

        copy = malloc(n);
        memcpy(copy, text + done, n);

        rc = profile_reader_feed(c->reader, copy, n);

        memset(copy, 0xa5, n);
        free(copy);

        /* an empty chunk is none */
        assert_int_equal(profile_reader_feed(c->reader, NULL, 0), rc);
    }

    if (rc == PROFILE_OK) {
        rc = profile_reader_finish(c->reader);
    }

    *offset = profile_reader_offset(c->reader);
    profile_reader_destroy(c->reader);

    return rc;
}


typedef struct {
    const char  *name;
    const char  *text;
    unsigned     enter;
    const char  *log;
} events_t;


static const events_t  events[] = {

    { "a literal", " null ", 9, "null@1-5" },
    { "a number that the end ends", "-12.5e3", 9, "number@0-7" },
    { "a number that white space ends", "0\n", 9, "number@0-1" },
    { "a string", "'a\\nb'", 9, "string@0-6" },
    { "behind a byte order mark", "\xef\xbb\xbftrue", 9, "boolean@3-7" },

    { "each member of what is entered",
      "{'a':1,'b':[true,{'':null}],'c':'x'}", 9,
      "{@0 a:number@5-6 b:[@11 boolean@12-16 {@17 :null@21-25 }@25 ]@26 "
      "c:string@32-35 }@35" },

    { "only the root is entered",
      "{'a':1,'b':[true,{'':null}],'c':'x'}", 1,
      "{@0 a:number@5-6 b:[@11 b:array@11-27 c:string@32-35 }@35" },

    { "nothing is entered",
      "{'a':1,'b':[true,{'':null}],'c':'x'}", 0,
      "{@0 object@0-36" },

    { "what is passed over keeps its own name",
      "{'a':{'b':{'c':'d'}},'e':[[],{'f':0}]}", 1,
      "{@0 a:{@5 a:object@5-20 e:[@25 e:array@25-37 }@37" },

    { "what is passed over leaves no name behind",
      "[{'a':1},2,{'b':{}},[]]", 1,
      "[@0 {@1 object@1-8 number@9-10 {@11 object@11-19 [@20 array@20-22 "
      "]@22" },

    { "names do not stick to elements",
      "[{'a':[1,[2]]},3]", 9,
      "[@0 {@1 a:[@6 number@7-8 [@9 number@10-11 ]@11 ]@12 }@13 "
      "number@15-16 ]@16" },

    { "nor do they stick to what follows an object",
      "[{'a':1},2,{'b':''},[]]", 9,
      "[@0 {@1 a:number@6-7 }@7 number@9-10 {@11 b:string@16-18 }@18 [@20 "
      "]@21 ]@22" },

    { "names with escapes",
      "{'\\u0061':1,'b\\\"':[],'c':{'\\\\':2}}", 9,
      "{@0 \\u0061~:number@10-11 b\\\"~:[@18 ]@19 c:{@25 "
      "\\\\~:number@31-32 }@32 }@33" },

    { "names beyond ASCII hold no escape",
      "{'\xc3\xa9':1}", 9, "{@0 \xc3\xa9:number@6-7 }@7" },

    { "white space between all tokens",
      "{ 'a' : 12 ,\n'b' :\t[ 1 , 2 ] }\r\n", 9,
      "{@0 a:number@8-10 b:[@19 number@21-22 number@25-26 ]@27 }@29" },

    { "empty values",
      "[{},[],'',{'':''}]", 9,
      "[@0 {@1 }@2 [@4 ]@5 string@7-9 {@10 :string@14-16 }@16 ]@17" }
};


static void
test_events(void **state)
{
    char            *text;
    size_t           piece;
    uint64_t         offset;
    consumer_t       c;
    const events_t  *e = *state;

    memset(&c, 0, sizeof(c));
    c.enter = e->enter;

    text = test_json(e->text);

    test_engines (c.engine) {
        for (c.hold = HOLD_NONE; c.hold <= HOLD_EACH; c.hold++) {
            for (piece = 0; piece <= strlen(text); piece++) {

                assert_int_equal(reader_read(&c, 4096, text, piece, &offset),
                                 PROFILE_OK);

                if (strcmp(c.log, e->log) != 0) {
                    fail_msg("%s, in pieces of %zu, held %u:\n%s\nnot\n%s",
                             test_engine_names[c.engine], piece, c.hold, c.log,
                             e->log);
                }
            }
        }
    }

    free(text);
}


/* at the place where something begins or behind what is complete */

static void
test_refused(void **state)
{
    char        *text;
    size_t       i, piece;
    uint64_t     offset;
    consumer_t   c;

    static const unsigned  offsets[] = { 0, 6, 11, 19, 24, 26, 27, 28 };

    (void) state;

    memset(&c, 0, sizeof(c));
    c.enter = 2;

    text = test_json("{'a':1,'b':{'c':'d','e':[]}}");

    test_engines (c.engine) {
        for (i = 0; i < sizeof(offsets) / sizeof(offsets[0]); i++) {
            c.fail = i + 1;

            for (piece = 0; piece <= strlen(text); piece++) {
                assert_int_equal(reader_read(&c, 4096, text, piece, &offset),
                                 PROFILE_INTERNAL);
                assert_int_equal(c.events, i + 1);
                assert_int_equal(offset, offsets[i]);
            }
        }
    }

    free(text);
}


/* M6.2: max_size bytes of text are read and not one more, at every split */

typedef struct {
    const char  *name;
    const char  *text;
    unsigned     enter;
    unsigned     hold;
    size_t       max_size;               /* the least that is enough */
    uint64_t     offset;                 /* with one byte less */
} limit_t;


static const limit_t  limits[] = {

    { "M6.2 a string counts by itself",
      "[1,'abcdef',2]", 9, HOLD_NONE, 8, 10 },

    { "M6.2 a string counts with its escapes",
      "['\\u0061\\\\',2]", 9, HOLD_NONE, 10, 10 },

    { "M6.2 a name counts by itself",
      "{'abcdef':1}", 9, HOLD_NONE, 8, 8 },

    { "M6.2 a name in what is passed over",
      "{'abcdef':1}", 0, HOLD_NONE, 8, 8 },

    { "M6.2 a number counts with the byte behind it",
      "[1,234567,8]", 9, HOLD_NONE, 7, 9 },

    { "M6.2 a number that ends the text",
      "12345678", 9, HOLD_NONE, 8, 7 },

    { "M6.2 a literal",
      "[true,false,1]", 9, HOLD_NONE, 5, 10 },

    { "M6.2 the root is held",
      "{'a':1,'b':[2,3]}", 9, HOLD_ROOT, 17, 16 },

    { "M6.2 the root is held, white space before it is not",
      "   \n[1,2,3] \n   \n  \n", 9, HOLD_ROOT, 7, 10 },

    { "M6.2 the root is held, a byte order mark is not",
      "\xef\xbb\xbf[1,2,3]", 9, HOLD_ROOT, 7, 9 },

    { "M6.2 what is passed over counts where it is held",
      "['abc',{'d':[1,2]}]", 1, HOLD_ROOT, 19, 18 },

    { "M6.2 white space counts where it is held",
      "[ \n \n \n \n \n \n \n]", 9, HOLD_ROOT, 16, 15 },

    { "M6.2 from the end of one event to the end of the next",
      "[1,  'abcdef'  ,2]", 9, HOLD_EACH, 11, 12 },

    { "M6.2 the end of the last event counts too",
      "[1,2        ]       ", 9, HOLD_EACH, 9, 12 }
};


static void
test_limit(void **state)
{
    char              *text;
    size_t             piece;
    uint64_t           offset;
    consumer_t         c;
    const limit_t     *l = *state;
    profile_reason_e   rc;

    memset(&c, 0, sizeof(c));
    c.enter = l->enter;
    c.hold = l->hold;

    text = test_json(l->text);

    test_engines (c.engine) {
        for (piece = 0; piece <= strlen(text); piece++) {
            rc = reader_read(&c, l->max_size, text, piece, &offset);

            if (rc != PROFILE_OK) {
                fail_msg("%s, of %zu in pieces of %zu: \"%s\" at %u",
                         test_engine_names[c.engine], l->max_size, piece,
                         profile_reason_name(rc)->data, (unsigned) offset);
            }

            rc = reader_read(&c, l->max_size - 1, text, piece, &offset);

            if (rc != PROFILE_USER_TOO_LARGE || offset != l->offset) {
                fail_msg("%s, of %zu in pieces of %zu: \"%s\" at %u",
                         test_engine_names[c.engine], l->max_size - 1, piece,
                         profile_reason_name(rc)->data, (unsigned) offset);
            }
        }
    }

    free(text);
}


/* M6.1: what is not held is not counted, however much it is */

static void
test_unlimited(void **state)
{
    char        *text;
    size_t       i, piece;
    uint64_t     offset;
    consumer_t   c;

    (void) state;

    memset(&c, 0, sizeof(c));

    text = malloc(4 * 1000 + 4);
    text[0] = '[';

    for (i = 0; i < 1000; i++) {
        memcpy(text + 1 + 4 * i, i % 2 ? " 12," : "\"a\",", 4);
    }

    (void) strcpy(text + 4000, "]");

    test_engines (c.engine) {
        for (piece = 0; piece < 40; piece++) {
            assert_int_equal(reader_read(&c, 8, text, piece, &offset),
                             PROFILE_OK);
        }
    }

    free(text);
}


/*
 * An error before the limit is told even where it is found only when the
 * limit makes the reader look.
 */

static void
test_gathered(void **state)
{
    char        *text;
    size_t       piece, i;
    uint64_t     offset;
    consumer_t   c;

    static const struct {
        const char        *wrong;        /* at 9001 */
        const char        *later;        /* at 9061 */
        size_t             size;
        profile_reason_e   reason;
        unsigned           offset;
    } cases[] = {
        { "\n", "a", 20002, PROFILE_INVALID_JSON, 9001 },
        { "\\x", "a", 20002, PROFILE_INVALID_JSON, 9002 },
        { "\\u00g", "a", 20002, PROFILE_INVALID_JSON, 9005 },
        { "\xff", "a", 20002, PROFILE_INVALID_UTF8, 9001 },
        { "a", "a", 20002, PROFILE_USER_TOO_LARGE, 9101 },

        /* two errors: the first */

        { "\\x", "\xff", 20002, PROFILE_INVALID_JSON, 9002 },
        { "\\x", "\v", 20002, PROFILE_INVALID_JSON, 9002 },
        { "\\\"", "\xff", 20002, PROFILE_INVALID_UTF8, 9061 },

        /* the text ends before anybody has looked */

        { "\\x", "a", 9070, PROFILE_INVALID_JSON, 9002 },
        { "a", "a", 9070, PROFILE_TRUNCATED, 9070 },
        { "a", "\\", 9062, PROFILE_TRUNCATED, 9062 }
    };

    (void) state;

    memset(&c, 0, sizeof(c));
    c.enter = 1;

    text = malloc(20004);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        (void) memset(text, 'a', 20000);
        (void) strcpy(text + 20000, "\"]");

        text[0] = '[';
        text[1] = '"';
        memcpy(text + 9001, cases[i].wrong, strlen(cases[i].wrong));
        text[9061] = cases[i].later[0];
        text[cases[i].size] = '\0';

        test_engines (c.engine) {
            for (piece = 0; piece <= 20002; piece += piece < 8 ? 1 : 571) {
                assert_int_equal(reader_read(&c, 9100, text, piece, &offset),
                                 cases[i].reason);
                assert_int_equal(offset, cases[i].offset);
            }
        }
    }

    free(text);
}


/* a long token ends where it ends, and is told then */

static void
test_long_token(void **state)
{
    char        *text;
    size_t       i, piece, len;
    uint64_t     offset;
    consumer_t   c;

    static const struct {
        const char        *begin;
        const char        *end;
        const char        *log;
        profile_reason_e   reason;
        unsigned           offset;
    } cases[] = {
        { "[1", "]", "[@0 number@1-10000 ]@10000", PROFILE_OK, 0 },
        { "[\"a\",1", "]x", "[@0 string@1-4 number@5-10000 ]@10000",
          PROFILE_TRAILING_DATA, 10001 },
        { "[1", ",2]", "[@0 number@1-10000 number@10001-10002 ]@10002",
          PROFILE_OK, 0 },
        { "1", " ", "number@0-10000", PROFILE_OK, 0 },
        { "1", "", "number@0-10000", PROFILE_OK, 0 },
        { "-1", ".25]", "number@0-10003", PROFILE_TRAILING_DATA, 10003 },
        { "[1", "e+25]", "[@0 number@1-10004 ]@10004", PROFILE_OK, 0 },
        { "[1", "E}", "[@0", PROFILE_INVALID_JSON, 10001 },
        { "[1", "-2]", "[@0 number@1-10000", PROFILE_INVALID_JSON, 10000 },
        { "1", "x", "number@0-10000", PROFILE_TRAILING_DATA, 10000 },
        { "[\"1", "\"]", "[@0 string@1-10001 ]@10001", PROFILE_OK, 0 },
        { "\"1", "\\\"\"x", "string@0-10003", PROFILE_TRAILING_DATA,
          10003 },
        { "{\"1", "\":2}", "{@0 $:number@10002-10003 }@10003", PROFILE_OK,
          0 }
    };

    (void) state;

    memset(&c, 0, sizeof(c));
    c.enter = 1;

    text = malloc(10008);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        len = strlen(cases[i].begin);

        memset(text, '0', 10000);
        memcpy(text, cases[i].begin, len);
        (void) strcpy(text + 10000, cases[i].end);

        c.terse = 1;

        test_engines (c.engine) {
            for (piece = 0; piece <= 10003; piece += piece < 8 ? 1 : 571) {
                assert_int_equal(reader_read(&c, 20000, text, piece, &offset),
                                 cases[i].reason);
                assert_int_equal(offset, cases[i].offset);
                assert_string_equal(c.log, cases[i].log);
            }
        }
    }

    free(text);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        test_add(events[i].name, test_events, &events[i]);
    }

    test_add("a reason of the consumer ends the reading", test_refused, NULL);

    for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        test_add(limits[i].name, test_limit, &limits[i]);
    }

    test_add("M6.1 what is not held is not limited", test_unlimited, NULL);
    test_add("M6.3 an error in a long string comes before its limit",
             test_gathered, NULL);

    test_add("M6.3 a long token ends in time", test_long_token, NULL);

    return test_run();
}
