
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves what is read of an object around users: the way to a list (M1.3), an
 * object around each user (M1.6), both in lists of v2, where nothing of them is
 * left (M1.7), what fails where users are required (M1.5), and the number of
 * all users in it (U5.2).  It fails when a byte of v1 leaves that is to be
 * gone, when one is lost that is to pass, when a user is taken from another
 * place, or when a value that is not the last of its name counts.
 */


#include "profile_test.h"


#define SCHEMA  "identity_drop t; provider p x; app_metadata ~(a|aa)+[bc];"  \
                "user user_id identities uid;"

#define END     ",'app_metadata':{},'user_metadata':{}}"

#define A       "{'user_id':1}"
#define B       "{'user_id':2}"

/* what these become */
#define A2      "{'user_id':1" END
#define B2      "{'user_id':2" END

/* a path, an object around each user, a path to the total */
#define PATHS   .envelope = "data.users"
#define WRAP    .wrapper = "account"
#define BOTH    .envelope = "accounts", .wrapper = "account"
#define TOTAL   .envelope = "users", .total = "meta.total"


/* how the rewriter is asked */

typedef enum {
    PLAIN = 0,                           /* what is around a user passes */
    STRICT,                              /* the same, with users required */
    UNWRAP,                              /* "api=v2" */
    LOOSE,                               /* the same, any users */
    LIST,                                /* "api=v2" and "profile_list" */
    TOTALS                               /* with totals */
} envelope_how_e;


typedef struct {
    const char           *name;
    const char           *envelope;
    const char           *wrapper;
    const char           *total;
    const char           *header;        /* the total that is known before */
    const char           *body;
    const char           *expected;      /* NULL: as it is, or the reason */
    envelope_how_e        how;
    size_t                size;          /* of a user at most; 0: 1m */
    unsigned              none:1;
    unsigned              skip:1;
    unsigned              begun:1;       /* a list, before the error */
    size_t                offset;        /* of the error, or any: 0 */
} envelope_t;


