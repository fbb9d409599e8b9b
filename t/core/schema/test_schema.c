
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves what the statements say that are about writing, identities and
 * metadata names, and that the order of statements does not matter.
 */


#include "core/schema/profile_schema.h"
#include "core/schema/profile_schema_build.h"
#include "core/schema/profile_schema_write.h"
#include "profile_test.h"


static int
has(int (*is)(const profile_schema_t *s, const profile_name_t *name),
    const profile_schema_t *s, const char *text)
{
    profile_name_t  name;

    profile_schema_name(s, &name, (const u_char *) text, strlen(text));

    return is(s, &name) != 0;
}


static const profile_provider_t *
provider_of(const profile_schema_t *s, const char *id)
{
    return profile_schema_provider(s, (const u_char *) id, strlen(id));
}


static int
forbidden(const profile_schema_t *s, const profile_name_t *name)
{
    const profile_name_t  *found;

    found = profile_schema_forbidden(s, name);

    return found && found->len == name->len
           && memcmp(found->data, name->data, name->len) == 0;
}


static void
test_flags(void **state)
{
    profile_schema_t  *s;

    (void) state;

    s = test_schema("identity_drop access_token 'refresh token';"
                    "option connection verify_email;"
                    "option client_id;"
                    "reserved roles email;"
                    "forbidden __proto__ email;"
                    "identity email;");

    assert_true(has(profile_schema_identity_drop, s, "access_token"));
    assert_true(has(profile_schema_identity_drop, s, "refresh token"));
    assert_false(has(profile_schema_identity_drop, s, "access_toke"));
    assert_true(has(profile_schema_identity_drop, s, "Access_token"));
    assert_true(has(profile_schema_identity_drop, s, "ACCESSTOKEN"));
    assert_true(has(profile_schema_identity_drop, s, "_acce\xc5\xbfs_token_"));
    assert_true(has(profile_schema_identity_drop, s,
                    "refre\xc5\xbfh to\xe2\x84\xaa" "en"));
    assert_false(has(profile_schema_identity_drop, s, "access-token"));
    assert_false(has(profile_schema_identity_drop, s, "refresh_token"));
    assert_false(has(profile_schema_identity_drop, s, "access_token\xc5"));
    assert_false(has(profile_schema_identity_drop, s, "access_token\xe2\x84"));
    assert_false(has(profile_schema_identity_drop, s, "_"));
    assert_false(has(profile_schema_identity_drop, s, "connection"));
    assert_false(has(profile_schema_identity_drop, s, ""));
    assert_true(profile_schema_has_identity_drop(s) != 0);

    assert_true(has(profile_schema_option, s, "connection"));
    assert_true(has(profile_schema_option, s, "verify_email"));
    assert_true(has(profile_schema_option, s, "client_id"));
    assert_false(has(profile_schema_option, s, "roles"));
    assert_false(has(profile_schema_option, s, "Connection"));

    assert_true(has(profile_schema_reserved, s, "roles"));
    assert_true(has(profile_schema_reserved, s, "email"));
    assert_false(has(profile_schema_reserved, s, "client_id"));

    assert_true(has(forbidden, s, "__proto__"));
    assert_true(has(forbidden, s, "email"));
    assert_false(has(forbidden, s, "__Proto__"));
    assert_false(has(forbidden, s, "roles"));
    assert_false(has(forbidden, s, "prototype"));
    assert_true(profile_schema_has_forbidden(s) != 0);

    profile_schema_destroy(s);

    s = test_schema("option access_token;");

    assert_false(has(profile_schema_identity_drop, s, "access_token"));
    assert_false(profile_schema_has_identity_drop(s));
    assert_false(has(forbidden, s, "access_token"));
    assert_false(profile_schema_has_forbidden(s));

    profile_schema_destroy(s);
}


static void
test_switches(void **state)
{
    size_t             i;
    profile_schema_t  *s;

    static const struct {
        const char  *text;
        int          omit;
        int          strict;
    } cases[] = {
        { "", 0, 0 },
        { "null_metadata keep; metadata_names any;", 0, 0 },
        { "null_metadata omit;", 1, 0 },
        { "metadata_names strict;", 0, 1 },
        { "metadata_names strict; null_metadata omit;", 1, 1 }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        s = test_schema(cases[i].text);

        assert_int_equal(profile_schema_omit_null(s), cases[i].omit);
        assert_int_equal(profile_schema_strict_names(s), cases[i].strict);

        profile_schema_destroy(s);
    }
}


