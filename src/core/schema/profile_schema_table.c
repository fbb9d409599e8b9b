
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_schema_mistake.h"
#include "core/schema/profile_schema_table.h"


void
profile_schema_table_unnumbered(const profile_schema_t *s, profile_name_t *name,
    const u_char *data, size_t len)
{
    name->data = data;
    name->len = len;
    name->hash = profile_names_hash(&s->seed, data, len);
    name->number = 0;
    name->lone = 0;
}


/* ASCII case, and the two others that have a fold in ASCII: U+017F, U+212A */

size_t
profile_schema_table_fold(u_char *dst, const u_char *data, size_t len)
{
    u_char        *p;
    const u_char  *last;

    p = dst;

    for (last = data + len; data < last; data++) {

        if (*data >= 'A' && *data <= 'Z') {
            *p++ = *data | 0x20;

        } else if (*data == 0xc5 && last - data > 1 && data[1] == 0xbf) {
            *p++ = 's';
            data++;

        } else if (*data == 0xe2 && last - data > 2
                   && data[1] == 0x84 && data[2] == 0xaa)
        {
            *p++ = 'k';
            data += 2;

        } else {
            *p++ = *data;
        }
    }

    return p - dst;
}


profile_entry_t *
profile_schema_table_entry(profile_schema_t *s, const profile_str_t *word)
{
    int               known;
    u_char           *copy;
    profile_name_t    name;
    profile_entry_t  *e;

    name.data = word->data;
    name.len = word->len;
    name.lone = 0;

    profile_names_look_up(&s->names, &s->seed, &name);

    if (name.number) {
        return &s->entries[name.number - 1];
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

    copy = profile_schema_table_copy(s, word);
    if (copy == NULL) {
        return NULL;
    }

    name.data = copy;

    if (profile_names_add(&s->names, &name, s->nentries, &known) == NULL) {
        s->alloc.free(s->alloc.ctx, copy);
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

    if (e->claim != PROFILE_CLAIM_NONE
        && !(e->implicit && claim == PROFILE_CLAIM_IDENTITY))
    {
        return profile_schema_mistake(s, "name \"%.*s\" is claimed twice",
                                      (int) word->len, word->data);
    }

    e->claim = claim;

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
    uint32_t             *n;
    profile_name_t        name;
    profile_provider_t   *p, **list;

    profile_schema_table_unnumbered(s, &name, word->data, word->len);

    n = profile_names_find(&s->provider_names, &name);

    if (n) {
        p = s->providers[*n];
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

    p->text.data = profile_schema_table_copy(s, word);
    if (p->text.data == NULL) {
        s->alloc.free(s->alloc.ctx, p);
        return NULL;
    }

    p->text.len = word->len;
    p->index = s->nproviders;
    p->last = &p->patterns;
    p->declared = declared;

    list[s->nproviders++] = p;

    name.data = p->text.data;

    if (profile_names_add(&s->provider_names, &name, p->index, &known) == NULL)
    {
        goto no_memory;
    }

    return p;

no_memory:

    (void) profile_schema_mistake(s, "not enough memory");

    return NULL;
}


u_char *
profile_schema_table_copy(profile_schema_t *s, const profile_str_t *word)
{
    u_char  *p;

    p = s->alloc.alloc(s->alloc.ctx, word->len + 1);
    if (p == NULL) {
        (void) profile_schema_mistake(s, "not enough memory");
        return NULL;
    }

    memcpy(p, word->data, word->len);

    return p;
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
