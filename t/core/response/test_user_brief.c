
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that what is remembered of names changes nothing: random users, one
 * after another through one rewriter, become the same bytes, and are counted
 * the same, as each through a rewriter of its own.  It fails where a name is
 * remembered for another provider, for other bytes, or for what depends on
 * more than the name.
 */


#include "response/random_test.h"


#define ROUNDS  40
#define USERS   30
#define NAMES   400


typedef struct {
    const char  *name;
    const char  *file;                   /* NULL: the text */
    const char  *text;
} schema_t;


/* users, and what becomes of each of them alone */

typedef struct {
    const profile_schema_t  *schema;
    test_out_t               list;
    test_out_t               alone;
    profile_counts_t         sum;
} users_t;


static const schema_t  schemas[] = {

    { "M2 the schema that is shipped", "auth0.conf", NULL },

    { "M7 the schema of accounts", "../../demo/accounts/schema.conf", NULL },

    { "M7 the schema of a directory", "../../demo/directory/schema.conf",
      NULL },

    { "M2 a schema that says nothing", NULL, "" },

    { "M2 patterns, prefixes and providers", NULL,
      "identity email name; rename old new; rename lastLogin last_login;"
      "drop _id away; provider p sent h_1 ~x_.*; provider q b ~h.*;"
      "provider * shared; provider github ~n1.*; user_metadata hobby ~h_.+;"
      "app_metadata plan sent2; user_metadata ~(.)_(m_.*) as=$2$1;"
      "user_metadata ~abc.*; app_metadata ~\\$(.*) as=$1;"
      "metadata_prefix user_metadata um_; identity_drop token secret;"
      "metadata_prefix app_metadata am_; default user_metadata;" },

    { "M2.9 what is not known stays at the root", NULL,
      "identity email name; default root; provider p a; app_metadata ~m.*;"
      "provider * ~n.*; identity_drop access_token;" },

    { "M3.6 nulls are left out", NULL,
      "identity email name; null_metadata omit; provider p;"
      "metadata_prefix app_metadata u; metadata_prefix user_metadata us;"
      "writable name via=metadata; writable email via=metadata for=p;" },

    { "M7 paths", NULL,
      "user id; rename id user_id; rename logins identities;"
      "provider_from via p.0.via user_id; provider p sent ~x_.*;"
      "drop p.away m.n.away app_metadata.away; lift p.a p.b.c old.new;"
      "merge m into app_metadata; merge p.m m.um into user_metadata;"
      "merge p.n into app_metadata write;"
      "unwrap p.* m.a id; container user_metadata traits;"
      "identity_drop token; metadata_prefix app_metadata am_;" },

    { "M7 paths in paths", NULL,
      "lift a.b a.c.d user_metadata.e; unwrap ~.*; default root; provider p;"
      "merge a.b.m a.m a.m.n into app_metadata; identity_drop token;"
      "drop a.b.x a.m.n.x; null_metadata omit; rename b old;"
      "container app_metadata x; provider p n ~h.*;" }
};


static void
rewrite(const profile_schema_t *s, const void *text, size_t len,
    test_out_t *out, profile_counts_t *counts)
{
    test_rewrite_t  t;

    memset(&t, 0, sizeof(t));

    t.schema = s;

    assert_int_equal(test_rewrite(&t, text, len, out), PROFILE_OK);

    *counts = t.counts;
}


static void
begin(users_t *u, const profile_schema_t *s)
{
    memset(u, 0, sizeof(users_t));

    u->schema = s;

    (void) test_write(&u->list, (const u_char *) "[", 1);
    (void) test_write(&u->alone, (const u_char *) "[", 1);
}


static void
add(users_t *u, const void *text, size_t len)
{
    test_out_t        one;
    profile_counts_t  counts;

    if (u->list.len > 1) {
        (void) test_write(&u->list, (const u_char *) ",", 1);
        (void) test_write(&u->alone, (const u_char *) ",", 1);
    }

    (void) test_write(&u->list, text, len);

    memset(&one, 0, sizeof(one));
    rewrite(u->schema, text, len, &one, &counts);
    (void) test_write(&u->alone, one.data, one.len);
    free(one.data);

    u->sum.users += counts.users;
    u->sum.unknown += counts.unknown;
    u->sum.conflicts += counts.conflicts;
    u->sum.moved[PROFILE_APP_METADATA] += counts.moved[PROFILE_APP_METADATA];
    u->sum.moved[PROFILE_USER_METADATA]
        += counts.moved[PROFILE_USER_METADATA];
}


