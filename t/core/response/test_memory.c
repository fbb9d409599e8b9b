
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves what a user takes in memory: while it comes, while it is made, and
 * when it has left.  M6.6 has the figures.
 */


#include "profile_test.h"


#define SCHEMA  "provider p x; metadata_prefix user_metadata um_; "           \
                "user_metadata ~^p_(.*) as=$1; identity_drop t;"

#define SIZE    1048576

/* what is taken for each byte of a user while it is made */
#define MAKES   18

/* what stays of it */
#define STAYS   (512 * 1024)


/*
 * A user of very many members, what stands before and behind them, and what is
 * held for each ten bytes of it.  A member is made of its number, if it has a
 * place for that.
 */

typedef struct {
    const char  *name;
    unsigned     waits;
    const char  *before;
    const char  *member;
    const char  *behind;
    const char  *field;                  /* NULL: all */
} many_t;


static const many_t  manys[] = {
    { "M6.6 small names in the root", 40, "", "\"%05x\":1,", "\"x\":1}", NULL },
    { "M6.6 small names in a container", 40, "\"metadata\":{",
      "\"%05x\":1,", "\"x\":1}}", NULL },
    { "M6.6 the same name, many times", 40, "", "\"abcd\":1,",
      "\"x\":1}", NULL },
    { "M6.6 what is as small as can be", 55, "", "\"\":1,", "\"x\":1}",
      NULL },
    { "M6.6 names with a prefix", 40, "", "\"um_%05x\":1,",
      "\"x\":1}", NULL },
    { "M6.6 names by a pattern", 40, "", "\"p_%05x\":1,",
      "\"x\":1}", NULL },
    { "M6.6 names with escapes", 30, "", "\"\\u0061%05x\":1,",
      "\"x\":1}", NULL },
    { "M6.6 containers, many times", 40, "",
      "\"metadata\":{\"%05x\":1},", "\"x\":1}", NULL },
    { "M6.6 values more than names", 20, "",
      "\"n%05x\":[1,2,3,{\"a\":\"b\"},null],", "\"x\":1}", NULL },
    { "M6.6 one large value", 14, "\"a\":[", "%u,", "1]}", NULL },
    { "M6.6 tokens of identities", 14, "\"identities\":[", "{\"t\":1},",
      "1]}", NULL },
    { "M6.6 U5.7 objects of which parts are shown", 14, "\"a\":[",
      "{\"%05x\":1},", "1]}", "app_metadata.a.b" },
    { "M6.6 U5.7 elements that are as small as can be", 14, "\"a\":[",
      "[1],", "1]}", "app_metadata.a.b" },
    { "M6.6 U5.7 names that stand twice", 14, "\"a\":{",
      "\"b\":{},\"b\":%u,", "\"x\":1}}", "app_metadata.a.b.c" }
};


static profile_reason_e
sink_write(void *ctx, const u_char *data, size_t len)
{
    (void) ctx;
    (void) data;
    (void) len;

    return PROFILE_OK;
}


static void
feed(profile_rewriter_t *rw, const char *data, size_t len)
{
    size_t  n;

    /* as it comes from a network */

    while (len) {
        n = len < 4096 ? len : 4096;

        assert_int_equal(profile_rewriter_feed(rw, (const u_char *) data, n),
                         PROFILE_OK);
        data += n;
        len -= n;
    }
}


static void
test_many(void **state)
{
    const many_t  *many = *state;

    char                      *text, *p;
    size_t                     first, waits, makes, stays, unused;
    unsigned                   i;
    profile_str_t              field;
    profile_sink_t             sink;
    profile_schema_t          *s;
    profile_rewriter_t        *rw;
    profile_rewriter_conf_t    conf;

    text = malloc(SIZE + 4096);
    p = text + sprintf(text, "{\"user_id\":\"p|1\",%s", many->before);

    for (i = 0; p - text < SIZE; i++) {

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-extra-args"

        p += sprintf(p, many->member, i);

#pragma GCC diagnostic pop

    }

    p += sprintf(p, "%s", many->behind);

    s = test_schema(SCHEMA);

    memset(&conf, 0, sizeof(conf));
    conf.schema = s;
    conf.max_user_size = 2 * SIZE;
    conf.max_depth = 16;

    if (many->field) {
        field.data = (const u_char *) many->field;
        field.len = strlen(many->field);
        conf.view.fields = &field;
        conf.view.nfields = 1;
    }

    sink.write = sink_write;
    sink.ctx = NULL;

    first = test_alloc_bytes(&unused);

    rw = profile_rewriter_create(&test_alloc, &conf, &sink);
    assert_non_null(rw);

    feed(rw, "[", 1);
    feed(rw, text, p - text - 1);
    waits = test_alloc_bytes(&unused) - first;

    feed(rw, p - 1, 1);
    stays = test_alloc_bytes(&makes) - first;
    makes -= first;

    feed(rw, "]", 1);
    assert_int_equal(profile_rewriter_finish(rw), PROFILE_OK);
    assert_int_equal(profile_rewriter_counts(rw)->users, 1);

    assert_in_range(waits, SIZE, SIZE / 10 * many->waits);
    assert_in_range(makes, SIZE, (uintmax_t) MAKES * SIZE);
    assert_in_range(stays, 1, STAYS);

    profile_rewriter_destroy(rw);
    profile_schema_destroy(s);
    free(text);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(manys) / sizeof(manys[0]); i++) {
        test_add(manys[i].name, test_many, &manys[i]);
    }

    return test_run();
}
