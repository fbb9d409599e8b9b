
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <setjmp.h>
#include <stdio.h>
#include <yajl/yajl_parse.h>
#include <yajl/yajl_version.h>

#include "core/profile_utf8.h"
#include "core/json/profile_reader_yajl.h"


/*
 * A token that spans chunks is scanned again by yajl from its start with each
 * chunk.  Beyond this size further bytes are gathered until they are as many
 * as yajl has of the token already, which keeps the work linear.
 */
#define PROFILE_READER_GATHER  4096


/* what yajl allocates, in a ring */

typedef struct profile_reader_block_s  profile_reader_block_t;

struct profile_reader_block_s {
    profile_reader_block_t   *prev;
    profile_reader_block_t   *next;
};


typedef struct {
    profile_reader_t          reader;        /* first: see the engine */

    yajl_handle               handle;
    profile_reader_block_t    blocks;
    jmp_buf                   no_memory;

    profile_buf_t             gather;
    uint64_t                  last;          /* end of the last token */
    profile_utf8_t            utf8;
    u_char                    sep;           /* may precede the next token */
    u_char                    first;         /* byte of the one under way */
    unsigned                  escape:1;      /* a backslash stands open */
} profile_reader_yajl_t;


static profile_reason_e profile_reader_yajl_create(profile_reader_t *r);
static void profile_reader_yajl_destroy(profile_reader_t *r);
static void *profile_reader_yajl_malloc(void *ctx, size_t size);
static void *profile_reader_yajl_realloc(void *ctx, void *p, size_t size);
static void profile_reader_yajl_free(void *ctx, void *p);
static size_t profile_reader_yajl_feed(profile_reader_t *r, const u_char *data,
    size_t len);
static profile_reason_e profile_reader_yajl_piece(profile_reader_yajl_t *y,
    const u_char *data, size_t len);
static int profile_reader_yajl_inside(profile_reader_yajl_t *y,
    const u_char *data, size_t len);
static int profile_reader_yajl_escape(profile_reader_yajl_t *y,
    const u_char *data, size_t len);
static profile_reason_e profile_reader_yajl_flush(profile_reader_t *r);
static profile_reason_e profile_reader_yajl_chunk(profile_reader_yajl_t *y,
    const u_char *data, size_t len);
static profile_reason_e profile_reader_yajl_parse(profile_reader_yajl_t *y);
static void profile_reader_yajl_finish(profile_reader_t *r);
static profile_reason_e profile_reader_yajl_error(profile_reader_yajl_t *y);
static uint64_t profile_reader_yajl_gap(profile_reader_yajl_t *y);
static uint64_t profile_reader_yajl_token(profile_reader_yajl_t *y,
    const u_char *data, size_t len, unsigned quote, u_char sep);
static void profile_reader_yajl_advance(profile_reader_yajl_t *y, u_char sep);
static int profile_reader_yajl_name(void *ctx, const u_char *data, size_t len);
static int profile_reader_yajl_scalar(profile_reader_yajl_t *y,
    profile_type_e type, const u_char *data, size_t len, unsigned quote);
static int profile_reader_yajl_literal(profile_reader_yajl_t *y,
    profile_type_e type, size_t len);
static int profile_reader_yajl_begin(profile_reader_yajl_t *y,
    profile_type_e type);
static int profile_reader_yajl_end(profile_reader_yajl_t *y,
    profile_type_e type);
static int profile_reader_yajl_null(void *ctx);
static int profile_reader_yajl_boolean(void *ctx, int value);
static int profile_reader_yajl_number(void *ctx, const char *data, size_t len);
static int profile_reader_yajl_string(void *ctx, const u_char *data,
    size_t len);
static int profile_reader_yajl_begin_object(void *ctx);
static int profile_reader_yajl_end_object(void *ctx);
static int profile_reader_yajl_begin_array(void *ctx);
static int profile_reader_yajl_end_array(void *ctx);


static const yajl_callbacks  profile_reader_yajl_callbacks = {
    profile_reader_yajl_null,
    profile_reader_yajl_boolean,
    NULL,
    NULL,
    profile_reader_yajl_number,
    profile_reader_yajl_string,
    profile_reader_yajl_begin_object,
    profile_reader_yajl_name,
    profile_reader_yajl_end_object,
    profile_reader_yajl_begin_array,
    profile_reader_yajl_end_array
};


const profile_reader_engine_t  profile_reader_yajl = {
    sizeof(profile_reader_yajl_t),
    profile_reader_yajl_create,
    profile_reader_yajl_destroy,
    profile_reader_yajl_feed,
    profile_reader_yajl_flush,
    profile_reader_yajl_finish
};


