
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <limits.h>
#include <malloc.h>

#include "core/schema/profile_schema_build.h"
#include "profile_test.h"


#define TEST_SCHEMA_SIZE  (1024 * 1024)


static unsigned long  test_fail_at;
static unsigned long  test_count;
static long           test_blocks;
static size_t         test_bytes;
static size_t         test_most;
static long           test_shared;       /* blocks that no case has made */

static struct CMUnitTest  test_cases[512];
static size_t             test_ncases;


static int
test_leaves_nothing(void **state)
{
    (void) state;

    if (test_blocks != test_shared) {
        print_error("%ld blocks were left behind\n",
                    test_blocks - test_shared);
        test_blocks = test_shared;
        return -1;
    }

    return 0;
}


void
test_add(const char *name, CMUnitTestFunction function, const void *state)
{
    struct CMUnitTest  *test;

    assert_true(test_ncases < sizeof(test_cases) / sizeof(test_cases[0]));

    test = &test_cases[test_ncases++];

    test->name = name;
    test->test_func = function;
    test->teardown_func = test_leaves_nothing;
    test->initial_state = (void *) state;
}


int
test_run(void)
{
    test_shared = test_blocks;

    return _cmocka_run_group_tests("core", test_cases, test_ncases, NULL,
                                   NULL);
}


char *
test_json(const char *text)
{
    char    *copy;
    size_t   i;

    copy = malloc(strlen(text) + 1);

    for (i = 0; text[i]; i++) {
        copy[i] = text[i] == '\'' ? '"' : text[i];
    }

    copy[i] = '\0';

    return copy;
}


static void *
test_memory_realloc(void *ctx, void *p, size_t size)
{
    void    *new;
    size_t   had;

    (void) ctx;

    if (++test_count == test_fail_at) {
        return NULL;
    }

    had = p ? malloc_usable_size(p) : 0;

    new = realloc(p, size);
    if (new == NULL) {
        return NULL;
    }

    if (p == NULL) {
        test_blocks++;
    }

    test_bytes += malloc_usable_size(new) - had;

    if (test_bytes > test_most) {
        test_most = test_bytes;
    }

    return new;
}


static void *
test_memory_alloc(void *ctx, size_t size)
{
    return test_memory_realloc(ctx, NULL, size);
}


static void
test_memory_free(void *ctx, void *p)
{
    (void) ctx;

    if (p) {
        test_blocks--;
        test_bytes -= malloc_usable_size(p);
    }

    free(p);
}


const profile_alloc_t  test_alloc = {
    test_memory_alloc, test_memory_realloc, test_memory_free, NULL
};


void
test_alloc_fail(unsigned long n)
{
    test_fail_at = n;
    test_count = 0;
}


unsigned long
test_alloc_count(void)
{
    return test_count;
}


long
test_alloc_blocks(void)
{
    return test_blocks;
}


size_t
test_alloc_bytes(size_t *most)
{
    *most = test_most;
    test_most = test_bytes;

    return test_bytes;
}


static u_char *
test_read(const char *path, size_t *len)
{
    FILE    *f;
    long     size;
    u_char  *data;

    f = fopen(path, "rb");
    if (f == NULL) {
        fail_msg("cannot open \"%s\"", path);
    }

    (void) fseek(f, 0, SEEK_END);
    size = ftell(f);
    rewind(f);

    data = malloc(size + 1);
    *len = fread(data, 1, size, f);
    data[*len] = '\0';

    (void) fclose(f);

    return data;
}


u_char *
test_file(const char *name, size_t *len)
{
    char  path[PATH_MAX];

    (void) snprintf(path, sizeof(path), "%s/t/%s", PROFILE_ROOT, name);

    return test_read(path, len);
}


/* a word of the configuration language; to be freed */

