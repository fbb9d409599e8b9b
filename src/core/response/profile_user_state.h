
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_USER_STATE_H_INCLUDED_
#define _PROFILE_USER_STATE_H_INCLUDED_


/* What is known of a user: its members, and what becomes of each. */


#include "core/profile_core.h"
#include "core/response/profile_cut.h"
#include "core/response/profile_fields.h"
#include "core/response/profile_user.h"
#include "core/schema/profile_names.h"
#include "core/schema/profile_schema_brief.h"
#include "core/schema/profile_schema_shape.h"


/* what becomes of a root member */

typedef enum {
    PROFILE_FATE_KEEP = 0,
    PROFILE_FATE_RENAME,
    PROFILE_FATE_MOVE_APP,               /* by profile_container_e */
    PROFILE_FATE_MOVE_USER,
    PROFILE_FATE_CONTAINER,
    PROFILE_FATE_GONE
} profile_fate_e;


/* M3.3: of two values for one name in a container the higher wins */

typedef enum {
    PROFILE_RANK_MERGED = 0,
    PROFILE_RANK_CONTAINER,
    PROFILE_RANK_ROOT,
    PROFILE_RANK_PREFIX,
    PROFILE_RANK_WRITTEN                 /* U3.9 */
} profile_rank_e;


/* offsets count from the start of the user */

typedef struct {
    uint32_t              start;
    uint32_t              end;
} profile_span_t;


/*
 * As small as can be, since a user may have very many (M6.6): the name is made
 * when it is needed.  What stands inside a container follows it.
 */

typedef struct {
    profile_span_t        key;           /* without the quotes */
    profile_span_t        value;
    unsigned              number:PROFILE_NAME_BITS;
    unsigned              type:3;        /* profile_type_e */
    unsigned              place:1;       /* profile_place_e */
    unsigned              fate:3;        /* profile_fate_e */
    unsigned              escaped:1;
    unsigned              renamed:1;     /* the key is a span of u->renamed */
    unsigned              made:1;        /* the value is one of u->made */
    unsigned              prefixed:1;
    unsigned              identities:1;  /* M4.1, M4.3 */
} profile_user_member_t;


/* where a container of v2 gets members from that have been told */

typedef struct {
    profile_container_e   container;
    profile_rank_e        rank;
    uint32_t              order;         /* of a merge */
    uint32_t              first;         /* member */
    uint32_t              n;
    unsigned              clean:1;       /* M4.1 holds inside them, too */
    unsigned              written:1;     /* v2 writes to it */
} profile_source_t;


typedef struct {
    uint32_t              key;           /* index of the first one */
    uint32_t              member;        /* of the one that wins */
    profile_rank_e        rank;
} profile_item_t;


/* what became of a name that the schema has not: that of most is short */

#define PROFILE_USER_MEMOS  512

typedef struct {
    profile_names_key_t   key;
    const profile_provider_t  *provider;
    uint32_t              len;
    profile_brief_e       brief;         /* ASK: nothing is known */
} profile_user_memo_t;


struct profile_user_s {
    profile_alloc_t       alloc;
    const profile_schema_t  *schema;
    profile_matcher_t    *matcher;
    profile_exact_t      *exact;         /* NULL: the schema decides */
    profile_user_memo_t   memos[PROFILE_USER_MEMOS];
    profile_notice_t      notice;
    profile_view_t        view;
    uint64_t              start;

    profile_buf_t         members;       /* profile_user_member_t */
    profile_buf_t         items;         /* profile_item_t */
    profile_buf_t         unescaped;     /* bytes of names with escapes */
    profile_buf_t         renamed;       /* bytes of new names */
    profile_buf_t         quoted;        /* a new name as it is written */
    profile_buf_t         scratch;       /* a name, for a moment */
    profile_buf_t         sources;       /* profile_source_t */
    profile_buf_t         made;          /* values that are not in the text */
    profile_buf_t         draft;         /* such values, not yet complete */
    profile_buf_t         path;          /* of a member that is looked at */
    profile_buf_t         lasts;         /* by shape: where its last one is */
    profile_names_t       names;
    profile_fields_t      fields;        /* of the view */
    profile_cutter_t      cutter;

    size_t                escaped_len;
    size_t                open;          /* the member that has begun */

