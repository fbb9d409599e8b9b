
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/request/profile_guard_body.h"
#include "core/request/profile_guard_call.h"


static const profile_guard_rename_t *profile_guard_call_rename(
    const profile_guard_conf_t *conf, const profile_name_t *name);


int
profile_guard_call_allows(const profile_guard_conf_t *conf,
    const profile_name_t *name)
{
    return profile_str_eq(&conf->id, name->data, name->len)
           || profile_guard_call_rename(conf, name) != NULL;
}


static const profile_guard_rename_t *
profile_guard_call_rename(const profile_guard_conf_t *conf,
    const profile_name_t *name)
{
    uint32_t  i;

    for (i = 0; i < conf->nrenames; i++) {
        if (profile_str_eq(&conf->renames[i].name, name->data, name->len)) {
            return &conf->renames[i];
        }
    }

    return NULL;
}


profile_reason_e
profile_guard_call_find_id(profile_guard_t *g)
{
    uint32_t                 i, n;
    unsigned                 flags;
    profile_guard_member_t  *m;

    m = (profile_guard_member_t *) g->members.data;
    n = profile_guard_nmembers(g);

    for (i = 0; i < n; i++) {

        if (m[i].place == PROFILE_AT_ROOT
            && profile_str_eq(&g->conf.id, m[i].name.data, m[i].name.len))
        {
            break;
        }
    }

    if (i == n) {
        return profile_guard_body_fail(g, PROFILE_ID, 0);
    }

    if (m[i].type != PROFILE_STRING) {
        return profile_guard_body_fail(g, PROFILE_ID, m[i].offset);
    }

    if (profile_guard_body_string(g, &m[i], &g->id, &flags) != PROFILE_OK) {
        return profile_guard_body_fail(g, PROFILE_NO_MEMORY, m[i].offset);
    }

    if (g->id.len == 0 || flags) {
        return profile_guard_body_fail(g, PROFILE_ID, m[i].offset);
    }

    return PROFILE_OK;
}


void
profile_guard_call_id(profile_guard_t *g, profile_str_t *id)
{
    id->len = g->id.len;
    id->data = g->id.data;
}


profile_reason_e
profile_guard_call_refuse_id(profile_guard_t *g)
{
    return profile_guard_body_fail(g, PROFILE_ID, 0);
}


int
profile_guard_call_body(profile_guard_t *g, const profile_alloc_t *a,
    profile_buf_t *out)
{
    uint32_t                       i, n;
    const char                    *before;
    profile_guard_member_t        *m;
    const profile_guard_rename_t  *rename;

    m = (profile_guard_member_t *) g->members.data;
    n = profile_guard_nmembers(g);

    before = "{\"";

    for (i = 0; i < n; i++) {

        if (m[i].place != PROFILE_AT_ROOT) {
            continue;
        }

        rename = profile_guard_call_rename(&g->conf, &m[i].name);

        if (rename == NULL) {
            continue;
        }

        /* the names of the configuration need no escapes */

        if (profile_buf_append(a, out, before, 2) != 0
            || profile_buf_append(a, out, rename->as.data, rename->as.len) != 0
            || profile_buf_text(a, out, "\":") != 0
            || profile_buf_append(a, out, g->body.data + m[i].start,
                                  m[i].end - m[i].start)
               != 0)
        {
            return -1;
        }

        before = ",\"";
    }

    return (out->len == 0) ? profile_buf_text(a, out, "{}")
                           : profile_buf_text(a, out, "}");
}
