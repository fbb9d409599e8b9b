
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/json/profile_scan.h"
#include "core/response/profile_user_state.h"
#include "core/response/profile_user_write.h"


static void profile_user_write_root(profile_user_t *u);
static void profile_user_write_container(profile_user_t *u,
    profile_container_e container);
static void profile_user_write_moved(profile_user_t *u,
    profile_container_e container, uint32_t node);
static void profile_user_write_items(profile_user_t *u, uint32_t node);
static int profile_user_items(profile_user_t *u,
    profile_container_e container);
static int profile_user_items_of(profile_user_t *u,
    profile_container_e container, profile_rank_e rank, uint32_t order);
static int profile_user_items_in(profile_user_t *u,
    const profile_source_t *source);
static int profile_user_item(profile_user_t *u, uint32_t member,
    profile_rank_e rank);
static void profile_user_put_shown(profile_user_t *u, uint32_t node,
    const profile_user_member_t *key, const profile_user_member_t *m);
static void profile_user_put_part(profile_user_t *u, uint32_t node,
    const profile_user_member_t *key, const profile_user_member_t *m);
static void profile_user_put_member(profile_user_t *u, uint32_t node,
    const profile_user_member_t *key, const profile_user_member_t *m);
static void profile_user_put_apart(profile_user_t *u, uint32_t node,
    const profile_user_member_t *key, const profile_user_member_t *m);
static void profile_user_put_parts(profile_user_t *u, uint32_t node,
    const profile_user_member_t *m);
static void profile_user_put_key(profile_user_t *u,
    const profile_user_member_t *m);
static void profile_user_put_name(profile_user_t *u,
    const profile_span_t *name);
static void profile_user_put_span(profile_user_t *u,
    const profile_span_t *span);
static void profile_user_put_char(profile_user_t *u, const char *c);
static void profile_user_put(profile_user_t *u, const u_char *data,
    size_t len);
static void profile_user_flush(profile_user_t *u);
static int profile_user_picks(profile_user_t *u,
    const profile_str_t *container, const profile_user_member_t *m);


profile_reason_e
profile_user_write_picked(profile_user_t *u, const profile_pick_t *pick,
    const profile_sink_t *sink)
{
    profile_counts_t   none;
    profile_reason_e   rc;
    profile_counts_t  *counts;

    /* what is written once more has been counted, or will be */

    counts = u->counts;
    u->counts = &none;
    u->pick = pick;

    memset(&none, 0, sizeof(profile_counts_t));

    rc = profile_user_write(u, sink);

    u->counts = counts;
    u->pick = NULL;

    return rc;
}


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
    uint32_t                i, n, node;
    profile_user_member_t  *m;

    m = profile_user_members(u);
    n = profile_user_nmembers(u);
    node = u->pick ? PROFILE_FIELDS_ALL : profile_fields_root(&u->fields);

    profile_user_put_char(u, "{");

    for (i = 0; i < n; i++) {

        if (profile_user_is_root(&m[i])
            && (u->pick == NULL || profile_user_picks(u, NULL, &m[i])))
        {
            profile_user_put_shown(u, node, &m[i], &m[i]);
        }
    }
}


static int
profile_user_picks(profile_user_t *u, const profile_str_t *container,
    const profile_user_member_t *m)
{
    profile_str_t  key;

    if (profile_user_state_key(u, m, &key) != 0) {
        u->reason = PROFILE_NO_MEMORY;
        return 0;
    }

    return u->pick->named(u->pick->ctx, container, &key);
}


static void
profile_user_write_container(profile_user_t *u, profile_container_e container)
{
    int                   alone;
    uint32_t              node;
    const profile_str_t  *s, *head;

    s = profile_schema_shape_shown(u->schema, container);
    u->container = s;
    node = u->pick ? PROFILE_FIELDS_ALL : profile_fields_root(&u->fields);

    if (u->reason != PROFILE_OK
        || (u->pick && !u->pick->named(u->pick->ctx, NULL, s))
        || (node != PROFILE_FIELDS_ALL
            && profile_fields_member(&u->fields, &node, s->data, s->len)
               == PROFILE_FIELDS_NONE))
    {
        return;
    }

    /* names of the root are all different, as long as none is another one */

    alone = (u->sources.len == 0 && !u->aliased && u->pick == NULL);

    if (!alone && profile_user_items(u, container) != 0) {
        u->reason = PROFILE_NO_MEMORY;
        return;
    }

    profile_user_put_char(u, u->sep);
    u->sep = "";

    head = profile_schema_shape_shown_head(u->schema, container);

    profile_user_put(u, head->data, head->len);

    if (alone) {
        profile_user_write_moved(u, container, node);

    } else {
        profile_user_write_items(u, node);
    }

    profile_user_put_char(u, "}");
    u->sep = ",";
}