static void
test_prefixes(void **state)
{
    profile_schema_t     *s;
    const profile_str_t  *prefix;

    (void) state;

    s = test_schema("metadata_prefix user_metadata um_;");

    prefix = profile_schema_prefix(s, PROFILE_USER_METADATA);
    assert_true(profile_str_eq(prefix, "um_", 3));
    assert_int_equal(profile_schema_prefix(s, PROFILE_APP_METADATA)->len, 0);

    profile_schema_destroy(s);

    s = test_schema("metadata_prefix app_metadata a;"
                    "metadata_prefix user_metadata ab;");

    prefix = profile_schema_prefix(s, PROFILE_APP_METADATA);
    assert_true(profile_str_eq(prefix, "a", 1));
    prefix = profile_schema_prefix(s, PROFILE_USER_METADATA);
    assert_true(profile_str_eq(prefix, "ab", 2));

    profile_schema_destroy(s);
}


static void
test_providers(void **state)
{
    profile_schema_t          *s;
    const profile_str_t       *name;
    const profile_provider_t  *p;

    (void) state;

    s = test_schema("provider facebook; provider google-oauth2 picture;"
                    "provider * locale; provider facebook age_range;");

    p = provider_of(s, "facebook|1");
    assert_non_null(p);

    name = profile_schema_provider_name(p);
    assert_true(profile_str_eq(name, "facebook", 8));

    assert_ptr_equal(provider_of(s, "facebook|"), p);
    assert_ptr_equal(provider_of(s, "facebook|a|b"), p);
    assert_ptr_equal(profile_schema_provider_named(s, (u_char *) "facebook",
                                                   8), p);
    assert_ptr_not_equal(provider_of(s, "google-oauth2|1"), p);
    assert_non_null(provider_of(s, "google-oauth2|1"));

    assert_null(provider_of(s, "facebook"));
    assert_null(provider_of(s, "Facebook|1"));
    assert_null(provider_of(s, "face|book|1"));
    assert_null(provider_of(s, " facebook|1"));
    assert_null(provider_of(s, "*|1"));
    assert_null(provider_of(s, "|1"));
    assert_null(provider_of(s, ""));
    assert_null(profile_schema_provider_named(s, (u_char *) "facebookx", 9));

    profile_schema_destroy(s);
}


typedef struct {
    const char        *id;
    profile_action_e   action;
    const char        *name;
    int                writable;
} write_t;


static void
test_writable(void **state)
{
    size_t             i;
    profile_name_t     name;
    profile_schema_t  *s;

    static const write_t  cases[] = {
        { NULL, PROFILE_CREATE, "blocked", 1 },
        { NULL, PROFILE_UPDATE, "blocked", 1 },
        { "sms|1", PROFILE_UPDATE, "blocked", 1 },

        { NULL, PROFILE_CREATE, "user_id", 1 },
        { NULL, PROFILE_UPDATE, "user_id", 0 },
        { "auth0|1", PROFILE_CREATE, "user_id", 1 },
        { "auth0|1", PROFILE_UPDATE, "user_id", 0 },

        { "auth0|1", PROFILE_UPDATE, "email", 1 },
        { "auth0|1", PROFILE_CREATE, "email", 1 },
        { "email|1", PROFILE_UPDATE, "email", 1 },
        { "sms|1", PROFILE_UPDATE, "email", 0 },
        { NULL, PROFILE_UPDATE, "email", 0 },

        { "sms|1", PROFILE_UPDATE, "phone_number", 1 },
        { "sms|1", PROFILE_CREATE, "phone_number", 1 },
        { "auth0|1", PROFILE_UPDATE, "phone_number", 1 },
        { "auth0|1", PROFILE_CREATE, "phone_number", 0 },
        { "email|1", PROFILE_UPDATE, "phone_number", 0 },

        { "auth0|1", PROFILE_CREATE, "username", 1 },
        { "auth0|1", PROFILE_UPDATE, "username", 1 },

        { "auth0|1", PROFILE_CREATE, "family_name", 1 },
        { NULL, PROFILE_UPDATE, "family_name", 1 },

        { NULL, PROFILE_CREATE, "locale", 1 },
        { NULL, PROFILE_UPDATE, "locale", 1 },

        { "sms|1", PROFILE_CREATE, "nickname", 1 },
        { "sms|1", PROFILE_UPDATE, "nickname", 1 },
        { "auth0|1", PROFILE_UPDATE, "nickname", 0 },
        { "sms|1", PROFILE_UPDATE, "user_metadata", 0 },

        { "auth0|1", PROFILE_UPDATE, "Email", 0 },
        { "auth0|1", PROFILE_UPDATE, "", 0 }
    };

    (void) state;

    /* a list may name what is declared later */

    s = test_schema("writable blocked;"
                    "writable user_id on=create;"
                    "writable family_name on=create;"
                    "writable email username for=auth0,email;"
                    "writable family_name on=update;"
                    "writable phone_number on=update for=auth0;"
                    "writable phone_number for=sms on=create on=update;"
                    "writable locale on=update on=create;"
                    "writable nickname for=sms;"
                    "provider auth0; provider email; provider sms;");

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        profile_schema_name(s, &name, (const u_char *) cases[i].name,
                            strlen(cases[i].name));

        if ((profile_schema_writable(s, cases[i].id
                                     ? provider_of(s, cases[i].id) : NULL,
                                     cases[i].action, &name)
             != 0) != cases[i].writable)
        {
            fail_msg("%s of %s", cases[i].name,
                     cases[i].id ? cases[i].id : "unknown");
        }
    }

    profile_schema_destroy(s);
}


