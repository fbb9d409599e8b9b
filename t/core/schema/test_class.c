
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves the order of the rules of M2: each rule wins over each that follows,
 * and inside of one rule the exact name over the pattern; and that the
 * statement that decided is told.
 */


#include "core/schema/profile_schema_denied.h"
#include "schema/class_test.h"


/*
 * The rules in their order, each with a statement that applies to the
 * attribute "um_hobby" of a user of the provider "p".
 */

typedef struct {
    const char  *rule;
    const char  *statement;
    const char  *class;
    unsigned     exact;                  /* claims the name for itself */
} rule_t;


static const rule_t  rules[] = {

    { "M2.2 drop",
      "drop um_hobby;", "drop", 1 },

    { "M2.3 rename",
      "rename um_hobby pastime;", "rename as pastime", 1 },

    { "M2.4 identity",
      "identity um_hobby;", "identity", 1 },

    { "M2.5 an exact name in app_metadata",
      "app_metadata um_hobby;", "metadata app_metadata exact", 1 },

    { "M2.6 a prefix",
      "metadata_prefix user_metadata um_;",
      "metadata user_metadata prefix as hobby", 0 },

    { "M2.7 a name of the provider",
      "provider p um_hobby;", "provider", 0 },

    { "M2.7 a name of every provider",
      "provider * um_hobby;", "provider", 0 },

    { "M2.7 a pattern of the provider",
      "provider p ~um_.*;", "provider", 0 },

    { "M2.7 a pattern of every provider",
      "provider * ~um_.*;", "provider", 0 },

    { "M2.8 a pattern in user_metadata",
      "user_metadata ~um_(.*) as=my_$1;",
      "metadata user_metadata as my_hobby", 0 },

    { "M2.9 default",
      "default root;", "root", 0 },

    { "M2.9 no default",
      "", "metadata app_metadata", 0 }
};

#define RULES  (sizeof(rules) / sizeof(rules[0]))


/* each rule with each that follows, in both orders of the file */

static void
test_order(void **state)
{
    char                        text[256];
    size_t                      i, before;
    profile_schema_t           *s;
    const rule_t               *r = *state;
    const profile_statement_t  *st;

    for (i = r - rules; i < RULES; i++) {

        if (i != (size_t) (r - rules) && r->exact && rules[i].exact) {
            continue;
        }

        for (before = 0; before < 2; before++) {
            (void) sprintf(text, "%s %s provider p;",
                           before ? rules[i].statement : r->statement,
                           i == (size_t) (r - rules) ? ""
                           : before ? r->statement : rules[i].statement);

            s = test_schema(text);
            test_class_is(s, "p|1", "um_hobby", r->class, &st);
            test_statement_is(st, r->statement,
                              before && i != (size_t) (r - rules)
                              && *rules[i].statement ? 2 : 1);
            profile_schema_destroy(s);
        }
    }
}


typedef struct {
    const char  *name;
    const char  *schema;
    const char  *id;
    const char  *attribute;
    const char  *class;
} class_case_t;


