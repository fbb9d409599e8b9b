
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_skip.h"
#include "core/request/profile_upgrade_plan.h"
#include "core/request/profile_upgrade_wrap.h"
#include "core/schema/profile_schema_shape.h"


static int profile_upgrade_wrap_is_texts(const profile_str_t *value);


profile_reason_e
profile_upgrade_wrap(profile_upgrade_t *u, profile_container_e c,
    const profile_name_t *as, profile_str_t *value, int *fits)
{
    int               unwraps, any;
    u_char            first;
    profile_reason_e  rc;

    *fits = 1;

    rc = profile_schema_shape_stored(u->matcher, c, as, &u->wrapped, &unwraps,
                                     &any);

    if (rc != PROFILE_OK || !unwraps) {
        return rc;
    }

    first = value->data[0];

    /* a null takes away, and an object is no value of a list of one */

    if (first == 'n' || (any && profile_skip_is_bracket(first))) {
        return PROFILE_OK;
    }

    if (first != '"' && !any) {
        *fits = profile_upgrade_wrap_is_texts(value);
        return PROFILE_OK;
    }

    u->wrapped.len = 0;

    if (profile_buf_text(&u->alloc, &u->wrapped, "[") != 0
        || profile_buf_append(&u->alloc, &u->wrapped, value->data, value->len)
           != 0
        || profile_buf_text(&u->alloc, &u->wrapped, "]") != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    value->data = u->wrapped.data;
    value->len = u->wrapped.len;

    return PROFILE_OK;
}


static int
profile_upgrade_wrap_is_texts(const profile_str_t *value)
{
    const u_char  *p, *last;

    p = value->data;
    last = p + value->len;

    if (*p++ != '[') {
        return 0;
    }

    for ( ;; ) {
        p = profile_skip_space(p, last);

        if (*p == ']') {
            return 1;
        }

        if (*p == ',') {
            p++;
            continue;
        }

        if (*p != '"') {
            return 0;
        }

        p = profile_skip_string(p, last);
    }
}
