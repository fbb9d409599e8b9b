
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves which names a write to the root of v1 may not use: by their class,
 * and when a backend that folds the case would take them for others (H5.6).
 */


#include "core/schema/profile_schema.h"
#include "core/schema/profile_schema_denied.h"
#include "profile_test.h"


typedef struct {
    const char  *name;
    const char  *schema;
    const char  *id;
    const char  *attribute;
    int          denied;
} denied_t;                              /* id "*": it is in doubt */


#define SCHEMA                                                               \
    "identity email kind; drop _id; rename lastLogin last_login;"            \
    "provider p picture 'last name' ~claim_.*; provider q link ~s.k;"        \
    "provider * shared ~every.*;"                                            \
    "app_metadata plan; user_metadata ~my_.*;"                               \
    "metadata_prefix user_metadata um_; metadata_prefix app_metadata am_;"


static const denied_t  cases[] = {

    { "H5.6 what nobody claims", SCHEMA, "p|1", "hobby", 0 },
    { "H5.6 an empty name", SCHEMA, "p|1", "", 0 },
    { "H5.6 metadata by name", SCHEMA, "p|1", "plan", 0 },
    { "H5.6 metadata by pattern", SCHEMA, "p|1", "my_car", 0 },
    { "H5.6 metadata by prefix", SCHEMA, "p|1", "um_hobby", 0 },
    { "H5.6 what stays at the root", "default root;", "p|1", "hobby", 0 },

    { "H5.6 identity", SCHEMA, "p|1", "email", 1 },
    { "H5.6 identity that goes without saying", SCHEMA, "p|1", "user_id", 1 },
    { "H5.6 identities", SCHEMA, "p|1", "identities", 1 },
    { "H5.6 dropped", SCHEMA, "p|1", "_id", 1 },
    { "H5.6 the old name of a rename", SCHEMA, "p|1", "lastLogin", 1 },
    { "H5.6 the new name of a rename", SCHEMA, "p|1", "last_login", 1 },
    { "H5.6 of the provider", SCHEMA, "p|1", "picture", 1 },
    { "H5.6 by a pattern of the provider", SCHEMA, "p|1", "claim_x", 1 },
    { "H5.6 of every provider", SCHEMA, NULL, "shared", 1 },
    { "H5.6 by a pattern of every provider", SCHEMA, NULL, "everyone", 1 },
    { "H5.6 metadata", SCHEMA, "p|1", "metadata", 1 },
    { "H5.6 app_metadata", SCHEMA, "p|1", "app_metadata", 0 },
    { "H5.6 user_metadata", SCHEMA, "p|1", "user_metadata", 0 },

    { "H5.6 of another provider", SCHEMA, "q|1", "picture", 0 },
    { "H5.6 by a pattern of another provider", SCHEMA, "q|1", "claim_x", 0 },
    { "H5.6 of a provider, for an unknown one", SCHEMA, NULL, "picture", 0 },

    { "H5.6 identity in another case", SCHEMA, "p|1", "EMAIL", 1 },
    { "H5.6 identity in a mixed case", SCHEMA, "p|1", "User_Id", 1 },
    { "H5.6 dropped in another case", SCHEMA, "p|1", "_ID", 1 },
    { "H5.6 the old name in another case", SCHEMA, "p|1", "LASTLOGIN", 1 },
    { "H5.6 the new name in another case", SCHEMA, "p|1", "LAST_LOGIN", 1 },
    { "H5.6 metadata in another case", SCHEMA, "p|1", "MetaData", 1 },
    { "H5.6 of the provider in another case", SCHEMA, "p|1", "PICTURE", 1 },
    { "H5.6 of another provider in another case", SCHEMA, "q|1", "PICTURE",
      0 },
    { "H5.6 by a pattern in another case", SCHEMA, "p|1", "CLAIM_x", 1 },
    { "H5.6 by a pattern of another provider in another case", SCHEMA, "q|1",
      "CLAIM_x", 0 },
    { "H5.6 of every provider in another case", SCHEMA, NULL, "Shared", 1 },
    { "H5.6 by a pattern of every provider in another case", SCHEMA, "q|1",
      "EVERYONE", 1 },
    { "H5.6 what nobody claims in another case", SCHEMA, "p|1", "HOBBY", 0 },

    { "H5.6 a long s", SCHEMA, "p|1", "la\xc5\xbft name", 1 },
    { "H5.6 a long s in capitals", SCHEMA, "p|1", "LA\xc5\xbfT NAME", 1 },
    { "H5.6 a Kelvin sign", SCHEMA, "q|1", "lin\xe2\x84\xaa", 1 },
    { "H5.6 a Kelvin sign first", SCHEMA, "p|1", "\xe2\x84\xaaIND", 1 },
    { "H5.6 a long s in a pattern", SCHEMA, "q|1", "\xc5\xbfok", 1 },
    { "H5.6 a Kelvin sign in a pattern", SCHEMA, "q|1", "SO\xe2\x84\xaa", 1 },
    { "H5.6 a long s of another provider", SCHEMA, "q|1",
      "la\xc5\xbft name", 0 },
    { "H5.6 half of a long s", SCHEMA, "p|1", "la\xc5", 0 },
    { "H5.6 a third of a Kelvin sign", SCHEMA, "q|1", "lin\xe2", 1 },
    { "H5.6 the character before a Kelvin sign", SCHEMA, "q|1",
      "lin\xe2\x84\xa9", 1 },
    { "H5.6 another character that ends like a Kelvin sign", SCHEMA, "q|1",
      "lin\xe2\x85\xaa", 1 },
    { "H5.6 the character before a long s", SCHEMA, "p|1",
      "la\xc5\xbet name", 1 },
    { "H5.6 a letter with an accent", SCHEMA, "p|1", "\xc3\x89mail", 1 },
    { "H5.6 what differs from a letter in the bit of its case", SCHEMA,
      "p|1", "last\x7flogin", 0 },

    { "H5.6 all letters", "identity abcdefghijklmnopqrstuvwxyz;", NULL,
      "ABCDEFGHIJKLMNOPQRSTUVWXYZ", 1 },
    { "H5.6 what stands before and behind the letters", "identity `a{;", NULL,
      "@A[", 0 },
    { "H5.6 by a pattern that matches in its own case only",
      "provider p ~[^a-z]+;", "p|1", "ABC", 1 },
    { "H5.6 by a pattern of all that matches in its own case only",
      "provider * ~[^a-z]+;", NULL, "ABC", 1 },

    { "H5.6 metadata by name, whatever folds to it",
      "provider p Plan; app_metadata plan;", "p|1", "plan", 1 },
    { "H5.6 the other name is the provider's",
      "provider p Plan; app_metadata plan;", "p|1", "Plan", 1 },
    { "H5.6 metadata by name beside another provider's",
      "provider p Plan; provider q; app_metadata plan;", "q|1", "plan", 0 },
    { "H5.6 metadata by name where a pattern folds to it",
      "provider p ~pl.*; app_metadata PLAN;", "p|1", "PLAN", 0 },
    { "H5.6 metadata by name in another case",
      "app_metadata plan;", "p|1", "PLAN", 0 },
    { "H5.6 a name of the provider that is metadata",
      "provider p plan; app_metadata plan;", "p|1", "plan", 0 },
    { "H5.6 that name in another case",
      "provider p plan; app_metadata plan;", "p|1", "PLAN", 0 },
    { "H5.6 a pattern of metadata where a name folds to it",
      "identity my_car; user_metadata ~My_.*;", "p|1", "My_car", 1 },

    { "H5.6 a prefix before a name of the provider",
      "provider p um_hobby; metadata_prefix user_metadata um_;", "p|1",
      "um_hobby", 0 },
    { "H5.6 that name in another case is not the provider's either",
      "provider p um_hobby; metadata_prefix user_metadata um_;", "p|1",
      "UM_HOBBY", 0 },
    { "H5.6 a prefix before a pattern of the provider",
      "provider p ~um_.*; metadata_prefix user_metadata um_;", "p|1",
      "um_hobby", 0 },
    { "H5.6 a prefix before a pattern of every provider",
      "provider * ~.*; metadata_prefix user_metadata um_;", "p|1",
      "um_HOBBY", 0 },
    { "H5.6 a prefix and a rest that folds to identity",
      "identity um_level; metadata_prefix user_metadata um_;", "p|1",
      "um_Level", 1 },
    { "H5.6 identity with a prefix",
      "identity um_level; metadata_prefix user_metadata um_;", "p|1",
      "um_level", 1 },
    { "H5.6 identity with a prefix in another case",
      "identity um_level; metadata_prefix user_metadata um_;", "p|1",
      "UM_LEVEL", 1 },
    { "H5.6 dropped with a prefix in another case",
      "drop am_level; metadata_prefix app_metadata am_;", "p|1",
      "AM_LEVEL", 1 },
    { "H5.6 renamed with a prefix in another case",
      "rename am_level level; metadata_prefix app_metadata am_;", "p|1",
      "Am_level", 1 },
    { "H5.6 metadata with a prefix in another case",
      "metadata_prefix app_metadata meta;", "p|1", "METADATA", 1 },

    { "H5.6 two names that fold to one, of two providers",
      "provider p Plan; provider q plan;", "q|1", "PLAN", 1 },
    { "H5.6 two names that fold to one, the first provider",
      "provider p Plan; provider q plan;", "p|1", "PLAN", 1 },
    { "H5.6 two names that fold to one, a third provider",
      "provider p Plan; provider q plan; provider r;", "r|1", "PLAN", 0 },
    { "H5.6 two names that fold to one, between others",
      "provider p Plan; option other; provider q plan; reserved another;",
      "q|1", "PLAN", 1 },
    { "H5.6 two names that fold to one, one between them",
      "provider p Plan; option other; provider q plan; reserved another;",
      "q|1", "OTHER", 0 },
    { "H5.6 two names that fold to one, one of all",
      "provider p Plan; provider * plan;", NULL, "pLAN", 1 },

    { "H5.6 in doubt: of one provider", SCHEMA, "*", "picture", 1 },
    { "H5.6 in doubt: of another", SCHEMA, "*", "link", 1 },
    { "H5.6 in doubt: in another case", SCHEMA, "*", "Last NAME", 1 },
    { "H5.6 in doubt: by a pattern of one", SCHEMA, "*", "claim_x", 1 },
    { "H5.6 in doubt: by a pattern of another", SCHEMA, "*", "SoK", 1 },
    { "H5.6 in doubt: by a pattern of every one", SCHEMA, "*", "EveryX", 1 },
    { "H5.6 in doubt: identity", SCHEMA, "*", "Email", 1 },
    { "H5.6 in doubt: dropped", SCHEMA, "*", "_id", 1 },
    { "H5.6 in doubt: what nobody claims", SCHEMA, "*", "hobby", 0 },
    { "H5.6 in doubt: a container", SCHEMA, "*", "user_metadata", 0 },
    { "H5.6 in doubt: metadata by name", SCHEMA, "*", "plan", 0 },
    { "H5.6 in doubt: metadata by prefix before a pattern",
      "provider p ~um_.*; metadata_prefix user_metadata um_;", "*",
      "um_hobby", 0 },
    { "H5.6 in doubt: a name of a provider that is metadata",
      "provider p plan; app_metadata plan;", "*", "plan", 0 },
    { "H5.6 in doubt: no provider", "identity email;", "*", "picture", 0 },

    { "H5.6 names that are only options or reserved",
      "option connection; reserved roles; writable name;"
      "identity_drop access_token;", "p|1", "Connection", 0 }
};


