
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves how paths are read, and which of them meet (M1.3).  It fails when a
 * dot of a name divides, when a path without a name or with too many is one, or
 * when two that lead to one value are told apart.
 */


#include "profile_test.h"


typedef struct {
    const char  *text;
    unsigned     n;                      /* 0: it is none */
    const char  *last;
} path_t;


static const path_t  paths[] = {
    { "a", 1, "a" },
    { "a.b", 2, "b" },
    { "a.bc.d.ef", 4, "ef" },
    { "a\\.b", 1, "a.b" },
    { "\\.", 1, "." },
    { "a.\\.b\\.", 2, ".b." },
    { "a\\b\\", 1, "a\\b\\" },
    { "a\\\\.b", 2, "b" },
    { "a.b\\\\\\.c", 2, "b\\.c" },
    { "\xc3\xa9. ", 2, " " },
    { "", 0, NULL },
    { ".", 0, NULL },
    { "a.", 0, NULL },
    { ".a", 0, NULL },
    { "a..b", 0, NULL },
    { "a.b.c.d.", 0, NULL },
    { "a.b.c.d.e", 0, NULL }
};


static void
test_paths(void **state)
{
    int              rc;
    size_t           i;
    u_char           names[32];
    profile_str_t    text;
    profile_path_t   path;

    (void) state;

    for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        text.data = (const u_char *) paths[i].text;
        text.len = strlen(paths[i].text);

        rc = profile_path_read(&text, names, &path);

        if (rc != (paths[i].n ? 0 : -1)) {
            fail_msg("\"%s\": %d", paths[i].text, rc);
        }

        if (paths[i].n) {
            assert_int_equal(path.n, paths[i].n);
            assert_true(profile_str_eq(&path.parts[path.n - 1], paths[i].last,
                                       strlen(paths[i].last)));
        }
    }
}


static void
test_paths_meet(void **state)
{
    size_t           i;
    profile_path_t   a, b;

    static const struct {
        const char  *a, *b;
        int          meet;
    } pairs[] = {
        { "a", "a", 1 }, { "a", "b", 0 }, { "a.b", "a", 1 },
        { "a.b", "a.c", 0 }, { "a.b", "a.b.c", 1 }, { "a.b", "b.b", 0 },
        { "a\\.b", "a.b", 0 }
    };

    (void) state;

    for (i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        a = test_path(pairs[i].a);
        b = test_path(pairs[i].b);

        assert_int_equal(profile_path_meets(&a, &b), pairs[i].meet);
        assert_int_equal(profile_path_meets(&b, &a), pairs[i].meet);
    }
}


int
main(void)
{
    test_add("M1.3 paths", test_paths, NULL);
    test_add("M1.3 paths that meet", test_paths_meet, NULL);

    return test_run();
}