static profile_reason_e
profile_reader_yajl_create(profile_reader_t *r)
{
    yajl_alloc_funcs        funcs;
    profile_reader_yajl_t  *y = (profile_reader_yajl_t *) r;

    funcs.malloc = profile_reader_yajl_malloc;
    funcs.realloc = profile_reader_yajl_realloc;
    funcs.free = profile_reader_yajl_free;
    funcs.ctx = y;

    y->blocks.prev = &y->blocks;
    y->blocks.next = &y->blocks;

    if (setjmp(y->no_memory) != 0) {
        return PROFILE_NO_MEMORY;
    }

    y->handle = yajl_alloc(&profile_reader_yajl_callbacks, &funcs, y);

    /* profile_utf8_check() does it, and by the book */
    yajl_config(y->handle, yajl_dont_validate_strings, 1);

    return PROFILE_OK;
}


static void
profile_reader_yajl_destroy(profile_reader_t *r)
{
    profile_reader_yajl_t   *y = (profile_reader_yajl_t *) r;
    profile_reader_block_t  *b, *next;

    /* not yajl_free(): a handle that ran out of memory is half made */

    for (b = y->blocks.next; b != &y->blocks; b = next) {
        next = b->next;
        r->alloc.free(r->alloc.ctx, b);
    }

    profile_buf_free(&r->alloc, &y->gather);
}


/* yajl does not test what malloc() returns: a failure must not return to it */

static void *
profile_reader_yajl_malloc(void *ctx, size_t size)
{
    profile_alloc_t         *a;
    profile_reader_yajl_t   *y = ctx;
    profile_reader_block_t  *b;

    a = &y->reader.alloc;

    b = a->alloc(a->ctx, sizeof(profile_reader_block_t) + size);
    if (b == NULL) {
        longjmp(y->no_memory, 1);
    }

    b->prev = &y->blocks;
    b->next = y->blocks.next;
    b->next->prev = b;
    y->blocks.next = b;

    return b + 1;
}


static void *
profile_reader_yajl_realloc(void *ctx, void *p, size_t size)
{
    profile_alloc_t         *a;
    profile_reader_yajl_t   *y = ctx;
    profile_reader_block_t  *b;

    if (p == NULL) {
        return profile_reader_yajl_malloc(ctx, size);
    }

    a = &y->reader.alloc;
    b = (profile_reader_block_t *) p - 1;

    b = a->realloc(a->ctx, b, sizeof(profile_reader_block_t) + size);
    if (b == NULL) {
        longjmp(y->no_memory, 1);
    }

    b->prev->next = b;
    b->next->prev = b;

    return b + 1;
}


static void
profile_reader_yajl_free(void *ctx, void *p)
{
    profile_alloc_t         *a;
    profile_reader_yajl_t   *y = ctx;
    profile_reader_block_t  *b;

    if (p == NULL) {
        return;
    }

    a = &y->reader.alloc;
    b = (profile_reader_block_t *) p - 1;

    b->prev->next = b->next;
    b->next->prev = b->prev;

    a->free(a->ctx, b);
}


static size_t
profile_reader_yajl_feed(profile_reader_t *r, const u_char *data, size_t len)
{
    size_t                  good;
    profile_reason_e        rc;
    profile_reader_yajl_t  *y = (profile_reader_yajl_t *) r;

    /* yajl is lax about UTF-8, and takes VT and FF for white space */

    good = profile_utf8_check(&y->utf8, data, len);

    rc = profile_reader_yajl_piece(y, data, good);

    if (r->done) {
        good = y->last - (r->pos - good);
        r->pos = y->last;

        return good;
    }

    if (rc == PROFILE_OK && good < len
        && profile_reader_yajl_flush(r) == PROFILE_OK)
    {
        rc = (data[good] < 0x80 && y->utf8.more == 0) ? PROFILE_INVALID_JSON
                                                      : PROFILE_INVALID_UTF8;

        (void) profile_reader_state_error(r, rc, r->pos);
    }

    return good;
}


static profile_reason_e
profile_reader_yajl_piece(profile_reader_yajl_t *y, const u_char *data,
    size_t len)
{
    int                inside;
    profile_reader_t  *r = &y->reader;

    r->pos += len;

    if (len == 0) {
        return PROFILE_OK;
    }

    inside = r->token != PROFILE_READER_NONE
             && r->chunk_end - r->token >= PROFILE_READER_GATHER
             && profile_reader_yajl_inside(y, data, len);

    y->escape = profile_reader_yajl_escape(y, data, len);

    if (y->gather.len == 0 && !inside) {
        return profile_reader_yajl_chunk(y, data, len);
    }

    if (profile_buf_append(&r->alloc, &y->gather, data, len) != 0) {
        return profile_reader_state_error(r, PROFILE_NO_MEMORY, r->pos);
    }

    if (inside && y->gather.len < r->chunk_end - r->token) {
        return PROFILE_OK;
    }

    return profile_reader_yajl_flush(r);
}


