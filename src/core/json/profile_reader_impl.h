
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_READER_IMPL_H_INCLUDED_
#define _PROFILE_READER_IMPL_H_INCLUDED_


/*
 * The reader's two halves: profile_reader.c has the chunks and the limits,
 * profile_reader_yajl.c the tokens; it alone knows yajl.
 */


#include <setjmp.h>

#include "core/json/profile_reader.h"
#include "core/profile_utf8.h"


#define PROFILE_READER_NONE  UINT64_MAX


/* what yajl allocates, in a ring */

typedef struct profile_reader_block_s  profile_reader_block_t;

struct profile_reader_block_s {
    profile_reader_block_t   *prev;
    profile_reader_block_t   *next;
};


struct profile_reader_s {
    profile_alloc_t           alloc;
    profile_reader_conf_t     conf;
    profile_reader_handler_t  handler;
    void                     *ctx;

    void                     *yajl;          /* a yajl_handle */
    profile_reader_block_t    blocks;
    jmp_buf                   no_memory;

    const u_char             *chunk;
    uint64_t                  chunk_start;
    uint64_t                  chunk_end;

    uint64_t                  pos;           /* accepted from the caller */
    uint64_t                  origin;
    uint64_t                  last;          /* end of the last token */
    uint64_t                  token;         /* start of the one under way */
    uint64_t                  hold_start;
    uint64_t                  offset;        /* of the error */

    profile_buf_t             held;
    profile_buf_t             gather;

    profile_event_t           ev;            /* name of the next value */
    profile_event_t           skip;          /* value being passed over */

    profile_reason_e          reason;
    unsigned                  depth;
    unsigned                  skip_depth;

    profile_utf8_t            utf8;
    u_char                    sep;           /* may precede the next token */
    u_char                    first;         /* byte of the one under way */
    unsigned                  holding:1;
    unsigned                  started:1;
    unsigned                  done:1;
    unsigned                  escape:1;      /* a backslash stands open */
};


/* Ends the reading.  Returns the reason. */
profile_reason_e profile_reader_error(profile_reader_t *r,
    profile_reason_e reason, uint64_t offset);


/* Returns PROFILE_OK or PROFILE_NO_MEMORY; to be freed in both cases. */
profile_reason_e profile_reader_yajl_create(profile_reader_t *r);
void profile_reader_yajl_destroy(profile_reader_t *r);

/* Reads the tokens of the chunk.  r->done is set when the text is whole. */
profile_reason_e profile_reader_yajl_parse(profile_reader_t *r);

/* The text ends behind the last chunk: a number may be complete by that. */
profile_reason_e profile_reader_yajl_finish(profile_reader_t *r);

/*
 * The start of the token behind the last one, or PROFILE_READER_NONE where
 * the chunk ends before it.
 */
uint64_t profile_reader_yajl_gap(profile_reader_t *r);


#endif /* _PROFILE_READER_IMPL_H_INCLUDED_ */
