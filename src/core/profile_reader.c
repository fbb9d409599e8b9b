
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <setjmp.h>
#include <stdlib.h>

#include <yajl/yajl_parse.h>

#include "profile_reader.h"
#include "profile_text.h"


/*
 * A token that spans chunks is scanned again by yajl from its start with each
 * chunk.  Beyond this size further bytes are gathered until they are as many
 * as yajl has of the token already, which keeps the work linear.
 */
#define PROFILE_READER_GATHER  4096

#define PROFILE_READER_NONE    UINT64_MAX


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

    yajl_handle               yajl;
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
};


static void *profile_reader_yajl_malloc(void *ctx, size_t size);
static void *profile_reader_yajl_realloc(void *ctx, void *p, size_t size);
static void profile_reader_yajl_free(void *ctx, void *p);
static profile_reason_e profile_reader_start(profile_reader_t *r);
static profile_reason_e profile_reader_error(profile_reader_t *r,
    profile_reason_e reason, uint64_t offset);
static size_t profile_reader_bom(profile_reader_t *r, const u_char *p);
static size_t profile_reader_allow(profile_reader_t *r, size_t len);
static profile_reason_e profile_reader_piece(profile_reader_t *r,
    const u_char *data, size_t len);
static int profile_reader_inside(profile_reader_t *r, const u_char *data,
    size_t len);
static profile_reason_e profile_reader_flush(profile_reader_t *r);
static profile_reason_e profile_reader_chunk(profile_reader_t *r,
    const u_char *data, size_t len);
static profile_reason_e profile_reader_parse(profile_reader_t *r);
static profile_reason_e profile_reader_complete(profile_reader_t *r);
static profile_reason_e profile_reader_yajl_error(profile_reader_t *r);
static profile_reason_e profile_reader_trailing(profile_reader_t *r,
    const u_char *data, size_t len);
static uint64_t profile_reader_gap(profile_reader_t *r);
static uint64_t profile_reader_token(profile_reader_t *r, const u_char *data);
static void profile_reader_advance(profile_reader_t *r, u_char sep);
static int profile_reader_name(void *ctx, const u_char *data, size_t len);
static int profile_reader_begin(profile_reader_t *r, profile_type_e type);
static int profile_reader_end(profile_reader_t *r, profile_type_e type);
static int profile_reader_value(profile_reader_t *r, profile_type_e type,
    const u_char *data);
static int profile_reader_close(profile_reader_t *r, profile_reason_e rc);
static int profile_reader_null(void *ctx);
static int profile_reader_boolean(void *ctx, int value);
static int profile_reader_number(void *ctx, const char *data, size_t len);
static int profile_reader_string(void *ctx, const u_char *data, size_t len);
static int profile_reader_begin_object(void *ctx);
static int profile_reader_end_object(void *ctx);
static int profile_reader_begin_array(void *ctx);
static int profile_reader_end_array(void *ctx);


static const yajl_callbacks  profile_reader_callbacks = {
    profile_reader_null,
    profile_reader_boolean,
    NULL,
    NULL,
    profile_reader_number,
    profile_reader_string,
    profile_reader_begin_object,
    profile_reader_name,
    profile_reader_end_object,
    profile_reader_begin_array,
    profile_reader_end_array
};


profile_reader_t *
profile_reader_create(const profile_alloc_t *a,
    const profile_reader_conf_t *conf,
    const profile_reader_handler_t *handler, void *ctx)
{
    profile_reader_t  *r;

    r = a->alloc(a->ctx, sizeof(profile_reader_t));
    if (r == NULL) {
        return NULL;
    }

    memset(r, 0, sizeof(profile_reader_t));

    r->alloc = *a;
    r->conf = *conf;
    r->handler = *handler;
    r->ctx = ctx;
    r->token = PROFILE_READER_NONE;
    r->blocks.prev = &r->blocks;
    r->blocks.next = &r->blocks;

    if (profile_reader_start(r) != PROFILE_OK) {
        profile_reader_destroy(r);
        return NULL;
    }

    return r;
}


