
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* Proves where the text is that the reader hands out. */


#include "core/json/profile_reader.h"
#include "json/reader_test.h"
#include "profile_test.h"


typedef struct {
    profile_reader_t  *reader;
    const u_char      *chunk;
    uint64_t           start;            /* of the chunk */
    unsigned           values;
    unsigned           named;
} place_t;


static profile_reason_e
place_begin(void *ctx, const profile_event_t *ev, int *inside)
{
    (void) ctx;

    *inside = !ev->named;

    return PROFILE_OK;
}


static profile_reason_e
place_value(void *ctx, const profile_event_t *ev)
{
    place_t  *p = ctx;

    if (ev->start >= p->start) {
        assert_ptr_equal(profile_reader_text(p->reader, ev->start, ev->end),
                         p->chunk + (ev->start - p->start));
    }

    /* a name is at hand until the next chunk */

    if (ev->named) {
        assert_ptr_equal(ev->name, ev->name_start < p->start ? NULL
                                   : p->chunk + (ev->name_start - p->start));
        p->named += ev->name != NULL;
    }

    p->values++;

    return PROFILE_OK;
}


static profile_reason_e
place_end(void *ctx, const profile_event_t *ev)
{
    (void) ctx;
    (void) ev;

    return PROFILE_OK;
}


/* from the first byte of a chunk to its last, nothing being held */

static void
test_place(void **state)
{
    size_t                  i;
    place_t                 p;
    profile_reader_conf_t   conf;

    static const profile_reader_handler_t  places = {
        place_begin, place_value, place_end
    };

    static const char  *chunks[] = {
        "[", "\"a\",null ", ",", "\"b\"", ",{\"c\":1,\"d\"", ":", "2 ",
        ",\"e\":{},\"f\":[", "]", "}]"
    };

    (void) state;

    memset(&conf, 0, sizeof(conf));

    conf.max_size = 100;
    conf.max_depth = 3;

    test_engines (conf.engine) {
        memset(&p, 0, sizeof(p));

        p.reader = profile_reader_create(&test_alloc, &conf, &places, &p);
        assert_non_null(p.reader);

        for (i = 0; i < sizeof(chunks) / sizeof(chunks[0]); i++) {
            p.chunk = (const u_char *) chunks[i];

            assert_int_equal(profile_reader_feed(p.reader, p.chunk,
                                                 strlen(chunks[i])),
                             PROFILE_OK);

            p.start += strlen(chunks[i]);
        }

        assert_int_equal(profile_reader_finish(p.reader), PROFILE_OK);
        assert_int_equal(p.values, 7);
        assert_int_equal(p.named, 2);

        profile_reader_destroy(p.reader);
    }
}


int
main(void)
{
    test_add("M6.1 text of the chunk is not copied", test_place, NULL);

    return test_run();
}
