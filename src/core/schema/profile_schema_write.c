
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_schema_mistake.h"
#include "core/schema/profile_schema_table.h"
#include "core/schema/profile_schema_write.h"


/* of a way that no provider is named for */
#define PROFILE_SCHEMA_WRITE_EVERY  UINT32_MAX

#define profile_schema_write_ways(s)  ((profile_way_t *) (s)->ways.data)
#define profile_schema_write_nways(s)                                        \
    ((size_t) ((s)->ways.len / sizeof(profile_way_t)))


/* the parameters of a statement */

typedef struct {
    size_t                names;         /* words before them */
    profile_str_t         providers;     /* its data is NULL: every one */
    unsigned              actions;       /* bits 1 << profile_action_e */
    profile_via_e         via;
} profile_schema_write_t;


static int profile_schema_write_parameter(profile_schema_t *s,
    const profile_str_t *word, profile_schema_write_t *w);
static int profile_schema_write_parse_via(profile_schema_t *s,
    const profile_str_t *word, profile_schema_write_t *w);
static int profile_schema_write_is_parameter(const profile_str_t *word);
static profile_via_e profile_schema_write_with(const profile_str_t *word);
static int profile_schema_write_for(profile_schema_t *s,
    const profile_schema_write_t *w, const profile_str_t *word);
static int profile_schema_write_provider(profile_schema_t *s,
    const profile_schema_write_t *w, const profile_str_t *word,
    const profile_provider_t *p);
static int profile_schema_write_way(profile_schema_t *s,
    const profile_schema_write_t *w, profile_entry_t *e, uint32_t provider);
static int profile_schema_write_finish_names(profile_schema_t *s);
static int profile_schema_write_finish_objects(profile_schema_t *s,
    const profile_entry_t *e, const profile_str_t *up);
static int profile_schema_write_up(const profile_schema_t *s,
    const profile_entry_t *e, profile_str_t *up);


static const profile_str_t  profile_schema_write_vias[] = {
    [PROFILE_VIA_EMAIL] = profile_string("email"),
    [PROFILE_VIA_PASSWORD] = profile_string("password"),
    [PROFILE_VIA_ATTRIBUTES] = profile_string("attributes"),
    [PROFILE_VIA_METADATA] = profile_string("metadata")
};


int
profile_schema_write_build(profile_schema_t *s, const profile_str_t *words,
    size_t n)
{
    int                     rc;
    size_t                  i;
    profile_schema_write_t  w;

    memset(&w, 0, sizeof(profile_schema_write_t));

    for (i = 1; i < n; i++) {
        rc = profile_schema_write_parameter(s, &words[i], &w);

        if (rc < 0) {
            return -1;
        }

        if (rc && w.names == 0) {
            w.names = i;
        }

        if (rc == 0 && w.names) {
            return profile_schema_mistake(s, "name \"%.*s\" after the "
                                          "parameters of \"writable\"",
                                          (int) words[i].len, words[i].data);
        }
    }

    if (w.names == 1) {
        return profile_schema_mistake(s, "no name in \"writable\", expected "
                                      "\"writable NAME... [for=ID,ID...] "
                                      "[on=create|update] [via=CALL]\"");
    }

    if (w.names == 0) {
        w.names = n;
    }

    if (w.actions == 0) {
        w.actions = (1 << PROFILE_CREATE) | (1 << PROFILE_UPDATE);
    }

    for (i = 1; i < w.names; i++) {
        if (profile_schema_write_for(s, &w, &words[i]) != 0) {
            return -1;
        }
    }

    return 0;
}


/* 1: it is one, 0: it is a name */

static int
profile_schema_write_parameter(profile_schema_t *s, const profile_str_t *word,
    profile_schema_write_t *w)
{
    if (word->len >= 4 && memcmp(word->data, "for=", 4) == 0) {

        if (w->providers.data) {
            return profile_schema_mistake(s, "\"%.*s\" after another "
                                          "\"for=\" in \"writable\"",
                                          (int) word->len, word->data);
        }

        w->providers.data = word->data + 4;
        w->providers.len = word->len - 4;

        return 1;
    }

    if (word->len >= 4 && memcmp(word->data, "via=", 4) == 0) {
        return profile_schema_write_parse_via(s, word, w);
    }

    if (word->len < 3 || memcmp(word->data, "on=", 3) != 0) {
        return 0;
    }

    if (word->len == 9 && memcmp(word->data, "on=create", 9) == 0) {
        w->actions |= 1 << PROFILE_CREATE;
        return 1;
    }

    if (word->len == 9 && memcmp(word->data, "on=update", 9) == 0) {
        w->actions |= 1 << PROFILE_UPDATE;
        return 1;
    }

    return profile_schema_mistake(s, "invalid \"%.*s\", expected "
                                  "\"on=create\" or \"on=update\"",
                                  (int) word->len, word->data);
}