/* the token under way cannot end in these bytes */

static int
profile_reader_yajl_inside(profile_reader_yajl_t *y, const u_char *data,
    size_t len)
{
    size_t         i;
    const u_char  *p, *last;

    if (y->first == '"') {
        last = data + len;

        for (p = data; (p = memchr(p, '"', last - p)) != NULL; p++) {

            if (!profile_reader_yajl_escape(y, data, p - data)) {
                return 0;
            }
        }

        return 1;
    }

    for (i = 0; i < len; i++) {
        if (data[i] < '0' || data[i] > '9') {
            return 0;
        }
    }

    return 1;
}


/* in a string, the byte behind these is escaped: backslashes come in pairs */

static int
profile_reader_yajl_escape(profile_reader_yajl_t *y, const u_char *data,
    size_t len)
{
    size_t  n;

    for (n = 0; n < len && data[len - n - 1] == '\\'; n++) { /* void */ }

    return (n + (n == len ? y->escape : 0)) & 1;
}


static profile_reason_e
profile_reader_yajl_flush(profile_reader_t *r)
{
    size_t                  len;
    profile_reader_yajl_t  *y = (profile_reader_yajl_t *) r;

    if (y->gather.len == 0) {
        return PROFILE_OK;
    }

    len = y->gather.len;
    y->gather.len = 0;

    return profile_reader_yajl_chunk(y, y->gather.data, len);
}


static profile_reason_e
profile_reader_yajl_chunk(profile_reader_yajl_t *y, const u_char *data,
    size_t len)
{
    profile_reader_t  *r = &y->reader;

    profile_reader_state_chunk(r, data, len);

    if (profile_reader_yajl_parse(y) != PROFILE_OK || r->done) {
        return r->reason;
    }

    if (r->token == PROFILE_READER_NONE) {
        r->token = profile_reader_yajl_gap(y);

        if (r->token != PROFILE_READER_NONE) {
            y->first = data[r->token - r->chunk_start];
        }
    }

    return profile_reader_state_keep(r);
}


static profile_reason_e
profile_reader_yajl_parse(profile_reader_yajl_t *y)
{
    profile_reader_t  *r = &y->reader;

    if (setjmp(y->no_memory) != 0) {
        return profile_reader_state_error(r, PROFILE_NO_MEMORY, r->pos);
    }

    switch (yajl_parse(y->handle, r->chunk, r->chunk_end - r->chunk_start)) {

    case yajl_status_ok:
        return PROFILE_OK;

    case yajl_status_client_canceled:
        return r->reason;

    default: /* yajl_status_error */
        return profile_reader_yajl_error(y);
    }
}


static void
profile_reader_yajl_finish(profile_reader_t *r)
{
    profile_reader_yajl_t  *y = (profile_reader_yajl_t *) r;

    if (profile_reader_yajl_flush(r) != PROFILE_OK) {
        return;
    }

    profile_reader_state_chunk(r, r->chunk, 0);

    if (setjmp(y->no_memory) != 0) {
        (void) profile_reader_state_error(r, PROFILE_NO_MEMORY, r->pos);
        return;
    }

    /* a number that ends the text is reported from here */

    (void) yajl_complete_parse(y->handle);
}


/*
 * A wrong byte is reported where it stands, a wrong token where it begins.
 * What yajl counts differs with the kind of error, which only its message
 * tells.
 */

static profile_reason_e
profile_reader_yajl_error(profile_reader_yajl_t *y)
{
    u_char            *message;
    uint64_t           offset;
    const char        *lexical = "lexical error";
    profile_reader_t  *r = &y->reader;

    message = yajl_get_error(y->handle, 0, NULL, 0);

    if (strncmp((char *) message, lexical, strlen(lexical)) == 0) {
        offset = r->chunk_start + yajl_get_bytes_consumed(y->handle);

        if (strstr((char *) message, "invalid char in") != NULL) {
            offset--;
        }

    } else {
        offset = r->token;

        if (offset == PROFILE_READER_NONE) {
            offset = profile_reader_yajl_gap(y);
        }
    }

    yajl_free_error(y->handle, message);

    return profile_reader_state_error(r, PROFILE_INVALID_JSON, offset);
}


/*
 * The start of the token behind the last one: yajl tells only where a token
 * ends.  At most one separator stands between the two.
 */

