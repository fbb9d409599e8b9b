
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves what the guard says of writes to a backend that keeps things elsewhere
 * (H5.16): objects that are merged, objects of which something is lifted, a
 * provider that the id does not tell, containers of another name; and of bodies
 * in an object (H5.17).
 */


#include "request/guard_test.h"


typedef struct {
    profile_guard_mode_e  mode;
    const char           *user_id;
    const char           *body;
    profile_reason_e      reason;
    const char           *names;
} row_t;


#define T_V1  PROFILE_GUARD_V1
#define T_V2  PROFILE_GUARD_V2


static void
check_rows(const char *text, const char *wrapper, const row_t *row, size_t n)
{
    size_t             i;
    test_guard_t       t;
    profile_schema_t  *s;

    s = test_schema(text);

    for (i = 0; i < n; i++) {
        memset(&t, 0, sizeof(t));

        t.schema = s;
        t.mode = row[i].mode;
        t.action = PROFILE_UPDATE;
        t.user_id = row[i].user_id;
        t.wrapper = wrapper;

        test_guards(&t, row[i].body, row[i].body, strlen(row[i].body),
                    row[i].reason, -1, row[i].names);
    }

    profile_schema_destroy(s);
}


#define check(schema, rows)                                                  \
    check_rows(schema, NULL, rows, sizeof(rows) / sizeof(row_t))


static void
merged(void **state)
{
    static const row_t  rows[] = {
        { T_V1, "1", "{\"settings\":{\"a\":1},\"prefs\":{\"a\":2}}",
          PROFILE_OK, NULL },
        { T_V1, "1", "{\"settings\":{\"a\":1,\"\\u0061\":2}}",
          PROFILE_DUPLICATE, "app_metadata.a" },
        { T_V1, "1", "{\"settings\":{\"r\":1},\"prefs\":{\"r\":2}}",
          PROFILE_RESERVED, "app_metadata.r" },
        { T_V1, "1", "{\"prefs\":{\"x\":{\"f\":1}}}",
          PROFILE_FORBIDDEN, "f" },
        { T_V1, "1", "{\"prefs\":{\"a.b\":1}}",
          PROFILE_METADATA_NAME, "user_metadata.a.b" },
        { T_V1, "1", "{\"prefs\":[1]}", PROFILE_CONTAINER, "prefs" },
        { T_V1, "1", "{\"prefs\":null}", PROFILE_OK, NULL },
        { T_V1, "1", "{\"metadata\":{\"a\":1}}", PROFILE_OK, NULL },

        /* in v2 it is an attribute that nobody may write */

        { T_V2, "1", "{\"settings\":{\"a\":1}}", PROFILE_ATTRIBUTES,
          "settings" },
    };

    static const row_t  said[] = {
        { T_V1, "1", "{\"metadata\":{\"a\":1}}", PROFILE_ATTRIBUTES,
          "metadata" },
    };

    (void) state;

    check("merge settings into app_metadata; merge prefs into user_metadata;"
          "reserved r; forbidden f; metadata_names strict;", rows);

    check("merge settings metadata into app_metadata;", said);
    check("", said);
}


static void
lifted(void **state)
{
    static const row_t  both[] = {
        { T_V1, "p|1", "{\"attributes\":{\"LDAP_ID\":[\"x\"],\"dep\":1}}",
          PROFILE_ATTRIBUTES, "user_metadata.LDAP_ID" },
        { T_V1, "p|1", "{\"attributes\":{\"ldap_id\":1,\"Key\":2}}",
          PROFILE_ATTRIBUTES, "user_metadata.ldap_id, user_metadata.Key" },
        { T_V1, "p|1", "{\"attributes.ldapId\":1,\"attributes.dep\":2}",
          PROFILE_ATTRIBUTES, "attributes.ldapId" },
        { T_V1, "p|1", "{\"attributes\":{\"dep\":1},\"x\":{\"key\":1}}",
          PROFILE_OK, NULL },
    };

    static const row_t  rows[] = {
        { T_V1, "p|1", "{\"profile\":{\"size\":1}}", PROFILE_ATTRIBUTES,
          "profile" },
        { T_V1, "p|1", "{\"PROFILE\":null}", PROFILE_ATTRIBUTES, "PROFILE" },
        { T_V1, "p|1", "{\"profile.first\":1,\"other.first\":2}",
          PROFILE_ATTRIBUTES, "profile.first" },
        { T_V1, "p|1", "{\"first\":1}", PROFILE_ATTRIBUTES, "first" },
        { T_V1, "p|1", "{\"secrets\":{\"x\":1},\"size\":2}", PROFILE_OK,
          NULL },
        { T_V1, "p|1", "{\"Profile.size\":1,\"profile.\":2,\"profiles.x\":3,"
          "\"SECRETS\":4}", PROFILE_ATTRIBUTES, "Profile.size, profile." },
    };

    static const row_t  deep[] = {
        { T_V1, "p|1", "{\"data\":{\"in\":{\"x\":1},\"IN\":null}}",
          PROFILE_ATTRIBUTES, "user_metadata.in, user_metadata.IN" },
        { T_V1, "p|1", "{\"data.in.x\":1,\"Data.In\":2,\"data.on.x\":3,"
          "\"data.dropped\":4}", PROFILE_ATTRIBUTES, "data.in.x, Data.In" },
        { T_V1, "p|1", "{\"Data\":{\"a\":1},\"DATA\":null}",
          PROFILE_ATTRIBUTES, "Data, DATA" },
        { T_V1, "p|1", "{\"data\":{\"a\":1},\"More\":{\"b\":2}}",
          PROFILE_OK, NULL },
    };

    (void) state;

    check("provider p; lift profile.first; identity first;"
          "drop secrets.key;", rows);

    check("merge data into user_metadata; lift data.in.x;"
          "merge more into app_metadata; drop data.dropped.x;"
          "metadata_names any; identity x;", deep);

    check("merge attributes into user_metadata; lift attributes.LDAP_ID;"
          "drop attributes.key; identity LDAP_ID;", both);
}


