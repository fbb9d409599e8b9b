
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that a user who cannot be read is left out of a list, and nobody else
 * (M6.5): whatever stands around, and in pieces of every size.
 */


#include "profile_test.h"
#include "core/profile_reason.h"


/* a user has at most 64 bytes, and a depth of 6 in all */

#define A     "{'user_id':1}"
#define A2    "{'user_id':1,'app_metadata':{},'user_metadata':{}}"
#define B     "{'identities':[],'b':[[]]}"
#define B2    "{'identities':[],'app_metadata':{'b':[[]]},'user_metadata':{}}"
#define LONG  "{'user_id':'x|2','a':['0123456789','0123456789','0123456789']," \
              "'b':'0123456789'}"
#define DEEP  "{'user_id':'x|3','a':{'b':[[[[[{'c':[]}]]]]]},'d':1}"
#define SLOW  "{'user_id':'x|4','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa':1}"
#define BRIEF "{'user_id':'x|4','aaaaaaaaaaaaaaaa':1}"
#define LATE  "{'a':[1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7,8,9,0,1,2,3,4,5,6,7],"  \
              "'user_id':'x|5'}"


typedef enum {
    LIST = 0,
    TOTALS,
    ENVELOPE,
    REQUIRED
} how_e;


typedef struct {
    const char       *name;
    how_e             how;
    const char       *text;
    const char       *expected;          /* NULL: an error */
    unsigned          left_out;
    const char       *told;              /* or the reason of the error */
} row_t;


static const row_t  rows[] = {

    { "M6.5 first", LIST,
      "[" LONG "," A "," B "]", "[" A2 "," B2 "]", 1,
      "user_too_large 65 0 x|2;" },

    { "M6.5 last", LIST,
      "[" A "," B "," DEEP "]", "[" A2 "," B2 "]", 1, "too_deep 71 2 x|3;" },

    { "M6.5 between", LIST,
      "[" A "," DEEP "," B "]", "[" A2 "," B2 "]", 1, "too_deep 44 1 x|3;" },

    { "M6.5 a pattern that gives up", LIST,
      "[" A "," SLOW "," B "," SLOW "]", "[" A2 "," B2 "]", 2,
      "pattern_limit 68 1 x|4;pattern_limit 149 3 x|4;" },

    { "M6.5 and does so each time", LIST,
      "[" BRIEF "," A "," BRIEF "," B "," BRIEF "]", "[" A2 "," B2 "]", 3,
      NULL },

    { "M6.5 side by side", LIST,
      "[" DEEP "," LONG "," A "," LONG "," DEEP "," B "," LATE "]",
      "[" A2 "," B2 "]", 5, NULL },

    { "M6.5 none is left", LIST,
      "[" LONG "]", "[]", 1, "user_too_large 65 0 x|2;" },

    { "M6.5 none of two is left", LIST,
      " [ " DEEP " , " DEEP "\n] ", " [\n] ", 2, NULL },

    { "M6.5 the id stands too late", LIST,
      "[" LATE "]", "[]", 1, "user_too_large 65 0 ;" },

    { "M6.5 an empty list", LIST,
      " [ ] ", " [ ] ", 0, "" },

    { "M6.5 M5.3 white space around those who stay", LIST,
      " [\n" A " ,\n" LONG "\t, " B "\r]\n",
      " [\n" A2 "\t, " B2 "\r]\n", 1, NULL },

    { "M6.5 M5.3 white space before the first", LIST,
      " [\n" LONG "\t,\r" B " ] ", " [\t\r" B2 " ] ", 1, NULL },

    { "M6.5 M5.3 white space behind the last", LIST,
      "[" A " ,\t" LONG " ] ", "[" A2 " ] ", 1, NULL },

    { "M6.5 M1.2 elements that are no users", LIST,
      "[ 1, 'x' ," LONG ", [ [ {'user_id':2} ] , 3 ], " DEEP " ,{ 'a' : 4 },"
      "null," A " ,[]]",
      "[ 1, 'x', [ [ {'user_id':2} ] , 3 ] ,{ 'a' : 4 },null," A2 " ,[]]", 2,
      NULL },

    { "M6.5 M1.3 an envelope", ENVELOPE,
      "{'n':1, 'users' : [" LONG "," A "," DEEP "," B " ], 'total':4 }",
      "{'n':1, 'users' : [" A2 "," B2 " ], 'total':4 }", 2, NULL },

    { "M6.5 M1.3 an envelope of nobody, twice", ENVELOPE,
      "{'users':[ " LONG " ],'users':[],'a':[1]}",
      "{'users':[ ],'users':[],'a':[1]}", 1, NULL },

    { "M6.5 U5.2 they count", TOTALS,
      "[" LONG "," A ",1," DEEP "," B "]",
      "{'users':[" A2 "," B2 "],'start':0,'limit':0,'length':4,'total':4}", 2,
      NULL },

    { "M6.5 M1.5 they are users", TOTALS,
      "[" LONG ",1]",
      "{'users':[],'start':0,'limit':0,'length':1,'total':1}", 1, NULL },

    { "M6.5 M1.5 users only", REQUIRED,
      "[" LONG "," A "]", "[" A2 "]", 1, NULL },

    { "M6.5 M1.5 and nothing else", REQUIRED,
      "[" LONG "," A ",1]", NULL, 1, "no_users" },

    { "M6.5 M6.3 the rest has to be JSON", LIST,
      "[" A ",{'a':[[[[[[[[tru]]]]]]]]}]", NULL, 1, "invalid_json" },

    { "M6.5 M6.3 and whole", LIST,
      "[" A ",{'a':[[[[[[[[", NULL, 1, "truncated" },

    { "M6.5 M6.1 a string that is too large", LIST,
      "[{'a':'012345678901234567890123456789012345678901234567890123456789"
      "01234567890123456789012345678901234567890123456789'}]", NULL, 1,
      "user_too_large" },

    { "M6.5 a user alone", LIST,
      LONG, NULL, 0, "user_too_large" },

    { "M6.5 a user alone, too deep", LIST,
      DEEP, NULL, 0, "too_deep" },

    { "M6.5 not in a list, not a user", LIST,
      "[[[[[[[[[" A "]]]]]]]]]", NULL, 0, "too_deep" },
};


