
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_USER_STATE_H_INCLUDED_
#define _PROFILE_USER_STATE_H_INCLUDED_


/* What is known of a user: its members, and what becomes of each. */


#include "core/profile_core.h"
#include "core/response/profile_identities.h"
#include "core/response/profile_user.h"
#include "core/schema/profile_names.h"


#define PROFILE_USER_NONE  UINT32_MAX


/* what becomes of a root member */

typedef enum {
    PROFILE_FATE_KEEP = 0,
    PROFILE_FATE_RENAME,
    PROFILE_FATE_MOVE,
    PROFILE_FATE_CONTAINER,
    PROFILE_FATE_GONE
} profile_fate_e;


/* M3.3: of two values for one name in a container the higher wins */

typedef enum {
    PROFILE_RANK_METADATA = 0,
    PROFILE_RANK_CONTAINER,
    PROFILE_RANK_ROOT,
    PROFILE_RANK_PREFIX
} profile_rank_e;


/* offsets count from the start of the user */

typedef struct {
    uint32_t              start;
    uint32_t              end;
} profile_span_t;


typedef struct {
    profile_span_t        key;           /* without the quotes */
    profile_span_t        value;
    profile_name_t        name;          /* has its bytes while writing */
    uint32_t              first;         /* members inside */
    uint32_t              last;
    uint32_t              next;          /* moved into the same container */
    u_char                type;          /* profile_type_e */
    u_char                place;         /* profile_place_e */
    u_char                fate;          /* profile_fate_e */
    u_char                escaped;
    u_char                renamed;
    u_char                prefixed;
    u_char                identities;    /* M4.1, M4.3 */
} profile_user_member_t;


typedef struct {
    const profile_user_member_t  *key;   /* the first one */
    const profile_user_member_t  *member; /* the one that wins */
    profile_rank_e        rank;
} profile_item_t;


struct profile_user_s {
    profile_alloc_t       alloc;
    const profile_schema_t  *schema;
    profile_matcher_t    *matcher;
    profile_notice_t      notice;
    profile_view_t        view;
    uint64_t              start;

    profile_buf_t         members;       /* profile_user_member_t */
    profile_buf_t         items;         /* profile_item_t */
    profile_buf_t         unescaped;     /* bytes of names with escapes */
    profile_buf_t         renamed;       /* bytes of names by "as=" */
    profile_buf_t         quoted;        /* a new name as it is written */
    profile_names_t       names;
    profile_names_t       fields;        /* of the view */
    profile_identities_t  identities;

    size_t                escaped_len;
    uint32_t              open;          /* member that has begun */

    uint32_t              containers[3]; /* by profile_container_e */
    uint32_t              moved[2];      /* first and last of each chain */
    uint32_t              moved_last[2];

    /* while writing */

    const u_char         *text;
    const u_char         *text_end;
    const u_char         *run;           /* bytes not yet given to the sink */
    const u_char         *run_end;
    const char           *sep;           /* before the next root member */
    const profile_sink_t *sink;
    profile_counts_t     *counts;
    profile_reason_e      reason;
    unsigned              in_text:1;     /* the run is of text */
};


#define profile_user_members(u)                                              \
    ((profile_user_member_t *) (u)->members.data)

#define profile_user_nmembers(u)                                             \
    ((uint32_t) ((u)->members.len / sizeof(profile_user_member_t)))

/* whether the member stands in the root of the user of v2 */
#define profile_user_is_root(m)                                              \
    ((m)->place == PROFILE_IN_ROOT                                           \
     && ((m)->fate == PROFILE_FATE_KEEP || (m)->fate == PROFILE_FATE_RENAME))


/*
 * Leads the name of a member to its bytes, unescaped.  There is room for all
 * names that hold escapes, once each.
 */
void profile_user_state_name(profile_user_t *u, profile_user_member_t *m);


#endif /* _PROFILE_USER_STATE_H_INCLUDED_ */
