
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/request/profile_guard_body.h"
#include "core/request/profile_guard_call.h"
#include "core/request/profile_guard_rules.h"
#include "core/request/profile_refused.h"
#include "core/schema/profile_schema_denied.h"
#include "core/schema/profile_schema_shape.h"
#include "core/schema/profile_schema_stored.h"


typedef struct {
    profile_reason_e      reason;
    profile_reason_e    (*test)(profile_guard_t *g,
                                profile_guard_member_t *m,
                                int *refused);
} profile_guard_rule_t;


static void profile_guard_find_judge(profile_guard_t *g);
static int profile_guard_id_tells(profile_guard_t *g);
static const profile_provider_t *profile_guard_id_provider(profile_guard_t *g);
static profile_reason_e profile_guard_find_provider(profile_guard_t *g);
static profile_reason_e profile_guard_find_connection(profile_guard_t *g);
static int profile_guard_is_connection(const profile_guard_member_t *m);
static void profile_guard_trim(profile_str_t *s);
static profile_reason_e profile_guard_rule(profile_guard_t *g,
    const profile_guard_rule_t *rule);
static void profile_guard_deep(profile_guard_t *g);
static profile_reason_e profile_guard_forbidden(profile_guard_t *g,
    profile_guard_member_t *m, int *refused);
static profile_reason_e profile_guard_duplicate(profile_guard_t *g,
    profile_guard_member_t *m, int *refused);
static profile_reason_e profile_guard_container(profile_guard_t *g,
    profile_guard_member_t *m, int *refused);
static profile_reason_e profile_guard_connection(profile_guard_t *g,
    profile_guard_member_t *m, int *refused);
static profile_reason_e profile_guard_attribute(profile_guard_t *g,
    profile_guard_member_t *m, int *refused);
static int profile_guard_is_fixed(profile_guard_t *g,
    const profile_guard_member_t *m);
static profile_reason_e profile_guard_reserved(profile_guard_t *g,
    profile_guard_member_t *m, int *refused);
static profile_reason_e profile_guard_strict(profile_guard_t *g,
    profile_guard_member_t *m, int *refused);
static profile_reason_e profile_guard_alias(profile_guard_t *g,
    profile_guard_member_t *m, int *refused);
static profile_reason_e profile_guard_alias_name(profile_guard_t *g,
    const profile_name_t *name, int *refused);
static profile_reason_e profile_guard_shown(profile_guard_t *g,
    const profile_guard_member_t *m, profile_class_t *class);
static int profile_guard_is_strict(const profile_name_t *name);


/* the first rule that refuses a member gives the reason, for all members */

static const profile_guard_rule_t  profile_guard_rules[] = {
    { PROFILE_FORBIDDEN, profile_guard_forbidden },
    { PROFILE_DUPLICATE, profile_guard_duplicate },
    { PROFILE_CONTAINER, profile_guard_container },
    { PROFILE_CONNECTION, profile_guard_connection },
    { PROFILE_ATTRIBUTES, profile_guard_attribute },
    { PROFILE_RESERVED, profile_guard_reserved },
    { PROFILE_METADATA_NAME, profile_guard_strict },
    { PROFILE_ALIAS, profile_guard_alias },
    { PROFILE_OK, NULL }
};