typedef struct {
    char                  text[1024];
    size_t                len;
} told_t;


static void
unreadable(void *ctx, const profile_unreadable_t *user)
{
    told_t  *told = ctx;

    told->len += snprintf(told->text + told->len,
                          sizeof(told->text) - told->len, "%s %u %u %.*s;",
                          profile_reason_name(user->reason)->data,
                          (unsigned) user->offset, (unsigned) user->index,
                          (int) user->id.len,
                          user->id.len ? (char *) user->id.data : "");
}


static profile_reason_e
rewrite(const profile_schema_t *s, const row_t *row, const char *text,
    size_t piece, unsigned skip, test_out_t *out, told_t *told,
    uint64_t *left_out)
{
    char                     *copy;
    size_t                    n, len, done;
    profile_sink_t            sink;
    profile_reason_e          rc;
    profile_rewriter_t       *rw;
    profile_rewriter_conf_t   conf;


    memset(&conf, 0, sizeof(conf));

    conf.schema = s;
    conf.max_user_size = 64;
    conf.max_depth = 6;
    conf.skip = skip;
    conf.required = (row->how == REQUIRED || row->how == TOTALS);
    conf.list.enabled = (row->how == TOTALS);
    conf.list.totals = (row->how == TOTALS);
    conf.notice.ctx = told;
    conf.unreadable = unreadable;

    if (row->how == ENVELOPE) {
        conf.envelope = test_path("users");
    }

    sink.ctx = out;
    sink.write = test_write;

    rw = profile_rewriter_create(&test_alloc, &conf, &sink);
    assert_non_null(rw);

    rc = PROFILE_OK;
    len = strlen(text);

    for (done = 0; done < len && rc == PROFILE_OK; done += n) {
        n = (piece && piece < len - done) ? piece : len - done;

        copy = malloc(n);
        memcpy(copy, text + done, n);

        rc = profile_rewriter_feed(rw, (u_char *) copy, n);

        memset(copy, 0xa5, n);
        free(copy);
    }

    if (rc == PROFILE_OK) {
        rc = profile_rewriter_finish(rw);
    }

    *left_out = profile_rewriter_left_out(rw);

    profile_rewriter_destroy(rw);

    return rc;
}


