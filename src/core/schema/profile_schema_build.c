
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_utf8.h"
#include "core/schema/profile_schema.h"
#include "core/schema/profile_schema_build.h"
#include "core/schema/profile_schema_mistake.h"
#include "core/schema/profile_schema_pattern.h"
#include "core/schema/profile_schema_shape_build.h"
#include "core/schema/profile_schema_table.h"
#include "core/schema/profile_schema_write.h"


typedef struct {
    profile_str_t         name;
    size_t                min;           /* words, its name among them */
    size_t                max;
    int                   named;         /* no word of it may be empty */
    int                 (*handler)(profile_schema_t *s,
                                   const profile_str_t *words, size_t n);
    const char           *usage;
} profile_syntax_t;


static int profile_schema_build_identity(profile_schema_t *s,
    const profile_str_t *words, size_t n);
static int profile_schema_build_rename(profile_schema_t *s,
    const profile_str_t *words, size_t n);
static int profile_schema_build_provide(profile_schema_t *s,
    const profile_str_t *words, size_t n);
static int profile_schema_build_metadata(profile_schema_t *s,
    const profile_str_t *words, size_t n);
static int profile_schema_build_metadata_prefix(profile_schema_t *s,
    const profile_str_t *words, size_t n);
static int profile_schema_build_default(profile_schema_t *s,
    const profile_str_t *words, size_t n);
static int profile_schema_build_null_metadata(profile_schema_t *s,
    const profile_str_t *words, size_t n);
static int profile_schema_build_metadata_names(profile_schema_t *s,
    const profile_str_t *words, size_t n);
static int profile_schema_build_flag(profile_schema_t *s,
    const profile_str_t *words, size_t n);
static int profile_schema_build_keyword(profile_schema_t *s,
    const profile_str_t *words, const char *first, const char *second,
    const profile_statement_t **said);


static const profile_syntax_t  profile_statements[] = {

    { profile_string("identity"), 2, SIZE_MAX, 1,
      profile_schema_build_identity, "NAME..." },

    { profile_string("rename"), 3, 3, 1,
      profile_schema_build_rename, "OLD NEW" },

    { profile_string("drop"), 2, SIZE_MAX, 0,
      profile_schema_shape_build_drop, "PATH..." },

    { profile_string("user"), 2, PROFILE_USER_NAMES + 1, 1,
      profile_schema_shape_build_user, "NAME..." },

    { profile_string("provider_from"), 2, SIZE_MAX, 1,
      profile_schema_shape_build_provider_from, "PATH|user_id..." },

    { profile_string("lift"), 2, SIZE_MAX, 1,
      profile_schema_shape_build_lift, "PATH..." },

    { profile_string("merge"), 4, SIZE_MAX, 1,
      profile_schema_shape_build_merge,
      "PATH... into app_metadata|user_metadata [write]" },

    { profile_string("unwrap"), 2, SIZE_MAX, 1,
      profile_schema_shape_build_unwrap,
      "PATH|PATH.*|~regex... [values=any]" },

    { profile_string("container"), 3, 3, 1,
      profile_schema_shape_build_container,
      "app_metadata|user_metadata NAME" },

    { profile_string("provider"), 2, SIZE_MAX, 0,
      profile_schema_build_provide, "ID [NAME|~regex...]" },

    { profile_string("user_metadata"), 2, SIZE_MAX, 0,
      profile_schema_build_metadata, "NAME|~regex... [as=REPL]" },

    { profile_string("app_metadata"), 2, SIZE_MAX, 0,
      profile_schema_build_metadata, "NAME|~regex... [as=REPL]" },

    { profile_string("metadata_prefix"), 3, 3, 0,
      profile_schema_build_metadata_prefix,
      "app_metadata|user_metadata PREFIX" },

    { profile_string("default"), 2, 2, 0,
      profile_schema_build_default, "app_metadata|user_metadata|root" },

    { profile_string("identity_drop"), 2, SIZE_MAX, 0,
      profile_schema_build_flag, "NAME..." },

    { profile_string("null_metadata"), 2, 2, 0,
      profile_schema_build_null_metadata, "keep|omit" },

    { profile_string("writable"), 2, SIZE_MAX, 1,
      profile_schema_write_build,
      "NAME... [for=ID,ID...] [on=create|update] [via=CALL]" },

    { profile_string("option"), 2, SIZE_MAX, 1,
      profile_schema_write_build_option,
      "NAME... [as=OTHER] [with=CALL]" },

    { profile_string("reserved"), 2, SIZE_MAX, 0,
      profile_schema_build_flag, "NAME..." },

    { profile_string("forbidden"), 2, SIZE_MAX, 0,
      profile_schema_build_flag, "NAME..." },

    { profile_string("metadata_names"), 2, 2, 0,
      profile_schema_build_metadata_names, "any|strict" }
};


