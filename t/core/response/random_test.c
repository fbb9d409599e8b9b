
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "response/random_test.h"


#define random_of(r, list)                                                   \
    (list)[random_below(r, sizeof(list) / sizeof((list)[0]))]


static void random_name(random_t *r);
static void random_inside(random_t *r, int object, unsigned depth);
static void random_any(random_t *r, unsigned depth);


/* what some schema says something of, and what is close to it */

static const char *const  names[] = {
    "user_id", "id", "identities", "Identities", "identi_ties", "logins",
    "app_metadata", "user_metadata", "metadata", "traits", "provider",
    "federatedIdentities", "identityProvider", "attributes", "preferences",
    "settings", "profile", "department", "LDAP_ID", "via", "email", "name",
    "token", "secret", "TOKEN", "_t_oken", "access_token", "\xc5\xbf" "ecret",
    "to\xe2\x84\xaa" "en", "to\\u006ben", "\\u0073ecret", "to\\\"ken",
    "lastLogin", "last_login", "lastIP", "last_ip", "old", "new", "_id", "away",
    "sent", "sent2", "shared", "hobby", "h_", "h_1", "h_2", "x_1", "x_22",
    "um_", "um_a", "am_a", "um_h_1", "u", "us", "usa", "$d", "d", "am_b", "b",
    "a", "c", "e", "f", "m", "n", "p", "q", "x", "", "_", " ", ":", "\xc3\xa9",
    "\\u00e9", "\\u0061", "\\ud800", "\\ud83d\\ude00", "h\\u005f1", "\\n",
    "abc", "abd", "abcd", "abcdefg", "abcdefgh", "abcdefghi",
    "abcdefghijklmno", "abcdefghijklmnop", "abcdefghXjklmnop",
    "abcdefghijklmnopq", "abcdefghXjklmnopq", "abcdefgh-------jklmnopq",
    "abcdefgh+++++++jklmnopq"
};


void
random_init(random_t *r, uint64_t seed)
{
    memset(r, 0, sizeof(random_t));

    r->state = seed * 0x9e3779b97f4a7c15ULL + 1;
}


void
random_free(random_t *r)
{
    free(r->plain.data);
    free(r->spaced.data);
}


unsigned
random_below(random_t *r, unsigned n)
{
    r->state = r->state * 6364136223846793005ULL + 1442695040888963407ULL;

    return (unsigned) (r->state >> 33) % n;
}


void
random_clear(random_t *r)
{
    r->plain.len = 0;
    r->spaced.len = 0;
}


void
random_token(random_t *r, const char *token)
{
    const char  *space;

    static const char *const  spaces[] = { "", "", " ", "\n  ", "\t\r" };

    (void) test_write(&r->plain, (const u_char *) token, strlen(token));
    (void) test_write(&r->spaced, (const u_char *) token, strlen(token));

    space = random_of(r, spaces);

    (void) test_write(&r->spaced, (const u_char *) space, strlen(space));
}


void
random_value(random_t *r)
{
    if (random_below(r, 2)) {
        random_inside(r, 1, 4);

    } else {
        random_inside(r, 0, 4);
    }
}


static void
random_name(random_t *r)
{
    char  text[64];

    /* more of them than are remembered */

    if (random_below(r, 4) == 0) {
        (void) sprintf(text, "\"%c%u\"", "nhx"[random_below(r, 3)],
                       random_below(r, 200));

    } else {
        (void) sprintf(text, "\"%s\"", random_of(r, names));
    }

    random_token(r, text);
    random_token(r, ":");
}


/* an object, or an array */

static void
random_inside(random_t *r, int object, unsigned depth)
{
    unsigned  i, n;

    n = random_below(r, object ? 6 : 4);

    random_token(r, object ? "{" : "[");

    for (i = 0; i < n; i++) {

        if (i) {
            random_token(r, ",");
        }

        if (object) {
            random_name(r);
        }

        random_any(r, depth);
    }

    random_token(r, object ? "}" : "]");
}


static void
random_any(random_t *r, unsigned depth)
{
    static const char *const  scalars[] = {
        "0", "-1.5e3", "12345678901234567890", "true", "false", "null", "null",
        "\"\"", "\"token\"", "\"a b\"", "\"\\\\\"", "\"\\\"token\\\":1,\"",
        "\"{,}[:]\"", "\"\xc3\xa9\\u00e9\"", "\"github\"", "\"p\"", "\"ldap\"",
        "[]", "[null]", "[\"p\"]"
    };

    switch (depth ? random_below(r, 4) : 3) {

    case 0:
        random_inside(r, 1, depth - 1);
        break;

    case 1:
        random_inside(r, 0, depth - 1);
        break;

    default:
        random_token(r, random_of(r, scalars));
    }
}


void
random_user(random_t *r)
{
    unsigned  i, n;

    static const char *const  ids[] = {
        "\"p|1\"", "\"q|1\"", "\"github|1\"", "\"facebook|1\"", "\"ldap|1\"",
        "\"campus-saml|1\"", "\"nobody|1\"", "\"none\"", "7", "null"
    };

    static const char *const  keys[] = {
        "\"user_id\"", "\"user_id\"", "\"id\"", "\"identities\""
    };

    n = random_below(r, 24);

    random_token(r, "{");

    for (i = 0; i < n; i++) {
        random_name(r);
        random_any(r, 3);
        random_token(r, ",");
    }

    random_token(r, random_of(r, keys));
    random_token(r, ":");
    random_token(r, random_of(r, ids));

    for (n = random_below(r, 6); n; n--) {
        random_token(r, ",");
        random_name(r);
        random_any(r, 2);
    }

    random_token(r, "}");
}
