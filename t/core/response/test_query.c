
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves which users a query finds, and where the mistake stands in one that
 * cannot be understood.
 */


#include "core/response/profile_query.h"
#include "profile_test.h"


typedef struct {
    const char  *query;
    const char  *user;                   /* with ' for " */
    int          finds;
} found_t;


static const found_t  founds[] = {

    /* what is compared without regard to letter case, and what is not */

    { "email:\"A@example.com\"", "{'email':'a@EXAMPLE.com'}", 1 },
    { "email:a@example.com", "{'email':'a@example.com'}", 1 },
    { "email:\"a@example.com\"", "{'email':'aa@example.com'}", 0 },
    { "email:\"a@example.com\"", "{'email':'a@example.com.evil'}", 0 },
    { "name:\"\xc3\x89mile\"", "{'name':'\xc3\xa9MILE'}", 1 },
    { "name:\"\xc3\x89mile\"", "{'name':'emile'}", 0 },
    { "nickname:\xcf\x83", "{'nickname':'\xcf\x82'}", 1 },
    { "given_name:A OR family_name:b", "{'family_name':'B'}", 1 },
    { "user_id:\"auth0|A\"", "{'user_id':'auth0|a'}", 0 },
    { "user_id:auth0|5c/x", "{'user_id':'auth0|5c/x'}", 1 },
    { "app_metadata.name:A", "{'app_metadata':{'name':'a'}}", 0 },
    { "email:a", "{'email':'\\u0041'}", 1 },
    { "email:a", "{'\\u0065mail':'a'}", 1 },
    { "nickname:\"a\\\"b\\\\c\"", "{'nickname':'a\\\"b\\\\c'}", 1 },
    { "nickname:a\\:b\\*", "{'nickname':'a:b*'}", 1 },
    { "nickname:\"\"", "{'nickname':''}", 1 },
    { "name:\"\xed\x95\x9c\"", "{'name':'\\ud800'}", 0 },

    /* paths */

    { "email.domain:Example.com", "{'email':'a@b@EXAMPLE.COM'}", 1 },
    { "email.domain:example.com", "{'email':'example.com'}", 0 },
    { "email.domain:\"x.example.com\"", "{'email':'a@example.com'}", 0 },
    { "identities.connection:b",
      "{'identities':[{'connection':'a'},{'connection':'b'}]}", 1 },
    { "identities.isSocial:true", "{'identities':[{'isSocial':true}]}", 1 },
    { "identities.isSocial:true", "{'identities':[{'isSocial':'true'}]}", 1 },
    { "identities.isSocial:true", "{'identities':[{'isSocial':false}]}", 0 },
    { "app_metadata.s.plan:full",
      "{'app_metadata':{'s':{'plan':'full','x':[1]}}}", 1 },
    { "app_metadata.s.plan:full", "{'app_metadata':{'s':'full'}}", 0 },
    { "app_metadata.s:full", "{'app_metadata':{'s':{'plan':'full'}}}", 0 },
    { "s.plan:full", "{'app_metadata':{'s':{'plan':'full'}}}", 0 },
    { "user_metadata.a.b:1", "{'user_metadata':{'a.b':1}}", 1 },
    { "user_metadata.a.b:1", "{'user_metadata':{'a':[[{'b':[0,1]}]]}}", 1 },
    { "user_metadata.a:1", "{'user_metadata':{'ab':1,'':1}}", 0 },
    { "user_metadata.ab:1", "{'user_metadata':{'a':1}}", 0 },

    /* arrays */

    { "app_metadata.r:(admin AND editor)",
      "{'app_metadata':{'r':['editor','x','admin']}}", 1 },
    { "app_metadata.r:(admin AND editor)", "{'app_metadata':{'r':'admin'}}",
      0 },
    { "app_metadata.r:(admin OR editor)", "{'app_metadata':{'r':['editor']}}",
      1 },
    { "app_metadata.r:(admin AND NOT editor)",
      "{'app_metadata':{'r':['editor','admin']}}", 0 },
    { "app_metadata.r:((a OR b) AND -c)", "{'app_metadata':{'r':['b','d']}}",
      1 },

    /* numbers, by their value */

    { "logins_count:5", "{'logins_count':5}", 1 },
    { "logins_count:5", "{'logins_count':5.0}", 1 },
    { "logins_count:\"0.5e1\"", "{'logins_count':5}", 1 },
    { "logins_count:5", "{'logins_count':'5'}", 1 },
    { "logins_count:5", "{'logins_count':50}", 0 },
    { "a:9007199254740993", "{'a':9007199254740992}", 0 },
    { "a:9007199254740993", "{'a':9007199254740993}", 1 },
    { "a:\"-0\"", "{'a':0}", 1 },
    { "a:[9007199254740993 TO *]", "{'a':9007199254740992}", 0 },
    { "a:[9007199254740993 TO *]", "{'a':9007199254740993}", 1 },
    { "a:{100 TO 200}", "{'a':100}", 0 },
    { "a:{100 TO 200}", "{'a':100.00001}", 1 },
    { "a:[100 TO 200}", "{'a':100}", 1 },
    { "a:[100 TO 200}", "{'a':2e2}", 0 },
    { "a:{100 TO 200]", "{'a':200}", 1 },
    { "a:[-5 TO -1]", "{'a':-3}", 1 },
    { "a:[-5 TO -1]", "{'a':-6}", 0 },
    { "a:[* TO 5}", "{'a':-1e300}", 1 },
    { "a:[1 TO 9]", "{'a':'5'}", 0 },
    { "a:[1 TO 9]", "{'a':true}", 0 },

    /* dates: an end is the whole interval of which it is the beginning */

    { "created_at:2018-01", "{'created_at':'2018-01-31T23:59:59.999Z'}", 1 },
    { "created_at:2018-01", "{'created_at':'2018-02-01T00:00:00.000Z'}", 0 },
    { "created_at:\"2018-01-31\"", "{'created_at':'2018-01-31T00:00:00Z'}",
      1 },
    { "created_at:2018-1", "{'created_at':'2018-10-31T00:00:00Z'}", 0 },
    { "app_metadata.d:2018-01", "{'app_metadata':{'d':'2018-01-02'}}", 0 },
    { "app_metadata.d:[2018-01 TO 2018-02]",
      "{'app_metadata':{'d':'2018-02-02'}}", 1 },
    { "created_at:[* TO 2017-12-31]",
      "{'created_at':'2017-12-31T23:59:59.000Z'}", 1 },
    { "created_at:[* TO 2017-12-31]",
      "{'created_at':'2018-01-01T00:00:00.000Z'}", 0 },
    { "created_at:{2017-11 TO 2017-12]",
      "{'created_at':'2017-11-30T23:59:59.000Z'}", 0 },
    { "created_at:{2017-11 TO 2017-12]",
      "{'created_at':'2017-12-01T00:00:00.000Z'}", 1 },
    { "created_at:[2017-11 TO 2017-12}",
      "{'created_at':'2017-11-01T00:00:00.000Z'}", 1 },
    { "created_at:[2017-11 TO 2017-12}",
      "{'created_at':'2017-12-01T00:00:00.000Z'}", 0 },
    { "created_at:[2017 TO 2018]", "{'created_at':'2018-12-31T00:00:00Z'}",
      1 },
    { "created_at:[\"2018-01-01T10:00:00Z\" TO *]",
      "{'created_at':'2018-01-01T10:00:00.500Z'}", 1 },
    { "created_at:[2018-01 TO *]", "{'created_at':'someday'}", 0 },
    { "last_login:2018-01", "{'last_login':'2018-01-31'}", 1 },
    { "username:2018-01", "{'username':'2018-01-31'}", 0 },
    { "created_at:[2018-01-31 TO *]", "{'created_at':'2018-01'}", 0 },
    { "created_at:[2018-01-01 TO *]", "{'created_at':'2018-01'}", 1 },
    { "created_at:[2018 TO *]", "{'created_at':'2018'}", 0 },
    { "created_at:[2018-01-01T10:00:00.000Z TO *]",
      "{'created_at':'2018-01-01T10:00:00Z'}", 1 },
    { "created_at:[2018-01-01T10:00:00.5Z TO 2018-01-01T10:00:00.5Z]",
      "{'created_at':'2018-01-01T10:00:00.599Z'}", 1 },
    { "created_at:{2018-01-01T10:00:00.5Z TO *]",
      "{'created_at':'2018-01-01T10:00:00.599Z'}", 0 },

    /* a date is an instant, wherever it was written */

    { "created_at:[* TO 2018-01-01T00:30+01:00]",
      "{'created_at':'2017-12-31T23:30:59.999Z'}", 1 },
    { "created_at:[* TO 2018-01-01T00:30+01:00]",
      "{'created_at':'2017-12-31T23:31:00.000Z'}", 0 },
    { "created_at:[2018 TO *]", "{'created_at':'2018-01-01T00:59:59+01:00'}",
      0 },
    { "created_at:[2018 TO *]", "{'created_at':'2017-12-31T20:00:00-0430'}",
      1 },
    { "created_at:2020-02-29", "{'created_at':'2020-03-01T01:00:00+02:00'}",
      1 },
    { "created_at:2019-03-01", "{'created_at':'2019-02-28T23:00:00-02:00'}",
      1 },
    { "created_at:1900-02-28", "{'created_at':'1900-03-01T01:00:00+02:00'}",
      1 },
    { "created_at:2017-12-31", "{'created_at':'2018-01-01T01:00:00+02:00'}",
      1 },
    { "created_at:[0000 TO *]", "{'created_at':'0000-01-01T01:00:00+02:00'}",
      0 },
    { "created_at:[* TO 9999]", "{'created_at':'9999-12-31T23:00:00-02:00'}",
      0 },
    { "created_at:[2018 TO *]", "{'created_at':'2018-02-30T00:00:00Z'}", 0 },
    { "created_at:[2018 TO *]", "{'created_at':'2018-02-03T00:00:00+1'}", 0 },
    { "created_at:[2018 TO *]", "{'created_at':'2018-02-03T00:00:00+24:00'}",
      0 },
    { "created_at:[2018 TO *]", "{'created_at':'2018-02-03T00:00:00+01:60'}",
      0 },
    { "created_at:[2018 TO *]", "{'created_at':'2018-02-03T00:00:00/01:00'}",
      0 },
    { "created_at:[2018 TO *]", "{'created_at':'2018-02-03T00+01:00'}", 0 },
    { "created_at:[2018 TO *]",
      "{'created_at':'2018-02-03T00:00:00.1234567890Z'}", 0 },
    { "created_at:[2018 TO *]",
      "{'created_at':'2018-02-03T00:00:00.123456789Z'}", 1 },
    { "created_at:[2018 TO *]", "{'created_at':'2018-02-03T00:00:00.Z'}", 0 },

    /* texts, by code points */

    { "app_metadata.t:[b TO d]", "{'app_metadata':{'t':'c'}}", 1 },
    { "app_metadata.t:[b TO d]", "{'app_metadata':{'t':'da'}}", 0 },
    { "app_metadata.t:[b TO d]", "{'app_metadata':{'t':'C'}}", 0 },
    { "nickname:[b TO d]", "{'nickname':'C'}", 1 },
    { "app_metadata.t:{\"b c\" TO *]", "{'app_metadata':{'t':'b c'}}", 0 },
    { "app_metadata.t:[z TO *]", "{'app_metadata':{'t':'\xc3\xa9'}}", 1 },

    /* wildcards */

    { "email:Mar*", "{'email':'maria@example.com'}", 1 },
    { "email:mar*", "{'email':'a-mar'}", 0 },
    { "user_id:auth0|*", "{'user_id':'auth0|1'}", 1 },
    { "user_id:Auth0|*", "{'user_id':'auth0|1'}", 0 },
    { "name:\"mar*\"", "{'name':'maria'}", 0 },
    { "app_metadata.n:123*", "{'app_metadata':{'n':1234}}", 0 },

    /* what there is */

    { "_exists_:email", "{'email':''}", 1 },
    { "_exists_:email", "{'email':null}", 0 },
    { "_exists_:email", "{'x':{'email':1}}", 0 },
    { "_exists_:email.domain", "{'email':'a@b'}", 1 },
    { "_exists_:email.domain", "{'email':'a'}", 0 },
    { "_exists_:email.domain", "{'email':1}", 0 },
    { "email.domain:[* TO *]", "{'email':'a@b'}", 1 },
    { "email.domain:[* TO *]", "{'email':'a'}", 0 },
    { "_exists_:app_metadata", "{'app_metadata':{}}", 0 },
    { "_exists_:app_metadata", "{'app_metadata':{'a':{'b':[null,0]}}}", 1 },
    { "_exists_:app_metadata", "{'app_metadata':{'a':{'b':[null,{}]}}}", 0 },
    { "_exists_:identities.profileData.email",
      "{'identities':[{},{'profileData':{'email':'x'}}]}", 1 },
    { "user_metadata.a:[* TO *]", "{'user_metadata':{'a':false}}", 1 },
    { "NOT _exists_:email", "{}", 1 },
    { "email:null", "{'email':null}", 0 },

    /* what binds how */

    { "a:1 OR b:1 AND c:1", "{'a':1}", 1 },
    { "(a:1 OR b:1) AND c:1", "{'a':1}", 0 },
    { "a:1 AND NOT b:1 OR c:1", "{'a':1,'b':1}", 0 },
    { "NOT a:1 AND b:1", "{'b':1}", 1 },
    { "NOT (a:1 AND b:1)", "{'b':1}", 1 },
    { "NOT NOT a:1", "{'a':1}", 1 },
    { "-a:1", "{'a':2}", 1 },
    { "a:1\tAND(b:1)", "{'a':1,'b':1}", 1 },
    { " a: 1 ", "{'a':1}", 1 },
    { "a:\"AND\" OR b:ANDY", "{'b':'ANDY'}", 1 },
    { "((((((((a:1))))))))", "{'a':1}", 1 },
    { "NOT(a:1)", "{}", 1 },
    { "NOTHING:1", "{'NOTHING':1}", 1 }
};