static const class_case_t  cases[] = {

    { "M2 case counts",
      "drop hobby;", NULL, "Hobby", "metadata app_metadata" },

    { "M2 a name is not its begin",
      "drop hobby;", NULL, "hobb", "metadata app_metadata" },

    { "M2 an empty name is a name",
      "drop '';", NULL, "", "drop" },

    { "M2.1 app_metadata",
      "", NULL, "app_metadata", "container app_metadata" },

    { "M2.1 user_metadata",
      "", NULL, "user_metadata", "container user_metadata" },

    { "M2.1 metadata",
      "", NULL, "metadata", "container metadata" },

    { "M2.1 a container before a prefix",
      "metadata_prefix app_metadata user_;", NULL, "user_metadata",
      "container user_metadata" },

    { "M2.1 a container before a provider",
      "provider p metadata; provider * ~meta.*;", "p|1", "metadata",
      "container metadata" },

    { "M2.1 a container before a pattern",
      "user_metadata ~.*metadata;", NULL, "app_metadata",
      "container app_metadata" },

    { "M2.1 a container before the default",
      "default root;", NULL, "app_metadata", "container app_metadata" },

    { "M2.3 the new name is identity",
      "rename lastLogin last_login;", NULL, "last_login", "identity" },

    { "M2.4 user_id",
      "", NULL, "user_id", "identity" },

    { "M2.4 identities",
      "", NULL, "identities", "identity" },

    { "M2.4 user_id said again",
      "identity user_id; identity user_id identities;", NULL, "user_id",
      "identity" },

    { "M2.4 user_id before a prefix",
      "metadata_prefix app_metadata user_;", NULL, "user_id", "identity" },

    { "M2.5 in user_metadata",
      "user_metadata plan; provider p plan;", "p|1", "plan",
      "metadata user_metadata exact" },

    { "M2.5 before a pattern of the other container",
      "user_metadata ~pl.*; app_metadata plan;", NULL, "plan",
      "metadata app_metadata exact" },

    { "M2.6 a rest that is empty",
      "metadata_prefix user_metadata um_;", NULL, "um_",
      "metadata app_metadata" },

    { "M2.6 a rest of one byte",
      "metadata_prefix user_metadata um_;", NULL, "um_a",
      "metadata user_metadata prefix as a" },

    { "M2.6 a rest that is a container",
      "metadata_prefix user_metadata um_;", NULL, "um_user_id",
      "metadata user_metadata prefix as user_id" },

    { "M2.6 the prefix inside of a name",
      "metadata_prefix user_metadata um_;", NULL, "xum_a",
      "metadata app_metadata" },

    { "M2.6 case counts",
      "metadata_prefix user_metadata um_;", NULL, "UM_a",
      "metadata app_metadata" },

    { "M2.6 two prefixes, the one of app_metadata",
      "metadata_prefix user_metadata um_; metadata_prefix app_metadata am_;",
      NULL, "am_a", "metadata app_metadata prefix as a" },

    { "M2.6 two prefixes, the one of user_metadata",
      "metadata_prefix user_metadata um_; metadata_prefix app_metadata am_;",
      NULL, "um_am_a", "metadata user_metadata prefix as am_a" },

    { "M2.6 the longer of two prefixes",
      "metadata_prefix user_metadata m_u_; metadata_prefix app_metadata m_;",
      NULL, "m_u_a", "metadata user_metadata prefix as a" },

    { "M2.6 the longer of two prefixes, in the other container",
      "metadata_prefix user_metadata m_; metadata_prefix app_metadata m_u_;",
      NULL, "m_u_a", "metadata app_metadata prefix as a" },

    { "M2.6 the longer of two prefixes, its rest empty",
      "metadata_prefix user_metadata m_u_; metadata_prefix app_metadata m_;",
      NULL, "m_u_", "metadata app_metadata prefix as u_" },

    { "M2.6 a prefix beyond ASCII",
      "metadata_prefix user_metadata \xc3\xa9;", NULL, "\xc3\xa9" "a",
      "metadata user_metadata prefix as a" },

    { "M2.7 another provider",
      "provider p picture; provider q;", "q|1", "picture",
      "metadata app_metadata" },

    { "M2.7 an unknown provider",
      "provider p picture;", NULL, "picture", "metadata app_metadata" },

    { "M2.7 a pattern of another provider",
      "provider p ~pic.*; provider q;", "q|1", "picture",
      "metadata app_metadata" },

    { "M2.7 every provider, for an unknown one",
      "provider * picture;", NULL, "picture", "provider" },

    { "M2.7 a pattern of every provider, for an unknown one",
      "provider * ~pic.*;", NULL, "picture", "provider" },

    { "M2.7 a pattern of every provider behind one of the provider",
      "provider p ~x; provider * ~pic.*;", "p|1", "picture", "provider" },

    { "M2.7 statements add up",
      "provider p a; provider p b; provider p ~c.*; provider p ~d.*;",
      "p|1", "dd", "provider" },

    { "M2.7 several providers share a name",
      "provider p picture; provider q picture;", "q|1", "picture",
      "provider" },

    { "M2.8 a pattern is anchored at its begin",
      "user_metadata ~bby;", NULL, "hobby", "metadata app_metadata" },

    { "M2.8 a pattern is anchored at its end",
      "user_metadata ~hob;", NULL, "hobby", "metadata app_metadata" },

    { "M2.8 all of an alternation is anchored",
      "user_metadata ~hob|by;", NULL, "hobby", "metadata app_metadata" },

    { "M2.8 an alternation takes the branch that reaches the end",
      "user_metadata ~hob|hobby;", NULL, "hobby", "metadata user_metadata" },

    { "M2.8 the end is not before a last newline",
      "user_metadata ~hobby;", NULL, "hobby\n", "metadata app_metadata" },

    { "M2.8 case counts",
      "user_metadata ~hobby;", NULL, "Hobby", "metadata app_metadata" },

    { "M2.8 a pattern may say that case does not count",
      "user_metadata ~(?i)hobby;", NULL, "HOBBY", "metadata user_metadata" },

    { "M2.8 a dot is a character, not a byte",
      "user_metadata ~caf.;", NULL, "caf\xc3\xa9",
      "metadata user_metadata" },

    { "M2.8 an empty name may match",
      "user_metadata ~a*;", NULL, "", "metadata user_metadata" },

    { "M2.8 the first pattern of the file",
      "user_metadata ~ho.* ~h.*; app_metadata ~hobby;", NULL, "hobby",
      "metadata user_metadata" },

    { "M2.8 the first pattern of the file, in the other container",
      "app_metadata ~hobby; user_metadata ~ho.* ~h.*;", NULL, "hobby",
      "metadata app_metadata" },

    { "M2.8 the pattern that matches",
      "app_metadata ~x.*; user_metadata ~y.* ~h.*;", NULL, "hobby",
      "metadata user_metadata" },

    { "M2.8 as= with a group",
      "app_metadata ~x_(.*)_y as=$1;", NULL, "x_hobby_y",
      "metadata app_metadata as hobby" },

    { "M2.8 as= with text and groups in any order",
      "app_metadata ~(.)(.)(.) as=<$3-$1-$3>;", NULL, "abc",
      "metadata app_metadata as <c-a-c>" },

    { "M2.8 as= with nine groups",
      "app_metadata ~(.)(.)(.)(.)(.)(.)(.)(.)(.) as=$9$8$7$6$5$4$3$2$1;",
      NULL, "123456789", "metadata app_metadata as 987654321" },

    { "M2.8 as= with a pattern of more groups than it can name",
      "app_metadata ~(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.)(.) as=$9$1;",
      NULL, "1234567890ab", "metadata app_metadata as 91" },

    { "M2.8 as= of an empty name",
      "app_metadata ~a* as=x;", NULL, "", "metadata app_metadata as x" },

    { "M2.8 as= with nothing of an empty name",
      "app_metadata ~(a*) as=$1;", NULL, "", "metadata app_metadata as " },

    { "M2.8 as= takes one digit",
      "app_metadata ~(.)(.*) as=$11;", NULL, "abc",
      "metadata app_metadata as a1" },

    { "M2.8 as= with a group that took no part",
      "app_metadata ~(a)|(b) as=x$1y$2z;", NULL, "b",
      "metadata app_metadata as xybz" },

    { "M2.8 as= without a group",
      "app_metadata ~h.* as=hobby;", NULL, "hob",
      "metadata app_metadata as hobby" },

    { "M2.8 as= with nothing",
      "app_metadata '~h.*' as=;", NULL, "hob",
      "metadata app_metadata as " },

    { "M2.8 as= with more text than room at first",
      "app_metadata ~(.*) as=$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1$1;",
      NULL, "0123456789",
      "metadata app_metadata as 01234567890123456789012345678901234567890123"
      "4567890123456789012345678901234567890123456789012345678901234567890123"
      "4567890123456789012345678901234567890123456789" },

    { "M2.9 user_metadata",
      "default user_metadata;", "p|1", "hobby", "metadata user_metadata" },

    { "M2.9 app_metadata",
      "default app_metadata;", "p|1", "hobby", "metadata app_metadata" }
};


