
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_GUARD_BODY_H_INCLUDED_
#define _PROFILE_GUARD_BODY_H_INCLUDED_


/* The reading of a body, and the state of the guard, which begins with that. */


#include "core/profile_core.h"
#include "core/json/profile_reader.h"
#include "core/request/profile_member.h"
#include "core/schema/profile_names.h"


struct profile_guard_s {
    profile_alloc_t       alloc;
    profile_guard_conf_t  conf;
    profile_reader_t     *reader;
    profile_matcher_t    *matcher;
    const profile_provider_t  *provider;
    const profile_provider_t  *judge;    /* by which names are denied (H5.6) */

    profile_buf_t         body;          /* all of it */
    profile_buf_t         members;       /* profile_guard_member_t */
    profile_buf_t         unescaped;     /* bytes of names with escapes */
    profile_buf_t         scratch;
    profile_buf_t         id;            /* of a call's user */
    profile_names_t       names[3];      /* by profile_guard_place_e */

    /* while reading */

    size_t                escaped_len;
    uint32_t              open[3];       /* member begun, by depth */
    unsigned              depth;
    unsigned              wrapped;       /* 1 inside of the wrapper, or 0 */
    profile_guard_place_e place;         /* of the next member */

    profile_guard_member_t  forbidden[PROFILE_REFUSED_MAX];
    uint32_t              nforbidden;    /* all, also those not kept */

    const profile_guard_member_t  *parent;       /* of those judged now */
    profile_refused_t     refused;
    uint64_t              offset;
    profile_reason_e      reason;
    profile_reason_e      noted;         /* to be said if the text is good */
    unsigned              judged:1;      /* judge is known */
    unsigned              finished:1;
};


#define profile_guard_nmembers(g)                                            \
    ((uint32_t) ((g)->members.len / sizeof(profile_guard_member_t)))


/* Returns PROFILE_OK or PROFILE_NO_MEMORY; to be destroyed in both cases. */
profile_reason_e profile_guard_body_create(profile_guard_t *g);
void profile_guard_body_destroy(profile_guard_t *g);

/* The body and its members are gone. */
void profile_guard_body_forget(profile_guard_t *g);

/* Returns PROFILE_OK, or the error that has been set. */
profile_reason_e profile_guard_body_feed(profile_guard_t *g,
    const u_char *data, size_t len);

/*
 * The body has ended: its members are known and their names unescaped.
 * Returns as profile_guard_body_feed() does.
 */
profile_reason_e profile_guard_body_finish(profile_guard_t *g);

/* Sets the error.  Returns the reason. */
profile_reason_e profile_guard_body_fail(profile_guard_t *g,
    profile_reason_e reason, uint64_t offset);

/*
 * The value of a member that is a string, in a buffer that keeps nothing else;
 * flags are those of profile_text_unescape().  Returns PROFILE_OK or
 * PROFILE_NO_MEMORY.
 */
profile_reason_e profile_guard_body_string(profile_guard_t *g,
    const profile_guard_member_t *m, profile_buf_t *value, unsigned *flags);

/* H5.17: whether the member of this name, unescaped, is the wrapper. */
int profile_guard_body_is_wrapper(const profile_guard_t *g,
    const u_char *data, size_t len);

/*
 * The place inside the member of this name; the root: it is no container, in v1
 * or in v2, of which the body is.
 */
profile_guard_place_e profile_guard_body_inside(const profile_guard_t *g,
    const u_char *data, size_t len);


#endif /* _PROFILE_GUARD_BODY_H_INCLUDED_ */