static void
unknown(void **state)
{
    static const row_t  rows[] = {
        { T_V1, "17", "{\"login\":1,\"plan\":2}", PROFILE_ATTRIBUTES,
          "login" },
        { T_V1, "17", "{\"id\":1,\"via\":2,\"plan\":2}", PROFILE_ATTRIBUTES,
          "id, via" },
        { T_V1, "google|17", "{\"login\":1,\"plan\":2}", PROFILE_ATTRIBUTES,
          "login" },
        { T_V2, "google|17", "{\"name\":1,\"nick\":2}", PROFILE_ATTRIBUTES,
          "name" },
    };

    static const row_t  first[] = {
        { T_V1, "google|17", "{\"login\":1}", PROFILE_OK, NULL },
        { T_V1, "github|17", "{\"login\":1}", PROFILE_ATTRIBUTES, "login" },
        { T_V1, "17", "{\"login\":1}", PROFILE_ATTRIBUTES, "login" },
        { T_V2, "google|17", "{\"name\":1,\"nick\":2}", PROFILE_OK, NULL },
    };

    (void) state;

    check("user id; provider_from via user_id; provider github login;"
          "provider google; writable name for=google; writable nick;", rows);

    check("user id; provider_from user_id via; provider github login;"
          "provider google; writable name for=google; writable nick;", first);
}


static void
named(void **state)
{
    static const row_t  rows[] = {
        { T_V2, "1", "{\"traits\":{\"a\":1}}", PROFILE_OK, NULL },
        { T_V2, "1", "{\"traits\":{\"a\":1,\"a\":1}}", PROFILE_DUPLICATE,
          "traits.a" },
        { T_V2, "1", "{\"traits\":5}", PROFILE_CONTAINER, "traits" },
        { T_V2, "1", "{\"user_metadata\":{\"a\":1}}", PROFILE_ATTRIBUTES,
          "user_metadata" },
        { T_V1, "1", "{\"traits\":{\"a\":1},\"user_metadata\":{\"b\":1}}",
          PROFILE_OK, NULL },
    };

    (void) state;

    check("container user_metadata traits;", rows);
}


/* H5.17 */

static void
wrapped(void **state)
{
    static const row_t  rows[] = {
        { T_V1, "1", "{\"account\":{\"plan\":1,\"x\":{\"email\":2}}}",
          PROFILE_OK, NULL },
        { T_V1, "1", "{\"account\":null,\"plan\":1}", PROFILE_OK, NULL },
        { T_V1, "1", "{\"account\":{},\"id\":1}", PROFILE_ATTRIBUTES, "id" },
        { T_V1, "1", "{\"account\":{\"id\":1}}", PROFILE_ATTRIBUTES, "id" },
        { T_V1, "1", "{\"acc\\u006funt\":{\"\\u0069d\":1}}",
          PROFILE_ATTRIBUTES, "id" },
        { T_V1, "1", "{\"a\":{\"id\":1},\"account\":{\"a\":[{\"id\":1}]}}",
          PROFILE_DUPLICATE, "a" },
        { T_V1, "1", "{\"a\":1,\"account\":{\"login\":1,\"b\":2,\"id\":3},"
          "\"login\":4}", PROFILE_DUPLICATE, "login" },
        { T_V1, "1", "{\"account\":{\"login\":1,\"b\":2,\"id\":3},\"c\":4}",
          PROFILE_ATTRIBUTES, "login, id" },
        { T_V1, "1", "{\"account\":{\"a\":1},\"account\":{\"b\":1}}",
          PROFILE_DUPLICATE, "account" },
        { T_V1, "1", "{\"account\":[{\"id\":1}]}", PROFILE_CONTAINER,
          "account" },
        { T_V1, "1", "{\"account\":5}", PROFILE_CONTAINER, "account" },
        { T_V1, "1", "{\"account\":{\"prefs\":{\"a.b\":1}}}",
          PROFILE_METADATA_NAME, "user_metadata.a.b" },
        { T_V1, "1", "{\"account\":{\"prefs\":{\"a\":1,\"\\u0061\":2}}}",
          PROFILE_DUPLICATE, "user_metadata.a" },
        { T_V1, "1", "{\"account\":{\"prefs\":5}}", PROFILE_CONTAINER,
          "prefs" },
        { T_V1, "1", "{\"account\":{\"profile\":{\"a\":1}}}",
          PROFILE_ATTRIBUTES, "profile" },
        { T_V1, "1", "{\"account\":{\"account\":{\"id\":1}}}",
          PROFILE_DUPLICATE, "account" },
        { T_V1, "1", "{\"prefs\":{\"account\":{\"id\":1}}}", PROFILE_OK, NULL },
    };

    (void) state;

    check_rows("user id; provider_from via; provider github login;"
               "merge prefs into user_metadata; lift profile.email;"
               "metadata_names strict;", "account", rows,
               sizeof(rows) / sizeof(row_t));
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(merged),
        cmocka_unit_test(lifted),
        cmocka_unit_test(unknown),
        cmocka_unit_test(named),
        cmocka_unit_test(wrapped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