static void
test_class(void **state)
{
    profile_schema_t           *s;
    const class_case_t         *c = *state;
    const profile_statement_t  *st;

    s = test_schema(c->schema);
    test_class_is(s, c->id, c->attribute, c->class, &st);
    profile_schema_destroy(s);
}


/* a name with a lone surrogate is no UTF-8: exact rules see it, no pattern */

static void
test_lone(void **state)
{
    char                        text[256];
    profile_schema_t           *s;
    const profile_statement_t  *st;

    (void) state;

    s = test_schema("user_metadata ~.*; provider * ~.*;"
                    "metadata_prefix user_metadata um_;");

    assert_int_equal(test_class_of(s, NULL, (u_char *) "a\xed\xa0\xbd", 4, 1,
                                   text, &st),
                     PROFILE_OK);
    assert_string_equal(text, "metadata app_metadata");

    assert_int_equal(test_class_of(s, NULL, (u_char *) "um_\xed\xa0\xbd", 6, 1,
                                   text, &st),
                     PROFILE_OK);
    assert_string_equal(text, "metadata user_metadata prefix as \xed\xa0\xbd "
                        "alone");

    profile_schema_destroy(s);
}


/* a pattern and a replacement see a NUL as a character like another */

static void
test_nul(void **state)
{
    profile_name_t      name;
    profile_class_t     class;
    profile_schema_t   *s;
    profile_matcher_t  *m;

    (void) state;

    s = test_schema("user_metadata ~x(.*) as=$1;");
    m = profile_matcher_create(s, &test_alloc);

    profile_schema_name(s, &name, (u_char *) "xa\0b", 4);

    assert_int_equal(profile_schema_class(m, NULL, &name, &class),
                     PROFILE_OK);
    assert_int_equal(class.name.len, 3);
    assert_memory_equal(class.name.data, "a\0b", 3);

    profile_matcher_destroy(m);
    profile_schema_destroy(s);
}