static const envelope_t  rows[] = {

    /* a path */

    { "M1.3 a list below the root", PATHS,
      .body = "{'data':{'users':[" A "," B "]}}",
      .expected = "{'data':{'users':[" A2 "," B2 "]}}" },

    { "M1.3 members around it, at each level", PATHS,
      .body = " {'a':[1],'data' : {'b':{'users':[" A "]},'users' : [" A " ] ,"
              "'c':'x', 'd':{} }\n,'users':[" A "],'e':{'f':1},'g':2} ",
      .expected = " {'a':[1],'data' : {'b':{'users':[" A "]},'users' : [" A2
                  " ] ,'c':'x', 'd':{} }\n,'users':[" A "],'e':{'f':1},'g':2}"
                  " " },

    { "M1.3 four names", .envelope = "a.b.c.d",
      .body = "{'a':{'b':{'c':{'d':[" A "],'x':1},'y':2},'z':3}}",
      .expected = "{'a':{'b':{'c':{'d':[" A2 "],'x':1},'y':2},'z':3}}" },

    { "M1.3 a dot in a name", .envelope = "a\\.b.c\\\\\\.d",
      .body = "{'a.b':{'c\\\\.d':[" A "]},'a':{'b':[" B "]}}",
      .expected = "{'a.b':{'c\\\\.d':[" A2 "]},'a':{'b':[" B "]}}" },

    { "M1.3 names with escapes", PATHS,
      .body = "{'d\\u0061ta':{'\\u0075sers':[" A "]}}",
      .expected = "{'d\\u0061ta':{'\\u0075sers':[" A2 "]}}" },

    { "M1.3 one name for several levels", .envelope = "users.users.users",
      .body = "{'users':{'users':{'users':[{'users':1,'user_id':2}]}}}",
      .expected = "{'users':{'users':{'users':[{'user_id':2,'app_metadata':"
                  "{'users':1},'user_metadata':{}}]}}}" },

    { "M1.3 a list on the way to it", PATHS,
      .body = "{'data':[{'users':[" A "]}],'users':[" A "]}" },

    { "M1.3 the way without its end", PATHS, .body = "{'data':{}}" },
    { "M1.3 the end of another way", PATHS,
      .body = "{'dat':{'users':[" A "]},'datas':{'users':[" A "]},"
              "'x':{'data':{'users':[" A "]}}}" },

    { "M1.3 an array", PATHS,
      .body = "[" A ",{'data':{'users':[" A "]}}]",
      .expected = "[" A2 ",{'data':{'users':[" A "]}}]" },

    { "M1.3 M5.4 the way twice, the list in both", PATHS,
      .body = "{'data':{'users':[" A "]},'data':{'users':[" B "]},'data':1}",
      .expected = "{'data':{'users':[" A2 "]},'data':{'users':[" B2 "]},"
                  "'data':1}" },

    { "M1.3 M5.4 the way twice, the list in the second", PATHS,
      .body = "{'data':{'users':{},'a':1},'data':{'users':[" B "]}}",
      .expected = "{'data':{'users':{},'a':1},'data':{'users':[" B2 "]}}" },

    { "M1.3 a list of nobody", PATHS, .body = "{'data':{'users':[ ]}}" },

    { "M1.3 M6.5 who cannot be read", PATHS, .skip = 1, .size = 40,
      .body = "{'data':{'users':[ {'user_id':1,'x':'aaaaaaaaaaaaaaaaaaaaaaaa'}"
              " , " B "]}}",
      .expected = "{'data':{'users':[  " B2 "]}}" },

    /* a wrapper */

    { "M1.6 a user alone", WRAP,
      .body = " { 'links':{'user_id':5}, 'account' : " A " ,'v':[1,2] } ",
      .expected = " { 'links':{'user_id':5}, 'account' : " A2
                  " ,'v':[1,2] } " },

    { "M1.6 an array of them", WRAP,
      .body = "[ {'account':" A "} , {'a':1,'account':" B ",'b':2},7]",
      .expected = "[ {'account':" A2 "} , {'a':1,'account':" B2 ",'b':2},7]" },

    { "M1.6 M1.3 in an envelope", BOTH,
      .body = "{'accounts':[{'account':" A "},{'account':" B "}],'n':2}",
      .expected = "{'accounts':[{'account':" A2 "},{'account':" B2 "}],"
                  "'n':2}" },

    { "M1.6 M7.2 a user by another name", BOTH,
      .body = "{'uid':9,'accounts':[{'uid':8,'account':{'uid':7,'a':1}}]}",
      .expected = "{'uid':9,'accounts':[{'uid':8,'account':{'uid':7,"
                  "'app_metadata':{'a':1},'user_metadata':{}}}]}" },

    { "M1.6 its name with escapes", WRAP, .body = "{'acc\\u006funt':" A "}",
      .expected = "{'acc\\u006funt':" A2 "}" },

    { "M1.6 the members of a user around it", WRAP,
      .body = "{'user_id':7,'account':" A ",'identities':[],'metadata':{}}",
      .expected = "{'user_id':7,'account':" A2 ",'identities':[],"
                  "'metadata':{}}" },

    { "M1.6 containers of the user", WRAP,
      .body = "{'account':{'metadata':{'b':1},'user_id':1,'a':2,"
              "'app_metadata':{'c':3}}}",
      .expected = "{'account':{'user_id':1,'app_metadata':{'c':3,'a':2,'b':1},"
                  "'user_metadata':{}}}" },

    { "M1.3 a user without a list", PATHS,
      .body = " {'data':{'b':1},'user_id':1,'app_metadata':{'c':2}} ",
      .expected = " {'user_id':1,'app_metadata':{'c':2,'data':{'b':1}},"
                  "'user_metadata':{}} " },
    { "M1.3 a user with what is no list", PATHS,
      .body = "{'user_id':1,'data':{'users':{}},'\\u0061':'\\n'}",
      .expected = "{'user_id':1,'app_metadata':{'data':{'users':{}},'\\u0061':"
                  "'\\n'},'user_metadata':{}}" },
    { "M1.3 M6.1 a user without a list who is too large", PATHS, .size = 20,
      .body = "{'user_id':1,'plan':2}", .expected = "user_too_large",
      .offset = 20 },

    { "M1.6 a user without it", WRAP, .body = " {'user_id':1,'plan':2} ",
      .expected = " {'user_id':1,'app_metadata':{'plan':2},'user_metadata':{}"
                  "} " },
    { "M1.6 users without it", WRAP,
      .body = "[ {'account':" A "} , " B " , {'account':{'x':1},'user_id':7},"
              "{'account':5}," A "]",
      .expected = "[ {'account':" A2 "} , " B2 " , {'user_id':7,'app_metadata':"
                  "{'account':{'x':1}},'user_metadata':{}},{'account':5}," A2
                  "]" },
    { "M1.6 M1.3 users without it, in an envelope", BOTH,
      .body = "{'accounts':[" A ",{'account':" B "}]}",
      .expected = "{'accounts':[" A2 ",{'account':" B2 "}]}" },
    { "M1.6 M1.3 a user without both", BOTH, .body = "{'a':[1],'uid':1}",
      .expected = "{'uid':1,'app_metadata':{'a':[1]},'user_metadata':{}}" },
    { "M1.6 elements without it", WRAP,
      .body = "[{'account':5},{'account':{}},{},[1]]" },
    { "M1.6 what stands beside users who have it", WRAP,
      .body = "[{'user_id':5,'account':" A "},5,[6],{'a':7}]",
      .expected = "[{'user_id':5,'account':" A2 "},5,[6],{'a':7}]" },
    { "M1.6 not two deep", WRAP, .body = "{'account':{'account':" A "}}" },
    { "M1.6 a list in it", WRAP, .body = "{'account':[" A "]}" },

    { "M1.6 a user in it has a member of its name", WRAP,
      .body = "{'account':{'user_id':1,'account':" B "}}",
      .expected = "{'account':{'user_id':1,'app_metadata':{'account':" B "},"
                  "'user_metadata':{}}}" },

    { "M1.6 M5.4 no user, then one", WRAP,
      .body = "{'account':null,'account':{'a':1},'account':" A "}",
      .expected = "{'account':null,'account':{'a':1},'account':" A2 "}" },

    { "M1.6 M5.4 a user, then another", WRAP,
      .body = "{'account':" A ",'account':" B "}", .offset = 35,
      .expected = "late_user" },
    { "M1.6 M5.4 a user, then none", WRAP,
      .body = "[{'account':" A ",'account':null}]", .expected = "late_user" },

    { "M1.6 M1.3 with both, no list", BOTH,
      .body = "{'accounts':null,'account':" A " }",
      .expected = "{'accounts':null,'account':" A2 " }" },
    { "M1.6 M1.3 M5.4 with both, no list, two users", BOTH,
      .body = "{'account':" A ",'account':" B "}", .expected = "late_user" },
    { "M1.6 M1.3 beside a list it is a member like others", BOTH,
      .body = "{'account':" A ",'accounts':[{'account':" B "}],'account':" A
              "}",
      .expected = "{'account':" A ",'accounts':[{'account':" B2
                  "}],'account':" A "}" },

    { "M1.6 M6.1 the wrapper counts", WRAP, .size = 20,
      .body = "{'account':" A ",'a':1}", .expected = "user_too_large",
      .offset = 20 },

    { "M1.6 M6.5 who cannot be read", WRAP, .skip = 1, .size = 40,
      .body = "[{'account':" A "},{'account':{'user_id':3,'x':"
              "'aaaaaaaaaaaaaaaaaaaaaaaaaa'},'y':1} ,{'account':" B "}]",
      .expected = "[{'account':" A2 "} ,{'account':" B2 "}]" },

    { "M1.6 M6.5 a pattern that gives up", WRAP, .skip = 1,
      .body = "[{'account':{'user_id':3,'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
              "':1},'y':1},{'account':" B "}]",
      .expected = "[{'account':" B2 "}]" },

    /* where users are required */

    { "M1.5 M1.3 the list is absent", PATHS, .how = STRICT,
      .body = "{'data':{'user':[]},'users':[]}", .expected = "no_users" },
    { "M1.5 M1.3 the list is null", PATHS, .how = STRICT,
      .body = "{'data':{'users':null}}", .expected = "no_users" },
    { "M1.5 M1.3 the list is an object", PATHS, .how = STRICT,
      .body = "{'data':{'users':" A "}}", .expected = "no_users" },
    { "M1.5 M1.3 the way is null", PATHS, .how = STRICT,
      .body = "{'data':null}", .expected = "no_users" },
    { "M1.5 M1.3 an element that is no user", PATHS, .how = STRICT, .begun = 1,
      .body = "{'data':{'users':[" A ",{'a':1}]}}", .expected = "no_users" },
    { "M1.5 M1.3 a list of nobody", PATHS, .how = STRICT,
      .body = "{'data':{'users':[]}}" },
    { "M1.5 M1.6 it holds a number", WRAP, .how = STRICT,
      .body = "{'account':5}", .expected = "no_users" },
    { "M1.5 M1.6 it holds no user", WRAP, .how = STRICT,
      .body = "{'account':{'name':'x'}}", .expected = "no_users" },
    { "M1.5 M1.6 M1.3 it holds a list", BOTH, .how = STRICT,
      .body = "{'account':[" A "]}", .expected = "no_users" },
    { "M1.5 M1.6 M1.3 elements of it are none", BOTH, .how = STRICT,
      .begun = 1, .body = "{'accounts':[[" A "]]}", .expected = "no_users" },

    /* nothing of them is left */

    { "M1.7 an envelope", PATHS, .how = UNWRAP,
      .body = " {'a':1,'data':{'b':[2],'users':[ " A " , " B " ],'c':3},'d':4}"
              "\n",
      .expected = " [" A2 "," B2 "]\n" },

    { "M1.7 a list of nobody", PATHS, .how = UNWRAP,
      .body = "{'data':{'users':[ ]}}", .expected = "[]" },

    { "M1.7 an array", PATHS, .how = UNWRAP,
      .body = "[ " A " ]", .expected = "[ " A2 " ]" },

    { "M1.7 an element that is no user", PATHS, .how = UNWRAP, .begun = 1,
      .body = "{'data':{'users':[" A ",5]}}", .expected = "no_users" },

    { "M1.7 no list", PATHS, .how = UNWRAP, .body = "{'data':{'user_id':1}}",
      .expected = "no_users" },

    { "M1.7 no list, where there need be none", PATHS, .how = LOOSE,
      .body = "{'data':{'user_id':1}}" },

    { "M1.7 what is no user, where there may be such", PATHS, .how = LOOSE,
      .body = "{'data':{'users':[{'a':1}," A ",[5]]}}",
      .expected = "[" A2 "]" },

    { "M1.7 M5.4 the last list counts, as long as none has left", PATHS,
      .how = UNWRAP,
      .body = "{'data':5,'data':{'users':{}},'data':{'users':null,'users':["
              A "]}}",
      .expected = "[" A2 "]" },

    { "M1.7 M5.4 a list twice", PATHS, .how = UNWRAP,
      .body = "{'data':{'users':[],'users':[" A "]}}", .offset = 28,
      .expected = "late_user" },
    { "M1.7 M5.4 a list, then none", PATHS, .how = UNWRAP,
      .body = "{'data':{'users':[],'users':null}}", .offset = 32,
      .expected = "late_user" },
    { "M1.7 M5.4 the way twice", PATHS, .how = UNWRAP,
      .body = "{'data':{'users':[]},'data':{}}", .expected = "late_user" },
    { "M1.7 M5.4 the way, then a number", PATHS, .how = UNWRAP,
      .body = "{'data':{'users':[" A "]},'d\\u0061ta':1}",
      .expected = "late_user" },

    { "M1.7 a wrapper", WRAP, .how = UNWRAP,
      .body = " {'a':1,'account': " A " ,'b':{'account':" B "}} ",
      .expected = " " A2 " " },

    { "M1.7 wrappers in an array", WRAP, .how = UNWRAP,
      .body = "[ {'a':1,'account':" A "} , {'account':" B ",'b':2} ]",
      .expected = "[ " A2 " , " B2 " ]" },

    { "M1.7 wrappers in an envelope", BOTH, .how = UNWRAP,
      .body = "{'n':1,'accounts':[ {'account':" A "} , {'account':" B "}]}",
      .expected = "[" A2 "," B2 "]" },

    { "M1.7 M5.4 of two users in one the last", WRAP, .how = UNWRAP,
      .body = "[{'account':" A ",'account':" B "}]",
      .expected = "[" B2 "]" },
    { "M1.7 M5.4 a user and then null", WRAP, .how = UNWRAP, .begun = 1,
      .body = "[{'account':" A ",'account':null}]", .expected = "no_users" },
    { "M1.7 M5.4 a user and then a list", WRAP, .how = UNWRAP,
      .body = "{'account':" A ",'account':[" B "]}", .expected = "no_users" },

    { "M1.7 M6.5 who cannot be read", BOTH, .how = UNWRAP, .skip = 1,
      .size = 40,
      .body = "{'accounts':[{'account':{'user_id':3,'x':"
              "'aaaaaaaaaaaaaaaaaaaaaaaaaa'},'y':1},{'account':" B "}]}",
      .expected = "[" B2 "]" },

    /* lists of v2 */

    { "U5.2 M1.3 a list", PATHS, .how = LIST,
      .body = "{'data':{'users':[" A "," B "],'c':3},'d':4}",
      .expected = "[" A2 "," B2 "]" },

    { "U5.2 M1.3 others are left out", PATHS, .how = LIST,
      .body = "{'data':{'users':[1," A ",{'x':1},[2]]}}",
      .expected = "[" A2 "]" },

    { "U5.2 M1.3 others only", PATHS, .how = LIST, .begun = 1,
      .body = "{'data':{'users':[{'x':1}]}}", .expected = "no_users" },

    { "U5.2 M1.6 others only", WRAP, .how = LIST, .begun = 1,
      .body = "[{'account':5},{'account':[" B "]}]", .expected = "no_users" },
    { "U5.2 M1.6 with and without it", WRAP, .how = LIST,
      .body = "[" A ",{'account':" B "}]", .expected = "[" A2 "," B2 "]" },

    { "U5.2 M1.6 totals", BOTH, .how = TOTALS,
      .body = "{'accounts':[{'account':" A "}],'meta':{'total':9}}",
      .expected = "{'users':[" A2 "],'start':50,'limit':50,'length':1,"
                  "'total':52}" },

    { "U5.2 nobody is written", PATHS, .how = TOTALS, .none = 1,
      .body = "{'data':{'users':[" A "]}}",
      .expected = "{'users':[],'start':50,'limit':50,'length':0,'total':52}" },

    /* the total */

    { "U5.2 the total behind the list", TOTAL, .how = TOTALS,
      .body = "{'users':[" A "],'a':1,'meta':{'x':[],'total':214,'y':{}}}",
      .expected = "{'users':[" A2 "],'start':50,'limit':50,'length':1,"
                  "'total':214}" },

    { "U5.2 the total before the list", TOTAL, .how = TOTALS,
      .body = "{'meta':{'x':{'total':1},'total':214},'users':[" A "]}",
      .expected = "{'users':[" A2 "],'start':50,'limit':50,'length':1,"
                  "'total':214}" },

    { "U5.2 the total beside the list", .envelope = "d.users",
      .total = "d.n", .how = TOTALS,
      .body = "{'n':1,'d':{'users':[" A "],'n':214}}",
      .expected = "{'users':[" A2 "],'start':50,'limit':50,'length':1,"
                  "'total':214}" },

    { "U5.2 the total of a longer way", .envelope = "users",
      .total = "a.b.c.d", .how = TOTALS,
      .body = "{'users':[],'a':{'b':{'c':{'d':214}}}}",
      .expected = "{'users':[],'start':50,'limit':50,'length':0,"
                  "'total':214}" },

    { "U5.2 the header goes before it", TOTAL, .how = TOTALS,
      .header = "300", .body = "{'users':[" A "],'meta':{'total':214}}",
      .expected = "{'users':[" A2 "],'start':50,'limit':50,'length':1,"
                  "'total':300}" },

    { "U5.2 never less than there are", TOTAL, .how = TOTALS,
      .body = "{'users':[" A "],'meta':{'total':0}}",
      .expected = "{'users':[" A2 "],'start':50,'limit':50,'length':1,"
                  "'total':51}" },

    { "U5.2 M5.4 the last one counts", TOTAL, .how = TOTALS,
      .body = "{'meta':{'total':7},'users':[" A "],'meta':{'total':213,"
              "'total':214}}",
      .expected = "{'users':[" A2 "],'start':50,'limit':50,'length':1,"
                  "'total':214}" },

    { "U5.2 M5.4 the last one is none", TOTAL, .how = TOTALS,
      .body = "{'users':[" A "],'meta':{'total':214,'total':null}}",
      .expected = "{'users':[" A2 "],'start':50,'limit':50,'length':1,"
                  "'total':52}" },

    { "U5.2 M5.4 the last way has none", TOTAL, .how = TOTALS,
      .body = "{'users':[" A "],'meta':{'total':214},'meta':{}}",
      .expected = "{'users':[" A2 "],'start':50,'limit':50,'length':1,"
                  "'total':52}" },

    { "U5.2 M5.4 the last way is a number", TOTAL, .how = TOTALS,
      .body = "{'meta':{'total':214},'meta':3,'users':[" A "]}",
      .expected = "{'users':[" A2 "],'start':50,'limit':50,'length':1,"
                  "'total':52}" },

    { "U5.2 the total of an empty list", TOTAL, .how = TOTALS,
      .body = "{'users':[],'meta':{'total':0}}",
      .expected = "{'users':[],'start':50,'limit':50,'length':0,'total':0}" },

    { "U5.2 the largest number", TOTAL, .how = TOTALS,
      .body = "{'users':[],'meta':{'total':9999999999999999999}}",
      .expected = "{'users':[],'start':50,'limit':50,'length':0,"
                  "'total':9999999999999999999}" },

    { "U5.2 where nobody asks for it", TOTAL, .how = LIST,
      .body = "{'users':[" A "],'meta':{'total':214}}",
      .expected = "[" A2 "]" },

    { "U5.2 nothing is taken away from v1", TOTAL,
      .body = "{'meta':{'total':1,'a':{}},'users':[" A "],'meta':{'total':2}}",
      .expected = "{'meta':{'total':1,'a':{}},'users':[" A2
                  "],'meta':{'total':2}}" }
};


