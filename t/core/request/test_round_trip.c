
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that what one API writes both read, before backends that keep metadata
 * in objects (U3.9, U3.10): random writes of v1 and of v2 go through the guard
 * and the plan into a store that merges inside the objects, and after each of
 * them the user of v2 has every value that was written last in its container,
 * no other one, and what the provider has sent.  PROFILE_SEQUENCES makes them
 * more, PROFILE_SEED others.
 */


#include "core/json/profile_skip.h"
#include "request/upgrade_test.h"


#define SEQUENCES  1500
#define SEED       20261128
#define WRITES     6

#define NAMES      (sizeof(names) / sizeof(names[0]))


typedef struct {
    const char           *schema;
    const char           *id;
    const char           *root;          /* of the user in v1 */
    const char           *objects[2];    /* by profile_container_e */
    const char           *fixed;         /* of the object of user_metadata */
    const char           *shown;         /* what v2 has of it at the root */
    unsigned              texts;         /* values are arrays of texts */
} backend_t;


typedef struct {
    const backend_t      *b;
    const profile_schema_t  *s;
    unsigned              seed;
    unsigned              token;         /* of the next value */
    char                  kept[2][32][64];       /* values in v1, by name */
    char                  seen[2][32][64];       /* in v2 */
    char                  said[8192];    /* all writes so far */
} world_t;


static const char *const  names[] = {
    "plan", "lang", "am_x", "um_x", "id", "email", "settings", "preferences",
    "attributes", "adminAttributes", "metadata", "LDAP_ID",
    "ldap_id", "department", "avatarUrl", "avatar_url", "first_name", "profile",
    "provider", "caf\xc3\xa9", "x y", "constructor", "", "username", "token"
};


static const backend_t  backends[] = {

    { "../../demo/accounts/schema.conf", "17",
      "\"id\":17,\"email\":\"e\",\"provider\":\"github\",\"profile\":"
      "{\"first_name\":\"Jo\",\"secret\":\"S\",\"login\":\"jo\"},",
      { "settings", "preferences" }, "", "\"given_name\":\"Jo\"", 0 },

    { "../../demo/directory/schema.conf", "4f",
      "\"id\":\"4f\",\"username\":\"jo\",\"federatedIdentities\":"
      "[{\"identityProvider\":\"ldap\",\"token\":\"S\"}],",
      { "adminAttributes", "attributes" },
      "\"LDAP_ID\":[\"s1\"],\"department\":[\"s2\"]", "\"LDAP_ID\":\"s1\"", 1 },

    { "../../demo/directory/schema.conf", "5f",
      "\"id\":\"5f\",\"username\":\"li\",",
      { "adminAttributes", "attributes" }, "\"avatarUrl\":[\"s3\"]",
      "\"picture\":\"s3\"", 1 }
};


static unsigned
next_random(world_t *w, unsigned n)
{
    w->seed = w->seed * 1664525 + 1013904223;

    return (w->seed >> 8) % n;
}


static void
user_of_v1(world_t *w, char *text, size_t size)
{
    size_t    len;
    unsigned  c, i;

    len = snprintf(text, size, "{%s", w->b->root);

    for (c = 0; c < 2; c++) {
        len += snprintf(text + len, size - len, "%s\"%s\":{%s", c ? "," : "",
                        w->b->objects[c], c ? w->b->fixed : "");

        for (i = 0; i < NAMES; i++) {

            if (w->kept[c][i][0]) {
                len += snprintf(text + len, size - len, "%s\"%s\":%s",
                                text[len - 1] == '{' ? "" : ",", names[i],
                                w->kept[c][i]);
                assert_true(len < size - 4);
            }
        }

        text[len++] = '}';
    }

    text[len++] = '}';
    text[len] = '\0';
}


/* the store merges inside its objects, and a null takes away */

static void
keep(world_t *w, unsigned c, const char *name, size_t nlen, const char *value,
    size_t len)
{
    char      fixed[64];
    unsigned  i;

    (void) snprintf(fixed, sizeof(fixed), "\"%.*s\":", (int) nlen, name);

    if (c && strstr(w->b->fixed, fixed)) {
        fail_msg("%s is the provider's, and was written:%s", fixed, w->said);
    }

    for (i = 0; i < NAMES; i++) {

        if (strlen(names[i]) == nlen && memcmp(names[i], name, nlen) == 0) {
            (void) snprintf(w->kept[c][i], sizeof(w->kept[c][i]), "%.*s",
                            *value == 'n' ? 0 : (int) len, value);
            return;
        }
    }

    fail_msg("\"%.*s\" was written:%s", (int) nlen, name, w->said);
}


