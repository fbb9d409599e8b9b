
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves what a walk takes in memory, and that what fails in it is told: each
 * allocation, each write, and who knows the users who have been told (U10.2).
 */


#include "response/search_test.h"


#define SCHEMA  "identity email n; provider p x; user_metadata hobby;"        \
                "identity_drop t;"

#define PAGES   1000
#define PIECE   4096

/* bytes of a user, and what a walk may take besides */
#define LARGE   300000
#define SMALL   40000


/* writes that succeed before one fails */

typedef struct {
    size_t                left;
    size_t                writes;
} sink_t;


static int
memory_seen(void *ctx, const u_char *id, size_t len)
{
    size_t  *n = ctx;

    (void) id;
    (void) len;

    return (*n)-- ? 0 : -1;
}


static void
memory_conf(profile_rewriter_conf_t *conf)
{
    memset(conf, 0, sizeof(profile_rewriter_conf_t));

    conf->schema = test_schema(SCHEMA);
    conf->max_user_size = 2 * LARGE;
    conf->max_depth = 8;
    conf->required = 1;

    conf->list.enabled = 1;
    conf->list.totals = 1;

    conf->search.enabled = 1;
    conf->search.all = 1;
    conf->search.limit = 2;
    conf->search.sort_size = 4 * LARGE;
}


static void
memory_query(profile_rewriter_conf_t *conf, const char *text)
{
    profile_str_t          s;
    profile_query_error_t  error;

    s.data = (const u_char *) text;
    s.len = strlen(text);

    conf->search.query = profile_query_create(&test_alloc, &s, 8, &error);
}


static void
memory_sort(profile_rewriter_conf_t *conf, const char *name)
{
    conf->search.sort.data = (const u_char *) name;
    conf->search.sort.len = strlen(name);
}


/* all at once; the query cannot be asked again after it has failed */

static void
test_no_memory(void **state)
{
    size_t                    left;
    unsigned                  sorted;
    test_way_t                way;
    test_walk_t               walk;
    unsigned long             n;
    profile_rewriter_conf_t   conf;

    static char *const  pages[] = {
        "[{\"user_id\":\"p|\\u0031\",\"\\u006e\":1,\"x\":2,\"plan\":3,"
        "\"identities\":[{\"t\":1,\"c\":\"\\u0064\"}]},"
        "{\"n\":\"\\u0062\",\"email\":\"a\",\"user_id\":\"p|2\"}]",
        "{\"users\":[{\"user_id\":3,\"n\":null,\"hobby\":{\"\\u0061\":5}}]}",
        "[{\"user_id\":\"p|4\",\"n\":true,\"email\":\"A\"}]",
        NULL
    };

    (void) state;

    memset(&way, 0, sizeof(way));
    memory_conf(&conf);

    conf.envelope = test_path("users");

    for (sorted = 0; sorted < 2; sorted++) {

        for (n = 1; ; n++) {
            left = 100;
            memory_sort(&conf, sorted ? "n" : "");
            conf.search.seen = memory_seen;
            conf.search.seen_ctx = &left;

            test_alloc_fail(n);

            memset(&walk, 0, sizeof(walk));
            walk.reason = PROFILE_NO_MEMORY;

            memory_query(&conf, "identities.c:d OR email:a OR "
                         "user_metadata.hobby.a:5 OR app_metadata.plan:3");

            if (conf.search.query) {
                test_walk(&conf, pages, &way, &walk);
            }

            free(walk.out.data);
            profile_query_destroy(conf.search.query);

            if (test_alloc_count() < n) {
                break;
            }

            assert_int_equal(walk.reason, PROFILE_NO_MEMORY);
        }

        test_alloc_fail(0);

        assert_int_equal(walk.reason, PROFILE_OK);
        assert_int_equal(walk.found, 4);
        assert_in_range(n, 30, 1000);
    }

    profile_schema_destroy((profile_schema_t *) conf.schema);
}


/* those who know who has been told may have no memory */

