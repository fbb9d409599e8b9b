
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "profile_text.h"
#include "profile_user.h"


#define PROFILE_USER_NONE  UINT32_MAX


/* what becomes of a root member */

typedef enum {
    PROFILE_FATE_KEEP = 0,
    PROFILE_FATE_RENAME,
    PROFILE_FATE_MOVE,
    PROFILE_FATE_CONTAINER,
    PROFILE_FATE_GONE
} profile_fate_e;


/* M3.3: of two values for one name in a container the higher wins */

typedef enum {
    PROFILE_RANK_METADATA = 0,
    PROFILE_RANK_CONTAINER,
    PROFILE_RANK_ROOT,
    PROFILE_RANK_PREFIX
} profile_rank_e;


/* offsets count from the start of the user */

typedef struct {
    uint32_t              start;
    uint32_t              end;
} profile_span_t;


typedef struct {
    profile_span_t        key;           /* without the quotes */
    profile_span_t        value;
    profile_name_t        name;          /* unescaped, while writing */
    uint32_t              first;         /* members inside */
    uint32_t              last;
    uint32_t              next;          /* moved into the same container */
    profile_type_e        type:8;
    profile_place_e       place:8;
    profile_fate_e        fate:8;
    unsigned              escaped:1;
    unsigned              renamed:1;
    unsigned              prefixed:1;
} profile_member_t;


typedef struct {
    profile_span_t        object;
    uint32_t              first;         /* its members */
    uint32_t              last;
} profile_identity_t;


typedef struct {
    const profile_member_t  *key;        /* the first one */
    const profile_member_t  *member;     /* the one that wins */
    profile_rank_e        rank;
} profile_item_t;


struct profile_user_s {
    profile_alloc_t       alloc;
    const profile_schema_t  *schema;
    profile_matcher_t    *matcher;
    profile_notice_t      notice;
    uint64_t              start;

    profile_buf_t         members;       /* profile_member_t */
    profile_buf_t         identities;    /* profile_identity_t */
    profile_buf_t         items;         /* profile_item_t */
    profile_buf_t         unescaped;     /* bytes of names with escapes */
    profile_buf_t         renamed;       /* bytes of names by "as=" */
    profile_buf_t         quoted;        /* a new name as it is written */
    profile_names_t       names;

    size_t                escaped_len;
    uint32_t              open;          /* member that has begun */

    uint32_t              containers[3]; /* by profile_container_e */
    uint32_t              moved[2];      /* first and last of each chain */
    uint32_t              moved_last[2];

    /* while writing */

    const u_char         *text;
    const u_char         *text_end;
    const u_char         *run;           /* bytes not yet given to the sink */
    const u_char         *run_end;
    const profile_sink_t *sink;
    profile_counts_t     *counts;
    profile_reason_e      reason;
    unsigned              in_text:1;     /* the run is of text */
};


static profile_reason_e profile_user_unique(profile_user_t *u);
static void profile_user_name(profile_user_t *u, profile_member_t *m);
static const profile_provider_t *profile_user_provider(profile_user_t *u);
static void profile_user_unknown(profile_user_t *u, const u_char *id,
    size_t len);
static profile_reason_e profile_user_classes(profile_user_t *u,
    const profile_provider_t *provider);
static profile_reason_e profile_user_class(profile_user_t *u,
    profile_member_t *m, const profile_class_t *class);
static void profile_user_move(profile_user_t *u, profile_member_t *m,
    profile_container_e container);
static profile_reason_e profile_user_rename(profile_user_t *u,
    profile_member_t *m);
static void profile_user_write_root(profile_user_t *u);
static void profile_user_write_container(profile_user_t *u,
    profile_container_e container);
static int profile_user_items(profile_user_t *u,
    profile_container_e container);
static int profile_user_items_in(profile_user_t *u,
    profile_container_e container, profile_rank_e rank);
static int profile_user_item(profile_user_t *u, const profile_member_t *m,
    profile_rank_e rank);
static void profile_user_write_identities(profile_user_t *u,
    const profile_member_t *m);
static int profile_user_identity_drops(profile_user_t *u,
    const profile_identity_t *identity);
static void profile_user_put_key(profile_user_t *u,
    const profile_member_t *m);
static void profile_user_put_name(profile_user_t *u,
    const profile_name_t *name);
static void profile_user_put_span(profile_user_t *u,
    const profile_span_t *span);
static void profile_user_put_char(profile_user_t *u, const char *c);
static void profile_user_put(profile_user_t *u, const u_char *data,
    size_t len);
