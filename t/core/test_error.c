
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


int
main(void)
{
    test_add("H4.1 an answer for which there is no memory", test_no_memory,
             NULL);

    return test_run();
}