typedef struct {
    const char        *id;
    profile_action_e   action;
    const char        *name;
    profile_via_e      via;
    int                stored;
} via_t;


/* U3.7, U4.6 */

static void
test_via(void **state)
{
    size_t                     i;
    profile_name_t             name;
    profile_schema_t          *s;
    const profile_provider_t  *p;

    static const via_t  cases[] = {
        { "a|1", PROFILE_UPDATE, "name", PROFILE_VIA_METADATA, 1 },
        { "a|1", PROFILE_CREATE, "name", PROFILE_VIA_METADATA, 1 },
        { "b|1", PROFILE_UPDATE, "name", PROFILE_VIA_ATTRIBUTES, 0 },
        { "c|1", PROFILE_UPDATE, "name", PROFILE_VIA_NAME, 0 },
        { NULL, PROFILE_UPDATE, "name", PROFILE_VIA_NAME, 0 },
        { "a|1", PROFILE_UPDATE, "Name", PROFILE_VIA_NAME, 0 },

        /* the statement for the provider goes before that for every one */

        { "a|1", PROFILE_UPDATE, "login", PROFILE_VIA_EMAIL, 0 },
        { "a|1", PROFILE_CREATE, "login", PROFILE_VIA_PASSWORD, 0 },
        { "b|1", PROFILE_UPDATE, "login", PROFILE_VIA_PASSWORD, 0 },
        { NULL, PROFILE_UPDATE, "login", PROFILE_VIA_PASSWORD, 0 },

        /* what says nothing changes nothing */

        { "b|1", PROFILE_UPDATE, "note", PROFILE_VIA_METADATA, 1 },
        { NULL, PROFILE_UPDATE, "note", PROFILE_VIA_METADATA, 1 },

        /* in a create only is stored, too */

        { "a|1", PROFILE_UPDATE, "origin", PROFILE_VIA_NAME, 1 },
        { "a|1", PROFILE_CREATE, "origin", PROFILE_VIA_METADATA, 1 },
        { "a|1", PROFILE_UPDATE, "email", PROFILE_VIA_NAME, 0 },
        { "a|1", PROFILE_UPDATE, "nobody", PROFILE_VIA_NAME, 0 },
    };

    (void) state;

    s = test_schema("provider a; provider b; provider c;"
                    "writable name for=a via=metadata; identity name;"
                    "writable name for=b via=attributes; writable name for=c;"
                    "writable login via=password;"
                    "writable login for=a on=update via=email;"
                    "writable note via=metadata; writable note for=b;"
                    "writable origin on=create via=metadata;"
                    "writable origin on=update; writable email;");

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        profile_schema_name(s, &name, (const u_char *) cases[i].name,
                            strlen(cases[i].name));

        p = cases[i].id ? provider_of(s, cases[i].id) : NULL;

        if (profile_schema_write_via(s, p, cases[i].action, &name)
            != cases[i].via
            || (profile_schema_write_stored(s, p, &name) != 0)
               != cases[i].stored)
        {
            fail_msg("%s of %s", cases[i].name,
                     cases[i].id ? cases[i].id : "unknown");
        }
    }

    profile_schema_destroy(s);
}


/* bits of one provider are not those of another, in whatever byte they are */