/* what is no number of users: as if nothing was there */

static const char *const  totals[] = {
    "-1", "-0", "1.0", "1e2", "12345678901234567890", "'214'", "true", "null",
    "[214]", "{'total':214}", "{}"
};


static profile_reason_e
envelope_rewrite(const envelope_t *row, const profile_schema_t *s,
    const char *body, size_t piece, test_out_t *out, uint64_t *offset)
{
    u_char                   *copy;
    size_t                    n, done, len;
    profile_sink_t            sink;
    profile_reason_e          rc;
    profile_rewriter_t       *rw;
    profile_rewriter_conf_t   conf;

    memset(&conf, 0, sizeof(conf));

    conf.schema = s;
    conf.envelope = test_path(row->envelope);
    conf.total = test_path(row->total);
    conf.max_user_size = row->size ? row->size : 1024 * 1024;
    conf.max_depth = 128;
    conf.skip = row->skip;
    conf.unwrap = (row->how >= UNWRAP);
    conf.required = (row->how != PLAIN && row->how != LOOSE);
    conf.list.enabled = (row->how >= LIST);
    conf.list.totals = (row->how == TOTALS);
    conf.list.none = row->none;
    conf.list.start = 50;
    conf.list.limit = 50;
    conf.list.more = 1;

    if (row->wrapper) {
        conf.wrapper.data = (const u_char *) row->wrapper;
        conf.wrapper.len = strlen(row->wrapper);
    }

    if (row->header) {
        conf.list.total.data = (const u_char *) row->header;
        conf.list.total.len = strlen(row->header);
    }

    sink.write = test_write;
    sink.ctx = out;

    rw = profile_rewriter_create(&test_alloc, &conf, &sink);
    if (rw == NULL) {
        return PROFILE_NO_MEMORY;
    }

    len = strlen(body);
    rc = PROFILE_OK;

    for (done = 0; done < len && rc == PROFILE_OK; done += n) {
        n = piece && piece < len - done ? piece : len - done;

        copy = malloc(n);
        memcpy(copy, body + done, n);

        rc = profile_rewriter_feed(rw, copy, n);

        free(copy);
    }

    if (rc == PROFILE_OK) {
        rc = profile_rewriter_finish(rw);
    }

    *offset = profile_rewriter_offset(rw);

    profile_rewriter_destroy(rw);

    return rc;
}


