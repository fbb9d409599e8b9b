
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_skip.h"
#include "core/response/profile_cut.h"
#include "core/response/profile_cut_state.h"
#include "core/response/profile_cut_tokens.h"


/* an object or an array that is open */

typedef struct {
    size_t                index;         /* of the losses */
    size_t                nkept;         /* bytes of what to note again */
    uint32_t              node;          /* of the fields */
    u_char                object;        /* else an array */
    u_char                loses;         /* a member or element at least */
    u_char                kept;          /* one stands before */
} profile_cut_level_t;


/*
 * What was noted of a node before.  Of two objects, one in the other, both may
 * have a member at the node, if there are dots in the name of one.
 */

typedef struct {
    uint64_t              object;
    uint32_t              node;
} profile_cut_kept_t;


/* the value as it is walked through, twice: what loses, then what is cut */

typedef struct {
    profile_cutter_t     *c;
    const u_char         *last;
    const u_char         *text;
    const u_char         *p;
    const u_char         *comma;         /* the one before the member */
    size_t                n;             /* brackets so far */
    unsigned              tokens:1;
    unsigned              cutting:1;
} profile_cut_walk_t;


static profile_reason_e profile_cut_walk(profile_cut_walk_t *w, uint32_t node);
static profile_reason_e profile_cut_open(profile_cut_walk_t *w, uint32_t node);
static void profile_cut_close(profile_cut_walk_t *w);
static profile_reason_e profile_cut_member(profile_cut_walk_t *w,
    profile_cut_level_t *level);
static profile_reason_e profile_cut_judge(profile_cut_walk_t *w,
    const profile_cut_level_t *level, const u_char *start, size_t len,
    uint32_t *node, profile_fields_e *shown);
static profile_reason_e profile_cut_part(profile_cut_walk_t *w,
    const profile_cut_level_t *level, const u_char *value, uint32_t node,
    profile_fields_e *shown);
static profile_reason_e profile_cut_element(profile_cut_walk_t *w,
    profile_cut_level_t *level);
static profile_reason_e profile_cut_keep(profile_cut_walk_t *w, uint32_t node);
static profile_reason_e profile_cut_drop(profile_cut_walk_t *w,
    const profile_cut_level_t *level, const u_char *start);
static profile_reason_e profile_cut_space(profile_cut_walk_t *w,
    const profile_cut_level_t *level);
static profile_reason_e profile_cut_add(profile_cut_walk_t *w,
    const u_char *start);


#define profile_cut_level(c)                                                 \
    ((profile_cut_level_t *) ((c)->stack.data + (c)->stack.len) - 1)


void
profile_cut_init(profile_cutter_t *c, const profile_alloc_t *a,
    const profile_schema_t *schema, profile_fields_t *fields)
{
    memset(c, 0, sizeof(profile_cutter_t));

    c->alloc = *a;
    c->schema = schema;
    c->fields = fields;
}


void
profile_cut_destroy(profile_cutter_t *c)
{
    profile_buf_free(&c->alloc, &c->losses);
    profile_buf_free(&c->alloc, &c->stack);
    profile_buf_free(&c->alloc, &c->kept);
    profile_buf_free(&c->alloc, &c->cuts);
    profile_buf_free(&c->alloc, &c->unescaped);
}


void
profile_cut_trim(profile_cutter_t *c)
{
    profile_buf_trim(&c->alloc, &c->losses);
    profile_buf_trim(&c->alloc, &c->stack);
    profile_buf_trim(&c->alloc, &c->kept);
    profile_buf_trim(&c->alloc, &c->cuts);
    profile_buf_trim(&c->alloc, &c->unescaped);
}