static void profile_user_flush(profile_user_t *u);


#define profile_user_members(u)      ((profile_member_t *) (u)->members.data)
#define profile_user_nmembers(u)                                             \
    ((uint32_t) ((u)->members.len / sizeof(profile_member_t)))

#define profile_user_nidentities(u)                                          \
    ((uint32_t) ((u)->identities.len / sizeof(profile_identity_t)))


static const profile_str_t  profile_user_heads[] = {
    profile_string("\"app_metadata\":{"),
    profile_string("\"user_metadata\":{")
};


profile_user_t *
profile_user_create(const profile_alloc_t *a, const profile_schema_t *schema,
    const profile_notice_t *notice)
{
    profile_user_t  *u;

    u = a->alloc(a->ctx, sizeof(profile_user_t));
    if (u == NULL) {
        return NULL;
    }

    memset(u, 0, sizeof(profile_user_t));

    u->alloc = *a;
    u->schema = schema;
    u->notice = *notice;

    profile_names_init(&u->names, a);

    u->matcher = profile_matcher_create(schema, a);
    if (u->matcher == NULL) {
        profile_user_destroy(u);
        return NULL;
    }

    return u;
}


void
profile_user_destroy(profile_user_t *u)
{
    if (u == NULL) {
        return;
    }

    profile_matcher_destroy(u->matcher);
    profile_names_destroy(&u->names);

    profile_buf_free(&u->alloc, &u->members);
    profile_buf_free(&u->alloc, &u->identities);
    profile_buf_free(&u->alloc, &u->items);
    profile_buf_free(&u->alloc, &u->unescaped);
    profile_buf_free(&u->alloc, &u->renamed);
    profile_buf_free(&u->alloc, &u->quoted);

    u->alloc.free(u->alloc.ctx, u);
}


void
profile_user_reset(profile_user_t *u, uint64_t start)
{
    u->start = start;
    u->members.len = 0;
    u->identities.len = 0;
    u->escaped_len = 0;
}


