
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_kept.h"


void
profile_kept_init(profile_kept_t *kept, const profile_alloc_t *a,
    const profile_schema_t *schema)
{
    memset(kept, 0, sizeof(profile_kept_t));

    kept->alloc = *a;
    kept->schema = schema;

    profile_names_init(&kept->names, a, profile_schema_nnames(schema));
}


void
profile_kept_destroy(profile_kept_t *kept)
{
    profile_names_destroy(&kept->names);
    profile_buf_free(&kept->alloc, &kept->bytes);
    profile_buf_free(&kept->alloc, &kept->lengths);
}


int
profile_kept_add(profile_kept_t *kept, const profile_name_t *name)
{
    uint32_t  len;

    len = name->len;

    /* an empty name has a place, too */

    if (profile_buf_append(&kept->alloc, &kept->lengths, &len, sizeof(len))
        != 0
        || profile_buf_reserve(&kept->alloc, &kept->bytes, (size_t) len + 1)
           != 0)
    {
        return -1;
    }

    return profile_buf_append(&kept->alloc, &kept->bytes, name->data, len);
}


/* no byte moves from now on */

int
profile_kept_finish(profile_kept_t *kept)
{
    int              known;
    size_t           i, n;
    uint32_t        *lengths;
    const u_char    *p;
    profile_name_t   name;

    p = kept->bytes.data;
    lengths = (uint32_t *) kept->lengths.data;
    n = kept->lengths.len / sizeof(uint32_t);

    for (i = 0; i < n; i++) {
        profile_schema_name(kept->schema, &name, p, lengths[i]);

        if (profile_names_add(&kept->names, &name, 0, &known) == NULL) {
            return -1;
        }

        if (!known) {
            kept->print += profile_core_fingerprint(0, p, lengths[i]);
        }

        p += lengths[i];
    }

    profile_buf_free(&kept->alloc, &kept->lengths);

    return 0;
}


int
profile_kept_has(profile_kept_t *kept, const profile_name_t *name)
{
    return profile_names_find(&kept->names, name) != NULL;
}


uint64_t
profile_kept_print(const profile_kept_t *kept)
{
    return kept->print;
}
