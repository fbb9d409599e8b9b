
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/response/profile_identities.h"


/* an object or an array that is open */

typedef struct {
    uint32_t              object;        /* its number from 1 on; 0: array */
    u_char                loses;         /* a member at least */
    u_char                kept;          /* a member stands before */
    u_char                named;         /* the value of a member is next */
} profile_identities_level_t;


/* the value as it is walked through, twice: what loses, then what is cut */

typedef struct {
    profile_identities_t *ids;
    const u_char         *text;
    const u_char         *last;
    const u_char         *p;
    const u_char         *comma;         /* the last one of the open object */
    uint32_t              objects;
    unsigned              cutting:1;
} profile_identities_walk_t;


static profile_reason_e profile_identities_walk(profile_identities_walk_t *w);
static profile_reason_e profile_identities_open(profile_identities_walk_t *w);
static profile_reason_e profile_identities_name(profile_identities_walk_t *w,
    profile_identities_level_t *level);
static profile_reason_e profile_identities_drop(profile_identities_walk_t *w,
    profile_identities_level_t *level, const u_char *start);
static profile_reason_e profile_identities_drops(profile_identities_walk_t *w,
    const u_char *start, size_t len, int *drops);
static profile_reason_e profile_identities_cut(profile_identities_walk_t *w,
    const u_char *start);
static void profile_identities_string(profile_identities_walk_t *w);
static void profile_identities_space(profile_identities_walk_t *w);
static void profile_identities_value(profile_identities_walk_t *w);


#define profile_identities_is_space(c)                                       \
    ((c) == ' ' || (c) == '\t' || (c) == '\n' || (c) == '\r')

#define profile_identities_level(ids)                                        \
    ((profile_identities_level_t *) ((ids)->stack.data + (ids)->stack.len) - 1)


void
profile_identities_init(profile_identities_t *ids, const profile_alloc_t *a,
    const profile_schema_t *schema)
{
    memset(ids, 0, sizeof(profile_identities_t));

    ids->alloc = *a;
    ids->schema = schema;
}


void
profile_identities_destroy(profile_identities_t *ids)
{
    profile_buf_free(&ids->alloc, &ids->losses);
    profile_buf_free(&ids->alloc, &ids->stack);
    profile_buf_free(&ids->alloc, &ids->cuts);
    profile_buf_free(&ids->alloc, &ids->unescaped);
}


int
profile_identities_named(const u_char *name, size_t len)
{
    static const profile_str_t  identities = profile_string("identities");

    return profile_schema_alike(&identities, name, len);
}


profile_reason_e
profile_identities_cuts(profile_identities_t *ids, const u_char *text,
    size_t len, const profile_cut_t **cuts, size_t *n)
{
    profile_reason_e           rc;
    profile_identities_walk_t  w;

    *n = 0;
    *cuts = NULL;

    ids->losses.len = 0;
    ids->cuts.len = 0;

    memset(&w, 0, sizeof(profile_identities_walk_t));

    w.ids = ids;
    w.text = text;
    w.last = text + len;

    rc = profile_identities_walk(&w);

    if (rc != PROFILE_OK || ids->losses.len == 0
        || memchr(ids->losses.data, 1, ids->losses.len) == NULL)
    {
        return rc;
    }

    w.cutting = 1;

    rc = profile_identities_walk(&w);

    *cuts = (profile_cut_t *) ids->cuts.data;
    *n = ids->cuts.len / sizeof(profile_cut_t);

    return rc;
}


/* the text is valid, and so only what matters is looked at */

static profile_reason_e
profile_identities_walk(profile_identities_walk_t *w)
{
    const u_char                *start;
    profile_reason_e             rc;
    profile_identities_t        *ids;
    profile_identities_level_t  *level;

    ids = w->ids;
    ids->stack.len = 0;

    w->p = w->text;
    w->objects = 0;
    w->comma = NULL;

    rc = PROFILE_OK;

    while (w->p < w->last && rc == PROFILE_OK) {

        level = ids->stack.len ? profile_identities_level(ids) : NULL;
        start = w->p;

        switch (*w->p) {

        case ' ':
        case '\t':
        case '\n':
        case '\r':
            profile_identities_space(w);

            if (w->cutting && level && level->loses) {
                rc = profile_identities_cut(w, start);
            }

            break;

        case '{':
        case '[':
            rc = profile_identities_open(w);
            break;

        case '}':
        case ']':
            ids->stack.len -= sizeof(profile_identities_level_t);
            w->p++;
            break;

        case ',':
            w->comma = w->p++;

            if (level) {
                level->named = 0;
            }

            break;

        case '"':

            if (level && level->object && !level->named) {
                rc = profile_identities_name(w, level);
                break;
            }

            profile_identities_string(w);
            break;

        default: /* of a number or a word, or a colon */
            w->p++;
        }
    }

    return rc;
}