profile_reason_e
profile_cut_make(profile_cutter_t *c, const u_char *text, size_t len,
    uint32_t node, int tokens, const profile_cut_t **cuts, size_t *n)
{
    int                 made;
    profile_reason_e    rc;
    profile_cut_walk_t  w;

    *n = 0;
    *cuts = NULL;

    if (!profile_skip_is_bracket(*text)) {
        return PROFILE_OK;
    }

    c->losses.len = 0;
    c->cuts.len = 0;

    if (tokens && node == PROFILE_FIELDS_ALL) {
        made = profile_cut_tokens(c, text, len);

        if (made != 0) {
            *cuts = (profile_cut_t *) c->cuts.data;
            *n = c->cuts.len / sizeof(profile_cut_t);

            return made < 0 ? PROFILE_NO_MEMORY : PROFILE_OK;
        }
    }

    memset(&w, 0, sizeof(profile_cut_walk_t));

    w.c = c;
    w.text = text;
    w.last = text + len;
    w.tokens = tokens;

    rc = profile_cut_walk(&w, node);

    if (rc != PROFILE_OK || memchr(c->losses.data, 1, c->losses.len) == NULL) {
        return rc;
    }

    w.cutting = 1;

    rc = profile_cut_walk(&w, node);

    *cuts = (profile_cut_t *) c->cuts.data;
    *n = c->cuts.len / sizeof(profile_cut_t);

    return rc;
}


/* the text is valid, and so only what matters is looked at */

static profile_reason_e
profile_cut_walk(profile_cut_walk_t *w, uint32_t node)
{
    profile_cutter_t     *c;
    profile_reason_e      rc;
    profile_cut_level_t  *level;

    c = w->c;

    c->stack.len = 0;
    c->kept.len = 0;

    w->p = w->text;
    w->comma = NULL;
    w->n = 0;

    rc = profile_cut_open(w, node);

    while (rc == PROFILE_OK && c->stack.len) {
        level = profile_cut_level(c);
        rc = profile_cut_space(w, level);

        if (rc != PROFILE_OK) {
            break;
        }

        switch (*w->p) {

        case ',':
            w->comma = w->p++;
            break;

        case '}':
        case ']':
            profile_cut_close(w);
            break;

        default:
            rc = level->object ? profile_cut_member(w, level)
                               : profile_cut_element(w, level);
        }
    }

    c->brackets += w->n;

    return rc;
}


/* both walks go into the same brackets, whose order is their number */

static profile_reason_e
profile_cut_open(profile_cut_walk_t *w, uint32_t node)
{
    u_char                none;
    profile_cutter_t     *c;
    profile_cut_level_t   level;

    c = w->c;
    none = 0;

    memset(&level, 0, sizeof(profile_cut_level_t));

    level.index = w->n++;
    level.nkept = c->kept.len;
    level.node = node;
    level.object = (*w->p++ == '{');

    if (w->cutting) {
        level.loses = c->losses.data[level.index];

    } else if (profile_buf_append(&c->alloc, &c->losses, &none, 1) != 0) {
        return PROFILE_NO_MEMORY;
    }

    if (profile_buf_append(&c->alloc, &c->stack, &level, sizeof(level)) != 0) {
        return PROFILE_NO_MEMORY;
    }

    return PROFILE_OK;
}


static void
profile_cut_close(profile_cut_walk_t *w)
{
    size_t               nkept;
    profile_cutter_t    *c;
    profile_cut_kept_t  *kept;

    c = w->c;
    nkept = profile_cut_level(c)->nkept;

    while (c->kept.len > nkept) {
        c->kept.len -= sizeof(profile_cut_kept_t);
        kept = (profile_cut_kept_t *) (c->kept.data + c->kept.len);

        (void) profile_fields_keep(c->fields, kept->node, kept->object);
    }

    c->stack.len -= sizeof(profile_cut_level_t);
    w->p++;
}


static profile_reason_e
profile_cut_member(profile_cut_walk_t *w, profile_cut_level_t *level)
{
    uint32_t           node;
    const u_char      *name, *value;
    profile_fields_e   shown;
    profile_reason_e   rc;

    name = w->p;
    w->p = profile_skip_string(name, w->last);

    value = profile_skip_space(w->p, w->last) + 1;
    value = profile_skip_space(value, w->last);

    rc = profile_cut_judge(w, level, name + 1, w->p - name - 2, &node, &shown);

    if (rc == PROFILE_OK && shown == PROFILE_FIELDS_PART) {
        rc = profile_cut_part(w, level, value, node, &shown);
    }

    if (rc != PROFILE_OK) {
        return rc;
    }

    if (shown == PROFILE_FIELDS_NONE) {
        w->p = value;
        return profile_cut_drop(w, level, name);
    }

    level->kept = 1;

    rc = profile_cut_space(w, level);

    if (rc == PROFILE_OK) {
        w->p++;
        rc = profile_cut_space(w, level);
    }

    return rc == PROFILE_OK ? profile_cut_keep(w, node) : rc;
}


