
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_scan.h"
#include "core/json/profile_skip.h"


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
            p = profile_skip_string(p, last);
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
profile_skip_string(const u_char *p, const u_char *last)
{
    for (p = profile_scan_plain(p + 1, last); *p != '"';
         p = profile_scan_plain(p, last))
    {
        p += (*p == '\\') ? 2 : 1;
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
