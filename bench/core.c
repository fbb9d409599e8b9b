
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * How fast the core rewrites a list of 100 users, in the pieces in which
 * nginx would hand it over; beside it bare yajl, which only calls back, on
 * the same bytes: what the core costs on top.  Then how fast the guard judges
 * a write of 1 MB of metadata.
 */


#include <time.h>

#include <yajl/yajl_parse.h>

#include "core/json/profile_reader.h"
#include "request/guard_test.h"


#define BENCH_USERS    100
#define BENCH_USER     1150
#define BENCH_METADATA 1000000
#define BENCH_PIECE    16384
#define BENCH_ROUNDS   7
#define BENCH_SECONDS  0.4


typedef struct {
    u_char                  *data;
    size_t                   len;
    const profile_schema_t  *schema;
    profile_reader_engine_e  engine;     /* of the reader alone */
    int                      inside;     /* it tells of each token */
    size_t                   out;        /* bytes written in the last pass */
    size_t                   users;
} bench_t;

typedef void (*bench_pass_pt)(bench_t *b);


typedef struct {
    const char              *name;
    bench_pass_pt            pass;
    profile_reader_engine_e  engine;
    int                      inside;
    double                   rate;       /* the best one */
} bench_row_t;


static const char  *bench_samples[] = {
    "samples/auth0-database.v1.json",
    "samples/facebook.v1.json",
    "samples/github.v1.json",
    "samples/google-oauth2.v1.json",
    "samples/linkedin.v1.json",
    "samples/ad.v1.json",
    NULL
};


/* a sample as a backend sends it: without white space between the tokens */

static size_t
bench_compact(u_char *data, size_t len)
{
    int      inside;
    size_t   i, n;

    n = 0;
    inside = 0;

    for (i = 0; i < len; i++) {

        if (!inside && (data[i] == ' ' || data[i] == '\n')) {
            continue;
        }

        if (inside && data[i] == '\\') {
            data[n++] = data[i++];

        } else if (data[i] == '"') {
            inside = !inside;
        }

        data[n++] = data[i];
    }

    return n;
}


/* users of about the same size, as of those with some notes */

static void
bench_user(test_out_t *list, const char *name)
{
    int      i;
    char     note[128];
    size_t   len, size, start;
    u_char  *user;

    user = test_file(name, &size);
    len = bench_compact(user, size);
    start = list->len;

    (void) test_write(list, user, len - 1);

    for (i = 0; list->len - start < BENCH_USER; i++) {
        (void) snprintf(note, sizeof(note), ",\"note_%d\":"
                        "{\"on\":\"2014-05-%02d\",\"text\":"
                        "\"called back about the plan\"}", i, i + 1);
        (void) test_write(list, (u_char *) note, strlen(note));
    }

    (void) test_write(list, (const u_char *) "}", 1);

    free(user);
}


static void
bench_list(bench_t *b)
{
    size_t       n;
    test_out_t   list;
    const char **name;

    memset(&list, 0, sizeof(list));
    name = bench_samples;

    for (n = 0; n < BENCH_USERS; n++) {
        (void) test_write(&list, (const u_char *) (n ? "," : "["), 1);
        bench_user(&list, *name);

        name++;

        if (*name == NULL) {
            name = bench_samples;
        }
    }

    (void) test_write(&list, (const u_char *) "]", 1);

    b->data = list.data;
    b->len = list.len;
}


/* metadata with one user a member */

static void
bench_metadata(bench_t *b)
{
    char         head[64];
    size_t       size;
    u_char      *user;
    test_out_t   body;
    const char **name;

    memset(&body, 0, sizeof(body));
    name = bench_samples;

    while (body.len < BENCH_METADATA) {
        user = test_file(*name, &size);

        (void) snprintf(head, sizeof(head), "%s\"user%zu\":",
                        body.len ? "," : "{\"user_metadata\":{", body.len);

        (void) test_write(&body, (const u_char *) head, strlen(head));
        (void) test_write(&body, user, size);

        free(user);

        name++;

        if (*name == NULL) {
            name = bench_samples;
        }
    }

    (void) test_write(&body, (const u_char *) "}}", 2);

    b->data = body.data;
    b->len = body.len;
}


static profile_reason_e
bench_write(void *ctx, const u_char *data, size_t len)
{
    bench_t  *b = ctx;

    (void) data;

    b->out += len;

    return PROFILE_OK;
}


static void
bench_core(bench_t *b)
{
    size_t                    n, done;
    profile_sink_t            sink;
    profile_rewriter_t       *rw;
    profile_rewriter_conf_t   conf;

    memset(&conf, 0, sizeof(conf));

    conf.schema = b->schema;
    conf.max_user_size = 1024 * 1024;
    conf.max_depth = 128;

    sink.write = bench_write;
    sink.ctx = b;

    b->out = 0;

    rw = profile_rewriter_create(&test_alloc, &conf, &sink);
    assert_non_null(rw);

    for (done = 0; done < b->len; done += n) {
        n = b->len - done < BENCH_PIECE ? b->len - done : BENCH_PIECE;

        assert_int_equal(profile_rewriter_feed(rw, b->data + done, n),
                         PROFILE_OK);
    }

    assert_int_equal(profile_rewriter_finish(rw), PROFILE_OK);

    b->users = profile_rewriter_counts(rw)->users;

    profile_rewriter_destroy(rw);
}


static void
bench_guard(bench_t *b)
{
    test_guard_t      t;
    profile_guard_t  *g;

    memset(&t, 0, sizeof(t));

    t.schema = b->schema;
    t.action = PROFILE_UPDATE;
    t.user_id = "facebook|10";
    t.piece = BENCH_PIECE;

    g = test_guard_fed(&t, b->data, b->len);
    assert_non_null(g);

    assert_int_equal(profile_guard_finish(g), PROFILE_OK);

    profile_guard_destroy(g);
}