static profile_reason_e
profile_identities_open(profile_identities_walk_t *w)
{
    u_char                       none;
    profile_identities_t        *ids;
    profile_identities_level_t   level;

    ids = w->ids;
    none = 0;

    memset(&level, 0, sizeof(profile_identities_level_t));

    if (*w->p++ == '{') {
        level.object = ++w->objects;

        if (w->cutting) {
            level.loses = ids->losses.data[level.object - 1];

        } else if (profile_buf_append(&ids->alloc, &ids->losses, &none, 1)
                   != 0)
        {
            return PROFILE_NO_MEMORY;
        }
    }

    if (profile_buf_append(&ids->alloc, &ids->stack, &level, sizeof(level))
        != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    return PROFILE_OK;
}


static profile_reason_e
profile_identities_name(profile_identities_walk_t *w,
    profile_identities_level_t *level)
{
    int                drops;
    const u_char      *start;
    profile_reason_e   rc;

    start = w->p;

    profile_identities_string(w);

    level->named = 1;

    if (w->cutting ? !level->loses : w->ids->losses.data[level->object - 1]) {
        return PROFILE_OK;
    }

    rc = profile_identities_drops(w, start + 1, w->p - start - 2, &drops);

    if (rc != PROFILE_OK) {
        return rc;
    }

    if (!drops) {
        level->kept = 1;
        return PROFILE_OK;
    }

    if (!w->cutting) {
        w->ids->losses.data[level->object - 1] = 1;
        return PROFILE_OK;
    }

    return profile_identities_drop(w, level, start);
}


/* with the comma before it, or where it is the first, with the one behind it */

static profile_reason_e
profile_identities_drop(profile_identities_walk_t *w,
    profile_identities_level_t *level, const u_char *start)
{
    profile_identities_value(w);
    profile_identities_space(w);

    level->named = 0;

    if (level->kept) {
        start = w->comma;

    } else if (*w->p == ',') {
        w->p++;
    }

    return profile_identities_cut(w, start);
}


static profile_reason_e
profile_identities_drops(profile_identities_walk_t *w, const u_char *start,
    size_t len, int *drops)
{
    unsigned               flags;
    profile_name_t         name;
    profile_identities_t  *ids;

    ids = w->ids;

    name.data = start;

    if (memchr(start, '\\', len)) {
        ids->unescaped.len = 0;

        if (profile_buf_reserve(&ids->alloc, &ids->unescaped, len) != 0) {
            return PROFILE_NO_MEMORY;
        }

        len = profile_text_unescape(ids->unescaped.data, start, len, &flags);
        name.data = ids->unescaped.data;
    }

    name.len = len;

    *drops = profile_schema_identity_drop(ids->schema, &name);

    return PROFILE_OK;
}


/* up to where the walk stands; a cut may reach back over those before it */

static profile_reason_e
profile_identities_cut(profile_identities_walk_t *w, const u_char *start)
{
    profile_cut_t          cut, *prev;
    profile_identities_t  *ids;

    ids = w->ids;

    cut.start = start - w->text;
    cut.end = w->p - w->text;

    while (ids->cuts.len) {
        prev = (profile_cut_t *) (ids->cuts.data + ids->cuts.len) - 1;

        if (prev->end < cut.start) {
            break;
        }

        if (prev->start < cut.start) {
            cut.start = prev->start;
        }

        ids->cuts.len -= sizeof(profile_cut_t);
    }

    if (profile_buf_append(&ids->alloc, &ids->cuts, &cut, sizeof(cut)) != 0) {
        return PROFILE_NO_MEMORY;
    }

    return PROFILE_OK;
}


static void
profile_identities_string(profile_identities_walk_t *w)
{
    const u_char  *p;

    for (p = w->p + 1; *p != '"'; p++) {
        if (*p == '\\') {
            p++;
        }
    }

    w->p = p + 1;
}


static void
profile_identities_space(profile_identities_walk_t *w)
{
    while (w->p < w->last && profile_identities_is_space(*w->p)) {
        w->p++;
    }
}


/* over the value of a member, whose objects count */

static void
profile_identities_value(profile_identities_walk_t *w)
{
    size_t  depth;

    for (depth = 0; /* void */ ; /* void */ ) {

        switch (*w->p) {

        case '"':
            profile_identities_string(w);
            continue;

        case '{':
            w->objects++;
            /* fall through */

        case '[':
            depth++;
            break;

        case '}':
        case ']':

            if (depth == 0) {
                return;
            }

            depth--;
            break;

        case ',':

            if (depth == 0) {
                return;
            }

            break;

        default:
            break;
        }

        w->p++;
    }
}
