
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that each mistake in a schema is found, and named with the bad word
 * and with what was expected, or where it was said first.
 */


#include "core/schema/profile_schema.h"
#include "core/schema/profile_schema_build.h"
#include "core/schema/profile_schema_table.h"
#include "profile_test.h"
#include "schema/mistake_test.h"


static const mistake_t  mistakes[] = {

    { "a statement that is none",
      "identify email;",
      "unknown statement \"identify\" in a schema" },

    { "a statement in upper case",
      "IDENTITY email;",
      "unknown statement \"IDENTITY\" in a schema" },

    { "a statement cut short",
      "defaul root;",
      "unknown statement \"defaul\" in a schema" },

    { "identity without a name",
      "identity;",
      "invalid number of arguments in \"identity\", expected "
      "\"identity NAME...\"" },

    { "rename with one name",
      "rename lastLogin;",
      "invalid number of arguments in \"rename\", expected "
      "\"rename OLD NEW\"" },

    { "rename with three names",
      "rename a b c;",
      "invalid number of arguments in \"rename\", expected "
      "\"rename OLD NEW\"" },

    { "drop without a name",
      "drop;",
      "invalid number of arguments in \"drop\", expected \"drop PATH...\"" },

    { "provider without an ID",
      "provider;",
      "invalid number of arguments in \"provider\", expected "
      "\"provider ID [NAME|~regex...]\"" },

    { "user_metadata without a name",
      "user_metadata;",
      "invalid number of arguments in \"user_metadata\", expected "
      "\"user_metadata NAME|~regex... [as=REPL]\"" },

    { "app_metadata without a name",
      "app_metadata;",
      "invalid number of arguments in \"app_metadata\", expected "
      "\"app_metadata NAME|~regex... [as=REPL]\"" },

    { "metadata_prefix without a prefix",
      "metadata_prefix app_metadata;",
      "invalid number of arguments in \"metadata_prefix\", expected "
      "\"metadata_prefix app_metadata|user_metadata PREFIX\"" },

    { "default without a value",
      "default;",
      "invalid number of arguments in \"default\", expected "
      "\"default app_metadata|user_metadata|root\"" },

    { "default with two values",
      "default root root;",
      "invalid number of arguments in \"default\", expected "
      "\"default app_metadata|user_metadata|root\"" },

    { "identity_drop without a name",
      "identity_drop;",
      "invalid number of arguments in \"identity_drop\", expected "
      "\"identity_drop NAME...\"" },

    { "null_metadata without a value",
      "null_metadata;",
      "invalid number of arguments in \"null_metadata\", expected "
      "\"null_metadata keep|omit\"" },

    { "writable without a name",
      "writable;",
      "invalid number of arguments in \"writable\", expected "
      "\"writable NAME... [for=ID,ID...] [on=create|update] [via=CALL]\"" },

    { "option without a name",
      "option;",
      "invalid number of arguments in \"option\", expected "
      "\"option NAME... [as=OTHER] [with=CALL]\"" },

    { "reserved without a name",
      "reserved;",
      "invalid number of arguments in \"reserved\", expected "
      "\"reserved NAME...\"" },

    { "metadata_names without a value",
      "metadata_names;",
      "invalid number of arguments in \"metadata_names\", expected "
      "\"metadata_names any|strict\"" },

    { "identity twice",
      "identity email email;",
      "name \"email\" is claimed twice, first in test:1" },

    { "identity and drop",
      "identity a; drop a;",
      "name \"a\" is claimed twice, first in test:1" },

    { "drop and the old name of a rename",
      "drop a; rename a b;",
      "name \"a\" is claimed twice, first in test:1" },

    { "drop and the new name of a rename",
      "drop b; rename a b;",
      "name \"b\" is claimed twice, first in test:1" },

    { "a rename to itself",
      "rename a a;",
      "name \"a\" is claimed twice, first in test:1" },

    { "two renames to one name",
      "rename a c; rename b c;",
      "name \"c\" is claimed twice, first in test:1" },

    { "two renames of one name",
      "rename a b; rename a c;",
      "name \"a\" is claimed twice, first in test:1" },

    { "a rename of a rename",
      "rename a b; rename b c;",
      "name \"b\" is claimed twice, first in test:1" },

    { "user_metadata and app_metadata",
      "user_metadata hobby; app_metadata hobby;",
      "name \"hobby\" is claimed twice, first in test:1" },

    { "app_metadata and identity",
      "app_metadata plan; identity plan;",
      "name \"plan\" is claimed twice, first in test:1" },

    { "user_id dropped",
      "drop user_id;",
      "name \"user_id\" is claimed twice" },

    { "user_id renamed",
      "rename user_id id;",
      "name \"user_id\" is claimed twice" },

    { "identities as a new name twice",
      "rename accounts identities;rename logins identities;",
      "name \"identities\" is claimed twice" },

    { "identities as metadata",
      "user_metadata identities;",
      "name \"identities\" is claimed twice" },

    { "a name claimed again after other statements",
      "option a; drop x a; identity y; user_metadata z a;",
      "name \"a\" is claimed twice, first in test:2" },

    { "a name claimed by a rename, again after other statements",
      "drop x; rename a b; drop y; app_metadata b;",
      "name \"b\" is claimed twice, first in test:2" },

    { "user_id said and dropped",
      "option user_id; identity user_id; drop user_id;",
      "name \"user_id\" is claimed twice, first in test:2" },

    { "user_id said twice and renamed",
      "identity email; identity user_id; identity user_id; "
      "rename user_id id;",
      "name \"user_id\" is claimed twice, first in test:2" },

    { "identities said and metadata",
      "drop x; identity identities; app_metadata identities;",
      "name \"identities\" is claimed twice, first in test:2" },

    { "a container dropped",
      "drop app_metadata;",
      "name \"app_metadata\" is that of a metadata container" },

    { "a container as identity",
      "identity metadata;",
      "name \"metadata\" is that of a metadata container" },

    { "a container as a new name",
      "rename meta user_metadata;",
      "name \"user_metadata\" is that of a metadata container" },

    { "a container as metadata",
      "app_metadata user_metadata;",
      "name \"user_metadata\" is that of a metadata container" },

    { "a prefix for metadata",
      "metadata_prefix metadata m_;",
      "invalid container \"metadata\", expected \"app_metadata\" or "
      "\"user_metadata\"" },

    { "an empty prefix",
      "metadata_prefix app_metadata '';",
      "invalid prefix \"\", expected at least one character" },

    { "two prefixes of one container",
      "metadata_prefix app_metadata a_; metadata_prefix app_metadata b_;",
      "\"metadata_prefix app_metadata\" is duplicate, first in test:1" },

    { "a prefix again after other statements",
      "drop x; metadata_prefix user_metadata u_; "
      "metadata_prefix app_metadata a_; metadata_prefix user_metadata v_;",
      "\"metadata_prefix user_metadata\" is duplicate, first in test:2" },

    { "a prefix again that is the same",
      "metadata_prefix user_metadata u_; metadata_prefix user_metadata u_;",
      "\"metadata_prefix user_metadata\" is duplicate, first in test:1" },

    { "one prefix for two containers, the other one first",
      "drop x; metadata_prefix user_metadata m_; "
      "metadata_prefix app_metadata m_;",
      "prefix \"m_\" is used by the other container, first in test:2" },

    { "one prefix for two containers",
      "metadata_prefix app_metadata m_; metadata_prefix user_metadata m_;",
      "prefix \"m_\" is used by the other container, first in test:1" },

    { "an unknown default",
      "default nowhere;",
      "invalid value \"nowhere\" in \"default\", expected \"app_metadata\", "
      "\"user_metadata\" or \"root\"" },

    { "a default as long as \"root\"",
      "default room;",
      "invalid value \"room\" in \"default\", expected \"app_metadata\", "
      "\"user_metadata\" or \"root\"" },

    { "metadata by default",
      "default metadata;",
      "invalid value \"metadata\" in \"default\", expected "
      "\"app_metadata\", \"user_metadata\" or \"root\"" },

    { "two defaults",
      "default root; default app_metadata;",
      "\"default\" is duplicate, first in test:1" },

    { "two defaults between other statements",
      "drop x; default root; drop y; default root;",
      "\"default\" is duplicate, first in test:2" },

    { "an unknown null_metadata",
      "null_metadata drop;",
      "invalid value \"drop\" in \"null_metadata\", expected \"keep\" or "
      "\"omit\"" },

    { "two null_metadata",
      "null_metadata keep; null_metadata keep;",
      "\"null_metadata\" is duplicate, first in test:1" },

    { "two null_metadata between other statements",
      "metadata_names any; null_metadata omit; drop x; null_metadata keep;",
      "\"null_metadata\" is duplicate, first in test:2" },

    { "an unknown metadata_names",
      "metadata_names loose;",
      "invalid value \"loose\" in \"metadata_names\", expected \"any\" or "
      "\"strict\"" },

    { "two metadata_names",
      "metadata_names strict; metadata_names any;",
      "\"metadata_names\" is duplicate, first in test:1" },

    { "two metadata_names between other statements",
      "null_metadata omit; metadata_names any; drop x; metadata_names any;",
      "\"metadata_names\" is duplicate, first in test:2" },

    { "writable on what is no action",
      "writable email on=delete;",
      "invalid \"on=delete\", expected \"on=create\" or \"on=update\"" },

    { "writable on nothing",
      "writable email on=;",
      "invalid \"on=\", expected \"on=create\" or \"on=update\"" },

    { "writable with a name behind the parameters",
      "writable email for=auth0 name;",
      "name \"name\" after the parameters of \"writable\"" },

    { "writable with parameters first",
      "provider auth0; writable for=auth0 email;",
      "name \"email\" after the parameters of \"writable\"" },

    { "writable with parameters alone",
      "writable on=create;",
      "no name in \"writable\", expected \"writable NAME... "
      "[for=ID,ID...] [on=create|update] [via=CALL]\"" },

    { "writable for nobody",
      "writable email for=;",
      "invalid \"for=\", expected provider IDs between commas" },

    { "writable for nobody behind a comma",
      "provider a; writable email for=a,;",
      "invalid \"for=a,\", expected provider IDs between commas" },

    { "writable for nobody between commas",
      "provider a; provider b; writable email for=a,,b;",
      "invalid \"for=a,,b\", expected provider IDs between commas" },

    { "writable for a provider that is not declared",
      "provider auth0; writable email for=auth0,smss;",
      "unknown provider \"smss\" in \"for=\", expected the ID of a "
      "\"provider\"" },

    { "writable for a star",
      "provider * a; writable email for=*;",
      "unknown provider \"*\" in \"for=\", expected the ID of a "
      "\"provider\"" },

    { "writable with two lists of providers",
      "provider a; provider b; writable email for=a for=b;",
      "\"for=b\" after another \"for=\" in \"writable\"" },

    { "writable by what is no call",
      "writable name via=bag;",
      "invalid \"via=bag\", expected \"via=email\", \"via=password\", "
      "\"via=attributes\" or \"via=metadata\"" },

    { "writable by nothing",
      "writable name via=;",
      "invalid \"via=\", expected \"via=email\", \"via=password\", "
      "\"via=attributes\" or \"via=metadata\"" },

    { "writable by two calls in one statement",
      "writable name via=email via=email;",
      "\"via=email\" after another \"via=\" in \"writable\"" },

    { "writable by two calls in two",
      "provider a; writable name for=a via=metadata;"
      "writable name for=a on=update via=email;",
      "name \"name\" is written by two calls, first in test:2" },

    { "writable by two calls for every provider",
      "writable name via=metadata; writable name via=attributes;",
      "name \"name\" is written by two calls, first in test:1" },

    { "writable as metadata, with a name behind",
      "writable name via=metadata email;",
      "name \"email\" after the parameters of \"writable\"" },

    { "writable as metadata alone",
      "writable via=metadata;",
      "no name in \"writable\", expected \"writable NAME... "
      "[for=ID,ID...] [on=create|update] [via=CALL]\"" },

    { "writable as metadata: the id",
      "writable name user_id via=metadata;",
      "invalid \"via=metadata\" for \"user_id\", which is never metadata" },

    { "writable as metadata: a container",
      "writable user_metadata via=metadata;",
      "name \"user_metadata\" is that of a metadata container" },

    { "writable as metadata: a name of a container",
      "writable hobby via=metadata; user_metadata hobby;",
      "name \"hobby\" is \"via=metadata\", and claimed, first in test:2" },

    { "writable as metadata: a name that is dropped",
      "drop hobby; writable hobby via=metadata;",
      "name \"hobby\" is \"via=metadata\", and claimed, first in test:1" },

    { "writable as metadata: an old name",
      "rename hobby pastime; writable hobby via=metadata;",
      "name \"hobby\" is \"via=metadata\", and claimed, first in test:1" },

    { "as= without a pattern",
      "user_metadata hobby as=x;",
      "invalid \"as=x\", expected one pattern \"~regex\" before it" },

    { "as= behind two patterns",
      "user_metadata ~a ~b as=x;",
      "invalid \"as=x\", expected one pattern \"~regex\" before it" },

    { "as= alone",
      "app_metadata as=x;",
      "invalid \"as=x\", expected one pattern \"~regex\" before it" },

    { "as= with a group that is not there",
      "user_metadata ~um_(.*) as=$2;",
      "invalid \"as=$2\", a dollar sign must name one of the pattern's 1 "
      "groups" },

    { "as= with the whole match",
      "user_metadata ~um_(.*) as=$0;",
      "invalid \"as=$0\", a dollar sign must name one of the pattern's 1 "
      "groups" },

    { "as= with a dollar sign at its end",
      "user_metadata ~um_(.*) as=x$;",
      "invalid \"as=x$\", a dollar sign must name one of the pattern's 1 "
      "groups" },

    { "as= with a name for a group",
      "user_metadata ~um_(.*) as=$a;",
      "invalid \"as=$a\", a dollar sign must name one of the pattern's 1 "
      "groups" },

    { "as= with a group where none is",
      "user_metadata ~um_.* as=$1;",
      "invalid \"as=$1\", a dollar sign must name one of the pattern's 0 "
      "groups" },

    { "a pattern that does not end",
      "user_metadata \"~a(b\";",
      "invalid pattern \"~a(b\" at 3: " },

    { "a pattern of a provider that is none",
      "provider p ~+;",
      "invalid pattern \"~+\" at 0: " },

    { "a pattern of every provider that is none",
      "provider * ~[;",
      "invalid pattern \"~[\" at 1: " },

    { "a pattern of single bytes",
      "app_metadata ~\\C;",
      "invalid pattern \"~\\C\" at 2: " },

    { "a pattern that is no UTF-8",
      "app_metadata ~\xc3;",
      "invalid UTF-8 in \"~\xc3\"" },

    { "a name that is no UTF-8",
      "identity caf\xe9;",
      "invalid UTF-8 in \"caf\xe9\"" },

    { "a new name that is no UTF-8",
      "rename cafe caf\xc3;",
      "invalid UTF-8 in \"caf\xc3\"" },

    { "a prefix that ends inside of a character",
      "metadata_prefix user_metadata \xc3;",
      "invalid UTF-8 in \"\xc3\"" },

    { "a replacement that is no UTF-8",
      "user_metadata ~a as=\xed\xa0\x80;",
      "invalid UTF-8 in \"as=\xed\xa0\x80\"" }
};


