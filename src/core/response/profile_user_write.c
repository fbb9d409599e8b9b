
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/response/profile_user_state.h"
#include "core/response/profile_user_write.h"


static void profile_user_write_root(profile_user_t *u);
static void profile_user_write_container(profile_user_t *u,
    profile_container_e container);
static int profile_user_items(profile_user_t *u,
    profile_container_e container);
static int profile_user_items_in(profile_user_t *u,
    profile_container_e container, profile_rank_e rank);
static int profile_user_item(profile_user_t *u, const profile_user_member_t *m,
    profile_rank_e rank);
static void profile_user_put_member(profile_user_t *u,
    const profile_user_member_t *key, const profile_user_member_t *m);
static void profile_user_put_identities(profile_user_t *u,
    const profile_span_t *value);
static void profile_user_put_key(profile_user_t *u,
    const profile_user_member_t *m);
static void profile_user_put_name(profile_user_t *u,
    const profile_name_t *name);
static void profile_user_put_span(profile_user_t *u,
    const profile_span_t *span);
static void profile_user_put_char(profile_user_t *u, const char *c);
static void profile_user_put(profile_user_t *u, const u_char *data,
    size_t len);
static void profile_user_flush(profile_user_t *u);
static int profile_user_shows(profile_user_t *u, const profile_name_t *name);


static const profile_str_t  profile_user_heads[] = {
    profile_string("\"app_metadata\":{"),
    profile_string("\"user_metadata\":{")
};


profile_reason_e
profile_user_write(profile_user_t *u, const profile_sink_t *sink)
{
    u->run = u->text;
    u->run_end = u->text;
    u->in_text = 1;
    u->sink = sink;
    u->sep = "";

    profile_user_write_root(u);
    profile_user_write_container(u, PROFILE_APP_METADATA);
    profile_user_write_container(u, PROFILE_USER_METADATA);
    profile_user_put_char(u, "}");
    profile_user_flush(u);

    return u->reason;
}


static void
profile_user_write_root(profile_user_t *u)
{
    uint32_t                i, n;
    profile_user_member_t  *m;

    m = profile_user_members(u);
    n = profile_user_nmembers(u);

    profile_user_put_char(u, "{");

    for (i = 0; i < n; i++) {

        if (!profile_user_is_root(&m[i])
            || !profile_user_shows(u, &m[i].name))
        {
            continue;
        }

        profile_user_put_member(u, &m[i], &m[i]);
    }
}


/* U5.3 */

static int
profile_user_shows(profile_user_t *u, const profile_name_t *name)
{
    int  named;

    if (u->view.nfields == 0) {
        return 1;
    }

    named = (profile_names_find(&u->fields, name) != NULL);

    return named != u->view.exclude;
}


static void
profile_user_write_container(profile_user_t *u, profile_container_e container)
{
    uint32_t              i, n;
    profile_item_t       *item;
    profile_name_t        name;
    const profile_str_t  *s;

    s = profile_schema_container_name(container);

    profile_schema_name(u->schema, &name, s->data, s->len);

    if (u->reason != PROFILE_OK || !profile_user_shows(u, &name)) {
        return;
    }

    if (profile_user_items(u, container) != 0) {
        u->reason = PROFILE_NO_MEMORY;
        return;
    }

    profile_user_put_char(u, u->sep);
    u->sep = "";

    profile_user_put(u, profile_user_heads[container].data,
                     profile_user_heads[container].len);

    item = (profile_item_t *) u->items.data;
    n = u->items.len / sizeof(profile_item_t);

    for (i = 0; i < n; i++) {

        if (item[i].member->type == PROFILE_NULL
            && profile_schema_omit_null(u->schema))
        {
            continue;
        }

        profile_user_put_member(u, item[i].key, item[i].member);
    }

    profile_user_put_char(u, "}");
    u->sep = ",";
}


/* M3.1, M3.2 */

static int
profile_user_items(profile_user_t *u, profile_container_e container)
{
    uint32_t                i;
    profile_user_member_t  *m;

    profile_names_clear(&u->names);
    u->items.len = 0;

    if (profile_user_items_in(u, container, PROFILE_RANK_CONTAINER) != 0) {
        return -1;
    }

    m = profile_user_members(u);

    for (i = u->moved[container]; i != PROFILE_USER_NONE; i = m[i].next) {

        if (m[i].renamed) {
            m[i].name.data = u->renamed.data + m[i].key.start;
        }

        if (profile_user_item(u, &m[i], m[i].prefixed ? PROFILE_RANK_PREFIX
                                                      : PROFILE_RANK_ROOT)
            != 0)
        {
            return -1;
        }
    }

    if (container == PROFILE_APP_METADATA) {
        return profile_user_items_in(u, PROFILE_METADATA,
                                     PROFILE_RANK_METADATA);
    }

    return 0;
}


