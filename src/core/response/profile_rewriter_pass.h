
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_REWRITER_PASS_H_INCLUDED_
#define _PROFILE_REWRITER_PASS_H_INCLUDED_


#include "core/response/profile_rewriter.h"
#include "core/response/profile_rewriter_name.h"
#include "core/response/profile_sort.h"
#include "core/schema/profile_schema_shape.h"


/* A rewriter, and what of its response leaves as it is. */

/* the value whose members are being told; each names what its members are */

typedef enum {
    PROFILE_SCOPE_START = 0,             /* the root itself */
    PROFILE_SCOPE_LIST,
    PROFILE_SCOPE_ENVELOPE,              /* or an object on the way: M1.3 */
    PROFILE_SCOPE_WRAPPER,               /* or not: M1.6 */
    PROFILE_SCOPE_USER,                  /* or not: M1.1 */
    PROFILE_SCOPE_CONTAINER,
    PROFILE_SCOPE_AGAIN                  /* an object that is read once more */
} profile_scope_e;


/* the root, objects on the way to a list, it, and what a user is made of */
#define PROFILE_SCOPES  (PROFILE_PATH_MAX + 5)

/* digits that a 64 bit number has room for, whichever they are */
#define PROFILE_REWRITER_TOTAL  19


#define profile_rewriter_scope(rw)  (rw)->scopes[(rw)->nscopes]

#define profile_rewriter_enter(rw, scope) (rw)->scopes[++(rw)->nscopes] = scope

#define profile_rewriter_leave(rw)  (rw)->nscopes--

/* M1.1: whether only a user has a member of this name */

#define profile_rewriter_is_user(rw, name)                                   \
    ((name)->number && (name)->number <= (rw)->last_user                     \
     && profile_schema_shape_is_user((rw)->conf.schema, name))

/* the name of a member: its bytes stay for this event */

#define profile_rewriter_read_name(rw, ev, name)                             \
    profile_rewriter_name((rw)->reader, (rw)->conf.schema, &(rw)->alloc,     \
                          &(rw)->unescaped, ev, name)


struct profile_rewriter_s {
    profile_alloc_t       alloc;
    profile_rewriter_conf_t  conf;
    profile_sink_t        sink;
    profile_reader_t     *reader;
    profile_user_t       *user;
    profile_buf_t         unescaped;     /* a name */
    profile_buf_t         gap;           /* before the next element: M6.5 */
    profile_name_t        begun;         /* the name of a root member */
    profile_counts_t      counts;

    const u_char         *chunk;
    uint64_t              pos;           /* of the chunk */
    uint64_t              end;
    uint64_t              passed;        /* up to here all has left */
    uint64_t              between;       /* bytes, since the last user: M6.4 */
    uint64_t              max_between;
    const profile_known_t  *known;       /* names of the schema */
    uint32_t              last_user;     /* of these that make a user */

    uint64_t              user_start;    /* of who is inside a wrapper */
    uint64_t              user_end;

    profile_reason_e      reason;
    profile_scope_e       scopes[PROFILE_SCOPES];
    profile_scope_e       again;         /* as what it is read once more */
    unsigned              nscopes;
    unsigned              is_user:1;
    unsigned              unwrapped:1;   /* he has no wrapper: M1.6 */
    unsigned              listing:1;     /* nothing but a list of v2: U5 */
    unsigned              strange:1;     /* it has what is no user */
    unsigned              gaps:1;        /* what comes now waits in the gap */
    unsigned              some:1;        /* the list has elements, written */
    unsigned              bare:1;        /* it lost its first ones */
    unsigned              lost:1;        /* a user is passed over */
    unsigned              list_scope;    /* of whose user is being read */
    uint64_t              elements;      /* of the list, begun so far */
    uint64_t              listed;        /* users of it that match */
    uint64_t              left_out;      /* of all lists: M6.5 */

    /* of an envelope: M1.3 */

    unsigned              on[PROFILE_PATH_MAX]; /* paths, by level */
    unsigned              level;         /* of the object, 0: the root */
    unsigned              opened:1;      /* its list has begun */
    unsigned              unlisted:1;    /* it has ended without one */
    unsigned              total_len;     /* 0: it has said none: U5.2 */
    u_char                total_text[PROFILE_REWRITER_TOTAL];

    /* of a walk: U10.2 */

    profile_sort_t       *sort;          /* or NULL */
    profile_buf_t         picked;        /* of a user, for a moment */
    uint64_t              found;
    uint64_t              window;        /* users found up to its end */
    uint64_t              sorted;        /* users who have been told */
    unsigned              peopled:1;     /* the list of the page has users */
    unsigned              ended:1;       /* the last page has */
    unsigned              closed:1;      /* all is written */
};


/* A reader of the response, or of a part of it.  NULL: there is no memory. */
profile_reader_t *profile_rewriter_reader(profile_rewriter_t *rw);

/*
 * Bytes of the chunk, up to end, that are nobody's user: they leave, or wait in
 * the gap; then the same for bytes that were held until that was known, and for
 * an object that was read like a user.  All but the last count against the
 * limit of M6.4.  Return PROFILE_OK, PROFILE_NOT_USERS, PROFILE_NO_MEMORY, or
 * what the sink said.
 */
profile_reason_e profile_rewriter_pass(profile_rewriter_t *rw, uint64_t end);
profile_reason_e profile_rewriter_pass_held(profile_rewriter_t *rw,
    uint64_t end);
profile_reason_e profile_rewriter_pass_object(profile_rewriter_t *rw,
    uint64_t end);

/*
 * What stands where a user may, and is none (M1.5).  Returns PROFILE_OK, or
 * PROFILE_NO_USERS.
 */
profile_reason_e profile_rewriter_pass_stranger(profile_rewriter_t *rw);

/*
 * A user who was made, and whether the view asks for it.  Returns PROFILE_OK,
 * or what the sink said.
 */
profile_reason_e profile_rewriter_pass_user(profile_rewriter_t *rw,
    int matches);

/*
 * M6.5: where users may be left out, what stands before an element waits until
 * it is known whether that stays.  A list has begun, of which all up to here
 * has left; what waits leaves, up to end, as an element stays or the list has
 * ended; the next element does not stay.  pass_gap() returns as
 * profile_rewriter_pass() does.
 */
void profile_rewriter_pass_list(profile_rewriter_t *rw);
profile_reason_e profile_rewriter_pass_gap(profile_rewriter_t *rw,
    uint64_t end);
void profile_rewriter_pass_none(profile_rewriter_t *rw);


#endif /* _PROFILE_REWRITER_PASS_H_INCLUDED_ */
