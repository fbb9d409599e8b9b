
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves what fields show of members below the root (U5.7).  It fails when more
 * or less of a value leaves than the field names, when what leaves is no JSON,
 * or when bytes of what is kept change.
 */


#include "response/view_test.h"


#define SCHEMA                                                               \
    "identity email; rename lastLogin last_login; drop gone; provider p x;"  \
    "provider p address ~a\\.*b; metadata_prefix app_metadata am_;"          \
    "metadata_prefix user_metadata um_; null_metadata omit;"                 \
    "provider p app_metadata.plan; identity_drop token;"

#define LARGE   (4 * 1024 * 1024)


typedef struct {
    const char       *name;
    const char       *fields;            /* between commas; "-" first: not */
    const char       *body;
    const char       *expected;
} fields_t;


#define ONE                                                                  \
    "{'user_id':'p|1','email':'a@x','x':{'y':{'z':1,'w':2},'v':[3]},"        \
    "'plan':'full','um_hobby':{'a':1,'b':2},'seats':{'max':5,'min':1},"      \
    "'identities':[{'connection':'c','token':'s','profileData':{'name':"     \
    "'n','token':'t','age':3}},{'connection':'d','provider':'e'}]}"

/* an array of objects, objects in arrays, and what is neither */

#define MIXED  "{'user_id':1,'email':[{'c':{'e':1,'f':1}},{'d':2},'z',null]}"


