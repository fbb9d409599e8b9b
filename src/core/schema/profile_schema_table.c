
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <stdarg.h>
#include <stdio.h>

#include "core/schema/profile_schema_impl.h"


static int profile_schema_fold_entry(profile_schema_t *s,
    const profile_entry_t *e);


profile_schema_t *
profile_schema_create(const profile_alloc_t *a, const profile_hash_t *seed)
{
    profile_entry_t      *e;
    profile_schema_t     *s;
    profile_container_e   c;

    static const profile_str_t  implicit[] = {
        profile_string("user_id"),
        profile_string("identities")
    };

    s = a->alloc(a->ctx, sizeof(profile_schema_t));
    if (s == NULL) {
        return NULL;
    }

    memset(s, 0, sizeof(profile_schema_t));

    s->alloc = *a;
    s->seed = *seed;
    s->every_last = &s->every_provider;
    s->metadata_last = &s->metadata;

    profile_names_init(&s->names, a, 0);
    profile_names_init(&s->fold_names, a, 0);
    profile_names_init(&s->provider_names, a, 0);

    /* in the order of profile_name_e */

    for (c = PROFILE_APP_METADATA; c <= PROFILE_METADATA; c++) {
        e = profile_schema_entry(s, profile_container_name(c));
        if (e == NULL) {
            goto failed;
        }

        e->claim = PROFILE_CLAIM_CONTAINER;
        e->container = c;
    }

    for (c = 0; c < sizeof(implicit) / sizeof(profile_str_t); c++) {
        e = profile_schema_entry(s, &implicit[c]);
        if (e == NULL) {
            goto failed;
        }

        e->claim = PROFILE_CLAIM_IDENTITY;
        e->implicit = 1;
    }

    return s;

failed:

    profile_schema_destroy(s);

    return NULL;
}


void
profile_schema_destroy(profile_schema_t *s)
{
    uint32_t            i;
    profile_entry_t    *e;
    profile_pattern_t  *p, *next, *lists[2];

    if (s == NULL) {
        return;
    }

    for (i = 0; i < s->nentries; i++) {
        e = &s->entries[i];

        s->alloc.free(s->alloc.ctx, (void *) e->name.data);
        profile_buf_free(&s->alloc, &e->providers);
        profile_buf_free(&s->alloc, &e->writable[PROFILE_CREATE]);
        profile_buf_free(&s->alloc, &e->writable[PROFILE_UPDATE]);
    }

    for (i = 0; i < s->nfolded; i++) {
        s->alloc.free(s->alloc.ctx, (void *) s->folded[i].name.data);
        profile_buf_free(&s->alloc, &s->folded[i].providers);
    }

    for (i = 0; i < s->nproviders; i++) {

        for (p = s->providers[i]->patterns; p; p = next) {
            next = p->next;
            profile_pattern_destroy(s, p);
        }

        s->alloc.free(s->alloc.ctx, (void *) s->providers[i]->text.data);
        s->alloc.free(s->alloc.ctx, s->providers[i]);
    }

    lists[0] = s->every_provider;
    lists[1] = s->metadata;

    for (i = 0; i < 2; i++) {
        for (p = lists[i]; p; p = next) {
            next = p->next;
            profile_pattern_destroy(s, p);
        }
    }

    for (i = 0; i < 2; i++) {
        s->alloc.free(s->alloc.ctx, (void *) s->prefix[i].data);
    }

    profile_pattern_schema_destroy(s);

    profile_names_destroy(&s->names);
    profile_names_destroy(&s->fold_names);
    profile_names_destroy(&s->provider_names);

    s->alloc.free(s->alloc.ctx, s->entries);
    s->alloc.free(s->alloc.ctx, s->folded);
    s->alloc.free(s->alloc.ctx, s->providers);
    s->alloc.free(s->alloc.ctx, s);
}


