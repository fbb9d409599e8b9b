
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_reading.h"


/* a code that is none: any character */

#define PROFILE_READING_ANY  0xffffffff

#define profile_reading_bit(code)  ((uint64_t) 1 << ((code) & 63))


typedef struct {
    uint32_t              first;
    uint32_t              last;
} profile_reading_range_t;


static size_t profile_reading_decode(const u_char *p, const u_char *last,
    uint32_t *code);
static uint32_t profile_reading_fold(uint32_t code);
static int profile_reading_stands(uint32_t code);
static int profile_reading_put(const profile_alloc_t *a, profile_reading_t *r,
    const profile_reading_item_t *item);
static uint64_t profile_reading_spread(uint64_t state, uint32_t max);
static uint64_t profile_reading_step(const profile_reading_target_t *t,
    uint64_t state, uint32_t code);
static uint64_t profile_reading_skip(const profile_reading_target_t *t,
    uint64_t state);


/*
 * Letters that no case, fold, decomposition or collation takes to ASCII.  No
 * marks, digits or signs: those may be dropped, or become digits and signs.
 */

static const profile_reading_range_t  profile_reading_letters[] = {
    { 0x0386, 0x0386 }, { 0x0388, 0x038a }, { 0x038c, 0x038c },
    { 0x038e, 0x03a1 }, { 0x03a3, 0x03ce },                     /* Greek */
    { 0x0400, 0x0481 }, { 0x048a, 0x052f },                     /* Cyrillic */
    { 0x05d0, 0x05ea },                                         /* Hebrew */
    { 0x0620, 0x063f }, { 0x0641, 0x064a }, { 0x0671, 0x06d3 }, /* Arabic */
    { 0x0904, 0x0939 }, { 0x0958, 0x0961 },                 /* Devanagari */
    { 0x0e01, 0x0e30 }, { 0x0e32, 0x0e33 }, { 0x0e40, 0x0e45 }, /* Thai */
    { 0x3041, 0x3096 }, { 0x30a1, 0x30fa },                     /* kana */
    { 0x3400, 0x4dbf }, { 0x4e00, 0x9fff },                     /* CJK */
    { 0xac00, 0xd7a3 },                                         /* Hangul */
    { 0x20000, 0x2fa1d }                                        /* CJK */
};


int
profile_reading_parse(const profile_alloc_t *a, profile_reading_t *r,
    const u_char *data, size_t len)
{
    const u_char            *p, *last;
    profile_reading_item_t   item, *run;

    r->items.len = 0;
    r->n = 0;
    r->least = 0;
    r->most = 0;
    r->mask = 0;
    r->foreign = 0;
    r->wide = 0;
    r->open = 0;
    r->cut = 0;

    if (len == 0) {
        /* there may be no bytes to point to */
        return 0;
    }

    last = data + len;
    run = NULL;

    for (p = data; p < last; /* void */ ) {
        item.start = p - data;
        p += profile_reading_decode(p, last, &item.code);
        item.end = p - data;
        item.code = profile_reading_fold(item.code);
        item.max = 0;

        if (item.code >= 0x80) {
            r->wide = 1;
        }

        if (profile_reading_stands(item.code)) {
            r->foreign |= (item.code >= 0x80);
            r->mask |= profile_reading_bit(item.code);
            r->least++;
            r->most++;

        } else {
            r->most += PROFILE_READING_EACH;
            r->open = 1;

            if (run) {
                run->end = item.end;

                if (run->max < PROFILE_READING_RUN) {
                    run->max += PROFILE_READING_EACH;
                }

                continue;
            }

            item.code = 0;
            item.max = PROFILE_READING_EACH;
        }

        if (r->n == PROFILE_READING_ITEMS) {
            r->cut = 1;
            break;
        }

        if (profile_reading_put(a, r, &item) != 0) {
            return -1;
        }

        run = item.max ? (profile_reading_item_t *) r->items.data + r->n - 1
                       : NULL;
    }

    return 0;
}


static int
profile_reading_put(const profile_alloc_t *a, profile_reading_t *r,
    const profile_reading_item_t *item)
{
    if (profile_buf_append(a, &r->items, item, sizeof(profile_reading_item_t))
        != 0)
    {
        return -1;
    }

    r->n++;

    return 0;
}


/* what is no UTF-8 may be anything */

static size_t
profile_reading_decode(const u_char *p, const u_char *last, uint32_t *code)
{
    size_t  i, len;

    if (*p < 0x80) {
        *code = *p;
        return 1;
    }

    len = (*p >= 0xf0) ? 4 : (*p >= 0xe0) ? 3 : 2;

    if ((size_t) (last - p) < len) {
        *code = 0xfffd;
        return last - p;
    }

    *code = *p & (0x7f >> len);

    for (i = 1; i < len; i++) {
        *code = (*code << 6) | (p[i] & 0x3f);
    }

    return len;
}