static const fields_t  cases[] = {

    { "U5.7 a member of a container", "user_id,app_metadata.plan", ONE,
      "{'user_id':'p|1','app_metadata':{'plan':'full'}}" },

    { "U5.7 of both containers", "user_metadata.hobby,app_metadata.seats", ONE,
      "{'app_metadata':{'seats':{'max':5,'min':1}},"
      "'user_metadata':{'hobby':{'a':1,'b':2}}}" },

    { "U5.7 deeper in a container", "app_metadata.seats.max", ONE,
      "{'app_metadata':{'seats':{'max':5}}}" },

    { "U5.7 deeper under a prefix", "user_metadata.hobby.b", ONE,
      "{'user_metadata':{'hobby':{'b':2}}}" },

    { "U5.7 the names are those of v2", "am_plan,um_hobby.a,plan", ONE, "{}" },

    { "U5.7 of what a provider sends", "x.y.z", ONE, "{'x':{'y':{'z':1}}}" },

    { "U5.7 two of one object", "x.y.w,x.v", ONE,
      "{'x':{'y':{'w':2},'v':[3]}}" },

    { "U5.7 arrays are passed through", "identities.connection", ONE,
      "{'identities':[{'connection':'c'},{'connection':'d'}]}" },

    { "U5.7 and deeper", "identities.profileData.name", ONE,
      "{'identities':[{'profileData':{'name':'n'}},{}]}" },

    { "U5.7 M4.1 tokens have no fields",
      "identities.token,identities.profileData.token", ONE,
      "{'identities':[{'profileData':{}},{}]}" },

    { "U5.7 M4.1 tokens of what is whole", "identities.profileData", ONE,
      "{'identities':[{'profileData':{'name':'n','age':3}},{}]}" },

    { "U5.7 a part and the whole", "x.y.z,x,x.v", ONE,
      "{'x':{'y':{'z':1,'w':2},'v':[3]}}" },

    { "U5.7 a part and what is around", "x.y.z,x.y", ONE,
      "{'x':{'y':{'z':1,'w':2}}}" },

    { "U5.7 a renamed one has no parts", "last_login.a,lastLogin.a",
      "{'user_id':1,'lastLogin':'t'}", "{}" },

    { "U5.7 a renamed one with parts", "last_login.a",
      "{'user_id':1,'lastLogin':{'a':1,'b':2}}", "{'last_login':{'a':1}}" },

    { "U5.7 a container in which nothing is asked for", "app_metadata.none",
      ONE, "{'app_metadata':{}}" },

    { "U5.7 a container that is a member of one",
      "app_metadata.app_metadata.a",
      "{'user_id':1,'am_app_metadata':{'a':1,'b':2}}",
      "{'app_metadata':{'app_metadata':{'a':1}}}" },

    { "U5.7 an object in which nothing is asked for", "x.none,x.y.none", ONE,
      "{'x':{'y':{}}}" },

    { "U5.7 what has no parts is left out", "email.a,user_id.a", ONE, "{}" },

    { "U5.7 elements that have none", "email.d", MIXED,
      "{'email':[{},{'d':2}]}" },

    { "U5.7 without those of elements", "-email.d", MIXED,
      "{'user_id':1,'email':[{'c':{'e':1,'f':1}},{},'z',null],"
      "'app_metadata':{},'user_metadata':{}}" },

    { "U5.7 an object in an array", "email.c.e", MIXED,
      "{'email':[{'c':{'e':1}},{}]}" },

    { "U5.7 without one of it", "-email.c.e", MIXED,
      "{'user_id':1,'email':[{'c':{'f':1}},{'d':2},'z',null],"
      "'app_metadata':{},'user_metadata':{}}" },

    { "U5.7 arrays in arrays", "email.a",
      "{'user_id':1,'email':[[1,[{'a':1,'b':2},3],[]],{'b':1},4]}",
      "{'email':[[[{'a':1}],[]],{}]}" },

    { "U5.7 without, arrays in arrays", "-email.a,user_id,app_metadata",
      "{'user_id':1,'email':[[1,[{'a':1,'b':2},3],[]],{'a':1},4]}",
      "{'email':[[1,[{'b':2},3],[]],{},4],'user_metadata':{}}" },

    { "U5.7 an array of values", "email.a,email.b",
      "{'user_id':1,'email':['p','q']}", "{'email':[]}" },

    { "U5.7 no place in an array is a name", "email.0,email.0.a",
      "{'user_id':1,'email':[{'a':1},{'0':{'a':2,'b':3}}]}",
      "{'email':[{},{'0':{'a':2,'b':3}}]}" },

    { "U5.7 without a member of a container", "-app_metadata.plan", ONE,
      "{'user_id':'p|1','email':'a@x','x':{'y':{'z':1,'w':2},'v':[3]},"
      "'identities':[{'connection':'c','profileData':{'name':'n','age':3}},"
      "{'connection':'d','provider':'e'}],"
      "'app_metadata':{'seats':{'max':5,'min':1}},"
      "'user_metadata':{'hobby':{'a':1,'b':2}}}" },

    { "U5.7 without some",
      "-x.y.z,x.v,identities.profileData.age,identities.connection,email.a,"
      "app_metadata.seats.min,app_metadata.plan.a,user_metadata,user_id", ONE,
      "{'email':'a@x','x':{'y':{'w':2}},"
      "'identities':[{'profileData':{'name':'n'}},{'provider':'e'}],"
      "'app_metadata':{'plan':'full','seats':{'max':5}}}" },

    { "U5.7 without all of a part", "-x.y,x.y.z,x.v",
      "{'user_id':'p|1','x':{'y':{'z':1,'w':2},'v':[3]}}",
      "{'user_id':'p|1','x':{},'app_metadata':{},'user_metadata':{}}" },

    { "U5.7 without a root member and a part", "-x.y,x",
      "{'user_id':'p|1','x':{'y':1}}",
      "{'user_id':'p|1','app_metadata':{},'user_metadata':{}}" },

    { "U5.7 names with dots at the root", "app_metadata.plan,app_metadata",
      "{'user_id':'p|1','app_metadata.plan':1,'a':2}",
      "{'app_metadata.plan':1,'app_metadata':{'a':2}}" },

    { "U5.7 beside the member that is named the same", "app_metadata.plan",
      "{'user_id':'p|1','app_metadata.plan':{'a':1},'plan':2,'b':3}",
      "{'app_metadata.plan':{'a':1},'app_metadata':{'plan':2}}" },

    { "U5.7 parts of it", "app_metadata.plan.a",
      "{'user_id':'p|1','app_metadata.plan':{'a':1,'b':2},"
      "'plan':{'a':3,'b':4},'plan.a':5}",
      "{'app_metadata.plan':{'a':1},'app_metadata':{'plan':{'a':3},"
      "'plan.a':5}}" },

    { "U5.7 without it", "-app_metadata.plan,user_metadata,user_id",
      "{'user_id':'p|1','app_metadata.plan':{'a':1},'plan':2,'b':3}",
      "{'app_metadata':{'b':3}}" },

    { "U5.7 dots in names below", "x.a.b",
      "{'user_id':'p|1','x':{'a.b':1,'a':{'b':2,'c':3,'':4},'a.c':5,"
      "'a.b.c':6,'a.':7,'.a':8,'b':9}}",
      "{'x':{'a.b':1,'a':{'b':2}}}" },

    { "U5.7 dots of names that lead on", "x.a.b.c",
      "{'user_id':'p|1','x':{'a.b':{'c':1,'d':2},'a':{'b':{'c':3},'b.c':4,"
      "'b':5},'a.b.c':6}}",
      "{'x':{'a.b':{'c':1},'a':{'b':{'c':3},'b.c':4,'b':5},'a.b.c':6}}" },

    { "U5.7 dots alone", "x.,a..b,x..",
      "{'user_id':'p|1','x':{'':{'':1,'c':2},'b':3},'a..b':4,"
      "'email':5}",
      "{'x':{'':{'':1,'c':2}},'a..b':4}" },

    { "U5.7 a name that is empty", ",.a",
      "{'user_id':1,'email':{'':1},'app_metadata':{'':2}}", "{}" },

    { "U5.7 names are whole names", "x.y.zz,x.y.,x.yy,x.y.z.a,xx.y", ONE,
      "{'x':{'y':{}}}" },

    { "U5.7 no letter case is another's", "app_metadata.PLAN,X.y", ONE,
      "{'app_metadata':{}}" },

    { "U5.7 names with escapes", "email.plan.a\\b",
      "{'user_id':1,'\\u0065mail':{'\\u0070lan':{'a\\\\b':1,'a\\\\\\\\b':2},"
      "'plan ':3}}",
      "{'\\u0065mail':{'\\u0070lan':{'a\\\\b':1}}}" },

    { "U5.7 M5.1 bytes stay bytes", "email.a,email.c",
      "{'user_id':1,'email':{'a':[ 1e400 , '\\u002d\\/' , -0 ],'b':1,"
      "'c':{ 'd' : 1.0 }}}",
      "{'email':{'a':[ 1e400 , '\\u002d\\/' , -0 ],'c':{ 'd' : 1.0 }}}" },

    { "U5.7 M5.3 white space of what loses nothing", "email.a,email.b",
      "{'user_id' : 1 , 'email' : { 'a' : 1 , 'b' : [ 2 ] } }",
      "{'email':{ 'a' : 1 , 'b' : [ 2 ] }}" },

    { "U5.7 M5.3 white space of what loses", "email.b",
      "{'user_id':1,'email' : [ { 'a' : 1 , 'b' : [ 2 ] , 'c' : 3 } , {\t} ,"
      " { 'b' : '}' } ] }",
      "{'email':[ {'b':[ 2 ]} , {\t} , { 'b' : '}' } ]}" },

    { "U5.7 M5.3 of an array that loses", "email.b",
      "{'user_id':1,'email':[ 1 , { 'b' : 2 } , [ ] , 'x' , [ 3 ] , null ]}",
      "{'email':[{ 'b' : 2 },[ ],[]]}" },

    { "U5.7 M5.3 without", "-email.b,app_metadata,user_metadata,user_id",
      "{'user_id':1,'email':[ { 'b' : 1 } , { 'a' : 1 , 'b' : 2 } , "
      "{ 'b' : 3 , 'a' : 4 , 'b' : 5 , 'b' : 6 , 'c' : 7 , 'b' : 8 } , 9 ]}",
      "{'email':[ {} , {'a':1} , {'a':4,'c':7} , 9 ]}" },

    { "U5.7 brackets in strings", "email.b",
      "{'user_id':1,'email':{'a':'}],{','b':'\\\\','c':'\\'','d':']'}}",
      "{'email':{'b':'\\\\'}}" },

    { "U5.7 M5.4 a name twice in a user", "email.a",
      "{'user_id':1,'email':{'a':1},'email':{'a':2,'b':3}}",
      "{'email':{'a':2}}" },

    { "U5.7 M5.4 the last has no parts", "email.a,app_metadata.b.c",
      "{'user_id':1,'email':{'a':1},'b':{'c':1},'email':2,'b':3}",
      "{'app_metadata':{}}" },

    { "U5.7 M3.3 of values for one name the one that wins",
      "app_metadata.plan.a",
      "{'user_id':1,'plan':{'a':1},'am_plan':{'a':2,'b':3},"
      "'app_metadata':{'plan':{'a':4}}}",
      "{'app_metadata':{'plan':{'a':2}}}" },

    { "U5.7 M3.6 a null is not there", "app_metadata.plan,app_metadata.x.a",
      "{'user_id':1,'plan':null,'am_x':null}", "{'app_metadata':{}}" },

    { "U5.7 M3.5 a container of another type", "app_metadata.user_metadata",
      "{'user_id':1,'user_metadata':'none','a':1}",
      "{'app_metadata':{'user_metadata':'none'}}" },

    { "U5.7 M4.3 what can be read as identities",
      "app_metadata.Identities.provider",
      "{'user_id':1,'Identities':[{'provider':'x','Token':'s'},"
      "{'provider':{'tok_en':1,'a':2}}]}",
      "{'app_metadata':{'Identities':[{'provider':'x'},"
      "{'provider':{'a':2}}]}}" },

    { "U5.7 M4.2 twice deeper, and whole", "email.a,email.b.c",
      "{'user_id':1,'email':{'a':1,'x':2,'a':3,'b':{'c':4},'b':{'c':5,"
      "'d':6}}}",
      "{'email':{'a':1,'a':3,'b':{'c':4},'b':{'c':5}}}" },

    { "U5.7 M4.2 twice, and the last has no parts", "email.b.c",
      "{'user_id':1,'email':[{'b':0,'b':{'c':4},'b':{'b':{'c':1}},'b':5},"
      "{'b':6}]}",
      "{'email':[{'b':{'c':4},'b':{},'b':5},{}]}" },

    { "U5.7 M4.2 twice, and the same way leads into the first",
      "email.a.b.a.b.c",
      "{'user_id':1,'email':{'a.b':{'a':{'b':{}}},'a':{'b':{'a':{}},'b':1,"
      "'x':2},'a.b':3,'a':4,'b':5}}",
      "{'email':{'a.b':{'a':{'b':{}}},'a':{'b':{'a':{}},'b':1},'a.b':3,"
      "'a':4}}" },

    { "U5.7 M4.2 twice, without", "-email.b.c,user_id,app_metadata",
      "{'user_id':1,'email':{'b':0,'b':{'c':4,'d':5},'b':{'c':6}}}",
      "{'email':{'b':0,'b':{'d':5},'b':{}},'user_metadata':{}}" },

    { "U5.7 in a list", "email.a",
      "[ {'user_id':1,'email':{'a':1,'b':2}} , {'user_id':2},{'c':1} ]",
      "[ {'email':{'a':1}} , {},{'c':1} ]" }
};