static void
envelope_check(const envelope_t *row, const char *text, const char *expected)
{
    size_t             piece;
    uint64_t           offset;
    const char        *name;
    test_out_t         out;
    profile_schema_t  *s;
    profile_reason_e   rc;

    s = test_schema(SCHEMA);

    for (piece = 0; piece <= strlen(text); piece++) {
        memset(&out, 0, sizeof(out));

        rc = envelope_rewrite(row, s, text, piece, &out, &offset);
        name = (char *) profile_reason_name(rc)->data;

        if (rc != PROFILE_OK && strcmp(name, expected) == 0) {

            if (row->offset && offset != row->offset) {
                fail_msg("in pieces of %zu: %s at %u", piece, name,
                         (unsigned) offset);
            }

            if (rc == PROFILE_NO_USERS && out.len && !row->begun) {
                fail_msg("in pieces of %zu: v1 has left", piece);
            }

        } else if (rc != PROFILE_OK || out.len != strlen(expected)
                   || memcmp(out.data, expected, out.len) != 0)
        {
            fail_msg("in pieces of %zu: %s at %u\n%s\nbecame\n%.*s\nnot\n%s",
                     piece, name, (unsigned) offset, text, (int) out.len,
                     out.data ? (char *) out.data : "", expected);
        }

        free(out.data);
    }

    profile_schema_destroy(s);
}


