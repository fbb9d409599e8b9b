
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * A text, in any pieces, to both engines of the reader: the same events, text,
 * reason and offset, whatever the pieces.  Only what cannot stand where it does
 * may be refused by the reader's own engine where it begins, and by yajl later.
 *
 * The input: a line of choices, then the text.  The choices: the limits, what
 * is held, what is entered, the byte order mark, the allocation that fails;
 * then the lengths of the pieces.
 */


#include "fuzz.h"
#include "core/json/profile_reader.h"


#define CHOICES  5

/* longer than what is gathered of a token without looking at it */
#define RUN      4200

/* no longer texts are cut in two at each place */
#define CUTS     64


typedef enum {
    HOLD_NONE = 0,
    HOLD_ROOT,                           /* what the text is */
    HOLD_EACH,                           /* from one event to the next */
    HOLD_LOOSE                           /* objects in what the text is */
} hold_e;


typedef struct {
    char                      what;      /* of { v } and ! for lost */
    u_char                    type;
    u_char                    named;
    u_char                    escaped;
    profile_reason_e          reason;
    uint64_t                  name_start;
    uint64_t                  name_end;
    uint64_t                  start;
    uint64_t                  end;
} event_t;


typedef struct {
    profile_reader_conf_t     conf;
    hold_e                    hold;
    unsigned                  enter;     /* by level, from the lowest bit on */

    profile_reader_t         *reader;
    const profile_str_t      *text;
    unsigned                  depth;
    uint64_t                  held;      /* from here on */

    test_out_t                events;    /* to be freed */
    profile_reason_e          reason;
    uint64_t                  offset;
} reading_t;


void
fuzz_init(void)
{
}


static profile_reason_e
check_text(reading_t *g, uint64_t start, uint64_t end)
{
    const u_char  *p;

    p = profile_reader_text(g->reader, start, end);

    if (p == NULL) {
        return PROFILE_NO_MEMORY;
    }

    if (end > g->text->len || start > end
        || memcmp(p, g->text->data + start, end - start) != 0)
    {
        fuzz_fail("other text from %lu to %lu", (unsigned long) start,
                  (unsigned long) end);
    }

    return PROFILE_OK;
}


static profile_reason_e
event(reading_t *g, char what, const profile_event_t *ev)
{
    event_t           e;
    uint64_t          start;
    profile_reason_e  rc;

    memset(&e, 0, sizeof(event_t));

    e.what = what;
    e.type = ev->type;
    e.end = ev->end;

    if (what != '}') {
        e.start = ev->start;
        e.named = ev->named;
    }

    if (e.named) {
        e.escaped = ev->escaped;
        e.name_start = ev->name_start;
        e.name_end = ev->name_end;
    }

    (void) test_write(&g->events, (u_char *) &e, sizeof(event_t));

    if (!profile_reader_holding(g->reader)) {
        return PROFILE_OK;
    }

    rc = check_text(g, g->held, ev->end);

    if (rc == PROFILE_OK && e.named && ev->name_start >= g->held) {
        rc = check_text(g, ev->name_start, ev->name_end);
    }

    start = what == '}' ? ev->end - 1 : ev->start;

    if (rc == PROFILE_OK && start >= g->held) {
        rc = check_text(g, start, ev->end);
    }

    return rc;
}


static void
hold(reading_t *g, uint64_t start)
{
    g->held = start;
    profile_reader_hold(g->reader, start);
}


static void
lost(void *ctx, profile_reason_e reason, uint64_t offset)
{
    event_t     e;
    reading_t  *g = ctx;

    memset(&e, 0, sizeof(event_t));

    e.what = '!';
    e.reason = reason;
    e.start = offset;

    (void) test_write(&g->events, (u_char *) &e, sizeof(event_t));

    g->depth = 1;
}


static profile_reason_e
begin(void *ctx, const profile_event_t *ev, int *inside)
{
    reading_t         *g = ctx;
    profile_reason_e   rc;

    rc = event(g, '{', ev);

    *inside = g->enter >> (g->depth < 6 ? g->depth : 5) & 1;

    if (g->hold == HOLD_EACH) {
        hold(g, ev->end);
    }

    if (*inside) {

        if (g->hold == HOLD_ROOT && g->depth == 0) {
            hold(g, ev->start);
        }

        if (g->hold == HOLD_LOOSE && g->depth == 1
            && ev->type == PROFILE_OBJECT)
        {
            hold(g, ev->start);
            profile_reader_loose(g->reader, lost);
        }

        g->depth++;
    }

    return rc;
}


