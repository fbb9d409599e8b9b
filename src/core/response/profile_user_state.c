
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/response/profile_user_state.h"


void
profile_user_state_name(profile_user_t *u, profile_user_member_t *m)
{
    u_char    *p;
    unsigned   flags;

    if (!m->escaped) {
        m->name.data = u->text + m->key.start;
        return;
    }

    p = u->unescaped.data + u->unescaped.len;
    u->unescaped.len += profile_text_unescape(p, u->text + m->key.start,
                                              m->key.end - m->key.start,
                                              &flags);

    m->name.data = p;
}
