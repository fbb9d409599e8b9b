
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/request/profile_guard.h"
#include "core/request/profile_refused.h"
#include "core/request/profile_upgrade_parts.h"
#include "core/request/profile_upgrade_plan.h"
#include "core/request/profile_upgrade_stored.h"
#include "core/request/profile_upgrade_user.h"
#include "core/schema/profile_schema_shape.h"
#include "core/schema/profile_schema_write.h"


typedef struct {
    profile_str_t         attribute;
    profile_str_t         option;        /* in v1 the call's "verify" */
} profile_upgrade_part_t;


static int profile_upgrade_parts_is_flat(profile_upgrade_t *u,
    const profile_guard_member_t *m);
static void profile_upgrade_parts_clearing(profile_upgrade_t *u);
static profile_reason_e profile_upgrade_parts_attributes(profile_upgrade_t *u);
static int profile_upgrade_parts_lacks(profile_upgrade_t *u,
    const profile_guard_member_t *m);
static int profile_upgrade_parts_supported(profile_upgrade_t *u,
    const profile_guard_member_t *m);
static int profile_upgrade_parts_implied(profile_upgrade_t *u,
    const profile_guard_member_t *m);
static int profile_upgrade_parts_is_email(profile_upgrade_t *u,
    const profile_guard_member_t *m);
static int profile_upgrade_parts_is_true(profile_upgrade_t *u,
    const profile_guard_member_t *m);
static int profile_upgrade_parts_verifies(profile_upgrade_t *u);
static int profile_upgrade_parts_says(profile_upgrade_t *u,
    const profile_guard_member_t *m, const profile_str_t *name, u_char c);
static profile_reason_e profile_upgrade_parts_metadata(profile_upgrade_t *u);
static profile_reason_e profile_upgrade_parts_options(profile_upgrade_t *u);
static int profile_upgrade_parts_option(profile_upgrade_t *u,
    const profile_name_t *name, profile_call_e *kind, profile_name_t *as);
static profile_call_e profile_upgrade_parts_via(profile_via_e via);
static profile_reason_e profile_upgrade_parts_member(profile_upgrade_t *u,
    profile_call_e kind, const profile_name_t *name,
    const profile_guard_member_t *m);
static profile_call_e profile_upgrade_parts_kind(profile_upgrade_t *u,
    const profile_name_t *name);
static int profile_upgrade_parts_is_container(profile_upgrade_t *u,
    const profile_guard_member_t *m, profile_container_e *container);


/* the calls that v1 has for one attribute each, by profile_call_e */

static const profile_upgrade_part_t  profile_upgrade_parts_calls[] = {
    { profile_string("email"), profile_string("verify_email") },
    { profile_string("password"), profile_string("verify_password") }
};


static const profile_str_t  profile_upgrade_parts_verified
                                        = profile_string("email_verified");


profile_reason_e
profile_upgrade_parts_sort(profile_upgrade_t *u)
{
    int                            kept;
    uint32_t                       i, n;
    profile_container_e            c;
    const profile_guard_member_t  *m;

    profile_upgrade_parts_clearing(u);

    m = profile_guard_members(u->guard, &n);
    kept = 0;

    for (i = 0; i < n; i++) {

        if (m[i].place != PROFILE_AT_ROOT) {
            u->reads |= u->exact && profile_upgrade_parts_is_flat(u, &m[i]);
            continue;
        }

        if (profile_schema_option(u->schema, &m[i].name)
            || (u->action == PROFILE_CREATE && m[i].fixed))
        {
            continue;
        }

        if (!m[i].fixed && profile_upgrade_parts_supported(u, &m[i])) {

            if (profile_upgrade_parts_is_email(u, &m[i])
                && profile_upgrade_user_compare(u, &m[i], 1) != PROFILE_OK)
            {
                return PROFILE_NO_MEMORY;
            }

            continue;
        }

        if (!m[i].fixed && profile_upgrade_parts_implied(u, &m[i])) {
            continue;
        }

        /* containers are merged, and never the same as a whole */

        kept |= profile_upgrade_parts_is_container(u, &m[i], &c);

        if (!m[i].fixed) {
            profile_refused_add(&u->refused, &m[i]);
        }

        if (profile_upgrade_user_compare(u, &m[i], 0) != PROFILE_OK) {
            return PROFILE_NO_MEMORY;
        }

        u->reads = 1;
    }

    if (kept) {
        return PROFILE_UNSUPPORTED;
    }

    u->refused.n = 0;

    return PROFILE_OK;
}