static profile_reason_e
denied(const profile_schema_t *s, const char *id, const u_char *data,
    size_t len, int *is)
{
    u_char                    *copy;
    profile_name_t             name;
    profile_reason_e           rc;
    profile_matcher_t         *m;
    const profile_provider_t  *p;

    m = profile_matcher_create(s, &test_alloc);
    assert_non_null(m);

    /* a read past the name is seen by sanitizers */

    copy = malloc(len + 1);
    memcpy(copy + 1, data, len);

    profile_schema_name(s, &name, copy + 1, len);

    p = NULL;

    if (id) {
        p = (strcmp(id, "*") == 0)
            ? profile_schema_provider_any(s)
            : profile_schema_provider(s, (const u_char *) id, strlen(id));
    }

    rc = profile_schema_denied(m, p, &name, is);

    profile_matcher_destroy(m);
    free(copy);

    return rc;
}


static void
test_denied(void **state)
{
    int                is;
    profile_schema_t  *s;
    const denied_t    *d = *state;

    s = test_schema(d->schema);

    assert_int_equal(denied(s, d->id, (const u_char *) d->attribute,
                            strlen(d->attribute), &is),
                     PROFILE_OK);
    assert_int_equal(is != 0, d->denied);

    profile_schema_destroy(s);
}


