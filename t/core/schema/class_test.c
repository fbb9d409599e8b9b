
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "schema/class_test.h"


profile_reason_e
test_class_of(const profile_schema_t *s, const char *id, const u_char *data,
    size_t len, unsigned lone, char *text, const profile_statement_t **st)
{
    profile_name_t      name;
    profile_class_t     class;
    profile_reason_e    rc;
    profile_matcher_t  *m;

    static const char *const  kinds[] = {
        "container", "drop", "rename", "identity", "metadata", "provider",
        "root"
    };

    m = profile_matcher_create(s, &test_alloc);
    assert_non_null(m);

    profile_schema_name(s, &name, data, len);
    name.lone = lone;

    rc = profile_schema_class(m, id ? profile_schema_provider(s,
                                      (const u_char *) id, strlen(id)) : NULL,
                              &name, &class);

    if (rc != PROFILE_OK) {
        profile_matcher_destroy(m);
        return rc;
    }

    text += sprintf(text, "%s", kinds[class.kind]);

    if (class.kind == PROFILE_CLASS_CONTAINER
        || class.kind == PROFILE_CLASS_METADATA)
    {
        text += sprintf(text, " %s",
                        profile_schema_container_name(class.container)->data);
    }

    text += sprintf(text, "%s%s", class.exact ? " exact" : "",
                    class.prefixed ? " prefix" : "");

    if (class.renamed) {
        (void) sprintf(text, " as %.*s%s", (int) class.name.len,
                       class.name.data, class.name.lone ? " alone" : "");

        assert_int_equal(class.name.hash,
                         profile_schema_hash(s, class.name.data,
                                             class.name.len));
    }

    profile_matcher_destroy(m);

    *st = class.statement;

    return PROFILE_OK;
}


void
test_class_is(const profile_schema_t *s, const char *id, const char *name,
    const char *expected, const profile_statement_t **st)
{
    char  text[512];

    assert_int_equal(test_class_of(s, id, (const u_char *) name, strlen(name),
                                   0, text, st),
                     PROFILE_OK);
    assert_string_equal(text, expected);
}


void
test_statement_is(const profile_statement_t *st, const char *expected,
    size_t line)
{
    char    text[512];
    size_t  i, len;

    if (*expected == '\0') {
        assert_null(st);
        return;
    }

    assert_non_null(st);

    len = 0;

    for (i = 0; i < st->n; i++) {
        len += sprintf(text + len, "%.*s%s", (int) st->words[i].len,
                       st->words[i].data, i + 1 < st->n ? " " : ";");
    }

    assert_string_equal(text, expected);
    assert_int_equal(st->line, line);
    assert_true(profile_str_eq(&st->file, "test", 4));
}
