
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader_impl.h"


/*
 * A token that spans chunks is scanned again by yajl from its start with each
 * chunk.  Beyond this size further bytes are gathered until they are as many
 * as yajl has of the token already, which keeps the work linear.
 */
#define PROFILE_READER_GATHER  4096


static size_t profile_reader_bom(profile_reader_t *r, const u_char *p);
static size_t profile_reader_allow(profile_reader_t *r, size_t len);
static profile_reason_e profile_reader_piece(profile_reader_t *r,
    const u_char *data, size_t len);
static int profile_reader_inside(profile_reader_t *r, const u_char *data,
    size_t len);
static int profile_reader_escape(profile_reader_t *r, const u_char *data,
    size_t len);
static profile_reason_e profile_reader_flush(profile_reader_t *r);
static profile_reason_e profile_reader_chunk(profile_reader_t *r,
    const u_char *data, size_t len);
static profile_reason_e profile_reader_trailing(profile_reader_t *r,
    const u_char *data, size_t len);


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

    if (profile_reader_yajl_create(r) != PROFILE_OK) {
        profile_reader_destroy(r);
        return NULL;
    }

    return r;
}


void
profile_reader_destroy(profile_reader_t *r)
{
    if (r == NULL) {
        return;
    }

    profile_reader_yajl_destroy(r);

    profile_buf_free(&r->alloc, &r->held);
    profile_buf_free(&r->alloc, &r->gather);

    r->alloc.free(r->alloc.ctx, r);
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


int
profile_reader_holding(profile_reader_t *r)
{
    return r->holding;
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

    return profile_reader_yajl_finish(r);
}


profile_reason_e
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

    r->escape = profile_reader_escape(r, data, len);

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
    size_t         i;
    const u_char  *p, *last;

    if (r->first == '"') {
        last = data + len;

        for (p = data; (p = memchr(p, '"', last - p)) != NULL; p++) {

            if (!profile_reader_escape(r, data, p - data)) {
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
profile_reader_escape(profile_reader_t *r, const u_char *data, size_t len)
{
    size_t  n;

    for (n = 0; n < len && data[len - n - 1] == '\\'; n++) { /* void */ }

    return (n + (n == len ? r->escape : 0)) & 1;
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

    if (profile_reader_yajl_parse(r) != PROFILE_OK || r->done) {
        return r->reason;
    }

    if (r->token == PROFILE_READER_NONE) {
        r->token = profile_reader_yajl_gap(r);

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
