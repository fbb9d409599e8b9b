
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that what v1's own bag has, and nothing else, is the metadata of a
 * user (M8): against a schema that says otherwise, by its names however they
 * are written, and that each attribute on which both disagree is told.  It
 * fails when an attribute is where the schema would put it, when a bag that is
 * not whole is taken for one, or when the time a bag takes grows faster than
 * the bag.
 */


#include "core/response/profile_exact.h"
#include "profile_test.h"


#define MAX_SIZE  65536

#define SCHEMA                                                               \
    "provider p bio; provider * url; provider p ~p_.*;"                      \
    "identity email; drop _id; rename lastIP last_ip;"                       \
    "metadata_prefix user_metadata um_; metadata_prefix app_metadata am_;"   \
    "user_metadata hobby; user_metadata ~p_u(.*) as=of_$1; null_metadata omit;"


typedef struct {
    const char           *name;
    const char           *user;          /* the rest of {'user_id':'p|1' */
    const char           *bag;
    const char           *root;          /* the same, of v2 */
    const char           *app;
    const char           *mine;          /* user_metadata */
    const char           *told;          /* "+name" is metadata, "-" is none,
                                            ";" behind each, "?" of unknown */
    const char           *schema;        /* NULL: the one above */
} row_t;


static const row_t  rows[] = {

    { "M8.1 what the bag lacks stays",
      ",'groups':[1],'plan':'x'", "{'plan':'x'}",
      ",'groups':[1]", "'plan':'x'", "", "-groups?;", NULL },

    { "M8.1 an empty bag", ",'groups':[1],'a':{}", "{}",
      ",'groups':[1],'a':{}", "", "", "-groups?;-a?;", NULL },

    { "M8.1 a bag that was never made", ",'a':1", "null",
      ",'a':1", "", "", "-a?;", NULL },

    { "M8.1 a bag of PHP", ",'a':1", " [ ] ", ",'a':1", "", "", "-a?;", NULL },

    { "M8.1 what the bag has is metadata", ",'bio':1,'url':2",
      "{'bio':1,'url':2}", "", "'bio':1,'url':2", "", "+bio;+url;", NULL },

    { "M8.1 both agree", ",'bio':1,'url':2,'plan':3", "{'plan':3}",
      ",'bio':1,'url':2", "'plan':3", "", "", NULL },

    { "M8.1 values do not matter", ",'bio':1,'plan':2",
      "{'bio':[{'deep':['x']}],'plan':null}",
      "", "'bio':1,'plan':2", "", "+bio;", NULL },

    { "M8.1 nor what is only in the bag", ",'a':1", "{'b':1}",
      ",'a':1", "", "", "-a?;", NULL },

    { "M8.1 nor names inside of it", ",'a':1,'b':2", "{'b':{'a':1}}",
      ",'a':1", "'b':2", "", "-a?;", NULL },

    { "M8.1 default root", ",'a':1,'b':2", "{'a':0}",
      ",'b':2", "'a':1", "", "+a?;", "provider p; default root;" },

    { "M8.2 a claim by name", ",'hobby':1", "{'hobby':1}",
      "", "", "'hobby':1", "", NULL },

    { "M8.2 a claim that the bag lacks", ",'hobby':1", "{}",
      ",'hobby':1", "", "", "-hobby;", NULL },

    { "M8.2 a prefix", ",'um_a':1,'am_b':2", "{'um_a':1,'am_b':2}",
      "", "'b':2", "'a':1", "", NULL },

    { "M8.2 a prefix that the bag lacks", ",'um_a':1,'am_b':2", "{'a':1,'b':2}",
      ",'um_a':1,'am_b':2", "", "", "-um_a?;-am_b?;", NULL },

    { "M8.2 a pattern behind the provider's", ",'p_a':1,'p_ux':2",
      "{'p_a':1,'p_ux':2}",
      "", "'p_a':1", "'of_x':2", "+p_a?;+p_ux?;", NULL },

    { "M8.2 default user_metadata", ",'bio':1", "{'bio':1}",
      "", "", "'bio':1", "+bio;", "provider p bio; default user_metadata;" },

    { "M8.3 identity", ",'email':1", "{'email':1}", ",'email':1", "", "",
      "", NULL },

    { "M8.3 an identity field that the bag lacks", ",'email':1", "{}",
      ",'email':1", "", "", "", NULL },

    { "M8.3 drop", ",'_id':1", "{'_id':1}", "", "", "", "", NULL },

    { "M8.3 rename", ",'lastIP':1", "{'lastIP':1}", ",'last_ip':1", "", "", "",
      NULL },

    { "M8.3 the id itself", "", "{'user_id':1}", "", "", "", "", NULL },

    { "M8.3 containers", ",'metadata':{'a':1},'app_metadata':{'b':2}", "{}",
      "", "'b':2,'a':1", "", "", NULL },

    { "M8.3 containers of another type", ",'metadata':7", "{}",
      "", "'metadata':7", "", "", NULL },

    { "M8.3 names inside of containers", ",'a':1", "{'metadata':{'a':1}}",
      ",'a':1", "", "", "-a?;", NULL },

    { "M8.3 what is merged is metadata",
      ",'prefs':{'a':1},'a':2,'b':3", "{'b':0}",
      ",'a':2", "'b':3", "'a':1", "-a?;",
      "provider p; merge prefs into user_metadata;" },

    { "M8.1 what is lifted has a name of its own",
      ",'profile':{'dep':1,'plan':2,'x':3}", "{'plan':0}",
      ",'profile':{'x':3},'dep':1", "'plan':2", "", "-profile;-dep;",
      "provider p; lift profile.dep profile.plan;" },

    { "M3.6 null in the bag", ",'bio':null", "{'bio':null}",
      "", "", "", "+bio;", NULL },

    { "M3.6 null that the bag lacks", ",'a':null", "{}",
      ",'a':null", "", "", "-a?;", NULL },

    { "M3.3 the prefixed one wins", ",'bio':1,'am_bio':2",
      "{'bio':1,'am_bio':2}", "", "'bio':2", "", "+bio;", NULL },

    { "M3.3 but not what v1 has made of it", ",'bio':1,'am_bio':2",
      "{'bio':1}", ",'am_bio':2", "'bio':1", "", "+bio;-am_bio?;", NULL },

    { "M5.4 a name twice", ",'a':1,'a':2,'b':3,'b':4", "{'a':1,'a':1}",
      ",'b':4", "'a':2", "", "-b?;", NULL },

    { "M8.1 escapes in the bag", ",'plan':1,'b\\u0069o':2",
      "{'pl\\u0061n':1,'bi\\u006f':2}", "", "'plan':1,'b\\u0069o':2", "",
      "+bio;", NULL },

    { "M8.1 letter case is another name", ",'Plan':1", "{'plan':1}",
      ",'Plan':1", "", "", "-Plan?;", NULL },

    { "M8.1 half a surrogate pair", ",'\\ud800':1,'\\udc00':2",
      "{'\\uD800':1}", ",'\\udc00':2", "'\\ud800':1", "", "-\xed\xb0\x80?;",
      NULL },

    { "M8.1 an empty name", ",'':1", "{'':0}", "", "'':1", "", "", NULL },

    { "M8.1 an empty name is one", ",'':1", "{'a':0}", ",'':1", "", "", "-?;",
      NULL },

    { "M8.1 a byte order mark", ",'a':1", "\xef\xbb\xbf{'a':1}", "", "'a':1",
      "", "", NULL }
};