/* the provider of an id, in whatever case; "*" is any */

static void
test_provider_judge(void **state)
{
    size_t                     i;
    const char                *name;
    profile_schema_t          *s;
    const profile_str_t       *text;
    const profile_provider_t  *p;

    static const struct {
        const char  *id;
        const char  *provider;
    } ids[] = {
        { "first|1", "first" }, { "FIRST|1", "first" }, { "fIrSt|", "first" },
        { "last|1", "last" }, { "LA\xc5\xbft|1", "*" },
        { "Last|1", "Last" }, { "lin\xe2\x84\xaa|1", "*" },
        { "first", NULL }, { "firs|1", NULL }, { "firstt|1", NULL },
        { "", "*" }, { "|1", "*" }, { "x|first|1", NULL }
    };

    (void) state;

    s = test_schema("provider first; provider last; provider Last;"
                    "provider link;");

    for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        name = ids[i].provider;
        p = profile_schema_provider_judge(s, (const u_char *) ids[i].id,
                                          strlen(ids[i].id));

        if (name == NULL) {
            assert_null(p);
            continue;
        }

        if (name[0] == '*') {
            assert_ptr_equal(p, profile_schema_provider_any(s));
            continue;
        }

        assert_non_null(p);
        text = profile_schema_provider_name(p);
        assert_true(profile_str_eq(text, name, strlen(name)));
    }

    profile_schema_destroy(s);
}


