
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that an operator can learn which providers the schema lacks: each
 * user of an unknown one is counted, and its name is told, unescaped, cut, and
 * never with anything of the user's own; and that the libraries tell their
 * versions.  It fails when a part of the id behind the "|" is told, or a
 * provider that the schema has.
 */


#include "core/json/profile_reader.h"
#include "profile_test.h"


typedef struct {
    const char           *text;
    const char           *told;          /* the names, ";" behind each */
    uint64_t              unknown;
} case_t;


typedef struct {
    char                  text[1024];
    size_t                len;
} told_t;


static void
notice(void *ctx, const u_char *name, size_t len)
{
    told_t  *told = ctx;

    assert_true(len <= PROFILE_PROVIDER_MAX);
    assert_true(told->len + len + 2 <= sizeof(told->text));

    memcpy(told->text + told->len, name, len);
    told->len += len;
    told->text[told->len++] = ';';
    told->text[told->len] = '\0';
}


static uint64_t
run(const char *text, const profile_notice_t *wanted)
{
    char                     *json;
    uint64_t                  unknown;
    test_out_t                out;
    profile_sink_t            sink;
    profile_schema_t         *schema;
    profile_rewriter_t       *rw;
    profile_rewriter_conf_t   conf;

    memset(&conf, 0, sizeof(conf));
    memset(&out, 0, sizeof(out));

    schema = test_schema("provider auth0; provider github bio;");
    json = test_json(text);

    conf.schema = schema;
    conf.notice = *wanted;
    conf.max_user_size = 4096;
    conf.max_depth = 16;

    sink.write = test_write;
    sink.ctx = &out;

    rw = profile_rewriter_create(&test_alloc, &conf, &sink);
    assert_non_null(rw);

    assert_int_equal(profile_rewriter_feed(rw, (u_char *) json, strlen(json)),
                     PROFILE_OK);
    assert_int_equal(profile_rewriter_finish(rw), PROFILE_OK);

    unknown = profile_rewriter_counts(rw)->unknown;

    profile_rewriter_destroy(rw);
    profile_schema_destroy(schema);
    free(out.data);
    free(json);

    return unknown;
}


static void
test_told(void **state)
{
    told_t            told;
    const case_t     *c = *state;
    profile_notice_t  wanted;

    memset(&told, 0, sizeof(told));
    memset(&wanted, 0, sizeof(wanted));

    wanted.unknown = notice;
    wanted.ctx = &told;

    assert_int_equal(run(c->text, &wanted), c->unknown);
    assert_string_equal(told.text, c->told);
}


static void
test_not_wanted(void **state)
{
    profile_notice_t  wanted;

    (void) state;

    memset(&wanted, 0, sizeof(wanted));

    assert_int_equal(run("{'user_id':'acme|1'}", &wanted), 1);
}


static void
test_versions(void **state)
{
    u_char    text[PROFILE_VERSION_LEN + 1];
    unsigned  major, minor;

    (void) state;

    text[profile_reader_version(text)] = '\0';
    assert_int_equal(sscanf((char *) text, "%u.%u.", &major, &minor), 2);
    assert_true(major == 2);

    text[profile_schema_version(text)] = '\0';
    assert_int_equal(sscanf((char *) text, "%u.%u", &major, &minor), 2);
    assert_true(major == 10 && minor >= 30);
    assert_null(strchr((char *) text, ' '));
}


#define S8(s)   s s s s s s s s
#define S64(s)  S8(S8(s))


static const case_t  known = {
    "[{'user_id':'auth0|1'},{'user_id':'github|2'}]", "", 0
};

static const case_t  unknown = {
    "[{'user_id':'acme|1'},{'user_id':'auth0|2'},{'user_id':'acme|3'}]",
    "acme;acme;", 2
};

static const case_t  escaped = {
    "{'user_id':'a\\u0063me\\u007csecret|1'}", "acme;", 1
};

static const case_t  no_bar = {
    "[{'user_id':'mail@example.com'},{'user_id':7},{'identities':[]}]", "", 3
};

static const case_t  empty = { "{'user_id':'|1'}", ";", 1 };

static const case_t  just = {
    "{'user_id':'" S64("x") "|1'}", S64("x") ";", 1
};

static const case_t  longer = {
    "{'user_id':'" S64("x") "y|1'}", S64("x") ";", 1
};


int
main(void)
{
    test_add("M2.7 known providers are not told", test_told, &known);
    test_add("M2.7 unknown providers are told by name", test_told, &unknown);
    test_add("M2.7 the name is unescaped", test_told, &escaped);
    test_add("M2.7 an id without a bar is not told", test_told, &no_bar);
    test_add("M2.7 an empty name is told", test_told, &empty);
    test_add("M2.7 64 bytes are told", test_told, &just);
    test_add("M2.7 longer names are cut", test_told, &longer);
    test_add("M2.7 nobody has to listen", test_not_wanted, NULL);
    test_add("versions of the libraries", test_versions, NULL);

    return test_run();
}
