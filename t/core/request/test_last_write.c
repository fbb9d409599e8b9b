
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that v2 reads what was written last (U3.3): each write of v1 and of
 * v2 with each one that follows it, through the guard, the plan and the
 * rewriter, over a bag that merges its first level as v1 does; then the same
 * with longer chains.  What of it takes a read before the write is known by
 * its names, and nothing else may fail.
 */


#include <strings.h>

#include "request/guard_test.h"
#include "core/request/profile_upgrade.h"


#define CALLS       (1 << PROFILE_CALL_METADATA)
#define MAX_WRITES  256
#define MAX_LINK    6
#define CHAINS      20000
#define SEED        20261128


typedef enum {
    BY_V1 = 0,                           /* a name of the root */
    BY_V1_APP,                           /* inside the container itself */
    BY_V1_USER,
    BY_V2_APP,
    BY_V2_USER,

    WAYS
} way_e;


typedef struct {
    way_e                 way;
    const char           *name;
    char                  stored[256];   /* the name in the bag, quoted */
    char                  value[256];    /* in front of and behind the value */
    char                  after[8];
    char                  seen[512];     /* the user with nothing else in it */
} written_t;


typedef struct {
    const written_t      *w;
    char                  value[32];
} entry_t;


static const char *const  around[WAYS][2] = {
    { "{", "}" },
    { "{\"app_metadata\":{", "}}" },
    { "{\"user_metadata\":{", "}}" },
    { "{\"app_metadata\":{", "}}" },
    { "{\"user_metadata\":{", "}}" }
};


static const char *const  names[] = {
    "role", "plan", "bio", "age_range", "picture", "Picture", "p\\u0131cture",
    "um_role", "am_role", "am_plan", "am_bio", "am_age_range", "am_picture",
    "am_Picture", "am_am_role", "um_um_role", "am_um_role", "um_am_role",
    "um_plan", "um_picture", "Am_role", "am_", "um_", "am_app_metadata",
    "um_user_metadata", "connection", "Connection", "am_connection",
    "am_Connection", "hobby", "um_hobby", "am_hobby", "a_x", "b_x", "a",
    "am_a_x", "caf\\u00e9", "am_caf\\u00e9", "lastLogin", "am_lastLogin",
    "metadata", "am_metadata"
};


static void
read_back(const profile_schema_t *schema, const char *user_id,
    const entry_t *bag, unsigned n, char *text, size_t size)
{
    char            user[4096];
    size_t          len;
    unsigned        i;
    test_out_t      out;
    test_rewrite_t  t;

    memset(&out, 0, sizeof(out));
    memset(&t, 0, sizeof(t));

    len = snprintf(user, sizeof(user), "{\"user_id\":\"%s\"", user_id);

    for (i = 0; i < n; i++) {
        len += snprintf(user + len, sizeof(user) - len, ",%s:%s%s%s",
                        bag[i].w->stored, bag[i].w->value, bag[i].value,
                        bag[i].w->after);
        assert_true(len < sizeof(user) - 1);
    }

    user[len++] = '}';

    t.schema = schema;

    assert_int_equal(test_rewrite(&t, user, len, &out), PROFILE_OK);
    assert_true(out.len < size);

    memcpy(text, out.data, out.len);
    text[out.len] = '\0';

    free(out.data);
}


/* The bag's member of {"name":value} or of {"name":{"name":value}}. */

static void
take(written_t *w, const char *body, size_t len)
{
    const char  *value;

    value = memchr(body, ':', len);
    assert_non_null(value);

    (void) snprintf(w->stored, sizeof(w->stored), "%.*s",
                    (int) (value - body - 1), body + 1);

    value++;
    len -= value - body + 1;

    if (*value == '{') {
        (void) snprintf(w->value, sizeof(w->value), "%.*s",
                        (int) (len - strlen("\"@\"}")), value);
        (void) strcpy(w->after, "}");
    }
}


/* Returns 0 where the write is refused. */

static int
write_of(const profile_schema_t *schema, const char *user_id, written_t *w)
{
    int                    made;
    char                   body[256];
    size_t                 len;
    entry_t                entry;
    test_guard_t           t;
    profile_guard_t       *g;
    profile_upgrade_t     *u;
    const profile_call_t  *call;

    memset(&t, 0, sizeof(t));

    t.schema = schema;
    t.mode = (w->way < BY_V2_APP) ? PROFILE_GUARD_V1 : PROFILE_GUARD_V2;
    t.action = PROFILE_UPDATE;
    t.user_id = user_id;

    len = snprintf(body, sizeof(body), "%s\"%s\":\"@\"%s", around[w->way][0],
                   w->name, around[w->way][1]);

    g = test_guard_fed(&t, body, len);
    assert_non_null(g);

    made = (profile_guard_finish(g) == PROFILE_OK);

    if (made && w->way < BY_V2_APP) {
        take(w, body, len);

    } else if (made) {
        u = profile_upgrade_create(&test_alloc, g, CALLS);
        assert_non_null(u);

        made = (profile_upgrade_make(u) == PROFILE_OK);

        if (made) {
            call = profile_upgrade_next(u);
            assert_int_equal(call->kind, PROFILE_CALL_METADATA);

            take(w, (const char *) call->body.data, call->body.len);
        }

        profile_upgrade_destroy(u);
    }

    profile_guard_destroy(g);

    if (made) {
        entry.w = w;
        (void) strcpy(entry.value, "\"@\"");

        read_back(schema, user_id, &entry, 1, w->seen, sizeof(w->seen));

        made = (strstr(w->seen, "\"@\"") != NULL);
    }

    return made;
}


