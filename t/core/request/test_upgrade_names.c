
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that metadata is stored under names under which the rewriter gives it
 * back, for every provider and any name, and is refused only where there is
 * no such name (U3.1, U3.2).
 */


#include <glob.h>

#include "request/guard_test.h"
#include "core/profile_text.h"
#include "core/request/profile_upgrade.h"


#define CALLS       (1 << PROFILE_CALL_METADATA)
#define MAX_NAMES   4096

#define PROVIDERS   PROFILE_ROOT "/conf/profile/providers/*.conf"


static void
put(test_out_t *out, const void *data, size_t len)
{
    if (len) {
        (void) test_write(out, data, len);
    }
}


static void
put_text(test_out_t *out, const char *text)
{
    put(out, text, strlen(text));
}


static int
is_forbidden(const char *word)
{
    profile_name_t  name;

    profile_schema_name(shipped, &name, (const u_char *) word, strlen(word));

    return profile_schema_forbidden(shipped, &name) != NULL;
}


/* all words of the shipped schema, its comments included, and odd ones */

static unsigned
words(const char *file, char **list, unsigned n)
{
    char      *text, *word;
    size_t     len;
    unsigned   i;

    text = (char *) test_file(file, &len);

    for (word = strtok(text, " \t\n;"); word; word = strtok(NULL, " \t\n;")) {

        for (i = 0; i < n && strcmp(list[i], word) != 0; i++) { /* void */ }

        /* H5.7, H5.12: these the guard refuses */

        if (i == n && *word != '$' && strchr(word, '.') == NULL
            && !is_forbidden(word))
        {
            assert_true(n < MAX_NAMES);
            list[n++] = strdup(word);
        }
    }

    free(text);

    return n;
}


static unsigned
names(char **list)
{
    char       file[256];
    glob_t     files;
    size_t     i;
    unsigned   n;

    static const char  *odd[] = {
        " ", "\"", "\\", "/", "\n", "\x01", "\x7f", "a b", "\xc3\xa9",
        "\xf0\x9f\x98\x80", "um_", "am_", "um_x", "am_x", "am_um_x",
        "um_am_x", "um_picture", "am_password", "PICTURE", "Email",
        "la\xc5\xbft_name", "lin\xe2\x84\xaa", "metadata", "app_metadata",
        "user_metadata", "App_Metadata", "__prot__", "0", "null", "a$",
    };

    for (n = 0; n < sizeof(odd) / sizeof(odd[0]); n++) {
        list[n] = strdup(odd[n]);
    }

    n = words("../conf/profile/auth0.conf", list, n);

    assert_int_equal(glob(PROVIDERS, 0, NULL, &files), 0);

    for (i = 0; i < files.gl_pathc; i++) {
        (void) snprintf(file, sizeof(file), "../conf/profile/providers%s",
                        strrchr(files.gl_pathv[i], '/'));

        n = words(file, list, n);
    }

    globfree(&files);

    return n;
}


static void
put_member(test_out_t *out, const char *name, unsigned value)
{
    char    number[32];
    u_char  quoted[1024];

    assert_true(strlen(name) < sizeof(quoted) / 6);

    put_text(out, "\"");
    put(out, quoted, profile_text_escape(quoted, (const u_char *) name,
                                         strlen(name)));
    put(out, number, snprintf(number, sizeof(number), "\":%u", value));
}


/* the members that the guard lets into the container, between commas */

static void
put_members(const profile_schema_t *schema, test_out_t *out, char **list,
    unsigned n, profile_container_e container)
{
    unsigned        i;
    const char     *sep;
    profile_name_t  name;

    sep = "";

    for (i = 0; i < n; i++) {
        profile_schema_name(schema, &name, (u_char *) list[i],
                            strlen(list[i]));

        if (container == PROFILE_APP_METADATA
            && profile_schema_reserved(schema, &name))
        {
            continue;
        }

        put_text(out, sep);
        put_member(out, list[i], i);

        sep = ",";
    }
}


