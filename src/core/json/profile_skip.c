
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_skip.h"


#define profile_skip_is_space(c)                                             \
    ((c) == ' ' || (c) == '\t' || (c) == '\n' || (c) == '\r')


const u_char *
profile_skip_value(const u_char *p, const u_char *last)
{
    size_t  depth;

    if (!profile_skip_is_bracket(*p) && *p != '"') {

        while (p < last && *p != ',' && *p != '}' && *p != ']'
               && !profile_skip_is_space(*p))
        {
            p++;
        }

        return p;
    }

    depth = 0;

    do {

        switch (*p) {

        case '"':
            p = profile_skip_string(p);
            continue;

        case '{':
        case '[':
            depth++;
            break;

        case '}':
        case ']':
            depth--;
            break;

        default:
            break;
        }

        p++;

    } while (depth);

    return p;
}


const u_char *
profile_skip_string(const u_char *p)
{
    for (p++; *p != '"'; p++) {
        if (*p == '\\') {
            p++;
        }
    }

    return p + 1;
}


const u_char *
profile_skip_space(const u_char *p, const u_char *last)
{
    while (p < last && profile_skip_is_space(*p)) {
        p++;
    }

    return p;
}
