
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_schema.h"
#include "core/schema/profile_schema_make.h"
#include "profile_test.h"
#include "schema/mistake_test.h"


void
test_mistake(void **state)
{
    size_t             len;
    const char        *mistake;
    const mistake_t   *m = *state;
    profile_schema_t  *s;

    s = test_schema_try(m->text, &mistake);

    assert_non_null(mistake);

    /* behind a colon the pattern library says what it thinks of it */

    len = strlen(m->mistake);

    if (m->mistake[len - 1] == ' ' && strlen(mistake) > len + 4) {
        assert_memory_equal(mistake, m->mistake, len);

    } else {
        assert_string_equal(mistake, m->mistake);
    }

    profile_schema_destroy(s);
}