/*
 * A pattern that takes too many steps gives up, and no rule after it counts:
 * at once for a name for which it would need hours, and for one that it could
 * do in a second.
 */

static void
test_pattern_limit(void **state)
{
    size_t                      i;
    char                        text[256];
    u_char                      name[64];
    profile_schema_t           *s;
    const profile_statement_t  *st;

    static const char *const  schemas[] = {
        "user_metadata ~(a+)+[bc]; app_metadata ~a+;",
        "provider p ~(a+)+[bc]; app_metadata ~a+;",
        "provider * ~(a+)+[bc]; app_metadata ~a+;"
    };

    (void) state;

    memset(name, 'a', sizeof(name));

    for (i = 0; i < 3; i++) {
        s = test_schema(schemas[i]);

        assert_int_equal(test_class_of(s, "p|1", name, sizeof(name), 0, text,
                                       &st),
                         PROFILE_PATTERN_LIMIT);
        assert_int_equal(test_class_of(s, "p|1", name, 21, 0, text, &st),
                         PROFILE_PATTERN_LIMIT);
        assert_int_equal(test_class_of(s, "p|1", name, 10, 0, text, &st),
                         PROFILE_OK);
        assert_string_equal(text, "metadata app_metadata");
        assert_int_equal(test_class_of(s, "p|1", (u_char *) "aaab", 4, 0, text,
                                       &st),
                         PROFILE_OK);

        profile_schema_destroy(s);
    }
}


