
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/json/profile_reader.h"
#include "core/response/profile_query.h"
#include "core/response/profile_query_fold.h"
#include "core/response/profile_query_parse.h"
#include "core/response/profile_query_state.h"
#include "core/response/profile_query_value.h"


/* a user of more bytes leaves nothing behind */
#define PROFILE_QUERY_LARGE  65536


static int profile_query_start(profile_query_t *q);
static int profile_query_begins(const profile_str_t *path,
    const profile_str_t *name);
static profile_reason_e profile_query_begin(void *ctx,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_query_scalar(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_query_end(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_query_enter(profile_query_t *q,
    const profile_event_t *ev, profile_query_level_t *next);
static profile_reason_e profile_query_text(profile_query_t *q,
    profile_buf_t *buf, uint64_t start, uint64_t end, profile_str_t *s);
static int profile_query_whole(const profile_query_term_t *t,
    const profile_query_level_t *level);
static int profile_query_result(profile_query_t *q);


static const profile_reader_handler_t  profile_query_handler = {
    profile_query_begin,
    profile_query_scalar,
    profile_query_end
};


profile_query_t *
profile_query_create(const profile_alloc_t *a, const profile_str_t *text,
    unsigned max_depth, profile_query_error_t *error)
{
    profile_query_t  *q;

    error->column = 0;

    q = a->alloc(a->ctx, sizeof(profile_query_t));
    if (q == NULL) {
        return NULL;
    }

    memset(q, 0, sizeof(profile_query_t));

    q->alloc = *a;

    q->max_depth = max_depth;

    if (profile_query_parse(q, text, error) != 0
        || profile_query_start(q) != 0)
    {
        profile_query_destroy(q);
        return NULL;
    }

    return q;
}


/*
 * One reader for all users: to it they are a list.  What is moved into a
 * container is one deeper than it was.
 */

static int
profile_query_start(profile_query_t *q)
{
    profile_reader_conf_t  conf;

    conf.engine = PROFILE_READER_YAJL;
    conf.max_size = SIZE_MAX / 2;
    conf.max_depth = q->max_depth + 2;
    conf.skip_bom = 0;

    q->level = 0;
    q->begun = 0;

    q->reader = profile_reader_create(&q->alloc, &conf, &profile_query_handler,
                                      q);

    if (q->levels == NULL) {
        q->levels = q->alloc.alloc(q->alloc.ctx,
                                   ((size_t) q->max_depth + 3)
                                   * sizeof(profile_query_level_t));
    }

    return q->reader && q->levels ? 0 : -1;
}


void
profile_query_destroy(profile_query_t *q)
{
    if (q == NULL) {
        return;
    }

    profile_reader_destroy(q->reader);
    profile_query_fold_destroy(q);
    profile_buf_free(&q->alloc, &q->text);
    profile_buf_free(&q->alloc, &q->name);
    profile_buf_free(&q->alloc, &q->value);

    q->alloc.free(q->alloc.ctx, q->levels);
    q->alloc.free(q->alloc.ctx, q);
}


profile_reason_e
profile_query_finds(profile_query_t *q, const u_char *user, size_t len,
    int *finds)
{
    profile_reason_e  rc;

    if (q->reader == NULL && profile_query_start(q) != 0) {
        return PROFILE_NO_MEMORY;
    }

    rc = profile_reader_feed(q->reader,
                             (const u_char *) (q->begun ? "," : "["), 1);
    q->begun = 1;
    q->ended = 0;
    q->found = 0;

    if (rc == PROFILE_OK) {
        rc = profile_reader_feed(q->reader, user, len);
    }

    if (rc != PROFILE_OK) {
        return rc;
    }

    if (!q->ended) {
        return PROFILE_TRUNCATED;
    }

    *finds = profile_query_result(q);

    /* the reader keeps what it has allocated for a large one */

    if (len > PROFILE_QUERY_LARGE) {
        profile_reader_destroy(q->reader);
        q->reader = NULL;

        profile_buf_trim(&q->alloc, &q->name);
        profile_buf_trim(&q->alloc, &q->value);
    }

    return PROFILE_OK;
}


/* the same that profile_query_enter() looks for, in two levels at most */

int
profile_query_named(const profile_query_t *q, const profile_str_t *container,
    const profile_str_t *name)
{
    unsigned       i;
    profile_str_t  path;

    for (i = 0; i < q->nterms; i++) {
        path = q->terms[i].path;

        if (container) {

            if (!profile_query_begins(&path, container)) {
                continue;
            }

            /* all that the container holds */

            if (path.len == container->len) {
                return 1;
            }

            path.data += container->len + 1;
            path.len -= container->len + 1;
        }

        if (profile_query_begins(&path, name)) {
            return 1;
        }
    }

    return 0;
}


/* whether the path is that of a member of this name, or leads into it */

static int
profile_query_begins(const profile_str_t *path, const profile_str_t *name)
{
    return path->len >= name->len
           && memcmp(path->data, name->data, name->len) == 0
           && (path->len == name->len || path->data[name->len] == '.');
}


static profile_reason_e
profile_query_begin(void *ctx, const profile_event_t *ev, int *inside)
{
    profile_query_t  *q = ctx;

    profile_reason_e       rc;
    profile_query_level_t  next;

    if (q->level == 0) {
        q->level = 1;
        q->levels[1].open = UINT32_MAX >> (32 - q->nterms);
        q->levels[1].below = 0;
        q->levels[1].len = 0;
        *inside = 1;

        return PROFILE_OK;
    }

    rc = profile_query_enter(q, ev, &next);

    if (rc == PROFILE_OK && (next.open || next.below)) {
        q->levels[++q->level] = next;
        *inside = 1;
    }

    return rc;
}


static profile_reason_e
profile_query_scalar(void *ctx, const profile_event_t *ev)
{
    profile_query_t  *q = ctx;

    int                    holds;
    unsigned               i;
    profile_str_t          s;
    profile_reason_e       rc;
    profile_query_level_t  next;

    if (ev->type <= PROFILE_ARRAY || ev->type == PROFILE_NULL) {
        return PROFILE_OK;
    }

    rc = profile_query_enter(q, ev, &next);

    if (rc != PROFILE_OK || (next.open | next.below) == 0) {
        return rc;
    }

    q->found |= next.below;

    if (ev->type == PROFILE_STRING) {
        rc = profile_query_text(q, &q->value, ev->start + 1, ev->end - 1, &s);

    } else {
        s.data = profile_reader_text(q->reader, ev->start, ev->end);
        s.len = ev->end - ev->start;
        rc = s.data ? PROFILE_OK : PROFILE_NO_MEMORY;
    }

    for (i = 0; i < q->nterms && rc == PROFILE_OK; i++) {

        if (!(next.open & 1U << i) || q->found & 1U << i
            || !profile_query_whole(&q->terms[i], &next))
        {
            continue;
        }

        holds = profile_query_value_holds(q, &q->terms[i], ev->type, &s);

        if (holds < 0) {
            rc = PROFILE_NO_MEMORY;

        } else if (holds) {
            q->found |= 1U << i;
        }
    }

    return rc;
}


static profile_reason_e
profile_query_end(void *ctx, const profile_event_t *ev)
{
    profile_query_t  *q = ctx;

    (void) ev;

    if (--q->level == 1) {
        q->ended = 1;
    }

    return PROFILE_OK;
}


/* which terms a value concerns; an element is where its array is */

static profile_reason_e
profile_query_enter(profile_query_t *q, const profile_event_t *ev,
    profile_query_level_t *next)
{
    unsigned                      i;
    profile_str_t                 name;
    profile_reason_e              rc;
    const profile_str_t          *path;
    const profile_query_level_t  *level;

    level = &q->levels[q->level];
    *next = *level;

    if (!ev->named) {
        return PROFILE_OK;
    }

    rc = profile_query_text(q, &q->name, ev->name_start, ev->name_end, &name);
    if (rc != PROFILE_OK) {
        return rc;
    }

    next->open = 0;
    next->len = level->len + name.len + 1;

    for (i = 0; i < q->nterms; i++) {
        path = &q->terms[i].path;

        if (!(level->open & 1U << i)
            || path->len + 1 < next->len
            || memcmp(path->data + level->len, name.data, name.len) != 0
            || (path->len + 1 > next->len && path->data[next->len - 1] != '.'))
        {
            continue;
        }

        next->open |= 1U << i;

        if (q->terms[i].kind == PROFILE_QUERY_EXISTS && !q->terms[i].domain
            && profile_query_whole(&q->terms[i], next))
        {
            next->below |= 1U << i;
        }
    }

    return PROFILE_OK;
}


/* of the text between the quotes of a name or of a string, unescaped */

static profile_reason_e
profile_query_text(profile_query_t *q, profile_buf_t *buf, uint64_t start,
    uint64_t end, profile_str_t *s)
{
    unsigned       flags;
    const u_char  *text;

    text = profile_reader_text(q->reader, start, end);
    if (text == NULL) {
        return PROFILE_NO_MEMORY;
    }

    s->data = text;
    s->len = end - start;

    if (memchr(text, '\\', s->len) == NULL) {
        return PROFILE_OK;
    }

    if (profile_text_plain(&q->alloc, buf, text, s->len, &flags) != 0) {
        return PROFILE_NO_MEMORY;
    }

    s->data = buf->data;
    s->len = buf->len;

    return PROFILE_OK;
}


/* whether the path ends here */

static int
profile_query_whole(const profile_query_term_t *t,
    const profile_query_level_t *level)
{
    return level->len == t->path.len + 1;
}


/* each step works on the last bits: what holds so far */

static int
profile_query_result(profile_query_t *q)
{
    uint64_t  holds, last;
    unsigned  i;

    holds = 0;

    for (i = 0; i < q->nsteps; i++) {
        last = holds & 1;

        switch (q->steps[i]) {

        case PROFILE_QUERY_NOT:
            holds ^= 1;
            break;

        case PROFILE_QUERY_AND:
            holds = (holds >> 1) & (~(uint64_t) 1 | last);
            break;

        case PROFILE_QUERY_OR:
            holds = (holds >> 1) | last;
            break;

        default:
            holds = holds << 1 | (q->found >> q->steps[i] & 1);
            break;
        }
    }

    return holds & 1;
}