static void
profile_user_write_moved(profile_user_t *u, profile_container_e container,
    uint32_t node)
{
    profile_fate_e          fate;
    profile_user_member_t  *m, *last;

    m = profile_user_members(u);
    last = m + profile_user_nmembers(u);
    fate = PROFILE_FATE_MOVE_APP + container;

    for ( /* void */ ; m < last; m++) {

        if (m->fate == fate
            && (m->type != PROFILE_NULL
                || !profile_schema_omit_null(u->schema)))
        {
            profile_user_put_shown(u, node, m, m);
        }
    }
}


static void
profile_user_write_items(profile_user_t *u, uint32_t node)
{
    uint32_t                i, n;
    profile_item_t         *item;
    profile_user_member_t  *m;

    m = profile_user_members(u);
    item = (profile_item_t *) u->items.data;
    n = u->items.len / sizeof(profile_item_t);

    for (i = 0; i < n; i++) {

        if (m[item[i].member].type == PROFILE_NULL
            && profile_schema_omit_null(u->schema))
        {
            continue;
        }

        profile_user_put_shown(u, node, &m[item[i].key], &m[item[i].member]);
    }
}


/* M3.1, M3.2 */

static int
profile_user_items(profile_user_t *u, profile_container_e container)
{
    uint32_t                i, n;
    profile_user_member_t  *m;

    profile_names_clear(&u->names);
    u->items.len = 0;
    u->unescaped.len = 0;

    if (profile_user_items_of(u, container, PROFILE_RANK_CONTAINER, 0) != 0) {
        return -1;
    }

    m = profile_user_members(u);
    n = profile_user_nmembers(u);

    for (i = 0; i < n; i++) {

        if (m[i].fate == PROFILE_FATE_MOVE_APP + container
            && profile_user_item(u, i, m[i].prefixed ? PROFILE_RANK_PREFIX
                                                     : PROFILE_RANK_ROOT)
               != 0)
        {
            return -1;
        }
    }

    n = profile_schema_shape_nmerges(u->schema);

    for (i = 0; i < n; i++) {

        if (profile_user_items_of(u, container, PROFILE_RANK_MERGED, i) != 0) {
            return -1;
        }
    }

    return 0;
}


static int
profile_user_items_of(profile_user_t *u, profile_container_e container,
    profile_rank_e rank, uint32_t order)
{
    size_t             i, n;
    profile_source_t  *source;

    source = (profile_source_t *) u->sources.data;
    n = u->sources.len / sizeof(profile_source_t);

    for (i = 0; i < n; i++) {

        if (source[i].container == container && source[i].rank == rank
            && source[i].order == order
            && profile_user_items_in(u, &source[i]) != 0)
        {
            return -1;
        }
    }

    return 0;
}


static int
profile_user_items_in(profile_user_t *u, const profile_source_t *source)
{
    uint32_t                i;
    profile_str_t           key;
    profile_name_t          name;
    profile_user_member_t  *m;

    m = profile_user_members(u) + source->first;

    for (i = 0; i < source->n; i++) {

        if (m[i].fate == PROFILE_FATE_GONE) {
            continue;
        }

        if (source->clean) {

            if (profile_user_state_key(u, &m[i], &key) != 0) {
                return -1;
            }

            name.data = key.data;
            name.len = key.len;

            if (profile_schema_identity_drop(u->schema, &name)) {
                continue;
            }

            m[i].identities = 1;
        }

        if (profile_user_item(u, source->first + i,
                              source->written ? PROFILE_RANK_WRITTEN
                                              : source->rank)
            != 0)
        {
            return -1;
        }
    }

    return 0;
}


/* M3.3 */

