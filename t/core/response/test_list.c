
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves lists of v2: the envelope with its counts (U5.2), the members that
 * are asked for (U5.3) and the users that are (U5.4).
 */


#include "response/view_test.h"


#define SCHEMA  "identity email; rename lastLogin last_login; drop gone;"     \
                "provider p x; user_metadata hobby; identity_drop t;"


typedef struct {
    const char       *name;
    const char       *total;             /* NULL: no list */
    unsigned          totals;
    unsigned          more;
    const char       *fields;            /* between commas; "-" first: not */
    const char       *match;             /* NAME:value */
    const char       *body;
    const char       *expected;
} list_t;


#define USERS                                                                \
    "[ {'user_id':'p|1','email':'a'} ,\n1,{'user_id':'p|2','x':5},"          \
    "{'email':'a'}, ['y'],{'identities':[{'t':1,'u':2}],'hobby':3}]"

#define ONE                                                                  \
    "{'user_id':'p|1','email':'a@x','lastLogin':1,'gone':2,'x':3,"           \
    "'hobby':4,'plan':5,'identities':[{'t':6,'u':7}]}"


/* in place of fields */
#define NONE  "no users"


static const list_t  cases[] = {

    { "U5.2 users alone, nothing between them", "", 0, 0, NULL, NULL,
      USERS "\n",
      "[{'user_id':'p|1','email':'a','app_metadata':{},'user_metadata':{}},"
      "{'user_id':'p|2','x':5,'app_metadata':{},'user_metadata':{}},"
      "{'identities':[{'u':2}],'app_metadata':{},"
      "'user_metadata':{'hobby':3}}]\n" },

    { "U5.2 an empty list", "", 0, 0, NULL, NULL, " [ ] ", " [] " },

    { "U5.2 totals that the backend tells", "214", 1, 1, "user_id", NULL,
      "[{'user_id':'p|1'},{'user_id':'p|2'}]",
      "{'users':[{'user_id':'p|1'},{'user_id':'p|2'}],'start':100,"
      "'limit':50,'length':2,'total':214}" },

    { "U5.2 a total that is older than its users", "101", 1, 1, "user_id", NULL,
      "[{'user_id':'p|1'},{'user_id':'p|2'}]",
      "{'users':[{'user_id':'p|1'},{'user_id':'p|2'}],'start':100,"
      "'limit':50,'length':2,'total':102}" },

    { "U5.2 totals of the last page", "", 1, 0, "user_id", NULL,
      "[{'user_id':'p|1'},3,{'user_id':'p|2'}]",
      "{'users':[{'user_id':'p|1'},{'user_id':'p|2'}],'start':100,"
      "'limit':50,'length':2,'total':102}" },

    { "U5.2 totals where another page follows", "", 1, 1, "user_id", NULL,
      "[{'user_id':'p|1'},{'user_id':'p|2'}]",
      "{'users':[{'user_id':'p|1'},{'user_id':'p|2'}],'start':100,"
      "'limit':50,'length':2,'total':103}" },

    { "U5.2 totals of nothing", "", 1, 0, NULL, NULL, "[]",
      "{'users':[],'start':100,'limit':50,'length':0,'total':0}" },

    { "U5.2 a total of nineteen digits", "1234567890123456789", 1, 0, NULL,
      NULL, "[]",
      "{'users':[],'start':100,'limit':50,'length':0,"
      "'total':1234567890123456789}" },

    { "U5.2 a total that no list has", "12345678901234567890", 1, 0, NULL,
      NULL, "[]",
      "{'users':[],'start':100,'limit':50,'length':0,'total':0}" },

    { "U5.2 no users are asked for", "", 0, 0, NONE, NULL, USERS, "[]" },

    { "U5.2 no users are asked for, only how many", "", 1, 1, NONE, NULL,
      "[{'user_id':'p|1'}]",
      "{'users':[],'start':100,'limit':50,'length':0,'total':102}" },

    { "U5.2 what is no array passes", "", 1, 1, NULL, NULL,
      " {'error':[1, 2]} ", " {'error':[1, 2]} " },

    { "U5.2 a user alone", "", 1, 1, NULL, NULL,
      "{'user_id':1}",
      "{'user_id':1,'app_metadata':{},'user_metadata':{}}" },

    { "U5.3 fields", NULL, 0, 0, "email,x", NULL,
      ONE, "{'email':'a@x','x':3}" },

    { "U5.3 a container", NULL, 0, 0, "user_metadata", NULL,
      ONE, "{'user_metadata':{'hobby':4}}" },

    { "U5.3 both containers", NULL, 0, 0, "user_metadata,app_metadata", NULL,
      ONE, "{'app_metadata':{'plan':5},'user_metadata':{'hobby':4}}" },

    { "U5.3 the new name of a rename", NULL, 0, 0,
      "last_login,app_metadata", NULL,
      ONE, "{'last_login':1,'app_metadata':{'plan':5}}" },

    { "U5.3 names that are not of v2", NULL, 0, 0,
      "lastLogin,gone,hobby,plan", NULL,
      ONE, "{}" },

    { "U5.3 identities lose their tokens", NULL, 0, 0, "identities,user_id",
      NULL, ONE, "{'user_id':'p|1','identities':[{'u':7}]}" },

    { "U5.3 names are whole names", NULL, 0, 0, "user,user_idx,,e", NULL,
      ONE, "{}" },

    { "U5.3 names with escapes", NULL, 0, 0, "email", NULL,
      "{'user_id':1,'\\u0065mail':2}", "{'\\u0065mail':2}" },

    { "U5.3 without some", NULL, 0, 0, "-email,x,identities,hobby", NULL,
      ONE,
      "{'user_id':'p|1','last_login':1,'app_metadata':{'plan':5},"
      "'user_metadata':{'hobby':4}}" },

    { "U5.3 without containers", NULL, 0, 0, "-app_metadata,user_metadata",
      NULL, "{'user_id':1,'a':{'b':1},'email':2}",
      "{'user_id':1,'email':2}" },

    { "U5.3 without the last of them", NULL, 0, 0, "-user_metadata", NULL,
      "{'user_id':1,'a':{'b':1}}",
      "{'user_id':1,'app_metadata':{'a':{'b':1}}}" },

    { "U5.3 without all", NULL, 0, 0, "-user_id,app_metadata,user_metadata",
      NULL, "{'user_id':1,'a':2}", "{}" },

    { "U5.3 in an array, what is no user passes", NULL, 0, 0, "email", NULL,
      "[{'user_id':1,'email':2}, {'email':3,'a':4}]",
      "[{'email':2}, {'email':3,'a':4}]" },

    { "U5.4 a string that is the same", "", 1, 0, "user_id", "email:a",
      "[{'user_id':1,'email':'a'},{'user_id':2,'email':'b'},"
      "{'user_id':3,'email':'A'},{'user_id':4,'email':'aa'},"
      "{'user_id':5,'email':''},{'user_id':6},{'user_id':7,'email':'a'}]",
      "{'users':[{'user_id':1},{'user_id':7}],'start':100,'limit':50,"
      "'length':2,'total':102}" },

    { "U5.4 unescaped", "", 0, 0, "user_id", "email:a/b",
      "[{'user_id':1,'email':'a\\/\\u0062'},{'\\u0065mail':'a/b',"
      "'user_id':2},{'user_id':3,'email':'a\\\\/b'}]",
      "[{'user_id':1},{'user_id':2}]" },

    { "U5.4 no other type", "", 0, 0, "user_id", "email:1",
      "[{'user_id':1,'email':1},{'user_id':2,'email':['1']},"
      "{'user_id':3,'email':null},{'user_id':4,'email':'1'}]",
      "[{'user_id':4}]" },

    { "U5.4 the new name of a rename", "", 0, 0, "user_id", "last_login:x",
      "[{'user_id':1,'lastLogin':'x'},{'user_id':2,'last_login':'x'},"
      "{'user_id':3,'last_login':'y','lastLogin':'x'}]",
      "[{'user_id':1},{'user_id':2}]" },

    { "U5.4 not what is moved or dropped", "", 0, 0, "user_id", "plan:a",
      "[{'user_id':1,'plan':'a'},{'user_id':2,'app_metadata':{'plan':'a'}}]",
      "[]" },

    { "U5.4 of values for one name the last", "", 0, 0, "user_id", "email:a",
      "[{'user_id':1,'email':'a','email':'b'},"
      "{'user_id':2,'email':'b','email':'a'}]",
      "[{'user_id':2}]" },

    { "U5.4 an empty value", "", 0, 0, "user_id", "email:",
      "[{'user_id':1,'email':''},{'user_id':2,'email':'a'},{'user_id':3}]",
      "[{'user_id':1}]" },

    { "U5.4 only a list leaves users out", NULL, 0, 0, "user_id", "email:a",
      "[{'user_id':1,'email':'b'}]", "[{'user_id':1}]" }
};


