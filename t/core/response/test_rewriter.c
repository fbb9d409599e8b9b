
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves where users are found (M1), what passes as it is (M5), the limits
 * and the places of errors (M6), and what is counted.
 */


#include "profile_test.h"


#define SCHEMA  "identity_drop t; provider p x;"

#define END     ",'app_metadata':{},'user_metadata':{}}"


typedef struct {
    const char  *name;
    const char  *envelope;
    const char  *body;
    const char  *expected;               /* NULL: as it is */
} body_t;


static const body_t  bodies[] = {

    { "M1.1 user_id makes a user", NULL,
      "{'user_id':null}", "{'user_id':null" END },

    { "M1.1 identities make a user", NULL,
      "{'identities':{}}", "{'identities':{}" END },

    { "M1.1 as the last member", NULL,
      "{'x':1,'identities':0}",
      "{'identities':0,'app_metadata':{'x':1},'user_metadata':{}}" },

    { "M1.1 by a name with escapes", NULL,
      "{'\\u0075ser_id':1}", "{'\\u0075ser_id':1" END },

    { "M1.1 no other name", NULL,
      "{'user_i':1,'user_ids':2,'User_id':3,'identitie':4,'IDENTITIES':5,"
      "'\\u0078user_id':6}", NULL },

    { "M1.1 not by a member of a member", NULL,
      "{'app_metadata':{'user_id':1},'a':{'identities':[]}}", NULL },

    { "M1.2 an array of users", NULL,
      "[{'user_id':1},{'user_id':2}]",
      "[{'user_id':1" END ",{'user_id':2" END "]" },

    { "M1.2 other elements pass", NULL,
      "[1,'user_id',null,{'a':1},{},[],{'user_id':2},true]",
      "[1,'user_id',null,{'a':1},{},[],{'user_id':2" END ",true]" },

    { "M1.2 users one array deeper are none", NULL,
      "[[{'user_id':1}],{'a':{'user_id':2}},[[{'user_id':3}]]]", NULL },

    { "M1.2 a user in a user is a value", NULL,
      "{'user_id':1,'x':{'user_id':2,'t':3}}",
      "{'user_id':1,'app_metadata':{'x':{'user_id':2,'t':3}},"
      "'user_metadata':{}}" },

    { "M1.2 an empty object is no user", NULL, "[{},{ }]", NULL },

    { "M1.3 the users of an envelope", "users",
      "{'start':0,'users':[{'user_id':1},{'user_id':2}],'total':2}",
      "{'start':0,'users':[{'user_id':1" END ",{'user_id':2" END "],"
      "'total':2}" },

    { "M1.3 an envelope with white space", "users",
      " { 'a' : [ 1 , 2 ] ,\n'users' : [ {'user_id':1} , 5 ] , 'b' : { } } ",
      " { 'a' : [ 1 , 2 ] ,\n'users' : [ {'user_id':1" END " , 5 ] , 'b' :"
      " { } } " },

    { "M1.3 its name with escapes", "users",
      "{'\\u0075sers':[{'user_id':1}]}",
      "{'\\u0075sers':[{'user_id':1" END "]}" },

    { "M1.3 other members of any type pass", "users",
      "{'a':1,'b':'x','c':null,'d':true,'e':[{'user_id':1}],"
      "'f':{'user_id':2},'users':[],'g':1,'h':'x','i':null,'j':false,"
      "'k':[{'user_id':3},[]],'l':{'m':{'user_id':4}},'n':''}", NULL },

    { "M1.3 an envelope's other members called like containers", "users",
      "{'metadata':{'a':1},'users':[],'app_metadata':{'b':2},"
      "'user_metadata':{}}", NULL },

    { "M1.3 a list that stands twice", "users",
      "{'users':[{'user_id':1}],'users':[{'user_id':2}]}",
      "{'users':[{'user_id':1" END "],'users':[{'user_id':2" END "]}" },

    { "M1.3 a member of that name that is no array", "users",
      "{'users':{'user_id':1},'a':1}", NULL },

    { "M1.3 no array first, then an array", "users",
      "{'users':5,'users':[{'user_id':1}]}",
      "{'users':5,'users':[{'user_id':1" END "]}" },

    { "M1.3 an array first, then none", "users",
      "{'users':[{'user_id':1}],'users':{'user_id':5},'users':6}",
      "{'users':[{'user_id':1" END "],'users':{'user_id':5},'users':6}" },

    { "M1.3 a root with the members of a user is none", "users",
      "{'user_id':1,'users':[{'user_id':2}],'identities':[3]}",
      "{'user_id':1,'users':[{'user_id':2" END "],'identities':[3]}" },

    { "M1.3 a root that is an array", "users",
      "[{'user_id':1,'users':[{'user_id':2}]},{'users':[{'user_id':3}]}]",
      "[{'user_id':1,'app_metadata':{'users':[{'user_id':2}]},"
      "'user_metadata':{}},{'users':[{'user_id':3}]}]" },

    { "M1.3 another envelope", "users",
      "{'items':[{'user_id':1}]}", NULL },

    { "M1.3 no envelope", NULL,
      "{'users':[{'user_id':1}]}", NULL },

    { "M1.3 no envelope is not one without a name", NULL,
      "{'':[{'user_id':1}]}", NULL },

    { "M1.3 an envelope of a longer name", "user",
      "{'users':[{'user_id':1}]}", NULL },

    { "M1.3 an envelope by the name of a container", "metadata",
      "{'metadata':[{'user_id':1}],'a':2}",
      "{'metadata':[{'user_id':1" END "],'a':2}" },

    { "M1.3 an envelope by the name of identities", "identities",
      "{'identities':[{'user_id':1}]}",
      "{'identities':[{'user_id':1" END "]}" },

    { "M1.3 an envelope of one byte", "u",
      "{'a':[1],'u':[{'user_id':1}],'b':[2]}",
      "{'a':[1],'u':[{'user_id':1" END "],'b':[2]}" },

    { "M1.3 arrays in the list", "users",
      "{'users':[[{'user_id':1}],{'users':[{'user_id':2}]}]}", NULL },

    { "M1.4 scalars", NULL, " 'x' ", NULL },
    { "M1.4 a number at the end", NULL, "-1.50e+7", NULL },
    { "M1.4 an empty array", NULL, "[ ]\n", NULL },
    { "M1.4 an empty object", NULL, "\t{ }", NULL },
    { "M1.4 an error", NULL,
      "{'statusCode':404,'error':'Not Found','x':[1,{'y':null}]}\r\n", NULL },

    { "M5.1 values keep their bytes", NULL,
      "{'x':1,'user_id':'p|\\u0031','a':1e400,'b':-0,'c':1.0,"
      "'d':123456789012345678901234567890,'e':'\\u00e9\\/\xc3\xa9',"
      "'f':[ 1 ,2 , { 'g' :3 } ]}",
      "{'x':1,'user_id':'p|\\u0031','app_metadata':{'a':1e400,'b':-0,"
      "'c':1.0,'d':123456789012345678901234567890,"
      "'e':'\\u00e9\\/\xc3\xa9','f':[ 1 ,2 , { 'g' :3 } ]},"
      "'user_metadata':{}}" },

    { "M5.1 names keep their bytes", NULL,
      "{'\\u0078':1,'user_id':'p|1','\\u0061\\/b':2}",
      "{'\\u0078':1,'user_id':'p|1','app_metadata':{'\\u0061\\/b':2},"
      "'user_metadata':{}}" },

    { "M5.3 white space goes from between a user's members alone", NULL,
      "\n[\t{ 'user_id' : 1 , 'a' : { 'b' : 2 } , 'app_metadata' : { 'c' : 3"
      " , 'd' : [ ] } }\t,\r\n{ 'z' : 1 } ]\n",
      "\n[\t{'user_id':1,'app_metadata':{'c':3,'d':[ ],'a':{ 'b' : 2 }},"
      "'user_metadata':{}}\t,\r\n{ 'z' : 1 } ]\n" },

    { "M5.3 what has the form of v2 keeps it", NULL,
      "{'user_id':1" END, NULL },

    { "M5.6 UTF-8 of all lengths", NULL,
      "{'user_id':'\xc3\xa9|\xe2\x82\xac','\xf0\x9f\x98\x80':"
      "'\xf0\x9f\x98\x80'}",
      "{'user_id':'\xc3\xa9|\xe2\x82\xac','app_metadata':{"
      "'\xf0\x9f\x98\x80':'\xf0\x9f\x98\x80'},'user_metadata':{}}" },

    { "M6.3 a byte order mark is skipped", NULL,
      "\xef\xbb\xbf {'user_id':1}", " {'user_id':1" END },

    { "M6.3 before what passes, too", NULL,
      "\xef\xbb\xbf[1]\n", "[1]\n" }
};


