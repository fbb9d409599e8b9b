
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * How fast the core is, in the pieces in which nginx would hand it over, beside
 * bare yajl, which only calls back, on the same bytes: responses of several
 * kinds, and a write of 1 MB of metadata for the guard.
 *
 *     bench                    in turns, as ratios
 *     bench BODY PASS TIMES    for callgrind, which counts what it toggles
 */


#include <time.h>

#include <yajl/yajl_parse.h>

#include "core/json/profile_reader.h"
#include "json/reader_test.h"
#include "request/guard_test.h"


#define BENCH_USERS    100
#define BENCH_USER     1150
#define BENCH_LARGE    10000
#define BENCH_ATTRIBUTES  300
#define BENCH_TEXTS    40
#define BENCH_METADATA 1000000
#define BENCH_PIECE    16384
#define BENCH_ROUNDS   7
#define BENCH_SECONDS  0.1


typedef struct {
    u_char                  *data;
    size_t                   len;
    const profile_schema_t  *schema;
    profile_rewriter_t      *rewriter;   /* kept, as a worker does */
    size_t                   out;        /* bytes written in the last pass */
    uint64_t                 print;      /* of these */
    int                      prints;     /* it is to be made */
} bench_t;

typedef void (*bench_pass_pt)(bench_t *b);


typedef struct {
    const char              *name;
    bench_pass_pt            pass;
} bench_row_t;


typedef struct {
    const char              *name;
    void                   (*make)(test_out_t *body);
    uint64_t                 print;      /* of what it becomes; 0: a write */
} bench_body_t;


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


/* a user with as many notes as make him so large */

static void
bench_user(test_out_t *body, const char *name, size_t least)
{
    int      i;
    char     note[128];
    size_t   len, size, start;
    u_char  *user;

    user = test_file(name, &size);
    len = bench_compact(user, size);
    start = body->len;

    (void) test_write(body, user, len - 1);

    for (i = 0; body->len - start < least; i++) {
        (void) snprintf(note, sizeof(note), ",\"note_%d\":"
                        "{\"on\":\"2014-05-%02d\",\"text\":"
                        "\"called back about the plan\"}", i, i % 28 + 1);
        (void) test_write(body, (u_char *) note, strlen(note));
    }

    (void) test_write(body, (const u_char *) "}", 1);

    free(user);
}


static void
bench_one(test_out_t *body)
{
    bench_user(body, bench_samples[0], BENCH_USER);
}


static void
bench_large(test_out_t *body)
{
    bench_user(body, bench_samples[0], BENCH_LARGE);
}


static void
bench_list(test_out_t *body)
{
    size_t       n;
    const char **name;

    name = bench_samples;

    for (n = 0; n < BENCH_USERS; n++) {
        (void) test_write(body, (const u_char *) (n ? "," : "["), 1);
        bench_user(body, *name, BENCH_USER);

        name++;

        if (*name == NULL) {
            name = bench_samples;
        }
    }

    (void) test_write(body, (const u_char *) "]", 1);
}


/* the same as a backend writes it that means to be read */

static void
bench_spaced(test_out_t *body)
{
    int         inside, depth;
    char        space[64];
    size_t      i;
    test_out_t  list;

    memset(&list, 0, sizeof(list));

    bench_list(&list);

    inside = 0;
    depth = 0;

    for (i = 0; i < list.len; i++) {

        if (!inside && (list.data[i] == '}' || list.data[i] == ']')) {
            (void) snprintf(space, sizeof(space), "\n%*s", 2 * --depth, "");
            (void) test_write(body, (u_char *) space, strlen(space));
        }

        (void) test_write(body, list.data + i, 1);

        if (list.data[i] == '"') {
            inside = !inside;

        } else if (inside && list.data[i] == '\\') {
            (void) test_write(body, list.data + ++i, 1);

        } else if (!inside && list.data[i] == ':') {
            (void) test_write(body, (const u_char *) " ", 1);

        } else if (!inside && strchr("{[,", list.data[i])) {
            depth += (list.data[i] != ',');
            (void) snprintf(space, sizeof(space), "\n%*s", 2 * depth, "");
            (void) test_write(body, (u_char *) space, strlen(space));
        }
    }

    free(list.data);
}


static void
bench_attributes(test_out_t *body)
{
    int   i;
    char  text[64];

    (void) test_write(body, (const u_char *) "{\"user_id\":\"auth0|1\"", 20);

    for (i = 0; i < BENCH_ATTRIBUTES; i++) {
        (void) snprintf(text, sizeof(text), ",\"setting_%d\":%d", i * 7919, i);
        (void) test_write(body, (u_char *) text, strlen(text));
    }

    (void) test_write(body, (const u_char *) "}", 1);
}


static void
bench_texts(test_out_t *body)
{
    int   i, j;
    char  text[64];

    (void) test_write(body, (const u_char *) "{\"user_id\":\"auth0|1\"", 20);

    for (i = 0; i < BENCH_TEXTS; i++) {
        (void) snprintf(text, sizeof(text), ",\"text_%d\":\"", i);
        (void) test_write(body, (u_char *) text, strlen(text));

        for (j = 0; j < BENCH_TEXTS; j++) {
            (void) test_write(body, (const u_char *) "\xd0\x9f\xd1\x80\xd0\xb8"
                              "\xd0\xb2\xd0\xb5\xd1\x82, ", 14);
        }

        (void) test_write(body, (const u_char *) "\"", 1);
    }

    (void) test_write(body, (const u_char *) "}", 1);
}


/* metadata with one user a member */