/* the case of letters that stand for themselves, as far as it is regular */

static uint32_t
profile_reading_fold(uint32_t code)
{
    if ((code >= 'A' && code <= 'Z')
        || (code >= 0x391 && code <= 0x3a9) || (code >= 0x410 && code <= 0x42f))
    {
        return code + 0x20;
    }

    if (code >= 0x400 && code <= 0x40f) {
        return code + 0x50;
    }

    return code;
}


static int
profile_reading_stands(uint32_t code)
{
    size_t  i;

    if (code < 0x80) {
        return 1;
    }

    for (i = 0; i < sizeof(profile_reading_letters)
                    / sizeof(profile_reading_range_t); i++)
    {
        if (code >= profile_reading_letters[i].first
            && code <= profile_reading_letters[i].last)
        {
            return 1;
        }
    }

    return 0;
}


/*
 * A character that stands for others does so in both names: here it is some
 * places that may be left out.
 */

int
profile_reading_target(const profile_alloc_t *a, profile_reading_target_t *t,
    const u_char *data, size_t len)
{
    size_t         size;
    uint32_t       i, n, code;
    const u_char  *p, *last;

    memset(t, 0, sizeof(profile_reading_target_t));

    last = data + len;
    size = 1;

    for (p = data; p < last && size < PROFILE_READING_TARGET; p++) {
        size += (*p < 0x80) ? 1 : PROFILE_READING_EACH;
    }

    t->codes = a->alloc(a->ctx, size * sizeof(uint32_t));
    if (t->codes == NULL) {
        return -1;
    }

    for (p = data; p < last; /* void */ ) {
        p += profile_reading_decode(p, last, &code);
        code = profile_reading_fold(code);

        t->wide |= (code >= 0x80);
        n = profile_reading_stands(code) ? 1 : PROFILE_READING_EACH;

        if (t->len + n > PROFILE_READING_TARGET) {
            t->open = 1;
            break;
        }

        if (n == 1) {
            t->mask |= profile_reading_bit(code);
            t->codes[t->len++] = code;
            t->least++;
            continue;
        }

        t->mask = ~(uint64_t) 0;

        for (i = 0; i < n; i++) {
            t->optional |= profile_reading_bit(t->len);
            t->codes[t->len++] = PROFILE_READING_ANY;
        }
    }

    if (t->open) {
        t->mask = ~(uint64_t) 0;
    }

    return 0;
}


/* the bits of a state are the places of the target that may be reached */

int
profile_reading_is(const profile_reading_t *r,
    const profile_reading_target_t *t, uint64_t *steps)
{
    uint32_t                       i;
    uint64_t                       state, all;
    const profile_reading_item_t  *item;

    if ((r->foreign && !t->wide)
        || (!t->open && r->least > t->len) || r->most < t->least
        || (r->mask & ~t->mask))
    {
        return 0;
    }

    item = (profile_reading_item_t *) r->items.data;
    all = (profile_reading_bit(t->len) << 1) - 1;
    state = profile_reading_skip(t, 1);

    for (i = 0; i < r->n && state; i++) {
        state = item[i].max ? profile_reading_spread(state, item[i].max)
                            : profile_reading_step(t, state, item[i].code);

        state = profile_reading_skip(t, state & all);
        (*steps)++;
    }

    return (state & profile_reading_bit(t->len)) != 0;
}


static uint64_t
profile_reading_spread(uint64_t state, uint32_t max)
{
    uint32_t  n, width;

    for (width = 1; max && width < 64; max -= n) {
        n = (width < max) ? width : max;
        state |= state << n;
        width += n;
    }

    return state;
}


static uint64_t
profile_reading_step(const profile_reading_target_t *t, uint64_t state,
    uint32_t code)
{
    uint32_t  i;
    uint64_t  next;

    next = t->open ? state & profile_reading_bit(t->len) : 0;

    for (i = 0; i < t->len && state >> i; i++) {

        if ((state >> i & 1)
            && (t->codes[i] == code || t->codes[i] == PROFILE_READING_ANY))
        {
            next |= profile_reading_bit(i + 1);
        }
    }

    return next;
}


static uint64_t
profile_reading_skip(const profile_reading_target_t *t, uint64_t state)
{
    uint64_t  before;

    if (t->optional == 0) {
        return state;
    }

    do {
        before = state;
        state |= (state & t->optional) << 1;
    } while (state != before);

    return state;
}
