
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that each mistake in what a schema says of where a backend keeps
 * things (M7) is found, and named with the bad word and with what was expected.
 */


#include "profile_test.h"
#include "schema/mistake_test.h"


static const mistake_t  mistakes[] = {

    { "a path with an empty name",
      "drop a..b;",
      "invalid path \"a..b\", expected names between its dots, in which a dot "
      "is \"\\.\"" },

    { "a path that begins with a dot",
      "lift .a;",
      "invalid path \".a\", expected names between its dots, in which a dot "
      "is \"\\.\"" },

    { "a path of five names",
      "drop a.b.c.d a.b.c.d.e;",
      "invalid path \"a.b.c.d.e\", expected 4 names at most" },

    { "a star in a path",
      "drop devices.*.key;",
      "invalid path \"devices.*.key\", expected names, for which no star "
      "stands" },

    { "a star in place of a path",
      "drop *;",
      "invalid path \"*\", expected names, for which no star stands" },

    { "a star as the last name of a path",
      "lift profile.*;",
      "invalid path \"profile.*\", expected names, for which no star stands" },

    { "user twice",
      "user id;user uid;",
      "\"user\" is duplicate, first in test:1" },

    { "more names of a user than there may be",
      "user a b c d e f g h i;",
      "invalid number of arguments in \"user\", expected \"user NAME...\"" },

    { "a name of a user that is dropped",
      "user id uid;drop uid;",
      "name \"uid\" is in \"user\", and dropped, first in test:2" },

    { "an id that is dropped before it is known as one",
      "drop id;user id;",
      "name \"id\" is in \"user\", and dropped, first in test:1" },

    { "a name of a user that is metadata",
      "user id;app_metadata id;",
      "name \"id\" is in \"user\", and metadata, first in test:2" },

    { "a container as a name of a user",
      "user app_metadata;",
      "name \"app_metadata\" in \"user\" is that of a metadata container" },

    { "a container in other words as a name of a user",
      "user traits;container user_metadata traits;",
      "name \"traits\" in \"user\" is that of a metadata container" },

    { "metadata as a name of a user",
      "user id m;merge m into app_metadata;",
      "name \"m\" in \"user\" is that of a metadata container" },

    { "a name of a user twice",
      "user id uid id;",
      "name \"id\" is in \"user\" twice" },

    { "a user of an empty name",
      "user '';",
      "invalid name \"\" in \"user\", expected at least one character" },

    { "an identity of an empty name",
      "identity a '';",
      "invalid name \"\" in \"identity\", expected at least one character" },

    { "an empty old name",
      "rename '' a;",
      "invalid name \"\" in \"rename\", expected at least one character" },

    { "an empty new name",
      "rename a '';",
      "invalid name \"\" in \"rename\", expected at least one character" },

    { "an empty path of a provider",
      "provider_from '';",
      "invalid name \"\" in \"provider_from\", expected at least one "
      "character" },

    { "an empty path that is lifted",
      "lift '';",
      "invalid name \"\" in \"lift\", expected at least one character" },

    { "an empty path that is merged",
      "merge '' into app_metadata;",
      "invalid name \"\" in \"merge\", expected at least one character" },

    { "an empty path that is unwrapped",
      "unwrap '';",
      "invalid name \"\" in \"unwrap\", expected at least one character" },

    { "a container of an empty name",
      "container user_metadata '';",
      "invalid name \"\" in \"container\", expected at least one character" },

    { "writable of an empty name",
      "writable '' on=update;",
      "invalid name \"\" in \"writable\", expected at least one character" },

    { "an option of an empty name",
      "option '';",
      "invalid name \"\" in \"option\", expected at least one character" },

    { "a provider of an empty name",
      "provider '' a;",
      "invalid provider \"\", expected at least one character" },

    { "provider_from twice",
      "provider_from a;provider_from b;",
      "\"provider_from\" is duplicate, first in test:1" },

    { "a root attribute that is lifted",
      "lift a;",
      "invalid path \"a\" in \"lift\", expected that of a member inside an "
      "object" },

    { "two of one name lifted",
      "lift a.x;lift b.x;",
      "name \"x\" is lifted twice, first in test:1" },

    { "an id that is lifted",
      "lift a.user_id;",
      "\"user_id\" in \"lift\" has a meaning at the root" },

    { "a container that is lifted",
      "lift a.app_metadata;",
      "\"app_metadata\" in \"lift\" has a meaning at the root" },

    { "what is lifted before it is known as a container",
      "lift a.b a.c;merge b into app_metadata;container user_metadata c;",
      "\"b\" in \"lift\" has a meaning at the root" },

    { "what is lifted out of an attribute of its name",
      "lift a.b.a;",
      "\"a.b.a\" cannot be lifted to the root, where \"a\" is what it is "
      "lifted from" },

    { "a token that is lifted",
      "lift a.T_oken;identity_drop token;",
      "\"T_oken\" in a path of \"lift\" or \"merge\" is left out by "
      "\"identity_drop\"" },

    { "something in a token that is merged",
      "identity_drop token;merge token.token.a into app_metadata;",
      "\"token\" in a path of \"lift\" or \"merge\" is left out by "
      "\"identity_drop\"" },

    { "something of identities under their other name that is lifted",
      "lift Logins.x;rename log_ins identities;",
      "\"Logins\" are identities, of which nothing can be lifted or merged" },

    { "the same the other way round",
      "rename log_ins identities;merge Logins.x into app_metadata;",
      "\"Logins.x\" is of identities, which stay as they are" },

    { "something of identities that is lifted",
      "lift identities.x;",
      "\"identities.x\" is of identities, which stay as they are" },

    { "something of identities in other letters that is merged",
      "merge Identities_.x into app_metadata;",
      "\"Identities_.x\" is of identities, which stay as they are" },

    { "a path said twice",
      "lift a.x;drop a.x;",
      "path \"a.x\" is claimed twice, first in test:1" },

    { "a path below one that is dropped",
      "drop a;lift a.x;",
      "a path of \"lift\" is below one that is dropped, first in test:1" },

    { "a path below a path that is dropped",
      "merge a.x.y into app_metadata;drop a.x;",
      "a path of \"merge\" is below one that is dropped, first in test:2" },

    { "a lift below a lift",
      "lift a.x.y;lift a.x;",
      "a path of \"lift\" is below one that is lifted, first in test:2" },

    { "merge without into",
      "merge a b app_metadata;",
      "invalid \"merge\", expected \"merge PATH... into "
      "app_metadata|user_metadata [write]\"" },

    { "merge into something else",
      "merge a into metadata;",
      "invalid \"merge\", expected \"merge PATH... into "
      "app_metadata|user_metadata [write]\"" },

    { "merge of nothing",
      "merge into app_metadata write;",
      "invalid \"merge\", expected \"merge PATH... into "
      "app_metadata|user_metadata [write]\"" },

    { "merge of a container",
      "merge user_metadata into app_metadata;",
      "name \"user_metadata\" is that of a metadata container" },

    { "a path merged into one container twice",
      "merge a a into app_metadata;",
      "path \"a\" is merged already, first in test:1" },

    { "a path merged into both containers",
      "merge a into app_metadata;merge a into user_metadata;",
      "path \"a\" is merged already, first in test:1" },

    { "a path of two names merged twice",
      "merge a.x into app_metadata;merge b a.x into app_metadata;",
      "path \"a.x\" is merged already, first in test:1" },

    { "what is merged by default merged twice",
      "merge metadata into app_metadata;merge metadata into app_metadata;",
      "path \"metadata\" is merged already, first in test:1" },

    { "merge of a name that is claimed",
      "identity a;merge a into app_metadata;",
      "name \"a\" is claimed twice, first in test:1" },

    { "write of two paths",
      "merge a b into app_metadata write;",
      "invalid \"write\", expected one path before \"into\"" },

    { "write twice",
      "merge a into app_metadata write;merge b into app_metadata write;",
      "\"write\" of \"app_metadata\" is duplicate, first in test:1" },

    { "write of an object inside that of another write",
      "merge a into app_metadata write;merge a.b into user_metadata write;",
      "the paths of two \"write\" are one below the other" },

    { "writable is a container",
      "writable user_metadata;",
      "name \"user_metadata\" is that of a metadata container, which is "
      "written without a statement" },

    { "writable is a container for one provider",
      "provider p;writable app_metadata for=p on=update;",
      "name \"app_metadata\" is that of a metadata container, which is "
      "written without a statement" },

    { "writable is a container in other words",
      "writable traits;container user_metadata traits;",
      "name \"traits\" is that of a metadata container, which is written "
      "without a statement" },

    { "an option that is a container",
      "option app_metadata;",
      "name \"app_metadata\" is that of a metadata container, which is "
      "written without a statement" },

    { "option of another call",
      "option a with=read;",
      "invalid \"with=read\", expected \"with=create\", \"with=email\", "
      "\"with=password\", \"with=attributes\" or \"with=metadata\"" },

    { "option of two names under one",
      "option a b as=c with=email;",
      "invalid \"option\", expected \"option NAME... [with=CALL]\" or "
      "\"option NAME as=OTHER with=CALL\"" },

    { "option under another name without a call",
      "option a as=c;",
      "invalid \"option\", expected \"option NAME... [with=CALL]\" or "
      "\"option NAME as=OTHER with=CALL\"" },

    { "option of nothing",
      "option with=email;",
      "invalid \"option\", expected \"option NAME... [with=CALL]\" or "
      "\"option NAME as=OTHER with=CALL\"" },

    { "option under no name",
      "option a as=;",
      "invalid \"option\", expected \"option NAME... [with=CALL]\" or "
      "\"option NAME as=OTHER with=CALL\"" },

    { "option of two parameters",
      "option a with=create with=email;",
      "invalid \"option\", expected \"option NAME... [with=CALL]\" or "
      "\"option NAME as=OTHER with=CALL\"" },

    { "option under the name of an attribute",
      "writable email; option a as=email with=attributes;",
      "\"email\" and \"a\" are both written as \"email\"" },

    { "option under the name of another",
      "option a as=x with=create; option b as=x with=create;",
      "\"a\" and \"b\" are both written as \"x\"" },

    { "option under the name of metadata",
      "merge data.p into user_metadata write; option a as=data with=create;",
      "\"a\" is written as \"data\", where metadata is" },

    { "writable is metadata",
      "merge p into user_metadata write; writable p;",
      "\"p\" is written as \"p\", where metadata is" },

    { "writable under its two names",
      "rename old new; writable old on=create; writable new;",
      "\"new\" and \"old\" are both written as \"old\"" },

    { "unwrap of other values",
      "unwrap a values=text;",
      "invalid \"values=text\", expected one \"values=any\" behind the "
      "paths" },

    { "option of two calls",
      "option a b with=email;option b with=create;",
      "option \"b\" goes up with another call already" },

    { "option under the name of what is writable",
      "writable a;option b as=a with=create;",
      "\"a\" and \"b\" are both written as \"a\"" },

    { "option under the old name of what is writable",
      "rename old a;writable a on=update;option b as=old with=attributes;",
      "\"a\" and \"b\" are both written as \"old\"" },

    { "option under the name of another",
      "option b as=a with=create;option a;",
      "\"a\" and \"b\" are both written as \"a\"" },

    { "two options under one name",
      "option a as=x with=email;option b as=x with=email;",
      "\"a\" and \"b\" are both written as \"x\"" },

    { "option under the name of an object",
      "merge m into app_metadata write;option a as=m with=create;",
      "\"a\" is written as \"m\", where metadata is" },

    { "option under the name of a container",
      "option a as=app_metadata with=create;",
      "\"a\" is written as \"app_metadata\", where metadata is" },

    { "values=any of nothing",
      "unwrap values=any;",
      "invalid \"values=any\", expected a path before it" },

    { "a star between names",
      "unwrap b.*.c;",
      "invalid path \"b.*.c\" in \"unwrap\", expected a star as its last "
      "name, behind a dot, or a pattern \"~regex\"" },

    { "a star alone",
      "unwrap *;",
      "invalid path \"*\" in \"unwrap\", expected a star as its last name, "
      "behind a dot, or a pattern \"~regex\"" },

    { "a star behind another",
      "unwrap a.*.*;",
      "invalid path \"a.*.*\" in \"unwrap\", expected a star as its last "
      "name, behind a dot, or a pattern \"~regex\"" },

    { "a star in a name",
      "unwrap a.b*;",
      "invalid path \"a.b*\" in \"unwrap\", expected a star as its last "
      "name, behind a dot, or a pattern \"~regex\"" },

    { "a star behind a dot of a name",
      "unwrap 'a\\\\.*';",
      "invalid path \"a\\.*\" in \"unwrap\", expected a star as its last "
      "name, behind a dot, or a pattern \"~regex\"" },

    { "a pattern of paths that is none",
      "unwrap ~(;",
      "invalid pattern \"~(\" at 1: " },

    { "container of another name",
      "container metadata x;",
      "invalid container \"metadata\", expected \"app_metadata\" or "
      "\"user_metadata\"" },

    { "a container whose name has a dot",
      "container user_metadata a.b;",
      "invalid name \"a.b\" of a container, expected one without a dot" },

    { "container twice",
      "container app_metadata a;container app_metadata b;",
      "\"container app_metadata\" is duplicate, first in test:1" },

    { "one name of both containers",
      "container app_metadata a;container user_metadata a;",
      "name \"a\" is that of a metadata container" },

    { "a container of a name that is claimed",
      "drop a;container app_metadata a;",
      "name \"a\" is claimed twice, first in test:1" }
};


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        test_add(mistakes[i].name, test_mistake, &mistakes[i]);
    }

    return test_run();
}
