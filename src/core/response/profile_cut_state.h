
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_CUT_STATE_H_INCLUDED_
#define _PROFILE_CUT_STATE_H_INCLUDED_


/* What both ways through a value share: names, and the cuts that are made. */


#include "core/profile_text.h"
#include "core/response/profile_cut.h"


/*
 * The name of len bytes that stand in a text, unescaped, until the next one.
 * Returns 0, or -1 when there is no memory.
 */

static inline int
profile_cut_state_name(profile_cutter_t *c, const u_char *start, size_t len,
    profile_name_t *name)
{
    unsigned  flags;

    memset(name, 0, sizeof(profile_name_t));

    name->data = start;
    name->len = len;

    if (memchr(start, '\\', len) == NULL) {
        return 0;
    }

    if (profile_text_plain(&c->alloc, &c->unescaped, start, len, &flags) != 0) {
        return -1;
    }

    name->data = c->unescaped.data;
    name->len = c->unescaped.len;

    return 0;
}


/*
 * One more cut, which may reach back over those before it.  Returns 0, or -1
 * when there is no memory.
 */

static inline int
profile_cut_state_add(profile_cutter_t *c, size_t start, size_t end)
{
    profile_cut_t  cut, *prev;

    cut.start = start;
    cut.end = end;

    while (c->cuts.len) {
        prev = (profile_cut_t *) (c->cuts.data + c->cuts.len) - 1;

        if (prev->end < cut.start) {
            break;
        }

        if (prev->start < cut.start) {
            cut.start = prev->start;
        }

        c->cuts.len -= sizeof(profile_cut_t);
    }

    return profile_buf_append(&c->alloc, &c->cuts, &cut, sizeof(cut));
}


#endif /* _PROFILE_CUT_STATE_H_INCLUDED_ */