/* a message has its end also where the word is longer than it may be */

static void
test_long_mistake(void **state)
{
    char              *text;
    size_t             len;
    const char        *mistake;
    profile_schema_t  *s;

    (void) state;

    text = malloc(5002);

    for (len = 400; len < 600; len++) {
        memset(text, 'a', len);
        (void) strcpy(text + len, ";");

        s = test_schema_try(text, &mistake);

        assert_non_null(mistake);
        assert_int_equal(profile_schema_error(s)->len, strlen(mistake));
        assert_int_equal(strlen(mistake), len + 32 < 511 ? len + 32 : 511);

        profile_schema_destroy(s);
    }

    memset(text, 'a', 5000);
    (void) strcpy(text + 5000, ";");

    s = test_schema_try(text, &mistake);

    assert_non_null(mistake);
    assert_true(strlen(mistake) > 400);
    assert_int_equal(profile_schema_error(s)->len, strlen(mistake));
    assert_memory_equal(mistake, "unknown statement \"aaa", 22);

    profile_schema_destroy(s);
    free(text);
}


/* the place is whole or cut as the rest of a message, never more than it */

static void
test_long_place(void **state)
{
    char                 *name;
    size_t                i, len;
    profile_str_t         file, words[2];
    profile_schema_t     *s;
    const profile_str_t  *error;
    const profile_hash_t  seed = { { 1, 2 } };

    static const char  before[] = "name \"a\" is claimed twice, first in ";

    (void) state;

    name = malloc(600);
    memset(name, 'f', 600);

    file.data = (u_char *) name;

    words[0].data = (u_char *) "drop";
    words[0].len = 4;
    words[1].data = (u_char *) "a";
    words[1].len = 1;

    for (len = 0; len <= 600; len++) {
        file.len = len;

        s = profile_schema_create(&test_alloc, &seed);
        assert_non_null(s);

        assert_int_equal(profile_schema_add(s, &file, 7, words, 2), 0);
        assert_int_equal(profile_schema_add(s, &file, 9, words, 2), -1);

        error = profile_schema_error(s);
        i = sizeof(before) - 1 + len;

        assert_int_equal(error->len, i + 2 < 511 ? i + 2 : 511);
        assert_int_equal(strlen((const char *) error->data), error->len);
        assert_memory_equal(error->data, before, sizeof(before) - 1);

        if (i + 2 <= 511) {
            assert_memory_equal(error->data + i, ":7", 2);
        }

        profile_schema_destroy(s);
    }

    free(name);
}


