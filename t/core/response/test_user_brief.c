
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


typedef struct {
    const char  *name;
    const char  *file;                   /* NULL: the text */
    const char  *text;
} schema_t;


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
rewrite(const profile_schema_t *s, const char *text, size_t len,
    test_out_t *out, profile_counts_t *counts)
{
    test_rewrite_t  t;

    memset(&t, 0, sizeof(t));

    t.schema = s;

    assert_int_equal(test_rewrite(&t, text, len, out), PROFILE_OK);

    *counts = t.counts;
}


static void
add_counts(profile_counts_t *sum, const profile_counts_t *n)
{
    sum->users += n->users;
    sum->unknown += n->unknown;
    sum->conflicts += n->conflicts;
    sum->moved[PROFILE_APP_METADATA] += n->moved[PROFILE_APP_METADATA];
    sum->moved[PROFILE_USER_METADATA] += n->moved[PROFILE_USER_METADATA];
}


/* a list of users, and what becomes of each of them alone */

static void
round_of(const profile_schema_t *s, uint64_t seed)
{
    size_t             i;
    random_t           r;
    test_out_t         list, one, all, alone, *text;
    profile_counts_t   counts, each, sum;

    random_init(&r, seed);

    memset(&list, 0, sizeof(list));
    memset(&alone, 0, sizeof(alone));
    memset(&all, 0, sizeof(all));
    memset(&sum, 0, sizeof(sum));

    (void) test_write(&list, (const u_char *) "[", 1);
    (void) test_write(&alone, (const u_char *) "[", 1);

    for (i = 0; i < USERS; i++) {
        random_clear(&r);
        random_user(&r);

        text = random_below(&r, 4) ? &r.plain : &r.spaced;

        if (i) {
            (void) test_write(&list, (const u_char *) ",", 1);
            (void) test_write(&alone, (const u_char *) ",", 1);
        }

        (void) test_write(&list, text->data, text->len);

        memset(&one, 0, sizeof(one));
        rewrite(s, (char *) text->data, text->len, &one, &each);
        (void) test_write(&alone, one.data, one.len);
        free(one.data);

        add_counts(&sum, &each);
    }

    (void) test_write(&list, (const u_char *) "]", 1);
    (void) test_write(&alone, (const u_char *) "]", 1);

    rewrite(s, (char *) list.data, list.len, &all, &counts);

    if (all.len != alone.len || memcmp(all.data, alone.data, all.len) != 0) {
        fail_msg("seed %u:\n%.*s\nbecame\n%.*s\nnot\n%.*s", (unsigned) seed,
                 (int) list.len, (char *) list.data,
                 (int) all.len, (char *) all.data,
                 (int) alone.len, (char *) alone.data);
    }

    assert_memory_equal(&counts, &sum, sizeof(sum));

    free(list.data);
    free(all.data);
    free(alone.data);

    random_free(&r);
}


static void
test_users(void **state)
{
    uint64_t           seed;
    const schema_t    *row = *state;
    profile_schema_t  *s;

    s = row->file ? test_schema_file(row->file) : test_schema(row->text);

    for (seed = 1; seed <= ROUNDS; seed++) {
        round_of(s, seed);
    }

    profile_schema_destroy(s);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
        test_add(schemas[i].name, test_users, &schemas[i]);
    }

    return test_run();
}
