
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <stdarg.h>
#include <stdio.h>

#include "core/schema/profile_schema_mistake.h"
#include "core/schema/profile_schema_table.h"


static void profile_schema_mistake_write(profile_schema_t *s,
    const char *fmt, va_list args)
    __attribute__((format(printf, 2, 0)));


int
profile_schema_mistake(profile_schema_t *s, const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);
    profile_schema_mistake_write(s, fmt, args);
    va_end(args);

    return -1;
}


int
profile_schema_mistake_twice(profile_schema_t *s,
    const profile_statement_t *first, const char *fmt, ...)
{
    size_t   len, room;
    va_list  args;

    va_start(args, fmt);
    profile_schema_mistake_write(s, fmt, args);
    va_end(args);

    if (first) {
        room = PROFILE_SCHEMA_ERROR - s->error.len;

        len = snprintf(s->error_text + s->error.len, room,
                       ", first in %.*s:%zu", (int) first->file.len,
                       first->file.data, first->line);

        s->error.len += len < room ? len : room - 1;
    }

    return -1;
}


static void
profile_schema_mistake_write(profile_schema_t *s, const char *fmt,
    va_list args)
{
    size_t  len;

    len = vsnprintf(s->error_text, PROFILE_SCHEMA_ERROR, fmt, args);

    s->error.data = (u_char *) s->error_text;
    s->error.len = len < PROFILE_SCHEMA_ERROR ? len : PROFILE_SCHEMA_ERROR - 1;
}
