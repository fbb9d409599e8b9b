
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/json/profile_number.h"
#include "core/response/profile_user.h"
#include "core/response/profile_user_brief.h"
#include "core/response/profile_user_inside.h"
#include "core/response/profile_user_provider.h"
#include "core/response/profile_user_shape.h"
#include "core/response/profile_user_state.h"
#include "core/schema/profile_schema_exact.h"


static profile_reason_e profile_user_unique(profile_user_t *u);
static profile_reason_e profile_user_classes(profile_user_t *u,
    const profile_provider_t *provider);
static profile_reason_e profile_user_differs(profile_user_t *u,
    const profile_name_t *name, profile_class_t *class);
static profile_reason_e profile_user_class(profile_user_t *u,
    profile_user_member_t *m, const profile_name_t *name,
    const profile_class_t *class);
static int profile_user_quote(profile_user_t *u, profile_user_member_t *m);
static profile_reason_e profile_user_source(profile_user_t *u,
    const profile_user_member_t *m, const profile_name_t *name,
    profile_container_e container);
static profile_reason_e profile_user_rename(profile_user_t *u,
    profile_user_member_t *m, const profile_name_t *name);
static int profile_user_matches(profile_user_t *u);


profile_user_t *
profile_user_create(const profile_alloc_t *a, const profile_schema_t *schema)
{
    profile_user_t  *u;

    u = a->alloc(a->ctx, sizeof(profile_user_t));
    if (u == NULL) {
        return NULL;
    }

    memset(u, 0, sizeof(profile_user_t));

    u->alloc = *a;
    u->schema = schema;

    profile_names_init(&u->names, a, profile_schema_nnames(schema));
    profile_cut_init(&u->cutter, a, schema, &u->fields);

    (void) profile_fields_init(&u->fields, a, schema, NULL, 0, 0);

    u->matcher = profile_matcher_create(schema, a);

    if (u->matcher == NULL) {
        profile_user_destroy(u);
        return NULL;
    }

    return u;
}


int
profile_user_renew(profile_user_t *u, const profile_notice_t *notice,
    const profile_view_t *view)
{
    u->exact = NULL;
    u->notice = *notice;
    u->view = *view;
    u->pick = NULL;

    profile_fields_destroy(&u->fields);

    return profile_fields_init(&u->fields, &u->alloc, u->schema, view->fields,
                               view->nfields, view->exclude);
}


void
profile_user_destroy(profile_user_t *u)
{
    if (u == NULL) {
        return;
    }

    profile_matcher_destroy(u->matcher);
    profile_names_destroy(&u->names);
    profile_fields_destroy(&u->fields);
    profile_cut_destroy(&u->cutter);

    profile_buf_free(&u->alloc, &u->members);
    profile_buf_free(&u->alloc, &u->items);
    profile_buf_free(&u->alloc, &u->unescaped);
    profile_buf_free(&u->alloc, &u->renamed);
    profile_buf_free(&u->alloc, &u->quoted);
    profile_buf_free(&u->alloc, &u->scratch);
    profile_buf_free(&u->alloc, &u->sources);
    profile_buf_free(&u->alloc, &u->made);
    profile_buf_free(&u->alloc, &u->draft);
    profile_buf_free(&u->alloc, &u->path);
    profile_buf_free(&u->alloc, &u->lasts);

    u->alloc.free(u->alloc.ctx, u);
}


void
profile_user_exact(profile_user_t *u, profile_exact_t *exact)
{
    u->exact = exact;
}


void
profile_user_reset(profile_user_t *u, uint64_t start)
{
    u->start = start;
    u->members.len = 0;
    u->escaped_len = 0;
}


void
profile_user_member_end(profile_user_t *u, const profile_event_t *ev)
{
    profile_user_member_t  *m;

    m = (profile_user_member_t *) (u->members.data + u->open);
    m->value.end = ev->end - u->start;
}


