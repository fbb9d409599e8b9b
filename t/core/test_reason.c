
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that no reason is without a name of its own and a text, and which
 * answer belongs to it.
 */


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


static void
test_codes(void **state)
{
    size_t  n;

    static const struct {
        profile_reason_e   reason;
        unsigned           status;
        const char        *code;
    } rows[] = {
        { PROFILE_INVALID_JSON, 400, "invalid_body" },
        { PROFILE_TOO_DEEP, 400, "invalid_body" },
        { PROFILE_ATTRIBUTES, 400, "operation_not_supported" },
        { PROFILE_UNSUPPORTED, 400, "operation_not_supported" },
        { PROFILE_CONTAINER, 400, "invalid_body" },
        { PROFILE_RESERVED, 400, "invalid_body" },
        { PROFILE_METADATA_NAME, 400, "invalid_body" },
        { PROFILE_FORBIDDEN, 400, "invalid_body" },
        { PROFILE_CONNECTION, 400, "invalid_body" },
        { PROFILE_NUMBER_TOO_LARGE, 400, "invalid_body" },
        { PROFILE_ALIAS, 400, "invalid_body" },
        { PROFILE_NAME, 400, "invalid_body" },
        { PROFILE_DUPLICATE, 400, "invalid_body" },
        { PROFILE_EMPTY_BODY, 400, "invalid_body" },
        { PROFILE_BODY_TOO_LARGE, 413, "body_too_large" },
        { PROFILE_MEDIA_TYPE, 415, "unsupported_media_type" },
        { PROFILE_BODY_ENCODING, 415, "unsupported_media_type" },
        { PROFILE_METHOD_OVERRIDE, 400, "invalid_header" },
        { PROFILE_HEADER, 400, "invalid_header" },
        { PROFILE_PATH, 404, "invalid_uri" },
        { PROFILE_QUERY, 400, "invalid_query_string" },
        { PROFILE_PRECONDITION, 412, "precondition_failed" },
        { PROFILE_NO_MEMORY, 500, "internal_error" },
        { PROFILE_UPSTREAM, 502, "invalid_upstream_profile" },
    };

    (void) state;

    for (n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        assert_int_equal(profile_reason_status(rows[n].reason),
                         rows[n].status);
        assert_string_equal(profile_reason_code(rows[n].reason)->data,
                            rows[n].code);
    }
}


int
main(void)
{
    test_add("H4.3 each reason has a name of its own and a text",
             test_reasons, NULL);
    test_add("H5 each reason has its status and its code", test_codes,
             NULL);

    return test_run();
}
