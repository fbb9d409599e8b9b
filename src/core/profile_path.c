
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_path.h"


int
profile_path_read(const profile_str_t *text, u_char *names,
    profile_path_t *path)
{
    size_t          i;
    profile_str_t  *part;

    memset(path, 0, sizeof(profile_path_t));

    part = path->parts;
    part->data = names;

    for (i = 0; i < text->len; i++) {

        if (text->data[i] == '.') {

            if (part->len == 0 || ++path->n == PROFILE_PATH_MAX) {
                return -1;
            }

            part++;
            part->data = names;

            continue;
        }

        if (text->data[i] == '\\' && i + 1 < text->len
            && (text->data[i + 1] == '.' || text->data[i + 1] == '\\'))
        {
            i++;
        }

        *names++ = text->data[i];
        part->len++;
    }

    if (part->len == 0) {
        return -1;
    }

    path->n++;

    return 0;
}


int
profile_path_meets(const profile_path_t *a, const profile_path_t *b)
{
    unsigned  i;

    for (i = 0; i < a->n && i < b->n; i++) {

        if (!profile_str_eq(&a->parts[i], b->parts[i].data,
                            b->parts[i].len))
        {
            return 0;
        }
    }

    return 1;
}
