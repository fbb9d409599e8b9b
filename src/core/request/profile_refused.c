
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <stdio.h>

#include "core/request/profile_refused.h"
#include "core/schema/profile_schema_shape.h"


#define PROFILE_REFUSED_BYTES  64


static int profile_refused_name(const profile_guard_member_t *m,
    const profile_schema_t *schema, const profile_alloc_t *a,
    profile_buf_t *out);


void
profile_refused_add(profile_refused_t *refused,
    const profile_guard_member_t *m)
{
    if (refused->n < PROFILE_REFUSED_MAX) {
        refused->members[refused->n] = m;
    }

    refused->n++;
}


int
profile_refused_write(const profile_refused_t *refused,
    const profile_schema_t *schema, const profile_alloc_t *a,
    profile_buf_t *out)
{
    int       n;
    char      more[sizeof(" and 4294967295 more")];
    uint32_t  i;

    for (i = 0; i < refused->n && i < PROFILE_REFUSED_MAX; i++) {

        if (i && profile_buf_text(a, out, ", ") != 0) {
            return -1;
        }

        if (profile_refused_name(refused->members[i], schema, a, out) != 0) {
            return -1;
        }
    }

    if (refused->n <= PROFILE_REFUSED_MAX) {
        return 0;
    }

    n = snprintf(more, sizeof(more), " and %u more",
                 (unsigned) (refused->n - PROFILE_REFUSED_MAX));

    return profile_buf_append(a, out, more, n);
}


static int
profile_refused_name(const profile_guard_member_t *m,
    const profile_schema_t *schema, const profile_alloc_t *a,
    profile_buf_t *out)
{
    size_t                len;
    const profile_str_t  *container;

    if (m->place != PROFILE_AT_ROOT) {
        container = profile_schema_shape_shown(schema,
                                       (m->place == PROFILE_AT_APP_METADATA)
                                       ? PROFILE_APP_METADATA
                                       : PROFILE_USER_METADATA);

        if (profile_buf_append(a, out, container->data, container->len) != 0
            || profile_buf_text(a, out, ".") != 0)
        {
            return -1;
        }
    }

    if (m->name.len <= PROFILE_REFUSED_BYTES) {
        return profile_buf_append(a, out, m->name.data, m->name.len);
    }

    /* not in the middle of a UTF-8 sequence */

    len = PROFILE_REFUSED_BYTES;

    while ((m->name.data[len] & 0xc0) == 0x80) {
        len--;
    }

    if (profile_buf_append(a, out, m->name.data, len) != 0) {
        return -1;
    }

    return profile_buf_text(a, out, "...");
}
