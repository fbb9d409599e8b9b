
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader.h"
#include "core/response/profile_exact.h"
#include "core/schema/profile_kept.h"


struct profile_exact_s {
    profile_alloc_t       alloc;
    const profile_schema_t  *schema;
    profile_reader_t     *reader;        /* NULL: the bag is whole */
    profile_buf_t         unescaped;     /* a name */
    profile_kept_t        kept;
    size_t                room;          /* bytes that may yet come */
    unsigned              list:1;        /* holds nothing, or is none */
};


static profile_reason_e profile_exact_begin(void *ctx,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_exact_value(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_exact_end(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_exact_member(profile_exact_t *exact,
    const profile_event_t *ev);


static const profile_reader_handler_t  profile_exact_handler = {
    profile_exact_begin,
    profile_exact_value,
    profile_exact_end
};


profile_exact_t *
profile_exact_create(const profile_alloc_t *a, const profile_schema_t *schema,
    size_t max_size)
{
    profile_exact_t        *exact;
    profile_reader_conf_t   conf;

    exact = a->alloc(a->ctx, sizeof(profile_exact_t));
    if (exact == NULL) {
        return NULL;
    }

    memset(exact, 0, sizeof(profile_exact_t));

    exact->alloc = *a;
    exact->schema = schema;
    exact->room = max_size;

    profile_kept_init(&exact->kept, a, schema);

    conf.engine = PROFILE_READER_YAJL;
    conf.max_size = max_size;
    conf.max_depth = PROFILE_READER_LOST_DEPTH;
    conf.skip_bom = 1;

    exact->reader = profile_reader_create(a, &conf, &profile_exact_handler,
                                          exact);
    if (exact->reader == NULL) {
        profile_exact_destroy(exact);
        return NULL;
    }

    return exact;
}


void
profile_exact_destroy(profile_exact_t *exact)
{
    if (exact == NULL) {
        return;
    }

    profile_reader_destroy(exact->reader);
    profile_kept_destroy(&exact->kept);
    profile_buf_free(&exact->alloc, &exact->unescaped);

    exact->alloc.free(exact->alloc.ctx, exact);
}


/*
 * What is in the bag stands at the root of the user as well, who may be no
 * larger than that.
 */

profile_reason_e
profile_exact_feed(void *ctx, const u_char *data, size_t len)
{
    profile_exact_t  *exact = ctx;

    size_t            n;
    profile_reason_e  rc;

    n = (len < exact->room) ? len : exact->room;
    exact->room -= n;

    rc = profile_reader_feed(exact->reader, data, n);

    return (rc == PROFILE_OK && n < len) ? PROFILE_USER_TOO_LARGE : rc;
}


profile_reason_e
profile_exact_finish(profile_exact_t *exact)
{
    profile_reason_e  rc;

    rc = profile_reader_finish(exact->reader);

    if (rc == PROFILE_OK && profile_kept_finish(&exact->kept) != 0) {
        rc = PROFILE_NO_MEMORY;
    }

    profile_reader_destroy(exact->reader);
    exact->reader = NULL;

    profile_buf_free(&exact->alloc, &exact->unescaped);

    return rc;
}


int
profile_exact_has(profile_exact_t *exact, const profile_name_t *name)
{
    return profile_kept_has(&exact->kept, name);
}


uint64_t
profile_exact_print(const profile_exact_t *exact)
{
    return profile_kept_print(&exact->kept);
}


/* a name is held until its value begins; what the value holds is not */

static profile_reason_e
profile_exact_begin(void *ctx, const profile_event_t *ev, int *inside)
{
    profile_exact_t  *exact = ctx;

    profile_reason_e  rc;

    if (ev->named) {
        rc = profile_exact_member(exact, ev);
        profile_reader_release(exact->reader);

        return rc;
    }

    if (exact->list) {
        return PROFILE_NOT_OBJECT;
    }

    *inside = 1;

    if (ev->type == PROFILE_OBJECT) {
        profile_reader_hold(exact->reader, ev->end);

    } else {
        exact->list = 1;
    }

    return PROFILE_OK;
}


static profile_reason_e
profile_exact_value(void *ctx, const profile_event_t *ev)
{
    profile_exact_t  *exact = ctx;

    profile_reason_e  rc;

    if (!ev->named) {
        return (ev->type == PROFILE_NULL && !exact->list) ? PROFILE_OK
                                                          : PROFILE_NOT_OBJECT;
    }

    rc = (ev->type > PROFILE_ARRAY) ? profile_exact_member(exact, ev)
                                    : PROFILE_OK;

    profile_reader_hold(exact->reader, ev->end);

    return rc;
}


static profile_reason_e
profile_exact_end(void *ctx, const profile_event_t *ev)
{
    (void) ctx;
    (void) ev;

    return PROFILE_OK;
}


static profile_reason_e
profile_exact_member(profile_exact_t *exact, const profile_event_t *ev)
{
    size_t           len;
    const u_char    *data;
    profile_name_t   name;

    len = ev->name_end - ev->name_start;
    data = profile_reader_text(exact->reader, ev->name_start, ev->name_end);

    if (data == NULL
        || profile_schema_name_read(exact->schema, &exact->alloc,
                                    &exact->unescaped, data, len, ev->escaped,
                                    &name)
           != 0
        || profile_kept_add(&exact->kept, &name) != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    return PROFILE_OK;
}