typedef struct {
    const char  *query;
    size_t       column;
    const char  *expected;
} mistake_t;


#define CLAUSE  "a field and its value, such as email:\"a@example.com\""
#define FIELD   "the name of a field"
#define QUOTES  "quotes around a value that holds this character"
#define MORE    "\"AND\", \"OR\" or the end"
#define CLOSE   "\"AND\", \"OR\" or \")\""
#define VALUE   "a value"

#define TEN     "0123456789"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONG    HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED      \
                HUNDRED HUNDRED HUNDRED


static const mistake_t  mistakes[] = {
    { "", 1, CLAUSE },
    { "  ", 3, CLAUSE },
    { "maria", 1, CLAUSE },
    { "a:1 maria", 5, MORE },
    { "a:1 b:2", 5, MORE },
    { "a:1 and b:2", 5, MORE },
    { "a:1 NOT b:2", 5, MORE },
    { "a:1 -b:2", 5, MORE },
    { "a:1)", 4, MORE },
    { "a:1 AND", 8, CLAUSE },
    { "AND a:1", 1, CLAUSE },
    { "(a:1", 5, CLOSE },
    { "(a:1 b:1)", 6, CLOSE },
    { "a:(b c)", 6, CLOSE },
    { "()", 2, CLAUSE },
    { "a:()", 4, VALUE },
    { "a:", 3, VALUE },
    { "a: AND b:1", 4, VALUE },
    { "a:NOT", 3, VALUE },
    { ":1", 1, CLAUSE },
    { "a :1", 1, CLAUSE },
    { "\"a\":1", 1, CLAUSE },
    { "*:*", 1, FIELD },
    { "a*:1", 2, FIELD },
    { ".a:1", 1, FIELD },
    { "a..b:1", 3, FIELD },
    { "a.:1", 1, FIELD },
    { "_exists_:", 10, FIELD },
    { "_exists_:a*", 11, FIELD },
    { "- a:1", 2, "what \"-\" is to exclude" },
    { "a:b:c", 4, QUOTES },
    { "a:b\"c\"", 4, QUOTES },
    { "a:b~", 4, QUOTES },
    { "a:b^2", 4, QUOTES },
    { "a:b?", 4, QUOTES },
    { "a:b||c", 4, QUOTES },
    { "a:b&&c", 4, QUOTES },
    { "a:/b/", 3, QUOTES },
    { "a:>5", 3, QUOTES },
    { "a:-5", 3, QUOTES },
    { "a:+5", 3, QUOTES },
    { "a:\"b", 3, "a closing quote for this one" },
    { "a:\"b\"c", 6, "a space behind the closing quote" },
    { "a:\"b\"*", 6, "a space behind the closing quote" },
    { "a:b\\", 4, "a character behind \"\\\"" },
    { "a:*", 3, "3 characters before \"*\"" },
    { "a:ab*", 3, "3 characters before \"*\"" },
    { "a:\xc3\xa9\xc3\xa9*", 3, "3 characters before \"*\"" },
    { "a:*abc", 3, "3 characters before \"*\"" },
    { "a:abc*d", 6, "\"*\" at the end of a value" },
    { "\xc3\xa9:1 b", 5, MORE },
    { "a:\xc3", 1, "UTF-8" },
    { "a:[1 TO 2", 10, "\"]\" or \"}\"" },
    { "a:[1 2]", 6, "\"TO\"" },
    { "a:[1 to 2]", 6, "\"TO\"" },
    { "a:[ TO 2]", 5, "an end of the range" },
    { "a:[]", 4, "an end of the range" },
    { "a:[1 TO ]", 9, "an end of the range" },
    { "a:[abc* TO x]", 7, QUOTES },
    { "a:[*b TO x]", 5, QUOTES },
    { "a:[b TO x?]", 10, QUOTES },
    { "a:[2018-02-30 TO 2019]", 4, "two numbers, two dates or two texts" },
    { "a:[1 TO x]", 4, "two numbers, two dates or two texts" },
    { "a:[2018-01 TO x]", 4, "two numbers, two dates or two texts" },
    { "user_metadata.a:[1 TO 2]", 17,
      "no wildcard and no range in user_metadata" },
    { "user_metadata.a:abc*", 17,
      "no wildcard and no range in user_metadata" },
    { "(((((((((a:1)))))))))", 9, "at most 8 levels of parentheses" },
    { "a:(1 OR 2 OR 3 OR 4 OR 5 OR 6 OR 7 OR 8 OR 9 OR 10 OR 11 OR 12 OR 13 "
      "OR 14 OR 15 OR 16 OR 17 OR 18 OR 19 OR 20 OR 21 OR 22 OR 23 OR 24 OR "
      "25 OR 26 OR 27 OR 28 OR 29 OR 30 OR 31 OR 32 OR 33)", 187,
      "at most 32 terms" },
    { "a:" LONG TEN TEN "345", 1025, "at most 1024 bytes" }
};


