
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * What the guard says of the members of a body (H5.4 to H5.7): which names
 * are refused, for which provider, with which words.  What it says of the
 * text is in test_guard_text.c.
 */


#include "request/guard_test.h"


#define T_UPDATE(id)    PROFILE_GUARD_V2, PROFILE_UPDATE, id
#define T_CREATE        PROFILE_GUARD_V2, PROFILE_CREATE, NULL
#define T_V1(id)        PROFILE_GUARD_V1, PROFILE_UPDATE, id

#define FACEBOOK        "facebook|10"

#define T_FACEBOOK      T_UPDATE(FACEBOOK)
#define T_DATABASE      T_UPDATE("auth0|7C54")


typedef struct {
    profile_guard_mode_e  mode;
    profile_action_e      action;
    const char           *user_id;
    const char           *body;
    profile_reason_e      reason;
    const char           *names;
} row_t;


static void
check(const profile_schema_t *schema, const row_t *row)
{
    test_guard_t  t;

    memset(&t, 0, sizeof(t));

    t.schema = schema;
    t.mode = row->mode;
    t.action = row->action;
    t.user_id = row->user_id;

    test_guards(&t, row->body, row->body, strlen(row->body), row->reason, -1,
                row->names);
}


#define check_rows(schema, rows)                                             \
    do {                                                                     \
        size_t  n_;                                                          \
        for (n_ = 0; n_ < sizeof(rows) / sizeof(row_t); n_++) {              \
            check(schema, &rows[n_]);                                        \
        }                                                                    \
    } while (0)


static void
duplicates(void **state)
{
    static const row_t  rows[] = {

        { T_FACEBOOK, "{\"blocked\":true,\"blocked\":false}",
          PROFILE_DUPLICATE, "blocked" },
        { T_FACEBOOK, "{\"picture\":1,\"blocked\":1,\"picture\":2}",
          PROFILE_DUPLICATE, "picture" },
        { T_FACEBOOK, "{\"blocked\":1,\"bl\\u006fcked\":1}",
          PROFILE_DUPLICATE, "blocked" },
        { T_FACEBOOK, "{\"\\u0062locked\":1,\"b\\u006Cocked\":1}",
          PROFILE_DUPLICATE, "blocked" },
        { T_FACEBOOK, "{\"a\\/b\":1,\"a/b\":1}", PROFILE_DUPLICATE, "a/b" },
        { T_FACEBOOK, "{\"\xc3\xa9\":1,\"\\u00e9\":1}",
          PROFILE_DUPLICATE, "\xc3\xa9" },
        { T_FACEBOOK, "{\"\xf0\x9f\x98\x80\":1,\"\\uD83D\\uDE00\":1}",
          PROFILE_DUPLICATE, "\xf0\x9f\x98\x80" },
        { T_FACEBOOK, "{\"\":1,\"\":1}", PROFILE_DUPLICATE, "" },
        { T_FACEBOOK, "{\"a\":1,\"a\":1,\"a\":1,\"b\":1,\"b\":2}",
          PROFILE_DUPLICATE, "a, a, b" },

        { T_FACEBOOK, "{\"user_metadata\":{\"a\":1,\"a\":2}}",
          PROFILE_DUPLICATE, "user_metadata.a" },
        { T_FACEBOOK, "{\"app_metadata\":{\"a\":1,\"\\u0061\":2}}",
          PROFILE_DUPLICATE, "app_metadata.a" },
        { T_FACEBOOK, "{\"user_metadata\":{},\"user_metadata\":{}}",
          PROFILE_DUPLICATE, "user_metadata" },
        { T_FACEBOOK, "{\"user_metadata\":{},\"user_met\\u0061data\":null}",
          PROFILE_DUPLICATE, "user_metadata" },
        { T_FACEBOOK, "{\"user_met\\u0061data\":{\"x\":[],\"\\u0078\":{}}}",
          PROFILE_DUPLICATE, "user_metadata.x" },

        { T_V1("facebook|10"), "{\"plan\":1,\"plan\":2}",
          PROFILE_DUPLICATE, "plan" },
        { T_V1("facebook|10"), "{\"app_metadata\":{\"a\":1,\"a\":2}}",
          PROFILE_DUPLICATE, "app_metadata.a" },

        /* one name in several places is no duplicate, nor deeper ones */

        { T_FACEBOOK, "{\"blocked\":1,\"user_metadata\":{\"blocked\":1,"
          "\"a\":{\"a\":1,\"a\":2}},\"app_metadata\":{\"a\":[{\"b\":1,"
          "\"b\":2}]}}", PROFILE_OK, NULL },

        /* names are compared as they are: neither case nor normal form */

        { T_FACEBOOK, "{\"user_metadata\":{\"a\":1,\"A\":1,\"\xc3\xa9\":1,"
          "\"e\xcc\x81\":1,\"a \":1,\"\\u0061\\u200b\":1}}",
          PROFILE_OK, NULL },
    };

    (void) state;

    check_rows(shipped, rows);
}