static void
test_many_providers(void **state)
{
    char               text[16384], id[16], attribute[16];
    size_t             i, j, len;
    profile_name_t     name;
    profile_schema_t  *s;

    (void) state;

    len = 0;

    for (i = 0; i < 300; i++) {
        len += sprintf(text + len, "provider p%zu; writable a%zu for=p%zu "
                       "on=update;", i, i, i);
    }

    s = test_schema(text);

    for (i = 0; i < 300; i++) {
        (void) sprintf(attribute, "a%zu", i);
        profile_schema_name(s, &name, (u_char *) attribute,
                            strlen(attribute));

        for (j = 0; j < 300; j++) {
            (void) sprintf(id, "p%zu|", j);

            assert_int_equal(profile_schema_writable(s, provider_of(s, id),
                                                     PROFILE_UPDATE, &name)
                             != 0,
                             i == j);
            assert_false(profile_schema_writable(s, provider_of(s, id),
                                                 PROFILE_CREATE, &name));
        }
    }

    profile_schema_destroy(s);
}


static void
test_knows(void **state)
{
    size_t             i;
    profile_schema_t  *s;

    static const char *const  known[] = {
        "user_id", "identities", "app_metadata", "user_metadata", "metadata",
        "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"
    };

    static const char *const  unknown[] = {
        "p", "*", "~l", "l", "m_", "for=p", "A", "",
        "identity", "rename", "drop", "provider", "metadata_prefix",
        "identity_drop", "writable", "option", "reserved"
    };

    (void) state;

    s = test_schema("identity a; rename b c; drop d; provider p e ~l;"
                    "provider * f; user_metadata g; app_metadata h;"
                    "metadata_prefix app_metadata m_; identity_drop i;"
                    "writable j for=p; option k; reserved k;");

    for (i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        assert_true(has(profile_schema_knows, s, known[i]));
    }

    for (i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
        assert_false(has(profile_schema_knows, s, unknown[i]));
    }

    profile_schema_destroy(s);
}


static void
test_container_names(void **state)
{
    size_t                i;
    const profile_str_t  *name;

    static const char *const  names[] = {
        "app_metadata", "user_metadata", "metadata"
    };

    (void) state;

    for (i = 0; i < 3; i++) {
        name = profile_schema_container_name(i);
        assert_string_equal(name->data, names[i]);
        assert_int_equal(name->len, strlen(names[i]));
    }
}


/* names of any bytes, more of them than the tables begin with */

static void
test_many_names(void **state)
{
    char               text[16];
    u_char             nul[] = "a\0b";
    uint32_t           i;
    profile_str_t      words[2];
    profile_name_t     name;
    profile_schema_t  *s;

    const profile_str_t   file = profile_string("test");
    const profile_hash_t  seed = { { 1, 2 } };

    (void) state;

    s = profile_schema_create(&test_alloc, &seed);
    assert_non_null(s);

    words[0].data = (u_char *) "option";
    words[0].len = 6;
    words[1].data = (u_char *) text;

    for (i = 0; i < 20000; i++) {
        words[1].len = sprintf(text, "n%u", i);
        assert_int_equal(profile_schema_add(s, &file, i, words, 2), 0);
    }

    words[1].data = nul;
    words[1].len = 3;
    assert_int_equal(profile_schema_add(s, &file, i, words, 2), 0);

    assert_int_equal(profile_schema_finish(s), 0);

    for (i = 0; i < 20000; i++) {
        (void) sprintf(text, "n%u", i);
        assert_true(has(profile_schema_option, s, text));
    }

    assert_false(has(profile_schema_option, s, "n20000"));
    assert_false(has(profile_schema_option, s, "a"));

    profile_schema_name(s, &name, nul, 3);
    assert_true(profile_schema_option(s, &name) != 0);
    assert_int_equal(name.hash, profile_schema_hash(s, nul, 3));

    profile_schema_destroy(s);
    profile_schema_destroy(NULL);
    profile_matcher_destroy(NULL);
}


/* all memory of patterns is the schema's */

static void
test_pattern_memory(void **state)
{
    long               plain, before;
    profile_schema_t  *s;

    (void) state;

    before = test_alloc_blocks();

    s = test_schema("user_metadata x;");
    plain = test_alloc_blocks() - before;
    profile_schema_destroy(s);

    s = test_schema("user_metadata ~x;");
    assert_true(test_alloc_blocks() - before > plain + 1);
    profile_schema_destroy(s);
}