#define ROWS  (sizeof(founds) / sizeof(founds[0])                            \
               + sizeof(mistakes) / sizeof(mistakes[0]))


static profile_query_t *
query_create(const char *text, profile_query_error_t *error)
{
    profile_str_t  s;

    s.data = (const u_char *) text;
    s.len = strlen(text);

    return profile_query_create(&test_alloc, &s, 16, error);
}


static void
test_found(void **state)
{
    const found_t  *found = *state;

    int                     finds;
    char                   *user;
    size_t                  i;
    profile_query_t        *q;
    profile_query_error_t   error;

    q = query_create(found->query, &error);
    assert_non_null(q);

    user = test_json(found->user);

    /* one user has nothing to do with the next */

    for (i = 0; i < 3; i++) {
        assert_int_equal(profile_query_finds(q, (u_char *) user, strlen(user),
                                             &finds), PROFILE_OK);
        assert_int_equal(finds, found->finds);

        assert_int_equal(profile_query_finds(q, (u_char *) "{}", 2, &finds),
                         PROFILE_OK);
    }

    profile_query_destroy(q);
    free(user);
}


static void
test_mistake(void **state)
{
    const mistake_t  *mistake = *state;

    char                    text[100];
    profile_query_error_t   error;

    assert_null(query_create(mistake->query, &error));
    assert_int_equal(error.column, mistake->column);

    (void) snprintf(text, sizeof(text), "%.*s", (int) error.expected.len,
                    error.expected.data);
    assert_string_equal(text, mistake->expected);
}