static void
test_row(void **state)
{
    char              *text, *expected;
    told_t             told;
    size_t             piece;
    uint64_t           left_out;
    test_out_t         out;
    const row_t       *row = *state;
    profile_reason_e   rc;
    profile_schema_t  *s;

    s = test_schema("app_metadata ~(a|a|a|a)+[bc];");
    text = test_json(row->text);
    expected = row->expected ? test_json(row->expected) : NULL;

    for (piece = 0; piece <= strlen(text); piece++) {
        memset(&out, 0, sizeof(out));
        memset(&told, 0, sizeof(told));

        rc = rewrite(s, row, text, piece, 1, &out, &told, &left_out);

        if (expected == NULL) {
            assert_string_equal(profile_reason_name(rc)->data, row->told);

        } else if (rc != PROFILE_OK || out.len != strlen(expected)
                   || memcmp(out.data, expected, out.len) != 0)
        {
            fail_msg("in pieces of %zu: %s:\n%s\nbecame\n%.*s\nnot\n%s", piece,
                     profile_reason_name(rc)->data, text, (int) out.len,
                     out.data ? (char *) out.data : "", expected);

        } else if (row->told) {
            assert_string_equal(told.text, row->told);
        }

        assert_int_equal(left_out, row->left_out);

        free(out.data);
    }

    free(text);
    free(expected);

    profile_schema_destroy(s);
}


/* without users who cannot be read all is as it is where they are an error */

static void
test_same(void **state)
{
    char              *text;
    told_t             told;
    size_t             i, piece;
    uint64_t           left_out;
    test_out_t         out, plain;
    profile_reason_e   rc;
    profile_schema_t  *s;

    static const row_t  same[] = {
        { "", LIST, " [ " A " , " B "\n,[ 1 , " A " ],{ } , 2,'x',null ] ",
          NULL, 0, NULL },
        { "", LIST, A, NULL, 0, NULL },
        { "", LIST, " 1 ", NULL, 0, NULL },
        { "", LIST, "[\t[ ] , [ ]\t]", NULL, 0, NULL },
        { "", LIST, "[" A "," A, NULL, 0, NULL },
        { "", LIST, "[" A "," A "] x", NULL, 0, NULL },
        { "", ENVELOPE, "{ 'a':1, 'users':[ " A " , 1 ] , 'b':[" A "]}",
          NULL, 0, NULL },
        { "", ENVELOPE, "{'users':[],'user_id':1}", NULL, 0, NULL },
        { "", TOTALS, " [ " A ", 1, " B "] ", NULL, 0, NULL },
        { "", REQUIRED, " [ " A " , " B " ] ", NULL, 0, NULL }
    };

    (void) state;

    s = test_schema("app_metadata ~(a|a|a|a)+[bc];");

    for (i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
        text = test_json(same[i].text);

        for (piece = 0; piece <= strlen(text); piece++) {
            memset(&out, 0, sizeof(out));
            memset(&plain, 0, sizeof(plain));

            rc = rewrite(s, &same[i], text, piece, 1, &out, &told, &left_out);

            assert_int_equal(left_out, 0);
            assert_int_equal(rewrite(s, &same[i], text, piece, 0, &plain,
                                     &told, &left_out), rc);

            if (rc == PROFILE_OK) {
                assert_int_equal(out.len, plain.len);
                assert_memory_equal(out.data, plain.data, plain.len);
            }

            free(out.data);
            free(plain.data);
        }

        free(text);
    }

    profile_schema_destroy(s);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_add(rows[i].name, test_row, &rows[i]);
    }

    test_add("M6.5 nobody is left out", test_same, NULL);

    return test_run();
}
