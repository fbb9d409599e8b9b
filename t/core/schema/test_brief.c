
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that the table of what becomes of names says what is said when it is
 * asked (M2): of each name of a schema, for each of its providers and for none.
 * It fails where the table knows better, and where it leaves out what it could
 * know.
 */


#include "core/response/profile_rewriter.h"
#include "core/schema/profile_schema_brief.h"
#include "core/schema/profile_schema_shape.h"
#include "core/schema/profile_schema_table.h"
#include "profile_test.h"


#define MANY  1030


typedef struct {
    const char  *name;
    const char  *file;                   /* NULL: the text */
    const char  *text;
} schema_t;


static const schema_t  schemas[] = {

    { "M2 the schema that is shipped", "auth0.conf", NULL },

    { "M2 the schema of accounts", "../../demo/accounts/schema.conf", NULL },

    { "M2 the schema of a directory", "../../demo/directory/schema.conf",
      NULL },

    { "M2 a schema that says nothing", NULL, "" },

    { "M2 each statement", NULL,
      "user id uid; rename id user_id; rename logins identities;"
      "rename lastLogin last_login; provider_from via user_id;"
      "identity email name identi_ties um_kept stored every;"
      "drop _id um_gone p.away; lift p.a q.b; identity a;"
      "merge settings data.more into app_metadata;"
      "merge traits into user_metadata write; unwrap p.* settings.x ~c.*;"
      "container user_metadata shown; user_metadata hobby um_hobby ~m_.*;"
      "app_metadata plan Identities; metadata_prefix user_metadata um_;"
      "metadata_prefix app_metadata am_; default root; null_metadata omit;"
      "identity_drop token access_token; provider p sent um_sent both ~s.*;"
      "provider q both m_q; provider r; provider * shared um_shared ~e.*;"
      "provider q shared; writable email; writable stored via=metadata for=p;"
      "writable every via=metadata; option verify; reserved res;"
      "forbidden __proto__; metadata_names strict;" },

    { "M2 user_id as it is", NULL,
      "drop a; default app_metadata; user_metadata b; provider p a b c;"
      "provider * d; metadata_prefix user_metadata d;" },

    { "M2 user_id of the same name", NULL,
      "user user_id; rename other identities; identity_drop t;"
      "default user_metadata; provider p other2; app_metadata other2;" }
};


/* what the table may say, and where it has to say it */

static void
brief_is(const profile_schema_t *s, profile_brief_e brief,
    const profile_name_t *name, const profile_class_t *class)
{
    int  more;

    /* M4.1, M7.3: its value matters, too */

    more = profile_schema_shape_is_identities(s, name)
           || (name->number == PROFILE_NAME_USER_ID
               && profile_schema_shape_makes_id(s));

    switch (brief) {

    case PROFILE_BRIEF_KEEP:
        assert_true(class->kind == PROFILE_CLASS_IDENTITY
                    || class->kind == PROFILE_CLASS_PROVIDER);
        assert_int_equal(class->stored, 0);
        assert_false(more);
        break;

    case PROFILE_BRIEF_KEEP_VALUE:
        assert_int_equal(class->kind, PROFILE_CLASS_IDENTITY);
        assert_false(more);
        break;

    case PROFILE_BRIEF_DROP:
        assert_int_equal(class->kind, PROFILE_CLASS_DROP);
        assert_false(more);
        break;

    case PROFILE_BRIEF_MOVE_APP:
    case PROFILE_BRIEF_MOVE_USER:
        assert_int_equal(class->kind, PROFILE_CLASS_METADATA);
        assert_int_equal(class->container, brief - PROFILE_BRIEF_MOVE_APP);
        assert_int_equal(class->renamed, 0);
        assert_int_equal(class->prefixed, 0);
        assert_false(more);
        break;

    default:
        assert_int_equal(brief, PROFILE_BRIEF_ASK);

        /* what names of the schema are by themselves */

        assert_true(more
                    || (class->kind != PROFILE_CLASS_DROP
                        && class->kind != PROFILE_CLASS_IDENTITY
                        && !(class->kind == PROFILE_CLASS_METADATA
                             && class->exact)));
    }
}


