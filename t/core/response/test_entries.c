
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves lists of what is no user in an envelope (U5.6).  It fails when an
 * entry is changed or taken for a user, when one is not counted, and when what
 * is no list gets an envelope.
 */


#include "profile_test.h"


typedef struct {
    const char           *name;
    const char           *body;
    const char           *expected;      /* NULL: refused */
    profile_reason_e      reason;
} entries_t;


#define TAIL(n)  ",'start':10,'limit':5,'length':" #n ",'total':1" #n "}"


static const entries_t  cases[] = {

    { "U5.6 entries as they come",
      " [ {'user_id':'p|1','x':1.50, 'gone':{}} ,\n"
      "{'identities':[ ]}, [1] , 'a', null,1e400]",
      " {'logs':[ {'user_id':'p|1','x':1.50, 'gone':{}} ,\n"
      "{'identities':[ ]}, [1] , 'a', null,1e400]" TAIL(6), PROFILE_OK },

    { "U5.6 none", " [ ]",
      " {'logs':[ ],'start':10,'limit':5,'length':0,'total':0}", PROFILE_OK },

    { "U5.6 brackets in texts", "['],[',{'a]':['}']}]",
      "{'logs':['],[',{'a]':['}']}]" TAIL(2), PROFILE_OK },

    { "U5.6 white space behind", "[1]\n", "{'logs':[1]" TAIL(1) "\n",
      PROFILE_OK },

    { "U5.6 a user", "{'user_id':'p|1'}", NULL, PROFILE_NO_USERS },
    { "U5.6 an envelope", "{'logs':[]}", NULL, PROFILE_NO_USERS },
    { "U5.6 a number", " 1 ", NULL, PROFILE_NO_USERS },
    { "U5.6 no JSON", "[{'a':1},}", NULL, PROFILE_INVALID_JSON },
    { "U5.6 cut", "[{'a':1}", NULL, PROFILE_TRUNCATED },
    { "U5.6 too deep", "[[[[[1]]]]]", NULL, PROFILE_TOO_DEEP },
    { "U5.6 nothing", "", NULL, PROFILE_TRUNCATED },
    { "U5.6 data behind", "[1]2", NULL, PROFILE_TRAILING_DATA },
};


static profile_reason_e
entries_rewrite(const profile_rewriter_conf_t *conf, const char *body,
    size_t piece, test_out_t *out)
{
    size_t               n, done, len;
    profile_sink_t       sink;
    profile_reason_e     rc;
    profile_rewriter_t  *rw;

    sink.write = test_write;
    sink.ctx = out;

    rw = profile_rewriter_create(&test_alloc, conf, &sink);
    assert_non_null(rw);

    len = strlen(body);
    rc = PROFILE_OK;

    for (done = 0; done < len && rc == PROFILE_OK; done += n) {
        n = (piece && piece < len - done) ? piece : len - done;
        rc = profile_rewriter_feed(rw, (u_char *) body + done, n);
    }

    if (rc == PROFILE_OK) {
        rc = profile_rewriter_finish(rw);
    }

    assert_int_equal(profile_rewriter_counts(rw)->users, 0);

    profile_rewriter_destroy(rw);

    return rc;
}


static void
test_entries(void **state)
{
    char                     *body, *expected;
    size_t                    piece;
    test_out_t                out;
    const entries_t          *e = *state;
    profile_rewriter_conf_t   conf;

    static const profile_str_t  name = profile_string("logs");

    memset(&conf, 0, sizeof(conf));
    conf.schema = test_schema("drop gone; provider p x;");
    conf.max_user_size = 1024;
    conf.max_depth = 4;
    conf.skip = 1;
    conf.list.enabled = 1;
    conf.list.entries = 1;
    conf.list.totals = 1;
    conf.list.start = 10;
    conf.list.limit = 5;
    conf.list.name = name;

    body = test_json(e->body);

    for (piece = 0; piece <= strlen(body); piece++) {
        memset(&out, 0, sizeof(out));

        assert_int_equal(entries_rewrite(&conf, body, piece, &out), e->reason);

        if (e->expected) {
            expected = test_json(e->expected);

            (void) test_write(&out, (u_char *) "", 1);
            assert_string_equal(out.data, expected);

            free(expected);
        }

        free(out.data);
    }

    free(body);

    profile_schema_destroy((profile_schema_t *) conf.schema);
}


/* many more bytes than a user may have, and than may stand between two */

static void
test_entries_many(void **state)
{
    size_t                    i;
    test_out_t                in, out;
    profile_rewriter_conf_t   conf;

    (void) state;

    memset(&conf, 0, sizeof(conf));
    conf.schema = test_schema("");
    conf.max_user_size = 1024;
    conf.max_depth = 4;
    conf.list.enabled = 1;
    conf.list.entries = 1;
    conf.list.totals = 1;

    memset(&in, 0, sizeof(in));
    memset(&out, 0, sizeof(out));

    for (i = 0; i < 60000; i++) {
        (void) test_write(&in, (u_char *) (i ? ",{\"description\":\"a text\"}"
                                             : "[{\"description\":\"a text\"}"),
                          25);
    }

    (void) test_write(&in, (u_char *) "]", 2);

    assert_int_equal(entries_rewrite(&conf, (char *) in.data, 4096, &out),
                     PROFILE_OK);
    (void) test_write(&out, (u_char *) "", 1);
    assert_non_null(strstr((char *) out.data, "],\"start\":0,\"limit\":0,"
                                              "\"length\":60000,"));

    free(in.data);
    free(out.data);
    profile_schema_destroy((profile_schema_t *) conf.schema);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_add(cases[i].name, test_entries, &cases[i]);
    }

    test_add("U5.6 many", test_entries_many, NULL);

    return test_run();
}
