
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that users leave as they are complete, in memory that does not grow
 * with their number, and what happens when they cannot leave.
 */


#include "profile_test.h"


#define SCHEMA  "identity_drop t; provider p x; user_metadata ~p_(.*) as=$1;"

#define USER    "{\"user_id\":\"p|1\",\"a\":1,\"x\":[2],\"p_b\":{},"          \
                "\"identities\":[{\"t\":1,\"u\":2}],\"\\u0063\":3}"

#define USER_V2 "{\"user_id\":\"p|1\",\"x\":[2],\"identities\":[{\"u\":2}],"  \
                "\"app_metadata\":{\"a\":1,\"\\u0063\":3},"                   \
                "\"user_metadata\":{\"b\":{}}}"


typedef struct {
    test_out_t         out;
    unsigned           writes;
    unsigned           fail;             /* the write that fails, and later */
} sink_t;


static profile_reason_e
sink_write(void *ctx, const u_char *data, size_t len)
{
    sink_t  *sink = ctx;

    assert_true(len > 0);

    if (++sink->writes == sink->fail) {
        return PROFILE_INTERNAL;
    }

    return test_write(&sink->out, data, len);
}


static profile_rewriter_t *
rewriter_create(const profile_schema_t *s, const char *envelope,
    size_t max_user_size, sink_t *sink)
{
    profile_sink_t            to;
    profile_rewriter_t       *rw;
    profile_rewriter_conf_t   conf;

    memset(&conf, 0, sizeof(conf));
    conf.schema = s;
    conf.max_user_size = max_user_size;
    conf.max_depth = 16;

    conf.envelope = test_path(envelope);

    memset(sink, 0, sizeof(sink_t));
    to.write = sink_write;
    to.ctx = sink;

    rw = profile_rewriter_create(&test_alloc, &conf, &to);
    assert_non_null(rw);

    return rw;
}


static profile_reason_e
rewriter_feed(profile_rewriter_t *rw, const char *text)
{
    return profile_rewriter_feed(rw, (const u_char *) text, strlen(text));
}


/* each part leaves with the byte that completes it, and not before */

static void
test_leaves(void **state)
{
    size_t               i, j;
    sink_t               sink;
    profile_schema_t    *s;
    profile_rewriter_t  *rw;

    static const struct {
        const char  *in;
        const char  *out;
    } parts[] = {
        { "[ ", "[ " },
        { USER, USER_V2 },
        { " , ", " , " },
        { "{\"a\":1}", "{\"a\":1}" },
        { ",", "," },
        { "[1,[2]]", NULL },
        { ",\"abc\",", NULL },
        { USER, USER_V2 },
        { "]\n\n", "]\n\n" }
    };

    (void) state;

    s = test_schema(SCHEMA);
    rw = rewriter_create(s, NULL, 1024, &sink);

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {

        for (j = 0; parts[i].in[j]; j++) {
            assert_int_equal(profile_rewriter_feed(rw, (u_char *)
                                                   &parts[i].in[j], 1),
                             PROFILE_OK);

            /* what passes does so byte by byte, but for objects */

            if (parts[i].in[0] == '{' && parts[i].in[j + 1]) {
                assert_int_equal(sink.out.len, 0);

            } else if (parts[i].in[0] != '{') {
                assert_int_equal(sink.out.len, j + 1);
            }
        }

        assert_int_equal(sink.out.len, strlen(parts[i].out ? parts[i].out
                                              : parts[i].in));
        assert_memory_equal(sink.out.data, parts[i].out ? parts[i].out
                            : parts[i].in, sink.out.len);
        sink.out.len = 0;
    }

    assert_int_equal(profile_rewriter_finish(rw), PROFILE_OK);
    assert_int_equal(sink.out.len, 0);
    assert_int_equal(profile_rewriter_counts(rw)->users, 2);

    profile_rewriter_destroy(rw);
    profile_schema_destroy(s);
    free(sink.out.data);
}


/* no more memory is asked for, however many users come */

static void
test_constant(void **state)
{
    char                 text[1024];
    size_t               i, piece, len, n;
    sink_t               sink;
    profile_schema_t    *s;
    profile_rewriter_t  *rw;

    static const size_t  pieces[] = { 1, 3, 64, 4096 };

    (void) state;

    s = test_schema(SCHEMA);

    (void) strcpy(text, "," USER ",{\"a\":1},5,[\"x\"]");

    for (piece = 0; piece < sizeof(pieces) / sizeof(pieces[0]); piece++) {
        rw = rewriter_create(s, "users", 1024, &sink);

        assert_int_equal(rewriter_feed(rw, "{\"users\":[0"), PROFILE_OK);

        for (i = 0; i < 3000; i++) {

            /* the first of them may make room */

            if (i == 8) {
                test_alloc_fail(0);
            }

            for (len = 0; text[len]; len += n) {
                n = strlen(text + len);
                n = n < pieces[piece] ? n : pieces[piece];

                assert_int_equal(profile_rewriter_feed(rw, (u_char *) text
                                                       + len, n),
                                 PROFILE_OK);
            }

            sink.out.len = 0;
        }

        assert_int_equal(rewriter_feed(rw, "]}"), PROFILE_OK);
        assert_int_equal(profile_rewriter_finish(rw), PROFILE_OK);
        assert_int_equal(test_alloc_count(), 0);
        assert_int_equal(profile_rewriter_counts(rw)->users, 3000);

        profile_rewriter_destroy(rw);
        free(sink.out.data);
    }

    profile_schema_destroy(s);
}


