
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_READER_STATE_H_INCLUDED_
#define _PROFILE_READER_STATE_H_INCLUDED_


/* What a reader and each of its engines share. */


#include "core/profile_core.h"
#include "core/json/profile_event.h"


#define PROFILE_READER_NONE  UINT64_MAX


/*
 * An engine reads the bytes and tells the tokens by the functions below.
 *
 * size is that of what it keeps for a text: it begins with a profile_reader_t
 * and is zero but for that when create() is called, which returns PROFILE_OK
 * or PROFILE_NO_MEMORY; destroy() is called in both cases.
 *
 * feed() reads the next len bytes, at least one and no more than the limits
 * allow, and leads r->pos behind them.  It returns how many of them are of the
 * text: all, unless that ends in them (r->done) or is wrong (r->reason).
 * While tokens are told the chunk is that of their bytes; r->token is the start
 * of the one that goes on behind these bytes, or PROFILE_READER_NONE.
 *
 * flush() reads what feed() may have put off, before more is refused.  It
 * returns r->reason.
 *
 * finish() does so at the end of the text, of which there may be nothing, and
 * tells what is complete by that, such as a number.  What is not complete is
 * no error of the engine.
 */

typedef struct {
    size_t                    size;
    profile_reason_e        (*create)(profile_reader_t *r);
    void                    (*destroy)(profile_reader_t *r);
    size_t                  (*feed)(profile_reader_t *r, const u_char *data,
                                    size_t len);
    profile_reason_e        (*flush)(profile_reader_t *r);
    void                    (*finish)(profile_reader_t *r);
} profile_reader_engine_t;


struct profile_reader_s {
    const profile_reader_engine_t  *engine;
    profile_alloc_t           alloc;
    profile_reader_conf_t     conf;
    profile_reader_handler_t  handler;
    void                     *ctx;

    const u_char             *chunk;         /* the bytes being read */
    uint64_t                  chunk_start;
    uint64_t                  chunk_end;

    uint64_t                  pos;           /* accepted from the caller */
    uint64_t                  origin;
    uint64_t                  token;         /* start of the one under way */
    uint64_t                  hold_start;
    uint64_t                  offset;        /* of the error */

    profile_buf_t             held;

    profile_event_t           ev;            /* name of the next value */
    profile_event_t           skip;          /* value being passed over */

    profile_reason_e          reason;
    unsigned                  depth;
    unsigned                  skip_depth;    /* 0: nothing is passed over */
    unsigned                  loose_depth;   /* 0: what is held must be */
    profile_reader_lost_pt    lost;

    unsigned                  holding:1;
    unsigned                  started:1;     /* no byte order mark is open */
    unsigned                  done:1;        /* the text is whole */
    unsigned                  losing:1;      /* what is skipped was let go */
};


/* Ends the reading.  Returns the reason. */
profile_reason_e profile_reader_state_error(profile_reader_t *r,
    profile_reason_e reason, uint64_t offset);

/*
 * The chunk was read and goes away: what of it is held is kept.  Returns
 * PROFILE_OK or PROFILE_NO_MEMORY, which has ended the reading.
 */
profile_reason_e profile_reader_state_keep(profile_reader_t *r);


/*
 * What is held is too large, or too deep.  Returns 1 if it was let go, and its
 * rest is passed over, else 0.
 */
int profile_reader_state_lose(profile_reader_t *r, profile_reason_e reason,
    uint64_t offset);


/*
 * These are the bytes up to r->pos, of which tokens are told; names of earlier
 * ones are not at hand any more.
 */

static inline void
profile_reader_state_chunk(profile_reader_t *r, const u_char *data,
    size_t len)
{
    r->chunk = data;
    r->chunk_start = r->pos - len;
    r->chunk_end = r->pos;

    r->ev.name = NULL;
    r->skip.name = NULL;
}


/*
 * The tokens.  All return 1, or 0 where nothing more is to be read: the text
 * is whole (r->done) or the reading has ended (r->reason).  They are called
 * for each token, and so are compiled into the engine.
 */

static inline void
profile_reader_state_name(profile_reader_t *r, uint64_t start, uint64_t end,
    unsigned escaped)
{
    if (r->skip_depth) {
        return;
    }

    r->ev.name = start >= r->chunk_start
                 ? r->chunk + (start - r->chunk_start) : NULL;
    r->ev.name_start = start;
    r->ev.name_end = end;
    r->ev.named = 1;
    r->ev.escaped = escaped;
}


/* behind the text no other token is read */

static inline int
profile_reader_state_close(profile_reader_t *r, profile_reason_e rc,
    uint64_t end)
{
    if (rc != PROFILE_OK) {
        (void) profile_reader_state_error(r, rc, end);
        return 0;
    }

    if (r->depth == 0) {
        r->done = 1;
        return 0;
    }

    return 1;
}


static inline int
profile_reader_state_value(profile_reader_t *r, profile_type_e type,
    uint64_t start, uint64_t end)
{
    profile_reason_e  rc;

    if (r->skip_depth) {
        return 1;
    }

    r->ev.type = type;
    r->ev.start = start;
    r->ev.end = end;

    rc = r->handler.value(r->ctx, &r->ev);

    r->ev.named = 0;

    return profile_reader_state_close(r, rc, end);
}


static inline int
profile_reader_state_begin(profile_reader_t *r, profile_type_e type,
    uint64_t start)
{
    int               inside;
    profile_reason_e  rc;

    if (r->depth >= r->conf.max_depth
        && !(r->losing && r->depth < PROFILE_READER_LOST_DEPTH)
        && !profile_reader_state_lose(r, PROFILE_TOO_DEEP, start))
    {
        (void) profile_reader_state_error(r, PROFILE_TOO_DEEP, start);
        return 0;
    }

    r->depth++;

    if (r->skip_depth) {
        return 1;
    }

    r->ev.type = type;
    r->ev.start = start;
    r->ev.end = start + 1;

    inside = 0;

    rc = r->handler.begin(r->ctx, &r->ev, &inside);

    if (rc != PROFILE_OK) {
        (void) profile_reader_state_error(r, rc, start);
        return 0;
    }

    if (!inside) {
        r->skip = r->ev;
        r->skip_depth = r->depth;
    }

    r->ev.named = 0;

    return 1;
}


static inline int
profile_reader_state_end(profile_reader_t *r, profile_type_e type,
    uint64_t end)
{
    profile_reason_e  rc;

    if (r->depth == r->skip_depth) {
        r->skip_depth = 0;
        r->losing = 0;
        r->depth--;
        r->skip.end = end;

        rc = r->handler.value(r->ctx, &r->skip);

        return profile_reader_state_close(r, rc, end);
    }

    r->depth--;

    if (r->skip_depth) {
        return 1;
    }

    r->ev.type = type;
    r->ev.end = end;

    rc = r->handler.end(r->ctx, &r->ev);

    return profile_reader_state_close(r, rc, end);
}


#endif /* _PROFILE_READER_STATE_H_INCLUDED_ */