static void
fields_conf(profile_rewriter_conf_t *conf)
{
    memset(conf, 0, sizeof(profile_rewriter_conf_t));

    conf->schema = test_schema(SCHEMA);
    conf->max_user_size = 8 * 1024 * 1024;
    conf->max_depth = 1000;
}


static void
fields_rewrites(const char *text, const char *body, const char *expected,
    int pieces)
{
    char                     *copy;
    size_t                    piece;
    profile_str_t            *fields;
    profile_rewriter_conf_t   conf;

    fields_conf(&conf);

    fields = test_view_fields(text, &copy, &conf.view);

    for (piece = 0; piece <= (pieces ? strlen(body) : 0); piece++) {
        test_view_rewrites(&conf, body, piece, expected);
    }

    free(fields);
    free(copy);

    profile_schema_destroy((profile_schema_t *) conf.schema);
}


static void
test_fields(void **state)
{
    char            *body, *expected;
    const fields_t  *f = *state;

    body = test_json(f->body);
    expected = test_json(f->expected);

    fields_rewrites(f->fields, body, expected, 1);

    free(body);
    free(expected);
}


/* more fields than a table begins with, and names longer than any */

static void
test_fields_many(void **state)
{
    char      *text, *body, *expected, *p, *b, *e;
    unsigned   i;

    (void) state;

    text = malloc(100000);
    body = malloc(100000);
    expected = malloc(100000);

    p = text + sprintf(text, "user_id,email.none");
    b = body + sprintf(body, "{\"user_id\":1,\"email\":{\"a\":1}");
    e = expected + sprintf(expected, "{\"user_id\":1,\"email\":{},"
                           "\"app_metadata\":{");

    for (i = 0; i < 1000; i++) {
        p += sprintf(p, ",app_metadata.n%04u.a.b%u", i, i);
        b += sprintf(b, ",\"n%04u\":{\"a\":{\"b%u\":%u,\"b%u\":2}}", i, i, i,
                     i + 1);
        e += sprintf(e, "%s\"n%04u\":{\"a\":{\"b%u\":%u}}", i ? "," : "", i,
                     i, i);
    }

    p += sprintf(p, ",email.");
    memset(p, 'n', 4000);
    p[4000] = '\0';

    (void) sprintf(b, "}");
    (void) sprintf(e, "}}");

    fields_rewrites(text, body, expected, 0);

    free(text);
    free(body);
    free(expected);
}