/* a member of an envelope beside the list is of any size and not held */

static void
test_envelope_streams(void **state)
{
    size_t               i;
    sink_t               sink;
    profile_schema_t    *s;
    profile_rewriter_t  *rw;

    (void) state;

    s = test_schema(SCHEMA);
    rw = rewriter_create(s, "users", 64, &sink);

    assert_int_equal(rewriter_feed(rw, "{\"users\":[],\"a\":[0"), PROFILE_OK);
    assert_int_equal(rewriter_feed(rw, ",{\"b\":[1,2,3]},\"cd\""),
                     PROFILE_OK);

    test_alloc_fail(0);

    for (i = 0; i < 10000; i++) {
        sink.out.len = 0;

        assert_int_equal(rewriter_feed(rw, ",{\"b\":[1,2,3]},\"c"),
                         PROFILE_OK);
        assert_int_equal(sink.out.len, 17);

        assert_int_equal(rewriter_feed(rw, "d\""), PROFILE_OK);
        assert_int_equal(sink.out.len, 19);
    }

    assert_int_equal(test_alloc_count(), 0);

    assert_int_equal(rewriter_feed(rw, "],\"e\":1}"), PROFILE_OK);
    assert_int_equal(profile_rewriter_finish(rw), PROFILE_OK);

    profile_rewriter_destroy(rw);
    profile_schema_destroy(s);
    free(sink.out.data);
}


/*
 * A write that fails ends it: nothing more is written, and every further call
 * returns the same.
 */

static void
test_sink_fails(void **state)
{
    char                 text[1024];
    size_t               done, len, n, piece, most;
    sink_t               sink;
    unsigned             fail, before;
    profile_schema_t    *s;
    profile_reason_e     rc;
    profile_rewriter_t  *rw;

    (void) state;

    s = test_schema(SCHEMA);

    (void) strcpy(text, " {\"a\":1,\"users\":[1," USER "," USER "],"
                  "\"b\":[1],\"c\":2} ");
    len = strlen(text);

    for (piece = 1; piece <= len; piece = piece * 2 + 1) {
        most = 0;

        for (fail = 1; ; fail++) {
            rw = rewriter_create(s, "users", 1024, &sink);
            sink.fail = fail;
            rc = PROFILE_OK;

            for (done = 0; done < len && rc == PROFILE_OK; done += n) {
                n = piece < len - done ? piece : len - done;
                rc = profile_rewriter_feed(rw, (u_char *) text + done, n);
            }

            if (rc == PROFILE_OK) {
                rc = profile_rewriter_finish(rw);
            }

            before = sink.writes;

            if (rc != PROFILE_OK) {
                assert_int_equal(rc, PROFILE_INTERNAL);
                assert_int_equal(before, fail);

                assert_int_equal(rewriter_feed(rw, " "), PROFILE_INTERNAL);
                assert_int_equal(rewriter_feed(rw, "1"), PROFILE_INTERNAL);
                assert_int_equal(profile_rewriter_finish(rw),
                                 PROFILE_INTERNAL);
                assert_int_equal(sink.writes, before);
            }

            profile_rewriter_destroy(rw);
            free(sink.out.data);

            if (rc == PROFILE_OK) {
                break;
            }

            most = fail;
        }

        assert_true(most > 4);
    }

    profile_schema_destroy(s);
}


/* after an error, too; what was complete before it has left */

static void
test_error_stays(void **state)
{
    sink_t               sink;
    profile_schema_t    *s;
    profile_rewriter_t  *rw;

    (void) state;

    s = test_schema(SCHEMA);
    rw = rewriter_create(s, NULL, 1024, &sink);

    assert_int_equal(rewriter_feed(rw, "[" USER ",1 2]"),
                     PROFILE_INVALID_JSON);
    assert_int_equal(profile_rewriter_offset(rw), strlen("[" USER ",1 "));
    assert_true(sink.out.len >= strlen("[" USER_V2));
    assert_memory_equal(sink.out.data, "[" USER_V2, strlen("[" USER_V2));

    sink.out.len = 0;

    assert_int_equal(rewriter_feed(rw, "]"), PROFILE_INVALID_JSON);
    assert_int_equal(profile_rewriter_feed(rw, NULL, 0),
                     PROFILE_INVALID_JSON);
    assert_int_equal(profile_rewriter_finish(rw), PROFILE_INVALID_JSON);
    assert_int_equal(profile_rewriter_offset(rw), strlen("[" USER ",1 "));
    assert_int_equal(sink.out.len, 0);

    profile_rewriter_destroy(rw);
    profile_schema_destroy(s);
    free(sink.out.data);
}