static void
v2_update(void **state)
{
    static const row_t  rows[] = {

        /* allowed */

        { T_FACEBOOK, "{}", PROFILE_OK, NULL },
        { T_FACEBOOK, "{\"blocked\":true}", PROFILE_OK, NULL },
        { T_FACEBOOK, " {\t\"user_metadata\" :\r\n{\"picture\":\"p\"} } \n",
          PROFILE_OK, NULL },
        { T_FACEBOOK, "{\"app_metadata\":{\"gender\":\"x\"},"
          "\"user_metadata\":null,\"client_id\":\"c\",\"connection\":\"f\"}",
          PROFILE_OK, NULL },
        { T_DATABASE, "{\"email\":\"a@b\",\"verify_email\":true,"
          "\"email_verified\":false,\"password\":\"x\","
          "\"verify_password\":false,\"username\":\"u\",\"nickname\":\"n\","
          "\"name\":\"n\",\"given_name\":\"g\",\"family_name\":\"f\","
          "\"picture\":\"p\",\"blocked\":false}", PROFILE_OK, NULL },
        { T_FACEBOOK, "{\"user_metadata\":{\"a\":1},\"blocked\":[\"a\","
          "{\"a\":1,\"a\":2}],\"app_metadata\":{\"a\":1},\"client_id\":{"
          "\"a\":1,\"a\":2}}", PROFILE_OK, NULL },
        { T_UPDATE("sms|1"), "{\"phone_number\":\"+1\",\"phone_verified\":"
          "true,\"verify_phone_number\":false}", PROFILE_OK, NULL },
        { T_UPDATE("email|1"), "{\"email\":\"a@b\",\"email_verified\":true}",
          PROFILE_OK, NULL },
        { T_DATABASE, "{\"n\\u0061me\":\"n\"}", PROFILE_OK, NULL },

        /* refused: each name is told, not only the first */

        { T_FACEBOOK, "{\"name\":\"n\",\"blocked\":true,\"picture\":\"p\"}",
          PROFILE_ATTRIBUTES, "name, picture" },
        { T_FACEBOOK, "{\"pict\\u0075re\":\"p\"}",
          PROFILE_ATTRIBUTES, "picture" },
        { T_FACEBOOK, "{\"gender\":null}", PROFILE_ATTRIBUTES, "gender" },
        { T_FACEBOOK, "{\"email\":\"a@b\"}", PROFILE_ATTRIBUTES, "email" },
        { T_FACEBOOK, "{\"identities\":[],\"user_id\":\"x\"}",
          PROFILE_ATTRIBUTES, "identities, user_id" },
        { T_FACEBOOK, "{\"hobby\":\"x\"}", PROFILE_ATTRIBUTES, "hobby" },
        { T_FACEBOOK, "{\"um_hobby\":\"x\"}", PROFILE_ATTRIBUTES,
          "um_hobby" },
        { T_FACEBOOK, "{\"metadata\":{}}", PROFILE_ATTRIBUTES, "metadata" },
        { T_FACEBOOK, "{\"last_login\":1,\"lastLogin\":1,\"_id\":1}",
          PROFILE_ATTRIBUTES, "last_login, lastLogin, _id" },
        { T_FACEBOOK, "{\"\":1}", PROFILE_ATTRIBUTES, "" },
        { T_DATABASE, "{\"phone_number\":\"1\"}", PROFILE_ATTRIBUTES,
          "phone_number" },
        { T_UPDATE("sms|1"), "{\"password\":\"x\"}", PROFILE_ATTRIBUTES,
          "password" },

        /* not what is listed, only like it */

        { T_DATABASE, "{\"Name\":1,\"EMAIL\":1,\"name \":1,\" name\":1,"
          "\"User_Metadata\":{},\"nam\":1,\"names\":1,\"user-metadata\":{},"
          "\"user_metadat\":{},\"user_metadata2\":{}}", PROFILE_ATTRIBUTES,
          "Name, EMAIL, name ,  name, User_Metadata, nam, names, "
          "user-metadata, user_metadat, user_metadata2" },
        { T_DATABASE, "{\"\xef\xbd\x8e""ame\":1}", PROFILE_ATTRIBUTES,
          "\xef\xbd\x8e""ame" },
        { T_DATABASE, "{\"n\xd0\xb0me\":1}", PROFILE_ATTRIBUTES,
          "n\xd0\xb0me" },
        { T_DATABASE, "{\"name\\u200b\":1}", PROFILE_ATTRIBUTES,
          "name\xe2\x80\x8b" },
        { T_DATABASE, "{\"picture[url]\":1,\"picture.url\":1,\"$name\":1}",
          PROFILE_ATTRIBUTES, "picture[url], picture.url, $name" },

        /* the provider is the part before the first bar */

        { T_UPDATE("auth0|facebook|1"), "{\"name\":1}", PROFILE_OK, NULL },
        { T_UPDATE("facebook|auth0|1"), "{\"name\":1}",
          PROFILE_ATTRIBUTES, "name" },
        { T_UPDATE("AUTH0|1"), "{\"name\":1}", PROFILE_ATTRIBUTES, "name" },
        { T_UPDATE("auth0"), "{\"name\":1}", PROFILE_ATTRIBUTES, "name" },
        { T_UPDATE("auth0 |1"), "{\"name\":1}", PROFILE_ATTRIBUTES, "name" },
        { T_UPDATE("|auth0|1"), "{\"name\":1}", PROFILE_ATTRIBUTES, "name" },
        { T_UPDATE("nobody|1"), "{\"name\":1,\"blocked\":1}",
          PROFILE_ATTRIBUTES, "name" },
        { T_UPDATE(""), "{\"name\":1,\"blocked\":1}",
          PROFILE_ATTRIBUTES, "name" },

        /* and not what the body says */

        { T_FACEBOOK, "{\"connection\":\"auth0\",\"name\":1}",
          PROFILE_ATTRIBUTES, "name" },
    };

    (void) state;

    check_rows(shipped, rows);
}


