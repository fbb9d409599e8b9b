
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "response/search_test.h"


static profile_reason_e search_feed(profile_rewriter_t *rw, const char *text,
    const test_way_t *way);
static profile_reason_e search_pages(profile_rewriter_t *rw,
    char *const *pages, const test_way_t *way);


/* nobody reads a byte of a piece when it is gone */

static profile_reason_e
search_feed(profile_rewriter_t *rw, const char *text, const test_way_t *way)
{
    char              *copy;
    size_t             n, len, done;
    profile_reason_e   rc;

    len = strlen(text);

    for (done = 0; done < len; done += n) {

        if (way->early && profile_rewriter_full(rw)) {
            break;
        }

        n = (way->piece && way->piece < len - done) ? way->piece : len - done;

        if (done < way->cut && way->cut < len) {
            n = way->cut - done;
        }

        copy = malloc(n);
        memcpy(copy, text + done, n);

        rc = profile_rewriter_feed(rw, (u_char *) copy, n);

        free(copy);

        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    return PROFILE_OK;
}


static profile_reason_e
search_pages(profile_rewriter_t *rw, char *const *pages, const test_way_t *way)
{
    size_t            i;
    profile_reason_e  rc;

    for (i = 0; /* void */ ; i++) {
        rc = search_feed(rw, pages[i], way);

        if (rc != PROFILE_OK) {
            return rc;
        }

        if (!way->early) {
            assert_int_equal(profile_rewriter_started(rw), *pages[i] != '\0');
        }

        if (pages[i + 1] == NULL
            || (way->early && profile_rewriter_full(rw)))
        {
            return profile_rewriter_finish(rw);
        }

        rc = profile_rewriter_next(rw);

        if (rc != PROFILE_OK) {
            return rc;
        }
    }
}


void
test_walk(const profile_rewriter_conf_t *conf, char *const *pages,
    const test_way_t *way, test_walk_t *walk)
{
    int                  more;
    size_t               before;
    profile_sink_t       sink;
    profile_rewriter_t  *rw;

    memset(walk, 0, sizeof(test_walk_t));
    sink.write = test_write;
    sink.ctx = &walk->out;

    rw = profile_rewriter_create(&test_alloc, conf, &sink);

    if (rw == NULL) {
        walk->reason = PROFILE_NO_MEMORY;
        return;
    }

    walk->reason = search_pages(rw, pages, way);

    if (conf->search.sort.len) {
        assert_int_equal(walk->out.len, 0);
    }

    more = (walk->reason == PROFILE_OK);

    while (more) {
        before = walk->out.len;
        walk->reason = profile_rewriter_more(rw, &more);

        if (conf->search.sort.len == 0) {
            assert_int_equal(walk->out.len, before);
            assert_int_equal(more, 0);
        }
    }

    before = walk->out.len;
    assert_int_equal(profile_rewriter_more(rw, &more), walk->reason);
    assert_int_equal(more, 0);
    assert_int_equal(walk->out.len, before);

    walk->offset = profile_rewriter_offset(rw);
    walk->found = profile_rewriter_found(rw);
    walk->elements = profile_rewriter_page_elements(rw);
    walk->left_out = profile_rewriter_left_out(rw);
    walk->full = profile_rewriter_full(rw);

    profile_rewriter_destroy(rw);
}
