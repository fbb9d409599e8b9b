
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader.h"
#include "core/profile_text.h"
#include "core/request/profile_upgrade_impl.h"


static profile_reason_e profile_upgrade_returns(profile_upgrade_t *u,
    profile_container_e container, const profile_name_t *name,
    const profile_name_t *as, int *returns);
static int profile_upgrade_is_root(profile_upgrade_t *u,
    const profile_name_t *name);
static profile_reason_e profile_upgrade_bag_begin(void *ctx,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_upgrade_bag_value(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_upgrade_bag_end(void *ctx,
    const profile_event_t *ev);
static int profile_upgrade_clears(profile_upgrade_t *u,
    const profile_class_t *class, profile_type_e type);


typedef struct {
    profile_upgrade_t    *upgrade;
    const u_char         *data;
} profile_upgrade_bag_t;


static const profile_reader_handler_t  profile_upgrade_bag_handler = {
    profile_upgrade_bag_begin,
    profile_upgrade_bag_value,
    profile_upgrade_bag_end
};


/*
 * What a name comes back as is the schema's to say, so no two members share a
 * stored name: each is read back as one member only.
 */

profile_reason_e
profile_upgrade_store(profile_upgrade_t *u, profile_container_e container,
    const profile_name_t *name, profile_name_t *as, int *stored)
{
    profile_reason_e      rc;
    const profile_str_t  *prefix;

    *as = *name;

    rc = profile_upgrade_returns(u, container, name, as, stored);

    if (rc != PROFILE_OK || *stored) {
        return rc;
    }

    prefix = profile_schema_prefix(u->schema, container);

    if (prefix->len == 0) {
        return PROFILE_OK;
    }

    u->name.len = 0;

    if (profile_buf_append(&u->alloc, &u->name, prefix->data, prefix->len)
        != 0
        || profile_buf_append(&u->alloc, &u->name, name->data, name->len)
           != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    profile_schema_name(u->schema, as, u->name.data, u->name.len);

    return profile_upgrade_returns(u, container, name, as, stored);
}


static profile_reason_e
profile_upgrade_returns(profile_upgrade_t *u, profile_container_e container,
    const profile_name_t *name, const profile_name_t *as, int *returns)
{
    int                    denied;
    profile_class_t        class;
    profile_reason_e       rc;
    const profile_name_t  *back;

    *returns = 0;

    rc = profile_schema_class(u->matcher, u->provider, as, &class);

    if (rc != PROFILE_OK
        || class.kind != PROFILE_CLASS_METADATA
        || class.container != container)
    {
        return rc;
    }

    back = class.renamed ? &class.name : as;

    if (back->len != name->len
        || memcmp(back->data, name->data, name->len) != 0
        || profile_upgrade_is_root(u, as))
    {
        return PROFILE_OK;
    }

    /* a backend that folds would take it for an attribute of the root: what
       the guard refuses to clients of v1 does not come from here (H5.6) */

    rc = profile_schema_denied(u->matcher, u->provider, as, &denied);

    *returns = !denied;

    return rc;
}


/*
 * In a create, metadata stands beside what a write says of the root, and an
 * "app_metadata.password" must not become the password.  An update has to
 * find the same name.
 */

static int
profile_upgrade_is_root(profile_upgrade_t *u, const profile_name_t *name)
{
    return profile_schema_option(u->schema, name)
           || profile_schema_writable(u->schema, u->provider, PROFILE_CREATE,
                                      name)
           || profile_schema_writable(u->schema, u->provider, PROFILE_UPDATE,
                                      name);
}


/* U3.5 */

profile_reason_e
profile_upgrade_bag(profile_upgrade_t *u, const u_char *data, size_t len)
{
    profile_reader_t       *reader;
    profile_reason_e        rc;
    profile_reader_conf_t   conf;
    profile_upgrade_bag_t   bag;

    bag.upgrade = u;
    bag.data = data;

    conf.engine = PROFILE_READER_YAJL;
    conf.max_size = SIZE_MAX / 2;
    conf.max_depth = u->max_depth;
    conf.skip_bom = 1;

    reader = profile_reader_create(&u->alloc, &conf,
                                   &profile_upgrade_bag_handler, &bag);
    if (reader == NULL) {
        return PROFILE_NO_MEMORY;
    }

    rc = profile_reader_feed(reader, data, len);

    if (rc == PROFILE_OK) {
        rc = profile_reader_finish(reader);
    }

    profile_reader_destroy(reader);

    return rc;
}


static profile_reason_e
profile_upgrade_bag_begin(void *ctx, const profile_event_t *ev, int *inside)
{
    (void) ctx;

    *inside = (ev->type == PROFILE_OBJECT && !ev->named);

    return PROFILE_OK;
}


/* what is null is cleared already */

static profile_reason_e
profile_upgrade_bag_value(void *ctx, const profile_event_t *ev)
{
    profile_upgrade_bag_t  *bag = ctx;

    size_t              len;
    unsigned            flags;
    const u_char       *data;
    profile_name_t      name;
    profile_class_t     class;
    profile_reason_e    rc;
    profile_upgrade_t  *u;

    u = bag->upgrade;

    if (!ev->named) {
        return PROFILE_NOT_OBJECT;
    }

    if (ev->type == PROFILE_NULL) {
        return PROFILE_OK;
    }

    data = bag->data + ev->name_start;
    len = ev->name_end - ev->name_start;
    flags = 0;

    if (ev->escaped) {
        u->name.len = 0;

        if (profile_buf_reserve(&u->alloc, &u->name, len) != 0) {
            return PROFILE_NO_MEMORY;
        }

        len = profile_text_unescape(u->name.data, data, len, &flags);
        data = u->name.data;
    }

    profile_schema_name(u->schema, &name, data, len);
    name.lone = (flags & PROFILE_NAME_LONE) ? 1 : 0;

    rc = profile_schema_class(u->matcher, u->provider, &name, &class);

    if (rc != PROFILE_OK || !profile_upgrade_clears(u, &class, ev->type)) {
        return rc;
    }

    if (profile_upgrade_put(u, PROFILE_CALL_METADATA, &name,
                            (u_char *) "null", 4)
        != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    return PROFILE_OK;
}


static profile_reason_e
profile_upgrade_bag_end(void *ctx, const profile_event_t *ev)
{
    (void) ctx;
    (void) ev;

    return PROFILE_OK;
}


/* M3: where this member of the bag is shown is what is being cleared */

static int
profile_upgrade_clears(profile_upgrade_t *u, const profile_class_t *class,
    profile_type_e type)
{
    if (class->kind == PROFILE_CLASS_METADATA) {
        return u->clear[class->container];
    }

    if (class->kind != PROFILE_CLASS_CONTAINER) {
        return 0;
    }

    if (class->container == PROFILE_USER_METADATA && type == PROFILE_OBJECT) {
        return u->clear[PROFILE_USER_METADATA];
    }

    return u->clear[PROFILE_APP_METADATA];
}