static void
v2_create(void **state)
{
    profile_schema_t  *s;

    static const row_t  rows[] = {
        { T_CREATE, "{\"connection\":\"Username-Password-Authentication\","
          "\"email\":\"a@b\",\"password\":\"x\",\"user_metadata\":{}}",
          PROFILE_OK, NULL },
        { T_CREATE, "{\"connection\":\"sms\",\"phone_number\":\"+1\"}",
          PROFILE_OK, NULL },
        { T_CREATE, "{\"phone_number\":\"+1\",\"connection\":\"sms\"}",
          PROFILE_OK, NULL },
        { T_CREATE, "{\"phone_number\":\"+1\",\"connection\":\"\\u0073ms\"}",
          PROFILE_OK, NULL },
        { T_CREATE, "{\"phone_number\":\"+1\",\"c\\u006fnnection\":\"sms\"}",
          PROFILE_OK, NULL },
        { T_CREATE, "{\"phone_number\":\"+1\",\"connection\":\"SMS\"}",
          PROFILE_OK, NULL },
        { T_CREATE, "{\"email\":\"a@b\",\"password\":\"x\"}",
          PROFILE_OK, NULL },
        { T_CREATE, "{\"email\":\"a\",\"name\":1,\"connection\":\"facebook\"}",
          PROFILE_ATTRIBUTES, "email, name" },
        { T_CREATE, "{\"connection\":[\"sms\"],\"phone_number\":1}",
          PROFILE_CONNECTION, "connection" },
        { T_CREATE, "{\"connection\":1,\"phone_number\":1}",
          PROFILE_CONNECTION, "connection" },
        { T_CREATE, "{\"user_metadata\":{\"connection\":\"sms\"},"
          "\"phone_number\":1}", PROFILE_ATTRIBUTES, "phone_number" },
        { T_CREATE, "{\"connection\":\"sms\",\"connection\":\"facebook\"}",
          PROFILE_DUPLICATE, "connection" },
        { T_CREATE, "{\"user_id\":\"auth0|1\"}", PROFILE_ATTRIBUTES,
          "user_id" },
        { T_CREATE, "{\"blocked\":false}", PROFILE_ATTRIBUTES, "blocked" },
    };

    static const row_t  on[] = {
        { T_CREATE, "{\"in\":1,\"both\":1}", PROFILE_OK, NULL },
        { T_CREATE, "{\"in\":1,\"up\":1}", PROFILE_ATTRIBUTES, "up" },
        { T_UPDATE("p|1"), "{\"up\":1,\"both\":1}", PROFILE_OK, NULL },
        { T_UPDATE("p|1"), "{\"in\":1,\"up\":1}", PROFILE_ATTRIBUTES, "in" },
        { T_UPDATE("q|1"), "{\"both\":1,\"up\":1}", PROFILE_ATTRIBUTES, "up" },
        { T_CREATE, "{\"connection\":\"p\"}", PROFILE_ATTRIBUTES,
          "connection" },
    };

    (void) state;

    check_rows(shipped, rows);

    /* no provider auth0 and no option here */

    s = test_schema("provider p; provider q; writable both;"
                    "writable in on=create; writable up for=p on=update;");

    check_rows(s, on);

    profile_schema_destroy(s);
}