static void
test_body(void **state)
{
    char              *body, *expected;
    profile_schema_t  *s;
    const body_t      *b = *state;

    s = test_schema(SCHEMA);

    body = test_json(b->body);
    expected = test_json(b->expected ? b->expected : b->body);

    test_rewrites(s, b->envelope, body, expected);
    test_rewrites(s, b->envelope, expected, expected);

    free(body);
    free(expected);

    profile_schema_destroy(s);
}


/* how many bytes may be held, how deep may be nested: that many and no more */

typedef struct {
    const char        *name;
    const char        *envelope;
    const char        *body;
    size_t             size;             /* 0: do not care */
    unsigned           depth;
    profile_reason_e   reason;           /* with one less */
    unsigned           offset;
} limit_t;


static const limit_t  limits[] = {

    { "M6.1 a user alone", NULL,
      " {'user_id':1} ", 13, 0, PROFILE_USER_TOO_LARGE, 13 },

    { "M6.1 the largest user of many", NULL,
      "[{'user_id':1},{'user_id':22},{'user_id':3}]", 14, 0,
      PROFILE_USER_TOO_LARGE, 28 },

    { "M6.1 a user that has white space", NULL,
      "{'user_id':1         }", 22, 0, PROFILE_USER_TOO_LARGE, 21 },

    { "M1.4 a root that is no user in the end", NULL,
      "{'aaaa':1,'b':2}", 16, 0, PROFILE_USER_TOO_LARGE, 15 },

    { "M1.4 an element that is no user in the end", NULL,
      "[1,{'aaaa':1,'b':2},2]", 16, 0, PROFILE_USER_TOO_LARGE, 18 },

    { "M1.3 an undecided root before the list", "users",
      "{'aaaa':1,'users':[{'user_id':1},2,3,4,5,6,7,8,9]}", 19, 0,
      PROFILE_USER_TOO_LARGE, 18 },

    { "M1.3 other members stream", "users",
      "{'users':[],'a':[1,2,3,4,5,6,7,8,9,10],'b':{'c':[1,2,3,4,5,6,7]}}",
      10, 0, PROFILE_USER_TOO_LARGE, 9 },

    { "M1.3 a scalar member is held with its name", "users",
      "{'users':[],'long name':'abc'}", 18, 0, PROFILE_USER_TOO_LARGE, 28 },

    { "M1.3 a name is held until its value begins", "users",
      "{'users':[],'long name'  : [1,2,3,4,5,6,7,8,9,0]}", 17, 0,
      PROFILE_USER_TOO_LARGE, 27 },

    { "M1.3 white space before the end of an envelope", "users",
      "{'users':[]              }", 15, 0, PROFILE_USER_TOO_LARGE, 25 },

    { "M6.1 elements that are no objects stream", NULL,
      "[[1,2,3,4,5,6,7,8],'abcdefgh',[{'a':'b'}]]", 10, 0,
      PROFILE_USER_TOO_LARGE, 28 },

    { "M6.2 a user alone", NULL,
      "{'user_id':[]}", 0, 2, PROFILE_TOO_DEEP, 11 },

    { "M6.2 a container", NULL,
      "{'user_id':1,'metadata':{'a':[]}}", 0, 3, PROFILE_TOO_DEEP, 29 },

    { "M6.2 identities", NULL,
      "{'identities':[{'a':{'b':1}}]}", 0, 4, PROFILE_TOO_DEEP, 20 },

    { "M6.2 a list", NULL,
      "[{'user_id':[{}]}]", 0, 4, PROFILE_TOO_DEEP, 13 },

    { "M6.2 an envelope", "users",
      "{'users':[{'user_id':1}]}", 0, 3, PROFILE_TOO_DEEP, 10 },

    { "M6.2 what passes", NULL,
      "[[[[]]],[[[]]]]", 0, 4, PROFILE_TOO_DEEP, 3 }
};


