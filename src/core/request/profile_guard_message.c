
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <stdio.h>

#include "core/profile_reason.h"
#include "core/request/profile_guard.h"
#include "core/request/profile_guard_message.h"
#include "core/request/profile_refused.h"


static int profile_guard_message_text(profile_guard_t *g,
    const profile_alloc_t *a, profile_buf_t *out);
static int profile_guard_message_id(profile_guard_t *g,
    const profile_alloc_t *a, profile_buf_t *out);
static int profile_guard_message_attributes(profile_guard_t *g,
    const profile_alloc_t *a, profile_buf_t *out);
static int profile_guard_message_provider(profile_guard_t *g,
    const profile_alloc_t *a, profile_buf_t *out);


int
profile_guard_message(profile_guard_t *g, const profile_alloc_t *a,
    profile_buf_t *out)
{
    int                       rc;
    const profile_refused_t  *refused;

    refused = profile_guard_refused(g);

    switch (profile_guard_reason(g)) {

    case PROFILE_ATTRIBUTES:

        if (profile_guard_conf(g)->mode == PROFILE_GUARD_CALL) {
            rc = profile_buf_text(a, out, "The following members of the "
                                          "request body are not offered by "
                                          "this gateway: ");
            break;
        }

        return profile_guard_message_attributes(g, a, out);

    case PROFILE_ID:
        return profile_guard_message_id(g, a, out);

    case PROFILE_FORBIDDEN:
        rc = profile_buf_text(a, out, "The following names are forbidden "
                                      "in a request body, at any depth: ");
        break;

    case PROFILE_DUPLICATE:
        rc = profile_buf_text(a, out, "The following names stand more than "
                                      "once in the request body: ");
        break;

    case PROFILE_CONTAINER:
        rc = profile_buf_text(a, out, "The following members must be an "
                                      "object or null: ");
        break;

    case PROFILE_CONNECTION:
        rc = profile_buf_text(a, out, "The following members must be a "
                                      "string without a NUL or a lone "
                                      "surrogate: ");
        break;

    case PROFILE_RESERVED:
        rc = profile_buf_text(a, out, "The following names are reserved "
                                      "and cannot be used in metadata: ");
        break;

    case PROFILE_ALIAS:
        rc = profile_buf_text(a, out, "The following metadata has to be "
                                      "written under its v2 name: ");
        break;

    case PROFILE_METADATA_NAME:
        rc = profile_buf_text(a, out, "The following metadata names "
                                      "contain a dot or begin with a "
                                      "dollar sign: ");
        break;

    default:
        return profile_guard_message_text(g, a, out);
    }

    if (rc != 0
        || profile_refused_write(refused, profile_guard_conf(g)->schema, a, out)
           != 0)
    {
        return -1;
    }

    return profile_buf_text(a, out, ".");
}


static int
profile_guard_message_text(profile_guard_t *g, const profile_alloc_t *a,
    profile_buf_t *out)
{
    int                   n;
    char                  at[sizeof(" at byte 18446744073709551615.")];
    profile_reason_e      reason;
    const profile_str_t  *text;

    reason = profile_guard_reason(g);
    text = profile_reason_text(reason);

    if (profile_buf_text(a, out, "Invalid request body: ") != 0
        || profile_buf_append(a, out, text->data, text->len) != 0)
    {
        return -1;
    }

    switch (reason) {

    case PROFILE_INVALID_JSON:
    case PROFILE_INVALID_UTF8:
    case PROFILE_TRUNCATED:
    case PROFILE_TRAILING_DATA:
    case PROFILE_TOO_DEEP:
    case PROFILE_PATTERN_LIMIT:
    case PROFILE_NAME:
    case PROFILE_NUMBER_TOO_LARGE:
        n = snprintf(at, sizeof(at), " at byte %llu.",
                     (unsigned long long) profile_guard_offset(g));

        return profile_buf_append(a, out, at, n);

    default:
        return profile_buf_text(a, out, ".");
    }
}


/* H5.15 */

static int
profile_guard_message_id(profile_guard_t *g, const profile_alloc_t *a,
    profile_buf_t *out)
{
    const profile_str_t  *name;

    name = &profile_guard_conf(g)->id;

    if (profile_buf_text(a, out, "The member \"") != 0
        || profile_buf_append(a, out, name->data, name->len) != 0)
    {
        return -1;
    }

    return profile_buf_text(a, out, "\" of the request body must be the id "
                                    "of a user.");
}


/* H5.5 */

static int
profile_guard_message_attributes(profile_guard_t *g, const profile_alloc_t *a,
    profile_buf_t *out)
{
    int                          rc;
    const profile_guard_conf_t  *conf;

    conf = profile_guard_conf(g);

    if (conf->action == PROFILE_CREATE) {
        rc = profile_buf_text(a, out, "The following user attributes "
                                      "cannot be set: ");

    } else {
        rc = profile_buf_text(a, out, "The following user attributes "
                                      "cannot be updated: ");
    }

    if (rc != 0
        || profile_refused_write(profile_guard_refused(g), conf->schema, a,
                                 out)
           != 0
        || profile_guard_message_provider(g, a, out) != 0)
    {
        return -1;
    }

    if (conf->mode == PROFILE_GUARD_V1) {
        return profile_buf_text(a, out, "Store values of your own under "
                                        "other names.");
    }

    return profile_buf_text(a, out, "Store values of your own in "
                                    "\"user_metadata\" or "
                                    "\"app_metadata\".");
}


static int
profile_guard_message_provider(profile_guard_t *g, const profile_alloc_t *a,
    profile_buf_t *out)
{
    const profile_str_t       *name;
    const profile_provider_t  *provider;

    provider = profile_guard_provider(g);

    if (provider == NULL || profile_schema_provider_name(provider)->len == 0) {
        return profile_buf_text(a, out, ". The connection's identity "
                                        "provider is not known, so only "
                                        "what any user may change can be "
                                        "written. ");
    }

    name = profile_schema_provider_name(provider);

    if (profile_buf_text(a, out, ". The connection's identity provider is "
                                 "\"") != 0
        || profile_buf_append(a, out, name->data, name->len) != 0)
    {
        return -1;
    }

    return profile_buf_text(a, out, "\"; what it sends and what the system "
                                    "sets are read-only. ");
}