static int
profile_user_item(profile_user_t *u, uint32_t member, profile_rank_e rank)
{
    int              known;
    uint32_t        *index;
    profile_name_t   name;
    profile_item_t  *item;

    if (u->pick
        && !profile_user_picks(u, u->container,
                               &profile_user_members(u)[member]))
    {
        return u->reason == PROFILE_OK ? 0 : -1;
    }

    if (profile_user_state_name(u, &profile_user_members(u)[member],
                                &u->unescaped, &name)
        != 0)
    {
        return -1;
    }

    index = profile_names_add(&u->names, &name,
                              u->items.len / sizeof(profile_item_t), &known);
    if (index == NULL) {
        return -1;
    }

    if (known) {
        item = (profile_item_t *) u->items.data + *index;

        if (rank >= item->rank) {
            item->member = member;
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

    item->key = member;
    item->member = member;
    item->rank = rank;

    u->items.len += sizeof(profile_item_t);

    return 0;
}


/* U5.3, U5.7: what is shown of a member of an object at the node */

static inline void
profile_user_put_shown(profile_user_t *u, uint32_t node,
    const profile_user_member_t *key, const profile_user_member_t *m)
{
    if (node == PROFILE_FIELDS_ALL) {
        profile_user_put_member(u, node, key, m);

    } else {
        profile_user_put_part(u, node, key, m);
    }
}


static void
profile_user_put_part(profile_user_t *u, uint32_t node,
    const profile_user_member_t *key, const profile_user_member_t *m)
{
    profile_name_t    name;
    profile_fields_e  shown;

    u->scratch.len = 0;

    if (profile_user_state_name(u, key, &u->scratch, &name) != 0) {
        u->reason = PROFILE_NO_MEMORY;
        return;
    }

    shown = profile_fields_member(&u->fields, &node, name.data, name.len);

    if (shown == PROFILE_FIELDS_PART && m->type != PROFILE_OBJECT
        && m->type != PROFILE_ARRAY)
    {
        node = PROFILE_FIELDS_ALL;
        shown = profile_fields_scalar(&u->fields);
    }

    if (shown != PROFILE_FIELDS_NONE) {
        profile_user_put_member(u, node, key, m);
    }
}


/* most stay as they are, where they are: the run becomes longer */

static inline void
profile_user_put_member(profile_user_t *u, uint32_t node,
    const profile_user_member_t *key, const profile_user_member_t *m)
{
    if (u->in_text && u->run_end + 2 == u->text + key->key.start
        && m->value.start == key->key.end + 2
        && !key->renamed && !key->prefixed && !m->identities && !m->made
        && *u->run_end == ',' && *u->sep && node == PROFILE_FIELDS_ALL)
    {
        u->run_end = u->text + m->value.end;
        return;
    }

    profile_user_put_apart(u, node, key, m);
}


static void
profile_user_put_apart(profile_user_t *u, uint32_t node,
    const profile_user_member_t *key, const profile_user_member_t *m)
{
    profile_user_put_key(u, key);

    if (m->identities || node != PROFILE_FIELDS_ALL) {
        profile_user_put_parts(u, node, m);

    } else {
        profile_user_put(u, profile_user_value(u, m),
                         m->value.end - m->value.start);
    }
}


/* M4.1, U5.7 */

static void
profile_user_put_parts(profile_user_t *u, uint32_t node,
    const profile_user_member_t *m)
{
    size_t                 i, n;
    const u_char          *value, *last, *p;
    profile_reason_e       rc;
    const profile_cut_t   *cuts;

    if (u->reason != PROFILE_OK) {
        return;
    }

    value = profile_user_value(u, m);
    last = value + (m->value.end - m->value.start);

    rc = profile_cut_make(&u->cutter, value, last - value, node, m->identities,
                          &cuts, &n);

    if (rc != PROFILE_OK) {
        u->reason = rc;
        return;
    }

    p = value;

    for (i = 0; i < n; i++) {
        profile_user_put(u, p, value + cuts[i].start - p);
        p = value + cuts[i].end;
    }

    profile_user_put(u, p, last - p);
}


static void
profile_user_put_key(profile_user_t *u, const profile_user_member_t *m)
{
    profile_span_t  span;

    profile_user_put_char(u, u->sep);
    u->sep = ",";

    if (m->renamed) {
        profile_user_put_name(u, &m->key);

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
profile_user_put_name(profile_user_t *u, const profile_span_t *name)
{
    size_t         len;
    u_char        *p;
    const u_char  *text;

    text = u->renamed.data + name->start;
    len = name->end - name->start;
    u->quoted.len = 0;

    if (profile_buf_reserve(&u->alloc, &u->quoted, 6 * len + 2) != 0) {
        u->reason = PROFILE_NO_MEMORY;
        return;
    }

    p = u->quoted.data;

    *p++ = '"';

    /* names of schemas seldom have anything to escape */

    if (profile_scan_plain(text, text + len) == text + len) {
        memcpy(p, text, len);
        p += len;

    } else {
        p += profile_text_escape(p, text, len);
    }

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
