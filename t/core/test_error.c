
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that an answer for which there is no memory says so.  What a name in
 * it can do is in request/test_guard_message.c.
 */


#include "core/profile_error.h"
#include "profile_test.h"


static void
test_no_memory(void **state)
{
    int             rc;
    char            text[1024];
    unsigned long   n;
    profile_buf_t   out;
    profile_str_t   value;

    (void) state;

    memset(text, 'a', sizeof(text));

    value.data = (u_char *) text;
    value.len = sizeof(text);

    for (n = 1; /* void */ ; n++) {
        memset(&out, 0, sizeof(out));
        test_alloc_fail(n);

        rc = profile_error_answer(&test_alloc, &out, 400, &value, &value,
                                  &value);

        profile_buf_free(&test_alloc, &out);

        if (test_alloc_count() < n) {
            break;
        }

        assert_int_equal(rc, -1);
    }

    test_alloc_fail(0);

    assert_int_equal(rc, 0);
    assert_true(n > 3);
}


/* each byte may become six */

static void
test_room(void **state)
{
    char            text[256];
    size_t          n, before;
    profile_buf_t   out;
    profile_str_t   value, none;

    (void) state;

    memset(&none, 0, sizeof(none));
    memset(text, '\x01', sizeof(text));

    value.data = (u_char *) text;

    for (before = 0; before < 6; before++) {
        for (n = 1; n < sizeof(text); n++) {
            value.len = n;
            memset(&out, 0, sizeof(out));

            assert_int_equal(profile_buf_append(&test_alloc, &out, "aaaaa",
                                                before),
                             0);
            assert_int_equal(profile_error_answer(&test_alloc, &out, 400,
                                                  &value, &none, &none),
                             0);
            assert_int_equal(out.len, before + 6 * n + 42);
            assert_true(out.len <= out.size);

            profile_buf_free(&test_alloc, &out);
        }
    }
}


/* none that long could be there: it is not looked at */

static void
test_too_long(void **state)
{
    u_char          byte = 'a';
    profile_buf_t   out;
    profile_str_t   value, none;

    (void) state;

    memset(&out, 0, sizeof(out));
    memset(&none, 0, sizeof(none));

    value.data = &byte;
    value.len = SIZE_MAX / 6 + 1;

    assert_int_equal(profile_error_answer(&test_alloc, &out, 400, &none,
                                          &value, &none),
                     -1);

    profile_buf_free(&test_alloc, &out);
}


int
main(void)
{
    test_add("H4.1 an answer has room for its escapes", test_room, NULL);
    test_add("H4.1 an answer that cannot be", test_too_long, NULL);
    test_add("H4.1 an answer for which there is no memory", test_no_memory,
             NULL);

    return test_run();
}
