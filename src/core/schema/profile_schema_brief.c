
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_schema_brief.h"
#include "core/schema/profile_schema_table.h"


/* of all providers, in bytes: a schema that has more is asked */
#define PROFILE_BRIEF_MAX  1048576


static profile_brief_e profile_schema_brief_of(const profile_schema_t *s,
    const profile_provider_t *provider, const profile_entry_t *e);


int
profile_schema_brief_make(profile_schema_t *s)
{
    u_char    *brief;
    uint32_t   i, n;

    if ((uint64_t) (s->nproviders + 1) * s->nentries > PROFILE_BRIEF_MAX) {
        return 0;
    }

    brief = s->alloc.alloc(s->alloc.ctx, (s->nproviders + 1) * s->nentries);
    if (brief == NULL) {
        return -1;
    }

    s->brief = brief;

    for (i = 0; i <= s->nproviders; i++) {
        for (n = 0; n < s->nentries; n++) {
            *brief++ = profile_schema_brief_of(s, i ? s->providers[i - 1]
                                                    : NULL, &s->entries[n]);
        }
    }

    return 0;
}


static profile_brief_e
profile_schema_brief_of(const profile_schema_t *s,
    const profile_provider_t *provider, const profile_entry_t *e)
{
    if (e->identities
        || (e->name.number == PROFILE_NAME_USER_ID
            && profile_schema_shape_makes_id(s)))
    {
        return PROFILE_BRIEF_ASK;
    }

    switch (e->claim) {

    case PROFILE_CLAIM_DROP:
        return PROFILE_BRIEF_DROP;

    case PROFILE_CLAIM_IDENTITY:
        return e->way ? PROFILE_BRIEF_KEEP_VALUE : PROFILE_BRIEF_KEEP;

    case PROFILE_CLAIM_METADATA:
        return e->container == PROFILE_APP_METADATA ? PROFILE_BRIEF_MOVE_APP
                                                    : PROFILE_BRIEF_MOVE_USER;

    case PROFILE_CLAIM_NONE:
        return (e->every_provider
                || (provider && profile_schema_table_provided(s, provider, e)))
               ? PROFILE_BRIEF_KEEP : PROFILE_BRIEF_ASK;

    default: /* CONTAINER, RENAME, PREFIX */
        return PROFILE_BRIEF_ASK;
    }
}


const u_char *
profile_schema_brief(const profile_schema_t *s,
    const profile_provider_t *provider)
{
    return s->brief ? s->brief + (provider ? (size_t) (provider->index + 1)
                                             * s->nentries
                                           : 0)
                    : NULL;
}
