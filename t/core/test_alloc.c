
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that a failed allocation, whichever it is, is told, leaves nothing
 * behind and breaks nothing: each one fails once, in the building of a schema,
 * in matching and in the rewriting of bodies in chunks of several sizes.
 */


#include "core/schema/profile_schema_denied.h"
#include "profile_test.h"


/* all statements, more names and providers than tables begin with */

#define SCHEMA                                                               \
    "identity email name; rename lastLogin last_login; drop _id gone;"       \
    "provider facebook age_range picture ~fb_.*; provider twitter;"          \
    "provider * locale ~every_.*; user_metadata hobby;"                      \
    "user_metadata ~pref_(.*) as=$1;"                                        \
    "app_metadata plan; app_metadata ~(.*)_x as=y_$1;"                       \
    "metadata_prefix user_metadata um_; metadata_prefix app_metadata am_;"   \
    "default app_metadata; identity_drop access_token; null_metadata omit;"  \
    "writable email name for=facebook,twitter on=update; writable blocked;"  \
    "option connection; reserved roles; metadata_names strict;"


/*
 * Runs until the n-th allocation is one too many; returns the number.  Only
 * the just-in-time compiler of patterns can be done without.
 */

typedef profile_reason_e (*alloc_run_pt)(const void *data);


static unsigned long
alloc_each(alloc_run_pt run, const void *data, int patterns)
{
    long              before;
    unsigned long     n;
    profile_reason_e  rc;

    for (n = 1; ; n++) {
        before = test_alloc_blocks();

        test_alloc_fail(n);
        rc = run(data);

        assert_int_equal(test_alloc_blocks(), before);

        if (test_alloc_count() < n) {
            assert_int_equal(rc, PROFILE_OK);
            test_alloc_fail(0);

            return n - 1;
        }

        if (rc != PROFILE_NO_MEMORY && !(rc == PROFILE_OK && patterns)) {
            fail_msg("allocation %lu: \"%s\"", n,
                     profile_reason_name(rc)->data);
        }
    }
}


/* a schema that could be built is whole */

static profile_reason_e
alloc_schema_match(const profile_schema_t *s, int renames)
{
    profile_name_t      name;
    profile_class_t     class;
    profile_reason_e    rc;
    profile_matcher_t  *m;

    m = profile_matcher_create(s, &test_alloc);
    if (m == NULL) {
        return PROFILE_NO_MEMORY;
    }

    profile_schema_name(s, &name, (const u_char *) "pref_a", 6);

    rc = profile_schema_class(m, NULL, &name, &class);

    if (rc == PROFILE_OK) {
        assert_int_equal(class.kind, PROFILE_CLASS_METADATA);
        assert_int_equal(class.renamed, renames);
    }

    profile_matcher_destroy(m);

    return rc;
}


static profile_reason_e
alloc_schema(const void *data)
{
    const char        *mistake;
    profile_reason_e   rc;
    profile_schema_t  *s;

    s = test_schema_try(data, &mistake);

    if (s == NULL) {
        return PROFILE_NO_MEMORY;
    }

    if (mistake) {
        assert_string_equal(mistake, "not enough memory");
        rc = PROFILE_NO_MEMORY;

    } else {
        rc = alloc_schema_match(s, strstr(data, "~pref_") != NULL);
    }

    profile_schema_destroy(s);

    return rc;
}


static void
test_schema_building(void **state)
{
    (void) state;

    assert_true(alloc_each(alloc_schema, SCHEMA, 1) > 50);
}


/* tables that grow, and bits beyond the first that there is room for */

static void
test_schema_growing(void **state)
{
    char    text[16384];
    size_t  i, len;

    (void) state;

    len = 0;

    for (i = 0; i < 140; i++) {
        len += sprintf(text + len, "provider p%zu a; writable b for=p%zu;"
                       "option c%zu;", i, i, i);
    }

    assert_true(alloc_each(alloc_schema, text, 0) > 400);

    /* providers that are named before they are declared */

    len = 0;

    for (i = 0; i < 20; i++) {
        len += sprintf(text + len, "writable b for=p%zu; provider p%zu;", i,
                       i);
    }

    assert_true(alloc_each(alloc_schema, text, 0) > 60);
}


/* each statement, when the table of names grows because of it */

