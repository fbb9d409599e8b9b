
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_schema.h"
#include "core/schema/profile_schema_denied.h"
#include "core/schema/profile_schema_pattern.h"
#include "core/schema/profile_schema_stored.h"


static u_char *profile_schema_stored_make(profile_matcher_t *m,
    profile_container_e container, const profile_name_t *name,
    profile_buf_t *buf);
static profile_reason_e profile_schema_stored_returns(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_provider_t *judge,
    profile_container_e container, const u_char *name, size_t len,
    const profile_name_t *as, int *returns);


/*
 * What a name comes back as is the schema's to say, so no two members share a
 * stored name: each is read back as one member only.
 */

profile_reason_e
profile_schema_stored(profile_matcher_t *m, const profile_provider_t *provider,
    const profile_provider_t *judge, profile_container_e container,
    const profile_name_t *name, profile_buf_t *buf, profile_name_t *as,
    int *stored)
{
    u_char            *p;
    profile_reason_e   rc;

    p = profile_schema_stored_make(m, container, name, buf);
    if (p == NULL) {
        return PROFILE_NO_MEMORY;
    }

    profile_schema_name(m->schema, as, p, name->len);

    rc = profile_schema_stored_returns(m, provider, judge, container, p,
                                       name->len, as, stored);

    if (rc != PROFILE_OK || *stored) {
        return rc;
    }

    return profile_schema_stored_prefixed(m, provider, judge, container, name,
                                          buf, as, stored);
}


profile_reason_e
profile_schema_stored_prefixed(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_provider_t *judge,
    profile_container_e container, const profile_name_t *name,
    profile_buf_t *buf, profile_name_t *as, int *stored)
{
    u_char  *p;

    p = profile_schema_stored_make(m, container, name, buf);
    if (p == NULL) {
        return PROFILE_NO_MEMORY;
    }

    *stored = 0;

    if (p == buf->data) {
        return PROFILE_OK;
    }

    profile_schema_name(m->schema, as, buf->data, buf->len);

    return profile_schema_stored_returns(m, provider, judge, container, p,
                                         name->len, as, stored);
}


/* the name behind the prefix, or NULL: there is no memory */

static u_char *
profile_schema_stored_make(profile_matcher_t *m, profile_container_e container,
    const profile_name_t *name, profile_buf_t *buf)
{
    const profile_str_t  *prefix;

    prefix = profile_schema_prefix(m->schema, container);

    buf->len = 0;

    if (profile_buf_reserve(&m->alloc, buf, prefix->len + name->len + 1) != 0
        || profile_buf_append(&m->alloc, buf, prefix->data, prefix->len) != 0
        || profile_buf_append(&m->alloc, buf, name->data, name->len) != 0)
    {
        return NULL;
    }

    return buf->data + prefix->len;
}


static profile_reason_e
profile_schema_stored_returns(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_provider_t *judge,
    profile_container_e container, const u_char *name, size_t len,
    const profile_name_t *as, int *returns)
{
    int                    taken;
    profile_class_t        class;
    profile_reason_e       rc;
    const profile_name_t  *back;

    *returns = 0;

    rc = profile_schema_class(m, provider, as, &class);

    if (rc != PROFILE_OK
        || class.kind != PROFILE_CLASS_METADATA
        || class.container != container)
    {
        return rc;
    }

    back = class.renamed ? &class.name : as;

    if (back->len != len || memcmp(back->data, name, len) != 0) {
        return PROFILE_OK;
    }

    /*
     * A backend that folds would take it for an attribute of the root: what
     * the guard refuses to clients of v1 does not come from here (H5.6).  And
     * in a create metadata stands beside what a write says of the root, so
     * that an "app_metadata.password" must not become the password; an update
     * has to find the same name.
     */

    rc = profile_schema_denied_root(m, judge, as, &taken);

    *returns = !taken;

    return rc;
}