/* U3.9, U3.11: a member that is stored at the root of v1's user */

static int
profile_upgrade_parts_is_flat(profile_upgrade_t *u,
    const profile_guard_member_t *m)
{
    profile_container_e  c;

    c = (m->place == PROFILE_AT_APP_METADATA) ? PROFILE_APP_METADATA
                                              : PROFILE_USER_METADATA;

    return profile_schema_shape_write(u->schema, c) == NULL;
}


/* U4.7: what differs; of what the guard marked that is the guard's to say */

profile_reason_e
profile_upgrade_parts_settle(profile_upgrade_t *u)
{
    int                          moves;
    size_t                       i, n;
    profile_upgrade_compared_t  *c;

    c = profile_upgrade_user_compared(u, &n);
    moves = 0;

    for (i = 0; i < n; i++) {

        if (c[i].written) {
            u->same_email = (c[i].equal
                             && !profile_upgrade_parts_verifies(u));
            moves = !c[i].equal;
        }
    }

    for (i = 0; i < n; i++) {

        if (c[i].written
            || (c[i].equal
                && !(moves && profile_upgrade_parts_is_true(u, c[i].member))))
        {
            continue;
        }

        if (c[i].member->fixed) {
            profile_guard_refuse(u->guard, c[i].member);

        } else {
            profile_refused_add(&u->refused, c[i].member);
        }
    }

    if (profile_guard_reason(u->guard) != PROFILE_OK) {
        u->refused = *profile_guard_refused(u->guard);
        return PROFILE_ATTRIBUTES;
    }

    return u->refused.n ? PROFILE_UNSUPPORTED : PROFILE_OK;
}


profile_reason_e
profile_upgrade_parts(profile_upgrade_t *u)
{
    profile_reason_e  rc;

    rc = profile_upgrade_parts_attributes(u);

    if (rc == PROFILE_OK) {
        rc = profile_upgrade_parts_metadata(u);
    }

    if (rc == PROFILE_OK) {
        rc = profile_upgrade_parts_options(u);
    }

    return rc;
}


/* U3.5; a create has nothing to clear */

static void
profile_upgrade_parts_clearing(profile_upgrade_t *u)
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

        if (profile_upgrade_parts_is_container(u, &m[i], &c)
            && (i + 1 == n || m[i + 1].place == PROFILE_AT_ROOT))
        {
            u->clear[c] = 1;
        }
    }
}


static profile_reason_e
profile_upgrade_parts_attributes(profile_upgrade_t *u)
{
    uint32_t                       i, n;
    profile_call_e                 kind;
    profile_name_t                 as;
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

        /* what is left out here is done by another call, or as it is */

        if (m[i].fixed || !profile_upgrade_parts_supported(u, &m[i])
            || (u->same_email && profile_upgrade_parts_is_email(u, &m[i])))
        {
            continue;
        }

        if (profile_upgrade_parts_is_container(u, &m[i], &c)
            || profile_upgrade_parts_lacks(u, &m[i]))
        {
            continue;
        }

        kind = profile_upgrade_parts_kind(u, &m[i].name);

        profile_schema_write_name(u->schema, &m[i].name, &as);

        rc = profile_upgrade_parts_member(u, kind, &as, &m[i]);
        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    return PROFILE_OK;
}


/* U3.4 of what U3.7 stores: in a create there is nothing to take away */

static int
profile_upgrade_parts_lacks(profile_upgrade_t *u,
    const profile_guard_member_t *m)
{
    return u->action == PROFILE_CREATE && m->type == PROFILE_NULL
           && profile_schema_write_via(u->schema, u->provider, u->action,
                                       &m->name)
              == PROFILE_VIA_METADATA;
}


/* U4.3: whether the calls are configured that this member of the root needs */

static int
profile_upgrade_parts_supported(profile_upgrade_t *u,
    const profile_guard_member_t *m)
{
    unsigned             calls;
    profile_container_e  c;

    if (u->action == PROFILE_CREATE) {
        return 1;
    }

    if (profile_upgrade_parts_is_container(u, m, &c)) {
        calls = 1 << PROFILE_CALL_METADATA;

        if (u->clear[c]) {
            calls |= 1 << PROFILE_CALL_BAG;
        }

    } else {
        calls = 1 << profile_upgrade_parts_kind(u, &m->name);
    }

    return (u->configured & calls) == calls;
}


/* U4.5: what v1's call for the e-mail does by itself */

