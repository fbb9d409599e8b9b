
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_reason.h"
#include "core/request/profile_guard.h"
#include "core/request/profile_refused.h"
#include "core/request/profile_upgrade.h"
#include "core/request/profile_upgrade_bag.h"
#include "core/request/profile_upgrade_plan.h"
#include "core/schema/profile_schema_stored.h"


typedef struct {
    profile_str_t         attribute;
    profile_str_t         option;        /* in v1 the call's "verify" */
} profile_upgrade_call_t;


static void profile_upgrade_clearing(profile_upgrade_t *u);
static profile_reason_e profile_upgrade_attributes(profile_upgrade_t *u);
static int profile_upgrade_supported(profile_upgrade_t *u,
    const profile_guard_member_t *m);
static int profile_upgrade_implied(profile_upgrade_t *u,
    const profile_guard_member_t *m);
static profile_reason_e profile_upgrade_metadata(profile_upgrade_t *u);
static profile_reason_e profile_upgrade_options(profile_upgrade_t *u);
static profile_reason_e profile_upgrade_member(profile_upgrade_t *u,
    profile_call_e kind, const profile_name_t *name,
    const profile_guard_member_t *m);
static profile_call_e profile_upgrade_kind(profile_upgrade_t *u,
    const profile_name_t *name);
static int profile_upgrade_is_container(const profile_guard_member_t *m,
    profile_container_e *container);
static int profile_upgrade_needed(profile_upgrade_t *u, profile_call_e kind);


/* the calls that v1 has for one attribute each, by profile_call_e */

static const profile_upgrade_call_t  profile_upgrade_calls[] = {
    { profile_string("email"), profile_string("verify_email") },
    { profile_string("password"), profile_string("verify_password") }
};


static const profile_str_t  profile_upgrade_nothing = profile_string("{}");


/* U4.1; reading the bag changes nothing, and so may fail before all else */

static const profile_call_e  profile_upgrade_order[PROFILE_CALLS] = {
    PROFILE_CALL_BAG,
    PROFILE_CALL_EMAIL,
    PROFILE_CALL_PASSWORD,
    PROFILE_CALL_ATTRIBUTES,
    PROFILE_CALL_METADATA,
    PROFILE_CALL_CREATE,
    PROFILE_CALL_READ
};


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
    profile_buf_free(&u->alloc, &u->name);
    profile_matcher_destroy(u->matcher);

    u->alloc.free(u->alloc.ctx, u);
}


profile_reason_e
profile_upgrade_make(profile_upgrade_t *u)
{
    profile_upgrade_clearing(u);

    u->reason = profile_upgrade_attributes(u);

    if (u->reason == PROFILE_OK) {
        u->reason = profile_upgrade_metadata(u);
    }

    if (u->reason == PROFILE_OK) {
        u->reason = profile_upgrade_options(u);
    }

    return u->reason;
}


