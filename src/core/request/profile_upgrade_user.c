
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader.h"
#include "core/json/profile_value.h"
#include "core/request/profile_guard.h"
#include "core/request/profile_upgrade_exact.h"
#include "core/request/profile_upgrade_plan.h"
#include "core/request/profile_upgrade_user.h"


struct profile_upgrade_user_s {
    profile_upgrade_t    *upgrade;
    profile_reader_t     *reader;
    profile_names_t       names;         /* -> compared */
    profile_buf_t         unescaped;     /* a name */
    profile_value_t       values[2];     /* of the body, of the user */
    profile_upgrade_compared_t  *found;  /* whose value follows, or NULL */
};


static profile_reason_e profile_upgrade_user_names(profile_upgrade_t *u);
static profile_reason_e profile_upgrade_user_begin(void *ctx,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_upgrade_user_value(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_upgrade_user_end(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_upgrade_user_find(
    profile_upgrade_user_t *user, const profile_event_t *ev);
static profile_reason_e profile_upgrade_user_equal(
    profile_upgrade_user_t *user, const profile_event_t *ev);


static const profile_reader_handler_t  profile_upgrade_user_handler = {
    profile_upgrade_user_begin,
    profile_upgrade_user_value,
    profile_upgrade_user_end
};


profile_reason_e
profile_upgrade_user_compare(profile_upgrade_t *u,
    const profile_guard_member_t *m, int written)
{
    profile_upgrade_compared_t  c;

    memset(&c, 0, sizeof(profile_upgrade_compared_t));

    c.member = m;
    c.written = written;

    if (profile_buf_append(&u->alloc, &u->compared, &c, sizeof(c)) != 0) {
        return PROFILE_NO_MEMORY;
    }

    return PROFILE_OK;
}


profile_upgrade_compared_t *
profile_upgrade_user_compared(profile_upgrade_t *u, size_t *n)
{
    *n = u->compared.len / sizeof(profile_upgrade_compared_t);

    return (profile_upgrade_compared_t *) u->compared.data;
}


profile_reason_e
profile_upgrade_user_start(profile_upgrade_t *u, size_t max_size)
{
    profile_reader_conf_t    conf;
    profile_upgrade_user_t  *user;

    profile_upgrade_user_destroy(u);

    user = u->alloc.alloc(u->alloc.ctx, sizeof(profile_upgrade_user_t));
    if (user == NULL) {
        return PROFILE_NO_MEMORY;
    }

    memset(user, 0, sizeof(profile_upgrade_user_t));

    u->user = user;
    user->upgrade = u;

    profile_names_init(&user->names, &u->alloc, 0);

    conf.engine = PROFILE_READER_YAJL;
    conf.max_size = max_size;
    conf.max_depth = PROFILE_READER_LOST_DEPTH;
    conf.skip_bom = 1;

    user->reader = profile_reader_create(&u->alloc, &conf,
                                         &profile_upgrade_user_handler, user);

    return user->reader ? profile_upgrade_user_names(u) : PROFILE_NO_MEMORY;
}


/* H5.4: no name of the body stands twice */

static profile_reason_e
profile_upgrade_user_names(profile_upgrade_t *u)
{
    int                          known;
    size_t                       i, n;
    profile_upgrade_compared_t  *c;

    c = profile_upgrade_user_compared(u, &n);

    for (i = 0; i < n; i++) {
        if (profile_names_add(&u->user->names, &c[i].member->name, i, &known)
            == NULL)
        {
            return PROFILE_NO_MEMORY;
        }
    }

    return PROFILE_OK;
}


void
profile_upgrade_user_destroy(profile_upgrade_t *u)
{
    profile_upgrade_user_t  *user;

    user = u->user;

    if (user == NULL) {
        return;
    }

    profile_reader_destroy(user->reader);
    profile_names_destroy(&user->names);
    profile_buf_free(&u->alloc, &user->unescaped);
    profile_value_free(&u->alloc, &user->values[0]);
    profile_value_free(&u->alloc, &user->values[1]);

    u->alloc.free(u->alloc.ctx, user);
    u->user = NULL;
}


profile_reason_e
profile_upgrade_user_feed(void *upgrade, const u_char *data, size_t len)
{
    profile_upgrade_t  *u = upgrade;

    return profile_reader_feed(u->user->reader, data, len);
}


profile_reason_e
profile_upgrade_user_finish(profile_upgrade_t *u)
{
    profile_reason_e  rc;

    rc = profile_reader_finish(u->user->reader);

    if (rc == PROFILE_OK && profile_upgrade_exact_finish(u) != 0) {
        rc = PROFILE_NO_MEMORY;
    }

    return rc;
}


/* the text is held from the name on, and the value's if it is compared */

static profile_reason_e
profile_upgrade_user_begin(void *ctx, const profile_event_t *ev, int *inside)
{
    profile_upgrade_user_t  *user = ctx;

    profile_reason_e  rc;

    if (ev->named) {
        rc = profile_upgrade_user_find(user, ev);

        if (user->found == NULL) {
            profile_reader_release(user->reader);
        }

        return rc;
    }

    if (ev->type == PROFILE_OBJECT) {
        *inside = 1;
        profile_reader_hold(user->reader, ev->end);
    }

    return PROFILE_OK;
}


static profile_reason_e
profile_upgrade_user_value(void *ctx, const profile_event_t *ev)
{
    profile_upgrade_user_t  *user = ctx;

    profile_reason_e  rc;

    if (!ev->named) {
        return PROFILE_NOT_OBJECT;
    }

    rc = (ev->type > PROFILE_ARRAY) ? profile_upgrade_user_find(user, ev)
                                    : PROFILE_OK;

    if (rc == PROFILE_OK && user->found) {
        rc = profile_upgrade_user_equal(user, ev);
        user->found = NULL;
    }

    profile_reader_hold(user->reader, ev->end);

    return rc;
}


static profile_reason_e
profile_upgrade_user_end(void *ctx, const profile_event_t *ev)
{
    (void) ctx;
    (void) ev;

    return PROFILE_OK;
}


static profile_reason_e
profile_upgrade_user_find(profile_upgrade_user_t *user,
    const profile_event_t *ev)
{
    size_t                       n;
    uint32_t                    *index;
    const u_char                *data;
    profile_name_t               name;
    profile_upgrade_t           *u;
    profile_upgrade_compared_t  *c;

    u = user->upgrade;
    user->found = NULL;

    data = profile_reader_text(user->reader, ev->name_start, ev->name_end);

    if (data == NULL
        || profile_schema_name_read(u->schema, &u->alloc, &user->unescaped,
                                    data, ev->name_end - ev->name_start,
                                    ev->escaped, &name)
           != 0
        || profile_upgrade_exact_root(u, &name) != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    index = profile_names_find(&user->names, &name);

    if (index) {
        c = profile_upgrade_user_compared(u, &n);
        user->found = &c[*index];
    }

    return PROFILE_OK;
}


/* what is too deep to be compared is not the same */

static profile_reason_e
profile_upgrade_user_equal(profile_upgrade_user_t *user,
    const profile_event_t *ev)
{
    const u_char                  *data;
    profile_value_t               *v;
    profile_reason_e               rc;
    profile_upgrade_t             *u;
    const profile_guard_member_t  *m;

    u = user->upgrade;
    m = user->found->member;
    v = user->values;

    if (m->type != ev->type) {
        return PROFILE_OK;
    }

    data = profile_reader_text(user->reader, ev->start, ev->end);
    if (data == NULL) {
        return PROFILE_NO_MEMORY;
    }

    rc = profile_value_make(&u->alloc, &v[0],
                            profile_guard_bytes(u->guard) + m->start,
                            m->end - m->start);

    if (rc == PROFILE_OK) {
        rc = profile_value_make(&u->alloc, &v[1], data, ev->end - ev->start);
    }

    if (rc == PROFILE_TOO_DEEP) {
        return PROFILE_OK;
    }

    user->found->equal = (rc == PROFILE_OK && v[0].out.len == v[1].out.len
                          && memcmp(v[0].out.data, v[1].out.data, v[0].out.len)
                             == 0);

    return rc;
}