static profile_reason_e
bench_reader_begin(void *ctx, const profile_event_t *ev, int *inside)
{
    bench_t  *b = ctx;

    (void) ev;

    *inside = b->inside;

    return PROFILE_OK;
}


static profile_reason_e
bench_reader_event(void *ctx, const profile_event_t *ev)
{
    (void) ctx;
    (void) ev;

    return PROFILE_OK;
}


static void
bench_reader(bench_t *b)
{
    size_t                  n, done;
    profile_reader_t       *r;
    profile_reader_conf_t   conf;

    static const profile_reader_handler_t  handler = {
        bench_reader_begin, bench_reader_event, bench_reader_event
    };

    memset(&conf, 0, sizeof(conf));

    conf.engine = b->engine;
    conf.max_size = 1024 * 1024;
    conf.max_depth = 128;

    r = profile_reader_create(&test_alloc, &conf, &handler, b);
    assert_non_null(r);

    for (done = 0; done < b->len; done += n) {
        n = b->len - done < BENCH_PIECE ? b->len - done : BENCH_PIECE;

        assert_int_equal(profile_reader_feed(r, b->data + done, n),
                         PROFILE_OK);
    }

    assert_int_equal(profile_reader_finish(r), PROFILE_OK);

    profile_reader_destroy(r);
}


static int
bench_yajl_event(void *ctx)
{
    (void) ctx;

    return 1;
}


static int
bench_yajl_boolean(void *ctx, int value)
{
    (void) ctx;
    (void) value;

    return 1;
}


static int
bench_yajl_text(void *ctx, const unsigned char *data, size_t len)
{
    (void) ctx;
    (void) data;
    (void) len;

    return 1;
}


static int
bench_yajl_number(void *ctx, const char *data, size_t len)
{
    (void) ctx;
    (void) data;
    (void) len;

    return 1;
}


static void
bench_yajl(bench_t *b)
{
    size_t          n, done;
    yajl_handle     h;
    yajl_callbacks  callbacks;

    memset(&callbacks, 0, sizeof(callbacks));

    callbacks.yajl_null = bench_yajl_event;
    callbacks.yajl_boolean = bench_yajl_boolean;
    callbacks.yajl_number = bench_yajl_number;
    callbacks.yajl_string = bench_yajl_text;
    callbacks.yajl_start_map = bench_yajl_event;
    callbacks.yajl_map_key = bench_yajl_text;
    callbacks.yajl_end_map = bench_yajl_event;
    callbacks.yajl_start_array = bench_yajl_event;
    callbacks.yajl_end_array = bench_yajl_event;

    h = yajl_alloc(&callbacks, NULL, NULL);
    assert_non_null(h);

    for (done = 0; done < b->len; done += n) {
        n = b->len - done < BENCH_PIECE ? b->len - done : BENCH_PIECE;

        assert_int_equal(yajl_parse(h, b->data + done, n), yajl_status_ok);
    }

    assert_int_equal(yajl_complete_parse(h), yajl_status_ok);

    yajl_free(h);
}


static double
bench_now(void)
{
    struct timespec  ts;

    (void) clock_gettime(CLOCK_MONOTONIC, &ts);

    return ts.tv_sec + ts.tv_nsec / 1e9;
}


/* bytes per second of one round */

static double
bench_round(bench_t *b, bench_pass_pt pass)
{
    double         start, now;
    unsigned long  n;

    n = 0;
    start = bench_now();

    do {
        pass(b);
        n++;
        now = bench_now();

    } while (now - start < BENCH_SECONDS);

    return b->len * n / (now - start);
}


static void
bench_turn(bench_row_t *row, bench_t *b)
{
    double  rate;

    b->engine = row->engine;
    b->inside = row->inside;

    rate = bench_round(b, row->pass);
    row->rate = rate > row->rate ? rate : row->rate;
}


int
main(void)
{
    int      i;
    size_t   n;
    bench_t  list, body;

    static bench_row_t  rows[] = {
        { "yajl", bench_yajl, 0, 0, 0 },
        { "core", bench_core, 0, 0, 0 },
        { "yajl's reader", bench_reader, PROFILE_READER_YAJL, 1, 0 },
        { "reader", bench_reader, PROFILE_READER_SCAN, 1, 0 },
        { "reader, passing", bench_reader, PROFILE_READER_SCAN, 0, 0 },
        { "guard", bench_guard, 0, 0, 0 }
    };

    memset(&list, 0, sizeof(list));
    memset(&body, 0, sizeof(body));

    bench_list(&list);
    bench_metadata(&body);

    list.schema = test_schema_file("auth0.conf");
    body.schema = list.schema;

    /* in turns, and the best of each: what else runs here only slows down */

    for (i = 0; i < BENCH_ROUNDS; i++) {
        for (n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
            bench_turn(&rows[n], rows[n].pass == bench_guard ? &body
                                                                 : &list);
        }
    }

    assert_int_equal(list.users, BENCH_USERS);

    (void) printf("list:  %d users, %zu bytes, %zu bytes as v2\n"
                  "guard: %zu bytes of metadata\n"
                  "yajl:  with empty callbacks\n",
                  BENCH_USERS, list.len, list.out, body.len);

    for (n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        (void) printf("%-16s %5.0f MB/s, %.2f of yajl\n", rows[n].name,
                      rows[n].rate / 1e6, rows[n].rate / rows[0].rate);
    }

    return 0;
}