/* each allocation may fail */

static void
test_no_memory(void **state)
{
    int                      finds;
    unsigned long            n;
    profile_query_t         *q;
    profile_reason_e         rc;
    profile_query_error_t    error;

    static const char  user[] = "{\"\\u0065mail\":\"\\u0041\",\"a\":1}";

    (void) state;

    for (n = 1; ; n++) {
        test_alloc_fail(n);

        q = query_create("email:a AND name:(x OR yyy*) OR a:1", &error);

        rc = q ? profile_query_finds(q, (u_char *) user, sizeof(user) - 1,
                                     &finds)
               : PROFILE_NO_MEMORY;

        assert_true(q != NULL || error.column == 0);

        profile_query_destroy(q);

        if (test_alloc_count() < n) {
            break;
        }

        assert_int_equal(rc, PROFILE_NO_MEMORY);
    }

    test_alloc_fail(0);
    assert_int_equal(rc, PROFILE_OK);
    assert_true(n > 8);
}


/* what is no user, and what is too deep */

static void
test_no_user(void **state)
{
    int                     finds;
    size_t                  i;
    profile_query_t        *q;
    profile_query_error_t   error;

    static const struct {
        const char        *user;
        profile_reason_e   reason;
    } users[] = {
        { "", PROFILE_TRUNCATED },
        { "{\"a\":1", PROFILE_TRUNCATED },
        { "1", PROFILE_TRUNCATED },
        { "{\"a\":1}}", PROFILE_INVALID_JSON },
        { "{\"a\":[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]}", PROFILE_TOO_DEEP }
    };

    (void) state;

    for (i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
        q = query_create("a:1", &error);
        assert_non_null(q);

        assert_int_equal(profile_query_finds(q, (u_char *) users[i].user,
                                             strlen(users[i].user), &finds),
                         users[i].reason);
        profile_query_destroy(q);
    }
}