static profile_str_t
test_word(const char **text)
{
    char           quote, *word;
    const char    *p;
    profile_str_t  str;

    p = *text;
    quote = (*p == '"' || *p == '\'') ? *p++ : '\0';

    word = malloc(strlen(p) + 1);
    str.data = (u_char *) word;

    while (quote ? *p != quote : strchr(" \t\r\n;", *p) == NULL) {

        if (*p == '\\' && p[1] && strchr("\"'\\", p[1])) {
            p++;
        }

        *word++ = *p++;
    }

    str.len = (u_char *) word - str.data;
    *text = p + (quote ? 1 : 0);

    return str;
}


/*
 * Statements, as far as schemas need them; comments end with their line.  A
 * statement stands in the line that has its number.
 */

static int
test_statements(profile_schema_t *s, const char *text)
{
    int            rc;
    size_t         n, line;
    profile_str_t  words[512];

    static const profile_str_t  file = profile_string("test");

    for (line = 1; /* void */ ; line++) {

        for (n = 0; /* void */ ; n++) {
            text += strspn(text, " \t\r\n");

            while (*text == '#') {
                text += strcspn(text, "\n");
                text += strspn(text, " \t\r\n");
            }

            if (*text == ';' || *text == '\0') {
                break;
            }

            assert_true(n < sizeof(words) / sizeof(words[0]));
            words[n] = test_word(&text);
        }

        if (*text == '\0') {
            assert_int_equal(n, 0);
            return profile_schema_finish(s);
        }

        text++;

        rc = profile_schema_add(s, &file, line, words, n);

        while (n) {
            free((void *) words[--n].data);
        }

        if (rc != 0) {
            return -1;
        }
    }
}


profile_schema_t *
test_schema(const char *text)
{
    const char        *mistake;
    profile_schema_t  *s;

    s = test_schema_try(text, &mistake);

    if (mistake) {
        fail_msg("%s", mistake);
    }

    return s;
}


profile_schema_t *
test_schema_try(const char *text, const char **mistake)
{
    profile_schema_t      *s;
    const profile_str_t   *error;
    const profile_hash_t   seed = { { 0x0123456789abcdef, 42 } };

    *mistake = NULL;

    s = profile_schema_create(&test_alloc, &seed);

    if (s && test_statements(s, text) != 0) {
        error = profile_schema_error(s);

        assert_true(error->len > 0);
        assert_int_equal(error->data[error->len], '\0');

        *mistake = (const char *) error->data;
    }

    return s;
}


profile_schema_t *
test_schema_file(const char *name)
{
    FILE              *p;
    char               command[PATH_MAX + 512], *text;
    size_t             len;
    profile_schema_t  *s;

    /* the block's inside, with its includes in place */

    (void) snprintf(command, sizeof(command),
                    "cd %s/conf && perl -0777 -e '"
                    "$_ = <>; s/^\\s*include\\s+(\\S+?);/"
                    "join \"\", map { local (@ARGV, $\\/) = $_; <> }"
                    " sort grep { -e } glob $1/gme;"
                    "s/#.*//g; /profile_schema\\s+\\S+\\s*\\{(.*)\\}/s;"
                    "print $1' profile/%s", PROFILE_ROOT, name);

    p = popen(command, "r");
    assert_non_null(p);

    text = malloc(TEST_SCHEMA_SIZE);
    assert_non_null(text);

    len = fread(text, 1, TEST_SCHEMA_SIZE - 1, p);
    text[len] = '\0';

    assert_true(feof(p));
    assert_int_equal(pclose(p), 0);
    assert_true(len > 0);

    s = test_schema(text);
    free(text);

    return s;
}


profile_reason_e
test_write(void *ctx, const u_char *data, size_t len)
{
    test_out_t  *out = ctx;

    if (out->size - out->len < len) {
        out->size = (out->len + len) * 2 + 64;
        out->data = realloc(out->data, out->size);
    }

    memcpy(out->data + out->len, data, len);
    out->len += len;

    return PROFILE_OK;
}


