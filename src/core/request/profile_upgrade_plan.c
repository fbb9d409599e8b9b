
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/request/profile_upgrade_plan.h"


int
profile_upgrade_plan_put(profile_upgrade_t *u, profile_call_e kind,
    const profile_name_t *name, const u_char *value, size_t len)
{
    return profile_upgrade_plan_append(u, &u->bodies[kind], name, value, len);
}


int
profile_upgrade_plan_append(profile_upgrade_t *u, profile_buf_t *object,
    const profile_name_t *name, const u_char *value, size_t len)
{
    profile_str_t  text;

    text.data = name->data;
    text.len = name->len;

    if (profile_buf_append(&u->alloc, object, object->len ? "," : "{", 1) != 0
        || profile_upgrade_plan_name(u, object, &text) != 0
        || profile_buf_append(&u->alloc, object, value, len) != 0)
    {
        return -1;
    }

    return profile_buf_reserve(&u->alloc, object, 1);
}


int
profile_upgrade_plan_name(profile_upgrade_t *u, profile_buf_t *object,
    const profile_str_t *name)
{
    u_char  *p;

    /* two quotes and a colon */

    if (profile_buf_reserve(&u->alloc, object, 6 * name->len + 3) != 0) {
        return -1;
    }

    p = object->data + object->len;

    *p++ = '"';
    p += profile_text_escape(p, name->data, name->len);
    *p++ = '"';
    *p++ = ':';

    object->len = p - object->data;

    return 0;
}