static uint64_t
profile_reader_yajl_gap(profile_reader_yajl_t *y)
{
    const u_char      *p, *last;
    profile_reader_t  *r = &y->reader;

    p = r->chunk;
    last = p + (r->chunk_end - r->chunk_start);

    if (y->last > r->chunk_start) {
        p += y->last - r->chunk_start;
    }

    for ( /* void */ ; p < last; p++) {

        switch (*p) {

        case ' ':
        case '\t':
        case '\n':
        case '\r':
            continue;

        default:
            if (y->sep && *p == y->sep) {
                y->sep = 0;
                continue;
            }

            return r->chunk_start + (p - r->chunk);
        }
    }

    return PROFILE_READER_NONE;
}


/*
 * The token that ends here, of which yajl has the len bytes between quotes:
 * its start.  What is in the chunk has come without escapes, in one piece.
 */

static uint64_t
profile_reader_yajl_token(profile_reader_yajl_t *y, const u_char *data,
    size_t len, unsigned quote, u_char sep)
{
    uint64_t           start;
    uintptr_t          offset;
    profile_reader_t  *r = &y->reader;

    offset = (uintptr_t) data - (uintptr_t) r->chunk;

    if (offset < r->chunk_end - r->chunk_start) {
        offset += r->chunk_start;

        y->last = offset + len + quote;
        y->sep = sep;

        return offset - quote;
    }

    start = r->token;

    if (start == PROFILE_READER_NONE) {
        start = profile_reader_yajl_gap(y);
    }

    profile_reader_yajl_advance(y, sep);

    return start;
}


static void
profile_reader_yajl_advance(profile_reader_yajl_t *y, u_char sep)
{
    profile_reader_t  *r = &y->reader;

    y->last = r->chunk_start + yajl_get_bytes_consumed(y->handle);
    r->token = PROFILE_READER_NONE;
    y->sep = sep;
}


static int
profile_reader_yajl_name(void *ctx, const u_char *data, size_t len)
{
    uint64_t                start;
    profile_reader_yajl_t  *y = ctx;

    start = profile_reader_yajl_token(y, data, len, 1, ':') + 1;

    profile_reader_state_name(&y->reader, start, y->last - 1,
                              y->last - 1 - start != len);

    return 1;
}


static inline int
profile_reader_yajl_scalar(profile_reader_yajl_t *y, profile_type_e type,
    const u_char *data, size_t len, unsigned quote)
{
    uint64_t  start;

    start = profile_reader_yajl_token(y, data, len, quote, ',');

    return profile_reader_state_value(&y->reader, type, start, y->last);
}


static int
profile_reader_yajl_literal(profile_reader_yajl_t *y, profile_type_e type,
    size_t len)
{
    profile_reader_yajl_advance(y, ',');

    return profile_reader_state_value(&y->reader, type, y->last - len,
                                      y->last);
}


static int
profile_reader_yajl_begin(profile_reader_yajl_t *y, profile_type_e type)
{
    profile_reader_yajl_advance(y, 0);

    return profile_reader_state_begin(&y->reader, type, y->last - 1);
}


static int
profile_reader_yajl_end(profile_reader_yajl_t *y, profile_type_e type)
{
    profile_reader_yajl_advance(y, ',');

    return profile_reader_state_end(&y->reader, type, y->last);
}


static int
profile_reader_yajl_null(void *ctx)
{
    return profile_reader_yajl_literal(ctx, PROFILE_NULL, sizeof("null") - 1);
}


static int
profile_reader_yajl_boolean(void *ctx, int value)
{
    return profile_reader_yajl_literal(ctx, PROFILE_BOOLEAN,
                                       value ? sizeof("true") - 1
                                             : sizeof("false") - 1);
}


static int
profile_reader_yajl_number(void *ctx, const char *data, size_t len)
{
    return profile_reader_yajl_scalar(ctx, PROFILE_NUMBER,
                                      (const u_char *) data, len, 0);
}


static int
profile_reader_yajl_string(void *ctx, const u_char *data, size_t len)
{
    return profile_reader_yajl_scalar(ctx, PROFILE_STRING, data, len, 1);
}


static int
profile_reader_yajl_begin_object(void *ctx)
{
    return profile_reader_yajl_begin(ctx, PROFILE_OBJECT);
}


static int
profile_reader_yajl_end_object(void *ctx)
{
    return profile_reader_yajl_end(ctx, PROFILE_OBJECT);
}


static int
profile_reader_yajl_begin_array(void *ctx)
{
    return profile_reader_yajl_begin(ctx, PROFILE_ARRAY);
}


static int
profile_reader_yajl_end_array(void *ctx)
{
    return profile_reader_yajl_end(ctx, PROFILE_ARRAY);
}


size_t
profile_reader_yajl_version(u_char *text)
{
    int  version;

    version = yajl_version();

    return snprintf((char *) text, PROFILE_VERSION_LEN, "%d.%d.%d",
                    version / 10000, version / 100 % 100, version % 100);
}
