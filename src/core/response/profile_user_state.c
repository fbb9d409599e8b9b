
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/response/profile_user_state.h"


int
profile_user_state_unescape(profile_user_t *u, const profile_user_member_t *m,
    profile_str_t *key)
{
    unsigned  flags;

    if (profile_text_plain(&u->alloc, &u->scratch, u->text + m->key.start,
                           m->key.end - m->key.start, &flags)
        != 0)
    {
        return -1;
    }

    key->data = u->scratch.data;
    key->len = u->scratch.len;

    return 0;
}


int
profile_user_state_made(profile_user_t *u, const profile_user_member_t *m,
    profile_buf_t *buf, profile_name_t *name)
{
    size_t         len;
    unsigned       flags;
    const u_char  *data;

    data = (m->renamed ? u->renamed.data : u->text) + m->key.start;
    len = m->key.end - m->key.start;
    flags = 0;

    if (m->escaped && !m->renamed) {

        if (profile_buf_reserve(&u->alloc, buf, len) != 0) {
            return -1;
        }

        len = profile_text_unescape(buf->data + buf->len, data, len, &flags);
        data = buf->data + buf->len;
        buf->len += len;
    }

    if (m->place == PROFILE_IN_CONTAINER) {
        profile_schema_name(u->schema, name, data, len);

    } else {
        name->data = data;
        name->len = len;
        name->number = m->number;
        name->hash = profile_schema_hash(u->schema, data, len);
    }

    name->lone = (flags & PROFILE_NAME_LONE) ? 1 : 0;

    return 0;
}