static unsigned
put(entry_t *bag, unsigned n, const written_t *w, unsigned value)
{
    unsigned  i;

    for (i = 0; i < n && strcmp(bag[i].w->stored, w->stored) != 0; i++) {
        /* void */
    }

    bag[i].w = w;
    (void) snprintf(bag[i].value, sizeof(bag[i].value), "\"@%u\"", value);

    return i == n ? n + 1 : n;
}


static int
is_inside(const written_t *w)
{
    return w->way == BY_V1_APP || w->way == BY_V1_USER;
}


/*
 * U3.3, the limits: the container itself, and a name that v1 keeps though v2
 * stores that member with the prefix.
 */

static int
is_limit(const written_t *before, const written_t *w)
{
    if (is_inside(w)) {
        return !is_inside(before);
    }

    return w->way == BY_V1 && strcasecmp(w->name, "connection") == 0
           && strncasecmp(before->stored, "\"am_connection", 14) == 0;
}


/*
 * Writes the chain; what is seen of the last one is its value and no other of
 * the same member.  Returns 0 if not.
 */

static int
holds(const profile_schema_t *schema, const char *user_id,
    const written_t **chain, unsigned n)
{
    char      text[4096], value[32];
    entry_t   bag[MAX_LINK];
    unsigned  i, len;

    len = 0;

    for (i = 0; i < n; i++) {
        len = put(bag, len, chain[i], i);
    }

    read_back(schema, user_id, bag, len, text, sizeof(text));

    for (i = 0; i + 1 < n; i++) {

        if (strcmp(chain[i]->seen, chain[n - 1]->seen) == 0) {
            (void) snprintf(value, sizeof(value), "\"@%u\"", i);

            if (strstr(text, value)) {
                return 0;
            }
        }
    }

    (void) snprintf(value, sizeof(value), "\"@%u\"", n - 1);

    return strstr(text, value) != NULL;
}


static void
fail_chain(const char *user_id, const written_t **chain, unsigned n)
{
    char      text[1024];
    size_t    len;
    unsigned  i;

    len = 0;

    for (i = 0; i < n; i++) {
        len += snprintf(text + len, sizeof(text) - len, "\nway %d \"%s\" as %s",
                        chain[i]->way, chain[i]->name, chain[i]->stored);
        assert_true(len < sizeof(text));
    }

    fail_msg("%s does not read the last of%s", user_id, text);
}


/* the shortest that fails: links are left out while it still does */

static void
shrink(const profile_schema_t *schema, const char *user_id,
    const written_t **chain, unsigned n)
{
    unsigned          i;
    const written_t  *rest[MAX_LINK];

    for (i = 0; i + 1 < n; i++) {
        memcpy(rest, chain, i * sizeof(chain[0]));
        memcpy(rest + i, chain + i + 1, (n - i - 1) * sizeof(chain[0]));

        if (!holds(schema, user_id, rest, n - 1)) {
            shrink(schema, user_id, rest, n - 1);
        }
    }

    fail_chain(user_id, chain, n);
}


static unsigned
next_random(unsigned *seed, unsigned n)
{
    *seed = *seed * 1664525 + 1013904223;

    return (*seed >> 8) % n;
}


static void
check(const profile_schema_t *schema, const char *user_id)
{
    way_e             way;
    unsigned          i, j, k, n, len, seed, limited;
    written_t        *w;
    const written_t  *chain[MAX_LINK];

    w = calloc(MAX_WRITES, sizeof(written_t));
    assert_non_null(w);

    n = 0;

    for (way = BY_V1; way < WAYS; way++) {
        for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
            memset(&w[n], 0, sizeof(written_t));

            w[n].way = way;
            w[n].name = names[i];

            n += write_of(schema, user_id, &w[n]);
        }
    }

    assert_true(n > 100);

    for (i = 0; i < n; i++) {
        for (j = 0; j < n; j++) {
            chain[0] = &w[i];
            chain[1] = &w[j];

            if (!is_limit(&w[i], &w[j])
                && !holds(schema, user_id, chain, 2))
            {
                fail_chain(user_id, chain, 2);
            }
        }
    }

    seed = SEED;

    for (k = 0; k < CHAINS; k++) {
        len = 3 + next_random(&seed, MAX_LINK - 2);
        limited = 0;

        for (i = 0; i < len; i++) {
            chain[i] = &w[next_random(&seed, n)];
        }

        for (i = 0; i + 1 < len; i++) {
            limited |= is_limit(chain[i], chain[len - 1]);
        }

        if (!limited && !holds(schema, user_id, chain, len)) {
            shrink(schema, user_id, chain, len);
        }
    }

    free(w);
}


static void
last_write(void **state)
{
    unsigned           i;
    profile_schema_t  *schema;

    static const char *const  ids[] = {
        "auth0|1", "facebook|1", "github|1", "nobody|1", "samlp|a|1",
        "face book|1"
    };

    (void) state;

    schema = test_schema_file("auth0.conf");

    for (i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        check(schema, ids[i]);
    }

    profile_schema_destroy(schema);
}


/* names that patterns and exact claims make others of */

static void
last_write_renamed(void **state)
{
    profile_schema_t  *schema;

    (void) state;

    schema = test_schema(
        "provider p plan; user_metadata hobby; app_metadata ~(.*)_x as=$1;"
        "metadata_prefix user_metadata um_; metadata_prefix app_metadata am_;"
        "option connection; identity picture; rename lastLogin last_login;");

    check(schema, "p|1");
    check(schema, "nobody|1");

    profile_schema_destroy(schema);
}


int
main(void)
{
    test_add("U3.3 the last write", last_write, NULL);
    test_add("U3.3 the last write of renamed names", last_write_renamed, NULL);

    return test_run();
}