profile_reason_e
profile_guard_rules_judge(profile_guard_t *g)
{
    profile_reason_e             rc;
    const profile_guard_rule_t  *rule;

    if (profile_guard_find_provider(g) != PROFILE_OK) {
        return profile_guard_body_fail(g, PROFILE_NO_MEMORY, g->body.len);
    }

    profile_guard_deep(g);

    for (rule = profile_guard_rules; rule->test; rule++) {
        rc = profile_guard_rule(g, rule);

        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    return (g->conf.mode == PROFILE_GUARD_CALL) ? profile_guard_call_find_id(g)
                                                : PROFILE_OK;
}


profile_reason_e
profile_guard_rules_denied(profile_guard_t *g, const profile_name_t *name,
    int *denied)
{
    const profile_provider_t  *judge;

    if (g->conf.any || (g->conf.mode != PROFILE_GUARD_V1
                        && g->conf.action == PROFILE_CREATE))
    {
        judge = profile_schema_provider_any(g->conf.schema);

    } else {

        /* an argument may be judged where no body has been */

        profile_guard_find_judge(g);
        judge = g->judge;
    }

    if (profile_schema_shape_spells(g->conf.schema, name)) {
        *denied = 1;
        return PROFILE_OK;
    }

    return profile_schema_denied(g->matcher, judge, name, denied);
}


/* H5.8: a backend may take it for a member of the body */

profile_reason_e
profile_guard_rules_argument(profile_guard_t *g, const profile_name_t *name,
    int *denied)
{
    profile_reason_e  rc;

    rc = profile_guard_rules_denied(g, name, denied);

    if (rc != PROFILE_OK || *denied || g->conf.mode != PROFILE_GUARD_V1) {
        return rc;
    }

    return profile_guard_alias_name(g, name, denied);
}


/* that of an id */

static void
profile_guard_find_judge(profile_guard_t *g)
{
    const profile_str_t     *id;
    const profile_schema_t  *schema;

    if (g->judged) {
        return;
    }

    g->judged = 1;

    schema = g->conf.schema;
    id = &g->conf.user_id;

    if (g->conf.any) {
        g->judge = profile_schema_provider_any(schema);

    } else if (id->len) {
        g->provider = profile_guard_id_provider(g);

        if (profile_guard_id_tells(g)) {
            g->judge = profile_schema_provider_judge(schema, id->data, id->len);
        }

        if (g->judge == NULL && profile_schema_shape_provider_from(schema, 0)) {
            g->judge = profile_schema_provider_any(schema);
        }
    }

    if (g->conf.mode == PROFILE_GUARD_V1) {
        g->provider = g->judge;
    }
}


/* M7.4: whether the id does, before another member of the user would */

static int
profile_guard_id_tells(profile_guard_t *g)
{
    const profile_path_t  *from;

    from = profile_schema_shape_provider_from(g->conf.schema, 0);

    return from == NULL || from->n == 0;
}


static const profile_provider_t *
profile_guard_id_provider(profile_guard_t *g)
{
    const profile_str_t  *id;

    id = &g->conf.user_id;

    return profile_guard_id_tells(g)
           ? profile_schema_provider(g->conf.schema, id->data, id->len) : NULL;
}


static profile_reason_e
profile_guard_find_provider(profile_guard_t *g)
{
    if (g->conf.mode != PROFILE_GUARD_V2 || g->conf.action == PROFILE_UPDATE) {
        profile_guard_find_judge(g);
        return PROFILE_OK;
    }

    return profile_guard_find_connection(g);
}


/* of a create: a name that some backend may read as any is one of any */

static profile_reason_e
profile_guard_find_connection(profile_guard_t *g)
{
    uint32_t                 i, n;
    unsigned                 flags;
    profile_str_t            name;
    profile_guard_member_t  *m;

    static const profile_str_t  database = profile_string("auth0");

    m = (profile_guard_member_t *) g->members.data;
    n = profile_guard_nmembers(g);

    for (i = 0; i < n; i++) {

        if (!profile_guard_is_connection(&m[i])
            || m[i].type != PROFILE_STRING)
        {
            continue;
        }

        if (profile_guard_body_string(g, &m[i], &g->scratch, &flags)
            != PROFILE_OK)
        {
            return PROFILE_NO_MEMORY;
        }

        name.data = g->scratch.data;
        name.len = g->scratch.len;

        profile_guard_trim(&name);

        if (profile_schema_provider_judge_connection(g->matcher, name.data,
                                                     name.len, &g->judge)
            != PROFILE_OK)
        {
            return PROFILE_NO_MEMORY;
        }
    }

    if (g->judge == NULL) {
        g->judge = profile_schema_provider_named(g->conf.schema, database.data,
                                                 database.len);
    }

    g->provider = g->judge;

    return PROFILE_OK;
}


static int
profile_guard_is_connection(const profile_guard_member_t *m)
{
    static const profile_str_t  connection = profile_string("connection");

    return m->place == PROFILE_AT_ROOT
           && profile_str_eq(&connection, m->name.data, m->name.len);
}


/* white space and control characters of ASCII */

static void
profile_guard_trim(profile_str_t *s)
{
    while (s->len && s->data[0] <= ' ') {
        s->data++;
        s->len--;
    }

    while (s->len && s->data[s->len - 1] <= ' ') {
        s->len--;
    }
}


static profile_reason_e
profile_guard_rule(profile_guard_t *g, const profile_guard_rule_t *rule)
{
    int                      refused;
    uint32_t                 i, n;
    profile_reason_e         rc;
    profile_guard_member_t  *m;

    m = (profile_guard_member_t *) g->members.data;
    n = profile_guard_nmembers(g);

    for (i = 0; i < n; i++) {
        refused = 0;

        rc = rule->test(g, &m[i], &refused);

        if (rc != PROFILE_OK) {
            return profile_guard_body_fail(g, rc, m[i].offset);
        }

        if (refused) {
            profile_refused_add(&g->refused, &m[i]);
        }
    }

    if (g->refused.n) {
        return profile_guard_body_fail(g, rule->reason,
                                       g->refused.members[0]->offset);
    }

    return PROFILE_OK;
}


/* H5.12: what was met while reading, the members of the root among them */

static void
profile_guard_deep(profile_guard_t *g)
{
    uint32_t  i;

    for (i = 0; i < g->nforbidden && i < PROFILE_REFUSED_MAX; i++) {
        profile_refused_add(&g->refused, &g->forbidden[i]);
    }

    g->refused.n = g->nforbidden;
}


/* the name that metadata of v1 has in v2 */

static profile_reason_e
profile_guard_forbidden(profile_guard_t *g, profile_guard_member_t *m,
    int *refused)
{
    profile_class_t   class;
    profile_reason_e  rc;

    if (!profile_schema_has_forbidden(g->conf.schema)
        || m->place != PROFILE_AT_ROOT || g->conf.mode != PROFILE_GUARD_V1)
    {
        return PROFILE_OK;
    }

    rc = profile_guard_shown(g, m, &class);

    if (rc == PROFILE_OK && class.renamed) {
        *refused = (profile_schema_forbidden(g->conf.schema, &class.name)
                    != NULL);
    }

    return rc;
}


/* H5.4 */

static profile_reason_e
profile_guard_duplicate(profile_guard_t *g, profile_guard_member_t *m,
    int *refused)
{
    if (profile_names_add(&g->names[m->place], &m->name, 0, refused) == NULL) {
        return PROFILE_NO_MEMORY;
    }

    return PROFILE_OK;
}


/* H5.7 */

static profile_reason_e
profile_guard_container(profile_guard_t *g, profile_guard_member_t *m,
    int *refused)
{
    *refused = (m->place == PROFILE_AT_ROOT
                && g->conf.mode != PROFILE_GUARD_CALL
                && m->type != PROFILE_OBJECT && m->type != PROFILE_NULL
                && (profile_guard_body_is_wrapper(g, m->name.data, m->name.len)
                    || profile_guard_body_inside(g, m->name.data, m->name.len)
                       != PROFILE_AT_ROOT));

    return PROFILE_OK;
}


/* H5.5: what a connection is must not depend on who reads it */

static profile_reason_e
profile_guard_connection(profile_guard_t *g, profile_guard_member_t *m,
    int *refused)
{
    unsigned          flags;
    profile_reason_e  rc;

    if (g->conf.mode != PROFILE_GUARD_V2 || g->conf.action != PROFILE_CREATE
        || !profile_guard_is_connection(m))
    {
        return PROFILE_OK;
    }

    if (m->type != PROFILE_STRING) {
        *refused = 1;
        return PROFILE_OK;
    }

    rc = profile_guard_body_string(g, m, &g->scratch, &flags);

    if (rc == PROFILE_OK) {
        *refused = (flags != 0);
    }

    return rc;
}


/* H5.5, H5.6 */

static profile_reason_e
profile_guard_attribute(profile_guard_t *g, profile_guard_member_t *m,
    int *refused)
{
    /* members follow the one in which they stand: H5.16 */

    if (m->place != PROFILE_AT_ROOT) {
        *refused = (g->conf.mode == PROFILE_GUARD_V1
                    && profile_schema_shape_takes(g->conf.schema,
                                                  &g->parent->name,
                                                  m->name.data, m->name.len));
        return PROFILE_OK;
    }

    g->parent = m;

    if (profile_guard_body_is_wrapper(g, m->name.data, m->name.len)) {
        return PROFILE_OK;
    }

    if (g->conf.mode == PROFILE_GUARD_V1) {
        return profile_guard_rules_denied(g, &m->name, refused);
    }

    if (g->conf.mode == PROFILE_GUARD_CALL) {
        *refused = !profile_guard_call_allows(&g->conf, &m->name);
        return PROFILE_OK;
    }

    *refused = !(profile_guard_body_inside(g, m->name.data, m->name.len)
                 != PROFILE_AT_ROOT
                 || profile_schema_writable(g->conf.schema, g->provider,
                                            g->conf.action, &m->name)
                 || profile_schema_option(g->conf.schema, &m->name));

    if (*refused && g->conf.compares && profile_guard_is_fixed(g, m)) {
        m->fixed = 1;
        *refused = 0;
    }

    return PROFILE_OK;
}


/*
 * Whether an attribute that may not be written is no reason to refuse the
 * write: of a user who is there that is found out later, of a new one it is
 * known what an update could make of him and nothing has so far (U3.8).
 */

static int
profile_guard_is_fixed(profile_guard_t *g, const profile_guard_member_t *m)
{
    if (g->conf.action == PROFILE_UPDATE) {
        return 1;
    }

    return (m->type == PROFILE_NULL
            || (m->type == PROFILE_BOOLEAN && g->body.data[m->start] == 'f'))
           && profile_schema_writable(g->conf.schema, g->provider,
                                      PROFILE_UPDATE, &m->name);
}


/* H5.7 */

static profile_reason_e
profile_guard_reserved(profile_guard_t *g, profile_guard_member_t *m,
    int *refused)
{
    profile_class_t   class;
    profile_reason_e  rc;

    if (m->place == PROFILE_AT_USER_METADATA
        || (m->place == PROFILE_AT_ROOT && g->conf.mode != PROFILE_GUARD_V1))
    {
        return PROFILE_OK;
    }

    *refused = profile_schema_reserved(g->conf.schema, &m->name);

    if (*refused || m->place != PROFILE_AT_ROOT) {
        return PROFILE_OK;
    }

    rc = profile_guard_shown(g, m, &class);

    if (rc == PROFILE_OK && class.renamed
        && class.container == PROFILE_APP_METADATA)
    {
        *refused = profile_schema_reserved(g->conf.schema, &class.name);
    }

    return rc;
}


/* H5.7 */

static profile_reason_e
profile_guard_strict(profile_guard_t *g, profile_guard_member_t *m,
    int *refused)
{
    profile_class_t   class;
    profile_reason_e  rc;

    if (!profile_schema_strict_names(g->conf.schema)
        || (m->place == PROFILE_AT_ROOT && g->conf.mode != PROFILE_GUARD_V1))
    {
        return PROFILE_OK;
    }

    *refused = profile_guard_is_strict(&m->name);

    if (*refused || m->place != PROFILE_AT_ROOT) {
        return PROFILE_OK;
    }

    rc = profile_guard_shown(g, m, &class);

    if (rc == PROFILE_OK && class.renamed) {
        *refused = profile_guard_is_strict(&class.name);
    }

    return rc;
}


/*
 * U3.3: what v2 stores under one name must not be hidden by another one, which
 * v2 would never write to.
 */

static profile_reason_e
profile_guard_alias(profile_guard_t *g, profile_guard_member_t *m,
    int *refused)
{
    if (m->place != PROFILE_AT_ROOT || g->conf.mode != PROFILE_GUARD_V1) {
        return PROFILE_OK;
    }

    return profile_guard_alias_name(g, &m->name, refused);
}


static profile_reason_e
profile_guard_alias_name(profile_guard_t *g, const profile_name_t *name,
    int *refused)
{
    int                        stored;
    profile_name_t             as;
    profile_class_t            class;
    profile_reason_e           rc;
    const profile_provider_t  *provider, *judge;

    provider = NULL;
    judge = NULL;

    /*
     * A user who is not known may be anybody's, and what is stored without a
     * prefix for some is not to be pinned by a path that nobody can judge.
     */

    if (g->conf.user_id.len && !g->conf.any) {
        provider = profile_guard_id_provider(g);
        judge = g->judge;
    }

    rc = profile_schema_class(g->matcher, provider, name, &class);

    if (rc != PROFILE_OK
        || class.kind != PROFILE_CLASS_METADATA || !class.renamed)
    {
        return rc;
    }

    rc = profile_schema_stored(g->matcher, provider, judge, class.container,
                               &class.name, &g->scratch, &as, &stored);

    *refused = (rc == PROFILE_OK && stored
                && (as.len != name->len
                    || memcmp(as.data, name->data, as.len) != 0));

    return rc;
}


/*
 * What metadata of v1 is in v2: where it has another name there, it must not
 * be the way around what that name is refused for.
 */

static profile_reason_e
profile_guard_shown(profile_guard_t *g, const profile_guard_member_t *m,
    profile_class_t *class)
{
    profile_reason_e  rc;

    rc = profile_schema_class(g->matcher, g->provider, &m->name, class);

    if (class->kind != PROFILE_CLASS_METADATA) {
        class->renamed = 0;
    }

    return rc;
}


static int
profile_guard_is_strict(const profile_name_t *name)
{
    return name->len
           && (name->data[0] == '$'
               || memchr(name->data, '.', name->len) != NULL);
}
