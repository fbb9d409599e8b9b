
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <inttypes.h>
#include <stdio.h>

#include "core/response/profile_list.h"


#define PROFILE_LIST_DIGITS  20
#define PROFILE_LIST_TAIL    160


static uint64_t profile_list_total(const profile_list_t *list, uint64_t n);


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
    uint64_t  all;

    if (!list->totals) {
        return sink->write(sink->ctx, (const u_char *) "]", 1);
    }

    len = snprintf(tail, sizeof(tail),
                   "],\"start\":%" PRIu64 ",\"limit\":%" PRIu64
                   ",\"length\":%" PRIu64 ",\"total\":",
                   list->start, list->limit, list->none ? 0 : n);

    if (total == NULL) {
        all = profile_list_total(list, n);
        total = &all;
    }

    len += snprintf(tail + len, sizeof(tail) - len, "%" PRIu64 "}", *total);

    return sink->write(sink->ctx, (const u_char *) tail, len);
}


/*
 * Of the pages that follow only one user is known, and where there is no user
 * there need be none on the pages before.  The number that the list has may be
 * older than its users.
 */

static uint64_t
profile_list_total(const profile_list_t *list, uint64_t n)
{
    size_t    i;
    uint64_t  least, total;

    least = n ? list->start + n : 0;

    if (list->total.len == 0 || list->total.len >= PROFILE_LIST_DIGITS) {
        return n ? least + list->more : 0;
    }

    total = 0;

    for (i = 0; i < list->total.len; i++) {
        total = total * 10 + (list->total.data[i] - '0');
    }

    return total < least ? least : total;
}
