
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_USER_BRIEF_H_INCLUDED_
#define _PROFILE_USER_BRIEF_H_INCLUDED_


/*
 * What becomes of a member where that is known from the name alone, or from the
 * last member of that name: compiled into who asks it of each.
 */


#include "core/response/profile_user_state.h"


/* Whether that was all there is to know: the member has its fate then. */

static inline int
profile_user_brief(profile_user_t *u, profile_user_member_t *m,
    profile_brief_e brief)
{
    if (brief == PROFILE_BRIEF_KEEP) {
        return 1;
    }

    switch (brief) {

    case PROFILE_BRIEF_KEEP_VALUE:
        return m->type != PROFILE_NULL;

    case PROFILE_BRIEF_DROP:
        m->fate = PROFILE_FATE_GONE;
        return 1;

    case PROFILE_BRIEF_MOVE_APP:
        m->fate = PROFILE_FATE_MOVE_APP;
        u->counts->moved[PROFILE_APP_METADATA]++;
        return 1;

    case PROFILE_BRIEF_MOVE_USER:
        m->fate = PROFILE_FATE_MOVE_USER;
        u->counts->moved[PROFILE_USER_METADATA]++;
        return 1;

    default: /* ASK */
        return 0;
    }
}


/*
 * Where that of a name is, or is to be kept; or NULL: nowhere.  It is known by
 * its bytes as they stand in the text, escapes and all.
 */

static inline profile_user_memo_t *
profile_user_memo(profile_user_t *u, const profile_user_member_t *m,
    const profile_provider_t *provider)
{
    uint32_t              len, place;
    profile_names_key_t   key;
    profile_user_memo_t  *memo;

    len = m->key.end - m->key.start;

    if (len > PROFILE_NAMES_SHORT) {
        return NULL;
    }

    key = profile_names_key(u->text + m->key.start, len);
    place = profile_known_place(&key) + (uintptr_t) provider / 64;
    memo = &u->memos[place & (PROFILE_USER_MEMOS - 1)];

    if (memo->key.head != key.head || memo->key.tail != key.tail
        || memo->len != len || memo->provider != provider)
    {
        memo->key = key;
        memo->provider = provider;
        memo->len = len;
        memo->brief = PROFILE_BRIEF_ASK;
    }

    return memo;
}


/* What is kept of a class; ASK: nothing. */

static inline profile_brief_e
profile_user_memo_brief(const profile_class_t *class)
{
    switch (class->kind) {

    case PROFILE_CLASS_METADATA:
        return class->renamed ? PROFILE_BRIEF_ASK
               : class->container == PROFILE_APP_METADATA
                 ? PROFILE_BRIEF_MOVE_APP : PROFILE_BRIEF_MOVE_USER;

    case PROFILE_CLASS_PROVIDER:
    case PROFILE_CLASS_ROOT:
        return PROFILE_BRIEF_KEEP;

    default:
        return PROFILE_BRIEF_ASK;
    }
}


#endif /* _PROFILE_USER_BRIEF_H_INCLUDED_ */