static void
test_limit(void **state)
{
    char              *body;
    size_t             piece;
    test_out_t         out;
    test_rewrite_t     t;
    const limit_t     *l = *state;
    profile_schema_t  *s;
    profile_reason_e   rc;

    s = test_schema(SCHEMA);
    body = test_json(l->body);

    memset(&t, 0, sizeof(t));
    t.schema = s;
    t.envelope = l->envelope;

    for (piece = 0; piece <= strlen(body); piece++) {
        memset(&out, 0, sizeof(out));

        t.piece = piece;
        t.max_user_size = l->size;
        t.max_depth = l->depth;

        rc = test_rewrite(&t, body, strlen(body), &out);

        if (rc != PROFILE_OK) {
            fail_msg("in pieces of %zu: \"%s\" at %u", piece,
                     profile_reason_name(rc)->data, (unsigned) t.offset);
        }

        t.max_user_size = l->size ? l->size - 1 : 0;
        t.max_depth = l->depth ? l->depth - 1 : 0;

        rc = test_rewrite(&t, body, strlen(body), &out);

        if (rc != l->reason || t.offset != l->offset) {
            fail_msg("in pieces of %zu, one less: \"%s\" at %u", piece,
                     profile_reason_name(rc)->data, (unsigned) t.offset);
        }

        free(out.data);
    }

    free(body);
    profile_schema_destroy(s);
}