static void
v1_metadata(void **state)
{
    profile_schema_t  *s;

    static const row_t  rows[] = {

        { T_V1("facebook|10"), "{}", PROFILE_OK, NULL },
        { T_V1("facebook|10"), "{\"hobby\":\"surf\",\"plan\":{\"a\":[1]},"
          "\"login\":1,\"um_picture\":1,\"am_gender\":2,\"Hobby\":null,"
          "\"user_metadata\":{\"picture\":1},\"app_metadata\":null}",
          PROFILE_OK, NULL },

        { T_V1("facebook|10"), "{\"picture\":1,\"hobby\":2,\"gender\":3}",
          PROFILE_ATTRIBUTES, "picture, gender" },
        { T_V1("facebook|10"), "{\"user_id\":1,\"identities\":2,\"_id\":3,"
          "\"lastLogin\":4,\"last_login\":5,\"blocked\":6,\"metadata\":{}}",
          PROFILE_ATTRIBUTES, "user_id, identities, _id, lastLogin, "
          "last_login, blocked, metadata" },
        { T_V1("facebook|10"), "{\"pictur\\u0065\":1}",
          PROFILE_ATTRIBUTES, "picture" },

        /* another provider, another answer */

        { T_V1("github|1"), "{\"gender\":1,\"plan\":2,\"login\":3}",
          PROFILE_ATTRIBUTES, "plan, login" },
        { T_V1("nobody|1"), "{\"gender\":1,\"plan\":2,\"email\":3}",
          PROFILE_ATTRIBUTES, "email" },
        { T_V1(""), "{\"gender\":1,\"plan\":2,\"email\":3}",
          PROFILE_ATTRIBUTES, "email" },

        /* backends that fold */

        { T_V1("facebook|10"), "{\"PICTURE\":1,\"Gender\":2,\"METADATA\":3,"
          "\"LASTlogin\":4,\"Last_Login\":5,\"_ID\":6}", PROFILE_ATTRIBUTES,
          "PICTURE, Gender, METADATA, LASTlogin, Last_Login, _ID" },
        { T_V1("facebook|10"), "{\"la\\u017ft_name\":1,\"lin\xe2\x84\xaa\":2,"
          "\"fir\xc5\xbft_name\":3,\"LIN\\u212a\":4}", PROFILE_ATTRIBUTES,
          "la\xc5\xbft_name, lin\xe2\x84\xaa, fir\xc5\xbft_name, "
          "LIN\xe2\x84\xaa" },

        { T_V1("FACEBOOK|10"), "{\"gender\":1,\"plan\":2}",
          PROFILE_ATTRIBUTES, "gender" },
        { T_V1("faceboo\xe2\x84\xaa|10"), "{\"Gender\":1,\"plan\":2}",
          PROFILE_ATTRIBUTES, "Gender, plan" },
        { T_V1("GitHub|auth0|1"), "{\"gender\":1,\"plan\":2}",
          PROFILE_ATTRIBUTES, "plan" },
        { T_V1("GitHub"), "{\"gender\":1,\"plan\":2}", PROFILE_OK, NULL },
        { T_V1("Faceboo|10"), "{\"gender\":1,\"plan\":2}",
          PROFILE_OK, NULL },

        /* no create: the body is the user's own, whatever it says */

        { PROFILE_GUARD_V1, PROFILE_CREATE, "facebook|10",
          "{\"connection\":\"auth0\",\"gender\":1}",
          PROFILE_ATTRIBUTES, "gender" },
    };

    static const row_t  patterns[] = {
        { T_V1("p|1"), "{\"profile_x\":1,\"PROFILE_x\":2,\"profil\":3}",
          PROFILE_ATTRIBUTES, "profile_x, PROFILE_x" },
        { T_V1("q|1"), "{\"profile_x\":1,\"PROFILE_x\":2}", PROFILE_OK, NULL },
        { T_V1("q|1"), "{\"every_x\":1,\"Every_y\":2}",
          PROFILE_ATTRIBUTES, "every_x, Every_y" },
        { T_V1(NULL), "{\"every_x\":1,\"profile_x\":2}",
          PROFILE_ATTRIBUTES, "every_x" },
        { T_V1("p|1"), "{\"profile_mine\":1}", PROFILE_OK, NULL },

        /* one name exactly, else the first that folds to it */

        { T_V1("LINK|1"), "{\"a\":1,\"b\":2}", PROFILE_ATTRIBUTES, "a" },
        { T_V1("Link|1"), "{\"a\":1,\"b\":2}", PROFILE_ATTRIBUTES, "b" },
        { T_V1("link|1"), "{\"a\":1,\"b\":2}", PROFILE_ATTRIBUTES, "a" },
        { T_V1("lin\xe2\x84\xaa|1"), "{\"a\":1,\"b\":2}",
          PROFILE_ATTRIBUTES, "a, b" },
    };

    (void) state;

    check_rows(shipped, rows);

    s = test_schema("provider p ~profile_.*; provider q; provider * ~every_.*;"
                    "provider LINK a; provider Link b;"
                    "app_metadata profile_mine;");

    check_rows(s, patterns);

    profile_schema_destroy(s);
}