static int
profile_schema_write_parse_via(profile_schema_t *s, const profile_str_t *word,
    profile_schema_write_t *w)
{
    profile_via_e  via;

    if (w->via != PROFILE_VIA_NAME) {
        return profile_schema_mistake(s, "\"%.*s\" after another \"via=\" in "
                                      "\"writable\"",
                                      (int) word->len, word->data);
    }

    for (via = PROFILE_VIA_EMAIL; via <= PROFILE_VIA_METADATA; via++) {

        if (profile_str_eq(&profile_schema_write_vias[via], word->data + 4,
                           word->len - 4))
        {
            w->via = via;
            return 1;
        }
    }

    return profile_schema_mistake(s, "invalid \"%.*s\", expected "
                                  "\"via=email\", \"via=password\", "
                                  "\"via=attributes\" or \"via=metadata\"",
                                  (int) word->len, word->data);
}


static int
profile_schema_write_for(profile_schema_t *s, const profile_schema_write_t *w,
    const profile_str_t *word)
{
    profile_str_t         id;
    const u_char         *comma, *last;
    profile_provider_t   *p;
    const profile_str_t  *list;

    list = &w->providers;

    if (list->data == NULL) {
        return profile_schema_write_provider(s, w, word, NULL);
    }

    last = list->data + list->len;

    for (id.data = list->data; id.data <= last; id.data = comma + 1) {
        comma = memchr(id.data, ',', last - id.data);
        if (comma == NULL) {
            comma = last;
        }

        id.len = comma - id.data;

        if (id.len == 0) {
            return profile_schema_mistake(s, "invalid \"for=%.*s\", expected "
                                          "provider IDs between commas",
                                          (int) list->len, list->data);
        }

        p = profile_schema_table_declare(s, &id, 0);
        if (p == NULL) {
            return -1;
        }

        if (profile_schema_write_provider(s, w, word, p) != 0) {
            return -1;
        }
    }

    return 0;
}


static int
profile_schema_write_provider(profile_schema_t *s,
    const profile_schema_write_t *w, const profile_str_t *word,
    const profile_provider_t *p)
{
    profile_entry_t   *e;
    profile_action_e   a;

    e = profile_schema_table_entry(s, word);
    if (e == NULL) {
        return -1;
    }

    if (p == NULL) {
        e->every_writable |= w->actions;

        return profile_schema_write_way(s, w, e, PROFILE_SCHEMA_WRITE_EVERY);
    }

    for (a = PROFILE_CREATE; a <= PROFILE_UPDATE; a++) {

        if ((w->actions & (1 << a))
            && profile_schema_table_set_bit(s, &e->writable[a], p->index) != 0)
        {
            return -1;
        }
    }

    return profile_schema_write_way(s, w, e, p->index);
}


static int
profile_schema_write_way(profile_schema_t *s, const profile_schema_write_t *w,
    profile_entry_t *e, uint32_t provider)
{
    size_t          i;
    profile_way_t  *way, new;

    if (w->via == PROFILE_VIA_NAME) {
        return 0;
    }

    if (w->via == PROFILE_VIA_METADATA && e->implicit) {
        return profile_schema_mistake(s, "invalid \"via=metadata\" for "
                                      "\"%.*s\", which is never metadata",
                                      (int) e->name.len, e->name.data);
    }

    memset(&new, 0, sizeof(profile_way_t));

    new.entry = e - s->entries;
    new.provider = provider;
    new.actions = w->actions;
    new.via = w->via;
    new.statement = s->statement;

    way = profile_schema_write_ways(s);

    for (i = 0; i < profile_schema_write_nways(s); i++) {

        if (way[i].entry == new.entry && way[i].provider == provider
            && (way[i].actions & new.actions) && way[i].via != new.via)
        {
            return profile_schema_mistake_twice(s, way[i].statement,
                           "name \"%.*s\" is written by two calls",
                           (int) e->name.len, e->name.data);
        }
    }

    if (profile_buf_append(&s->alloc, &s->ways, &new, sizeof(profile_way_t))
        != 0)
    {
        return profile_schema_mistake(s, "not enough memory");
    }

    e->way = 1;

    return 0;
}


