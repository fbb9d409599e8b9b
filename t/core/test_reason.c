
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* Proves that no reason is without a name of its own, and a text. */


#include "core/profile_reason.h"
#include "profile_test.h"


static void
test_reasons(void **state)
{
    int                   i, j;
    const profile_str_t  *name, *text;

    (void) state;

    assert_int_equal(profile_reason_name(PROFILE_OK)->len, 0);

    for (i = 1; i < PROFILE_REASONS; i++) {
        name = profile_reason_name(i);
        text = profile_reason_text(i);

        assert_true(name->len > 1);
        assert_int_equal(strspn((char *) name->data,
                                "abcdefghijklmnopqrstuvwxyz0123456789_"),
                         name->len);

        assert_true(text->len > 0);
        assert_int_equal(text->len, strlen((char *) text->data));
        assert_int_not_equal(text->data[text->len - 1], '.');

        for (j = 1; j < i; j++) {
            assert_string_not_equal(name->data, profile_reason_name(j)->data);
        }
    }
}


int
main(void)
{
    test_add("H4.3 each reason has a name of its own and a text",
             test_reasons, NULL);

    return test_run();
}