int
profile_schema_claim(profile_schema_t *s, const profile_str_t *word,
    profile_claim_e claim, profile_entry_t **entry)
{
    profile_entry_t  *e;

    e = profile_schema_entry(s, word);
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


profile_entry_t *
profile_schema_entry(profile_schema_t *s, const profile_str_t *word)
{
    int               known;
    u_char           *copy;
    profile_name_t    name;
    profile_entry_t  *e;

    profile_schema_name(s, &name, word->data, word->len);

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

    copy = profile_schema_copy(s, word);
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


profile_provider_t *
profile_schema_declare(profile_schema_t *s, const profile_str_t *word,
    int declared)
{
    int                   known;
    uint32_t             *n;
    profile_name_t        name;
    profile_provider_t   *p, **list;

    profile_schema_unnumbered(s, &name, word->data, word->len);

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

    p->text.data = profile_schema_copy(s, word);
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
profile_schema_copy(profile_schema_t *s, const profile_str_t *word)
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
profile_bits_set(const profile_alloc_t *a, profile_bits_t *bits, uint32_t n)
{
    static const u_char  zeros[16];

    while (bits->len <= n / 8) {
        if (profile_buf_append(a, bits, zeros, sizeof(zeros)) != 0) {
            return -1;
        }
    }

    bits->data[n / 8] |= 1 << (n % 8);

    return 0;
}


int
profile_schema_finish(profile_schema_t *s)
{
    uint32_t          i;
    profile_entry_t  *e;

    for (i = 0; i < s->nproviders; i++) {

        if (!s->providers[i]->declared) {
            return profile_schema_mistake(s,
                           "unknown provider \"%.*s\" in \"for=\", expected "
                           "the ID of a \"provider\"",
                           (int) s->providers[i]->text.len,
                           s->providers[i]->text.data);
        }
    }

    s->folded = s->alloc.alloc(s->alloc.ctx,
                               s->nentries * sizeof(profile_folded_t));
    if (s->folded == NULL) {
        return profile_schema_mistake(s, "not enough memory");
    }

    for (i = 0; i < s->nentries; i++) {
        e = &s->entries[i];

        /* a prefix wins over providers, not over what claims the name (M2) */

        if (e->claim == PROFILE_CLAIM_NONE
            && (profile_schema_prefixed(s, &e->name, PROFILE_APP_METADATA)
                || profile_schema_prefixed(s, &e->name,
                                           PROFILE_USER_METADATA)))
        {
            e->claim = PROFILE_CLAIM_PREFIX;
        }

        if (profile_schema_fold_entry(s, e) != 0) {
            return -1;
        }
    }

    return 0;
}


/* H5.6: what the class of the exact name refuses, kept by the folded name */

static int
profile_schema_fold_entry(profile_schema_t *s, const profile_entry_t *e)
{
    int                known;
    u_char            *p;
    uint32_t          *n, i;
    profile_name_t     name;
    profile_folded_t  *f;

    if (e->claim == PROFILE_CLAIM_METADATA
        || e->claim == PROFILE_CLAIM_PREFIX
        || (e->claim == PROFILE_CLAIM_CONTAINER
            && e->container != PROFILE_METADATA))
    {
        return 0;
    }

    p = s->alloc.alloc(s->alloc.ctx, e->name.len + 1);
    if (p == NULL) {
        return profile_schema_mistake(s, "not enough memory");
    }

    profile_schema_unnumbered(s, &name, p,
                              profile_schema_fold(p, e->name.data,
                                                  e->name.len));

    n = profile_names_add(&s->fold_names, &name, s->nfolded, &known);

    if (n == NULL || known) {
        s->alloc.free(s->alloc.ctx, p);
    }

    if (n == NULL) {
        return profile_schema_mistake(s, "not enough memory");
    }

    f = &s->folded[*n];

    if (!known) {
        memset(f, 0, sizeof(profile_folded_t));
        f->name = name;
        s->nfolded++;
    }

    if (e->claim != PROFILE_CLAIM_NONE || e->every_provider) {
        f->every_provider = 1;
    }

    for (i = 0; i < s->nproviders; i++) {

        if (profile_bits_test(&e->providers, i)
            && profile_bits_set(&s->alloc, &f->providers, i) != 0)
        {
            return profile_schema_mistake(s, "not enough memory");
        }
    }

    return 0;
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


int
profile_schema_mistake(profile_schema_t *s, const char *fmt, ...)
{
    int      n;
    va_list  args;

    va_start(args, fmt);
    n = vsnprintf(s->error_text, PROFILE_SCHEMA_ERROR, fmt, args);
    va_end(args);

    if (n >= PROFILE_SCHEMA_ERROR) {
        n = PROFILE_SCHEMA_ERROR - 1;
    }

    s->error.data = (u_char *) s->error_text;
    s->error.len = n;

    return -1;
}