static void
test_schema_names(void **state)
{
    char    text[4096];
    size_t  i, j, len, shift;

    static const struct {
        const char  *before;
        const char  *after;
    } statements[] = {
        { "identity o", "" }, { "rename o", "" }, { "drop o", "" },
        { "provider p o", "" }, { "provider * o", "" },
        { "user_metadata o", "" }, { "app_metadata o", "" },
        { "identity_drop o", "" }, { "writable o", "" },
        { "writable o", " on=update" }, { "writable o", " for=p" },
        { "option o", "" }, { "reserved o", "" }
    };

    (void) state;

    /* of two names in a statement each one is the one too many */

    for (i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {

        for (shift = 0; shift < 2; shift++) {
            len = sprintf(text, "provider p%s;", shift ? " a" : "");

            for (j = 0; j < 40; j++) {
                len += sprintf(text + len, "%s%zu n%zu%s;",
                               statements[i].before, j, j,
                               statements[i].after);
            }

            assert_true(alloc_each(alloc_schema, text, 0) > 40);
        }
    }
}


typedef struct {
    profile_schema_t  *schema;
    const char        *name;
    int                denied;
} match_t;


static profile_reason_e
alloc_match(const void *data)
{
    int                 denied;
    profile_name_t      name;
    profile_class_t     class;
    const match_t      *t = data;
    profile_reason_e    rc;
    profile_matcher_t  *m;

    m = profile_matcher_create(t->schema, &test_alloc);
    if (m == NULL) {
        return PROFILE_NO_MEMORY;
    }

    profile_schema_name(t->schema, &name, (const u_char *) t->name,
                        strlen(t->name));

    rc = profile_schema_class(m, NULL, &name, &class);

    if (rc == PROFILE_OK) {
        denied = -1;
        rc = profile_schema_denied(m, NULL, &name, &denied);

        if (rc == PROFILE_OK) {
            assert_int_equal(denied, t->denied);
        }
    }

    profile_matcher_destroy(m);

    return rc;
}


static void
test_matching(void **state)
{
    size_t   i;
    match_t  t;

    static const struct {
        const char  *name;
        int          denied;
    } names[] = {
        { "hobby", 0 }, { "HOBBY", 0 }, { "EMAIL", 1 }, { "pref_a", 0 },
        { "a_x", 0 }, { "EVERY_x", 1 }, { "other", 0 }, { "um_a", 0 }
    };

    (void) state;

    t.schema = test_schema(SCHEMA);

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        t.name = names[i].name;
        t.denied = names[i].denied;

        assert_true(alloc_each(alloc_match, &t, 0) > 0);
    }

    profile_schema_destroy(t.schema);
}


/* a new name for which room is made more than once */

static void
test_matching_long(void **state)
{
    char     name[601], text[800];
    size_t   i;
    match_t  t;

    (void) state;

    memset(name, 'n', 600);
    name[600] = '\0';

    for (i = 0; i < 2; i++) {
        (void) snprintf(text, sizeof(text), "user_metadata ~(.*) as=%s;",
                        i ? name : "$1$1$1");

        t.schema = test_schema(text);
        t.name = i ? "a" : name + 400;
        t.denied = 0;

        assert_true(alloc_each(alloc_match, &t, 0) > 5);

        profile_schema_destroy(t.schema);
    }
}


typedef struct {
    profile_schema_t  *schema;
    const char        *envelope;
    const char        *wrapper;
    const u_char      *data;
    size_t             len;
    size_t             piece;
    const test_out_t  *expected;
} rewrite_t;


static profile_reason_e
alloc_rewrite(const void *data)
{
    test_out_t        out;
    test_rewrite_t    t;
    const rewrite_t  *r = data;
    profile_reason_e  rc;

    memset(&t, 0, sizeof(t));
    memset(&out, 0, sizeof(out));

    t.schema = r->schema;
    t.envelope = r->envelope;
    t.wrapper = r->wrapper;
    t.piece = r->piece;

    rc = test_rewrite(&t, r->data, r->len, &out);

    /* what has left until then is the begin of what leaves in the end */

    assert_true(out.len <= r->expected->len);

    if (out.len) {
        assert_memory_equal(out.data, r->expected->data, out.len);
    }

    if (rc == PROFILE_OK) {
        assert_int_equal(out.len, r->expected->len);
    }

    free(out.data);

    return rc;
}


/* several sizes of chunks; returns how many allocations there were */

static unsigned long
alloc_body(profile_schema_t *s, const char *envelope, const char *wrapper,
    const u_char *data, size_t len)
{
    size_t            i;
    rewrite_t         r;
    test_out_t        out;
    unsigned long     n;
    test_rewrite_t    t;

    static const size_t  pieces[] = { 0, 1, 7, 1000 };

    memset(&t, 0, sizeof(t));
    memset(&out, 0, sizeof(out));

    t.schema = s;
    t.envelope = envelope;
    t.wrapper = wrapper;

    assert_int_equal(test_rewrite(&t, data, len, &out), PROFILE_OK);

    r.schema = s;
    r.envelope = envelope;
    r.wrapper = wrapper;
    r.data = data;
    r.len = len;
    r.expected = &out;
    n = 0;

    for (i = 0; i < sizeof(pieces) / sizeof(pieces[0]); i++) {
        r.piece = pieces[i];
        n += alloc_each(alloc_rewrite, &r, 0);
    }

    free(out.data);

    return n;
}


