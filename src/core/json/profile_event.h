
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_EVENT_H_INCLUDED_
#define _PROFILE_EVENT_H_INCLUDED_


#include "core/profile_core.h"


/*
 * What a reader meets in a JSON text, with its place in bytes.  Offsets count
 * from the first byte of the text; [start, end) is half open.
 */

typedef struct profile_reader_s  profile_reader_t;


typedef enum {
    PROFILE_OBJECT = 0,
    PROFILE_ARRAY,
    PROFILE_STRING,
    PROFILE_NUMBER,
    PROFILE_BOOLEAN,
    PROFILE_NULL
} profile_type_e;


typedef struct {
    const u_char         *name;          /* its text, or NULL: no longer at
                                            hand, profile_reader_text() */
    uint64_t              name_start;    /* behind the opening quote */
    uint64_t              name_end;      /* at the closing quote */
    uint64_t              start;
    uint64_t              end;           /* begin(): just behind the bracket */
    profile_type_e        type;
    u_char                named;         /* a member of an object */
    u_char                escaped;       /* the name holds a backslash */
} profile_event_t;


/*
 * begin() is called at the bracket of an object or array; it sets *inside to
 * 1 to be told of each member, else the whole is passed over (and validated)
 * and comes as one value().  value() is called for everything that is
 * complete, except what begin() entered: that ends with end(), whose event
 * has nothing but the type and the end.
 *
 * A reason other than PROFILE_OK ends the reading; its offset is that of the
 * bracket in begin(), else the end of the event.
 */

typedef struct {
    profile_reason_e    (*begin)(void *ctx, const profile_event_t *ev,
                                 int *inside);
    profile_reason_e    (*value)(void *ctx, const profile_event_t *ev);
    profile_reason_e    (*end)(void *ctx, const profile_event_t *ev);
} profile_reader_handler_t;


/* the depth of what is passed over, and of which nothing is kept */
#define PROFILE_READER_LOST_DEPTH  65536


/* see profile_reader_loose() */

typedef void (*profile_reader_lost_pt)(void *ctx, profile_reason_e reason,
    uint64_t offset);


/* what reads the bytes */

typedef enum {
    PROFILE_READER_YAJL = 0,
    PROFILE_READER_SCAN
} profile_reader_engine_e;


typedef struct {
    profile_reader_engine_e  engine;
    size_t                max_size;      /* bytes held, or of one token; a
                                            number takes one more to end */
    unsigned              max_depth;     /* of nesting; a scalar has 0 */
    unsigned              skip_bom:1;    /* M6.3; else it is invalid JSON */
} profile_reader_conf_t;


#endif /* _PROFILE_EVENT_H_INCLUDED_ */