static int
profile_upgrade_parts_implied(profile_upgrade_t *u,
    const profile_guard_member_t *m)
{
    uint32_t                       i, n;
    const profile_guard_member_t  *all;

    if (!profile_upgrade_parts_says(u, m, &profile_upgrade_parts_verified, 'f'))
    {
        return 0;
    }

    all = profile_guard_members(u->guard, &n);

    for (i = 0; i < n; i++) {
        if (profile_upgrade_parts_is_email(u, &all[i])) {
            return 1;
        }
    }

    return 0;
}


/* whether it is the e-mail, and v1 has a call for that */

static int
profile_upgrade_parts_is_email(profile_upgrade_t *u,
    const profile_guard_member_t *m)
{
    const profile_str_t  *email;

    email = &profile_upgrade_parts_calls[PROFILE_CALL_EMAIL].attribute;

    return m->place == PROFILE_AT_ROOT && !m->fixed
           && profile_str_eq(email, m->name.data, m->name.len)
           && (u->configured & (1 << PROFILE_CALL_EMAIL))
           && profile_upgrade_parts_kind(u, &m->name) == PROFILE_CALL_EMAIL;
}


/* U4.5: what cannot be so when the e-mail is another one */

static int
profile_upgrade_parts_is_true(profile_upgrade_t *u,
    const profile_guard_member_t *m)
{
    return profile_upgrade_parts_says(u, m, &profile_upgrade_parts_verified,
                                      't');
}


/* whether v1's call has something to do although the e-mail is the same */

static int
profile_upgrade_parts_verifies(profile_upgrade_t *u)
{
    uint32_t                       i, n;
    const profile_str_t           *option;
    const profile_guard_member_t  *m;

    option = &profile_upgrade_parts_calls[PROFILE_CALL_EMAIL].option;
    m = profile_guard_members(u->guard, &n);

    for (i = 0; i < n; i++) {

        if (m[i].place != PROFILE_AT_ROOT) {
            continue;
        }

        /* not so if it is to stay verified */

        if (profile_upgrade_parts_is_true(u, &m[i])) {
            return 0;
        }
    }

    for (i = 0; i < n; i++) {

        if (m[i].place == PROFILE_AT_ROOT
            && (profile_upgrade_parts_says(u, &m[i], option, 't')
                || profile_upgrade_parts_says(u, &m[i],
                                      &profile_upgrade_parts_verified, 'f')))
        {
            return 1;
        }
    }

    return 0;
}


/* whether the member has this name and begins so: "t" is true, "f" false */

static int
profile_upgrade_parts_says(profile_upgrade_t *u,
    const profile_guard_member_t *m, const profile_str_t *name, u_char c)
{
    return m->type == PROFILE_BOOLEAN
           && profile_str_eq(name, m->name.data, m->name.len)
           && profile_guard_bytes(u->guard)[m->start] == c;
}


static profile_reason_e
profile_upgrade_parts_metadata(profile_upgrade_t *u)
{
    uint32_t                       i, n;
    profile_call_e                 kind;
    profile_reason_e               rc;
    profile_refused_t              unfit;
    profile_container_e            c;
    const profile_guard_member_t  *m;

    unfit.n = 0;

    kind = (u->action == PROFILE_CREATE) ? PROFILE_CALL_CREATE
                                         : PROFILE_CALL_METADATA;

    m = profile_guard_members(u->guard, &n);

    for (i = 0; i < n; i++) {

        if (m[i].place == PROFILE_AT_ROOT) {
            continue;
        }

        c = (m[i].place == PROFILE_AT_APP_METADATA) ? PROFILE_APP_METADATA
                                                    : PROFILE_USER_METADATA;

        rc = profile_upgrade_stored(u, kind, c, &m[i]);

        switch (rc) {

        case PROFILE_OK:
            break;

        case PROFILE_RESERVED:
            profile_refused_add(&u->refused, &m[i]);
            break;

        case PROFILE_VALUE:
            profile_refused_add(&unfit, &m[i]);
            break;

        default:
            return rc;
        }
    }

    if (u->refused.n) {
        return PROFILE_RESERVED;
    }

    u->refused = unfit;

    return unfit.n ? PROFILE_VALUE : PROFILE_OK;
}


/*
 * What v1 knows of the options of v2: what the schema says, or the connection
 * of a create, and "verify" of the calls for e-mail and password.  Others go
 * with the attributes, where there are any; v1 would store them as metadata.
 */

