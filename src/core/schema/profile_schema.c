
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/schema/profile_schema.h"
#include "core/schema/profile_schema_pattern.h"
#include "core/schema/profile_schema_table.h"
#include "core/schema/profile_schema_write.h"


static profile_reason_e profile_schema_class_pattern(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_name_t *name,
    profile_class_t *class);
static int profile_schema_class_prefix(const profile_schema_t *s,
    const profile_name_t *name, profile_class_t *class);
static const profile_statement_t *profile_schema_provides(
    const profile_schema_t *s, const profile_entry_t *e,
    const profile_provider_t *provider);
static const profile_provider_t *profile_schema_provider_caseless(
    const profile_schema_t *s, const u_char *data, size_t len);
static int profile_schema_same_folded(const u_char *a, const u_char *b,
    size_t len);
static int profile_schema_is_plain(const u_char *data, size_t len);


static const profile_str_t  profile_containers[] = {
    profile_string("app_metadata"),
    profile_string("user_metadata"),
    profile_string("metadata")
};


const profile_str_t *
profile_schema_container_name(profile_container_e container)
{
    return &profile_containers[container];
}


int
profile_schema_container(const profile_str_t *word,
    profile_container_e *container)
{
    profile_container_e  c;

    for (c = PROFILE_APP_METADATA; c <= PROFILE_USER_METADATA; c++) {

        if (profile_str_eq(&profile_containers[c], word->data, word->len)) {
            *container = c;
            return 0;
        }
    }

    return -1;
}


uint32_t
profile_schema_hash(const profile_schema_t *s, const u_char *data, size_t len)
{
    return profile_names_hash(&s->seed, data, len);
}


const profile_known_t *
profile_schema_known(const profile_schema_t *s)
{
    return &s->known;
}


uint32_t
profile_schema_nnames(const profile_schema_t *s)
{
    return s->nentries;
}


void
profile_schema_name(const profile_schema_t *s, profile_name_t *name,
    const u_char *data, size_t len)
{
    name->data = data;
    name->len = len;
    name->lone = 0;

    name->number = profile_known_number(&s->known, data, len);
    name->hash = profile_names_hash(&s->seed, data, len);
}


int
profile_schema_name_read(const profile_schema_t *s, const profile_alloc_t *a,
    profile_buf_t *unescaped, const u_char *text, size_t len, int escaped,
    profile_name_t *name)
{
    unsigned  flags;

    if (!escaped) {
        profile_schema_name(s, name, text, len);
        return 0;
    }

    if (profile_text_plain(a, unescaped, text, len, &flags) != 0) {
        return -1;
    }

    profile_schema_name(s, name, unescaped->data, unescaped->len);
    name->lone = (flags & PROFILE_NAME_LONE) ? 1 : 0;

    return 0;
}


const profile_provider_t *
profile_schema_provider(const profile_schema_t *s, const u_char *id,
    size_t len)
{
    const u_char  *bar;

    bar = memchr(id, '|', len);
    if (bar == NULL) {
        return NULL;
    }

    return profile_schema_provider_named(s, id, bar - id);
}


const profile_provider_t *
profile_schema_provider_named(const profile_schema_t *s, const u_char *data,
    size_t len)
{
    profile_name_t  name;

    name.data = data;
    name.len = len;

    profile_names_look_up(&s->provider_names, &s->seed, &name);

    return name.number ? s->providers[name.number - 1] : NULL;
}


const profile_str_t *
profile_schema_provider_name(const profile_provider_t *p)
{
    return &p->text;
}


profile_reason_e
profile_schema_class(profile_matcher_t *m, const profile_provider_t *provider,
    const profile_name_t *name, profile_class_t *class)
{
    const profile_entry_t   *e;
    const profile_schema_t  *s;

    s = m->schema;
    e = profile_schema_table_find(s, name);

    class->statement = e ? e->statement : NULL;
    class->renamed = 0;
    class->exact = 0;
    class->prefixed = 0;
    class->stored = 0;

    switch (e ? e->claim : PROFILE_CLAIM_PREFIX) {

    case PROFILE_CLAIM_CONTAINER:
        class->kind = PROFILE_CLASS_CONTAINER;
        class->container = e->container;
        return PROFILE_OK;

    case PROFILE_CLAIM_DROP:
        class->kind = PROFILE_CLASS_DROP;
        return PROFILE_OK;

    case PROFILE_CLAIM_RENAME:
        class->kind = PROFILE_CLASS_RENAME;
        class->name = s->entries[e->new_name].name;
        class->renamed = 1;
        return PROFILE_OK;

    case PROFILE_CLAIM_IDENTITY:
        class->kind = PROFILE_CLASS_IDENTITY;

        if (e->way) {
            class->stored = (profile_schema_write_stored(s, provider, name)
                             != 0);
        }

        return PROFILE_OK;

    case PROFILE_CLAIM_METADATA:
        class->kind = PROFILE_CLASS_METADATA;
        class->container = e->container;
        class->exact = 1;
        return PROFILE_OK;

    case PROFILE_CLAIM_PREFIX:

        if (profile_schema_class_prefix(s, name, class)) {
            return PROFILE_OK;
        }

        break;

    default: /* PROFILE_CLAIM_NONE */

        class->statement = profile_schema_provides(s, e, provider);

        if (class->statement) {
            class->kind = PROFILE_CLASS_PROVIDER;
            return PROFILE_OK;
        }
    }

    return profile_schema_class_pattern(m, provider, name, class);
}