/* a path, and values, as deep as the limit of the text allows */

static void
test_fields_deep(void **state)
{
    char    *text, *body, *expected, *p, *b, *e;
    size_t   i;

    (void) state;

    text = malloc(10000);
    body = malloc(10000);
    expected = malloc(10000);

    p = text + sprintf(text, "email");
    b = body + sprintf(body, "{\"user_id\":1,\"email\":");
    e = expected + sprintf(expected, "{\"email\":");

    for (i = 0; i < 400; i++) {
        p += sprintf(p, ".a");
        b += sprintf(b, "[{\"b\":1,\"a\":");
        e += sprintf(e, "[{\"a\":");
    }

    b += sprintf(b, "[[2]]");
    e += sprintf(e, "[[2]]");

    for (i = 0; i < 400; i++) {
        b += sprintf(b, "},3]");
        e += sprintf(e, "}]");
    }

    (void) sprintf(b, "}");
    (void) sprintf(e, "}");

    fields_rewrites(text, body, expected, 0);

    free(text);
    free(body);
    free(expected);
}


/* what would take hours if it were not done at one go */

static void
test_fields_hostile(void **state)
{
    char    *body, *expected, *b, *e;
    size_t   i, j;

    static const struct {
        const char  *fields;
        const char  *member;
        const char  *shown;
    } large[] = {
        { "email.a.b", "\"a\":1,", "" },
        { "email.a.b", "\"a\":{},\"c\":2,\"a.b.c\":3,", "\"a\":{}," },
        { "email.a.b.c", "\"a.b.\":{\"a\":[{},3]},", "" },
        { "email........a,email.......b", "\"..\":[[1]],\".......\":1,",
          "\"..\":[[]]," },
        { "email.a,email.b.c", "\"a\" : {\"b\":[1]} , \"c\":[] , ",
          "\"a\":{\"b\":[1]}," }
    };

    (void) state;

    for (i = 0; i < sizeof(large) / sizeof(large[0]); i++) {
        body = malloc(LARGE + 100);
        expected = malloc(LARGE + 100);

        b = body + sprintf(body, "{\"user_id\":1,\"email\":{");
        e = expected + sprintf(expected, "{\"email\":{");

        for (j = 0; b - body < LARGE; j++) {
            b += sprintf(b, "%s", large[i].member);
            e += sprintf(e, "%s", large[i].shown);
        }

        (void) sprintf(b, "\"x\":1}}");
        (void) sprintf(e[-1] == ',' ? e - 1 : e, "}}");

        fields_rewrites(large[i].fields, body, expected, 0);

        free(body);
        free(expected);
    }
}