int
profile_schema_add(profile_schema_t *s, const profile_str_t *file, size_t line,
    const profile_str_t *words, size_t n)
{
    size_t                   i, j;
    const profile_syntax_t  *syntax;

    for (i = 0; i < sizeof(profile_statements) / sizeof(*syntax); i++) {
        syntax = &profile_statements[i];

        if (!profile_str_eq(&syntax->name, words[0].data, words[0].len)) {
            continue;
        }

        if (n < syntax->min || n > syntax->max) {
            return profile_schema_mistake(s, "invalid number of arguments in "
                                          "\"%s\", expected \"%s %s\"",
                                          syntax->name.data, syntax->name.data,
                                          syntax->usage);
        }

        /* names become JSON (M5.6) */

        for (j = 1; j < n; j++) {
            if (!profile_utf8_is_whole(words[j].data, words[j].len)) {
                return profile_schema_mistake(s, "invalid UTF-8 in \"%.*s\"",
                                              (int) words[j].len,
                                              words[j].data);
            }

            if (syntax->named && words[j].len == 0) {
                return profile_schema_mistake(s, "invalid name \"\" in "
                                              "\"%s\", expected at least "
                                              "one character",
                                              syntax->name.data);
            }
        }

        if (profile_schema_table_keep(s, file, line, words, n) != 0) {
            return -1;
        }

        return syntax->handler(s, s->statement->words, n);
    }

    return profile_schema_mistake(s, "unknown statement \"%.*s\" in a schema",
                                  (int) words[0].len, words[0].data);
}


static int
profile_schema_build_identity(profile_schema_t *s, const profile_str_t *words,
    size_t n)
{
    size_t            i;
    profile_entry_t  *e;

    for (i = 1; i < n; i++) {
        e = profile_schema_table_entry(s, &words[i]);
        if (e == NULL) {
            return -1;
        }

        if (e->implicit) {

            if (e->statement == NULL) {
                e->statement = s->statement;
            }

            continue;
        }

        if (profile_schema_table_claim(s, &words[i], PROFILE_CLAIM_IDENTITY,
                                       NULL)
            != 0)
        {
            return -1;
        }
    }

    return 0;
}


static int
profile_schema_build_rename(profile_schema_t *s, const profile_str_t *words,
    size_t n)
{
    uint32_t          index;
    profile_entry_t  *e;

    (void) n;

    e = profile_schema_table_entry(s, &words[2]);
    if (e == NULL) {
        return -1;
    }

    /* user_id and identities are what they are, and may be found elsewhere */

    if (e->implicit && !e->target) {
        e->target = 1;

    } else if (profile_schema_table_claim(s, &words[2],
                                          PROFILE_CLAIM_IDENTITY, &e)
               != 0)
    {
        return -1;
    }

    index = e - s->entries;

    if (profile_schema_table_claim(s, &words[1], PROFILE_CLAIM_RENAME, &e)
        != 0)
    {
        return -1;
    }

    e->new_name = index;
    s->entries[index].old_name = e->name.number;

    if (index == PROFILE_NAME_IDENTITIES - 1) {
        s->logins = words[1];
    }

    return 0;
}


static int
profile_schema_build_provide(profile_schema_t *s, const profile_str_t *words,
    size_t n)
{
    size_t               i;
    profile_entry_t     *e;
    profile_provider_t  *p;

    p = NULL;

    if (words[1].len == 0) {
        return profile_schema_mistake(s, "invalid provider \"\", expected at "
                                      "least one character");
    }

    if (!(words[1].len == 1 && words[1].data[0] == '*')) {
        p = profile_schema_table_declare(s, &words[1], 1);
        if (p == NULL) {
            return -1;
        }
    }

    for (i = 2; i < n; i++) {

        if (words[i].len && words[i].data[0] == '~') {
            if (profile_schema_pattern_add(s, p ? &p->last : &s->every_last,
                                           &words[i], 1)
                == NULL)
            {
                return -1;
            }

            continue;
        }

        e = profile_schema_table_entry(s, &words[i]);
        if (e == NULL) {
            return -1;
        }

        if (profile_schema_table_provide(s, p, e) != 0) {
            return -1;
        }
    }

    return 0;
}


static int
profile_schema_build_metadata(profile_schema_t *s, const profile_str_t *words,
    size_t n)
{
    size_t                i;
    profile_str_t         as;
    profile_entry_t      *e;
    profile_pattern_t    *p;
    profile_container_e   c;

    (void) profile_schema_container(&words[0], &c);

    as.data = NULL;
    as.len = 0;

    if (words[n - 1].len >= 3 && memcmp(words[n - 1].data, "as=", 3) == 0) {
        n--;
        as.data = words[n].data + 3;
        as.len = words[n].len - 3;

        if (n != 2 || words[1].len == 0 || words[1].data[0] != '~') {
            return profile_schema_mistake(s,
                           "invalid \"as=%.*s\", expected one pattern "
                           "\"~regex\" before it",
                           (int) as.len, as.data);
        }
    }

    for (i = 1; i < n; i++) {

        if (words[i].len == 0 || words[i].data[0] != '~') {
            if (profile_schema_table_claim(s, &words[i],
                                           PROFILE_CLAIM_METADATA, &e)
                != 0)
            {
                return -1;
            }

            e->container = c;

            continue;
        }

        p = profile_schema_pattern_add(s, &s->metadata_last, &words[i], 0);
        if (p == NULL) {
            return -1;
        }

        p->container = c;

        if (as.data == NULL) {
            continue;
        }

        if (profile_schema_pattern_rename(s, p, &as) != 0) {
            return -1;
        }
    }

    return 0;
}