static profile_reason_e
value(void *ctx, const profile_event_t *ev)
{
    reading_t         *g = ctx;
    profile_reason_e   rc;

    rc = event(g, 'v', ev);

    if (g->hold == HOLD_EACH) {
        hold(g, ev->end);
    }

    return rc;
}


static profile_reason_e
end(void *ctx, const profile_event_t *ev)
{
    reading_t         *g = ctx;
    profile_reason_e   rc;

    rc = event(g, '}', ev);

    g->depth--;

    if (g->hold == HOLD_EACH) {
        hold(g, ev->end);

    } else if (g->depth <= 1) {

        if (g->depth == 0 || g->hold == HOLD_LOOSE) {
            profile_reader_release(g->reader);
        }
    }

    return rc;
}


static profile_reason_e
feed(void *ctx, const u_char *data, size_t len)
{
    return profile_reader_feed(ctx, data, len);
}


/* in pieces, and cut in two before that, if cut is not 0 */

static reading_t
reading(const reading_t *how, profile_reader_engine_e engine,
    const profile_str_t *text, const profile_str_t *pieces, size_t cut)
{
    reading_t      g;
    profile_str_t  part;

    static const profile_reader_handler_t  handler = { begin, value, end };

    g = *how;
    g.conf.engine = engine;
    g.text = text;

    g.reader = profile_reader_create(&test_alloc, &g.conf, &handler, &g);
    if (g.reader == NULL) {
        g.reason = PROFILE_NO_MEMORY;
        return g;
    }

    part.data = text->data;
    part.len = cut;

    g.reason = fuzz_feed(feed, g.reader, &part, pieces);

    part.data = text->data + cut;
    part.len = text->len - cut;

    if (g.reason == PROFILE_OK) {
        g.reason = fuzz_feed(feed, g.reader, &part, pieces);
    }

    if (g.reason == PROFILE_OK) {
        g.reason = profile_reader_finish(g.reader);
    }

    if (profile_reader_feed(g.reader, (u_char *) "1", 1) == PROFILE_OK) {
        fuzz_fail("goes on behind the end");
    }

    g.offset = g.reason == PROFILE_OK ? 0 : profile_reader_offset(g.reader);

    profile_reader_destroy(g.reader);

    return g;
}


static void
differ(const reading_t *a, const reading_t *b, const char *how)
{
    fuzz_fail("%s: \"%s\" at %lu after %zu events, and \"%s\" at %lu after "
              "%zu", how, profile_reason_name(a->reason)->data,
              (unsigned long) a->offset, a->events.len / sizeof(event_t),
              profile_reason_name(b->reason)->data, (unsigned long) b->offset,
              b->events.len / sizeof(event_t));
}


/* the same engine, other pieces */

static void
compare(const reading_t *whole, reading_t g, const char *pieces)
{
    if (g.reason != whole->reason || g.offset != whole->offset
        || g.events.len != whole->events.len
        || (g.events.len && memcmp(g.events.data, whole->events.data,
                                   g.events.len) != 0))
    {
        differ(whole, &g, pieces);
    }

    free(g.events.data);
}


/* whether yajl takes no token of this kind there either, once it is whole */

static int
out_of_place(const profile_str_t *text, uint64_t offset)
{
    u_char         *copy;
    reading_t       how, g;
    profile_str_t   part;

    memset(&how, 0, sizeof(reading_t));

    how.conf.max_size = text->len + 16;
    how.conf.max_depth = PROFILE_READER_LOST_DEPTH;
    how.conf.skip_bom = 1;

    /* the space keeps it from becoming part of what stands before */

    copy = malloc(offset + 4);
    memcpy(copy, text->data, offset);
    memcpy(copy + offset, text->data[offset] == '"' ? " \"\" " : " 0  ", 4);

    part.data = copy;
    part.len = offset + 4;

    g = reading(&how, PROFILE_READER_YAJL, &part, &fuzz_whole, 0);

    free(g.events.data);
    free(copy);

    return g.reason == PROFILE_INVALID_JSON && g.offset == offset + 1;
}