static void
unknown_name(void *ctx, const u_char *name, size_t len)
{
    test_out_t  *out = ctx;

    assert_true(len <= PROFILE_PROVIDER_MAX);

    (void) test_write(out, (u_char *) "<", 1);
    (void) test_write(out, name, len);
    (void) test_write(out, (u_char *) ">", 1);
}


static void
test_unknown(void **state)
{
    test_out_t                names;
    profile_sink_t            to;
    profile_schema_t         *s;
    profile_rewriter_t       *rw;
    profile_rewriter_conf_t   conf;
    sink_t                    sink;

    (void) state;

    s = test_schema(SCHEMA);

    memset(&names, 0, sizeof(names));
    memset(&sink, 0, sizeof(sink));
    memset(&conf, 0, sizeof(conf));

    conf.schema = s;
    conf.max_user_size = 1024;
    conf.max_depth = 16;
    conf.notice.unknown = unknown_name;
    conf.notice.ctx = &names;

    to.write = sink_write;
    to.ctx = &sink;

    rw = profile_rewriter_create(&test_alloc, &conf, &to);

    assert_int_equal(rewriter_feed(rw,
                         "[{\"user_id\":\"p|1\"},{\"user_id\":\"q|p|1\"},"
                         "{\"user_id\":\"p\"},{\"user_id\":[\"r|1\"]},"
                         "{\"identities\":[]},{\"user_id\":\"\\u0073|1\"},"
                         "{\"user_id\":\"|1\"},{\"user_id\":\""
                         "0123456789012345678901234567890123456789"
                         "0123456789012345678901234567890123456789|1\"}]"),
                     PROFILE_OK);

    assert_int_equal(profile_rewriter_counts(rw)->unknown, 7);
    (void) test_write(&names, (u_char *) "", 1);
    assert_string_equal(names.data, "<q><s><><0123456789012345678901234567890"
                        "123456789012345678901234567890123>");

    profile_rewriter_destroy(rw);
    profile_schema_destroy(s);

    free(names.data);
    free(sink.out.data);
}


/* the reason of a write that failed outlives what could go wrong behind it */

static void
test_sink_first(void **state)
{
    sink_t               sink;
    unsigned long        n;
    profile_reason_e     rc;
    profile_schema_t    *s;
    profile_rewriter_t  *rw;

    (void) state;

    s = test_schema(SCHEMA);

    for (n = 1; ; n++) {
        rw = rewriter_create(s, NULL, 1024, &sink);
        sink.fail = 1;

        test_alloc_fail(n);

        rc = rewriter_feed(rw, USER);

        assert_int_equal(rc, sink.writes ? PROFILE_INTERNAL
                                         : PROFILE_NO_MEMORY);

        profile_rewriter_destroy(rw);

        if (test_alloc_count() < n) {
            break;
        }
    }

    test_alloc_fail(0);

    assert_true(n > 4);

    profile_schema_destroy(s);
}


/* a user with very many members */

static void
test_many_members(void **state)
{
    char              *text, *expected;
    size_t             i, len, n, first;
    test_out_t         out;
    test_rewrite_t     t;
    profile_schema_t  *s;

    (void) state;

    n = 20000;
    text = malloc(n * 32);
    expected = malloc(n * 32);

    len = sprintf(text, "{\"user_id\":1,\"app_metadata\":{\"n7\":0}");
    first = sprintf(expected, "{\"user_id\":1,\"app_metadata\":{\"n7\":7");

    for (i = 0; i < n; i++) {
        len += sprintf(text + len, ",\"n%zu\":%zu", i, i);

        if (i != 7) {
            first += sprintf(expected + first, ",\"n%zu\":%zu", i, i);
        }
    }

    len += sprintf(text + len, "}");
    first += sprintf(expected + first, "},\"user_metadata\":{}}");

    s = test_schema(SCHEMA);

    memset(&t, 0, sizeof(t));
    memset(&out, 0, sizeof(out));
    t.schema = s;
    t.piece = 4096;

    assert_int_equal(test_rewrite(&t, text, len, &out), PROFILE_OK);
    assert_int_equal(t.counts.moved[PROFILE_APP_METADATA], n);
    assert_int_equal(t.counts.conflicts, 1);
    assert_int_equal(out.len, first);
    assert_memory_equal(out.data, expected, first);

    profile_schema_destroy(s);

    free(out.data);
    free(text);
    free(expected);
}


int
main(void)
{
    test_add("M6.1 what is complete leaves", test_leaves, NULL);
    test_add("M6.1 memory does not grow with the users", test_constant, NULL);
    test_add("M1.3 no part of an envelope is held", test_envelope_streams,
             NULL);
    test_add("M6 a write that fails", test_sink_fails, NULL);
    test_add("M6 a write that fails, and memory", test_sink_first, NULL);
    test_add("M6.3 an error stays", test_error_stays, NULL);
    test_add("M2 unknown providers are told", test_unknown, NULL);
    test_add("M5.4 a user with very many members", test_many_members, NULL);

    return test_run();
}
