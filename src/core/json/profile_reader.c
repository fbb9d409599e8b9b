
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader.h"
#include "core/json/profile_reader_scan.h"
#include "core/json/profile_reader_yajl.h"


static size_t profile_reader_bom(profile_reader_t *r, const u_char *p);
static size_t profile_reader_allow(profile_reader_t *r, size_t len);
static profile_reason_e profile_reader_trailing(profile_reader_t *r,
    const u_char *data, size_t len);


static const profile_reader_engine_t  *const profile_reader_engines[] = {
    [PROFILE_READER_YAJL] = &profile_reader_yajl,
    [PROFILE_READER_SCAN] = &profile_reader_scan
};


profile_reader_t *
profile_reader_create(const profile_alloc_t *a,
    const profile_reader_conf_t *conf,
    const profile_reader_handler_t *handler, void *ctx)
{
    profile_reader_t               *r;
    const profile_reader_engine_t  *engine;

    engine = profile_reader_engines[conf->engine];

    r = a->alloc(a->ctx, engine->size);
    if (r == NULL) {
        return NULL;
    }

    memset(r, 0, engine->size);

    r->engine = engine;
    r->alloc = *a;
    r->conf = *conf;
    r->handler = *handler;
    r->ctx = ctx;
    r->token = PROFILE_READER_NONE;

    if (engine->create(r) != PROFILE_OK) {
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

    r->engine->destroy(r);

    profile_buf_free(&r->alloc, &r->held);

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
    r->loose_depth = 0;
    r->hold_start = start;
    r->held.len = 0;
}


void
profile_reader_loose(profile_reader_t *r, profile_reader_lost_pt lost)
{
    r->loose_depth = r->depth;
    r->lost = lost;
}


void
profile_reader_release(profile_reader_t *r)
{
    r->holding = 0;
    profile_buf_trim(&r->alloc, &r->held);
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
    size_t  n;

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

        /* the bytes behind the end of the text are looked at once more */

        n = r->engine->feed(r, data, n);
        data += n;
        len -= n;
    }

    return r->reason;
}


profile_reason_e
profile_reader_finish(profile_reader_t *r)
{
    if (r->reason != PROFILE_OK || r->done) {
        return r->reason;
    }

    r->engine->finish(r);

    if (r->reason == PROFILE_OK && !r->done) {
        return profile_reader_state_error(r, PROFILE_TRUNCATED, r->pos);
    }

    return r->reason;
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
        (void) profile_reader_state_error(r, PROFILE_INVALID_JSON, 0);
        return 0;
    }

    r->origin++;
    r->pos++;

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
        if (r->engine->flush(r) != PROFILE_OK) {
            return 0;
        }

        /* the chunk may be gone, what is held of it is kept */

        r->chunk_start = r->pos;

        if (profile_reader_state_lose(r, PROFILE_USER_TOO_LARGE, limit)) {
            return profile_reader_allow(r, len);
        }

        (void) profile_reader_state_error(r, PROFILE_USER_TOO_LARGE, limit);

        return 0;
    }

    return len < limit - r->pos ? len : (size_t) (limit - r->pos);
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
            return profile_reader_state_error(r, PROFILE_TRAILING_DATA,
                                              r->pos + i);
        }
    }

    r->pos += len;

    return PROFILE_OK;
}


size_t
profile_reader_version(u_char *text)
{
    return profile_reader_yajl_version(text);
}
