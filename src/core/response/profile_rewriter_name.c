
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/response/profile_rewriter_name.h"


profile_reason_e
profile_rewriter_name(profile_reader_t *reader, const profile_schema_t *schema,
    const profile_alloc_t *a, profile_buf_t *unescaped,
    const profile_event_t *ev, profile_name_t *name)
{
    size_t         len;
    unsigned       flags;
    const u_char  *text;

    len = ev->name_end - ev->name_start;

    text = profile_reader_text(reader, ev->name_start, ev->name_end);
    if (text == NULL) {
        return PROFILE_NO_MEMORY;
    }

    if (!ev->escaped) {
        profile_schema_name(schema, name, text, len);
        return PROFILE_OK;
    }

    unescaped->len = 0;

    if (profile_buf_reserve(a, unescaped, len) != 0) {
        return PROFILE_NO_MEMORY;
    }

    len = profile_text_unescape(unescaped->data, text, len, &flags);

    profile_schema_name(schema, name, unescaped->data, len);
    name->lone = (flags & PROFILE_NAME_LONE) ? 1 : 0;

    return PROFILE_OK;
}