static profile_reason_e
profile_schema_class_pattern(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_name_t *name,
    profile_class_t *class)
{
    profile_reason_e          rc;
    const profile_pattern_t  *p;

    class->kind = PROFILE_CLASS_PROVIDER;

    rc = profile_schema_pattern_provider(m, provider, name,
                                         PROFILE_PATTERN_EXACT, &p);
    if (rc != PROFILE_OK) {
        return rc;
    }

    if (p) {
        class->statement = p->statement;
        return PROFILE_OK;
    }

    return profile_schema_class_rest(m, name, class);
}


/* M2.8, M2.9 */

profile_reason_e
profile_schema_class_rest(profile_matcher_t *m, const profile_name_t *name,
    profile_class_t *class)
{
    profile_reason_e          rc;
    const profile_schema_t   *s;
    const profile_pattern_t  *p;

    s = m->schema;
    class->kind = PROFILE_CLASS_METADATA;

    rc = profile_schema_pattern_find(m, s->metadata, name,
                                     PROFILE_PATTERN_EXACT, &p);
    if (rc != PROFILE_OK) {
        return rc;
    }

    if (p == NULL) {
        class->kind = s->default_root ? PROFILE_CLASS_ROOT
                                      : PROFILE_CLASS_METADATA;
        class->container = s->default_container;
        class->statement = s->default_said;

        return PROFILE_OK;
    }

    class->container = p->container;
    class->statement = p->statement;

    if (p->renames) {
        profile_schema_name(s, &class->name, m->name.data, m->name.len);
        class->renamed = 1;
    }

    return PROFILE_OK;
}


static int
profile_schema_class_prefix(const profile_schema_t *s,
    const profile_name_t *name, profile_class_t *class)
{
    size_t               len, longest;
    profile_container_e  c;

    longest = 0;

    for (c = PROFILE_APP_METADATA; c <= PROFILE_USER_METADATA; c++) {
        len = profile_schema_table_prefixed(s, name, c);

        if (len > longest) {
            longest = len;
            class->container = c;
        }
    }

    if (longest == 0) {
        return 0;
    }

    class->kind = PROFILE_CLASS_METADATA;
    class->statement = s->prefix[class->container].statement;
    class->renamed = 1;
    class->prefixed = 1;

    profile_schema_name(s, &class->name, name->data + longest,
                        name->len - longest);
    class->name.lone = name->lone;

    return 1;
}


static const profile_statement_t *
profile_schema_provides(const profile_schema_t *s, const profile_entry_t *e,
    const profile_provider_t *provider)
{
    const profile_statement_t  *st;

    st = provider ? profile_schema_table_provided(s, provider, e) : NULL;

    return st ? st : e->every_provider;
}


const profile_provider_t *
profile_schema_provider_any(const profile_schema_t *s)
{
    return &s->any;
}


const profile_provider_t *
profile_schema_provider_judge(const profile_schema_t *s, const u_char *id,
    size_t len)
{
    const u_char              *bar;
    const profile_provider_t  *p;

    bar = memchr(id, '|', len);

    if (bar) {
        len = bar - id;
        p = profile_schema_provider_caseless(s, id, len);

        if (p) {
            return p;
        }
    }

    /* without a bar it is no provider's id, but a backend may see one */

    return profile_schema_is_plain(id, len) ? NULL : &s->any;
}