static profile_reason_e
profile_reader_start(profile_reader_t *r)
{
    yajl_alloc_funcs  funcs;

    funcs.malloc = profile_reader_yajl_malloc;
    funcs.realloc = profile_reader_yajl_realloc;
    funcs.free = profile_reader_yajl_free;
    funcs.ctx = r;

    if (setjmp(r->no_memory) != 0) {
        return PROFILE_NO_MEMORY;
    }

    r->yajl = yajl_alloc(&profile_reader_callbacks, &funcs, r);

    /* profile_utf8_check() does it, and by the book */
    yajl_config(r->yajl, yajl_dont_validate_strings, 1);

    return PROFILE_OK;
}


void
profile_reader_destroy(profile_reader_t *r)
{
    profile_reader_block_t  *b, *next;

    if (r == NULL) {
        return;
    }

    /* not yajl_free(): a handle that ran out of memory is half made */

    for (b = r->blocks.next; b != &r->blocks; b = next) {
        next = b->next;
        r->alloc.free(r->alloc.ctx, b);
    }

    profile_buf_free(&r->alloc, &r->held);
    profile_buf_free(&r->alloc, &r->gather);

    r->alloc.free(r->alloc.ctx, r);
}


/* yajl does not test what malloc() returns: a failure must not return to it */

static void *
profile_reader_yajl_malloc(void *ctx, size_t size)
{
    profile_reader_t        *r = ctx;
    profile_reader_block_t  *b;

    b = r->alloc.alloc(r->alloc.ctx, sizeof(profile_reader_block_t) + size);
    if (b == NULL) {
        longjmp(r->no_memory, 1);
    }

    b->prev = &r->blocks;
    b->next = r->blocks.next;
    b->next->prev = b;
    r->blocks.next = b;

    return b + 1;
}


static void *
profile_reader_yajl_realloc(void *ctx, void *p, size_t size)
{
    profile_reader_t        *r = ctx;
    profile_reader_block_t  *b;

    if (p == NULL) {
        return profile_reader_yajl_malloc(ctx, size);
    }

    b = (profile_reader_block_t *) p - 1;

    b = r->alloc.realloc(r->alloc.ctx, b,
                         sizeof(profile_reader_block_t) + size);
    if (b == NULL) {
        longjmp(r->no_memory, 1);
    }

    b->prev->next = b;
    b->next->prev = b;

    return b + 1;
}


static void
profile_reader_yajl_free(void *ctx, void *p)
{
    profile_reader_t        *r = ctx;
    profile_reader_block_t  *b;

    if (p == NULL) {
        return;
    }

    b = (profile_reader_block_t *) p - 1;

    b->prev->next = b->next;
    b->next->prev = b->prev;

    r->alloc.free(r->alloc.ctx, b);
}


uint64_t
profile_reader_offset(profile_reader_t *r)
{
    return r->offset;
}


uint64_t
profile_reader_origin(profile_reader_t *r)
{
    return r->origin;
}


void
profile_reader_hold(profile_reader_t *r, uint64_t start)
{
    r->holding = 1;
    r->hold_start = start;
    r->held.len = 0;
}


void
profile_reader_release(profile_reader_t *r)
{
    r->holding = 0;
}


const u_char *
profile_reader_text(profile_reader_t *r, uint64_t start, uint64_t end)
{
    uint64_t  have;

    if (start >= r->chunk_start) {
        return r->chunk + (start - r->chunk_start);
    }

    have = r->hold_start + r->held.len;

    if (have < end
        && profile_buf_append(&r->alloc, &r->held,
                              r->chunk + (have - r->chunk_start), end - have)
           != 0)
    {
        return NULL;
    }

    return r->held.data + (start - r->hold_start);
}


profile_reason_e
profile_reader_feed(profile_reader_t *r, const u_char *data, size_t len)
{
    size_t            n, good;
    profile_reason_e  rc;

    while (len && r->reason == PROFILE_OK) {

        if (!r->started) {
            n = profile_reader_bom(r, data);
            data += n;
            len -= n;
            continue;
        }

        if (r->done) {
            return profile_reader_trailing(r, data, len);
        }

        n = profile_reader_allow(r, len);
        if (n == 0) {
            break;
        }

        /* yajl is lax about UTF-8, and takes VT and FF for white space */
        good = profile_utf8_check(&r->utf8, data, n);

        rc = profile_reader_piece(r, data, good);

        if (rc == PROFILE_OK && good < n && !r->done) {
            rc = profile_reader_flush(r);

            if (rc == PROFILE_OK) {
                rc = (data[good] < 0x80 && r->utf8.more == 0)
                     ? PROFILE_INVALID_JSON : PROFILE_INVALID_UTF8;

                return profile_reader_error(r, rc, r->pos);
            }
        }

        if (r->done) {
            /* the bytes behind the end are looked at once more */
            good = r->last - (r->pos - good);
            r->pos = r->last;
        }

        data += good;
        len -= good;
    }

    return r->reason;
}