static void
test_seed(void **state)
{
    profile_schema_t     *a, *b;
    const profile_hash_t  one = { { 1, 2 } }, other = { { 1, 3 } };

    (void) state;

    a = profile_schema_create(&test_alloc, &one);
    b = profile_schema_create(&test_alloc, &other);

    assert_int_not_equal(profile_schema_hash(a, (u_char *) "name", 4),
                         profile_schema_hash(b, (u_char *) "name", 4));
    assert_int_equal(profile_schema_hash(a, (u_char *) "name", 4),
                     profile_names_hash(&one, (u_char *) "name", 4));

    profile_schema_destroy(a);
    profile_schema_destroy(b);
}


/* the schema that is shipped says what it should */

static void
test_shipped(void **state)
{
    profile_schema_t  *s;

    (void) state;

    s = test_schema_file("auth0.conf");

    assert_true(has(profile_schema_identity_drop, s, "access_token"));
    assert_true(has(profile_schema_identity_drop, s, "access_token_secret"));
    assert_true(has(profile_schema_identity_drop, s, "refresh_token"));
    assert_true(has(profile_schema_option, s, "connection"));
    assert_true(profile_schema_omit_null(s) != 0);
    assert_true(profile_schema_strict_names(s) != 0);
    assert_non_null(provider_of(s, "auth0|1"));
    assert_non_null(provider_of(s, "google-oauth2|1"));
    assert_true(profile_str_eq(profile_schema_prefix(s, PROFILE_USER_METADATA),
                               "um_", 3));

    profile_schema_destroy(s);
}


static uint64_t
print_of(const char *text)
{
    uint64_t           print;
    profile_schema_t  *s;

    s = test_schema(text);
    print = profile_schema_fingerprint(s);

    profile_schema_destroy(s);

    return print;
}


static void
test_fingerprint(void **state)
{
    size_t    i, j;
    uint64_t  prints[16];

    static const char *const  texts[] = {
        "identity email;",
        "identity email name;",
        "identity emailname;",
        "identity email; identity name;",
        "drop email;",
        "identity email; drop name;",
        "identity email; null_metadata omit;",
        "identity 'email name';",
        "identity email; reserved name;",
        "identity email; app_metadata ~a 'as=b';",
    };

    (void) state;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        prints[i] = print_of(texts[i]);

        assert_true(prints[i] == print_of(texts[i]));

        for (j = 0; j < i; j++) {
            assert_true(prints[i] != prints[j]);
        }
    }

    /* it is sent to clients, who come back to other processes with it */

    assert_true(print_of("identity  email ;") == prints[0]);
    assert_true(profile_core_fingerprint(0, "abc", 3) == 0xfc16b883ee059c58ULL);
    assert_true(profile_core_fingerprint(0, "", 0)
                != profile_core_fingerprint(0, "\0", 1));
}


static void
test_version(void **state)
{
    u_char  text[PROFILE_VERSION_LEN + 1];
    size_t  len;

    (void) state;

    len = profile_schema_version(text);

    assert_in_range(len, 4, PROFILE_VERSION_LEN);
    assert_in_range(text[0], '1', '9');
    assert_in_range(text[len - 1], '0', '9');
}


int
main(void)
{
    test_add("M4.1 H5.5 H5.7 identity_drop, option, reserved", test_flags,
             NULL);
    test_add("M3.6 H5.7 null_metadata, metadata_names", test_switches, NULL);
    test_add("M2.6 metadata_prefix", test_prefixes, NULL);
    test_add("M2 the provider is what stands before the first bar",
             test_providers, NULL);
    test_add("H5.5 writable", test_writable, NULL);
    test_add("U3.7 U4.6 the call that writes an attribute", test_via, NULL);
    test_add("H5.5 writable for one of many providers", test_many_providers,
             NULL);
    test_add("names that a schema knows", test_knows, NULL);
    test_add("M2.1 the names of the containers", test_container_names, NULL);
    test_add("names of any bytes and number", test_many_names, NULL);
    test_add("patterns take the schema's memory", test_pattern_memory, NULL);
    test_add("H5.4 the seed is the caller's", test_seed, NULL);
    test_add("M4.1 M3.6 H5.7 the schema that is shipped", test_shipped, NULL);
    test_add("H2.2 the fingerprint of the statements", test_fingerprint, NULL);
    test_add("the version of the pattern library", test_version, NULL);

    return test_run();
}
