
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/json/profile_number.h"
#include "core/request/profile_guard_body.h"
#include "core/schema/profile_schema_shape.h"


/* 1 among the members of the root, those of the wrapper included */

#define profile_guard_body_level(g)  ((g)->depth - (g)->wrapped)

#define profile_guard_body_is_member(g)                                      \
    (profile_guard_body_level(g) == 1                                        \
     || (profile_guard_body_level(g) == 2 && (g)->place != PROFILE_AT_ROOT))


static void profile_guard_body_note(profile_guard_t *g,
    profile_reason_e reason, uint64_t offset);
static profile_reason_e profile_guard_body_begin(void *ctx,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_guard_body_value(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_guard_body_end(void *ctx,
    const profile_event_t *ev);
static int profile_guard_body_fits(profile_guard_t *g,
    const profile_event_t *ev);
static profile_reason_e profile_guard_body_name(profile_guard_t *g,
    const profile_event_t *ev, profile_str_t *name);
static void profile_guard_body_forbidden(profile_guard_t *g,
    const profile_event_t *ev, const profile_str_t *name);
static profile_reason_e profile_guard_body_member(profile_guard_t *g,
    const profile_event_t *ev);
static void profile_guard_body_fill(profile_guard_t *g,
    profile_guard_member_t *m, const profile_event_t *ev);
static profile_reason_e profile_guard_body_unescape(profile_guard_t *g);


static const profile_reader_handler_t  profile_guard_body_handler = {
    profile_guard_body_begin,
    profile_guard_body_value,
    profile_guard_body_end
};


profile_reason_e
profile_guard_body_create(profile_guard_t *g)
{
    profile_reader_conf_t  conf;

    /* the size is that of the whole body and is seen to here */

    conf.engine = PROFILE_READER_YAJL;
    conf.max_size = SIZE_MAX / 2;
    conf.max_depth = g->conf.max_depth;
    conf.skip_bom = 0;

    g->reader = profile_reader_create(&g->alloc, &conf,
                                      &profile_guard_body_handler, g);

    return g->reader ? PROFILE_OK : PROFILE_NO_MEMORY;
}


void
profile_guard_body_destroy(profile_guard_t *g)
{
    profile_reader_destroy(g->reader);
    profile_guard_body_forget(g);
}


void
profile_guard_body_forget(profile_guard_t *g)
{
    profile_buf_free(&g->alloc, &g->body);
    profile_buf_free(&g->alloc, &g->members);
    profile_buf_free(&g->alloc, &g->unescaped);
    profile_buf_free(&g->alloc, &g->scratch);
    profile_buf_free(&g->alloc, &g->id);
}


profile_reason_e
profile_guard_body_feed(profile_guard_t *g, const u_char *data, size_t len)
{
    size_t            n, start;
    profile_reason_e  rc;

    start = g->body.len;
    n = g->conf.max_size - start;

    if (n > len) {
        n = len;
    }

    if (profile_buf_append(&g->alloc, &g->body, data, n) != 0) {
        return profile_guard_body_fail(g, PROFILE_NO_MEMORY, start);
    }

    rc = profile_reader_feed(g->reader, g->body.data + start, n);

    if (rc == PROFILE_OK && n < len) {

        /* what the reader has yet to say of these bytes comes first */

        rc = profile_reader_finish(g->reader);

        if (rc == PROFILE_OK || rc == PROFILE_TRUNCATED) {
            return profile_guard_body_fail(g, PROFILE_BODY_TOO_LARGE,
                                           g->conf.max_size);
        }
    }

    if (rc != PROFILE_OK) {
        return profile_guard_body_fail(g, rc, profile_reader_offset(g->reader));
    }

    return PROFILE_OK;
}


profile_reason_e
profile_guard_body_finish(profile_guard_t *g)
{
    profile_reason_e  rc;

    if (g->body.len == 0) {
        return profile_guard_body_fail(g, PROFILE_EMPTY_BODY, 0);
    }

    rc = profile_reader_finish(g->reader);

    if (rc != PROFILE_OK) {
        return profile_guard_body_fail(g, rc, profile_reader_offset(g->reader));
    }

    if (g->noted != PROFILE_OK) {
        return profile_guard_body_fail(g, g->noted, g->offset);
    }

    if (g->conf.optional && g->members.len == 0) {
        return profile_guard_body_fail(g, PROFILE_NO_BODY, 0);
    }

    if (profile_guard_body_unescape(g) != PROFILE_OK) {
        return profile_guard_body_fail(g, PROFILE_NO_MEMORY, g->body.len);
    }

    return PROFILE_OK;
}


profile_reason_e
profile_guard_body_fail(profile_guard_t *g, profile_reason_e reason,
    uint64_t offset)
{
    g->reason = reason;
    g->offset = offset;

    return reason;
}


profile_reason_e
profile_guard_body_string(profile_guard_t *g, const profile_guard_member_t *m,
    profile_buf_t *value, unsigned *flags)
{
    return profile_text_plain(&g->alloc, value, g->body.data + m->start + 1,
                              m->end - m->start - 2, flags)
           == 0 ? PROFILE_OK : PROFILE_NO_MEMORY;
}


profile_guard_place_e
profile_guard_body_inside(const profile_guard_t *g, const u_char *data,
    size_t len)
{
    profile_name_t       name;
    profile_container_e  c;

    profile_schema_name(g->conf.schema, &name, data, len);

    if (!profile_schema_shape_holds(g->conf.schema,
                                    g->conf.mode != PROFILE_GUARD_V1, &name,
                                    &c))
    {
        return PROFILE_AT_ROOT;
    }

    return (c == PROFILE_APP_METADATA) ? PROFILE_AT_APP_METADATA
                                       : PROFILE_AT_USER_METADATA;
}


int
profile_guard_body_is_wrapper(const profile_guard_t *g, const u_char *data,
    size_t len)
{
    return g->conf.wrapper.len && profile_str_eq(&g->conf.wrapper, data, len);
}


static void
profile_guard_body_note(profile_guard_t *g, profile_reason_e reason,
    uint64_t offset)
{
    if (g->noted == PROFILE_OK) {
        g->noted = reason;
        g->offset = offset;
    }
}


/* everything is entered: each name is looked at, however deep (H5.3) */

static profile_reason_e
profile_guard_body_begin(void *ctx, const profile_event_t *ev, int *inside)
{
    profile_guard_t  *g = ctx;

    profile_str_t     name;
    profile_reason_e  rc;

    rc = profile_guard_body_value(g, ev);

    if (rc != PROFILE_OK || g->noted == PROFILE_NOT_OBJECT) {
        return rc;
    }

    *inside = 1;

    g->depth++;

    if (profile_guard_body_level(g) != 2 || ev->type != PROFILE_OBJECT) {
        return PROFILE_OK;
    }

    rc = profile_guard_body_name(g, ev, &name);

    if (rc != PROFILE_OK) {
        return rc;
    }

    if (!g->wrapped && profile_guard_body_is_wrapper(g, name.data, name.len)) {
        g->wrapped = 1;

    } else {
        g->place = profile_guard_body_inside(g, name.data, name.len);
    }

    return PROFILE_OK;
}


static profile_reason_e
profile_guard_body_value(void *ctx, const profile_event_t *ev)
{
    profile_guard_t  *g = ctx;

    int               forbids;
    profile_str_t     name;
    profile_reason_e  rc;

    if (g->depth == 0) {
        if (ev->type != PROFILE_OBJECT
            && !(ev->type == PROFILE_NULL && g->conf.optional))
        {
            profile_guard_body_note(g, PROFILE_NOT_OBJECT, ev->start);
        }

        return PROFILE_OK;
    }

    forbids = profile_schema_has_forbidden(g->conf.schema);

    if (ev->named && (ev->escaped || forbids)) {
        rc = profile_guard_body_name(g, ev, &name);
        if (rc != PROFILE_OK) {
            return rc;
        }

        if (forbids) {
            profile_guard_body_forbidden(g, ev, &name);
        }
    }

    if (ev->type == PROFILE_NUMBER && !profile_guard_body_fits(g, ev)) {
        profile_guard_body_note(g, PROFILE_NUMBER_TOO_LARGE, ev->start);
    }

    if (profile_guard_body_is_member(g)) {
        return profile_guard_body_member(g, ev);
    }

    return PROFILE_OK;
}


static profile_reason_e
profile_guard_body_end(void *ctx, const profile_event_t *ev)
{
    profile_guard_t  *g = ctx;

    uint32_t                 n;
    profile_guard_member_t  *m;

    g->depth--;

    if (g->depth == 1) {
        g->wrapped = 0;
    }

    if (profile_guard_body_is_member(g)) {
        n = g->open[g->depth - 1];

        m = (profile_guard_member_t *) g->members.data + n;
        m->end = ev->end;
    }

    if (profile_guard_body_level(g) == 1) {
        g->place = PROFILE_AT_ROOT;
    }

    return PROFILE_OK;
}


/* H5.3: what is the next larger one in 17 digits is an infinity to most */

static int
profile_guard_body_fits(profile_guard_t *g, const profile_event_t *ev)
{
    profile_str_t  number;

    static const profile_str_t  infinity
        = profile_string("1.7976931348623158e308");

    number.data = g->body.data + ev->start;
    number.len = ev->end - ev->start;

    if (*number.data == '-') {
        number.data++;
        number.len--;
    }

    return profile_number_compare(&number, &infinity) < 0;
}


/* the name, unescaped, valid until the next call */

static profile_reason_e
profile_guard_body_name(profile_guard_t *g, const profile_event_t *ev,
    profile_str_t *name)
{
    unsigned       flags;
    const u_char  *text;

    text = g->body.data + ev->name_start;

    name->data = text;
    name->len = ev->name_end - ev->name_start;

    if (!ev->escaped) {
        return PROFILE_OK;
    }

    if (profile_text_plain(&g->alloc, &g->scratch, text, name->len, &flags)
        != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    name->data = g->scratch.data;
    name->len = g->scratch.len;

    if (flags) {
        profile_guard_body_note(g, PROFILE_NAME, ev->name_start - 1);
    }

    return PROFILE_OK;
}


/* H5.12: the schema's name stays where it is, that of the body may not */

static void
profile_guard_body_forbidden(profile_guard_t *g, const profile_event_t *ev,
    const profile_str_t *name)
{
    profile_name_t           asked;
    const profile_name_t    *forbidden;
    profile_guard_member_t  *m;

    profile_schema_name(g->conf.schema, &asked, name->data, name->len);

    forbidden = profile_schema_forbidden(g->conf.schema, &asked);
    if (forbidden == NULL) {
        return;
    }

    if (g->nforbidden < PROFILE_REFUSED_MAX) {
        m = &g->forbidden[g->nforbidden];

        profile_guard_body_fill(g, m, ev);
        m->name = *forbidden;
    }

    g->nforbidden++;
}


static profile_reason_e
profile_guard_body_member(profile_guard_t *g, const profile_event_t *ev)
{
    profile_guard_member_t  *m;

    if (profile_buf_reserve(&g->alloc, &g->members,
                            sizeof(profile_guard_member_t))
        != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    g->open[g->depth - 1] = profile_guard_nmembers(g);

    m = (profile_guard_member_t *) (g->members.data + g->members.len);
    g->members.len += sizeof(profile_guard_member_t);

    profile_guard_body_fill(g, m, ev);
    m->name.len = ev->name_end - ev->name_start;

    if (ev->escaped) {
        g->escaped_len += m->name.len;
    }

    return PROFILE_OK;
}


/* all but the name; what stands deeper than a container is in no place */

static void
profile_guard_body_fill(profile_guard_t *g, profile_guard_member_t *m,
    const profile_event_t *ev)
{
    m->offset = ev->name_start - 1;
    m->start = ev->start;
    m->end = ev->end;
    m->type = ev->type;
    m->place = profile_guard_body_level(g) == 2 ? g->place : PROFILE_AT_ROOT;
    m->escaped = ev->escaped;
    m->fixed = 0;
}


/* the body stays where it is from now on: names may point into it */

static profile_reason_e
profile_guard_body_unescape(profile_guard_t *g)
{
    u_char                  *p;
    size_t                   len;
    uint32_t                 i, n;
    unsigned                 flags;
    const u_char            *data;
    profile_guard_member_t  *m;

    if (profile_buf_reserve(&g->alloc, &g->unescaped, g->escaped_len) != 0) {
        return PROFILE_NO_MEMORY;
    }

    m = (profile_guard_member_t *) g->members.data;
    n = profile_guard_nmembers(g);

    for (i = 0; i < n; i++) {
        data = g->body.data + m[i].offset + 1;
        len = m[i].name.len;

        if (m[i].escaped) {
            p = g->unescaped.data + g->unescaped.len;
            len = profile_text_unescape(p, data, len, &flags);
            g->unescaped.len += len;
            data = p;
        }

        profile_schema_name(g->conf.schema, &m[i].name, data, len);
    }

    return PROFILE_OK;
}