static const char *
member(const char *p, const char **name, size_t *nlen, const char **value,
    size_t *len)
{
    const u_char  *q, *last;

    p++;

    if (*p != '"') {
        return NULL;
    }

    last = (u_char *) p + strlen(p);
    q = profile_skip_string((u_char *) p, last);

    *name = p + 1;
    *nlen = (char *) q - p - 2;
    *value = (char *) q + 1;

    q = profile_skip_value(q + 1, last);
    *len = (char *) q - *value;

    return (char *) q;
}


static void
apply(world_t *w, const char *body)
{
    size_t       nlen, len, ilen, vlen;
    unsigned     c;
    const char  *p, *q, *name, *value, *inner, *v;

    for (p = body; (p = member(p, &name, &nlen, &value, &len)) != NULL;
         /* void */ )
    {
        c = (strlen(w->b->objects[1]) == nlen
             && memcmp(w->b->objects[1], name, nlen) == 0);

        if (!c && (strlen(w->b->objects[0]) != nlen
                   || memcmp(w->b->objects[0], name, nlen) != 0))
        {
            fail_msg("\"%.*s\" was written:%s", (int) nlen, name, w->said);
        }

        for (q = value; (q = member(q, &inner, &ilen, &v, &vlen)) != NULL;
             /* void */ )
        {
            keep(w, c, inner, ilen, v, vlen);
        }
    }
}


static void
check(world_t *w)
{
    char             text[8192], seen[256], *app, *user, *found;
    unsigned         c, i, n, tokens;
    test_out_t       out;
    test_rewrite_t   t;

    user_of_v1(w, text, sizeof(text));

    memset(&out, 0, sizeof(out));
    memset(&t, 0, sizeof(t));

    t.schema = w->s;

    assert_int_equal(test_rewrite(&t, text, strlen(text), &out), PROFILE_OK);
    assert_true(out.len < sizeof(text));

    memcpy(text, out.data, out.len);
    text[out.len] = '\0';
    free(out.data);

    app = strstr(text, ",\"app_metadata\":{");
    assert_non_null(app);

    user = strstr(app, "},\"user_metadata\":{");
    assert_non_null(user);

    found = strstr(text, w->b->shown);

    if (found == NULL || found > app) {
        fail_msg("no %s in %s:%s", w->b->shown, text, w->said);
    }

    n = 0;

    for (c = 0; c < 2; c++) {
        for (i = 0; i < NAMES; i++) {

            if (w->seen[c][i][0] == '\0') {
                continue;
            }

            n++;

            (void) snprintf(seen, sizeof(seen), "\"%s\":%s", names[i],
                            w->seen[c][i]);

            found = strstr(c ? user : app, seen);

            if (found == NULL || (c == 0 && found > user)) {
                fail_msg("no %s in its container of %s:%s", seen, text,
                         w->said);
            }
        }
    }

    for (tokens = 0, found = text; (found = strchr(found, '@')); found++) {
        tokens++;
    }

    if (tokens != n) {
        fail_msg("%u values, and not %u, in %s:%s", tokens, n, text, w->said);
    }
}


/* a value as a client of the API writes it, and as v2 shows it */

static void
value_of(world_t *w, int v1, char *value, char *seen)
{
    /* before and behind the token, written and shown */

    static const char *const  any[][4] = {
        { "\"", "\"", "\"", "\"" }, { "[\"", "\",1]", "[\"", "\",1]" },
        { "{\"a\":\"", "\"}", "{\"a\":\"", "\"}" },
        { "[\"", "\"]", "[\"", "\"]" }
    };
    static const char *const  texts[][4] = {
        { "\"", "\"", "\"", "\"" },
        { "[\"", "\",\"b\"]", "[\"", "\",\"b\"]" },
        { "[\"", "\"]", "\"", "\"" },
        { "[\"\",\"", "\"]", "[\"\",\"", "\"]" }
    };

    const char *const  *form;

    form = w->b->texts ? texts[v1 ? 1 + next_random(w, 3) : next_random(w, 4)]
                       : any[next_random(w, 4)];

    w->token++;

    if (next_random(w, 5) == 0) {
        (void) strcpy(value, "null");
        *seen = '\0';
        return;
    }

    (void) snprintf(value, 64, "%s@%u%s", form[0], w->token, form[1]);
    (void) snprintf(seen, 64, "%s@%u%s", form[2], w->token, form[3]);
}