static profile_reason_e
profile_cut_judge(profile_cut_walk_t *w, const profile_cut_level_t *level,
    const u_char *start, size_t len, uint32_t *node, profile_fields_e *shown)
{
    profile_name_t     name;
    profile_cutter_t  *c;

    c = w->c;

    *node = level->node;
    *shown = PROFILE_FIELDS_WHOLE;

    if (w->cutting && !level->loses && level->node == PROFILE_FIELDS_ALL) {
        return PROFILE_OK;
    }

    if (profile_cut_state_name(c, start, len, &name) != 0) {
        return PROFILE_NO_MEMORY;
    }

    if (w->tokens && profile_schema_identity_drop(c->schema, &name)) {
        *shown = PROFILE_FIELDS_NONE;

    } else if (level->node != PROFILE_FIELDS_ALL) {
        *shown = profile_fields_member(c->fields, node, name.data,
                                       name.len);
    }

    return PROFILE_OK;
}


/*
 * What is neither object nor array has no parts.  Where the name stands twice
 * the last value is the one that is read: it stays behind a part of another.
 */

static profile_reason_e
profile_cut_part(profile_cut_walk_t *w, const profile_cut_level_t *level,
    const u_char *value, uint32_t node, profile_fields_e *shown)
{
    uint64_t             object;
    profile_cutter_t    *c;
    profile_cut_kept_t   before;

    c = w->c;
    object = c->brackets + level->index + 1;

    if (!profile_skip_is_bracket(*value)) {
        *shown = profile_fields_kept(c->fields, node, object)
                 ? PROFILE_FIELDS_WHOLE : profile_fields_scalar(c->fields);
        return PROFILE_OK;
    }

    memset(&before, 0, sizeof(profile_cut_kept_t));

    before.node = node;
    before.object = profile_fields_keep(c->fields, node, object);

    /* of another object that may be open */

    if (before.object > c->brackets && before.object != object
        && profile_buf_append(&c->alloc, &c->kept, &before, sizeof(before))
           != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    return PROFILE_OK;
}


static profile_reason_e
profile_cut_element(profile_cut_walk_t *w, profile_cut_level_t *level)
{
    if (level->node != PROFILE_FIELDS_ALL && !profile_skip_is_bracket(*w->p)
        && profile_fields_scalar(w->c->fields) == PROFILE_FIELDS_NONE)
    {
        return profile_cut_drop(w, level, w->p);
    }

    level->kept = 1;

    return profile_cut_keep(w, level->node);
}


/* tokens are looked for everywhere */

static profile_reason_e
profile_cut_keep(profile_cut_walk_t *w, uint32_t node)
{
    if (profile_skip_is_bracket(*w->p)
        && (node != PROFILE_FIELDS_ALL || w->tokens))
    {
        return profile_cut_open(w, node);
    }

    w->p = profile_skip_value(w->p, w->last);

    return PROFILE_OK;
}


/* with the comma before it, or where it is the first, with the one behind it */

static profile_reason_e
profile_cut_drop(profile_cut_walk_t *w, const profile_cut_level_t *level,
    const u_char *start)
{
    w->p = profile_skip_value(w->p, w->last);

    if (!w->cutting) {
        w->c->losses.data[level->index] = 1;
        return PROFILE_OK;
    }

    w->p = profile_skip_space(w->p, w->last);

    if (level->kept) {
        start = w->comma;

    } else if (*w->p == ',') {
        w->p++;
    }

    return profile_cut_add(w, start);
}


static profile_reason_e
profile_cut_space(profile_cut_walk_t *w, const profile_cut_level_t *level)
{
    const u_char  *start;

    start = w->p;
    w->p = profile_skip_space(start, w->last);

    if (w->p == start || !level->loses) {
        return PROFILE_OK;
    }

    return profile_cut_add(w, start);
}


/* up to where the walk stands */

static profile_reason_e
profile_cut_add(profile_cut_walk_t *w, const u_char *start)
{
    return profile_cut_state_add(w->c, start - w->text, w->p - w->text) == 0
           ? PROFILE_OK : PROFILE_NO_MEMORY;
}