profile_reason_e
profile_reader_finish(profile_reader_t *r)
{
    if (r->reason != PROFILE_OK || r->done) {
        return r->reason;
    }

    if (profile_reader_flush(r) != PROFILE_OK) {
        return r->reason;
    }

    return profile_reader_complete(r);
}


static profile_reason_e
profile_reader_error(profile_reader_t *r, profile_reason_e reason,
    uint64_t offset)
{
    r->reason = reason;
    r->offset = offset;

    return reason;
}


static size_t
profile_reader_bom(profile_reader_t *r, const u_char *p)
{
    static const u_char  bom[] = { 0xef, 0xbb, 0xbf };

    if (!r->conf.skip_bom || (r->origin == 0 && *p != bom[0])) {
        r->started = 1;
        return 0;
    }

    if (*p != bom[r->origin]) {
        (void) profile_reader_error(r, PROFILE_INVALID_JSON, 0);
        return 0;
    }

    r->origin++;
    r->pos++;
    r->last = r->pos;

    if (r->origin == sizeof(bom)) {
        r->started = 1;
    }

    return 1;
}


/*
 * How many of the next bytes may be read before something is too large: so
 * the error stands at the same offset whatever the chunks are.
 */

static size_t
profile_reader_allow(profile_reader_t *r, size_t len)
{
    uint64_t  from, limit;

    from = r->holding ? r->hold_start : r->token;
    limit = (from == PROFILE_READER_NONE ? r->pos : from) + r->conf.max_size;

    if (r->pos == limit) {
        if (profile_reader_flush(r) == PROFILE_OK) {
            (void) profile_reader_error(r, PROFILE_USER_TOO_LARGE, limit);
        }

        return 0;
    }

    return len < limit - r->pos ? len : (size_t) (limit - r->pos);
}


static profile_reason_e
profile_reader_piece(profile_reader_t *r, const u_char *data, size_t len)
{
    int  inside;

    r->pos += len;

    if (len == 0) {
        return PROFILE_OK;
    }

    inside = r->token != PROFILE_READER_NONE
             && r->chunk_end - r->token >= PROFILE_READER_GATHER
             && profile_reader_inside(r, data, len);

    if (r->gather.len == 0 && !inside) {
        return profile_reader_chunk(r, data, len);
    }

    if (profile_buf_append(&r->alloc, &r->gather, data, len) != 0) {
        return profile_reader_error(r, PROFILE_NO_MEMORY, r->pos);
    }

    if (inside && r->gather.len < r->chunk_end - r->token) {
        return PROFILE_OK;
    }

    return profile_reader_flush(r);
}


/* the token under way cannot end in these bytes */

static int
profile_reader_inside(profile_reader_t *r, const u_char *data, size_t len)
{
    size_t  i;

    if (r->first == '"') {
        return memchr(data, '"', len) == NULL;
    }

    for (i = 0; i < len; i++) {
        if (data[i] < '0' || data[i] > '9') {
            return 0;
        }
    }

    return 1;
}


static profile_reason_e
profile_reader_flush(profile_reader_t *r)
{
    size_t  len;

    if (r->gather.len == 0) {
        return PROFILE_OK;
    }

    len = r->gather.len;
    r->gather.len = 0;

    return profile_reader_chunk(r, r->gather.data, len);
}


