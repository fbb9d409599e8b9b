
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/request/profile_guard.h"
#include "core/request/profile_guard_body.h"
#include "core/request/profile_guard_rules.h"
#include "core/request/profile_refused.h"


profile_guard_t *
profile_guard_create(const profile_alloc_t *a,
    const profile_guard_conf_t *conf)
{
    profile_guard_t        *g;
    profile_guard_place_e   place;

    g = a->alloc(a->ctx, sizeof(profile_guard_t));
    if (g == NULL) {
        return NULL;
    }

    memset(g, 0, sizeof(profile_guard_t));

    g->alloc = *a;
    g->conf = *conf;

    for (place = PROFILE_AT_ROOT; place <= PROFILE_AT_USER_METADATA; place++) {
        profile_names_init(&g->names[place], a, 0);
    }

    g->matcher = profile_matcher_create(conf->schema, a);

    if (profile_guard_body_create(g) != PROFILE_OK || g->matcher == NULL) {
        profile_guard_destroy(g);
        return NULL;
    }

    return g;
}


void
profile_guard_destroy(profile_guard_t *g)
{
    profile_guard_place_e  place;

    if (g == NULL) {
        return;
    }

    profile_guard_body_destroy(g);
    profile_matcher_destroy(g->matcher);

    for (place = PROFILE_AT_ROOT; place <= PROFILE_AT_USER_METADATA; place++) {
        profile_names_destroy(&g->names[place]);
    }

    g->alloc.free(g->alloc.ctx, g);
}


profile_reason_e
profile_guard_feed(profile_guard_t *g, const u_char *data, size_t len)
{
    if (g->reason != PROFILE_OK) {
        return g->reason;
    }

    return profile_guard_body_feed(g, data, len);
}


profile_reason_e
profile_guard_finish(profile_guard_t *g)
{
    profile_reason_e       rc;
    profile_guard_place_e  place;

    if (g->reason != PROFILE_OK || g->finished) {
        return g->reason;
    }

    g->finished = 1;

    rc = profile_guard_body_finish(g);

    if (rc == PROFILE_OK) {
        rc = profile_guard_rules_judge(g);
    }

    /* names are compared with each other while they are judged only */

    for (place = PROFILE_AT_ROOT; place <= PROFILE_AT_USER_METADATA; place++) {
        profile_names_trim(&g->names[place]);
    }

    return rc;
}


void
profile_guard_forget(profile_guard_t *g)
{
    profile_guard_body_forget(g);
}


profile_reason_e
profile_guard_reason(profile_guard_t *g)
{
    return g->reason;
}


uint64_t
profile_guard_offset(profile_guard_t *g)
{
    return g->offset;
}


const profile_refused_t *
profile_guard_refused(profile_guard_t *g)
{
    return &g->refused;
}


void
profile_guard_refuse(profile_guard_t *g, const profile_guard_member_t *m)
{
    if (g->refused.n == 0) {
        (void) profile_guard_body_fail(g, PROFILE_ATTRIBUTES, m->offset);
    }

    profile_refused_add(&g->refused, m);
}


const profile_guard_member_t *
profile_guard_members(profile_guard_t *g, uint32_t *n)
{
    *n = profile_guard_nmembers(g);

    return (profile_guard_member_t *) g->members.data;
}


const u_char *
profile_guard_bytes(profile_guard_t *g)
{
    return g->body.data;
}


const profile_guard_conf_t *
profile_guard_conf(profile_guard_t *g)
{
    return &g->conf;
}


profile_reason_e
profile_guard_argument(profile_guard_t *g, const u_char *data, size_t len,
    int inside, int *denied)
{
    profile_name_t  name;

    profile_schema_name(g->conf.schema, &name, data, len);

    *denied = (profile_schema_forbidden(g->conf.schema, &name) != NULL);

    if (*denied || (inside && g->conf.wrapper.len == 0)) {
        return PROFILE_OK;
    }

    return profile_guard_rules_argument(g, &name, denied);
}


const profile_provider_t *
profile_guard_provider(profile_guard_t *g)
{
    return g->provider;
}


const profile_provider_t *
profile_guard_judge(profile_guard_t *g)
{
    return g->judge;
}