profile_path_t
test_path(const char *text)
{
    profile_str_t   s;
    profile_path_t  path;

    static u_char    names[64][64];
    static unsigned  n;

    memset(&path, 0, sizeof(profile_path_t));

    if (text == NULL) {
        return path;
    }

    s.data = (const u_char *) text;
    s.len = strlen(text);

    assert_true(s.len <= sizeof(names[0]));
    assert_int_equal(profile_path_read(&s, names[n++ % 64], &path), 0);

    return path;
}


profile_reason_e
test_rewrite(test_rewrite_t *t, const void *data, size_t len, test_out_t *out)
{
    u_char                   *copy;
    size_t                    n, done;
    profile_sink_t            sink;
    profile_reason_e          rc;
    profile_rewriter_t       *rw;
    profile_rewriter_conf_t   conf;

    memset(&conf, 0, sizeof(conf));

    conf.schema = t->schema;
    conf.max_user_size = t->max_user_size ? t->max_user_size : 1024 * 1024;
    conf.max_depth = t->max_depth ? t->max_depth : 128;

    conf.envelope = test_path(t->envelope);
    conf.unwrap = t->unwrap;

    if (t->wrapper) {
        conf.wrapper.data = (const u_char *) t->wrapper;
        conf.wrapper.len = strlen(t->wrapper);
    }

    sink.write = test_write;
    sink.ctx = out;

    rw = profile_rewriter_create(&test_alloc, &conf, &sink);
    if (rw == NULL) {
        return PROFILE_NO_MEMORY;
    }

    rc = PROFILE_OK;

    for (done = 0; done < len && rc == PROFILE_OK; done += n) {
        n = t->piece && t->piece < len - done ? t->piece : len - done;
        n = done < t->cut && t->cut < done + n ? t->cut - done : n;

        /* a copy of its own, so that a read past it or after it is seen */

        copy = malloc(n);
        memcpy(copy, (const u_char *) data + done, n);

        rc = profile_rewriter_feed(rw, copy, n);

        memset(copy, 0xa5, n);
        free(copy);
    }

    if (rc == PROFILE_OK) {
        rc = profile_rewriter_finish(rw);
    }

    t->offset = profile_rewriter_offset(rw);
    t->counts = *profile_rewriter_counts(rw);

    profile_rewriter_destroy(rw);

    return rc;
}


void
test_rewrites(const profile_schema_t *schema, const char *envelope,
    const char *text, const char *expected)
{
    size_t            piece;
    test_out_t        out;
    test_rewrite_t    t;
    profile_reason_e  rc;

    for (piece = 0; piece <= strlen(text); piece++) {
        memset(&t, 0, sizeof(t));
        memset(&out, 0, sizeof(out));

        t.schema = schema;
        t.envelope = envelope;
        t.piece = piece;

        rc = test_rewrite(&t, text, strlen(text), &out);

        if (rc != PROFILE_OK) {
            fail_msg("%s at %u in pieces of %zu: %s",
                     profile_reason_name(rc)->data, (unsigned) t.offset,
                     piece, text);
        }

        if (out.len != strlen(expected)
            || memcmp(out.data, expected, out.len) != 0)
        {
            fail_msg("in pieces of %zu:\n%s\nbecame\n%.*s\nnot\n%s", piece,
                     text, (int) out.len, out.data ? (char *) out.data : "",
                     expected);
        }

        free(out.data);
    }
}


void
test_refuses(const profile_schema_t *schema, const char *envelope,
    const char *text, const char *mark, profile_reason_e reason)
{
    size_t            piece;
    test_out_t        out;
    test_rewrite_t    t;
    profile_reason_e  rc;

    for (piece = 0; piece <= strlen(text); piece++) {
        memset(&t, 0, sizeof(t));
        memset(&out, 0, sizeof(out));

        t.schema = schema;
        t.envelope = envelope;
        t.piece = piece;

        rc = test_rewrite(&t, text, strlen(text), &out);

        if (rc != reason || t.offset != strcspn(mark, "^")) {
            fail_msg("in pieces of %zu: \"%s\" at %u\n%s\n%s", piece,
                     profile_reason_name(rc)->data, (unsigned) t.offset, text,
                     mark);
        }

        free(out.data);
    }
}
