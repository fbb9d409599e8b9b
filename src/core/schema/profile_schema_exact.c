
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_schema.h"
#include "core/schema/profile_schema_exact.h"


/* what the system acts on, and the containers, are what the schema says */

profile_reason_e
profile_schema_exact(profile_matcher_t *m, const profile_name_t *name,
    int metadata, profile_class_t *class, int *differs)
{
    profile_reason_e  rc;

    *differs = 0;

    switch (class->kind) {

    case PROFILE_CLASS_METADATA:

        if (metadata) {
            return PROFILE_OK;
        }

        *differs = 1;

        class->kind = PROFILE_CLASS_ROOT;
        class->statement = NULL;
        class->renamed = 0;
        class->exact = 0;
        class->prefixed = 0;

        return PROFILE_OK;

    case PROFILE_CLASS_PROVIDER:
    case PROFILE_CLASS_ROOT:

        if (!metadata) {
            return PROFILE_OK;
        }

        *differs = 1;

        rc = profile_schema_class_rest(m, name, class);

        if (rc == PROFILE_OK && class->kind == PROFILE_CLASS_ROOT) {
            class->kind = PROFILE_CLASS_METADATA;
            class->container = PROFILE_APP_METADATA;
        }

        return rc;

    default: /* CONTAINER, DROP, RENAME, IDENTITY */
        return PROFILE_OK;
    }
}