/* where the message itself has no end, no place follows */

static void
test_long_name(void **state)
{
    char              *text;
    const char        *mistake;
    profile_schema_t  *s;

    (void) state;

    text = malloc(2000);

    (void) strcpy(text, "drop ");
    memset(text + 5, 'a', 700);
    (void) strcpy(text + 705, "; drop ");
    memset(text + 712, 'a', 700);
    (void) strcpy(text + 1412, ";");

    s = test_schema_try(text, &mistake);

    assert_non_null(mistake);
    assert_int_equal(strlen(mistake), 511);
    assert_int_equal(profile_schema_error(s)->len, 511);
    assert_int_equal(mistake[510], 'a');

    profile_schema_destroy(s);
    free(text);
}


/* those of a schema have numbers that have to fit */

static void
test_many_names(void **state)
{
    uint32_t           n;
    const char        *mistake;
    profile_str_t      file, words[2];
    profile_schema_t  *s;

    (void) state;

    s = test_schema_try("", &mistake);
    assert_null(mistake);

    file.data = (const u_char *) "test";
    file.len = 4;
    words[0].data = (const u_char *) "identity";
    words[0].len = 8;
    words[1].data = (const u_char *) "one_too_many";
    words[1].len = 12;

    n = s->nentries;
    s->nentries = PROFILE_NAMES_MAX;

    assert_int_equal(profile_schema_add(s, &file, 1, words, 2), -1);
    assert_string_equal(profile_schema_error(s)->data, "too many names");

    s->nentries = n;

    profile_schema_destroy(s);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        test_add(mistakes[i].name, test_mistake, &mistakes[i]);
    }

    test_add("a mistake in a word of any length", test_long_mistake, NULL);
    test_add("a place in a file of a name of any length", test_long_place,
             NULL);
    test_add("a name of any length claimed twice", test_long_name, NULL);
    test_add("more names than have a number", test_many_names, NULL);

    return test_run();
}