typedef struct {
    const char  *name;
    const char  *envelope;
    const char  *wrapper;
    const char  *body;
} alloc_body_t;


static const alloc_body_t  bodies[] = {

    { "a user with everything", NULL, NULL,
      "[1,{'_id':1,'user_id':'facebook\\u007c1','fb_x':1,'hobby':'x',"
      "'lastLogin':2,'\\u0061\\u0062':3,'pref_a':4,'pref_\\\"b':5,'q_x':6,"
      "'um_c':7,'app_metadata':{'\\u0064':8,'d':9},'metadata':{'e':null},"
      "'identities':[{'access_token':1,'\\u0062':2},{'c':3}]}]" },

    { "an envelope", "users", NULL,
      "{'a':[1,2],'\\u0075sers':[{'user_id':'x|1','plan':1},[],{'b':2}],"
      "'name with \\u0065scapes':1,'c':{'d':'e'},'f':'g'}" },

    { "an envelope of wrappers", "a.\xc3\xa9", "w",
      "{'\\u0061':{'b':'\\u0063','\\u00e9':[{'x':1,'\\u0077':{'user_id':"
      "'x|1','plan':1}},{'w':2}],'\\u0064':{'e':[1]}},'f':{'g':2}}" },

    { "no user", NULL, NULL,
      "{'error':'\\u0065','identitie\\u0078':[1,{'x':2}]}" },

    { "a scalar", NULL, NULL, "'\\u0061bc'" },

    { "a number at the end", NULL, NULL, "12345" }
};


static void
test_body(void **state)
{
    char                *body;
    profile_schema_t    *s;
    const alloc_body_t  *b = *state;

    s = test_schema(SCHEMA);
    body = test_json(b->body);

    assert_true(alloc_body(s, b->envelope, b->wrapper, (u_char *) body,
                           strlen(body))
                > 15);

    free(body);
    profile_schema_destroy(s);
}


/* buffers that grow: many members, many identities, long names and values */

static void
test_large(void **state)
{
    char              *text;
    size_t             i, len;
    profile_schema_t  *s;

    (void) state;

    s = test_schema(SCHEMA);

    text = malloc(65536);
    len = sprintf(text, "{\"user_id\":\"facebook|1\",\"identities\":[0");

    for (i = 0; i < 60; i++) {
        len += sprintf(text + len, ",{\"access_token\":%zu,\"u\\u0076\":[]}",
                       i);
    }

    len += sprintf(text + len, "],\"pref_");
    memset(text + len, 'n', 3000);
    len += 3000;
    len += sprintf(text + len, "\\n\":\"");
    memset(text + len, 'v', 9000);
    len += 9000;
    len += sprintf(text + len, "\"");

    for (i = 0; i < 150; i++) {
        len += sprintf(text + len, ",\"m\\u005f%zu\":%zu", i, i);
    }

    len += sprintf(text + len, "}");

    assert_true(alloc_body(s, NULL, NULL, (u_char *) text, len) > 100);

    free(text);
    profile_schema_destroy(s);
}


/* samples that are shipped, with the schema that is */

static void
test_sample(void **state)
{
    u_char            *data;
    size_t             len;
    profile_schema_t  *s;

    s = test_schema_file("auth0.conf");
    data = test_file(*state, &len);

    assert_true(alloc_body(s, NULL, NULL, data, len) > 40);

    free(data);
    profile_schema_destroy(s);
}


/*
 * An error's place is asked for when yajl writes a message, which takes memory
 * too.
 */

static profile_reason_e
alloc_error(const void *data)
{
    test_out_t        out;
    test_rewrite_t    t;
    profile_reason_e  rc;

    memset(&t, 0, sizeof(t));
    memset(&out, 0, sizeof(out));

    t.schema = data;
    rc = test_rewrite(&t, "[1,2,]", 6, &out);

    free(out.data);

    return rc == PROFILE_INVALID_JSON ? PROFILE_OK : rc;
}


static void
test_error(void **state)
{
    profile_schema_t  *s;

    (void) state;

    s = test_schema(SCHEMA);

    assert_true(alloc_each(alloc_error, s, 0) > 3);

    profile_schema_destroy(s);
}


int
main(void)
{
    size_t  i;

    test_add("the building of a schema", test_schema_building, NULL);
    test_add("the building of a schema that grows", test_schema_growing,
             NULL);
    test_add("the building of a schema, statement by statement",
             test_schema_names, NULL);
    test_add("matching", test_matching, NULL);
    test_add("matching with a long new name", test_matching_long, NULL);

    for (i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
        test_add(bodies[i].name, test_body, &bodies[i]);
    }

    test_add("a large user", test_large, NULL);
    test_add("a sample of facebook", test_sample,
             "samples/facebook.v1.json");
    test_add("a sample of adfs", test_sample, "samples/adfs.v1.json");
    test_add("an error", test_error, NULL);

    return test_run();
}