/* what of a user has to do with a query */

static void
test_named(void **state)
{
    size_t                  i;
    profile_str_t           container, name;
    profile_query_t        *q;
    profile_query_error_t   error;

    static const struct {
        const char  *container;          /* NULL: the root */
        const char  *name;
        int          named;
    } members[] = {
        { NULL, "email", 1 },
        { NULL, "emai", 0 },
        { NULL, "email2", 0 },
        { NULL, "app_metadata", 1 },
        { NULL, "user_metadata", 1 },
        { NULL, "a", 1 },
        { NULL, "a.b", 1 },
        { NULL, "b", 0 },
        { NULL, "", 0 },
        { "app_metadata", "plan", 1 },
        { "app_metadata", "plan.x", 1 },
        { "app_metadata", "plans", 0 },
        { "app_metadata", "x", 0 },
        { "app_metadata", "email", 0 },
        { "app_metadata", "", 0 },
        { "user_metadata", "plan", 1 },
        { "user_metadata", "", 1 },
        { "a", "b", 1 },
        { "a", "c", 0 },
        { "email", "domain", 1 },
        { "other", "b", 0 }
    };

    (void) state;

    q = query_create("email.domain:x OR NOT (app_metadata.plan.x:1 AND "
                     "_exists_:user_metadata) OR a.b:[1 TO 2]", &error);
    assert_non_null(q);

    for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        name.data = (const u_char *) members[i].name;
        name.len = strlen(members[i].name);

        if (members[i].container) {
            container.data = (const u_char *) members[i].container;
            container.len = strlen(members[i].container);
        }

        if (profile_query_named(q, members[i].container ? &container : NULL,
                                &name)
            != members[i].named)
        {
            fail_msg("member %zu: %s", i, members[i].name);
        }
    }

    profile_query_destroy(q);
}


/* a query may be long, or nothing */

static const char *
test_name(const char *query)
{
    static char    names[ROWS][64];
    static size_t  n;

    (void) snprintf(names[n], sizeof(names[n]), "U10.1 %s", query);

    return names[n++];
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(founds) / sizeof(founds[0]); i++) {
        test_add(test_name(founds[i].query), test_found, &founds[i]);
    }

    for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        test_add(test_name(mistakes[i].query), test_mistake, &mistakes[i]);
    }

    test_add("U10.1 no memory", test_no_memory, NULL);
    test_add("U10.1 no user", test_no_user, NULL);
    test_add("U10.1 what of a user matters", test_named, NULL);

    return test_run();
}
