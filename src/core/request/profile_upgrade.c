
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_reason.h"
#include "core/request/profile_guard.h"
#include "core/request/profile_guard_message.h"
#include "core/request/profile_refused.h"
#include "core/request/profile_upgrade.h"
#include "core/request/profile_upgrade_bag.h"
#include "core/request/profile_upgrade_nested.h"
#include "core/request/profile_upgrade_parts.h"
#include "core/request/profile_upgrade_plan.h"
#include "core/request/profile_upgrade_user.h"


static profile_reason_e profile_upgrade_bodies(profile_upgrade_t *u);
static int profile_upgrade_needed(profile_upgrade_t *u, profile_call_e kind);
static int profile_upgrade_clears(profile_upgrade_t *u);


static const profile_str_t  profile_upgrade_nothing = profile_string("{}");


/* U4.1; what is only read changes nothing, and may fail before all else */

static const profile_call_e  profile_upgrade_order[] = {
    PROFILE_CALL_BAG,
    PROFILE_CALL_READ,
    PROFILE_CALL_BAG,
    PROFILE_CALL_EMAIL,
    PROFILE_CALL_PASSWORD,
    PROFILE_CALL_ATTRIBUTES,
    PROFILE_CALL_METADATA,
    PROFILE_CALL_CREATE,
    PROFILE_CALL_READ
};

#define PROFILE_UPGRADE_CALLS                                                \
    (sizeof(profile_upgrade_order) / sizeof(profile_call_e))


profile_upgrade_t *
profile_upgrade_create(const profile_alloc_t *a, profile_guard_t *g,
    unsigned calls)
{
    profile_upgrade_t           *u;
    const profile_guard_conf_t  *conf;

    u = a->alloc(a->ctx, sizeof(profile_upgrade_t));
    if (u == NULL) {
        return NULL;
    }

    memset(u, 0, sizeof(profile_upgrade_t));

    conf = profile_guard_conf(g);

    profile_kept_init(&u->root, a, conf->schema);

    u->alloc = *a;
    u->guard = g;
    u->schema = conf->schema;
    u->provider = profile_guard_provider(g);
    u->judge = profile_guard_judge(g);
    u->action = conf->action;
    u->configured = calls;

    u->matcher = profile_matcher_create(conf->schema, a);
    if (u->matcher == NULL) {
        profile_upgrade_destroy(u);
        return NULL;
    }

    return u;
}


void
profile_upgrade_destroy(profile_upgrade_t *u)
{
    profile_call_e  kind;

    if (u == NULL) {
        return;
    }

    for (kind = PROFILE_CALL_EMAIL; kind < PROFILE_CALLS; kind++) {
        profile_buf_free(&u->alloc, &u->bodies[kind]);
    }

    profile_upgrade_bag_destroy(u);
    profile_upgrade_user_destroy(u);
    profile_buf_free(&u->alloc, &u->compared);
    profile_buf_free(&u->alloc, &u->nested[PROFILE_APP_METADATA]);
    profile_buf_free(&u->alloc, &u->nested[PROFILE_USER_METADATA]);
    profile_kept_destroy(&u->root);
    profile_buf_free(&u->alloc, &u->name);
    profile_buf_free(&u->alloc, &u->wrapped);
    profile_matcher_destroy(u->matcher);

    u->alloc.free(u->alloc.ctx, u);
}


profile_reason_e
profile_upgrade_make(profile_upgrade_t *u)
{
    u->reason = profile_upgrade_parts_sort(u);

    if (u->reason == PROFILE_OK && !u->reads) {
        u->reason = profile_upgrade_bodies(u);
    }

    return u->reason;
}


void
profile_upgrade_read(profile_upgrade_t *u)
{
    u->reads = 1;
}


profile_reason_e
profile_upgrade_settle(profile_upgrade_t *u)
{
    u->reason = profile_upgrade_parts_settle(u);

    if (u->reason == PROFILE_OK) {
        u->reason = profile_upgrade_bodies(u);
    }

    profile_upgrade_user_destroy(u);

    return u->reason;
}


/* the calls have what they need of the write, and wait without it */

static profile_reason_e
profile_upgrade_bodies(profile_upgrade_t *u)
{
    profile_reason_e  rc;

    rc = profile_upgrade_parts(u);

    if (rc == PROFILE_OK && !profile_upgrade_clears(u)) {
        rc = profile_upgrade_nested_close(u, (u->action == PROFILE_CREATE)
                                             ? PROFILE_CALL_CREATE
                                             : PROFILE_CALL_METADATA);
    }

    if (rc == PROFILE_OK) {
        profile_guard_forget(u->guard);
    }

    return rc;
}


