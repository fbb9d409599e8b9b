
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_REWRITER_STATE_H_INCLUDED_
#define _PROFILE_REWRITER_STATE_H_INCLUDED_


/* What the files of the rewriter share. */


#include "core/json/profile_event.h"
#include "core/response/profile_rewriter.h"


/* the value whose members are being told; each names what its members are */

typedef enum {
    PROFILE_SCOPE_START = 0,             /* the root itself */
    PROFILE_SCOPE_LIST,
    PROFILE_SCOPE_ENVELOPE,
    PROFILE_SCOPE_USER,                  /* or not: M1.1 */
    PROFILE_SCOPE_CONTAINER
} profile_scope_e;


#define PROFILE_SCOPES  8


struct profile_rewriter_s {
    profile_alloc_t       alloc;
    profile_rewriter_conf_t  conf;
    profile_sink_t        sink;
    profile_reader_t     *reader;
    profile_user_t       *user;
    profile_buf_t         unescaped;     /* a name */
    profile_name_t        begun;         /* the name of a root member */
    profile_counts_t      counts;

    const u_char         *chunk;
    uint64_t              pos;           /* of the chunk */
    uint64_t              end;
    uint64_t              passed;        /* up to here all has left */

    profile_reason_e      reason;
    profile_scope_e       scopes[PROFILE_SCOPES];
    unsigned              nscopes;
    unsigned              is_user:1;
    unsigned              listing:1;     /* inside a list of v2: U5 */
    unsigned              strange:1;     /* it has what is no user */
    unsigned              gaps:1;        /* M6.4: what stands between the
                                            elements is ours to write */
    unsigned              pending:1;     /* the gap waits for a user */
    unsigned              lost:1;        /* one is passed over */
    unsigned              list_scope;    /* of the list */
    uint64_t              listed;        /* users of it, written */
    profile_buf_t         gap;           /* before the next element */
    uint64_t              unreadable;    /* users who were left out */
};


/* M1.3: whether a member of this name is the list of an envelope */

#define profile_rewriter_is_list(rw, ev, name)                               \
    ((ev)->type == PROFILE_ARRAY && (rw)->conf.envelope.len                  \
     && profile_str_eq(&(rw)->conf.envelope, (name)->data, (name)->len))

#define profile_rewriter_scope(rw)  (rw)->scopes[(rw)->nscopes]

#define profile_rewriter_enter(rw, scope)                                    \
    (rw)->scopes[++(rw)->nscopes] = scope

#define profile_rewriter_leave(rw)  (rw)->nscopes--


#endif /* _PROFILE_REWRITER_STATE_H_INCLUDED_ */