int
profile_schema_write_build_option(profile_schema_t *s,
    const profile_str_t *words, size_t n)
{
    size_t            i, last;
    profile_str_t     as;
    profile_via_e     with;
    profile_entry_t  *e;

    as.len = 0;
    as.data = NULL;
    with = PROFILE_VIA_NAME;

    for (last = n; last > 1; last--) {

        if (words[last - 1].len > 3
            && memcmp(words[last - 1].data, "as=", 3) == 0 && as.len == 0)
        {
            as.data = words[last - 1].data + 3;
            as.len = words[last - 1].len - 3;
            continue;
        }

        if (words[last - 1].len > 5
            && memcmp(words[last - 1].data, "with=", 5) == 0
            && with == PROFILE_VIA_NAME)
        {
            with = profile_schema_write_with(&words[last - 1]);

            if (with == PROFILE_VIA_NAME) {
                return profile_schema_mistake(s, "invalid \"%.*s\", expected "
                               "\"with=create\", \"with=email\", "
                               "\"with=password\", \"with=attributes\" or "
                               "\"with=metadata\"",
                               (int) words[last - 1].len,
                               words[last - 1].data);
            }

            continue;
        }

        break;
    }

    if (last == 1 || (last > 2 && as.len) || (as.len && !with)
        || profile_schema_write_is_parameter(&words[last - 1]))
    {
        return profile_schema_mistake(s, "invalid \"option\", expected "
                                      "\"option NAME... [with=CALL]\" or "
                                      "\"option NAME as=OTHER with=CALL\"");
    }

    if (as.len) {
        e = profile_schema_table_entry(s, &as);
        if (e == NULL) {
            return -1;
        }

        e->option_of = 1;
    }

    for (i = 1; i < last; i++) {
        e = profile_schema_table_entry(s, &words[i]);
        if (e == NULL) {
            return -1;
        }

        if (e->option && e->option_with != PROFILE_VIA_NAME) {
            return profile_schema_mistake(s, "option \"%.*s\" goes up with "
                                          "another call already",
                                          (int) words[i].len, words[i].data);
        }

        e->option = 1;
        e->option_as = as;
        e->option_with = with;
    }

    return 0;
}


/* one that is empty, or there a second time */

static int
profile_schema_write_is_parameter(const profile_str_t *word)
{
    return (word->len >= 3 && memcmp(word->data, "as=", 3) == 0)
           || (word->len >= 5 && memcmp(word->data, "with=", 5) == 0);
}


static profile_via_e
profile_schema_write_with(const profile_str_t *word)
{
    profile_via_e  via;

    static const profile_str_t  create = profile_string("create");

    if (profile_str_eq(&create, word->data + 5, word->len - 5)) {
        return PROFILE_VIA_CREATE;
    }

    for (via = PROFILE_VIA_EMAIL; via <= PROFILE_VIA_METADATA; via++) {

        if (profile_str_eq(&profile_schema_write_vias[via], word->data + 5,
                           word->len - 5))
        {
            return via;
        }
    }

    return PROFILE_VIA_NAME;
}


profile_via_e
profile_schema_write_option(const profile_schema_t *s,
    const profile_name_t *name, profile_name_t *as)
{
    const profile_entry_t  *e;

    e = profile_schema_table_find(s, name);

    *as = e->name;

    if (e->option_as.len) {
        as->data = e->option_as.data;
        as->len = e->option_as.len;

        profile_names_look_up(&s->names, &s->seed, as);
    }

    return e->option_with;
}


void
profile_schema_write_name(const profile_schema_t *s,
    const profile_name_t *name, profile_name_t *as)
{
    const profile_entry_t  *e;

    e = profile_schema_table_find(s, name);

    *as = (e && e->old_name) ? s->entries[e->old_name - 1].name : *name;
}


int
profile_schema_write_finish(profile_schema_t *s)
{
    size_t            i;
    profile_way_t    *way;
    profile_entry_t  *e;

    way = profile_schema_write_ways(s);

    for (i = 0; i < profile_schema_write_nways(s); i++) {

        if (way[i].via != PROFILE_VIA_METADATA) {
            continue;
        }

        e = &s->entries[way[i].entry];

        if (e->claim == PROFILE_CLAIM_NONE) {
            e->claim = PROFILE_CLAIM_IDENTITY;
            e->statement = way[i].statement;
        }

        if (e->claim == PROFILE_CLAIM_CONTAINER) {
            return profile_schema_mistake(s, "name \"%.*s\" is that of a "
                                          "metadata container",
                                          (int) e->name.len, e->name.data);
        }

        if (e->claim != PROFILE_CLAIM_IDENTITY) {
            return profile_schema_mistake_twice(s, e->statement,
                           "name \"%.*s\" is \"via=metadata\", and claimed",
                           (int) e->name.len, e->name.data);
        }
    }

    return profile_schema_write_finish_names(s);
}