const profile_call_t *
profile_upgrade_next(profile_upgrade_t *u)
{
    profile_buf_t   *body;
    profile_call_e   kind;

    if (u->next && !u->call.first) {
        u->done |= 1 << u->call.kind;
    }

    while (u->next < PROFILE_UPGRADE_CALLS) {
        u->call.exact = (u->next == 0);
        u->call.first = (u->next == 1);
        kind = profile_upgrade_order[u->next++];

        if (!profile_upgrade_needed(u, kind)) {
            continue;
        }

        body = &u->bodies[kind];

        /* profile_upgrade_plan_put() has left room for the brace */

        if (body->len) {
            body->data[body->len++] = '}';
        }

        u->call.kind = kind;
        u->call.body.data = body->data;
        u->call.body.len = body->len;

        if (kind == PROFILE_CALL_CREATE && body->len == 0) {
            u->call.body = profile_upgrade_nothing;
        }

        return &u->call;
    }

    return NULL;
}


int
profile_upgrade_applied(profile_upgrade_t *u, const profile_alloc_t *a,
    profile_buf_t *out)
{
    int                   first;
    profile_call_e        kind;
    const profile_str_t  *name;

    first = 1;

    for (kind = PROFILE_CALL_EMAIL; kind <= PROFILE_CALL_CREATE; kind++) {

        if (!(u->done & (1 << kind))) {
            continue;
        }

        name = profile_call_name(kind);

        if ((!first && profile_buf_text(a, out, ", ") != 0)
            || profile_buf_append(a, out, name->data, name->len) != 0)
        {
            return -1;
        }

        first = 0;
    }

    return 0;
}


const profile_refused_t *
profile_upgrade_refused(profile_upgrade_t *u)
{
    return &u->refused;
}


int
profile_upgrade_message(profile_upgrade_t *u, const profile_alloc_t *a,
    profile_buf_t *out)
{
    const profile_str_t  *text;

    switch (u->reason) {

    case PROFILE_UNSUPPORTED:

        if (profile_buf_text(a, out, "The following user attributes cannot be "
                                     "updated: ") != 0
            || profile_refused_write(&u->refused, u->schema, a, out) != 0)
        {
            return -1;
        }

        return profile_buf_text(a, out, ". The backend has no call that "
                                        "writes them.");

    case PROFILE_ATTRIBUTES:
        return profile_guard_message(u->guard, a, out);

    case PROFILE_VALUE:

        if (profile_buf_text(a, out, "The following metadata cannot be "
                                     "stored: ") != 0
            || profile_refused_write(&u->refused, u->schema, a, out) != 0)
        {
            return -1;
        }

        return profile_buf_text(a, out, ". The backend keeps only text or a "
                                        "list of texts under these names.");

    case PROFILE_RESERVED:

        if (profile_buf_text(a, out, "The following metadata cannot be "
                                     "stored: ") != 0
            || profile_refused_write(&u->refused, u->schema, a, out) != 0)
        {
            return -1;
        }

        return profile_buf_text(a, out, ". The backend would not return it "
                                        "under these names.");

    default:
        text = profile_reason_text(u->reason);

        if (profile_buf_text(a, out, "Invalid request body: ") != 0
            || profile_buf_append(a, out, text->data, text->len) != 0)
        {
            return -1;
        }

        return profile_buf_text(a, out, ".");
    }
}


static int
profile_upgrade_needed(profile_upgrade_t *u, profile_call_e kind)
{
    if (u->call.exact) {
        return profile_upgrade_plan_bag_first(u);
    }

    if (u->call.first) {
        return u->reads;
    }

    switch (kind) {

    case PROFILE_CALL_CREATE:
        return u->action == PROFILE_CREATE;

    case PROFILE_CALL_READ:
        return u->action == PROFILE_UPDATE;

    case PROFILE_CALL_BAG:
        return profile_upgrade_clears(u);

    default:
        return u->bodies[kind].len != 0;
    }
}


/* whether the bag is read when all else of the bodies is there */

static int
profile_upgrade_clears(profile_upgrade_t *u)
{
    return (u->clear[PROFILE_APP_METADATA] || u->clear[PROFILE_USER_METADATA])
           && !profile_upgrade_plan_bag_first(u);
}
