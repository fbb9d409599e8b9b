
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader.h"
#include "core/request/profile_upgrade_bag.h"
#include "core/request/profile_upgrade_nested.h"
#include "core/request/profile_upgrade_plan.h"
#include "core/schema/profile_schema_exact.h"
#include "core/schema/profile_schema_shape.h"


/* a single string or number is kept while it is read; others are not */
#define PROFILE_UPGRADE_BAG_TOKEN  8

/* what a name costs besides its bytes: quotes, colon, null, comma */
#define PROFILE_UPGRADE_BAG_NULL  8


struct profile_upgrade_bag_s {
    profile_upgrade_t    *upgrade;
    profile_reader_t     *reader;
    profile_buf_t         unescaped;     /* a name */
    size_t                room;          /* for names that are cleared */
    uint32_t              level;         /* names of the path entered */
    unsigned              open[PROFILE_PATH_MAX + 1];    /* bits 1 << container,
                                            whose path it may be: by level */
    unsigned              list:1;        /* holds nothing, or is none */
};


static profile_reason_e profile_upgrade_bag_begin(void *ctx,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_upgrade_bag_value(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_upgrade_bag_end(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_upgrade_bag_member(profile_upgrade_bag_t *bag,
    const profile_event_t *ev, int *inside);
static unsigned profile_upgrade_bag_written(profile_upgrade_t *u);
static profile_reason_e profile_upgrade_bag_nested(profile_upgrade_bag_t *bag,
    const profile_event_t *ev, const profile_name_t *name, int *inside);
static profile_reason_e profile_upgrade_bag_take(profile_upgrade_bag_t *bag,
    const profile_event_t *ev);
static int profile_upgrade_bag_clears(profile_upgrade_t *u,
    const profile_class_t *class, const profile_name_t *name,
    profile_type_e type);


static const profile_reader_handler_t  profile_upgrade_bag_handler = {
    profile_upgrade_bag_begin,
    profile_upgrade_bag_value,
    profile_upgrade_bag_end
};


/* U3.5 */

profile_reason_e
profile_upgrade_bag_start(profile_upgrade_t *u, size_t max_size)
{
    profile_upgrade_bag_t  *bag;
    profile_reader_conf_t   conf;

    profile_upgrade_bag_destroy(u);

    bag = u->alloc.alloc(u->alloc.ctx, sizeof(profile_upgrade_bag_t));
    if (bag == NULL) {
        return PROFILE_NO_MEMORY;
    }

    memset(bag, 0, sizeof(profile_upgrade_bag_t));

    u->bag = bag;

    bag->upgrade = u;
    bag->room = max_size;

    conf.engine = PROFILE_READER_YAJL;
    conf.max_size = max_size * PROFILE_UPGRADE_BAG_TOKEN;
    conf.max_depth = PROFILE_READER_LOST_DEPTH;
    conf.skip_bom = 1;

    bag->reader = profile_reader_create(&u->alloc, &conf,
                                        &profile_upgrade_bag_handler, bag);

    return bag->reader ? PROFILE_OK : PROFILE_NO_MEMORY;
}


void
profile_upgrade_bag_destroy(profile_upgrade_t *u)
{
    if (u->bag == NULL) {
        return;
    }

    profile_reader_destroy(u->bag->reader);
    profile_buf_free(&u->alloc, &u->bag->unescaped);

    u->alloc.free(u->alloc.ctx, u->bag);
    u->bag = NULL;
}


profile_reason_e
profile_upgrade_bag_feed(void *upgrade, const u_char *data, size_t len)
{
    profile_upgrade_t  *u = upgrade;

    return profile_reader_feed(u->bag->reader, data, len);
}


profile_reason_e
profile_upgrade_bag_finish(profile_upgrade_t *u)
{
    profile_reason_e  rc;

    rc = profile_reader_finish(u->bag->reader);

    /* what is written follows where the user is read behind the bag */

    return (rc == PROFILE_OK && !profile_upgrade_plan_bag_first(u))
           ? profile_upgrade_nested_close(u, PROFILE_CALL_METADATA) : rc;
}


/* a name is kept until its value is there; what the value holds is not */

static profile_reason_e
profile_upgrade_bag_begin(void *ctx, const profile_event_t *ev, int *inside)
{
    profile_upgrade_bag_t  *bag = ctx;

    profile_reason_e  rc;

    if (ev->named) {
        rc = profile_upgrade_bag_member(bag, ev, inside);

        if (*inside) {
            profile_reader_hold(bag->reader, ev->end);

        } else {
            profile_reader_release(bag->reader);
        }

        return rc;
    }

    if (bag->list) {
        return PROFILE_NOT_OBJECT;
    }

    *inside = 1;

    if (ev->type == PROFILE_OBJECT) {
        bag->open[0] = profile_upgrade_bag_written(bag->upgrade);
        profile_reader_hold(bag->reader, ev->end);

    } else {
        bag->list = 1;
    }

    return PROFILE_OK;
}


static profile_reason_e
profile_upgrade_bag_value(void *ctx, const profile_event_t *ev)
{
    profile_upgrade_bag_t  *bag = ctx;

    profile_reason_e  rc;

    if (!ev->named) {
        return (ev->type == PROFILE_NULL && !bag->list) ? PROFILE_OK
                                                        : PROFILE_NOT_OBJECT;
    }

    rc = (ev->type > PROFILE_ARRAY) ? profile_upgrade_bag_member(bag, ev, NULL)
                                    : PROFILE_OK;

    profile_reader_hold(bag->reader, ev->end);

    return rc;
}


/* what is null is cleared already */

static profile_reason_e
profile_upgrade_bag_member(profile_upgrade_bag_t *bag,
    const profile_event_t *ev, int *inside)
{
    int                  differs;
    const u_char        *data;
    profile_name_t       name;
    profile_class_t      class;
    profile_reason_e     rc;
    profile_upgrade_t   *u;

    if (ev->type == PROFILE_NULL) {
        return PROFILE_OK;
    }

    u = bag->upgrade;

    data = profile_reader_text(bag->reader, ev->name_start, ev->name_end);

    if (data == NULL
        || profile_schema_name_read(u->schema, &u->alloc, &bag->unescaped,
                                    data, ev->name_end - ev->name_start,
                                    ev->escaped, &name)
           != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    rc = profile_upgrade_bag_nested(bag, ev, &name, inside);

    if (rc != PROFILE_OK || bag->level || (inside && *inside)) {
        return rc;
    }

    rc = profile_schema_class(u->matcher, u->provider, &name, &class);

    if (rc == PROFILE_OK && u->exact) {
        rc = profile_schema_exact(u->matcher, &name, 1, &class, &differs);
    }

    if (rc != PROFILE_OK
        || !profile_upgrade_bag_clears(u, &class, &name, ev->type))
    {
        return rc;
    }

    rc = profile_upgrade_bag_take(bag, ev);

    if (rc == PROFILE_OK
        && profile_upgrade_plan_put(u, PROFILE_CALL_METADATA, &name,
                                    (u_char *) "null", 4)
           != 0)
    {
        rc = PROFILE_NO_MEMORY;
    }

    return rc;
}


/* U3.9: the containers that are cleared, and are objects of v1 */

static unsigned
profile_upgrade_bag_written(profile_upgrade_t *u)
{
    unsigned             open;
    profile_container_e  c;

    open = 0;

    for (c = PROFILE_APP_METADATA; c <= PROFILE_USER_METADATA; c++) {
        if (u->clear[c] && profile_schema_shape_write(u->schema, c)) {
            open |= 1 << c;
        }
    }

    return open;
}


/* a member of such an object, or an object on the way to it */

static profile_reason_e
profile_upgrade_bag_nested(profile_upgrade_bag_t *bag,
    const profile_event_t *ev, const profile_name_t *name, int *inside)
{
    unsigned               open;
    profile_reason_e       rc;
    profile_upgrade_t     *u;
    profile_container_e    c;
    const profile_path_t  *path;

    u = bag->upgrade;
    open = 0;

    for (c = PROFILE_APP_METADATA; c <= PROFILE_USER_METADATA; c++) {

        if (!(bag->open[bag->level] & (1 << c))) {
            continue;
        }

        path = profile_schema_shape_write(u->schema, c);

        if (path->n > bag->level) {

            if (profile_str_eq(&path->parts[bag->level], name->data,
                               name->len))
            {
                open |= 1 << c;
            }

            continue;
        }

        /* what the schema drops or lifts is not seen in the container */

        if (!profile_schema_shape_keeps(u->schema, c, name)) {
            continue;
        }

        rc = profile_upgrade_bag_take(bag, ev);
        if (rc != PROFILE_OK) {
            return rc;
        }

        if (profile_upgrade_nested_put(u, c, name, (u_char *) "null", 4) != 0)
        {
            return PROFILE_NO_MEMORY;
        }
    }

    if (open && inside && ev->type == PROFILE_OBJECT) {
        bag->open[++bag->level] = open;
        *inside = 1;
    }

    return PROFILE_OK;
}


static profile_reason_e
profile_upgrade_bag_take(profile_upgrade_bag_t *bag, const profile_event_t *ev)
{
    size_t  len;

    len = ev->name_end - ev->name_start + PROFILE_UPGRADE_BAG_NULL;

    if (len > bag->room) {
        return PROFILE_USER_TOO_LARGE;
    }

    bag->room -= len;

    return PROFILE_OK;
}


static profile_reason_e
profile_upgrade_bag_end(void *ctx, const profile_event_t *ev)
{
    profile_upgrade_bag_t  *bag = ctx;

    if (bag->level) {
        bag->level--;
        profile_reader_hold(bag->reader, ev->end);
    }

    return PROFILE_OK;
}


/*
 * M3: where this member of the bag is shown is what is being cleared.  What an
 * object of v1 holds is not at the root, and where the id does not tell the
 * provider a name is not taken for one of the provider's: it is in the bag.
 */

static int
profile_upgrade_bag_clears(profile_upgrade_t *u, const profile_class_t *class,
    const profile_name_t *name, profile_type_e type)
{
    profile_container_e     c;
    const profile_shape_t  *shape;

    if (class->kind == PROFILE_CLASS_METADATA
        || (class->kind == PROFILE_CLASS_PROVIDER
            && profile_schema_shape_provider_from(u->schema, 0)))
    {
        c = (class->kind == PROFILE_CLASS_METADATA)
            ? class->container : profile_schema_default(u->schema);

        return u->clear[c] && profile_schema_shape_write(u->schema, c) == NULL;
    }

    if (class->kind != PROFILE_CLASS_CONTAINER) {
        return 0;
    }

    if (type != PROFILE_OBJECT) {
        return u->clear[PROFILE_APP_METADATA];
    }

    c = class->container;

    if (c == PROFILE_METADATA) {
        shape = profile_schema_shape_merge(u->schema, name);
        c = shape ? shape->container : PROFILE_APP_METADATA;

        /* U3.9: what is in this one is cleared inside of it */

        if (shape && shape->write) {
            return 0;
        }
    }

    return u->clear[c];
}