void
profile_user_trim(profile_user_t *u)
{
    profile_names_trim(&u->names);
    profile_cut_trim(&u->cutter);

    profile_buf_trim(&u->alloc, &u->members);
    profile_buf_trim(&u->alloc, &u->items);
    profile_buf_trim(&u->alloc, &u->unescaped);
    profile_buf_trim(&u->alloc, &u->renamed);
    profile_buf_trim(&u->alloc, &u->quoted);
    profile_buf_trim(&u->alloc, &u->scratch);
    profile_buf_trim(&u->alloc, &u->sources);
    profile_buf_trim(&u->alloc, &u->made);
    profile_buf_trim(&u->alloc, &u->draft);
    profile_buf_trim(&u->alloc, &u->path);
}


int
profile_user_id(profile_user_t *u, uint64_t *start, uint64_t *end)
{
    uint32_t                i;
    profile_user_member_t  *m;

    m = profile_user_members(u);

    for (i = profile_user_nmembers(u); i; i--) {

        if (m[i - 1].place == PROFILE_IN_ROOT
            && m[i - 1].number == profile_schema_shape_id(u->schema))
        {
            *start = u->start + m[i - 1].value.start;
            *end = u->start + m[i - 1].value.end;

            if (m[i - 1].type == PROFILE_STRING) {
                (*start)++;
                (*end)--;
            }

            return !m[i - 1].made && (m[i - 1].type == PROFILE_STRING
                                      || m[i - 1].type == PROFILE_NUMBER);
        }
    }

    return 0;
}


profile_reason_e
profile_user_make(profile_user_t *u, const u_char *text, size_t len,
    profile_counts_t *counts, int *matches)
{
    profile_reason_e           rc;
    const profile_provider_t  *provider;

    u->text = text;
    u->text_end = text + len;
    u->counts = counts;
    u->reason = PROFILE_OK;

    rc = profile_user_unique(u);
    if (rc != PROFILE_OK) {
        return rc;
    }

    provider = profile_user_provider(u);

    if (profile_schema_shape_said(u->schema)) {
        rc = profile_user_shape(u);

        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    rc = profile_user_classes(u, provider);
    if (rc != PROFILE_OK) {
        return rc;
    }

    counts->users++;

    if (provider == NULL) {
        counts->unknown++;
    }

    if (u->exact) {
        counts->exact++;
    }

    *matches = profile_user_matches(u);

    return u->reason;
}


/* U5.4 */

static int
profile_user_matches(profile_user_t *u)
{
    int             rc;
    unsigned        flags;
    profile_str_t   value;
    profile_type_e  type;

    if (u->view.match_name.len == 0) {
        return 1;
    }

    rc = profile_user_root(u, &u->view.match_name, &type, &value);

    if (rc < 0) {
        u->reason = PROFILE_NO_MEMORY;
        return 0;
    }

    if (rc == 0 || type != PROFILE_STRING) {
        return 0;
    }

    if (profile_text_plain(&u->alloc, &u->quoted, value.data + 1,
                           value.len - 2, &flags)
        != 0)
    {
        u->reason = PROFILE_NO_MEMORY;
        return 0;
    }

    return profile_str_eq(&u->view.match_value, u->quoted.data, u->quoted.len);
}


int
profile_user_root(profile_user_t *u, const profile_str_t *name,
    profile_type_e *type, profile_str_t *value)
{
    uint32_t                i, n;
    profile_str_t           key;
    profile_user_member_t  *m;

    m = profile_user_members(u);
    n = profile_user_nmembers(u);

    for (i = 0; i < n; i++) {

        if (!profile_user_is_root(&m[i])) {
            continue;
        }

        if (profile_user_state_key(u, &m[i], &key) != 0) {
            return -1;
        }

        if (profile_str_eq(name, key.data, key.len)) {
            *type = m[i].type;
            value->data = profile_user_value(u, &m[i]);
            value->len = m[i].value.end - m[i].value.start;

            return 1;
        }
    }

    return 0;
}


/* M5.4: the last value, at the first one's place */

static profile_reason_e
profile_user_unique(profile_user_t *u)
{
    int                     known;
    uint32_t               *index, i, n;
    profile_name_t          name;
    profile_user_member_t  *m, *first;

    profile_names_clear(&u->names);

    u->unescaped.len = 0;
    u->renamed.len = 0;
    u->made.len = 0;
    u->draft.len = 0;
    u->sources.len = 0;
    u->told = profile_user_nmembers(u);
    u->aliased = 0;
    u->level = 0;
    u->arrays = 0;

    /*
     * Names are known by where their bytes are: these stay where they are, and
     * those that only a look into objects finds have their room.
     */

    if (profile_schema_shape_said(u->schema)) {
        u->escaped_len = u->text_end - u->text;
    }

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

        /* the set asks for no more than the number, where there is one */

        name.number = m[i].number;

        if (name.number == 0
            && profile_user_state_name(u, &m[i], &u->unescaped, &name) != 0)
        {
            return PROFILE_NO_MEMORY;
        }

        index = profile_names_add(&u->names, &name, i, &known);
        if (index == NULL) {
            return PROFILE_NO_MEMORY;
        }

        if (!known) {
            continue;
        }

        first = &m[*index];

        first->value = m[i].value;
        first->type = m[i].type;

        m[i].fate = PROFILE_FATE_GONE;
        u->counts->conflicts++;
    }

    return PROFILE_OK;
}