static void
test_seen(void **state)
{
    size_t                    n, left;
    test_way_t                way;
    test_walk_t               walk;
    profile_rewriter_conf_t   conf;

    static char *const  pages[] = {
        "[{\"user_id\":\"1\"},{\"user_id\":\"2\"}]", "[{\"user_id\":\"3\"}]",
        NULL
    };

    (void) state;

    memset(&way, 0, sizeof(way));
    memory_conf(&conf);

    conf.search.seen = memory_seen;
    conf.search.seen_ctx = &left;

    for (n = 0; n < 4; n++) {
        left = n;
        test_walk(&conf, pages, &way, &walk);

        assert_int_equal(walk.reason, n < 3 ? PROFILE_NO_MEMORY : PROFILE_OK);
        assert_int_equal(walk.found, n);

        free(walk.out.data);
    }

    profile_schema_destroy((profile_schema_t *) conf.schema);
}


static profile_reason_e
memory_write(void *ctx, const u_char *data, size_t len)
{
    sink_t  *s = ctx;

    (void) data;
    (void) len;

    s->writes++;

    return s->left-- ? PROFILE_OK : PROFILE_CLIENT;
}


static profile_reason_e
memory_walk(profile_rewriter_t *rw)
{
    int               more;
    profile_reason_e  rc;

    static const char  page[] = "[{\"user_id\":1,\"n\":2},{\"user_id\":2}]";

    rc = profile_rewriter_feed(rw, (const u_char *) page, sizeof(page) - 1);

    if (rc == PROFILE_OK) {
        rc = profile_rewriter_next(rw);
    }

    if (rc == PROFILE_OK) {
        rc = profile_rewriter_feed(rw, (const u_char *) page,
                                   sizeof(page) - 1);
    }

    if (rc == PROFILE_OK) {
        rc = profile_rewriter_finish(rw);
    }

    for (more = 1; rc == PROFILE_OK && more; /* void */ ) {
        rc = profile_rewriter_more(rw, &more);
    }

    return rc;
}


/* what the sink says of any of the pieces is what is said, again and again */

static void
test_sink(void **state)
{
    int                       more;
    size_t                    n;
    sink_t                    s;
    unsigned                  how;
    profile_sink_t            sink;
    profile_reason_e          rc;
    profile_rewriter_t       *rw;
    profile_rewriter_conf_t   conf;

    (void) state;

    sink.write = memory_write;
    sink.ctx = &s;

    memory_conf(&conf);
    conf.search.limit = 3;

    /* sorted or not, all counted or not */

    for (how = 0; how < 4; how++) {
        memory_sort(&conf, how & 1 ? "n" : "");
        conf.search.all = how >> 1;

        for (n = 0; ; n++) {
            s.left = n;
            s.writes = 0;

            rw = profile_rewriter_create(&test_alloc, &conf, &sink);
            assert_non_null(rw);

            rc = memory_walk(rw);

            if (rc == PROFILE_OK) {
                profile_rewriter_destroy(rw);
                break;
            }

            assert_int_equal(rc, PROFILE_CLIENT);
            assert_int_equal(s.writes, n + 1);

            assert_int_equal(profile_rewriter_finish(rw), PROFILE_CLIENT);
            assert_int_equal(profile_rewriter_stop(rw), PROFILE_CLIENT);
            assert_int_equal(profile_rewriter_next(rw), PROFILE_CLIENT);
            assert_int_equal(profile_rewriter_more(rw, &more), PROFILE_CLIENT);
            assert_int_equal(more, 0);
            assert_int_equal(s.writes, n + 1);

            profile_rewriter_destroy(rw);
        }

        assert_true(n > 8);
    }

    profile_schema_destroy((profile_schema_t *) conf.schema);
}


/* a walk that ends where nothing says so */