typedef struct {
    const char        *name;
    const char        *envelope;
    const char        *body;
    const char        *mark;
    profile_reason_e   reason;
} error_t;


static const error_t  errors[] = {

    { "M6.3 in what is dropped", NULL,
      "{'identities':[{'t':[1,]}]}",
      "                       ^", PROFILE_INVALID_JSON },

    { "M6.3 in a container", NULL,
      "[{'user_id':1,'metadata':{'a':tru}}]",
      "                                 ^", PROFILE_INVALID_JSON },

    { "M6.3 in the second user", NULL,
      "[{'user_id':1},{'user_id':2 'a':1}]",
      "                            ^", PROFILE_INVALID_JSON },

    { "M6.3 in what passes", "users",
      "{'users':[],'a':[[1,2],{'b':'\\x'}]}",
      "                              ^", PROFILE_INVALID_JSON },

    { "M6.3 between the members of an envelope", "users",
      "{'users':[] 'a':1}",
      "            ^", PROFILE_INVALID_JSON },

    { "M6.3 UTF-8 in a user", NULL,
      "{'user_id':'\xff'}",
      "            ^", PROFILE_INVALID_UTF8 },

    { "M6.3 behind the user", NULL,
      "{'user_id':1} {'user_id':2}",
      "              ^", PROFILE_TRAILING_DATA },

    { "M6.3 behind the list", NULL,
      "[{'user_id':1}]]",
      "               ^", PROFILE_TRAILING_DATA },

    { "M6.3 nothing at all", NULL,
      "",
      "^", PROFILE_TRUNCATED },

    { "M6.3 a list that is cut", NULL,
      "[{'user_id':1},",
      "               ^", PROFILE_TRUNCATED },

    { "M6.3 a user that is cut", NULL,
      "{'user_id':1",
      "            ^", PROFILE_TRUNCATED },

    { "M6.3 an envelope that is cut", "users",
      "{'users':[{'user_id':1}],'total':1",
      "                                  ^", PROFILE_TRUNCATED },

    { "M6.3 a byte order mark counts", NULL,
      "\xef\xbb\xbf[1,]",
      "      ^", PROFILE_INVALID_JSON }
};


static void
test_error(void **state)
{
    char              *body;
    profile_schema_t  *s;
    const error_t     *e = *state;

    s = test_schema(SCHEMA);
    body = test_json(e->body);

    test_refuses(s, e->envelope, body, e->mark, e->reason);

    free(body);
    profile_schema_destroy(s);
}