static profile_reason_e
profile_user_classes(profile_user_t *u, const profile_provider_t *provider)
{
    int                     drops;
    uint32_t                i, n;
    const u_char           *brief;
    profile_name_t          name;
    profile_class_t         class;
    profile_reason_e        rc;
    profile_user_memo_t    *memo;
    profile_user_member_t  *m;

    m = profile_user_members(u);
    n = profile_user_nmembers(u);
    drops = profile_schema_has_identity_drop(u->schema);
    brief = u->exact ? NULL : profile_schema_brief(u->schema, provider);

    for (i = 0; i < n; i++) {

        if (m[i].place != PROFILE_IN_ROOT || m[i].fate != PROFILE_FATE_KEEP) {
            continue;
        }

        if (m[i].number && brief
            && profile_user_brief(u, &m[i], brief[m[i].number - 1]))
        {
            continue;
        }

        memo = u->exact ? NULL : profile_user_memo(u, &m[i], provider);

        if (memo && profile_user_brief(u, &m[i], memo->brief)) {
            continue;
        }

        u->scratch.len = 0;

        if (profile_user_state_name(u, &m[i], &u->scratch, &name) != 0) {
            return PROFILE_NO_MEMORY;
        }

        if (drops && profile_schema_shape_is_identities(u->schema, &name)) {
            m[i].identities = 1;
        }

        rc = profile_schema_class(u->matcher, provider, &name, &class);

        if (rc == PROFILE_OK && u->exact) {
            rc = profile_user_differs(u, &name, &class);
        }

        if (rc == PROFILE_OK) {
            rc = profile_user_class(u, &m[i], &name, &class);
        }

        if (rc != PROFILE_OK) {
            return rc;
        }

        if (memo && !m[i].identities) {
            memo->brief = profile_user_memo_brief(&class);
        }
    }

    return u->reason;
}


/* M8 */

static profile_reason_e
profile_user_differs(profile_user_t *u, const profile_name_t *name,
    profile_class_t *class)
{
    int               metadata, differs;
    profile_reason_e  rc;

    metadata = profile_exact_has(u->exact, name);

    rc = profile_schema_exact(u->matcher, name, metadata, class, &differs);

    if (differs && u->notice.differs) {
        u->notice.differs(u->notice.ctx, name, metadata,
                          profile_schema_knows(u->schema, name));
    }

    return rc;
}