static void
test_list(void **state)
{
    char                     *body, *expected, *copy;
    size_t                    piece;
    const char               *colon;
    profile_str_t            *fields;
    const list_t             *l = *state;
    profile_rewriter_conf_t   conf;

    memset(&conf, 0, sizeof(conf));
    conf.schema = test_schema(SCHEMA);
    conf.max_user_size = 1024;
    conf.max_depth = 16;

    copy = NULL;
    fields = l->fields ? test_view_fields(l->fields, &copy, &conf.view)
                       : NULL;

    if (l->match) {
        colon = strchr(l->match, ':');

        conf.view.match_name.data = (const u_char *) l->match;
        conf.view.match_name.len = colon - l->match;
        conf.view.match_value.data = (const u_char *) colon + 1;
        conf.view.match_value.len = strlen(colon + 1);
    }

    if (l->total) {
        conf.list.enabled = 1;
        conf.list.start = 100;
        conf.list.limit = 50;
        conf.list.totals = l->totals;
        conf.list.more = l->more;
        conf.list.none = (l->fields && strcmp(l->fields, NONE) == 0);
        conf.list.total.data = (const u_char *) l->total;
        conf.list.total.len = strlen(l->total);
    }

    body = test_json(l->body);
    expected = test_json(l->expected);

    for (piece = 0; piece <= strlen(body); piece++) {
        test_view_rewrites(&conf, body, piece, expected);
    }

    free(body);
    free(expected);
    free(fields);
    free(copy);

    profile_schema_destroy((profile_schema_t *) conf.schema);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_add(cases[i].name, test_list, &cases[i]);
    }

    return test_run();
}
