
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_schema.h"
#include "core/schema/profile_schema_denied.h"
#include "core/schema/profile_schema_pattern.h"
#include "core/schema/profile_schema_table.h"


static profile_reason_e profile_schema_denied_by(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_name_t *name, int root,
    int *denied);
static profile_reason_e profile_schema_denied_exact(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_name_t *name, int root,
    int *open, int *denied);
static int profile_schema_denied_for(const profile_folded_t *f,
    const profile_provider_t *provider, int root);
static int profile_schema_is_ascii(const u_char *data, size_t len);


profile_reason_e
profile_schema_denied(profile_matcher_t *m, const profile_provider_t *provider,
    const profile_name_t *name, int *denied)
{
    return profile_schema_denied_by(m, provider, name, 0, denied);
}


profile_reason_e
profile_schema_denied_root(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_name_t *name, int *denied)
{
    return profile_schema_denied_by(m, provider, name, 1, denied);
}


static profile_reason_e
profile_schema_denied_by(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_name_t *name, int root,
    int *denied)
{
    int                       open;
    profile_class_t           class;
    profile_reason_e          rc;
    const profile_pattern_t  *p;

    *denied = 1;

    rc = profile_schema_class(m, provider, name, &class);

    if (rc != PROFILE_OK || class.kind == PROFILE_CLASS_PROVIDER) {
        return rc;
    }

    /* the other classes that are refused are found by what it can be read as */

    rc = profile_schema_denied_exact(m, provider, name, root, &open, denied);

    if (rc != PROFILE_OK || *denied
        || class.kind == PROFILE_CLASS_CONTAINER
        || class.exact || class.prefixed)
    {
        return rc;
    }

    *denied = 1;

    rc = profile_schema_pattern_provider(m, provider, name,
                                         PROFILE_PATTERN_CASELESS, &p);

    if (rc == PROFILE_OK && p == NULL && open) {
        rc = profile_schema_pattern_provider(m, provider, name,
                                             PROFILE_PATTERN_READ, &p);
    }

    if (rc == PROFILE_OK) {
        *denied = (p != NULL);
    }

    return rc;
}


/* *open: the name is in m->reading, and can be read in several ways */

static profile_reason_e
profile_schema_denied_exact(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_name_t *name, int root,
    int *open, int *denied)
{
    int                      wide;
    uint32_t                 i;
    profile_name_t           folded;
    const profile_schema_t  *s;

    s = m->schema;
    wide = !profile_schema_is_ascii(name->data, name->len);

    *open = 0;
    *denied = 1;

    m->name.len = 0;

    if (profile_buf_reserve(&m->alloc, &m->name, name->len + 1) != 0) {
        return PROFILE_NO_MEMORY;
    }

    profile_schema_table_fold(m->name.data, name->data, name->len);

    folded.data = m->name.data;
    folded.len = name->len;

    profile_names_look_up(&s->fold_names, &s->seed, &folded);

    if (folded.number
        && profile_schema_denied_for(&s->folded[folded.number - 1], provider,
                                     root))
    {
        return PROFILE_OK;
    }

    if (wide || s->wide) {

        if (profile_reading_parse(&m->alloc, &m->reading, name->data,
                                  name->len)
            != 0)
        {
            return PROFILE_NO_MEMORY;
        }

        *open = m->reading.open;

        for (i = 0; i < s->nfolded; i++) {

            if ((wide || s->folded[i].target.wide)
                && profile_schema_denied_for(&s->folded[i], provider, root)
                && profile_reading_is(&m->reading, &s->folded[i].target,
                                      &m->steps))
            {
                return PROFILE_OK;
            }
        }
    }

    *denied = 0;

    return PROFILE_OK;
}


static int
profile_schema_denied_for(const profile_folded_t *f,
    const profile_provider_t *provider, int root)
{
    return f->every_provider || (root && f->root)
           || (provider
               && profile_schema_table_has_bit(&f->providers,
                                               provider->index));
}


static int
profile_schema_is_ascii(const u_char *data, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        if (data[i] >= 0x80) {
            return 0;
        }
    }

    return 1;
}