static profile_reason_e
profile_user_class(profile_user_t *u, profile_user_member_t *m,
    const profile_name_t *name, const profile_class_t *class)
{
    profile_container_e  container;

    container = class->container;
    m->prefixed = class->prefixed;

    switch (class->kind) {

    case PROFILE_CLASS_CONTAINER:

        if (m->type == PROFILE_OBJECT || m->type == PROFILE_NULL) {
            m->fate = PROFILE_FATE_CONTAINER;
            return profile_user_source(u, m, name, class->container);
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

        if (class->name.number == PROFILE_NAME_USER_ID
            && profile_user_quote(u, m) != 0)
        {
            return PROFILE_NO_MEMORY;
        }

        return profile_user_rename(u, m, &class->name);

    case PROFILE_CLASS_METADATA:
        break;

    default: /* IDENTITY, PROVIDER, ROOT */

        /* U3.7: what a client took away again */

        if (class->stored && m->type == PROFILE_NULL
            && profile_schema_omit_null(u->schema))
        {
            m->fate = PROFILE_FATE_GONE;
        }

        /* one that has the name of v2 already */

        if (name->number == PROFILE_NAME_USER_ID
            && profile_schema_shape_makes_id(u->schema)
            && profile_user_quote(u, m) != 0)
        {
            return PROFILE_NO_MEMORY;
        }

        return PROFILE_OK;
    }

    m->fate = PROFILE_FATE_MOVE_APP + container;
    u->counts->moved[container]++;

    u->aliased |= class->renamed;

    if (class->prefixed) {
        m->number = class->name.number;
        m->key.start += profile_text_escaped_len(u->text + m->key.start,
                                                 m->key.end - m->key.start,
                                                 name->len - class->name.len);

    } else if (class->renamed) {
        return profile_user_rename(u, m, &class->name);
    }

    return PROFILE_OK;
}


/* M7.3 */

static int
profile_user_quote(profile_user_t *u, profile_user_member_t *m)
{
    size_t         len, start;
    const u_char  *text;

    text = profile_user_value(u, m);
    len = m->value.end - m->value.start;

    if (m->type != PROFILE_NUMBER || !profile_number_is_integer(text, len)) {
        return 0;
    }

    start = u->made.len;

    if (profile_buf_reserve(&u->alloc, &u->made, len + 2) != 0) {
        return -1;
    }

    text = profile_user_value(u, m);

    u->made.data[start] = '"';
    memcpy(u->made.data + start + 1, text, len);
    u->made.data[start + 1 + len] = '"';
    u->made.len += len + 2;

    m->value.start = start;
    m->value.end = start + len + 2;
    m->made = 1;
    m->type = PROFILE_STRING;

    return 0;
}


/* M7.7: of a container that was told with its members */

static profile_reason_e
profile_user_source(profile_user_t *u, const profile_user_member_t *m,
    const profile_name_t *name, profile_container_e container)
{
    profile_source_t        source;
    const profile_shape_t  *shape;

    source.container = container;
    source.rank = PROFILE_RANK_CONTAINER;
    source.order = 0;
    source.clean = 0;
    source.written = 0;

    if (container == PROFILE_METADATA) {
        source.container = PROFILE_APP_METADATA;
        source.rank = PROFILE_RANK_MERGED;

        shape = profile_schema_shape_merge(u->schema, name);

        if (shape) {
            source.container = shape->container;
            source.order = shape->order;
            source.written = shape->write;
            source.clean = profile_schema_has_identity_drop(u->schema) ? 1 : 0;
        }
    }

    source.n = profile_user_inside_told(u, m - profile_user_members(u),
                                         &source.first);

    return profile_buf_append(&u->alloc, &u->sources, &source, sizeof(source))
           == 0 ? PROFILE_OK : PROFILE_NO_MEMORY;
}


/* a name made by "as=" is the matcher's, until the next match */

static profile_reason_e
profile_user_rename(profile_user_t *u, profile_user_member_t *m,
    const profile_name_t *name)
{
    /* an empty name has a place, too */

    if (profile_buf_reserve(&u->alloc, &u->renamed, name->len + 1) != 0) {
        return PROFILE_NO_MEMORY;
    }

    m->number = name->number;
    m->renamed = 1;
    m->key.start = u->renamed.len;
    m->key.end = u->renamed.len + name->len;

    memcpy(u->renamed.data + u->renamed.len, name->data, name->len);
    u->renamed.len += name->len;

    return PROFILE_OK;
}