static void
test_envelope(void **state)
{
    char              *body, *expected;
    const envelope_t  *row = *state;

    body = test_json(row->body);
    expected = test_json(row->expected ? row->expected : row->body);

    envelope_check(row, body, expected);

    free(body);
    free(expected);
}


/* before the list and behind it */

static void
test_no_total(void **state)
{
    char        *body, *expected, text[256];
    unsigned     behind;
    const char  *total = *state;

    static const envelope_t  row = { "", TOTAL, .how = TOTALS };

    for (behind = 0; behind < 2; behind++) {

        (void) snprintf(text, sizeof(text),
                        behind ? "{'users':[" A "],'meta':{'total':%s}}"
                               : "{'meta':{'total':%s},'users':[" A "]}",
                        total);

        body = test_json(text);
        expected = test_json("{'users':[" A2 "],'start':50,'limit':50,"
                             "'length':1,'total':52}");

        envelope_check(&row, body, expected);

        free(body);
        free(expected);
    }
}


/* what has been said of it at each place, and by whom last */

static void
test_total_told(void **state)
{
    size_t                    i;
    uint64_t                  total;
    test_out_t                out;
    profile_sink_t            sink;
    profile_schema_t         *s;
    profile_rewriter_t       *rw;
    profile_rewriter_conf_t   conf;

    static const struct {
        const char  *text;
        int          told;
        unsigned     total;
    } pieces[] = {
        { "{\"total\":", 0, 0 },
        { "21", 0, 0 },
        { "4,\"users\":[", 1, 214 },
        { "],\"total\":null", 0, 0 },
        { ",\"total\":5}", 1, 5 }
    };

    (void) state;

    s = test_schema(SCHEMA);
    memset(&conf, 0, sizeof(conf));
    memset(&out, 0, sizeof(out));

    conf.schema = s;
    conf.envelope = test_path("users");
    conf.total = test_path("total");
    conf.max_user_size = 1024;
    conf.max_depth = 8;
    conf.search.enabled = 1;
    conf.search.all = 1;
    conf.search.limit = UINT64_MAX;

    sink.write = test_write;
    sink.ctx = &out;

    rw = profile_rewriter_create(&test_alloc, &conf, &sink);
    assert_non_null(rw);

    for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        assert_int_equal(profile_rewriter_feed(rw,
                                               (u_char *) pieces[i].text,
                                               strlen(pieces[i].text)),
                         PROFILE_OK);

        assert_int_equal(profile_rewriter_total(rw, &total), pieces[i].told);
        assert_int_equal(total, pieces[i].total);
    }

    /* another page */

    assert_int_equal(profile_rewriter_next(rw), PROFILE_OK);
    assert_int_equal(profile_rewriter_feed(rw, (u_char *) "[]", 2),
                     PROFILE_OK);
    assert_int_equal(profile_rewriter_total(rw, &total), 0);

    profile_rewriter_destroy(rw);
    profile_schema_destroy(s);
    free(out.data);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_add(rows[i].name, test_envelope, &rows[i]);
    }

    for (i = 0; i < sizeof(totals) / sizeof(totals[0]); i++) {
        test_add("U5.2 what is no number of users", test_no_total, totals[i]);
    }

    test_add("U5.2 the total as it is told", test_total_told, NULL);

    return test_run();
}