/* each allocation fails once */

static void
test_fields_memory(void **state)
{
    char                     *copy;
    long                      before;
    test_out_t                out;
    profile_str_t            *fields;
    unsigned long             n;
    profile_sink_t            sink;
    profile_reason_e          rc;
    profile_rewriter_t       *rw;
    profile_rewriter_conf_t   conf;

    static const char  body[] =
        "{\"user_id\":1,\"email\":[{\"\\u0061\":1,\"a.b\":{},\"a\":{\"b\":{}},"
        "\"b\":2}],\"c\":{\"d\":3}}";

    (void) state;

    fields_conf(&conf);

    fields = test_view_fields("email.a.b.a.b,app_metadata.c.d.e,u,v,w,x.y",
                              &copy, &conf.view);
    rc = PROFILE_NO_MEMORY;

    for (n = 1; rc != PROFILE_OK; n++) {
        before = test_alloc_blocks();
        test_alloc_fail(n);

        memset(&out, 0, sizeof(out));
        sink.write = test_write;
        sink.ctx = &out;

        rc = PROFILE_NO_MEMORY;
        rw = profile_rewriter_create(&test_alloc, &conf, &sink);

        if (rw) {
            rc = profile_rewriter_feed(rw, (u_char *) body, sizeof(body) - 1);
        }

        if (rc == PROFILE_OK) {
            rc = profile_rewriter_finish(rw);
        }

        profile_rewriter_destroy(rw);
        free(out.data);

        assert_int_equal(test_alloc_blocks(), before);
        assert_true(rc == PROFILE_OK || rc == PROFILE_NO_MEMORY);
    }

    assert_true(n > 15);
    test_alloc_fail(0);

    free(fields);
    free(copy);

    profile_schema_destroy((profile_schema_t *) conf.schema);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_add(cases[i].name, test_fields, &cases[i]);
    }

    test_add("U5.7 a thousand fields, a long one", test_fields_many, NULL);
    test_add("U5.7 a deep value", test_fields_deep, NULL);
    test_add("U5.7 very many members", test_fields_hostile, NULL);
    test_add("U5.7 each allocation fails", test_fields_memory, NULL);

    return test_run();
}
