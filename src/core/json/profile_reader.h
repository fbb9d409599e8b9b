
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_READER_H_INCLUDED_
#define _PROFILE_READER_H_INCLUDED_


/*
 * Reads one JSON text that arrives in chunks, strictly by RFC 8259 and
 * RFC 3629 (M6), and tells its handler what it meets.
 */


#include "core/profile_core.h"
#include "core/json/profile_event.h"


/* Returns NULL when there is no memory.  All arguments are copied. */
profile_reader_t *profile_reader_create(const profile_alloc_t *a,
    const profile_reader_conf_t *conf,
    const profile_reader_handler_t *handler, void *ctx);

/* Accepts NULL. */
void profile_reader_destroy(profile_reader_t *r);

/*
 * Reads the next len bytes.  data is used during the call only.  Returns
 * PROFILE_OK, what is wrong with the text, PROFILE_USER_TOO_LARGE,
 * PROFILE_NO_MEMORY or what the handler returned.  After an error every
 * further call returns the same.
 */
profile_reason_e profile_reader_feed(profile_reader_t *r, const u_char *data,
    size_t len);

/*
 * The text has ended.  Returns as profile_reader_feed() does, PROFILE_TRUNCATED
 * if it is not whole.
 */
profile_reason_e profile_reader_finish(profile_reader_t *r);

/* The offset that belongs to the error returned last. */
uint64_t profile_reader_offset(profile_reader_t *r);

/* Where the text begins: behind the bytes of a byte order mark seen so far. */
uint64_t profile_reader_origin(profile_reader_t *r);

/*
 * Keeps the text from offset start on at hand, until released.  To be called
 * from a handler, with the start of what begins or the end of what ended.
 * More than max_size bytes are the error PROFILE_USER_TOO_LARGE.
 */
void profile_reader_hold(profile_reader_t *r, uint64_t start);
void profile_reader_release(profile_reader_t *r);

/*
 * From begin() of an object that is held from its start on: should it turn out
 * to be too large or too deep, that is no error.  lost is called with the
 * reason and the offset that the error would have had; then the text is no
 * longer held, the rest is passed over and checked, down to
 * PROFILE_READER_LOST_DEPTH, and the whole comes as one value().
 */
void profile_reader_loose(profile_reader_t *r, profile_reader_lost_pt lost);

/* Whether text is kept. */
int profile_reader_holding(profile_reader_t *r);

/*
 * The bytes of [start, end), in one piece: held, or of the chunk that is
 * being read.  To be called from a handler; valid until the next call of it
 * or the return of the handler.  Returns NULL when there is no memory.
 */
const u_char *profile_reader_text(profile_reader_t *r, uint64_t start,
    uint64_t end);

/*
 * The version of the JSON library in use, such as "2.1.0".  text has room for
 * PROFILE_VERSION_LEN bytes.  Returns the length.
 */
size_t profile_reader_version(u_char *text);


#endif /* _PROFILE_READER_H_INCLUDED_ */
