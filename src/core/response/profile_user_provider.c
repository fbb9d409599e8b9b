
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/response/profile_user_inside.h"
#include "core/response/profile_user_provider.h"


static const profile_provider_t *profile_user_provider_of_id(
    profile_user_t *u);
static int profile_user_provider_id(profile_user_t *u);
static void profile_user_provider_unknown(profile_user_t *u,
    const u_char *name, size_t len);


const profile_provider_t *
profile_user_provider(profile_user_t *u)
{
    int                        rc;
    size_t                     i;
    const profile_path_t      *path;
    const profile_provider_t  *provider;

    if (profile_schema_shape_provider_from(u->schema, 0) == NULL) {
        return profile_user_provider_id(u) ? profile_user_provider_of_id(u)
                                           : NULL;
    }

    /* M7.4 */

    for (i = 0; /* void */ ; i++) {
        path = profile_schema_shape_provider_from(u->schema, i);

        if (path == NULL) {
            return NULL;
        }

        if (path->n == 0) {

            if (profile_user_provider_id(u) == 0
                || memchr(u->quoted.data, '|', u->quoted.len) == NULL)
            {
                continue;
            }

            return profile_user_provider_of_id(u);
        }

        rc = profile_user_inside_find(u, path);

        if (rc == 0) {
            continue;
        }

        if (rc == -2) {
            u->reason = PROFILE_NO_MEMORY;
        }

        if (rc < 0) {
            return NULL;
        }

        provider = profile_schema_provider_named(u->schema, u->quoted.data,
                                                 u->quoted.len);

        if (provider == NULL && u->notice.unknown) {
            profile_user_provider_unknown(u, u->quoted.data, u->quoted.len);
        }

        return provider;
    }
}


/* of the id that is in u->quoted */

static const profile_provider_t *
profile_user_provider_of_id(profile_user_t *u)
{
    const u_char              *bar;
    const profile_provider_t  *provider;

    provider = profile_schema_provider(u->schema, u->quoted.data,
                                       u->quoted.len);

    if (provider == NULL && u->notice.unknown) {
        bar = memchr(u->quoted.data, '|', u->quoted.len);

        if (bar) {
            profile_user_provider_unknown(u, u->quoted.data,
                                          bar - u->quoted.data);
        }
    }

    return provider;
}


/* unescaped, in u->quoted: 1, or 0: there is none, or it is no string */

static int
profile_user_provider_id(profile_user_t *u)
{
    uint32_t               *index;
    unsigned                flags;
    profile_name_t          name;
    profile_user_member_t  *m;

    name.number = profile_schema_shape_id(u->schema);

    index = profile_names_find(&u->names, &name);
    if (index == NULL) {
        return 0;
    }

    m = &profile_user_members(u)[*index];

    if (m->type != PROFILE_STRING) {
        return 0;
    }

    if (profile_text_plain(&u->alloc, &u->quoted, u->text + m->value.start + 1,
                           m->value.end - m->value.start - 2, &flags)
        != 0)
    {
        u->reason = PROFILE_NO_MEMORY;
        return 0;
    }

    return 1;
}


static void
profile_user_provider_unknown(profile_user_t *u, const u_char *name, size_t len)
{
    u->notice.unknown(u->notice.ctx, name, len < PROFILE_PROVIDER_MAX
                                           ? len : PROFILE_PROVIDER_MAX);
}