static profile_reason_e
profile_upgrade_parts_options(profile_upgrade_t *u)
{
    uint32_t                       i, n;
    profile_call_e                 kind;
    profile_name_t                 as;
    profile_reason_e               rc;
    const profile_guard_member_t  *m;

    m = profile_guard_members(u->guard, &n);

    for (i = 0; i < n; i++) {

        if (m[i].place != PROFILE_AT_ROOT
            || !profile_schema_option(u->schema, &m[i].name)
            || !profile_upgrade_parts_option(u, &m[i].name, &kind, &as))
        {
            continue;
        }

        rc = profile_upgrade_parts_member(u, kind, &as, &m[i]);
        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    return PROFILE_OK;
}


/* whether it goes up: with which call, and under which name */

static int
profile_upgrade_parts_option(profile_upgrade_t *u, const profile_name_t *name,
    profile_call_e *kind, profile_name_t *as)
{
    profile_via_e  via;

    static const profile_str_t  connection = profile_string("connection");

    via = profile_schema_write_option(u->schema, name, as);

    if (u->action == PROFILE_CREATE) {
        *kind = PROFILE_CALL_CREATE;

        return via == PROFILE_VIA_CREATE
               || (via == PROFILE_VIA_NAME
                   && profile_str_eq(&connection, name->data, name->len));
    }

    if (via == PROFILE_VIA_CREATE) {
        return 0;
    }

    if (via != PROFILE_VIA_NAME) {
        *kind = profile_upgrade_parts_via(via);

        return u->bodies[*kind].len != 0;
    }

    *kind = profile_upgrade_parts_kind(u, name);

    if (u->bodies[*kind].len == 0 || *kind == PROFILE_CALL_METADATA) {
        return 0;
    }

    if (*kind != PROFILE_CALL_ATTRIBUTES) {
        profile_schema_name(u->schema, as, (u_char *) "verify", 6);
    }

    return 1;
}


static profile_call_e
profile_upgrade_parts_via(profile_via_e via)
{
    switch (via) {

    case PROFILE_VIA_EMAIL:
        return PROFILE_CALL_EMAIL;

    case PROFILE_VIA_PASSWORD:
        return PROFILE_CALL_PASSWORD;

    case PROFILE_VIA_METADATA:
        return PROFILE_CALL_METADATA;

    default: /* PROFILE_VIA_ATTRIBUTES */
        return PROFILE_CALL_ATTRIBUTES;
    }
}


/* the call of an attribute; an option goes where its attribute goes */

static profile_call_e
profile_upgrade_parts_kind(profile_upgrade_t *u, const profile_name_t *name)
{
    profile_via_e                  via;
    profile_call_e                 kind;
    profile_name_t                 of;
    const profile_upgrade_part_t  *part;

    if (u->action == PROFILE_CREATE) {
        return PROFILE_CALL_CREATE;
    }

    for (kind = PROFILE_CALL_EMAIL; kind <= PROFILE_CALL_PASSWORD; kind++) {
        part = &profile_upgrade_parts_calls[kind];

        if (profile_str_eq(&part->option, name->data, name->len)) {
            profile_schema_name(u->schema, &of, part->attribute.data,
                                part->attribute.len);
            name = &of;
        }
    }

    via = profile_schema_write_via(u->schema, u->provider, u->action, name);

    if (via != PROFILE_VIA_NAME) {
        return profile_upgrade_parts_via(via);
    }

    for (kind = PROFILE_CALL_EMAIL; kind <= PROFILE_CALL_PASSWORD; kind++) {
        part = &profile_upgrade_parts_calls[kind];

        if ((u->configured & (1 << kind))
            && profile_str_eq(&part->attribute, name->data, name->len))
        {
            return kind;
        }
    }

    return PROFILE_CALL_ATTRIBUTES;
}


static int
profile_upgrade_parts_is_container(profile_upgrade_t *u,
    const profile_guard_member_t *m, profile_container_e *container)
{
    profile_container_e  c;

    if (m->place != PROFILE_AT_ROOT) {
        return 0;
    }

    for (c = PROFILE_APP_METADATA; c <= PROFILE_USER_METADATA; c++) {

        if (profile_str_eq(profile_schema_shape_shown(u->schema, c),
                           m->name.data, m->name.len))
        {
            *container = c;
            return 1;
        }
    }

    return 0;
}


static profile_reason_e
profile_upgrade_parts_member(profile_upgrade_t *u, profile_call_e kind,
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