/* the matchers of one schema have nothing in common */

static void
test_matchers(void **state)
{
    size_t              i;
    char                text[2][16];
    profile_name_t      name[2];
    profile_class_t     class[2];
    profile_schema_t   *s;
    profile_matcher_t  *m[2];

    (void) state;

    s = test_schema("user_metadata ~x(.*) as=$1;");

    for (i = 0; i < 2; i++) {
        m[i] = profile_matcher_create(s, &test_alloc);

        (void) sprintf(text[i], "x%zu", i);
        profile_schema_name(s, &name[i], (u_char *) text[i], 2);
    }

    for (i = 0; i < 2; i++) {
        assert_int_equal(profile_schema_class(m[i], NULL, &name[i],
                                              &class[i]),
                         PROFILE_OK);
    }

    assert_memory_equal(class[0].name.data, "0", 1);
    assert_memory_equal(class[1].name.data, "1", 1);

    profile_matcher_destroy(m[0]);
    profile_matcher_destroy(m[1]);
    profile_schema_destroy(s);
}


static void *
other_realloc(void *ctx, void *p, size_t size)
{
    long  *blocks = ctx;

    *blocks += (p == NULL);

    return realloc(p, size);
}


static void *
other_alloc(void *ctx, size_t size)
{
    return other_realloc(ctx, NULL, size);
}


static void
other_free(void *ctx, void *p)
{
    long  *blocks = ctx;

    *blocks -= (p != NULL);

    free(p);
}


/* the schema is read-only, and its memory is not for those who use it */

static void
test_matcher_memory(void **state)
{
    int                 is;
    long                blocks, before;
    u_char              aaa[64];
    profile_name_t      name;
    profile_alloc_t     other;
    profile_class_t     class;
    profile_schema_t   *s;
    profile_matcher_t  *m;

    (void) state;

    memset(aaa, 'a', sizeof(aaa));

    other.alloc = other_alloc;
    other.realloc = other_realloc;
    other.free = other_free;
    other.ctx = &blocks;

    s = test_schema("user_metadata ~x(.*) as=$1;"
                    "user_metadata ~(a+)+[bc]; provider * ~y;");

    before = test_alloc_blocks();
    test_alloc_fail(0);
    blocks = 0;

    m = profile_matcher_create(s, &other);

    profile_schema_name(s, &name, (u_char *) "xyz", 3);
    assert_int_equal(profile_schema_class(m, NULL, &name, &class),
                     PROFILE_OK);
    assert_int_equal(profile_schema_denied(m, NULL, &name, &is), PROFILE_OK);

    profile_schema_name(s, &name, aaa, sizeof(aaa));
    assert_int_equal(profile_schema_class(m, NULL, &name, &class),
                     PROFILE_PATTERN_LIMIT);

    assert_int_equal(test_alloc_count(), 0);
    assert_true(blocks > 3);

    profile_matcher_destroy(m);

    assert_int_equal(blocks, 0);
    assert_int_equal(test_alloc_blocks(), before);

    profile_schema_destroy(s);
}


int
main(void)
{
    size_t  i;
    char    names[RULES][80];

    for (i = 0; i < RULES; i++) {
        (void) snprintf(names[i], sizeof(names[i]),
                        "%s before all that follows", rules[i].rule);
        test_add(names[i], test_order, &rules[i]);
    }

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        test_add(cases[i].name, test_class, &cases[i]);
    }

    test_add("M2.8 no pattern matches a lone surrogate", test_lone, NULL);
    test_add("M2.8 a NUL in a name", test_nul, NULL);
    test_add("M2.8 a pattern that gives up", test_pattern_limit, NULL);
    test_add("M2.8 matchers of one schema are apart", test_matchers, NULL);
    test_add("M2.8 a matcher takes its own memory", test_matcher_memory,
             NULL);

    return test_run();
}
