
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <inttypes.h>
#include <stdio.h>

#include "core/response/profile_list.h"


#define PROFILE_LIST_DIGITS  20
#define PROFILE_LIST_TAIL    160


profile_reason_e
profile_list_head(const profile_list_t *list, const profile_sink_t *sink)
{
    profile_reason_e      rc;
    const profile_str_t  *name;

    static const profile_str_t  users = profile_string("users");

    if (!list->totals) {
        return sink->write(sink->ctx, (const u_char *) "[", 1);
    }

    name = list->name.len ? &list->name : &users;

    rc = sink->write(sink->ctx, (const u_char *) "{\"", 2);

    if (rc == PROFILE_OK) {
        rc = sink->write(sink->ctx, name->data, name->len);
    }

    return rc == PROFILE_OK ? sink->write(sink->ctx, (const u_char *) "\":[", 3)
                            : rc;
}


profile_reason_e
profile_list_comma(const profile_sink_t *sink)
{
    return sink->write(sink->ctx, (const u_char *) ",", 1);
}


profile_reason_e
profile_list_tail(const profile_list_t *list, uint64_t n,
    const uint64_t *total, const profile_sink_t *sink)
{
    int       len;
    char      tail[PROFILE_LIST_TAIL];
    uint64_t  least;

    if (!list->totals) {
        return sink->write(sink->ctx, (const u_char *) "]", 1);
    }

    len = snprintf(tail, sizeof(tail),
                   "],\"start\":%" PRIu64 ",\"limit\":%" PRIu64
                   ",\"length\":%" PRIu64 ",\"total\":",
                   list->start, list->limit, list->none ? 0 : n);

    if (total == NULL
        && list->total.len && list->total.len < PROFILE_LIST_DIGITS)
    {
        memcpy(tail + len, list->total.data, list->total.len);
        len += list->total.len;

    } else {

        /*
         * Of the pages that follow only one user is known, and where there is
         * no user there need be none on the pages before.
         */

        least = n ? list->start + n + list->more : 0;

        len += snprintf(tail + len, sizeof(tail) - len, "%" PRIu64,
                        total ? *total : least);
    }

    tail[len++] = '}';

    return sink->write(sink->ctx, (const u_char *) tail, len);
}