static void
metadata_rules(void **state)
{
    profile_schema_t  *s;

    static const row_t  rows[] = {

        /* containers */

        { T_FACEBOOK, "{\"user_metadata\":[],\"app_metadata\":\"x\"}",
          PROFILE_CONTAINER, "user_metadata, app_metadata" },
        { T_FACEBOOK, "{\"app_metadata\":[{\"a\":1}]}",
          PROFILE_CONTAINER, "app_metadata" },
        { T_FACEBOOK, "{\"app_metadata\":[{\"a\":1},{\"a\":2},3,4]}",
          PROFILE_CONTAINER, "app_metadata" },
        { T_FACEBOOK, "{\"user_met\\u0061data\":0}",
          PROFILE_CONTAINER, "user_metadata" },
        { T_FACEBOOK, "{\"user_metadata\":false}",
          PROFILE_CONTAINER, "user_metadata" },
        { T_V1("facebook|10"), "{\"app_metadata\":\"x\"}",
          PROFILE_CONTAINER, "app_metadata" },

        /* reserved names, in app_metadata only */

        { T_FACEBOOK, "{\"app_metadata\":{\"blocked\":1,\"plan\":2,"
          "\"\\u0065mail\":3},\"user_metadata\":{\"blocked\":1}}",
          PROFILE_RESERVED, "app_metadata.blocked, app_metadata.email" },
        { T_FACEBOOK, "{\"app_metadata\":{\"a\":{\"blocked\":1}}}",
          PROFILE_OK, NULL },
        { T_V1("facebook|10"), "{\"app_metadata\":{\"blocked\":1}}",
          PROFILE_RESERVED, "app_metadata.blocked" },
        { T_V1("facebook|10"), "{\"am_blocked\":1,\"um_blocked\":1}",
          PROFILE_RESERVED, "am_blocked" },

        /* names with a dot or a leading dollar sign, in both */

        { T_FACEBOOK, "{\"app_metadata\":{\"a.b\":1,\"$set\":2,\"a$\":3},"
          "\"user_metadata\":{\".\":1,\"$\":2,\"a\\u002eb\":3}}",
          PROFILE_METADATA_NAME, "app_metadata.a.b, app_metadata.$set, "
          "user_metadata.., user_metadata.$, user_metadata.a.b" },
        { T_FACEBOOK, "{\"user_metadata\":{\"a\":{\"b.c\":1,\"$d\":2}}}",
          PROFILE_OK, NULL },
        { T_V1("facebook|10"), "{\"a.b\":1,\"\\u0024set\":2,\"a$\":3}",
          PROFILE_METADATA_NAME, "a.b, $set" },
        { T_V1("facebook|10"), "{\"am_$set\":1,\"um_$set\":1,\"um$\":1}",
          PROFILE_METADATA_NAME, "am_$set, um_$set" },
        { T_V1("facebook|10"), "{\"user_metadata\":{\"$a\":1}}",
          PROFILE_METADATA_NAME, "user_metadata.$a" },
        { T_V1("facebook|10"), "{\"app_metadata\":{\"am_$a\":1}}",
          PROFILE_OK, NULL },
        { T_FACEBOOK, "{\"user_metadata\":{\"um_$a\":1}}", PROFILE_OK, NULL },

        /* what v2 stores under another name */

        { T_V1("facebook|10"), "{\"am_shoe\":1,\"um_shoe\":2,\"shoe\":3}",
          PROFILE_ALIAS, "am_shoe" },
        { T_V1("facebook|10"), "{\"app_metadata\":{\"am_shoe\":1}}",
          PROFILE_OK, NULL },
        { T_FACEBOOK, "{\"app_metadata\":{\"am_shoe\":1}}", PROFILE_OK, NULL },

        /* the first reason of those that apply */

        { T_FACEBOOK, "{\"name\":1,\"app_metadata\":{\"blocked\":1,"
          "\"$a\":1,\"a\":1,\"a\":2},\"user_metadata\":[]}",
          PROFILE_DUPLICATE, "app_metadata.a" },
        { T_FACEBOOK, "{\"name\":1,\"app_metadata\":{\"blocked\":1,"
          "\"$a\":1},\"user_metadata\":[]}",
          PROFILE_CONTAINER, "user_metadata" },
        { T_FACEBOOK, "{\"app_metadata\":{\"blocked\":1,\"$a\":1},"
          "\"name\":1}", PROFILE_ATTRIBUTES, "name" },
        { T_FACEBOOK, "{\"app_metadata\":{\"$a\":1,\"blocked\":1}}",
          PROFILE_RESERVED, "app_metadata.blocked" },
    };

    static const row_t  lax[] = {
        { T_UPDATE("p|1"), "{\"app_metadata\":{\"a.b\":1,\"$set\":2},"
          "\"user_metadata\":{\"$\":2}}", PROFILE_OK, NULL },
        { T_V1("p|1"), "{\"a.b\":1,\"$set\":2}", PROFILE_OK, NULL },
        { T_V1("p|1"), "{\"mine\":1}", PROFILE_RESERVED, "mine" },
        { T_V1("p|1"), "{\"x_secret\":1,\"y_secret\":1}",
          PROFILE_RESERVED, "x_secret" },
        { T_V1("p|1"), "{\"x_other\":1}", PROFILE_RESERVED, "x_other" },
    };

    (void) state;

    check_rows(shipped, rows);

    s = test_schema("provider p; reserved mine secret x_other;"
                    "app_metadata ~x_(.*) as=$1; user_metadata mine;"
                    "user_metadata ~y_(.*) as=$1;");

    check_rows(s, lax);

    profile_schema_destroy(s);
}