static profile_reason_e
profile_reader_chunk(profile_reader_t *r, const u_char *data, size_t len)
{
    uint64_t  have;

    r->chunk = data;
    r->chunk_start = r->pos - len;
    r->chunk_end = r->pos;

    if (profile_reader_parse(r) != PROFILE_OK || r->done) {
        return r->reason;
    }

    if (r->token == PROFILE_READER_NONE) {
        r->token = profile_reader_gap(r);

        if (r->token != PROFILE_READER_NONE) {
            r->first = data[r->token - r->chunk_start];
        }
    }

    if (r->holding) {
        have = r->hold_start + r->held.len;

        if (profile_buf_append(&r->alloc, &r->held,
                               data + (have - r->chunk_start), r->pos - have)
            != 0)
        {
            return profile_reader_error(r, PROFILE_NO_MEMORY, r->pos);
        }
    }

    return PROFILE_OK;
}


static profile_reason_e
profile_reader_parse(profile_reader_t *r)
{
    if (setjmp(r->no_memory) != 0) {
        return profile_reader_error(r, PROFILE_NO_MEMORY, r->pos);
    }

    switch (yajl_parse(r->yajl, r->chunk, r->chunk_end - r->chunk_start)) {

    case yajl_status_ok:
        return PROFILE_OK;

    case yajl_status_client_canceled:
        return r->reason;

    default: /* yajl_status_error */
        return profile_reader_yajl_error(r);
    }
}


static profile_reason_e
profile_reader_complete(profile_reader_t *r)
{
    r->chunk_start = r->pos;
    r->chunk_end = r->pos;

    if (setjmp(r->no_memory) != 0) {
        return profile_reader_error(r, PROFILE_NO_MEMORY, r->pos);
    }

    /* a number that ends the text is reported from here */

    if (r->started && r->utf8.more == 0) {
        (void) yajl_complete_parse(r->yajl);
    }

    if (r->reason == PROFILE_OK && !r->done) {
        return profile_reader_error(r, PROFILE_TRUNCATED, r->pos);
    }

    return r->reason;
}


/*
 * A wrong byte is reported where it stands, a wrong token where it begins.
 * What yajl counts differs with the kind of error, which only its message
 * tells.
 */

static profile_reason_e
profile_reader_yajl_error(profile_reader_t *r)
{
    u_char      *message;
    uint64_t     offset;
    const char  *lexical = "lexical error";

    message = yajl_get_error(r->yajl, 0, NULL, 0);

    if (strncmp((char *) message, lexical, strlen(lexical)) == 0) {
        offset = r->chunk_start + yajl_get_bytes_consumed(r->yajl);

        if (strstr((char *) message, "invalid char in") != NULL) {
            offset--;
        }

    } else {
        offset = r->token;

        if (offset == PROFILE_READER_NONE) {
            offset = profile_reader_gap(r);
        }
    }

    yajl_free_error(r->yajl, message);

    return profile_reader_error(r, PROFILE_INVALID_JSON, offset);
}


static profile_reason_e
profile_reader_trailing(profile_reader_t *r, const u_char *data, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {

        switch (data[i]) {

        case ' ':
        case '\t':
        case '\n':
        case '\r':
            continue;

        default:
            return profile_reader_error(r, PROFILE_TRAILING_DATA, r->pos + i);
        }
    }

    r->pos += len;

    return PROFILE_OK;
}


/*
 * The start of the token behind the last one: yajl tells only where a token
 * ends.  At most one separator stands between the two.
 */

static uint64_t
profile_reader_gap(profile_reader_t *r)
{
    const u_char  *p, *last;

    p = r->chunk;
    last = p + (r->chunk_end - r->chunk_start);

    if (r->last > r->chunk_start) {
        p += r->last - r->chunk_start;
    }

    for ( /* void */ ; p < last; p++) {

        switch (*p) {

        case ' ':
        case '\t':
        case '\n':
        case '\r':
            continue;

        default:
            if (r->sep && *p == r->sep) {
                r->sep = 0;
                continue;
            }

            return r->chunk_start + (p - r->chunk);
        }
    }

    return PROFILE_READER_NONE;
}


/* the token that ends here: its start, from where yajl has its bytes */

static uint64_t
profile_reader_token(profile_reader_t *r, const u_char *data)
{
    uintptr_t  offset;

    offset = (uintptr_t) data - (uintptr_t) r->chunk;

    if (offset < r->chunk_end - r->chunk_start) {
        return r->chunk_start + offset;
    }

    return r->token != PROFILE_READER_NONE ? r->token : profile_reader_gap(r);
}