typedef struct {
    char                  text[4096];
    size_t                len;
} told_t;


static void
differs(void *ctx, const profile_name_t *name, int metadata, int known)
{
    told_t  *told = ctx;

    told->len += snprintf(told->text + told->len,
                          sizeof(told->text) - told->len, "%c%.*s%s;",
                          metadata ? '+' : '-', (int) name->len, name->data,
                          known ? "" : "?");

    assert_true(told->len < sizeof(told->text));
}


/* a bag in pieces; what is wrong with it */

static profile_reason_e
read_bag(profile_exact_t *exact, const char *bag, size_t len, size_t piece)
{
    size_t            n;
    profile_reason_e  rc;

    for ( /* void */ ; len; bag += n, len -= n) {
        n = (piece && piece < len) ? piece : len;

        rc = profile_exact_feed(exact, (u_char *) bag, n);
        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    return profile_exact_finish(exact);
}


/* the user as text, to be freed */

static profile_reason_e
rewrite(const profile_schema_t *schema, profile_exact_t *exact,
    const char *user, told_t *told, profile_counts_t *counts, test_out_t *out)
{
    profile_sink_t            sink;
    profile_reason_e          rc;
    profile_rewriter_t       *rw;
    profile_rewriter_conf_t   conf;

    memset(&conf, 0, sizeof(conf));
    memset(out, 0, sizeof(test_out_t));
    memset(told, 0, sizeof(told_t));

    conf.schema = schema;
    conf.notice.differs = differs;
    conf.notice.ctx = told;
    conf.max_user_size = 16 * 1024 * 1024;
    conf.max_depth = 128;
    conf.exact = exact;

    sink.write = test_write;
    sink.ctx = out;

    rw = profile_rewriter_create(&test_alloc, &conf, &sink);
    if (rw == NULL) {
        return PROFILE_NO_MEMORY;
    }

    rc = profile_rewriter_feed(rw, (u_char *) user, strlen(user));

    if (rc == PROFILE_OK) {
        rc = profile_rewriter_finish(rw);
    }

    *counts = *profile_rewriter_counts(rw);

    profile_rewriter_destroy(rw);

    return rc;
}


static void
test_row(void **state)
{
    char              *bag, *text, *expected;
    size_t             piece;
    told_t             told;
    const row_t       *row = *state;
    test_out_t         out;
    profile_exact_t   *exact;
    profile_schema_t  *schema;
    profile_counts_t   counts;
    char               user[512], v2[512];

    snprintf(user, sizeof(user), "{'user_id':'p|1'%s}", row->user);
    snprintf(v2, sizeof(v2), "{'user_id':'p|1'%s,'app_metadata':{%s},"
             "'user_metadata':{%s}}", row->root, row->app, row->mine);

    schema = test_schema(row->schema ? row->schema : SCHEMA);
    text = test_json(user);
    expected = test_json(v2);
    bag = test_json(row->bag);

    for (piece = 0; piece < 4; piece++) {
        exact = profile_exact_create(&test_alloc, schema, MAX_SIZE);
        assert_non_null(exact);

        assert_int_equal(read_bag(exact, bag, strlen(bag), piece), PROFILE_OK);
        assert_int_equal(rewrite(schema, exact, text, &told, &counts, &out),
                         PROFILE_OK);

        assert_int_equal(out.len, strlen(expected));
        assert_memory_equal(out.data, expected, out.len);
        assert_string_equal(told.text, row->told);
        assert_int_equal(counts.exact, 1);

        profile_exact_destroy(exact);
        free(out.data);
    }

    profile_schema_destroy(schema);
    free(expected);
    free(text);
    free(bag);
}


/* M8.4: who stands in a list is mapped by the schema, and nothing is told */

static void
test_list(void **state)
{
    char              *text, *expected;
    told_t             told;
    test_out_t         out;
    profile_exact_t   *exact;
    profile_schema_t  *schema;
    profile_counts_t   counts;

    (void) state;

    schema = test_schema("provider p bio;");
    text = test_json("[{'user_id':'p|1','bio':1,'a':2}]");
    expected = test_json("[{'user_id':'p|1','bio':1,'app_metadata':{'a':2},"
                         "'user_metadata':{}}]");

    exact = profile_exact_create(&test_alloc, schema, MAX_SIZE);
    assert_non_null(exact);

    assert_int_equal(read_bag(exact, "{\"bio\":1}", 9, 0), PROFILE_OK);
    assert_int_equal(rewrite(schema, exact, text, &told, &counts, &out),
                     PROFILE_OK);

    assert_int_equal(out.len, strlen(expected));
    assert_memory_equal(out.data, expected, out.len);
    assert_string_equal(told.text, "");
    assert_int_equal(counts.exact, 0);
    assert_int_equal(counts.users, 1);

    profile_exact_destroy(exact);
    profile_schema_destroy(schema);
    free(out.data);
    free(expected);
    free(text);
}


typedef struct {
    const char           *bag;
    profile_reason_e      reason;
} bad_t;


static const bad_t  bad[] = {
    { "", PROFILE_TRUNCATED },
    { "{", PROFILE_TRUNCATED },
    { "{'a'", PROFILE_TRUNCATED },
    { "{'a':{'b':[", PROFILE_TRUNCATED },
    { "nul", PROFILE_TRUNCATED },
    { "{}{}", PROFILE_TRAILING_DATA },
    { "{'a':1} x", PROFILE_TRAILING_DATA },
    { "[] []", PROFILE_TRAILING_DATA },
    { "{'a':tru}", PROFILE_INVALID_JSON },
    { "{'a':1,}", PROFILE_INVALID_JSON },
    { "<html>", PROFILE_INVALID_JSON },
    { "\x1f\x8b\x08", PROFILE_INVALID_JSON },
    { "{'\xff':1}", PROFILE_INVALID_UTF8 },
    { "7", PROFILE_NOT_OBJECT },
    { "true", PROFILE_NOT_OBJECT },
    { "'{}'", PROFILE_NOT_OBJECT },
    { "[{}]", PROFILE_NOT_OBJECT },
    { "[null]", PROFILE_NOT_OBJECT },
    { "['a']", PROFILE_NOT_OBJECT },
    { "[[]]", PROFILE_NOT_OBJECT }
};


static void
test_bad(void **state)
{
    char              *bag;
    size_t             i, piece;
    profile_exact_t   *exact;
    profile_schema_t  *schema;

    (void) state;

    schema = test_schema("provider p;");

    for (i = 0; i < sizeof(bad) / sizeof(bad_t); i++) {
        bag = test_json(bad[i].bag);

        for (piece = 0; piece < 3; piece++) {
            exact = profile_exact_create(&test_alloc, schema, MAX_SIZE);
            assert_non_null(exact);

            if (read_bag(exact, bag, strlen(bag), piece) != bad[i].reason) {
                fail_msg("%s in pieces of %zu", bad[i].bag, piece);
            }

            profile_exact_destroy(exact);
        }

        free(bag);
    }

    profile_schema_destroy(schema);
}


/* the limit to the byte, and what is wrong before it goes first */

static void
test_limit(void **state)
{
    size_t             piece;
    profile_exact_t   *exact;
    profile_schema_t  *schema;

    (void) state;

    schema = test_schema("provider p;");

    for (piece = 0; piece < 3; piece++) {
        exact = profile_exact_create(&test_alloc, schema, 7);
        assert_int_equal(read_bag(exact, "{\"a\":1}", 7, piece), PROFILE_OK);
        profile_exact_destroy(exact);

        exact = profile_exact_create(&test_alloc, schema, 7);
        assert_int_equal(read_bag(exact, "{\"a\":1} ", 8, piece),
                         PROFILE_USER_TOO_LARGE);
        profile_exact_destroy(exact);

        exact = profile_exact_create(&test_alloc, schema, 7);
        assert_int_equal(read_bag(exact, "{\"a\";1,,,,", 10, piece),
                         PROFILE_INVALID_JSON);
        profile_exact_destroy(exact);
    }

    profile_schema_destroy(schema);
}


static void
test_deep(void **state)
{
    char               text[2 * 60000 + 16];
    size_t             n;
    profile_exact_t   *exact;
    profile_schema_t  *schema;

    (void) state;

    schema = test_schema("provider p;");

    n = 60000;

    memcpy(text, "{\"a\":", 5);
    memset(text + 5, '[', n);
    memset(text + 5 + n, ']', n);
    text[5 + 2 * n] = '}';

    exact = profile_exact_create(&test_alloc, schema, sizeof(text));
    assert_int_equal(read_bag(exact, text, 2 * n + 6, 0), PROFILE_OK);
    profile_exact_destroy(exact);

    profile_schema_destroy(schema);
}


/* H2.2: names decide, in any order, and nothing else */

static void
test_print(void **state)
{
    size_t             i, k;
    uint64_t           print[8];
    profile_exact_t   *exact;
    profile_schema_t  *schema;

    static const char  *const bags[] = {
        "{\"a\":1,\"b\":2}", "{ \"b\" : [] , \"\\u0061\":3}",
        "{\"a\":1,\"b\":2,\"a\":1}", "{\"a\":1}", "{\"ab\":1}", "{}", "[]",
        "{\"\":1}"
    };

    static const int  same[] = { 0, 0, 0, 3, 4, 5, 5, 7 };

    (void) state;

    for (i = 0; i < 8; i++) {
        schema = test_schema("provider p a;");
        exact = profile_exact_create(&test_alloc, schema, MAX_SIZE);
        assert_int_equal(read_bag(exact, bags[i], strlen(bags[i]), 0),
                         PROFILE_OK);
        print[i] = profile_exact_print(exact);
        profile_exact_destroy(exact);
        profile_schema_destroy(schema);
    }

    for (i = 0; i < 8; i++) {
        for (k = 0; k < 8; k++) {
            assert_int_equal(print[i] == print[k], same[i] == same[k]);
        }
    }
}


/* 100000 names, each looked up; what it holds is in proportion to the text */

static void
test_many(void **state)
{
    char              *text;
    size_t             i, n, len, most;
    told_t             told;
    test_out_t         out;
    profile_exact_t   *exact;
    profile_schema_t  *schema;
    profile_counts_t   counts;

    (void) state;

    n = 100000;
    schema = test_schema("provider p;");

    text = malloc(n * 16 + 64);
    assert_non_null(text);

    len = sprintf(text, "{\"user_id\":\"p|1\"");

    for (i = 0; i < n; i++) {
        len += sprintf(text + len, ",\"k%05zx\":1", i);
    }

    text[len++] = '}';
    text[len] = '\0';

    exact = profile_exact_create(&test_alloc, schema, len);

    (void) test_alloc_bytes(&most);

    assert_int_equal(read_bag(exact, text, len, 1000), PROFILE_OK);

    (void) test_alloc_bytes(&most);
    assert_true(most < 12 * len);

    assert_int_equal(rewrite(schema, exact, text, &told, &counts, &out),
                     PROFILE_OK);
    assert_int_equal(counts.moved[PROFILE_APP_METADATA], n);
    assert_string_equal(told.text, "");

    profile_exact_destroy(exact);
    profile_schema_destroy(schema);
    free(out.data);
    free(text);
}


/* each allocation fails once, and nothing is left behind or guessed */

static void
test_no_memory(void **state)
{
    char              *text, *bag;
    told_t             told;
    test_out_t         out;
    unsigned long      i;
    profile_exact_t   *exact;
    profile_reason_e   rc;
    profile_schema_t  *schema;
    profile_counts_t   counts;

    (void) state;

    schema = test_schema(SCHEMA);
    text = test_json("{'user_id':'p|1','b\\u0069o':1,'p_ux':2,'a':3}");
    bag = test_json("{'bi\\u006f':{'x':[1]},'p_ux':2,'b':3,'\\u0062':4}");

    for (i = 1; ; i++) {
        memset(&out, 0, sizeof(out));
        rc = PROFILE_NO_MEMORY;

        test_alloc_fail(i);

        exact = profile_exact_create(&test_alloc, schema, MAX_SIZE);

        if (exact) {
            rc = read_bag(exact, bag, strlen(bag), 3);
        }

        if (rc == PROFILE_OK) {
            rc = rewrite(schema, exact, text, &told, &counts, &out);
        }

        test_alloc_fail(0);

        profile_exact_destroy(exact);
        free(out.data);

        if (rc == PROFILE_OK) {
            break;
        }

        assert_int_equal(rc, PROFILE_NO_MEMORY);
    }

    assert_true(i > 10);

    profile_schema_destroy(schema);
    free(text);
    free(bag);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(rows) / sizeof(row_t); i++) {
        test_add(rows[i].name, test_row, &rows[i]);
    }

    test_add("M8.4 lists", test_list, NULL);
    test_add("M8.5 bags that cannot be read", test_bad, NULL);
    test_add("M8.5 the size of a bag", test_limit, NULL);
    test_add("M8.5 a deep bag", test_deep, NULL);
    test_add("H2.2 the fingerprint of a bag", test_print, NULL);
    test_add("M8.1 very many names", test_many, NULL);
    test_add("M8.5 no memory", test_no_memory, NULL);

    return test_run();
}