static void
bench_metadata(test_out_t *body)
{
    char         head[64];
    size_t       size;
    u_char      *user;
    const char **name;

    name = bench_samples;

    while (body->len < BENCH_METADATA) {
        user = test_file(*name, &size);

        (void) snprintf(head, sizeof(head), "%s\"user%zu\":",
                        body->len ? "," : "{\"user_metadata\":{", body->len);

        (void) test_write(body, (const u_char *) head, strlen(head));
        (void) test_write(body, user, size);

        free(user);

        name++;

        if (*name == NULL) {
            name = bench_samples;
        }
    }

    (void) test_write(body, (const u_char *) "}}", 2);
}


static profile_reason_e
bench_write(void *ctx, const u_char *data, size_t len)
{
    size_t    i;
    bench_t  *b = ctx;

    b->out += len;

    /* FNV-1a */

    for (i = 0; i < len && b->prints; i++) {
        b->print = (b->print ^ data[i]) * 0x100000001b3ULL;
    }

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
    b->print = 0xcbf29ce484222325ULL;

    if (b->rewriter == NULL) {
        b->rewriter = profile_rewriter_create(&test_alloc, &conf, &sink);
        assert_non_null(b->rewriter);

    } else {
        assert_int_equal(profile_rewriter_renew(b->rewriter, &conf, &sink), 0);
    }

    rw = b->rewriter;

    for (done = 0; done < b->len; done += n) {
        n = b->len - done < BENCH_PIECE ? b->len - done : BENCH_PIECE;

        assert_int_equal(profile_rewriter_feed(rw, b->data + done, n),
                         PROFILE_OK);
    }

    assert_int_equal(profile_rewriter_finish(rw), PROFILE_OK);

    profile_rewriter_rest(rw);
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


static void
bench_reader(bench_t *b)
{
    int                     inside;
    size_t                  n, done;
    profile_reader_t       *r;
    profile_reader_conf_t   conf;

    memset(&conf, 0, sizeof(conf));

    inside = 1;

    conf.engine = PROFILE_READER_SCAN;
    conf.max_size = 1024 * 1024;
    conf.max_depth = 128;

    r = profile_reader_create(&test_alloc, &conf, &test_reader_handler,
                              &inside);
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


static const bench_body_t  bench_bodies[] = {
    { "list-100", bench_list, 0xe65641caa11b938e },
    { "spaced-100", bench_spaced, 0x85831d19645acdf2 },
    { "user-1k", bench_one, 0x301a5dae6120c9fc },
    { "user-10k", bench_large, 0xf2c634f7f30200d2 },
    { "attributes-300", bench_attributes, 0x62822d86ff188b51 },
    { "texts", bench_texts, 0xe22241ab8babeedd },
    { "metadata-1m", bench_metadata, 0 },
    { NULL, NULL, 0 }
};


static const bench_row_t  bench_rows[] = {
    { "yajl", bench_yajl },
    { "reader", bench_reader },
    { "core", bench_core },
    { "guard", bench_guard },
    { NULL, NULL }
};


static void
bench_make(bench_t *b, const bench_body_t *body, const profile_schema_t *schema)
{
    test_out_t  out;

    memset(b, 0, sizeof(bench_t));
    memset(&out, 0, sizeof(out));

    body->make(&out);

    b->data = out.data;
    b->len = out.len;
    b->schema = schema;
}


/* in turns, and the best of each: what else runs here only slows down */

static int
bench_compare(const bench_body_t *body, const profile_schema_t *schema)
{
    int      i, row, wrong;
    double   rate, best[4];
    bench_t  b;

    bench_make(&b, body, schema);
    memset(best, 0, sizeof(best));

    for (i = 0; i < BENCH_ROUNDS; i++) {
        for (row = 0; bench_rows[row].name; row++) {

            if (row >= 2 && (row == 2) != (body->print != 0)) {
                continue;
            }

            rate = bench_round(&b, bench_rows[row].pass);
            best[row] = rate > best[row] ? rate : best[row];
        }
    }

    wrong = 0;

    if (body->print) {
        b.prints = 1;
        bench_core(&b);
        wrong = (b.print != body->print);
    }

    (void) printf("%-16s %8zu  %6.0f  %6.2f  %6.2f  %s%s\n", body->name, b.len,
                  best[0] / 1e6, best[1] / best[0],
                  best[body->print ? 2 : 3] / best[0],
                  body->print ? "core" : "guard",
                  wrong ? ", and another output than was recorded" : "");

    if (wrong) {
        (void) printf("%#llx\n", (unsigned long long) b.print);
    }

    profile_rewriter_destroy(b.rewriter);
    free(b.data);

    return wrong;
}


int
main(int argc, char **argv)
{
    int                  i, j, n, wrong;
    bench_t              b;
    profile_schema_t    *schema;

    schema = test_schema_file("auth0.conf");
    wrong = 0;

    if (argc == 1) {
        (void) printf("%-16s %8s  %6s  %6s  %6s\n", "body", "bytes", "yajl",
                      "reader", "all");
        (void) printf("%-16s %8s  %6s  %6s  %6s\n", "", "", "MB/s", "/yajl",
                      "/yajl");

        for (i = 0; bench_bodies[i].name; i++) {
            wrong |= bench_compare(&bench_bodies[i], schema);
        }

        return wrong;
    }

    for (i = 0; bench_bodies[i].name; i++) {
        for (j = 0; bench_rows[j].name && argc == 4; j++) {

            if (strcmp(bench_bodies[i].name, argv[1]) == 0
                && strcmp(bench_rows[j].name, argv[2]) == 0)
            {
                bench_make(&b, &bench_bodies[i], schema);

                for (n = atoi(argv[3]); n; n--) {
                    bench_rows[j].pass(&b);
                }

                (void) printf("%zu\n", b.len);

                return 0;
            }
        }
    }

    (void) fprintf(stderr, "usage: bench [BODY PASS TIMES]\n");

    return 2;
}
