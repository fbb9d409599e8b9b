
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_matcher.h"
#include "core/schema/profile_schema_pattern.h"


profile_matcher_t *
profile_matcher_create(const profile_schema_t *s, const profile_alloc_t *a)
{
    profile_matcher_t  *m;

    m = a->alloc(a->ctx, sizeof(profile_matcher_t));
    if (m == NULL) {
        return NULL;
    }

    memset(m, 0, sizeof(profile_matcher_t));

    m->schema = s;
    m->alloc = *a;

    return m;
}


void
profile_matcher_destroy(profile_matcher_t *m)
{
    if (m == NULL) {
        return;
    }

    profile_schema_pattern_release_matcher(m);
    profile_buf_free(&m->alloc, &m->name);
    profile_buf_free(&m->alloc, &m->reading.items);
    profile_buf_free(&m->alloc, &m->text);

    m->alloc.free(m->alloc.ctx, m);
}