    uint32_t              told;          /* members, before a look inside */
    uint32_t              level;         /* names of the path */
    uint32_t              arrays;        /* around what is looked at */

    /* while writing */

    const u_char         *text;
    const u_char         *text_end;
    const u_char         *run;           /* bytes not yet given to the sink */
    const u_char         *run_end;
    const char           *sep;           /* before the next root member */
    const profile_sink_t *sink;
    profile_counts_t     *counts;
    const profile_pick_t *pick;          /* in place of the view; or NULL */
    const profile_str_t  *container;     /* of the members that are picked */
    profile_reason_e      reason;
    unsigned              in_text:1;     /* the run is of text */
    unsigned              aliased:1;     /* its metadata may share names */
};


#define profile_user_members(u)                                              \
    ((profile_user_member_t *) (u)->members.data)

#define profile_user_nmembers(u)                                             \
    ((uint32_t) ((u)->members.len / sizeof(profile_user_member_t)))

/* the text of a member's value */
#define profile_user_value(u, m)                                             \
    (((m)->made ? (u)->made.data : (u)->text) + (m)->value.start)

/* whether the member stands in the root of the user of v2 */
#define profile_user_is_root(m)                                              \
    ((m)->place == PROFILE_IN_ROOT                                           \
     && ((m)->fate == PROFILE_FATE_KEEP || (m)->fate == PROFILE_FATE_RENAME))


/*
 * Makes the bytes of a name that holds escapes, in u->scratch.  Returns 0, or
 * -1 when there is no memory.
 */
int profile_user_state_unescape(profile_user_t *u,
    const profile_user_member_t *m, profile_str_t *key);

/*
 * The bytes of the name that a member has now, until the next one's.
 * Returns as profile_user_state_unescape() does.
 */

static inline int
profile_user_state_key(profile_user_t *u, const profile_user_member_t *m,
    profile_str_t *key)
{
    if (m->escaped && !m->renamed) {
        return profile_user_state_unescape(u, m, key);
    }

    key->data = (m->renamed ? u->renamed.data : u->text) + m->key.start;
    key->len = m->key.end - m->key.start;

    return 0;
}


/* profile_user_state_name() of a name that is not as it stands in the text */
int profile_user_state_made(profile_user_t *u, const profile_user_member_t *m,
    profile_buf_t *buf, profile_name_t *name);


/*
 * Fills in the name that a member has now; if it holds escapes, its bytes are
 * appended to buf.  A name with a number may be without a hash, since u->names
 * asks for none.  Returns 0, or -1 when there is no memory.
 */

static inline int
profile_user_state_name(profile_user_t *u, const profile_user_member_t *m,
    profile_buf_t *buf, profile_name_t *name)
{
    if (m->escaped || m->renamed || m->place == PROFILE_IN_CONTAINER) {
        return profile_user_state_made(u, m, buf, name);
    }

    name->data = u->text + m->key.start;
    name->len = m->key.end - m->key.start;
    name->number = m->number;
    name->lone = 0;

    if (m->number == 0) {
        name->hash = profile_schema_hash(u->schema, name->data, name->len);
    }

    return 0;
}


/*
 * A member, at its value's begin or, where the members inside do not matter,
 * when it is complete.  number is that of its name in the schema, 0 for one
 * inside a container.  Compiled into who tells, since that is of each member of
 * each user.  Returns PROFILE_OK or PROFILE_NO_MEMORY.
 */

static inline profile_reason_e
profile_user_member(profile_user_t *u, profile_place_e place,
    const profile_event_t *ev, uint32_t number)
{
    profile_user_member_t  *m;

    if (profile_buf_reserve(&u->alloc, &u->members,
                            sizeof(profile_user_member_t))
        != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    m = (profile_user_member_t *) (u->members.data + u->members.len);

    *m = (profile_user_member_t) {
        .key = { ev->name_start - u->start, ev->name_end - u->start },
        .value = { ev->start - u->start, ev->end - u->start },
        .number = number,
        .type = ev->type,
        .place = place,
        .escaped = ev->escaped
    };

    if (ev->escaped) {
        u->escaped_len += m->key.end - m->key.start;
    }

    if (place == PROFILE_IN_ROOT) {
        u->open = u->members.len;
    }

    u->members.len += sizeof(profile_user_member_t);

    return PROFILE_OK;
}


#endif /* _PROFILE_USER_STATE_H_INCLUDED_ */