/* what a user with this bag is in v2 */

static void
read_back(const profile_schema_t *schema, const char *user_id,
    const u_char *bag, size_t len, test_out_t *out)
{
    test_out_t      v1;
    test_rewrite_t  t;

    memset(&v1, 0, sizeof(v1));
    memset(&t, 0, sizeof(t));

    put_text(&v1, "{\"user_id\":\"");
    put_text(&v1, user_id);
    put_text(&v1, "\",");
    put(&v1, bag + 1, len - 1);

    t.schema = schema;

    assert_int_equal(test_rewrite(&t, v1.data, v1.len, out), PROFILE_OK);

    free(v1.data);
}


/*
 * Plans the write and reads back what its metadata call stores.  Returns what
 * the planning did; out is empty where it refused.
 */

static profile_reason_e
pass(const profile_schema_t *schema, const char *user_id,
    const test_out_t *body, test_out_t *out)
{
    profile_guard_t       *g;
    profile_reason_e       rc;
    profile_upgrade_t     *u;
    const profile_call_t  *call;

    g = test_guard_allowed(schema, user_id, body->data, body->len);
    assert_non_null(g);

    u = profile_upgrade_create(&test_alloc, g, CALLS);
    assert_non_null(u);

    rc = profile_upgrade_make(u);

    if (rc == PROFILE_OK) {
        call = profile_upgrade_next(u);

        assert_int_equal(call->kind, PROFILE_CALL_METADATA);

        read_back(schema, user_id, call->body.data, call->body.len, out);
    }

    profile_upgrade_destroy(u);
    profile_guard_destroy(g);

    return rc;
}


static int
same(const test_out_t *a, const test_out_t *b)
{
    return a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
}


/* every word in both containers of one user */

static void
check_provider(char **list, unsigned n, const char *user_id)
{
    test_out_t  body, expected, out;

    memset(&body, 0, sizeof(body));
    memset(&expected, 0, sizeof(expected));
    memset(&out, 0, sizeof(out));

    put_text(&body, "{\"app_metadata\":{");
    put_members(shipped, &body, list, n, PROFILE_APP_METADATA);
    put_text(&body, "},\"user_metadata\":{");
    put_members(shipped, &body, list, n, PROFILE_USER_METADATA);
    put_text(&body, "}}");

    put_text(&expected, "{\"user_id\":\"");
    put_text(&expected, user_id);
    put_text(&expected, "\",");
    put(&expected, body.data + 1, body.len - 1);

    assert_int_equal(pass(shipped, user_id, &body, &out), PROFILE_OK);

    if (!same(&out, &expected)) {
        fail_msg("%s\n%.*s\nis not\n%.*s", user_id, (int) out.len, out.data,
                 (int) expected.len, expected.data);
    }

    free(body.data);
    free(expected.data);
    free(out.data);
}


static void
round_trip(void **state)
{
    char      *list[MAX_NAMES], *id, user_id[128];
    size_t     i;
    glob_t     files;
    unsigned   n;

    (void) state;

    n = names(list);
    assert_true(n > 500);

    assert_int_equal(glob(PROVIDERS, 0, NULL, &files), 0);
    assert_true(files.gl_pathc > 20);

    for (i = 0; i < files.gl_pathc; i++) {
        id = strrchr(files.gl_pathv[i], '/') + 1;

        (void) snprintf(user_id, sizeof(user_id), "%.*s|1",
                        (int) strcspn(id, "."), id);

        check_provider(list, n, user_id);
    }

    check_provider(list, n, "nobody|1");

    while (n) {
        free(list[--n]);
    }

    globfree(&files);
}


/*
 * One member under a schema: stored so that it comes back, or refused where
 * it would not under either name.  Returns whether it was stored.
 */