static int
profile_user_items_in(profile_user_t *u, profile_container_e container,
    profile_rank_e rank)
{
    uint32_t                i, index;
    profile_user_member_t  *m;

    index = u->containers[container];

    if (index == PROFILE_USER_NONE) {
        return 0;
    }

    m = profile_user_members(u);

    for (i = m[index].first; i < m[index].last; i++) {
        profile_user_state_name(u, &m[i]);

        if (profile_user_item(u, &m[i], rank) != 0) {
            return -1;
        }
    }

    return 0;
}


/* M3.3 */

static int
profile_user_item(profile_user_t *u, const profile_user_member_t *m,
    profile_rank_e rank)
{
    int              known;
    uint32_t        *index;
    profile_item_t  *item;

    index = profile_names_add(&u->names, &m->name,
                              u->items.len / sizeof(profile_item_t), &known);
    if (index == NULL) {
        return -1;
    }

    if (known) {
        item = (profile_item_t *) u->items.data + *index;

        if (rank >= item->rank) {
            item->member = m;
            item->rank = rank;
        }

        u->counts->conflicts++;

        return 0;
    }

    if (profile_buf_reserve(&u->alloc, &u->items, sizeof(profile_item_t)) != 0)
    {
        return -1;
    }

    item = (profile_item_t *) (u->items.data + u->items.len);

    item->key = m;
    item->member = m;
    item->rank = rank;

    u->items.len += sizeof(profile_item_t);

    return 0;
}


static void
profile_user_put_member(profile_user_t *u, const profile_user_member_t *key,
    const profile_user_member_t *m)
{
    const u_char  *start;

    start = u->text + key->key.start - 1;

    /* most stay as they are, where they are: the run becomes longer */

    if (u->run_end + 1 == start && *u->run_end == ',' && u->in_text
        && m->value.start == key->key.end + 2
        && *u->sep && !key->renamed && !key->prefixed && !m->identities)
    {
        u->run_end = u->text + m->value.end;
        return;
    }

    profile_user_put_key(u, key);

    if (m->identities) {
        profile_user_put_identities(u, &m->value);

    } else {
        profile_user_put_span(u, &m->value);
    }
}


/* M4.1 */

static void
profile_user_put_identities(profile_user_t *u, const profile_span_t *value)
{
    size_t                i, n;
    profile_span_t        span;
    profile_reason_e      rc;
    const profile_cut_t  *cuts;

    if (u->reason != PROFILE_OK) {
        return;
    }

    rc = profile_identities_cuts(&u->identities, u->text + value->start,
                                 value->end - value->start, &cuts, &n);

    if (rc != PROFILE_OK) {
        u->reason = rc;
        return;
    }

    span.start = value->start;

    for (i = 0; i < n; i++) {
        span.end = value->start + cuts[i].start;
        profile_user_put_span(u, &span);
        span.start = value->start + cuts[i].end;
    }

    span.end = value->end;
    profile_user_put_span(u, &span);
}


static void
profile_user_put_key(profile_user_t *u, const profile_user_member_t *m)
{
    profile_span_t  span;

    profile_user_put_char(u, u->sep);
    u->sep = ",";

    if (m->renamed) {
        profile_user_put_name(u, &m->name);

    } else if (m->prefixed) {
        profile_user_put_char(u, "\"");
        profile_user_put_span(u, &m->key);
        profile_user_put_char(u, "\"");

    } else {
        span.start = m->key.start - 1;
        span.end = m->key.end + 1;

        profile_user_put_span(u, &span);
    }

    profile_user_put_char(u, ":");
}


static void
profile_user_put_name(profile_user_t *u, const profile_name_t *name)
{
    u_char  *p;

    u->quoted.len = 0;

    if (profile_buf_reserve(&u->alloc, &u->quoted, 6 * (size_t) name->len + 2)
        != 0)
    {
        u->reason = PROFILE_NO_MEMORY;
        return;
    }

    p = u->quoted.data;

    *p++ = '"';
    p += profile_text_escape(p, name->data, name->len);
    *p++ = '"';

    profile_user_put(u, u->quoted.data, p - u->quoted.data);
}


/*
 * Neighbors in the text leave in one piece: what stands in the run ends where
 * the next begins, commas and colons of the text included.
 */

static void
profile_user_put_span(profile_user_t *u, const profile_span_t *span)
{
    profile_user_put(u, u->text + span->start, span->end - span->start);
}


static void
profile_user_put_char(profile_user_t *u, const char *c)
{
    if (*c == '\0') {
        return;
    }

    if (u->in_text && u->run_end < u->text_end && *u->run_end == (u_char) *c) {
        u->run_end++;
        return;
    }

    profile_user_put(u, (const u_char *) c, 1);
}


static void
profile_user_put(profile_user_t *u, const u_char *data, size_t len)
{
    if (u->in_text && data == u->run_end) {
        u->run_end += len;
        return;
    }

    profile_user_flush(u);

    u->run = data;
    u->run_end = data + len;
    u->in_text = (data >= u->text && data < u->text_end);
}


static void
profile_user_flush(profile_user_t *u)
{
    if (u->reason == PROFILE_OK && u->run_end != u->run) {
        u->reason = u->sink->write(u->sink->ctx, u->run, u->run_end - u->run);
    }

    u->run = u->run_end;
}