static void
profile_reader_advance(profile_reader_t *r, u_char sep)
{
    r->last = r->chunk_start + yajl_get_bytes_consumed(r->yajl);
    r->token = PROFILE_READER_NONE;
    r->sep = sep;
}


static int
profile_reader_name(void *ctx, const u_char *data, size_t len)
{
    profile_reader_t  *r = ctx;
    uint64_t           start;

    if (r->skip_depth) {
        profile_reader_advance(r, ':');
        return 1;
    }

    start = profile_reader_token(r, data - 1);
    profile_reader_advance(r, ':');

    r->ev.name_start = start + 1;
    r->ev.name_end = r->last - 1;
    r->ev.named = 1;
    r->ev.escaped = (r->ev.name_end - r->ev.name_start != len);

    return 1;
}


static int
profile_reader_begin(profile_reader_t *r, profile_type_e type)
{
    int               inside;
    profile_reason_e  rc;

    profile_reader_advance(r, 0);

    if (r->depth == r->conf.max_depth) {
        (void) profile_reader_error(r, PROFILE_TOO_DEEP, r->last - 1);
        return 0;
    }

    r->depth++;

    if (r->skip_depth) {
        return 1;
    }

    r->ev.type = type;
    r->ev.start = r->last - 1;
    r->ev.end = r->last;

    inside = 0;

    rc = r->handler.begin(r->ctx, &r->ev, &inside);

    if (rc != PROFILE_OK) {
        (void) profile_reader_error(r, rc, r->ev.start);
        return 0;
    }

    if (!inside) {
        r->skip = r->ev;
        r->skip_depth = r->depth;
    }

    r->ev.named = 0;

    return 1;
}


static int
profile_reader_end(profile_reader_t *r, profile_type_e type)
{
    profile_reason_e  rc;

    profile_reader_advance(r, ',');

    if (r->depth == r->skip_depth) {
        r->skip_depth = 0;
        r->depth--;
        r->skip.end = r->last;

        return profile_reader_close(r, r->handler.value(r->ctx, &r->skip));
    }

    r->depth--;

    if (r->skip_depth) {
        return 1;
    }

    r->ev.type = type;
    r->ev.end = r->last;

    rc = r->handler.end(r->ctx, &r->ev);

    return profile_reader_close(r, rc);
}


static int
profile_reader_value(profile_reader_t *r, profile_type_e type,
    const u_char *data)
{
    profile_reason_e  rc;

    if (r->skip_depth) {
        profile_reader_advance(r, ',');
        return 1;
    }

    r->ev.type = type;
    r->ev.start = profile_reader_token(r, data);

    profile_reader_advance(r, ',');

    r->ev.end = r->last;

    rc = r->handler.value(r->ctx, &r->ev);

    r->ev.named = 0;

    return profile_reader_close(r, rc);
}


/* behind the text yajl would accept the beginning of another token */

static int
profile_reader_close(profile_reader_t *r, profile_reason_e rc)
{
    if (rc != PROFILE_OK) {
        (void) profile_reader_error(r, rc, r->last);
        return 0;
    }

    if (r->depth == 0) {
        r->done = 1;
        return 0;
    }

    return 1;
}


static int
profile_reader_null(void *ctx)
{
    return profile_reader_value(ctx, PROFILE_NULL, NULL);
}


static int
profile_reader_boolean(void *ctx, int value)
{
    (void) value;

    return profile_reader_value(ctx, PROFILE_BOOLEAN, NULL);
}


static int
profile_reader_number(void *ctx, const char *data, size_t len)
{
    (void) len;

    return profile_reader_value(ctx, PROFILE_NUMBER, (const u_char *) data);
}


static int
profile_reader_string(void *ctx, const u_char *data, size_t len)
{
    (void) len;

    return profile_reader_value(ctx, PROFILE_STRING, data - 1);
}


static int
profile_reader_begin_object(void *ctx)
{
    return profile_reader_begin(ctx, PROFILE_OBJECT);
}


static int
profile_reader_end_object(void *ctx)
{
    return profile_reader_end(ctx, PROFILE_OBJECT);
}


static int
profile_reader_begin_array(void *ctx)
{
    return profile_reader_begin(ctx, PROFILE_ARRAY);
}


static int
profile_reader_end_array(void *ctx)
{
    return profile_reader_end(ctx, PROFILE_ARRAY);
}