static void
test_schema_of(void **state)
{
    unsigned                   said[PROFILE_BRIEF_MOVE_USER + 1];
    uint32_t                   i, n;
    const u_char              *brief;
    profile_name_t             name;
    profile_class_t            class;
    const schema_t            *row = *state;
    profile_schema_t          *s;
    profile_matcher_t         *m;
    const profile_provider_t  *provider;

    s = row->file ? test_schema_file(row->file) : test_schema(row->text);
    m = profile_matcher_create(s, &test_alloc);

    memset(said, 0, sizeof(said));

    for (i = 0; i <= s->nproviders; i++) {
        provider = i ? s->providers[i - 1] : NULL;
        brief = profile_schema_brief(s, provider);

        assert_non_null(brief);

        for (n = 0; n < s->nentries; n++) {
            profile_schema_name(s, &name, s->entries[n].name.data,
                                s->entries[n].name.len);

            assert_int_equal(name.number, n + 1);
            assert_int_equal(profile_schema_class(m, provider, &name, &class),
                             PROFILE_OK);

            brief_is(s, brief[n], &name, &class);
            said[brief[n]]++;
        }
    }

    assert_true(said[PROFILE_BRIEF_ASK] > 0);

    profile_matcher_destroy(m);
    profile_schema_destroy(s);
}


/* that all of it is said somewhere, by its names */

static void
test_rows(void **state)
{
    size_t             i, k;
    const u_char      *brief;
    profile_name_t     name;
    profile_schema_t  *s;

    static const char *const  ids[] = { "?", "p|", "q|", "r|" };

    static const struct {
        const char       *name;
        profile_brief_e   brief[4];      /* by ids */
    } names[] = {
#define A     PROFILE_BRIEF_ASK
#define K     PROFILE_BRIEF_KEEP
#define ALL(b)  { b, b, b, b }
        { "app_metadata", ALL(A) },
        { "metadata", ALL(A) },
        { "settings", ALL(A) },
        { "user_id", ALL(A) },
        { "identities", ALL(A) },
        { "identi_ties", ALL(A) },
        { "Identities", ALL(A) },
        { "logins", ALL(A) },
        { "lastLogin", ALL(A) },
        { "last_login", ALL(K) },
        { "email", ALL(K) },
        { "a", ALL(K) },
        { "um_kept", ALL(K) },
        { "stored", ALL(PROFILE_BRIEF_KEEP_VALUE) },
        { "every", ALL(PROFILE_BRIEF_KEEP_VALUE) },
        { "_id", ALL(PROFILE_BRIEF_DROP) },
        { "um_gone", ALL(PROFILE_BRIEF_DROP) },
        { "hobby", ALL(PROFILE_BRIEF_MOVE_USER) },
        { "um_hobby", ALL(PROFILE_BRIEF_MOVE_USER) },
        { "plan", ALL(PROFILE_BRIEF_MOVE_APP) },
        { "um_sent", ALL(A) },
        { "um_shared", ALL(A) },
        { "shared", ALL(K) },
        { "sent", { A, K, A, A } },
        { "both", { A, K, K, A } },
        { "m_q", { A, A, K, A } },
        { "res", ALL(A) }
#undef A
#undef K
#undef ALL
    };

    (void) state;

    s = test_schema(schemas[4].text);

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        profile_schema_name(s, &name, (const u_char *) names[i].name,
                            strlen(names[i].name));

        if (name.number == 0) {
            fail_msg("the schema has no \"%s\"", names[i].name);
        }

        for (k = 0; k < 4; k++) {
            brief = profile_schema_brief(s, profile_schema_provider(s,
                                            (const u_char *) ids[k],
                                            strlen(ids[k])));

            if (brief[name.number - 1] != names[i].brief[k]) {
                fail_msg("\"%s\" of %s is %d", names[i].name, ids[k],
                         brief[name.number - 1]);
            }
        }
    }

    profile_schema_destroy(s);
}


/* more names and providers than there is a table for */

static void
test_many(void **state)
{
    char              *text, *p;
    size_t             i;
    profile_schema_t  *s;

    (void) state;

    text = malloc(MANY * 64);
    p = text;

    for (i = 0; i < MANY; i++) {
        p += sprintf(p, "provider p%zu n%zu;", i, i);
    }

    (void) sprintf(p, "drop gone;");

    s = test_schema(text);
    free(text);

    assert_null(profile_schema_brief(s, NULL));
    assert_null(profile_schema_brief(s, s->providers[7]));

    test_rewrites(s, NULL,
                  "[{\"user_id\":\"p7|1\",\"n7\":1,\"n8\":2,\"gone\":3},"
                  "{\"user_id\":\"p8|1\",\"n7\":1,\"n8\":2,\"gone\":3}]",
                  "[{\"user_id\":\"p7|1\",\"n7\":1,"
                  "\"app_metadata\":{\"n8\":2},\"user_metadata\":{}},"
                  "{\"user_id\":\"p8|1\",\"n8\":2,"
                  "\"app_metadata\":{\"n7\":1},\"user_metadata\":{}}]");

    profile_schema_destroy(s);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
        test_add(schemas[i].name, test_schema_of, &schemas[i]);
    }

    test_add("M2 each answer, by name and provider", test_rows, NULL);
    test_add("M2 more than there is a table for", test_many, NULL);

    return test_run();
}
