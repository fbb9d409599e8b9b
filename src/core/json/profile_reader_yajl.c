
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <stdio.h>
#include <yajl/yajl_parse.h>
#include <yajl/yajl_version.h>

#include "core/json/profile_reader_impl.h"


static void *profile_reader_yajl_malloc(void *ctx, size_t size);
static void *profile_reader_yajl_realloc(void *ctx, void *p, size_t size);
static void profile_reader_yajl_free(void *ctx, void *p);
static profile_reason_e profile_reader_yajl_error(profile_reader_t *r);
static uint64_t profile_reader_token(profile_reader_t *r, const u_char *data,
    size_t len, unsigned quote, u_char sep);
static void profile_reader_advance(profile_reader_t *r, u_char sep);
static int profile_reader_name(void *ctx, const u_char *data, size_t len);
static int profile_reader_begin(profile_reader_t *r, profile_type_e type);
static int profile_reader_end(profile_reader_t *r, profile_type_e type);
static int profile_reader_scalar(profile_reader_t *r, profile_type_e type,
    const u_char *data, size_t len, unsigned quote);
static int profile_reader_literal(profile_reader_t *r, profile_type_e type,
    size_t len);
static int profile_reader_value(profile_reader_t *r, profile_type_e type,
    uint64_t start);
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


profile_reason_e
profile_reader_yajl_create(profile_reader_t *r)
{
    yajl_alloc_funcs  funcs;

    funcs.malloc = profile_reader_yajl_malloc;
    funcs.realloc = profile_reader_yajl_realloc;
    funcs.free = profile_reader_yajl_free;
    funcs.ctx = r;

    r->blocks.prev = &r->blocks;
    r->blocks.next = &r->blocks;

    if (setjmp(r->no_memory) != 0) {
        return PROFILE_NO_MEMORY;
    }

    r->yajl = yajl_alloc(&profile_reader_callbacks, &funcs, r);

    /* profile_utf8_check() does it, and by the book */
    yajl_config(r->yajl, yajl_dont_validate_strings, 1);

    return PROFILE_OK;
}


void
profile_reader_yajl_destroy(profile_reader_t *r)
{
    profile_reader_block_t  *b, *next;

    /* not yajl_free(): a handle that ran out of memory is half made */

    for (b = r->blocks.next; b != &r->blocks; b = next) {
        next = b->next;
        r->alloc.free(r->alloc.ctx, b);
    }
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


profile_reason_e
profile_reader_yajl_parse(profile_reader_t *r)
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


profile_reason_e
profile_reader_yajl_finish(profile_reader_t *r)
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
            offset = profile_reader_yajl_gap(r);
        }
    }

    yajl_free_error(r->yajl, message);

    return profile_reader_error(r, PROFILE_INVALID_JSON, offset);
}


/*
 * The start of the token behind the last one: yajl tells only where a token
 * ends.  At most one separator stands between the two.
 */

uint64_t
profile_reader_yajl_gap(profile_reader_t *r)
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


/*
 * The token that ends here, of which yajl has the len bytes between quotes:
 * its start.  What is in the chunk has come without escapes, in one piece.
 */

static uint64_t
profile_reader_token(profile_reader_t *r, const u_char *data, size_t len,
    unsigned quote, u_char sep)
{
    uint64_t   start;
    uintptr_t  offset;

    offset = (uintptr_t) data - (uintptr_t) r->chunk;

    if (offset < r->chunk_end - r->chunk_start) {
        offset += r->chunk_start;

        r->last = offset + len + quote;
        r->token = PROFILE_READER_NONE;
        r->sep = sep;

        return offset - quote;
    }

    start = r->token;

    if (start == PROFILE_READER_NONE) {
        start = profile_reader_yajl_gap(r);
    }

    profile_reader_advance(r, sep);

    return start;
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

    start = profile_reader_token(r, data, len, 1, ':');

    if (r->skip_depth) {
        return 1;
    }

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
profile_reader_scalar(profile_reader_t *r, profile_type_e type,
    const u_char *data, size_t len, unsigned quote)
{
    uint64_t  start;

    start = profile_reader_token(r, data, len, quote, ',');

    return profile_reader_value(r, type, start);
}


static int
profile_reader_literal(profile_reader_t *r, profile_type_e type, size_t len)
{
    profile_reader_advance(r, ',');

    return profile_reader_value(r, type, r->last - len);
}


static int
profile_reader_value(profile_reader_t *r, profile_type_e type, uint64_t start)
{
    profile_reason_e  rc;

    if (r->skip_depth) {
        return 1;
    }

    r->ev.type = type;
    r->ev.start = start;
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
    return profile_reader_literal(ctx, PROFILE_NULL, sizeof("null") - 1);
}


static int
profile_reader_boolean(void *ctx, int value)
{
    return profile_reader_literal(ctx, PROFILE_BOOLEAN,
                                  value ? sizeof("true") - 1
                                        : sizeof("false") - 1);
}


static int
profile_reader_number(void *ctx, const char *data, size_t len)
{
    return profile_reader_scalar(ctx, PROFILE_NUMBER, (const u_char *) data,
                                 len, 0);
}


static int
profile_reader_string(void *ctx, const u_char *data, size_t len)
{
    return profile_reader_scalar(ctx, PROFILE_STRING, data, len, 1);
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


size_t
profile_reader_version(u_char *text)
{
    int  version;

    version = yajl_version();

    return snprintf((char *) text, PROFILE_VERSION_LEN, "%d.%d.%d",
                    version / 10000, version / 100 % 100, version % 100);
}
