
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_schema_mistake.h"
#include "core/schema/profile_schema_table.h"


profile_entry_t *
profile_schema_table_entry(profile_schema_t *s, const profile_str_t *word)
{
    int               known;
    profile_name_t    name;
    profile_entry_t  *e;

    name.data = word->data;
    name.len = word->len;
    name.lone = 0;

    profile_names_look_up(&s->names, &s->seed, &name);

    if (name.number) {
        return &s->entries[name.number - 1];
    }

    if (s->nentries == PROFILE_NAMES_MAX) {
        (void) profile_schema_mistake(s, "too many names");
        return NULL;
    }

    if (s->nentries == s->entries_size) {
        e = s->alloc.realloc(s->alloc.ctx, s->entries,
                             (s->entries_size * 2 + 64)
                             * sizeof(profile_entry_t));
        if (e == NULL) {
            goto no_memory;
        }

        s->entries = e;
        s->entries_size = s->entries_size * 2 + 64;
    }

    if (profile_names_add(&s->names, &name, s->nentries, &known) == NULL) {
        goto no_memory;
    }

    e = &s->entries[s->nentries++];

    memset(e, 0, sizeof(profile_entry_t));

    e->name = name;
    e->name.number = s->nentries;

    return e;

no_memory:

    (void) profile_schema_mistake(s, "not enough memory");

    return NULL;
}


int
profile_schema_table_keep(profile_schema_t *s, const profile_str_t *file,
    size_t line, const profile_str_t *words, size_t n)
{
    size_t                i, size;
    u_char               *p;
    profile_str_t        *copies;
    profile_statement_t  *st;

    size = sizeof(profile_statement_t) + n * sizeof(profile_str_t);

    for (i = 0; i < n; i++) {
        size += words[i].len;
    }

    st = s->alloc.alloc(s->alloc.ctx, size);
    if (st == NULL) {
        goto no_memory;
    }

    copies = (profile_str_t *) (st + 1);
    p = (u_char *) (copies + n);

    for (i = 0; i < n; i++) {
        copies[i].data = p;
        copies[i].len = words[i].len;

        memcpy(p, words[i].data, words[i].len);
        p += words[i].len;

        s->fingerprint = profile_core_fingerprint(s->fingerprint,
                                                  words[i].data,
                                                  words[i].len);
    }

    s->fingerprint = profile_core_fingerprint(s->fingerprint, NULL, 0);

    st->words = copies;
    st->n = n;
    st->file = *file;
    st->line = line;

    if (profile_buf_append(&s->alloc, &s->statements, &st, sizeof(st)) != 0) {
        s->alloc.free(s->alloc.ctx, st);
        goto no_memory;
    }

    s->statement = st;

    return 0;

no_memory:

    return profile_schema_mistake(s, "not enough memory");
}


int
profile_schema_table_claim(profile_schema_t *s, const profile_str_t *word,
    profile_claim_e claim, profile_entry_t **entry)
{
    profile_entry_t  *e;

    e = profile_schema_table_entry(s, word);
    if (e == NULL) {
        return -1;
    }

    if (e->claim == PROFILE_CLAIM_CONTAINER) {
        return profile_schema_mistake(s, "name \"%.*s\" is that of a metadata "
                                      "container",
                                      (int) word->len, word->data);
    }

    if (e->claim != PROFILE_CLAIM_NONE) {
        return profile_schema_mistake_twice(s, e->statement,
                                            "name \"%.*s\" is claimed twice",
                                            (int) word->len, word->data);
    }

    e->claim = claim;
    e->statement = s->statement;

    if (entry) {
        *entry = e;
    }

    return 0;
}


profile_provider_t *
profile_schema_table_declare(profile_schema_t *s, const profile_str_t *word,
    int declared)
{
    int                   known;
    profile_name_t        name;
    profile_provider_t   *p, **list;

    name.data = word->data;
    name.len = word->len;
    name.lone = 0;

    profile_names_look_up(&s->provider_names, &s->seed, &name);

    if (name.number) {
        p = s->providers[name.number - 1];
        p->declared |= declared;

        return p;
    }

    list = s->alloc.realloc(s->alloc.ctx, s->providers,
                            (s->nproviders + 1) * sizeof(profile_provider_t *));
    if (list == NULL) {
        goto no_memory;
    }

    s->providers = list;

    p = s->alloc.alloc(s->alloc.ctx, sizeof(profile_provider_t));
    if (p == NULL) {
        goto no_memory;
    }

    memset(p, 0, sizeof(profile_provider_t));

    p->text = *word;
    p->index = s->nproviders;
    p->last = &p->patterns;
    p->declared = declared;

    list[s->nproviders++] = p;

    if (profile_names_add(&s->provider_names, &name, p->index, &known) == NULL)
    {
        goto no_memory;
    }

    return p;

no_memory:

    (void) profile_schema_mistake(s, "not enough memory");

    return NULL;
}


int
profile_schema_table_provide(profile_schema_t *s, profile_provider_t *p,
    profile_entry_t *e)
{
    uint32_t  i, *n;

    static const u_char  zeros[64 * sizeof(uint32_t)];

    if (p == NULL) {

        if (e->every_provider == NULL) {
            e->every_provider = s->statement;
        }

        return 0;
    }

    i = e->name.number - 1;

    while (p->names.len / sizeof(uint32_t) <= i) {
        if (profile_buf_append(&s->alloc, &p->names, zeros, sizeof(zeros))
            != 0)
        {
            return profile_schema_mistake(s, "not enough memory");
        }
    }

    n = (uint32_t *) p->names.data + i;

    if (*n == 0) {
        *n = profile_schema_table_nstatements(s);
    }

    return 0;
}


u_char *
profile_schema_table_text(profile_schema_t *s, size_t size)
{
    u_char  *text;

    text = s->alloc.alloc(s->alloc.ctx, size + 1);

    if (text == NULL
        || profile_buf_append(&s->alloc, &s->texts, &text, sizeof(text)) != 0)
    {
        s->alloc.free(s->alloc.ctx, text);
        (void) profile_schema_mistake(s, "not enough memory");

        return NULL;
    }

    return text;
}


int
profile_schema_table_set_bit(profile_schema_t *s, profile_bits_t *bits,
    uint32_t n)
{
    static const u_char  zeros[16];

    while (bits->len <= n / 8) {
        if (profile_buf_append(&s->alloc, bits, zeros, sizeof(zeros)) != 0) {
            return profile_schema_mistake(s, "not enough memory");
        }
    }

    bits->data[n / 8] |= 1 << (n % 8);

    return 0;
}