/* the place is behind the user: that is when its names are looked at */

static void
test_pattern_limit(void **state)
{
    profile_schema_t  *s;

    (void) state;

    s = test_schema("user_metadata ~(a+)+[bc];");

    test_refuses(s, NULL,
                 "[{\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\":0,"
                 "\"user_id\":1},2]",
                 "                                          "
                 "             ^",
                 PROFILE_PATTERN_LIMIT);

    profile_schema_destroy(s);
}


typedef struct {
    const char        *name;
    const char        *envelope;
    const char        *body;
    profile_counts_t   counts;
} count_t;


static const count_t  counts[] = {

    { "users, of known and unknown providers", NULL,
      "[{'user_id':'p|1'},{'user_id':'q|1'},{'user_id':1},{'a':1},2,"
      "{'identities':[]},{'user_id':'p'}]", { 5, { 0, 0 }, 0, 4, 0 } },

    { "no users", "users",
      "{'users':[],'a':{'user_id':1}}", { 0, { 0, 0 }, 0, 0, 0 } },

    { "users of an envelope", "users",
      "{'users':[{'user_id':'p|1'},{'user_id':'p|2'}]}",
      { 2, { 0, 0 }, 0, 0, 0 } },

    { "moved attributes, not members of containers", NULL,
      "[{'user_id':'p|1','a':1,'b':2,'um_c':3,'x':4,'app_metadata':{'d':5},"
      "'metadata':{'e':6}},{'user_id':'p|1','f':7,'user_metadata':8}]",
      { 2, { 4, 1 }, 0, 0, 0 } },

    { "M2.3 a conflict of a rename", NULL,
      "{'user_id':'p|1','old':1,'new':2}", { 1, { 0, 0 }, 1, 0, 0 } },

    { "M2.3 no conflict of a rename", NULL,
      "[{'user_id':'p|1','old':1},{'user_id':'p|1','new':1}]",
      { 2, { 0, 0 }, 0, 0, 0 } },

    { "M3.3 each value that is left out is a conflict", NULL,
      "{'user_id':'p|1','am_a':1,'a':2,'app_metadata':{'a':3},"
      "'metadata':{'a':4}}", { 1, { 2, 0 }, 3, 0, 0 } },

    { "M3.3 no conflict between containers", NULL,
      "{'user_id':'p|1','a':1,'user_metadata':{'a':2}}",
      { 1, { 1, 0 }, 0, 0, 0 } },

    { "M5.4 a name that stands three times", NULL,
      "{'user_id':'p|1','a':1,'a':2,'a':3}", { 1, { 1, 0 }, 2, 0, 0 } },

    { "M5.4 in a container", NULL,
      "{'user_id':'p|1','app_metadata':{'a':1,'a':2}}",
      { 1, { 0, 0 }, 1, 0, 0 } },

    { "M5.4 not in what is no container", NULL,
      "{'user_id':'p|1','x':{'a':1,'a':2}}", { 1, { 0, 0 }, 0, 0, 0 } },

    { "what is dropped is neither moved nor in conflict", NULL,
      "{'user_id':'p|1','gone':1,'identities':[{'t':1}]}",
      { 1, { 0, 0 }, 0, 0, 0 } }
};


static void
test_count(void **state)
{
    char              *body;
    size_t             piece;
    test_out_t         out;
    test_rewrite_t     t;
    const count_t     *c = *state;
    profile_schema_t  *s;

    s = test_schema(SCHEMA "rename old new; drop gone;"
                    "metadata_prefix user_metadata um_;"
                    "metadata_prefix app_metadata am_;");

    body = test_json(c->body);

    memset(&t, 0, sizeof(t));
    t.schema = s;
    t.envelope = c->envelope;

    for (piece = 0; piece <= strlen(body); piece++) {
        memset(&out, 0, sizeof(out));
        t.piece = piece;

        assert_int_equal(test_rewrite(&t, body, strlen(body), &out),
                         PROFILE_OK);

        assert_int_equal(t.counts.users, c->counts.users);
        assert_int_equal(t.counts.moved[PROFILE_APP_METADATA],
                         c->counts.moved[PROFILE_APP_METADATA]);
        assert_int_equal(t.counts.moved[PROFILE_USER_METADATA],
                         c->counts.moved[PROFILE_USER_METADATA]);
        assert_int_equal(t.counts.conflicts, c->counts.conflicts);
        assert_int_equal(t.counts.unknown, c->counts.unknown);

        free(out.data);
    }

    free(body);
    profile_schema_destroy(s);
}


