
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader.h"
#include "json/reader_test.h"
#include "profile_test.h"


static profile_reason_e test_reader_begin(void *ctx, const profile_event_t *ev,
    int *inside);
static profile_reason_e test_reader_event(void *ctx, const profile_event_t *ev);


const char *const  test_engine_names[] = {
    [PROFILE_READER_YAJL] = "yajl",
    [PROFILE_READER_SCAN] = "scan"
};


const profile_reader_handler_t  test_reader_handler = {
    test_reader_begin, test_reader_event, test_reader_event
};


static profile_reason_e
test_reader_begin(void *ctx, const profile_event_t *ev, int *inside)
{
    (void) ev;

    *inside = *(int *) ctx;

    return PROFILE_OK;
}


static profile_reason_e
test_reader_event(void *ctx, const profile_event_t *ev)
{
    (void) ctx;
    (void) ev;

    return PROFILE_OK;
}


profile_reason_e
test_reader_feed(profile_reader_t *r, const char *text, size_t len,
    size_t piece)
{
    u_char            *copy;
    size_t             n, done;
    profile_reason_e   rc;

    rc = PROFILE_OK;

    for (done = 0; done < len && rc == PROFILE_OK; done += n) {
        n = (piece && piece < len - done) ? piece : len - done;

        copy = malloc(n);
        memcpy(copy, text + done, n);

        rc = profile_reader_feed(r, copy, n);
        free(copy);
    }

    return rc == PROFILE_OK ? profile_reader_finish(r) : rc;
}
