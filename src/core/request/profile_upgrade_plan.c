
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/request/profile_upgrade_plan.h"


int
profile_upgrade_plan_put(profile_upgrade_t *u, profile_call_e kind,
    const profile_name_t *name, const u_char *value, size_t len)
{
    u_char         *p;
    profile_buf_t  *body;

    body = &u->bodies[kind];

    /* two quotes, a colon, a comma or brace before and a brace behind */

    if (profile_buf_reserve(&u->alloc, body, 6 * (size_t) name->len + len + 5)
        != 0)
    {
        return -1;
    }

    p = body->data + body->len;

    *p++ = body->len ? ',' : '{';
    *p++ = '"';
    p += profile_text_escape(p, name->data, name->len);
    *p++ = '"';
    *p++ = ':';

    memcpy(p, value, len);
    p += len;

    body->len = p - body->data;

    return 0;
}
