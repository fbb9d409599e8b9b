
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_CORE_H_INCLUDED_
#define _PROFILE_CORE_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>


/* for a body that is compiled more than once, with other constants */

#define profile_always_inline  inline __attribute__((always_inline))


typedef struct {
    size_t                len;
    const u_char         *data;
} profile_str_t;


#define profile_string(str)  { sizeof(str) - 1, (const u_char *) str }

#define profile_str_eq(s, d, n)                                              \
    ((s)->len == (n) && memcmp((s)->data, d, n) == 0)


/*
 * Every reason for which something was passed, failed or blocked.  The one
 * list serves the error answer, the log line, $profile_reason and the label
 * of the metrics; the order is that of the counters in shared memory.
 */

typedef enum {
    PROFILE_OK = 0,

    /* passed */
    PROFILE_CONDITION,
    PROFILE_STATUS,
    PROFILE_TYPE,
    PROFILE_HEAD,
    PROFILE_NO_USERS,
    PROFILE_NO_BODY,
    PROFILE_ALLOWED,
    PROFILE_REDIRECT,

    /* failed or blocked: the text itself */
    PROFILE_INVALID_JSON,
    PROFILE_INVALID_UTF8,
    PROFILE_TRUNCATED,
    PROFILE_TRAILING_DATA,
    PROFILE_TOO_DEEP,
    PROFILE_USER_TOO_LARGE,
    PROFILE_NOT_USERS,
    PROFILE_LATE_USER,
    PROFILE_PATTERN_LIMIT,
    PROFILE_NO_MEMORY,

    /* failed: the response around it */
    PROFILE_PARTIAL,
    PROFILE_ENCODING,
    PROFILE_INVALID_GZIP,
    PROFILE_UPSTREAM,
    PROFILE_CLIENT,
    PROFILE_TUNNEL,
    PROFILE_INTERNAL,

    /* blocked */
    PROFILE_ATTRIBUTES,
    PROFILE_RESERVED,
    PROFILE_METADATA_NAME,
    PROFILE_NAME,
    PROFILE_DUPLICATE,
    PROFILE_NOT_OBJECT,
    PROFILE_CONTAINER,
    PROFILE_EMPTY_BODY,
    PROFILE_BODY_TOO_LARGE,
    PROFILE_MEDIA_TYPE,
    PROFILE_BODY_ENCODING,
    PROFILE_METHOD_OVERRIDE,
    PROFILE_HEADER,
    PROFILE_PATH,
    PROFILE_QUERY,
    PROFILE_UNSUPPORTED,
    PROFILE_FORBIDDEN,
    PROFILE_PRECONDITION,
    PROFILE_CONNECTION,
    PROFILE_NUMBER_TOO_LARGE,
    PROFILE_ALIAS,
    PROFILE_ID,
    PROFILE_SEARCH_LIMIT,
    PROFILE_BUSY,
    PROFILE_TIMEOUT,
    PROFILE_VALUE,

    PROFILE_REASONS
} profile_reason_e;


/*
 * All memory of the core comes from here.  realloc() is given the block that
 * alloc() or realloc() returned, or NULL; NULL in return is "no memory" and
 * leaves the old block as it was.  free() accepts NULL.
 */

typedef struct {
    void               *(*alloc)(void *ctx, size_t size);
    void               *(*realloc)(void *ctx, void *p, size_t size);
    void                (*free)(void *ctx, void *p);
    void                 *ctx;
} profile_alloc_t;


/*
 * Takes what comes out, piece by piece.  A reason other than PROFILE_OK ends
 * the work and is returned to its caller.
 */

typedef struct {
    profile_reason_e    (*write)(void *ctx, const u_char *data, size_t len);
    void                 *ctx;
} profile_sink_t;


/*
 * An array of bytes that is reused, not remade.  It grows by doubling, and
 * where it is large by a quarter, so that little of it is held for nothing.
 */

typedef struct {
    u_char               *data;
    size_t                len;
    size_t                size;
} profile_buf_t;


/* room for the version of a library */

#define PROFILE_VERSION_LEN  32


/*
 * Makes room for len more bytes behind buf->len.  Returns 0, or -1 when there
 * is no memory; the contents stay as they were in both cases.
 */
#define profile_buf_reserve(a, buf, n)                                       \
    ((size_t) (n) <= (buf)->size - (buf)->len                                \
     ? 0 : profile_buf_grow(a, buf, n))

int profile_buf_grow(const profile_alloc_t *a, profile_buf_t *buf, size_t len);

/* Appends len bytes of data.  Returns as profile_buf_reserve() does. */
int profile_buf_append(const profile_alloc_t *a, profile_buf_t *buf,
    const void *data, size_t len);

/* The same for a literal. */
#define profile_buf_text(a, buf, text)                                       \
    profile_buf_append(a, buf, text, sizeof(text) - 1)

/*
 * Empties the buffer.  Its memory stays for what comes next, unless it is
 * more than what is usual takes: that is given back.
 */
void profile_buf_trim(const profile_alloc_t *a, profile_buf_t *buf);

/* Gives the memory back; the buffer is empty and may be used again. */
void profile_buf_free(const profile_alloc_t *a, profile_buf_t *buf);


/*
 * The fingerprint of what has been added so far, 0 at first, with one more
 * text: the same in every process, and another one for other texts or for the
 * same ones cut elsewhere.  It hides nothing and withstands no attack.
 */
uint64_t profile_core_fingerprint(uint64_t print, const void *data, size_t len);


#endif /* _PROFILE_CORE_H_INCLUDED_ */
