
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/json/profile_reader.h"
#include "core/request/profile_upgrade_bag.h"
#include "core/request/profile_upgrade_plan.h"


typedef struct {
    profile_upgrade_t    *upgrade;
    const u_char         *data;
    profile_buf_t         unescaped;     /* a name */
} profile_upgrade_bag_t;


static profile_reason_e profile_upgrade_bag_begin(void *ctx,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_upgrade_bag_value(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_upgrade_bag_end(void *ctx,
    const profile_event_t *ev);
static int profile_upgrade_bag_clears(profile_upgrade_t *u,
    const profile_class_t *class, profile_type_e type);


static const profile_reader_handler_t  profile_upgrade_bag_handler = {
    profile_upgrade_bag_begin,
    profile_upgrade_bag_value,
    profile_upgrade_bag_end
};


/* U3.5 */

profile_reason_e
profile_upgrade_bag(profile_upgrade_t *u, const u_char *data, size_t len)
{
    profile_reader_t       *reader;
    profile_reason_e        rc;
    profile_reader_conf_t   conf;
    profile_upgrade_bag_t   bag;

    memset(&bag, 0, sizeof(profile_upgrade_bag_t));

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
    profile_buf_free(&u->alloc, &bag.unescaped);

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
        if (profile_buf_reserve(&u->alloc, &bag->unescaped, len) != 0) {
            return PROFILE_NO_MEMORY;
        }

        len = profile_text_unescape(bag->unescaped.data, data, len, &flags);
        data = bag->unescaped.data;
    }

    profile_schema_name(u->schema, &name, data, len);
    name.lone = (flags & PROFILE_NAME_LONE) ? 1 : 0;

    rc = profile_schema_class(u->matcher, u->provider, &name, &class);

    if (rc != PROFILE_OK || !profile_upgrade_bag_clears(u, &class, ev->type)) {
        return rc;
    }

    if (profile_upgrade_plan_put(u, PROFILE_CALL_METADATA, &name,
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
profile_upgrade_bag_clears(profile_upgrade_t *u, const profile_class_t *class,
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