static int
profile_schema_build_metadata_prefix(profile_schema_t *s,
    const profile_str_t *words, size_t n)
{
    profile_container_e  c;

    (void) n;

    if (profile_schema_container(&words[1], &c) != 0) {
        return profile_schema_mistake(s, "invalid container \"%.*s\", "
                                      "expected \"app_metadata\" or "
                                      "\"user_metadata\"",
                                      (int) words[1].len, words[1].data);
    }

    if (words[2].len == 0) {
        return profile_schema_mistake(s, "invalid prefix \"\", expected at "
                                      "least one character");
    }

    if (s->prefix[c].statement) {
        return profile_schema_mistake_twice(s, s->prefix[c].statement,
                       "\"metadata_prefix %s\" is duplicate",
                       profile_schema_container_name(c)->data);
    }

    if (profile_str_eq(&s->prefix[!c].text, words[2].data, words[2].len)) {
        return profile_schema_mistake_twice(s, s->prefix[!c].statement,
                       "prefix \"%.*s\" is used by the other container",
                       (int) words[2].len, words[2].data);
    }

    s->prefix[c].text = words[2];
    s->prefix[c].statement = s->statement;

    return 0;
}


static int
profile_schema_build_default(profile_schema_t *s, const profile_str_t *words,
    size_t n)
{
    (void) n;

    if (s->default_said) {
        return profile_schema_mistake_twice(s, s->default_said,
                                            "\"default\" is duplicate");
    }

    s->default_said = s->statement;

    if (profile_str_eq(&words[1], "root", 4)) {
        s->default_root = 1;
        return 0;
    }

    if (profile_schema_container(&words[1], &s->default_container) != 0) {
        return profile_schema_mistake(s, "invalid value \"%.*s\" in "
                                      "\"default\", expected "
                                      "\"app_metadata\", \"user_metadata\" "
                                      "or \"root\"",
                                      (int) words[1].len, words[1].data);
    }

    return 0;
}


static int
profile_schema_build_null_metadata(profile_schema_t *s,
    const profile_str_t *words, size_t n)
{
    int  rc;

    (void) n;

    rc = profile_schema_build_keyword(s, words, "keep", "omit",
                                      &s->null_said);
    if (rc < 0) {
        return -1;
    }

    s->omit_null = rc;

    return 0;
}


static int
profile_schema_build_metadata_names(profile_schema_t *s,
    const profile_str_t *words, size_t n)
{
    int  rc;

    (void) n;

    rc = profile_schema_build_keyword(s, words, "any", "strict",
                                      &s->names_said);
    if (rc < 0) {
        return -1;
    }

    s->strict_names = rc;

    return 0;
}


static int
profile_schema_build_keyword(profile_schema_t *s, const profile_str_t *words,
    const char *first, const char *second, const profile_statement_t **said)
{
    if (*said) {
        return profile_schema_mistake_twice(s, *said, "\"%.*s\" is duplicate",
                                            (int) words[0].len, words[0].data);
    }

    *said = s->statement;

    if (profile_str_eq(&words[1], first, strlen(first))) {
        return 0;
    }

    if (profile_str_eq(&words[1], second, strlen(second))) {
        return 1;
    }

    return profile_schema_mistake(s,
                   "invalid value \"%.*s\" in \"%.*s\", expected \"%s\" or "
                   "\"%s\"",
                   (int) words[1].len, words[1].data,
                   (int) words[0].len, words[0].data, first, second);
}


static int
profile_schema_build_flag(profile_schema_t *s, const profile_str_t *words,
    size_t n)
{
    size_t            i;
    profile_entry_t  *e;

    for (i = 1; i < n; i++) {
        e = profile_schema_table_entry(s, &words[i]);
        if (e == NULL) {
            return -1;
        }

        switch (words[0].data[0]) {

        case 'f': /* forbidden */
            e->forbidden = 1;
            s->forbidden = 1;
            break;

        case 'i': /* identity_drop */

            if (profile_buf_append(&s->alloc, &s->identity_drops, &words[i],
                                   sizeof(profile_str_t))
                != 0)
            {
                return profile_schema_mistake(s, "not enough memory");
            }

            break;

        default: /* reserved */
            e->reserved = 1;
        }
    }

    return 0;
}
