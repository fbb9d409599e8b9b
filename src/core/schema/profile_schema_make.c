
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_schema.h"
#include "core/schema/profile_schema_brief.h"
#include "core/schema/profile_schema_make.h"
#include "core/schema/profile_schema_mistake.h"
#include "core/schema/profile_schema_pattern.h"
#include "core/schema/profile_schema_shape.h"
#include "core/schema/profile_schema_shape_finish.h"
#include "core/schema/profile_schema_table.h"
#include "core/schema/profile_schema_write.h"


static int profile_schema_make_folded(profile_schema_t *s,
    const profile_entry_t *e);
static void profile_schema_make_drops(profile_schema_t *s);


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
    s->unwraps_last = &s->unwraps;

    profile_names_init(&s->names, a, 0);
    profile_names_init(&s->fold_names, a, 0);
    profile_names_init(&s->provider_names, a, 0);

    /* in the order of profile_name_e */

    for (c = PROFILE_APP_METADATA; c <= PROFILE_METADATA; c++) {
        e = profile_schema_table_entry(s, profile_schema_container_name(c));
        if (e == NULL) {
            goto failed;
        }

        e->claim = PROFILE_CLAIM_CONTAINER;
        e->container = c;
    }

    for (c = 0; c < sizeof(implicit) / sizeof(profile_str_t); c++) {
        e = profile_schema_table_entry(s, &implicit[c]);
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


int
profile_schema_finish(profile_schema_t *s)
{
    uint32_t              i;
    profile_entry_t      *e;
    profile_container_e   c;

    for (i = 0; i < s->nproviders; i++) {

        if (!s->providers[i]->declared) {
            return profile_schema_mistake(s,
                           "unknown provider \"%.*s\" in \"for=\", expected "
                           "the ID of a \"provider\"",
                           (int) s->providers[i]->text.len,
                           s->providers[i]->text.data);
        }

        if (profile_reading_target(&s->alloc, &s->providers[i]->target,
                                   s->providers[i]->text.data,
                                   s->providers[i]->text.len)
            != 0)
        {
            return profile_schema_mistake(s, "not enough memory");
        }
    }

    s->any.index = s->nproviders;

    if (profile_schema_shape_finish(s) != 0) {
        return -1;
    }

    if (profile_schema_write_finish(s) != 0) {
        return -1;
    }

    s->folded = s->alloc.alloc(s->alloc.ctx,
                               s->nentries * sizeof(profile_folded_t));
    if (s->folded == NULL) {
        return profile_schema_mistake(s, "not enough memory");
    }

    for (i = 0; i < s->nentries; i++) {
        e = &s->entries[i];

        /* objects of metadata may be written, but "metadata" (H5.6) */

        if (profile_schema_shape_holds(s, 0, &e->name, &c)) {
            continue;
        }

        /* a prefix wins over providers, not over what claims the name (M2) */

        if (e->claim == PROFILE_CLAIM_NONE
            && (profile_schema_table_prefixed(s, &e->name,
                                              PROFILE_APP_METADATA)
                || profile_schema_table_prefixed(s, &e->name,
                                                 PROFILE_USER_METADATA)))
        {
            e->claim = PROFILE_CLAIM_PREFIX;
        }

        if (profile_schema_make_folded(s, e) != 0) {
            return -1;
        }
    }

    /* M4.3 is asked of each member of each user */

    for (i = 0; i < s->nentries; i++) {
        e = &s->entries[i];
        e->identities = (profile_schema_shape_is_identities(s, &e->name) != 0);
    }

    profile_schema_make_drops(s);

    if (profile_known_init(&s->known, &s->alloc, s->nentries) != 0
        || profile_schema_brief_make(s) != 0)
    {
        return profile_schema_mistake(s, "not enough memory");
    }

    for (i = 0; i < s->nentries; i++) {
        profile_known_add(&s->known, &s->entries[i].name);
    }

    s->finished = 1;

    return 0;
}


/* H5.6: what the class of the exact name refuses, kept by the folded name */

static int
profile_schema_make_folded(profile_schema_t *s, const profile_entry_t *e)
{
    int                known, root, metadata;
    u_char            *p;
    uint32_t           i;
    profile_name_t     name;
    profile_folded_t  *f;

    root = e->option || e->option_of || profile_schema_write_is_writable(e);

    metadata = (e->claim == PROFILE_CLAIM_METADATA
                || e->claim == PROFILE_CLAIM_PREFIX);

    if (metadata && !root) {
        return 0;
    }

    p = s->alloc.alloc(s->alloc.ctx, e->name.len + 1);
    if (p == NULL) {
        return profile_schema_mistake(s, "not enough memory");
    }

    profile_schema_table_fold(p, e->name.data, e->name.len);

    name.data = p;
    name.len = e->name.len;
    name.lone = 0;

    profile_names_look_up(&s->fold_names, &s->seed, &name);

    if (name.number) {
        s->alloc.free(s->alloc.ctx, p);
        f = &s->folded[name.number - 1];

    } else {

        if (profile_names_add(&s->fold_names, &name, s->nfolded, &known)
            == NULL)
        {
            s->alloc.free(s->alloc.ctx, p);
            return profile_schema_mistake(s, "not enough memory");
        }

        f = &s->folded[s->nfolded++];

        memset(f, 0, sizeof(profile_folded_t));
        f->name = name;

        if (profile_reading_target(&s->alloc, &f->target, name.data, name.len)
            != 0)
        {
            return profile_schema_mistake(s, "not enough memory");
        }
    }

    f->root |= root;
    s->wide |= f->target.wide;

    if (metadata) {
        return 0;
    }

    /* a path into it leads to what M2 judges, or is nobody's: H5.16 */

    if (e->claim != PROFILE_CLAIM_NONE || e->every_provider
        || (e->shape && profile_schema_table_shapes(s)[e->shape].moves))
    {
        f->every_provider = 1;
    }

    for (i = 0; i < s->nproviders; i++) {

        if (profile_schema_table_provided(s, s->providers[i], e)
            && (profile_schema_table_set_bit(s, &f->providers, i) != 0
                || profile_schema_table_set_bit(s, &f->providers, s->any.index)
                   != 0))
        {
            return -1;
        }
    }

    return 0;
}


/* what the names of "identity_drop" begin with */

static void
profile_schema_make_drops(profile_schema_t *s)
{
    int                   first;
    size_t                i, n;
    const profile_str_t  *drop;

    drop = (profile_str_t *) s->identity_drops.data;
    n = s->identity_drops.len / sizeof(profile_str_t);

    for (i = 0; i < n; i++) {
        first = profile_schema_alike_first(&drop[i]);

        if (first >= 0 && first < 0x80) {
            s->drop_first[first] = 1;
        }
    }
}


void
profile_schema_destroy(profile_schema_t *s)
{
    uint32_t          i;
    profile_entry_t  *e;

    if (s == NULL) {
        return;
    }

    for (i = 0; i < s->nentries; i++) {
        e = &s->entries[i];

        profile_buf_free(&s->alloc, &e->writable[PROFILE_CREATE]);
        profile_buf_free(&s->alloc, &e->writable[PROFILE_UPDATE]);
    }

    for (i = 0; i < s->nfolded; i++) {
        s->alloc.free(s->alloc.ctx, (void *) s->folded[i].name.data);
        s->alloc.free(s->alloc.ctx, s->folded[i].target.codes);
        profile_buf_free(&s->alloc, &s->folded[i].providers);
    }

    for (i = 0; i < s->nproviders; i++) {
        profile_schema_pattern_destroy(s, s->providers[i]->patterns);
        profile_buf_free(&s->alloc, &s->providers[i]->names);
        s->alloc.free(s->alloc.ctx, s->providers[i]->target.codes);

        s->alloc.free(s->alloc.ctx, s->providers[i]);
    }

    profile_schema_pattern_destroy(s, s->every_provider);
    profile_schema_pattern_destroy(s, s->metadata);
    profile_schema_pattern_destroy(s, s->unwraps);
    profile_schema_pattern_release(s);

    for (i = 0; i < profile_schema_table_nstatements(s); i++) {
        s->alloc.free(s->alloc.ctx, profile_schema_table_statements(s)[i]);
    }

    for (i = 0; i < s->texts.len / sizeof(u_char *); i++) {
        s->alloc.free(s->alloc.ctx, ((u_char **) s->texts.data)[i]);
    }

    profile_buf_free(&s->alloc, &s->statements);
    profile_buf_free(&s->alloc, &s->texts);
    profile_buf_free(&s->alloc, &s->shapes);
    profile_buf_free(&s->alloc, &s->provider_from);
    profile_buf_free(&s->alloc, &s->identity_drops);
    profile_buf_free(&s->alloc, &s->ways);

    profile_known_destroy(&s->known, &s->alloc);
    profile_names_destroy(&s->names);
    profile_names_destroy(&s->fold_names);
    profile_names_destroy(&s->provider_names);

    s->alloc.free(s->alloc.ctx, s->entries);
    s->alloc.free(s->alloc.ctx, s->brief);
    s->alloc.free(s->alloc.ctx, s->folded);
    s->alloc.free(s->alloc.ctx, s->providers);
    s->alloc.free(s->alloc.ctx, s);
}