profile_reason_e
profile_schema_provider_judge_connection(profile_matcher_t *m,
    const u_char *data, size_t len, const profile_provider_t **provider)
{
    uint32_t                 i;
    const profile_schema_t  *s;

    s = m->schema;
    *provider = profile_schema_provider_caseless(s, data, len);

    if (*provider) {
        return PROFILE_OK;
    }

    if (profile_reading_parse(&m->alloc, &m->reading, data, len) != 0) {
        return PROFILE_NO_MEMORY;
    }

    for (i = 0; i < s->nproviders; i++) {

        if ((m->reading.wide || s->providers[i]->target.wide)
            && profile_reading_is(&m->reading, &s->providers[i]->target,
                                  &m->steps))
        {
            *provider = &s->any;
            break;
        }
    }

    return PROFILE_OK;
}


/* the provider of this name, or else one of the same name in another case */

static const profile_provider_t *
profile_schema_provider_caseless(const profile_schema_t *s,
    const u_char *data, size_t len)
{
    uint32_t                   i;
    const profile_provider_t  *p;

    p = profile_schema_provider_named(s, data, len);

    for (i = 0; p == NULL && i < s->nproviders; i++) {

        if (s->providers[i]->text.len == len
            && profile_schema_same_folded(s->providers[i]->text.data, data,
                                          len))
        {
            p = s->providers[i];
        }
    }

    return p;
}


static int
profile_schema_same_folded(const u_char *a, const u_char *b, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        if (profile_schema_table_lower(a[i])
            != profile_schema_table_lower(b[i]))
        {
            return 0;
        }
    }

    return 1;
}


/* nothing that a backend could decode, normalize, trim or drop */

static int
profile_schema_is_plain(const u_char *data, size_t len)
{
    u_char  c;
    size_t  i;

    for (i = 0; i < len; i++) {
        c = profile_schema_table_lower(data[i]);

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
              || c == '.' || c == '_' || c == '-'))
        {
            return 0;
        }
    }

    return len != 0;
}


int
profile_schema_identity_drop(const profile_schema_t *s,
    const profile_name_t *name)
{
    u_char                first;
    size_t                i, n;
    const profile_str_t  *drop;

    first = name->len ? name->data[0] : '_';

    if (s->finished && first != '_' && first < 0x80
        && !s->drop_first[profile_schema_table_lower(first)])
    {
        return 0;
    }

    drop = (profile_str_t *) s->identity_drops.data;
    n = s->identity_drops.len / sizeof(profile_str_t);

    for (i = 0; i < n; i++) {
        if (profile_str_eq(&drop[i], name->data, name->len)
            || profile_schema_alike(&drop[i], name->data, name->len))
        {
            return 1;
        }
    }

    return 0;
}


int
profile_schema_has_identity_drop(const profile_schema_t *s)
{
    return s->identity_drops.len != 0;
}


int
profile_schema_writable(const profile_schema_t *s,
    const profile_provider_t *provider, profile_action_e action,
    const profile_name_t *name)
{
    const profile_entry_t  *e;

    e = profile_schema_table_find(s, name);

    if (e == NULL) {
        return 0;
    }

    return (e->every_writable & (1 << action))
           || (provider
               && profile_schema_table_has_bit(&e->writable[action],
                                               provider->index));
}


int
profile_schema_option(const profile_schema_t *s, const profile_name_t *name)
{
    const profile_entry_t  *e;

    e = profile_schema_table_find(s, name);

    return e && e->option;
}


int
profile_schema_reserved(const profile_schema_t *s, const profile_name_t *name)
{
    const profile_entry_t  *e;

    e = profile_schema_table_find(s, name);

    return e && e->reserved;
}


int
profile_schema_has_forbidden(const profile_schema_t *s)
{
    return s->forbidden;
}


const profile_name_t *
profile_schema_forbidden(const profile_schema_t *s, const profile_name_t *name)
{
    const profile_entry_t  *e;

    e = profile_schema_table_find(s, name);

    return (e && e->forbidden) ? &e->name : NULL;
}


int
profile_schema_strict_names(const profile_schema_t *s)
{
    return s->strict_names;
}


profile_container_e
profile_schema_default(const profile_schema_t *s)
{
    return s->default_container;
}


int
profile_schema_omit_null(const profile_schema_t *s)
{
    return s->omit_null;
}


const profile_str_t *
profile_schema_prefix(const profile_schema_t *s, profile_container_e container)
{
    return &s->prefix[container].text;
}


int
profile_schema_knows(const profile_schema_t *s, const profile_name_t *name)
{
    return profile_schema_table_find(s, name) != NULL;
}


const profile_str_t *
profile_schema_error(profile_schema_t *s)
{
    return &s->error;
}


uint64_t
profile_schema_fingerprint(const profile_schema_t *s)
{
    return s->fingerprint;
}


size_t
profile_schema_version(u_char *text)
{
    return profile_schema_pattern_version(text);
}
