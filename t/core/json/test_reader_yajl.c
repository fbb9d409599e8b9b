
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that the work stays linear when a long token trickles in: yajl scans
 * a token that is not complete anew with each chunk.
 */


#include "core/json/profile_reader.h"
#include "core/json/profile_reader_state.h"
#include "profile_test.h"


/* no token is complete here, and so none is told */

static profile_reason_e
linear_begin(void *ctx, const profile_event_t *ev, int *inside)
{
    (void) ctx;
    (void) ev;
    (void) inside;

    return PROFILE_INTERNAL;
}


static profile_reason_e
linear_value(void *ctx, const profile_event_t *ev)
{
    (void) ctx;
    (void) ev;

    return PROFILE_INTERNAL;
}


static const profile_reader_handler_t  linear_handler = {
    linear_begin, linear_value, linear_value
};


/* the bytes that yajl is given are counted, of text that comes one by one */

static void
test_linear(void **state)
{
    size_t                  i, unit, len;
    uint64_t                work, seen;
    const char             *pattern = *state;
    profile_reader_t       *r;
    profile_reader_conf_t   conf;

    memset(&conf, 0, sizeof(conf));
    conf.max_size = SIZE_MAX / 2;
    conf.max_depth = 8;

    r = profile_reader_create(&test_alloc, &conf, &linear_handler, NULL);
    assert_non_null(r);

    /* the first byte of the pattern once, the rest again and again */

    len = 400000;
    unit = strlen(pattern) - 1;
    work = 0;
    seen = 0;

    for (i = 0; i <= len; i++) {
        assert_int_equal(profile_reader_feed(r, (u_char *) pattern
                                             + (i ? 1 + (i - 1) % unit : 0),
                                             1),
                         PROFILE_OK);

        if (r->chunk_end != seen) {
            seen = r->chunk_end;
            work += seen;
        }

        /* up to 4096 bytes byte by byte, then in pieces that double */
        assert_true(work < 4096 * 4096 / 2 + 4 * len);
    }

    profile_reader_destroy(r);
}


int
main(void)
{
    test_add("M6 a long string is read once", test_linear, "\"a");
    test_add("M6 a long string of UTF-8 is read once", test_linear,
             "\"\xe2\x82\xac");
    test_add("M6 a long string of escapes is read once", test_linear,
             "\"\\u00e9\\n");
    test_add("M6 a long string of escaped quotes is read once", test_linear,
             "\"\\\"");
    test_add("M6 a long string of backslashes and quotes is read once",
             test_linear, "\"\\\\\\\"a");
    test_add("M6 a long number is read once", test_linear, "10");
    test_add("M6 a long number of all digits is read once", test_linear,
             "19876543210");

    return test_run();
}
