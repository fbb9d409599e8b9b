
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/response/profile_rewriter_name.h"


profile_reason_e
profile_rewriter_name(profile_reader_t *reader, const profile_schema_t *schema,
    const profile_alloc_t *a, profile_buf_t *unescaped,
    const profile_event_t *ev, profile_name_t *name)
{
    const u_char  *text;

    text = ev->name;

    if (text == NULL) {
        text = profile_reader_text(reader, ev->name_start, ev->name_end);
    }

    if (text == NULL
        || profile_schema_name_read(schema, a, unescaped, text,
                                    ev->name_end - ev->name_start, ev->escaped,
                                    name)
           != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    return PROFILE_OK;
}