static void
pattern_limit(void **state)
{
    char               body[256];
    profile_schema_t  *s;
    row_t              row = { T_V1("p|1"), body, PROFILE_PATTERN_LIMIT,
                               NULL };

    (void) state;

    /* a pattern that goes mad over a name lets nothing through */

    s = test_schema("provider p ~(a|aa)+[bc];");

    (void) snprintf(body, sizeof(body), "{\"x\":1,\"%0100d\":1}", 0);
    memset(strchr(body, '0'), 'a', 100);

    check(s, &row);

    profile_schema_destroy(s);
}


/* U4.4: what the upgrade plans from */

static void
members(void **state)
{
    uint32_t                       i, n;
    test_guard_t                   t;
    profile_guard_t               *g;
    const profile_guard_member_t  *m;

    static const char  body[] =
        " {\"blocked\" : tru\\u0065, }";
    static const char  text[] =
        " {\"bl\\u006fcked\" : 1e308 ,\"user_metadata\":{ \"a\":[1, 2] ,"
        "\"b\" :{\"c\":{}},\"\":\"\\u00e9\"},\"app_metadata\":null,"
        "\"client_id\":\"x\"}\n";

    static const struct {
        const char            *name;
        const char            *value;
        profile_type_e         type;
        profile_guard_place_e  place;
    } rows[] = {
        { "blocked", "1e308", PROFILE_NUMBER, PROFILE_AT_ROOT },
        { "user_metadata", "{ \"a\":[1, 2] ,\"b\" :{\"c\":{}},"
          "\"\":\"\\u00e9\"}", PROFILE_OBJECT, PROFILE_AT_ROOT },
        { "a", "[1, 2]", PROFILE_ARRAY, PROFILE_AT_USER_METADATA },
        { "b", "{\"c\":{}}", PROFILE_OBJECT, PROFILE_AT_USER_METADATA },
        { "", "\"\\u00e9\"", PROFILE_STRING, PROFILE_AT_USER_METADATA },
        { "app_metadata", "null", PROFILE_NULL, PROFILE_AT_ROOT },
        { "client_id", "\"x\"", PROFILE_STRING, PROFILE_AT_ROOT },
    };

    (void) state;

    memset(&t, 0, sizeof(t));

    t.schema = shipped;
    t.action = PROFILE_UPDATE;
    t.user_id = "facebook|10";

    assert_int_equal(test_guard(&t, body, sizeof(body) - 1),
                     PROFILE_INVALID_JSON);

    for (t.piece = 0; t.piece < sizeof(text); t.piece++) {
        g = test_guard_fed(&t, text, sizeof(text) - 1);

        assert_non_null(g);
        assert_int_equal(profile_guard_finish(g), PROFILE_OK);

        m = profile_guard_members(g, &n);

        assert_int_equal(n, sizeof(rows) / sizeof(rows[0]));
        assert_memory_equal(profile_guard_bytes(g), text, sizeof(text) - 1);
        assert_true(profile_str_eq(
            profile_schema_provider_name(profile_guard_provider(g)),
            "facebook", 8));
        assert_int_equal(profile_guard_conf(g)->action, PROFILE_UPDATE);

        for (i = 0; i < n; i++) {
            assert_int_equal(m[i].name.len, strlen(rows[i].name));
            assert_memory_equal(m[i].name.data, rows[i].name, m[i].name.len);
            assert_int_equal(m[i].end - m[i].start, strlen(rows[i].value));
            assert_memory_equal(text + m[i].start, rows[i].value,
                                m[i].end - m[i].start);
            assert_int_equal(text[m[i].offset], '"');
            assert_int_equal(m[i].type, rows[i].type);
            assert_int_equal(m[i].place, rows[i].place);
        }

        profile_guard_destroy(g);
    }
}