/* U4.8: no name of v1 may be there twice in what is written */

static int
profile_schema_write_finish_names(profile_schema_t *s)
{
    uint32_t                i, j;
    profile_str_t           up, other;
    const profile_entry_t  *e, *f;

    for (i = 0; i < s->nentries; i++) {
        e = &s->entries[i];

        if (!profile_schema_write_up(s, e, &up)) {
            continue;
        }

        if (e->claim == PROFILE_CLAIM_CONTAINER
            && e->container != PROFILE_METADATA)
        {
            return profile_schema_mistake(s, "name \"%.*s\" is that of a "
                                          "metadata container, which is "
                                          "written without a statement",
                                          (int) e->name.len, e->name.data);
        }

        if (profile_schema_write_finish_objects(s, e, &up) != 0) {
            return -1;
        }

        for (j = 0; j < i; j++) {
            f = &s->entries[j];

            if (profile_schema_write_up(s, f, &other)
                && profile_str_eq(&up, other.data, other.len)
                && (e->option_with == PROFILE_VIA_NAME
                    || f->option_with == PROFILE_VIA_NAME
                    || e->option_with == f->option_with))
            {
                return profile_schema_mistake(s, "\"%.*s\" and \"%.*s\" are "
                                              "both written as \"%.*s\"",
                                              (int) f->name.len, f->name.data,
                                              (int) e->name.len, e->name.data,
                                              (int) up.len, up.data);
            }
        }
    }

    return 0;
}


/* nor that of a container, or of an object of metadata: U3.9 */

static int
profile_schema_write_finish_objects(profile_schema_t *s,
    const profile_entry_t *e, const profile_str_t *up)
{
    int                     taken;
    profile_name_t          as;
    profile_container_e     c;
    const profile_str_t    *first;
    const profile_entry_t  *other;

    taken = 0;

    for (c = PROFILE_APP_METADATA; c <= PROFILE_USER_METADATA; c++) {
        first = &s->write_path[c].parts[0];

        taken |= s->write_shape[c]
                 && profile_str_eq(up, first->data, first->len);
    }

    if (e->option_as.len) {
        (void) profile_schema_write_option(s, &e->name, &as);

        other = &s->entries[as.number - 1];
        taken |= other->claim == PROFILE_CLAIM_CONTAINER || other->shape;
    }

    return taken ? profile_schema_mistake(s, "\"%.*s\" is written as "
                                          "\"%.*s\", where metadata is",
                                          (int) e->name.len, e->name.data,
                                          (int) up->len, up->data)
                 : 0;
}


int
profile_schema_write_is_writable(const profile_entry_t *e)
{
    return e->every_writable || e->writable[PROFILE_CREATE].len
           || e->writable[PROFILE_UPDATE].len;
}


/* the name in v1 of what may be written, or is an option of a call */

static int
profile_schema_write_up(const profile_schema_t *s, const profile_entry_t *e,
    profile_str_t *up)
{
    const profile_name_t  *name;

    name = &e->name;

    if (profile_schema_write_is_writable(e)) {

        if (e->old_name) {
            name = &s->entries[e->old_name - 1].name;
        }

    } else if (!e->option) {
        return 0;

    } else if (e->option_as.len) {
        *up = e->option_as;
        return 1;
    }

    up->data = name->data;
    up->len = name->len;

    return 1;
}


profile_via_e
profile_schema_write_via(const profile_schema_t *s,
    const profile_provider_t *provider, profile_action_e action,
    const profile_name_t *name)
{
    size_t                  i;
    uint32_t                entry;
    profile_via_e           via;
    const profile_way_t    *way;
    const profile_entry_t  *e;

    e = profile_schema_table_find(s, name);
    via = PROFILE_VIA_NAME;

    if (e == NULL || !e->way) {
        return via;
    }

    entry = e - s->entries;
    way = profile_schema_write_ways(s);

    for (i = 0; i < profile_schema_write_nways(s); i++) {

        if (way[i].entry != entry || !(way[i].actions & (1 << action))) {
            continue;
        }

        if (provider && way[i].provider == provider->index) {
            return way[i].via;
        }

        if (way[i].provider == PROFILE_SCHEMA_WRITE_EVERY) {
            via = way[i].via;
        }
    }

    return via;
}


int
profile_schema_write_stored(const profile_schema_t *s,
    const profile_provider_t *provider, const profile_name_t *name)
{
    return profile_schema_write_via(s, provider, PROFILE_CREATE, name)
           == PROFILE_VIA_METADATA
           || profile_schema_write_via(s, provider, PROFILE_UPDATE, name)
              == PROFILE_VIA_METADATA;
}
