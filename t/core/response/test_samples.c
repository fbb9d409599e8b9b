
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves every sample of t/samples with the schema that is shipped: the bytes
 * that come out, the reason and place of what is refused, in chunks of all
 * sizes and cut in two at every byte.
 */


#include <yajl/yajl_tree.h>

#include "profile_test.h"


/* bodies up to this size are cut in every way */
#define SMALL  600

#define SAMPLES  512


typedef struct {
    const char        *name;
    const char        *envelope;
    const char        *reason;
    char               title[128];
} sample_t;


static profile_schema_t  *schema;
static yajl_val           lists[3];
static sample_t           samples[SAMPLES];
static size_t             nsamples;


static u_char *
sample_file(const char *folder, const char *name, const char *end, size_t *len)
{
    char  path[256];

    (void) snprintf(path, sizeof(path), "samples/%s%s%s", folder, name, end);

    return test_file(path, len);
}


/* in pieces of so many bytes or, where cut is not 0, in two */

static profile_reason_e
sample_rewrite(const char *envelope, const u_char *data, size_t len,
    size_t piece, size_t cut, test_out_t *out, uint64_t *offset)
{
    test_rewrite_t    t;
    profile_reason_e  rc;

    memset(&t, 0, sizeof(t));
    memset(out, 0, sizeof(*out));

    t.schema = schema;
    t.envelope = envelope;
    t.piece = piece;
    t.cut = cut;

    rc = test_rewrite(&t, data, len, out);
    *offset = t.offset;

    return rc;
}


static void
sample_becomes(const char *envelope, const u_char *data, size_t len,
    const u_char *expected, size_t expected_len)
{
    size_t            i, n;
    uint64_t          offset;
    test_out_t        out;
    profile_reason_e  rc;

    static const size_t  pieces[] = { 0, 1, 2, 3, 7, 64 };

    n = len < SMALL ? len * 2 : sizeof(pieces) / sizeof(pieces[0]);

    for (i = 0; i < n; i++) {
        rc = sample_rewrite(envelope, data, len,
                            len >= SMALL ? pieces[i] : i < len ? i : 0,
                            i < len ? 0 : i - len, &out, &offset);

        if (rc != PROFILE_OK) {
            fail_msg("%zu of %zu: \"%s\" at %u", i, n,
                     profile_reason_name(rc)->data, (unsigned) offset);
        }

        if (out.len != expected_len
            || memcmp(out.data, expected, out.len) != 0)
        {
            fail_msg("%zu of %zu:\n%.*s\nnot\n%.*s", i, n, (int) out.len,
                     out.data, (int) expected_len, expected);
        }

        free(out.data);
    }
}


static void
test_pair(void **state)
{
    size_t           len, expected_len;
    u_char          *data, *expected;
    const sample_t  *s = *state;

    data = sample_file("", s->name, ".v1.json", &len);
    expected = sample_file("", s->name, ".v2.json", &expected_len);

    sample_becomes(s->envelope, data, len, expected, expected_len);
    sample_becomes(s->envelope, expected, expected_len, expected,
                   expected_len);

    free(data);
    free(expected);
}


static void
test_valid(void **state)
{
    size_t           len;
    u_char          *data;
    const sample_t  *s = *state;

    data = sample_file("valid/", s->name, ".json", &len);

    sample_becomes(NULL, data, len, data, len);
    sample_becomes("users", data, len, data, len);

    free(data);
}


static void
test_invalid(void **state)
{
    size_t            i, len;
    u_char           *data;
    uint64_t          offset, first;
    test_out_t        out;
    const sample_t   *s = *state;
    profile_reason_e  rc;

    data = sample_file("invalid/", s->name, ".json", &len);

    first = 0;

    for (i = 0; i < len * 2 || i == 0; i++) {

        /* of a large one, what is cut at its begin and at its end */

        if (len > SMALL && i % len > SMALL && i % len < len - 32) {
            continue;
        }

        rc = sample_rewrite(NULL, data, len, i < len ? i : 0,
                            i < len ? 0 : i - len, &out, &offset);

        if (i == 0) {
            first = offset;
        }

        if (strcmp((char *) profile_reason_name(rc)->data, s->reason) != 0
            || offset != first || offset > len)
        {
            fail_msg("%zu of %zu: \"%s\" at %u, first at %u", i, len * 2,
                     profile_reason_name(rc)->data, (unsigned) offset,
                     (unsigned) first);
        }

        free(out.data);
    }

    free(data);
}


static const char *
sample_string(yajl_val v, const char *name)
{
    const char  *path[2];

    path[0] = name;
    path[1] = NULL;

    return YAJL_GET_STRING(yajl_tree_get(v, path, yajl_t_string));
}


static size_t
sample_rules(yajl_val v, char *title, size_t size)
{
    size_t       i, len;
    yajl_val     rules;
    const char  *path[] = { "rules", NULL };

    rules = yajl_tree_get(v, path, yajl_t_array);
    len = 0;

    for (i = 0; rules && i < YAJL_GET_ARRAY(rules)->len; i++) {
        len += snprintf(title + len, size - len, "%s ",
                        YAJL_GET_STRING(YAJL_GET_ARRAY(rules)->values[i]));
    }

    return len;
}


/* the samples that a file lists, each a case */

static yajl_val
sample_list(const char *name, const char *rules, CMUnitTestFunction function)
{
    char       error[256];
    size_t     i, len;
    u_char    *text;
    sample_t  *s;
    yajl_val   list, v;

    text = sample_file("", name, ".json", &len);
    list = yajl_tree_parse((char *) text, error, sizeof(error));
    free(text);

    assert_non_null(list);
    assert_true(YAJL_GET_ARRAY(list)->len > 0);

    for (i = 0; i < YAJL_GET_ARRAY(list)->len; i++) {
        assert_true(nsamples < SAMPLES);

        v = YAJL_GET_ARRAY(list)->values[i];
        s = &samples[nsamples++];

        s->name = sample_string(v, "name");
        s->envelope = sample_string(v, "envelope");
        s->reason = sample_string(v, "reason");

        assert_non_null(s->name);

        len = sample_rules(v, s->title, sizeof(s->title));
        (void) snprintf(s->title + len, sizeof(s->title) - len, "%s%s", rules,
                        s->name);

        test_add(s->title, function, s);
    }

    return list;
}


int
main(void)
{
    int     rc;
    size_t  i;

    schema = test_schema_file("auth0.conf");

    lists[0] = sample_list("manifest", "", test_pair);
    lists[1] = sample_list("valid", "M1.4 ", test_valid);
    lists[2] = sample_list("invalid", "M6.3 ", test_invalid);

    rc = test_run();

    for (i = 0; i < 3; i++) {
        yajl_tree_free(lists[i]);
    }

    profile_schema_destroy(schema);

    return rc;
}