/* The N-th allocation fails, for every N that the body reaches. */

static void
check_allocations(test_guard_t *t, const char *body, profile_reason_e reason)
{
    unsigned long     n;
    profile_reason_e  rc;

    for (n = 1; /* void */ ; n++) {
        test_alloc_fail(n);
        rc = test_guard(t, body, strlen(body));

        if (test_alloc_count() < n) {
            break;
        }

        assert_int_equal(rc, PROFILE_NO_MEMORY);
    }

    test_alloc_fail(0);

    assert_int_equal(rc, reason);
    assert_true(n > 10);
}


static void
allocations(void **state)
{
    int           i;
    char          body[8192], *p;
    test_guard_t  t;

    (void) state;

    memset(&t, 0, sizeof(t));

    t.schema = shipped;
    t.piece = 5;

    check_allocations(&t, "{\"n\\u0061me\":[1,{\"\\u0061\":2}],"
                      "\"app_metadata\":{\"\\u0062\":1},"
                      "\"user_metadata\":{\"c\":\"d\"},"
                      "\"connection\":\"twitter\"}", PROFILE_ATTRIBUTES);

    check_allocations(&t, "{\"user_metadata\":{\"a\":{}}}", PROFILE_OK);
    check_allocations(&t, "{\"user_metadata\":{\"a\":{}}", PROFILE_TRUNCATED);
    check_allocations(&t, "{\"app_metadata\":{\"_id\":{}}}",
                      PROFILE_RESERVED);

    /* the longest message, and a connection that is no provider */

    p = body + sprintf(body, "{\"connection\":\"%01000d\"", 0);

    for (i = 0; i < 30; i++) {
        p += sprintf(p, ",\"%04d%070d\":1", i, 0);
    }

    (void) strcpy(p, "}");

    check_allocations(&t, body, PROFILE_ATTRIBUTES);

    /* the same names in a container */

    p = body + sprintf(body, "{\"app_metadata\":{\"a\":1");

    for (i = 0; i < 30; i++) {
        p += sprintf(p, ",\"$%03d%070d\":1", i, 0);
    }

    (void) strcpy(p, "}}");

    check_allocations(&t, body, PROFILE_METADATA_NAME);

    /* names that are folded */

    t.mode = PROFILE_GUARD_V1;
    t.user_id = FACEBOOK;

    (void) snprintf(body, sizeof(body), "{\"%0700d\":1,\"GENDER\":2}", 0);

    check_allocations(&t, body, PROFILE_ATTRIBUTES);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(duplicates),
        cmocka_unit_test(v2_update),
        cmocka_unit_test(v2_create),
        cmocka_unit_test(v1_metadata),
        cmocka_unit_test(metadata_rules),
        cmocka_unit_test(pattern_limit),
        cmocka_unit_test(members),
        cmocka_unit_test(allocations),
    };

    return cmocka_run_group_tests(tests, shipped_setup, shipped_teardown);
}