const profile_call_t *
profile_upgrade_next(profile_upgrade_t *u)
{
    profile_buf_t   *body;
    profile_call_e   kind;

    if (u->next) {
        u->done |= 1 << u->call.kind;
    }

    while (u->next < PROFILE_CALLS) {
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
            || profile_refused_write(&u->refused, a, out) != 0)
        {
            return -1;
        }

        return profile_buf_text(a, out, ". The backend has no call that "
                                        "writes them.");

    case PROFILE_RESERVED:

        if (profile_buf_text(a, out, "The following metadata cannot be "
                                     "stored: ") != 0
            || profile_refused_write(&u->refused, a, out) != 0)
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


/* U3.5; a create has nothing to clear */

static void
profile_upgrade_clearing(profile_upgrade_t *u)
{
    uint32_t                       i, n;
    profile_container_e            c;
    const profile_guard_member_t  *m;

    if (u->action == PROFILE_CREATE) {
        return;
    }

    m = profile_guard_members(u->guard, &n);

    /* a container's members follow it */

    for (i = 0; i < n; i++) {

        if (profile_upgrade_is_container(&m[i], &c)
            && (i + 1 == n || m[i + 1].place == PROFILE_AT_ROOT))
        {
            u->clear[c] = 1;
        }
    }
}


static profile_reason_e
profile_upgrade_attributes(profile_upgrade_t *u)
{
    uint32_t                       i, n;
    profile_reason_e               rc;
    profile_container_e            c;
    const profile_guard_member_t  *m;

    m = profile_guard_members(u->guard, &n);

    for (i = 0; i < n; i++) {

        if (m[i].place != PROFILE_AT_ROOT
            || profile_schema_option(u->schema, &m[i].name))
        {
            continue;
        }

        if (!profile_upgrade_supported(u, &m[i])) {

            if (!profile_upgrade_implied(u, &m[i])) {
                profile_refused_add(&u->refused, &m[i]);
            }

            continue;
        }

        if (profile_upgrade_is_container(&m[i], &c)) {
            continue;
        }

        rc = profile_upgrade_member(u, profile_upgrade_kind(u, &m[i].name),
                                    &m[i].name, &m[i]);
        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    return u->refused.n ? PROFILE_UNSUPPORTED : PROFILE_OK;
}


/* U4.3: whether the calls are configured that this member of the root needs */

static int
profile_upgrade_supported(profile_upgrade_t *u,
    const profile_guard_member_t *m)
{
    unsigned             calls;
    profile_container_e  c;

    if (u->action == PROFILE_CREATE) {
        return 1;
    }

    if (profile_upgrade_is_container(m, &c)) {
        calls = 1 << PROFILE_CALL_METADATA;

        if (u->clear[c]) {
            calls |= 1 << PROFILE_CALL_BAG;
        }

    } else {
        calls = 1 << profile_upgrade_kind(u, &m->name);
    }

    return (u->configured & calls) == calls;
}


/* U4.5: what v1's call for the e-mail does by itself */

static int
profile_upgrade_implied(profile_upgrade_t *u, const profile_guard_member_t *m)
{
    uint32_t                       i, n;
    const profile_str_t           *email;
    const profile_guard_member_t  *all;

    static const profile_str_t  verified = profile_string("email_verified");

    if (!profile_str_eq(&verified, m->name.data, m->name.len)
        || m->type != PROFILE_BOOLEAN
        || profile_guard_bytes(u->guard)[m->start] != 'f')
    {
        return 0;
    }

    email = &profile_upgrade_calls[PROFILE_CALL_EMAIL].attribute;
    all = profile_guard_members(u->guard, &n);

    for (i = 0; i < n; i++) {

        if (all[i].place == PROFILE_AT_ROOT
            && profile_str_eq(email, all[i].name.data, all[i].name.len))
        {
            return profile_upgrade_kind(u, &all[i].name) == PROFILE_CALL_EMAIL;
        }
    }

    return 0;
}


static profile_reason_e
profile_upgrade_metadata(profile_upgrade_t *u)
{
    int                            stored;
    uint32_t                       i, n;
    profile_call_e                 kind;
    profile_name_t                 as;
    profile_reason_e               rc;
    profile_container_e            c;
    const profile_guard_member_t  *m;

    kind = (u->action == PROFILE_CREATE) ? PROFILE_CALL_CREATE
                                         : PROFILE_CALL_METADATA;

    m = profile_guard_members(u->guard, &n);

    for (i = 0; i < n; i++) {

        if (m[i].place == PROFILE_AT_ROOT) {
            continue;
        }

        c = (m[i].place == PROFILE_AT_APP_METADATA) ? PROFILE_APP_METADATA
                                                    : PROFILE_USER_METADATA;

        rc = profile_schema_stored(u->matcher, u->provider, u->judge, c,
                                   &m[i].name, &u->name, &as, &stored);
        if (rc != PROFILE_OK) {
            return rc;
        }

        if (!stored) {
            profile_refused_add(&u->refused, &m[i]);
            continue;
        }

        /* U3.4 */

        if (kind == PROFILE_CALL_CREATE && m[i].type == PROFILE_NULL) {
            continue;
        }

        rc = profile_upgrade_member(u, kind, &as, &m[i]);
        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    return u->refused.n ? PROFILE_RESERVED : PROFILE_OK;
}


/*
 * What v1 knows of the options of v2: the connection of a create, "verify" of
 * the calls for e-mail and password.  Others go with the attributes, where
 * there are any; v1 would store them as metadata.
 */

static profile_reason_e
profile_upgrade_options(profile_upgrade_t *u)
{
    uint32_t                       i, n;
    profile_call_e                 kind;
    profile_name_t                 verify;
    profile_reason_e               rc;
    const profile_name_t          *name;
    const profile_guard_member_t  *m;

    static const profile_str_t  connection = profile_string("connection");

    profile_schema_name(u->schema, &verify, (u_char *) "verify", 6);

    m = profile_guard_members(u->guard, &n);

    for (i = 0; i < n; i++) {

        if (m[i].place != PROFILE_AT_ROOT
            || !profile_schema_option(u->schema, &m[i].name))
        {
            continue;
        }

        name = &m[i].name;

        if (u->action == PROFILE_CREATE) {

            if (!profile_str_eq(&connection, name->data, name->len)) {
                continue;
            }

            kind = PROFILE_CALL_CREATE;

        } else {
            kind = profile_upgrade_kind(u, name);

            if (kind != PROFILE_CALL_ATTRIBUTES) {
                name = &verify;
            }

            if (u->bodies[kind].len == 0) {
                continue;
            }
        }

        rc = profile_upgrade_member(u, kind, name, &m[i]);
        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    return PROFILE_OK;
}


/* the call of an attribute or an option */

static profile_call_e
profile_upgrade_kind(profile_upgrade_t *u, const profile_name_t *name)
{
    profile_call_e                 kind;
    const profile_upgrade_call_t  *call;

    if (u->action == PROFILE_CREATE) {
        return PROFILE_CALL_CREATE;
    }

    for (kind = PROFILE_CALL_EMAIL; kind <= PROFILE_CALL_PASSWORD; kind++) {
        call = &profile_upgrade_calls[kind];

        if ((u->configured & (1 << kind))
            && (profile_str_eq(&call->attribute, name->data, name->len)
                || profile_str_eq(&call->option, name->data, name->len)))
        {
            return kind;
        }
    }

    return PROFILE_CALL_ATTRIBUTES;
}


static int
profile_upgrade_is_container(const profile_guard_member_t *m,
    profile_container_e *container)
{
    profile_container_e  c;

    if (m->place != PROFILE_AT_ROOT) {
        return 0;
    }

    for (c = PROFILE_APP_METADATA; c <= PROFILE_USER_METADATA; c++) {

        if (profile_str_eq(profile_schema_container_name(c), m->name.data,
                           m->name.len))
        {
            *container = c;
            return 1;
        }
    }

    return 0;
}


static int
profile_upgrade_needed(profile_upgrade_t *u, profile_call_e kind)
{
    switch (kind) {

    case PROFILE_CALL_CREATE:
        return u->action == PROFILE_CREATE;

    case PROFILE_CALL_READ:
        return u->action == PROFILE_UPDATE;

    case PROFILE_CALL_BAG:
        return u->clear[PROFILE_APP_METADATA]
               || u->clear[PROFILE_USER_METADATA];

    default:
        return u->bodies[kind].len != 0;
    }
}


static profile_reason_e
profile_upgrade_member(profile_upgrade_t *u, profile_call_e kind,
    const profile_name_t *name, const profile_guard_member_t *m)
{
    if (profile_upgrade_plan_put(u, kind, name,
                                 profile_guard_bytes(u->guard) + m->start,
                                 m->end - m->start)
        != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    return PROFILE_OK;
}