static void
compare(users_t *u)
{
    test_out_t        all;
    profile_counts_t  counts;

    (void) test_write(&u->list, (const u_char *) "]", 1);
    (void) test_write(&u->alone, (const u_char *) "]", 1);

    memset(&all, 0, sizeof(all));
    rewrite(u->schema, u->list.data, u->list.len, &all, &counts);

    if (all.len != u->alone.len
        || memcmp(all.data, u->alone.data, all.len) != 0)
    {
        fail_msg("%.*s\nbecame\n%.*s\nnot\n%.*s",
                 (int) u->list.len, (char *) u->list.data,
                 (int) all.len, (char *) all.data,
                 (int) u->alone.len, (char *) u->alone.data);
    }

    assert_memory_equal(&counts, &u->sum, sizeof(counts));

    free(all.data);
    free(u->list.data);
    free(u->alone.data);
}


static void
test_users(void **state)
{
    size_t             i;
    random_t           r;
    uint64_t           seed;
    users_t            users;
    test_out_t        *text;
    const schema_t    *row = *state;
    profile_schema_t  *s;

    s = row->file ? test_schema_file(row->file) : test_schema(row->text);

    for (seed = 1; seed <= ROUNDS; seed++) {
        random_init(&r, seed);
        begin(&users, s);

        for (i = 0; i < USERS; i++) {
            random_clear(&r);
            random_user(&r);

            text = random_below(&r, 4) ? &r.plain : &r.spaced;
            add(&users, text->data, text->len);
        }

        compare(&users);
        random_free(&r);
    }

    profile_schema_destroy(s);
}


/*
 * More names than are remembered, in turns of those that a pattern has and of
 * those that it has not: equal at their beginning, their end, or both.
 */

static void
test_names(void **state)
{
    char               text[128];
    size_t             i, n;
    users_t            users;
    profile_schema_t  *s;

    static const struct {
        const char  *before;
        int          digits;
        const char  *behind;
    } forms[] = {
        { "", 3, "" },
        { "abcdefgh", 8, "" },
        { "", 8, "abcdefgh" },
        { "abcdefgh", 1, "abcdefgh" }
    };

    (void) state;

    s = test_schema("user_metadata ~[a-h]*\\d*[02468][a-h]*;");

    for (n = 0; n < sizeof(forms) / sizeof(forms[0]); n++) {
        begin(&users, s);

        for (i = 0; i < 2 * NAMES; i++) {
            (void) sprintf(text, "{\"user_id\":1,\"%s%0*u%s\":2}",
                           forms[n].before, forms[n].digits,
                           (unsigned) i % NAMES, forms[n].behind);
            add(&users, text, strlen(text));
        }

        compare(&users);
    }

    profile_schema_destroy(s);
}


/* as many that have the same bytes at both ends */

static void
test_lengths(void **state)
{
    char               text[128];
    size_t             len, i;
    users_t            users;
    profile_schema_t  *s;

    (void) state;

    s = test_schema("user_metadata ~a(aa)*;");

    begin(&users, s);

    for (i = 0; i < 2; i++) {
        for (len = 0; len < 40; len++) {
            (void) sprintf(text, "{\"user_id\":1,\"%.*s\":2}", (int) len,
                           "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
            add(&users, text, strlen(text));
        }
    }

    compare(&users);

    profile_schema_destroy(s);
}


/* one name, and more providers than names are remembered */

static void
test_providers(void **state)
{
    char               text[NAMES * 32];
    size_t             i, len;
    users_t            users;
    profile_schema_t  *s;

    (void) state;

    len = 0;

    for (i = 0; i < NAMES; i++) {
        len += sprintf(text + len, "provider p%zu%s;", i,
                       i % 2 ? " ~a.*" : "");
    }

    s = test_schema(text);

    begin(&users, s);

    for (i = 0; i < 2 * NAMES; i++) {
        (void) sprintf(text, "{\"user_id\":\"p%zu|1\",\"ab\":2}", i % NAMES);
        add(&users, text, strlen(text));
    }

    compare(&users);

    profile_schema_destroy(s);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
        test_add(schemas[i].name, test_users, &schemas[i]);
    }

    test_add("M2.8 names that differ somewhere", test_names, NULL);
    test_add("M2.8 names that differ in their length", test_lengths, NULL);
    test_add("M2.7 a name of one provider, and not of another",
             test_providers, NULL);

    return test_run();
}