/* whether the guard lets it through */

static int
guarded(world_t *w, profile_guard_mode_e mode, const char *body)
{
    test_guard_t  t;

    memset(&t, 0, sizeof(t));

    t.schema = w->s;
    t.mode = mode;
    t.action = PROFILE_UPDATE;
    t.user_id = w->b->id;

    return test_guard(&t, body, strlen(body)) == PROFILE_OK;
}


/* one member, or none: all are taken away */

static void
write_v2(world_t *w)
{
    char         body[256], bag[8192], value[64], seen[64], *call, *end;
    row_t        row;
    unsigned     c, i, clear;
    test_out_t   out;

    c = next_random(w, 2);
    i = next_random(w, NAMES);
    clear = (next_random(w, 8) == 0);

    value_of(w, 0, value, seen);

    if (clear) {
        (void) snprintf(body, sizeof(body), "{\"%s_metadata\":{}}",
                        c ? "user" : "app");
    } else {
        (void) snprintf(body, sizeof(body), "{\"%s_metadata\":{\"%s\":%s}}",
                        c ? "user" : "app", names[i], value);
    }

    user_of_v1(w, bag, sizeof(bag));

    memset(&out, 0, sizeof(out));
    memset(&row, 0, sizeof(row));

    row.user_id = w->b->id;
    row.calls = SHIPPED;
    row.body = body;
    row.bag = bag;

    (void) strcat(w->said, "\nv2 ");
    (void) strcat(w->said, body);

    if (guarded(w, PROFILE_GUARD_V2, body)
        && test_upgrade_plan(w->s, &row, &out) == PROFILE_OK)
    {
        (void) test_write(&out, (u_char *) "", 1);
        call = strstr((char *) out.data, "metadata {");

        if (call) {
            end = strchr(call, '\n');
            *end = '\0';
            apply(w, call + strlen("metadata "));
        }

        if (clear) {
            memset(w->seen[c], 0, sizeof(w->seen[c]));

        } else {
            (void) strcpy(w->seen[c][i], seen);
        }
    }

    free(out.data);
}


static void
write_v1(world_t *w)
{
    char      body[256], value[64], seen[64];
    unsigned  c, i;

    c = next_random(w, 2);
    i = next_random(w, NAMES);

    value_of(w, 1, value, seen);

    (void) snprintf(body, sizeof(body), "{\"%s\":{\"%s\":%s}}",
                    w->b->objects[c], names[i], value);

    (void) strcat(w->said, "\nv1 ");
    (void) strcat(w->said, body);

    if (guarded(w, PROFILE_GUARD_V1, body)) {
        apply(w, body);
        (void) strcpy(w->seen[c][i], seen);
    }
}


static void
round_trip(void **state)
{
    world_t          *w;
    unsigned          i, k, n;
    const char       *set;
    const backend_t  *b = *state;

    w = calloc(1, sizeof(world_t));
    assert_non_null(w);

    w->b = b;
    w->s = test_schema_file(b->schema);

    set = getenv("PROFILE_SEED");
    w->seed = set && *set ? (unsigned) atoi(set) : SEED;

    set = getenv("PROFILE_SEQUENCES");
    n = set ? (unsigned) atoi(set) : SEQUENCES;

    for (i = 0; i < n; i++) {
        memset(w->kept, 0, sizeof(w->kept));
        memset(w->seen, 0, sizeof(w->seen));
        w->said[0] = '\0';

        for (k = 0; k < WRITES; k++) {

            if (next_random(w, 2)) {
                write_v2(w);
            } else {
                write_v1(w);
            }

            check(w);
        }
    }

    profile_schema_destroy((profile_schema_t *) w->s);
    free(w);
}


int
main(void)
{
    test_add("U3.9 accounts", round_trip, &backends[0]);
    test_add("U3.9, U3.10 the directory, with a provider", round_trip,
             &backends[1]);
    test_add("U3.9, U3.10 the directory, without one", round_trip,
             &backends[2]);

    return test_run();
}