static void
compare_engines(const reading_t *yajl, const reading_t *scan,
    const profile_str_t *text)
{
    size_t  len;

    len = yajl->events.len < scan->events.len ? yajl->events.len
                                              : scan->events.len;

    if (len && memcmp(yajl->events.data, scan->events.data, len) != 0) {
        differ(yajl, scan, "other events");
    }

    if (yajl->reason == scan->reason && yajl->offset == scan->offset) {

        /* yajl is not given what is no UTF-8, and so not what ends a number */

        if (scan->events.len - len > sizeof(event_t)
            || yajl->events.len != len
            || (scan->events.len != len && text->data[scan->offset] < 0x80
                && text->data[scan->offset] != '\v'
                && text->data[scan->offset] != '\f'))
        {
            differ(yajl, scan, "more events");
        }

        return;
    }

    if (yajl->reason == PROFILE_OK || scan->reason == PROFILE_OK) {
        differ(yajl, scan, "taken and refused");
    }

    if (scan->reason == PROFILE_TRAILING_DATA) {

        if (yajl->offset != scan->offset
            || (yajl->reason != PROFILE_INVALID_UTF8
                && yajl->reason != PROFILE_INVALID_JSON))
        {
            differ(yajl, scan, "trailing");
        }

        return;
    }

    if (scan->reason != PROFILE_INVALID_JSON || scan->offset >= yajl->offset
        || !out_of_place(text, scan->offset))
    {
        differ(yajl, scan, "other errors");
    }
}


static void
check(const reading_t *how, const profile_str_t *text,
    const profile_str_t *pieces, unsigned fail)
{
    size_t      cut;
    reading_t   yajl, scan, g;

    yajl = reading(how, PROFILE_READER_YAJL, text, &fuzz_whole, 0);
    scan = reading(how, PROFILE_READER_SCAN, text, &fuzz_whole, 0);

    compare_engines(&yajl, &scan, text);

    compare(&yajl, reading(how, PROFILE_READER_YAJL, text, pieces, 0),
            "yajl, in pieces");
    compare(&scan, reading(how, PROFILE_READER_SCAN, text, pieces, 0),
            "in pieces");
    compare(&scan, reading(how, PROFILE_READER_SCAN, text, fuzz_bytes(text),
                           0),
            "in bytes");

    for (cut = 1; cut < text->len && text->len <= CUTS; cut++) {
        compare(&scan, reading(how, PROFILE_READER_SCAN, text, &fuzz_whole,
                               cut),
                "in two");
    }

    if (fail) {
        test_alloc_fail(fail);
        g = reading(how, PROFILE_READER_SCAN, text, pieces, 0);
        test_alloc_fail(0);

        if (g.reason != scan.reason && g.reason != PROFILE_NO_MEMORY) {
            differ(&scan, &g, "with little memory");
        }

        free(g.events.data);
    }

    free(yajl.events.data);
    free(scan.events.data);
}


void
fuzz_one(profile_str_t *in)
{
    unsigned       limit;
    reading_t      how;
    profile_str_t  head, text, pieces;

    static const size_t    sizes[] = { 1024 * 1024, 8, 32, 4500 };
    static const unsigned  depths[] = { 128, 3, 70, 1000 };

    head = fuzz_line(in);

    memset(&how, 0, sizeof(reading_t));

    limit = fuzz_choice(&head, 0);

    how.conf.max_size = sizes[limit & 3];
    how.conf.max_depth = depths[limit >> 2 & 3];
    how.hold = fuzz_choice(&head, 1) & 3;
    how.enter = fuzz_choice(&head, 2);
    how.conf.skip_bom = fuzz_choice(&head, 3) & 1;

    pieces = fuzz_whole;

    if (head.len > CHOICES) {
        pieces.data = head.data + CHOICES;
        pieces.len = head.len - CHOICES;
    }

    text = fuzz_stretch(in, RUN);

    check(&how, &text, &pieces, fuzz_choice(&head, 4));

    free((void *) text.data);
}