/* the offset is that of the first byte that does not fit, in any pieces */

#define BETWEEN  1048576


typedef struct {
    const char        *name;
    const char        *envelope;
    const char        *before;
    const char        *fill;             /* repeated */
    const char        *after;
    size_t             counted;          /* of before */
} between_t;


static const between_t  betweens[] = {

    { "M6.4 numbers, no user", NULL, "[1", ",1", "]", 2 },
    { "M6.4 numbers before a user", NULL, "[1", ",1", ",{'user_id':1}]", 2 },
    { "M6.4 numbers behind a user", NULL, "[{'user_id':1}", ",1", "]", 0 },
    { "M6.4 white space", NULL, "[{'user_id':1}", "  ", "]", 0 },
    { "M6.4 white space before all", NULL, "", "  ", "{'user_id':1}", 0 },
    { "M6.4 lists", NULL, "[[]", ",[]", "]", 3 },
    { "M6.4 an envelope's member", "users",
      "{'users':[{'user_id':1}],'a':[1", ",1", "]}", 8 },
    { "M6.4 an envelope's members", "users",
      "{'users':[{'user_id':1}]", ",'a':1", "}", 1 }
};


static void
test_between(void **state)
{
    char              *body, *s1, *s2, *p;
    size_t             fill, i, n, size, start;
    test_out_t         out;
    test_rewrite_t     t;
    const between_t   *b = *state;
    profile_schema_t  *s;
    profile_reason_e   rc;

    static const size_t  pieces[] = { 0, 4096, 65521, BETWEEN, BETWEEN + 3 };

    s = test_schema(SCHEMA);
    s1 = test_json(b->before);
    s2 = test_json(b->after);
    fill = strlen(b->fill);

    n = BETWEEN / fill + 10;
    size = strlen(s1) + n * fill + strlen(s2);
    body = malloc(size + 1);
    assert_non_null(body);

    p = body + sprintf(body, "%s", s1);

    for (i = 0; i < n; i++) {
        p += sprintf(p, "%s", b->fill);
    }

    for (i = strlen(s1); i < strlen(s1) + n * fill; i++) {
        body[i] = body[i] == '\'' ? '"' : body[i];
    }

    sprintf(p, "%s", s2);

    start = strlen(s1) - b->counted;

    memset(&t, 0, sizeof(t));
    t.schema = s;
    t.envelope = b->envelope;
    t.max_user_size = 1000;

    for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        memset(&out, 0, sizeof(out));
        t.piece = pieces[i];

        rc = test_rewrite(&t, body, size, &out);

        if (rc != PROFILE_NOT_USERS || t.offset != start + BETWEEN) {
            fail_msg("in pieces of %zu: \"%s\" at %lu, not %zu", t.piece,
                     profile_reason_name(rc)->data, (unsigned long) t.offset,
                     start + BETWEEN);
        }

        /* as much more is allowed for larger users */

        t.max_user_size = BETWEEN + 1000;
        assert_int_equal(test_rewrite(&t, body, size, &out), PROFILE_OK);
        t.max_user_size = 1000;

        free(out.data);
    }

    free(body);
    free(s1);
    free(s2);
    profile_schema_destroy(s);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        test_add(bodies[i].name, test_body, &bodies[i]);
    }

    for (i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        test_add(limits[i].name, test_limit, &limits[i]);
    }

    for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
        test_add(errors[i].name, test_error, &errors[i]);
    }

    test_add("M2.8 a pattern that gives up", test_pattern_limit, NULL);

    for (i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        test_add(counts[i].name, test_count, &counts[i]);
    }

    for (i = 0; i < sizeof(betweens) / sizeof(betweens[0]); i++) {
        test_add(betweens[i].name, test_between, &betweens[i]);
    }

    return test_run();
}