profile_reason_e
profile_user_member(profile_user_t *u, profile_place_e place,
    const profile_event_t *ev)
{
    profile_member_t  *m;

    if (profile_buf_reserve(&u->alloc, &u->members, sizeof(profile_member_t))
        != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    m = (profile_member_t *) (u->members.data + u->members.len);

    m->key.start = ev->name_start - u->start;
    m->key.end = ev->name_end - u->start;
    m->value.start = ev->start - u->start;
    m->value.end = ev->end - u->start;
    m->type = ev->type;
    m->place = place;
    m->escaped = ev->escaped;
    m->renamed = 0;
    m->first = 0;
    m->last = 0;

    if (ev->escaped) {
        u->escaped_len += m->key.end - m->key.start;
    }

    if (place == PROFILE_IN_ROOT) {
        u->open = profile_user_nmembers(u);
    }

    u->members.len += sizeof(profile_member_t);

    if (place == PROFILE_IN_ROOT) {
        m->first = profile_user_nmembers(u);
        m->last = m->first;
    }

    return PROFILE_OK;
}


void
profile_user_member_end(profile_user_t *u, const profile_event_t *ev)
{
    profile_member_t  *m;

    m = &profile_user_members(u)[u->open];

    m->value.end = ev->end - u->start;
    m->last = profile_user_nmembers(u);
}


profile_reason_e
profile_user_identity(profile_user_t *u, const profile_event_t *ev)
{
    profile_identity_t  identity;

    identity.object.start = ev->start - u->start;
    identity.object.end = ev->end - u->start;
    identity.first = profile_user_nmembers(u);
    identity.last = identity.first;

    if (profile_buf_append(&u->alloc, &u->identities, &identity,
                           sizeof(profile_identity_t))
        != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    return PROFILE_OK;
}


void
profile_user_identity_end(profile_user_t *u, const profile_event_t *ev)
{
    profile_identity_t  *identity;

    identity = (profile_identity_t *) (u->identities.data + u->identities.len)
               - 1;

    identity->object.end = ev->end - u->start;
    identity->last = profile_user_nmembers(u);
}


profile_reason_e
profile_user_write(profile_user_t *u, const u_char *text, size_t len,
    const profile_sink_t *sink, profile_counts_t *counts)
{
    profile_reason_e           rc;
    const profile_provider_t  *provider;

    u->text = text;
    u->text_end = text + len;
    u->run = text;
    u->run_end = text;
    u->in_text = 1;
    u->sink = sink;
    u->counts = counts;
    u->reason = PROFILE_OK;

    rc = profile_user_unique(u);
    if (rc != PROFILE_OK) {
        return rc;
    }

    provider = profile_user_provider(u);

    rc = profile_user_classes(u, provider);
    if (rc != PROFILE_OK) {
        return rc;
    }

    profile_user_write_root(u);
    profile_user_write_container(u, PROFILE_APP_METADATA);
    profile_user_write_container(u, PROFILE_USER_METADATA);
    profile_user_put_char(u, "}");
    profile_user_flush(u);

    counts->users++;

    if (provider == NULL) {
        counts->unknown++;
    }

    return u->reason;
}


/* M5.4: the last value, at the first one's place */

static profile_reason_e
profile_user_unique(profile_user_t *u)
{
    int                known;
    uint32_t          *index, i, n;
    profile_member_t  *m, *first;

    profile_names_clear(&u->names);

    u->unescaped.len = 0;
    u->renamed.len = 0;

    if (u->escaped_len
        && profile_buf_reserve(&u->alloc, &u->unescaped, u->escaped_len) != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    m = profile_user_members(u);
    n = profile_user_nmembers(u);

    for (i = 0; i < n; i++) {

        if (m[i].place != PROFILE_IN_ROOT) {
            continue;
        }

        profile_user_name(u, &m[i]);

        index = profile_names_add(&u->names, &m[i].name, i, &known);
        if (index == NULL) {
            return PROFILE_NO_MEMORY;
        }

        m[i].fate = PROFILE_FATE_KEEP;

        if (!known) {
            continue;
        }

        first = &m[*index];

        first->value = m[i].value;
        first->type = m[i].type;
        first->first = m[i].first;
        first->last = m[i].last;

        m[i].fate = PROFILE_FATE_GONE;
        u->counts->conflicts++;
    }

    return PROFILE_OK;
}


/* u->unescaped has room for all names that hold escapes, once each */

static void
profile_user_name(profile_user_t *u, profile_member_t *m)
{
    u_char    *p;
    size_t     len;
    unsigned   flags;

    len = m->key.end - m->key.start;

    if (!m->escaped) {
        profile_schema_name(u->schema, &m->name, u->text + m->key.start, len);
        return;
    }

    p = u->unescaped.data + u->unescaped.len;
    len = profile_unescape(p, u->text + m->key.start, len, &flags);
    u->unescaped.len += len;

    profile_schema_name(u->schema, &m->name, p, len);
    m->name.lone = (flags & PROFILE_NAME_LONE) ? 1 : 0;
}


static const profile_provider_t *
profile_user_provider(profile_user_t *u)
{
    size_t             len;
    u_char            *p;
    uint32_t          *index;
    unsigned           flags;
    profile_name_t     name;
    profile_member_t  *m;

    const profile_provider_t  *provider;

    profile_schema_name(u->schema, &name, (u_char *) "user_id", 7);

    index = profile_names_find(&u->names, &name);
    if (index == NULL) {
        return NULL;
    }

    m = &profile_user_members(u)[*index];

    if (m->type != PROFILE_STRING) {
        return NULL;
    }

    len = m->value.end - m->value.start - 2;
    u->quoted.len = 0;

    if (profile_buf_reserve(&u->alloc, &u->quoted, len + 1) != 0) {
        u->reason = PROFILE_NO_MEMORY;
        return NULL;
    }

    p = u->quoted.data;
    len = profile_unescape(p, u->text + m->value.start + 1, len, &flags);

    provider = profile_schema_provider(u->schema, p, len);

    if (provider == NULL && u->notice.unknown) {
        profile_user_unknown(u, p, len);
    }

    return provider;
}


static void
profile_user_unknown(profile_user_t *u, const u_char *id, size_t len)
{
    size_t         n;
    const u_char  *bar;

    bar = memchr(id, '|', len);
    if (bar == NULL) {
        return;
    }

    n = bar - id;

    if (n > PROFILE_PROVIDER_MAX) {
        n = PROFILE_PROVIDER_MAX;
    }

    u->notice.unknown(u->notice.ctx, id, n);
}


static profile_reason_e
profile_user_classes(profile_user_t *u, const profile_provider_t *provider)
{
    uint32_t           i, n;
    profile_class_t    class;
    profile_reason_e   rc;
    profile_member_t  *m;

    m = profile_user_members(u);
    n = profile_user_nmembers(u);

    for (i = PROFILE_APP_METADATA; i <= PROFILE_METADATA; i++) {
        u->containers[i] = PROFILE_USER_NONE;
    }

    u->moved[PROFILE_APP_METADATA] = PROFILE_USER_NONE;
    u->moved[PROFILE_USER_METADATA] = PROFILE_USER_NONE;

    for (i = 0; i < n; i++) {

        if (m[i].place != PROFILE_IN_ROOT || m[i].fate == PROFILE_FATE_GONE) {
            continue;
        }

        rc = profile_schema_class(u->matcher, provider, &m[i].name, &class);

        if (rc == PROFILE_OK) {
            rc = profile_user_class(u, &m[i], &class);
        }

        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    return u->reason;
}


static profile_reason_e
profile_user_class(profile_user_t *u, profile_member_t *m,
    const profile_class_t *class)
{
    profile_container_e  container;

    container = class->container;
    m->prefixed = class->prefixed;

    switch (class->kind) {

    case PROFILE_CLASS_CONTAINER:

        if (m->type == PROFILE_OBJECT || m->type == PROFILE_NULL) {
            m->fate = PROFILE_FATE_CONTAINER;
            u->containers[class->container] = m - profile_user_members(u);
            return PROFILE_OK;
        }

        /* M3.5 */

        container = PROFILE_APP_METADATA;
        break;

    case PROFILE_CLASS_DROP:
        m->fate = PROFILE_FATE_GONE;
        return PROFILE_OK;

    case PROFILE_CLASS_RENAME:

        if (profile_names_find(&u->names, &class->name)) {
            m->fate = PROFILE_FATE_GONE;
            u->counts->conflicts++;
            return PROFILE_OK;
        }

        m->fate = PROFILE_FATE_RENAME;
        m->name = class->name;
        return PROFILE_OK;

    case PROFILE_CLASS_METADATA:
        break;

    default: /* IDENTITY, PROVIDER, ROOT */
        return PROFILE_OK;
    }

    profile_user_move(u, m, container);

    if (class->prefixed) {
        m->key.start += profile_unescape_skip(u->text + m->key.start,
                                              m->key.end - m->key.start,
                                              m->name.len - class->name.len);
        m->name = class->name;

    } else if (class->renamed) {
        m->renamed = 1;
        m->name = class->name;

        return profile_user_rename(u, m);
    }

    return PROFILE_OK;
}


static void
profile_user_move(profile_user_t *u, profile_member_t *m,
    profile_container_e container)
{
    uint32_t           i;
    profile_member_t  *all;

    all = profile_user_members(u);
    i = m - all;

    if (u->moved[container] == PROFILE_USER_NONE) {
        u->moved[container] = i;

    } else {
        all[u->moved_last[container]].next = i;
    }

    u->moved_last[container] = i;

    m->fate = PROFILE_FATE_MOVE;
    m->next = PROFILE_USER_NONE;

    u->counts->moved[container]++;
}


/* a name made by "as=" is the matcher's, until the next match */

static profile_reason_e
profile_user_rename(profile_user_t *u, profile_member_t *m)
{
    m->key.start = u->renamed.len;

    if (profile_buf_reserve(&u->alloc, &u->renamed, m->name.len + 1) != 0) {
        return PROFILE_NO_MEMORY;
    }

    memcpy(u->renamed.data + u->renamed.len, m->name.data, m->name.len);
    u->renamed.len += m->name.len;

    return PROFILE_OK;
}


static void
profile_user_write_root(profile_user_t *u)
{
    uint32_t           i, n;
    profile_member_t  *m;

    m = profile_user_members(u);
    n = profile_user_nmembers(u);

    profile_user_put_char(u, "{");

    for (i = 0; i < n; i++) {

        if (m[i].place != PROFILE_IN_ROOT
            || (m[i].fate != PROFILE_FATE_KEEP
                && m[i].fate != PROFILE_FATE_RENAME))
        {
            continue;
        }

        if (m[i].fate == PROFILE_FATE_RENAME) {
            profile_user_put_name(u, &m[i].name);

        } else {
            profile_user_put_key(u, &m[i]);
        }

        profile_user_put_char(u, ":");

        if (m[i].last != m[i].first) {
            profile_user_write_identities(u, &m[i]);

        } else {
            profile_user_put_span(u, &m[i].value);
        }

        /* a container follows in any case (M3.4) */
        profile_user_put_char(u, ",");
    }
}


static void
profile_user_write_container(profile_user_t *u, profile_container_e container)
{
    uint32_t         i, n;
    const char      *sep;
    profile_item_t  *item;

    if (u->reason != PROFILE_OK) {
        return;
    }

    if (profile_user_items(u, container) != 0) {
        u->reason = PROFILE_NO_MEMORY;
        return;
    }

    profile_user_put(u, profile_user_heads[container].data,
                     profile_user_heads[container].len);

    item = (profile_item_t *) u->items.data;
    n = u->items.len / sizeof(profile_item_t);
    sep = "";

    for (i = 0; i < n; i++) {

        if (item[i].member->type == PROFILE_NULL
            && profile_schema_omit_null(u->schema))
        {
            continue;
        }

        profile_user_put_char(u, sep);
        sep = ",";

        if (item[i].key->renamed) {
            profile_user_put_name(u, &item[i].key->name);

        } else {
            profile_user_put_key(u, item[i].key);
        }

        profile_user_put_char(u, ":");
        profile_user_put_span(u, &item[i].member->value);
    }

    profile_user_put_char(u, "}");

    if (container == PROFILE_APP_METADATA) {
        profile_user_put_char(u, ",");
    }
}


/* M3.1, M3.2 */

static int
profile_user_items(profile_user_t *u, profile_container_e container)
{
    uint32_t           i;
    profile_member_t  *m;

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
    uint32_t           i, index;
    profile_member_t  *m;

    index = u->containers[container];

    if (index == PROFILE_USER_NONE) {
        return 0;
    }

    m = profile_user_members(u);

    for (i = m[index].first; i < m[index].last; i++) {
        profile_user_name(u, &m[i]);

        if (profile_user_item(u, &m[i], rank) != 0) {
            return -1;
        }
    }

    return 0;
}


/* M3.3 */

static int
profile_user_item(profile_user_t *u, const profile_member_t *m,
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


/* M4.1 */

static void
profile_user_write_identities(profile_user_t *u, const profile_member_t *m)
{
    uint32_t             i, j;
    const char          *sep;
    profile_span_t       rest;
    profile_member_t    *all;
    profile_identity_t  *identity;

    all = profile_user_members(u);
    identity = (profile_identity_t *) u->identities.data;
    rest = m->value;

    for (i = 0; i < profile_user_nidentities(u); i++) {

        if (identity[i].object.start < m->value.start
            || identity[i].object.end > m->value.end
            || !profile_user_identity_drops(u, &identity[i]))
        {
            continue;
        }

        rest.end = identity[i].object.start;
        profile_user_put_span(u, &rest);
        rest.start = identity[i].object.end;

        profile_user_put_char(u, "{");
        sep = "";

        for (j = identity[i].first; j < identity[i].last; j++) {

            if (profile_schema_identity_drop(u->schema, &all[j].name)) {
                continue;
            }

            profile_user_put_char(u, sep);
            sep = ",";

            profile_user_put_key(u, &all[j]);
            profile_user_put_char(u, ":");
            profile_user_put_span(u, &all[j].value);
        }

        profile_user_put_char(u, "}");
    }

    rest.end = m->value.end;
    profile_user_put_span(u, &rest);
}


static int
profile_user_identity_drops(profile_user_t *u,
    const profile_identity_t *identity)
{
    int                drops;
    uint32_t           i;
    profile_member_t  *m;

    m = profile_user_members(u);
    drops = 0;

    for (i = identity->first; i < identity->last; i++) {
        profile_user_name(u, &m[i]);
        drops |= profile_schema_identity_drop(u->schema, &m[i].name);
    }

    return drops;
}


static void
profile_user_put_key(profile_user_t *u, const profile_member_t *m)
{
    profile_span_t  span;

    if (m->prefixed) {
        profile_user_put_char(u, "\"");
        profile_user_put_span(u, &m->key);
        profile_user_put_char(u, "\"");
        return;
    }

    span.start = m->key.start - 1;
    span.end = m->key.end + 1;

    profile_user_put_span(u, &span);
}


static void
profile_user_put_name(profile_user_t *u, const profile_name_t *name)
{
    u_char  *p;

    /* the last name of this kind may still wait in the run */
    profile_user_flush(u);

    u->quoted.len = 0;

    if (profile_buf_reserve(&u->alloc, &u->quoted, 6 * (size_t) name->len + 2)
        != 0)
    {
        u->reason = PROFILE_NO_MEMORY;
        return;
    }

    p = u->quoted.data;

    *p++ = '"';
    p += profile_escape(p, name->data, name->len);
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