static int
check_member(const profile_schema_t *schema, profile_container_e container,
    const char *name)
{
    int                   i;
    test_out_t            body, expected, out;
    profile_reason_e      rc;
    const profile_str_t  *prefix;
    profile_container_e   c;

    memset(&body, 0, sizeof(body));
    memset(&expected, 0, sizeof(expected));
    memset(&out, 0, sizeof(out));

    put_text(&body, "{\"");
    put_text(&body, (char *) profile_schema_container_name(container)->data);
    put_text(&body, "\":{");
    put_member(&body, name, 7);
    put_text(&body, "}}");

    put_text(&expected, "{\"user_id\":\"p|1\"");

    for (c = PROFILE_APP_METADATA; c <= PROFILE_USER_METADATA; c++) {
        put_text(&expected, ",\"");
        put_text(&expected, (char *) profile_schema_container_name(c)->data);
        put_text(&expected, "\":{");

        if (c == container) {
            put_member(&expected, name, 7);
        }

        put_text(&expected, "}");
    }

    put_text(&expected, "}");

    rc = pass(schema, "p|1", &body, &out);

    if (rc == PROFILE_OK && !same(&out, &expected)) {
        fail_msg("%.*s\ncomes back as\n%.*s", (int) body.len, body.data,
                 (int) out.len, out.data);
    }

    prefix = profile_schema_prefix(schema, container);

    for (i = 0; rc != PROFILE_OK && i < 2; i++) {
        assert_int_equal(rc, PROFILE_RESERVED);

        body.len = 0;
        out.len = 0;

        put_text(&body, "{\"");
        put(&body, prefix->data, i ? prefix->len : 0);
        put_text(&body, name);
        put_text(&body, "\":7}");

        read_back(schema, "p|1", body.data, body.len, &out);

        if (same(&out, &expected)) {
            fail_msg("%.*s\ncould be stored", (int) body.len, body.data);
        }
    }

    free(body.data);
    free(expected.data);
    free(out.data);

    return rc == PROFILE_OK;
}


static void
stored_or_refused(void **state)
{
    size_t             i, j;
    unsigned           stored, refused;
    profile_schema_t  *s;

    static const char  *schemas[] = {
        "provider p sent ~s_.*;",
        "provider p sent; default user_metadata;",
        "provider p sent; default root; metadata_prefix app_metadata a;",
        "provider p; metadata_prefix app_metadata m_;"
        "metadata_prefix user_metadata m_u_; default root;",
        "provider p m_x; metadata_prefix user_metadata m_;"
        "identity sent; rename x s_x;",
        "provider p; app_metadata ~s_(.*) as=$1; user_metadata ~(x)x as=$1;"
        "metadata_prefix user_metadata u;",
        "provider p; user_metadata x m_x; drop m_s_x;"
        "metadata_prefix app_metadata m_;",
        "provider * ~.*x; provider p; app_metadata sx;"
        "metadata_prefix app_metadata x; metadata_prefix user_metadata xx;",
    };

    static const char  *list[] = {
        "", "x", "xx", "sent", "s_x", "m_x", "m_u_x", "u_x", "a", "ax", "aa",
        "u", "ux", "m_", "m_s_x", "sx", "s_"
    };

    (void) state;

    stored = 0;
    refused = 0;

    for (i = 0; i < sizeof(schemas) / sizeof(schemas[0]); i++) {
        s = test_schema(schemas[i]);

        for (j = 0; j < 2 * sizeof(list) / sizeof(list[0]); j++) {

            if (check_member(s, j % 2 ? PROFILE_USER_METADATA
                                      : PROFILE_APP_METADATA, list[j / 2]))
            {
                stored++;

            } else {
                refused++;
            }
        }

        profile_schema_destroy(s);
    }

    /* both happen */

    assert_true(stored > 50);
    assert_true(refused > 50);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(round_trip),
        cmocka_unit_test(stored_or_refused),
    };

    return cmocka_run_group_tests(tests, shipped_setup, shipped_teardown);
}