/* a pattern that gives up leaves nothing undecided */

static void
test_denied_limit(void **state)
{
    int                is;
    size_t             i;
    u_char             name[64];
    profile_schema_t  *s;

    static const char *const  schemas[] = {
        "provider * ~(a+)+[bc];",
        "provider p ~(a+)+[bc];",
        "user_metadata ~(a+)+[bc];",
        "provider * ~(A+)+[BC];",
        "provider p ~(A+)+[BC];"
    };

    (void) state;

    memset(name, 'a', sizeof(name));

    for (i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
        s = test_schema(schemas[i]);
        is = 0;

        assert_int_equal(denied(s, "p|1", name, sizeof(name), &is),
                         PROFILE_PATTERN_LIMIT);
        assert_int_equal(is, 1);

        is = 0;

        assert_int_equal(denied(s, "*", name, sizeof(name), &is),
                         PROFILE_PATTERN_LIMIT);
        assert_int_equal(is, 1);

        profile_schema_destroy(s);
    }
}


/* long names fold too */

static void
test_denied_long(void **state)
{
    int                is;
    char               text[8192];
    u_char             name[3000];
    size_t             len;
    profile_schema_t  *s;

    (void) state;

    len = sprintf(text, "identity ");
    memset(text + len, 'k', 1000);
    (void) strcpy(text + len + 1000, ";");

    s = test_schema(text);

    for (len = 0; len < 3000; len += 3) {
        memcpy(name + len, "\xe2\x84\xaa", 3);
    }

    assert_int_equal(denied(s, NULL, name, 3000, &is), PROFILE_OK);
    assert_int_equal(is, 1);

    /* any of these may stand for several, if there are enough */

    assert_int_equal(denied(s, NULL, name, 2997, &is), PROFILE_OK);
    assert_int_equal(is, 1);

    name[2] = 'k';

    assert_int_equal(denied(s, NULL, name + 2, 43, &is), PROFILE_OK);
    assert_int_equal(is, 0);

    profile_schema_destroy(s);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_add(cases[i].name, test_denied, &cases[i]);
    }

    test_add("H5.6 the provider in another case", test_provider_judge, NULL);
    test_add("H5.6 a pattern that gives up", test_denied_limit, NULL);
    test_add("H5.6 a long name", test_denied_long, NULL);

    return test_run();
}
