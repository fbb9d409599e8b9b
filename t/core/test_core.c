
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* Proves that a buffer grows, and stays as it was where it cannot. */


#include "core/profile_core.h"
#include "profile_test.h"


static void
test_buf(void **state)
{
    size_t         i;
    u_char        *data;
    profile_buf_t  buf;

    (void) state;

    memset(&buf, 0, sizeof(buf));

    assert_int_equal(profile_buf_append(&test_alloc, &buf, NULL, 0), 0);
    assert_null(buf.data);

    for (i = 0; i < 3000; i++) {
        assert_int_equal(profile_buf_append(&test_alloc, &buf, "abc", 3), 0);
    }

    assert_int_equal(buf.len, 9000);
    assert_true(buf.size >= 9000 && buf.size < 2 * 9000);
    assert_memory_equal(buf.data, "abcabc", 6);
    assert_memory_equal(buf.data + 8997, "abc", 3);

    /* what is there is not touched by what cannot be had */

    data = buf.data;

    assert_int_equal(profile_buf_reserve(&test_alloc, &buf, SIZE_MAX), -1);
    assert_int_equal(profile_buf_reserve(&test_alloc, &buf, SIZE_MAX / 2), -1);

    test_alloc_fail(1);
    assert_int_equal(profile_buf_append(&test_alloc, &buf, data, 9000), -1);
    test_alloc_fail(0);

    assert_ptr_equal(buf.data, data);
    assert_int_equal(buf.len, 9000);

    profile_buf_free(&test_alloc, &buf);

    assert_null(buf.data);
    assert_int_equal(buf.len, 0);
    assert_int_equal(buf.size, 0);
}


/* what is large grows by less, and does not stay */

static void
test_buf_large(void **state)
{
    size_t         size;
    profile_buf_t  buf;

    (void) state;

    memset(&buf, 0, sizeof(buf));

    for (size = 1; size < 4 << 20; size += size / 7 + 1) {
        assert_int_equal(profile_buf_reserve(&test_alloc, &buf, size), 0);
        assert_true(buf.size >= size);
        assert_true(buf.size <= (size < 65536 ? 2 : 1.25) * size
                    || buf.size == 512);

        buf.len = size / 2;
        profile_buf_trim(&test_alloc, &buf);

        assert_int_equal(buf.len, 0);
        assert_true(buf.size <= 65536);
        assert_true(buf.size >= size || size > 65536);
    }

    profile_buf_free(&test_alloc, &buf);
}


int
main(void)
{
    test_add("M6.1 a buffer grows by doubling and fails whole", test_buf,
             NULL);
    test_add("M6.6 a large buffer grows by a quarter and does not stay",
             test_buf_large, NULL);

    return test_run();
}
