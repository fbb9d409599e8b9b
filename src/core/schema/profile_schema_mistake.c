
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <stdarg.h>
#include <stdio.h>

#include "core/schema/profile_schema_mistake.h"
#include "core/schema/profile_schema_table.h"


int
profile_schema_mistake(profile_schema_t *s, const char *fmt, ...)
{
    int      n;
    va_list  args;

    va_start(args, fmt);
    n = vsnprintf(s->error_text, PROFILE_SCHEMA_ERROR, fmt, args);
    va_end(args);

    if (n >= PROFILE_SCHEMA_ERROR) {
        n = PROFILE_SCHEMA_ERROR - 1;
    }

    s->error.data = (u_char *) s->error_text;
    s->error.len = n;

    return -1;
}
