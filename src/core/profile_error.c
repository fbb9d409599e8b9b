
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <stdio.h>

#include "core/profile_error.h"
#include "core/profile_text.h"


static int profile_error_member(const profile_alloc_t *a, profile_buf_t *out,
    const char *name, const profile_str_t *value);


int
profile_error_answer(const profile_alloc_t *a, profile_buf_t *out,
    unsigned status, const profile_str_t *phrase,
    const profile_str_t *message, const profile_str_t *code)
{
    int   n;
    char  head[sizeof("{\"statusCode\":4294967295")];

    n = snprintf(head, sizeof(head), "{\"statusCode\":%u", status);

    if (profile_buf_append(a, out, head, n) != 0
        || profile_error_member(a, out, ",\"error\":\"", phrase) != 0
        || profile_error_member(a, out, ",\"message\":\"", message) != 0)
    {
        return -1;
    }

    if (code->len
        && profile_error_member(a, out, ",\"errorCode\":\"", code) != 0)
    {
        return -1;
    }

    return profile_buf_append(a, out, "}", 1);
}


static int
profile_error_member(const profile_alloc_t *a, profile_buf_t *out,
    const char *name, const profile_str_t *value)
{
    size_t  len;

    len = strlen(name);

    if (value->len > (SIZE_MAX - len - 1) / 6
        || profile_buf_reserve(a, out, len + 6 * value->len + 1) != 0)
    {
        return -1;
    }

    memcpy(out->data + out->len, name, len);
    out->len += len;

    if (value->len) {
        out->len += profile_text_escape(out->data + out->len, value->data,
                                        value->len);
    }

    out->data[out->len++] = '"';

    return 0;
}