static void
test_stop(void **state)
{
    int                   more;
    size_t                i, cut;
    test_out_t            out;
    profile_sink_t        sink;
    profile_rewriter_t   *rw;

    profile_rewriter_conf_t  conf;

    static const char  page[] = "[{\"user_id\":1,\"n\":2},{\"user_id\":2}]";
    static const char  one[] = "{\"users\":[{\"user_id\":1}],\"start\":0,"
                               "\"limit\":0,\"length\":1,\"total\":1}";
    static const char  two[] = "{\"users\":[{\"user_id\":1},{\"user_id\":2}],"
                               "\"start\":0,\"limit\":0,\"length\":2,"
                               "\"total\":2}";
    static const char  none[] = "{\"users\":[],\"start\":0,\"limit\":0,"
                                "\"length\":0,\"total\":0}";

    static const profile_str_t  fields = profile_string("user_id");

    (void) state;

    sink.write = test_write;
    sink.ctx = &out;

    memory_conf(&conf);
    conf.view.fields = &fields;
    conf.view.nfields = 1;

    for (i = 0; i < 2; i++) {
        memory_sort(&conf, i ? "user_id" : "");

        for (cut = 0; cut < sizeof(page); cut++) {
            memset(&out, 0, sizeof(out));

            rw = profile_rewriter_create(&test_alloc, &conf, &sink);
            assert_non_null(rw);

            assert_int_equal(profile_rewriter_feed(rw, (const u_char *) page,
                                                   cut), PROFILE_OK);

            if (cut == sizeof(page) - 1) {
                assert_int_equal(profile_rewriter_next(rw), PROFILE_OK);
            }

            assert_int_equal(profile_rewriter_stop(rw), PROFILE_OK);

            do {
                assert_int_equal(profile_rewriter_more(rw, &more), PROFILE_OK);
            } while (more);

            (void) test_write(&out, (const u_char *) "", 1);

            assert_string_equal(out.data, cut > 33 ? two : cut > 19 ? one
                                                                    : none);
            free(out.data);
            profile_rewriter_destroy(rw);
        }
    }

    profile_schema_destroy((profile_schema_t *) conf.schema);
}


static void
memory_feed(profile_rewriter_t *rw, const char *data, size_t len)
{
    size_t  n;

    for ( /* void */ ; len; len -= n) {
        n = len < PIECE ? len : PIECE;

        assert_int_equal(profile_rewriter_feed(rw, (const u_char *) data, n),
                         PROFILE_OK);
        data += n;
    }
}


/* what is taken does not grow with the pages, nor stay when large users left */

static void
test_pages(void **state)
{
    char                      page[200], *large;
    size_t                    i, first, held, most;
    unsigned                  sorted;
    sink_t                    s;
    profile_sink_t            sink;
    profile_rewriter_t       *rw;
    profile_rewriter_conf_t   conf;

    static const char  head[] = "{\"user_id\":1,\"n\":9,\"email\":\"\\u0061";

    (void) state;

    sink.write = memory_write;
    sink.ctx = &s;

    large = malloc(LARGE);
    memset(large, 'x', LARGE);
    memcpy(large, head, sizeof(head) - 1);
    memcpy(large + LARGE - 2, "\"}", 2);

    for (sorted = 0; sorted < 2; sorted++) {
        s.left = SIZE_MAX;

        memory_conf(&conf);
        memory_query(&conf, "_exists_:email");
        memory_sort(&conf, sorted ? "n" : "");

        first = test_alloc_bytes(&most);

        rw = profile_rewriter_create(&test_alloc, &conf, &sink);
        assert_non_null(rw);

        memory_feed(rw, large, LARGE);
        assert_int_equal(profile_rewriter_next(rw), PROFILE_OK);

        for (i = 0; i < PAGES; i++) {
            (void) sprintf(page, "[{\"user_id\":%zu,\"n\":%zu,\"email\":1},"
                           "{\"user_id\":-%zu,\"n\":7,\"email\":2}]", i, i % 6,
                           i);

            memory_feed(rw, page, strlen(page));
            assert_int_equal(profile_rewriter_next(rw), PROFILE_OK);

            if (i == 3) {
                held = test_alloc_bytes(&most) - first;
                assert_in_range(held, 1, SMALL);
            }
        }

        held = test_alloc_bytes(&most) - first;

        assert_in_range(held, 1, SMALL);
        assert_in_range(most - first, 1, SMALL);
        assert_int_equal(profile_rewriter_found(rw), 2 * PAGES + 1);

        profile_rewriter_destroy(rw);
        profile_query_destroy(conf.search.query);
        profile_schema_destroy((profile_schema_t *) conf.schema);
    }

    free(large);
}


int
main(void)
{
    test_add("U10.2 no memory", test_no_memory, NULL);
    test_add("U10.2 no memory for who has been told", test_seen, NULL);
    test_add("U10.2 the sink", test_sink, NULL);
    test_add("U10.2 a walk that stops", test_stop, NULL);
    test_add("U10.2 M6.1 memory does not grow by pages", test_pages, NULL);

    return test_run();
}
