
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_GUARD_IMPL_H_INCLUDED_
#define _PROFILE_GUARD_IMPL_H_INCLUDED_


#include "core/request/profile_guard.h"


struct profile_guard_s {
    profile_alloc_t       alloc;
    profile_guard_conf_t  conf;
    profile_reader_t     *reader;
    profile_matcher_t    *matcher;
    const profile_provider_t  *provider;

    profile_buf_t         body;          /* all of it */
    profile_buf_t         members;       /* profile_guard_member_t */
    profile_buf_t         unescaped;     /* bytes of names with escapes */
    profile_buf_t         scratch;
    profile_names_t       names[3];      /* by profile_guard_place_e */

    /* while reading */

    size_t                escaped_len;
    uint32_t              open[2];       /* member begun, by depth */
    unsigned              depth;
    profile_guard_place_e place;         /* of members at depth 2 */

    profile_refused_t     refused;
    uint64_t              offset;
    profile_reason_e      reason;
    profile_reason_e      noted;         /* to be said if the text is good */
    unsigned              finished:1;
};


#define profile_guard_nmembers(g)                                            \
    ((uint32_t) ((g)->members.len / sizeof(profile_guard_member_t)))


/* Sets the error.  Returns the reason. */
profile_reason_e profile_guard_fail(profile_guard_t *g,
    profile_reason_e reason, uint64_t offset);

/* The place inside the member of this name; the root: it is no container. */
profile_guard_place_e profile_guard_inside(const u_char *data, size_t len);

/* The text was read and the names are known: what the rules say of them. */
profile_reason_e profile_guard_judge(profile_guard_t *g);


#endif /* _PROFILE_GUARD_IMPL_H_INCLUDED_ */
