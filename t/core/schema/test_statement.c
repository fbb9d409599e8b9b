
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves which statement is told to have decided what becomes of a name, where
 * several speak of it or none does.
 */


#include "core/schema/profile_schema_build.h"
#include "schema/class_test.h"


typedef struct {
    const char  *name;
    const char  *schema;
    const char  *id;
    const char  *attribute;
    const char  *class;
    const char  *statement;
    size_t       line;
} statement_case_t;


static const statement_case_t  statements[] = {

    { "M2.1 a container, by none",
      "default root; provider p ~.*; user_metadata ~.*;", "p|1",
      "user_metadata", "container user_metadata", "", 0 },

    { "M2.1 a container, by none of those that name it",
      "reserved metadata; provider p metadata;", "p|1", "metadata",
      "container metadata", "", 0 },

    { "M2.3 the new name, by the rename",
      "drop x; rename lastLogin last_login; provider p last_login;", "p|1",
      "last_login", "identity", "rename lastLogin last_login;", 2 },

    { "M2.4 user_id, by none",
      "default root; writable user_id; provider p user_id;", "p|1",
      "user_id", "identity", "", 0 },

    { "M2.4 user_id said twice, by the first",
      "option user_id; identity a user_id b; identity user_id;", NULL,
      "user_id", "identity", "identity a user_id b;", 2 },

    { "M2.5 the one of two that names it",
      "app_metadata a b; app_metadata c d; user_metadata e;", NULL, "d",
      "metadata app_metadata exact", "app_metadata c d;", 2 },

    { "M2.6 the longer of two prefixes",
      "metadata_prefix user_metadata m_; metadata_prefix app_metadata m_u_;",
      NULL, "m_u_a", "metadata app_metadata prefix as a",
      "metadata_prefix app_metadata m_u_;", 2 },

    { "M2.6 the other of two prefixes",
      "metadata_prefix app_metadata m_u_; metadata_prefix user_metadata m_;",
      NULL, "m_a", "metadata user_metadata prefix as a",
      "metadata_prefix user_metadata m_;", 2 },

    { "M2.6 a prefix of a name that a provider has",
      "provider p m_a; metadata_prefix user_metadata m_;", "p|1", "m_a",
      "metadata user_metadata prefix as a",
      "metadata_prefix user_metadata m_;", 2 },

    { "M2.7 a name that the provider has twice, the first",
      "provider p; provider p a b; provider p b;", "p|1", "b", "provider",
      "provider p a b;", 2 },

    { "M2.7 a name of two providers, that of this one",
      "provider p a; provider q x a;", "q|1", "a", "provider",
      "provider q x a;", 2 },

    { "M2.7 a name of two providers, that of the other one",
      "provider p a; provider q x a;", "p|1", "a", "provider",
      "provider p a;", 1 },

    { "M2.7 a name of all and of the provider, that of the provider",
      "provider * a; provider p a;", "p|1", "a", "provider",
      "provider p a;", 2 },

    { "M2.7 a name of all twice, the first",
      "provider p a; provider * a b; provider * a;", NULL, "a", "provider",
      "provider * a b;", 2 },

    { "M2.7 a name of all, before a pattern of the provider",
      "provider p ~a; provider * a;", "p|1", "a", "provider",
      "provider * a;", 2 },

    { "M2.7 the first pattern of the provider that matches",
      "provider p ~x; provider p ~y ~a.*; provider p ~ab;", "p|1", "ab",
      "provider", "provider p ~y ~a.*;", 2 },

    { "M2.7 the first pattern of all that matches",
      "provider p ~x; provider * ~a.* ~y; provider * ~ab;", "p|1", "ab",
      "provider", "provider * ~a.* ~y;", 2 },

    { "M2.8 the first pattern that matches, of a name that is known",
      "option ab; user_metadata ~x; app_metadata ~a.*; user_metadata ~ab;",
      NULL, "ab", "metadata app_metadata", "app_metadata ~a.*;", 3 },

    { "M2.9 the default, of a name that is known",
      "option a; user_metadata b; default user_metadata; provider p a;",
      NULL, "a", "metadata user_metadata", "default user_metadata;", 3 },

    { "M2.9 no default, of a name that is known",
      "option a; provider p a; writable a;", NULL, "a",
      "metadata app_metadata", "", 0 }
};


static void
test_statement(void **state)
{
    profile_schema_t           *s;
    const statement_case_t     *c = *state;
    const profile_statement_t  *st;

    s = test_schema(c->schema);

    test_class_is(s, c->id, c->attribute, c->class, &st);
    test_statement_is(st, c->statement, c->line);

    profile_schema_destroy(s);
}


/* the words are whole and in order, the place is the caller's */

static void
test_words(void **state)
{
    char                        text[] = "drop", empty[] = "", name[] = "a b";
    profile_str_t               file, words[3];
    profile_schema_t           *s;
    const profile_hash_t        seed = { { 1, 2 } };
    const profile_statement_t  *st;

    (void) state;

    file.data = (u_char *) "conf/x.conf";
    file.len = 11;

    words[0].data = (u_char *) text;
    words[0].len = 4;
    words[1].data = (u_char *) empty;
    words[1].len = 0;
    words[2].data = (u_char *) name;
    words[2].len = 3;

    s = profile_schema_create(&test_alloc, &seed);
    assert_non_null(s);

    assert_int_equal(profile_schema_add(s, &file, SIZE_MAX, words, 3), 0);

    memset(text, 'x', 4);
    memset(name, 'x', 3);
    memset(words, 0, sizeof(words));

    assert_int_equal(profile_schema_finish(s), 0);

    test_class_is(s, NULL, "", "drop", &st);

    assert_int_equal(st->n, 3);
    assert_true(profile_str_eq(&st->words[0], "drop", 4));
    assert_int_equal(st->words[1].len, 0);
    assert_true(profile_str_eq(&st->words[2], "a b", 3));
    assert_ptr_equal(st->file.data, file.data);
    assert_int_equal(st->file.len, 11);
    assert_int_equal(st->line, SIZE_MAX);

    profile_schema_destroy(s);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(statements) / sizeof(statements[0]); i++) {
        test_add(statements[i].name, test_statement, &statements[i]);
    }

    test_add("a statement is kept as it was", test_words, NULL);

    return test_run();
}
