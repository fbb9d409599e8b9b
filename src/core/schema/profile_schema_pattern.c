
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#define PCRE2_CODE_UNIT_WIDTH  8

#include <pcre2.h>

#include "core/schema/profile_schema_mistake.h"
#include "core/schema/profile_schema_pattern.h"


/* a pattern that takes more steps for one name gives up, and so do we */
#define PROFILE_PATTERN_MATCH_LIMIT  100000

/* M2.8: longer names are nothing that a pattern is made for */
#define PROFILE_PATTERN_NAME_LEN  1024

/* beginnings that are tried for one name and pattern, for all of a matcher */
#define PROFILE_PATTERN_TRIES        4096
#define PROFILE_PATTERN_STEPS        4000000
#define PROFILE_PATTERN_OWN          16      /* characters of a run */


static void *profile_schema_pattern_malloc(PCRE2_SIZE size, void *data);
static void profile_schema_pattern_free(void *p, void *data);
static pcre2_code *profile_schema_pattern_compile(profile_schema_t *s,
    const profile_str_t *expr, uint32_t options);
static int profile_schema_pattern_part(profile_schema_t *s,
    profile_pattern_t *p, const profile_str_t *expr);
static profile_reason_e profile_schema_pattern_match(profile_matcher_t *m,
    const profile_pattern_t *p, const profile_name_t *name,
    profile_pattern_how_e how, int *matches);
static profile_reason_e profile_schema_pattern_read(profile_matcher_t *m,
    const profile_pattern_t *p, const profile_name_t *name, int *matches);
static int profile_schema_pattern_matcher_init(profile_matcher_t *m);
static profile_reason_e profile_schema_pattern_go_on(profile_matcher_t *m,
    const profile_pattern_t *p, const profile_name_t *name, uint32_t i,
    int *found);
static profile_reason_e profile_schema_pattern_kept(profile_matcher_t *m,
    const profile_pattern_t *p, const profile_name_t *name, uint32_t i,
    int *found);
static profile_reason_e profile_schema_pattern_letters(profile_matcher_t *m,
    const profile_pattern_t *p, const profile_name_t *name, uint32_t i,
    uint32_t from, uint32_t left, int *found);
static profile_reason_e profile_schema_pattern_extend(profile_matcher_t *m,
    const profile_pattern_t *p, const u_char *data, size_t len, int *alive);
static profile_reason_e profile_schema_pattern_ask(profile_matcher_t *m,
    const profile_pattern_t *p, int whole, int *yes);
static int profile_schema_pattern_replace(profile_matcher_t *m,
    const profile_pattern_t *p, const profile_name_t *name);


static void *
profile_schema_pattern_malloc(PCRE2_SIZE size, void *data)
{
    profile_alloc_t  *a = data;

    return a->alloc(a->ctx, size);
}


static void
profile_schema_pattern_free(void *p, void *data)
{
    profile_alloc_t  *a = data;

    a->free(a->ctx, p);
}


void
profile_schema_pattern_release(profile_schema_t *s)
{
    pcre2_general_context_free(s->general);
}


profile_pattern_t *
profile_schema_pattern_add(profile_schema_t *s, profile_pattern_t ***last,
    const profile_str_t *word, int fold)
{
    profile_str_t       expr;
    profile_pattern_t  *p;

    expr.data = word->data + 1;
    expr.len = word->len - 1;

    if (s->general == NULL) {
        s->general = pcre2_general_context_create(profile_schema_pattern_malloc,
                                                  profile_schema_pattern_free,
                                                  &s->alloc);
        if (s->general == NULL) {
            (void) profile_schema_mistake(s, "not enough memory");
            return NULL;
        }
    }

    p = s->alloc.alloc(s->alloc.ctx, sizeof(profile_pattern_t));
    if (p == NULL) {
        (void) profile_schema_mistake(s, "not enough memory");
        return NULL;
    }

    memset(p, 0, sizeof(profile_pattern_t));

    p->statement = s->statement;
    p->code = profile_schema_pattern_compile(s, &expr, 0);

    if (p->code && fold) {
        p->folded = profile_schema_pattern_compile(s, &expr, PCRE2_CASELESS);
    }

    if (p->folded && profile_schema_pattern_part(s, p, &expr) != 0) {
        profile_schema_pattern_destroy(s, p);
        return NULL;
    }

    if (p->code == NULL || (fold && p->folded == NULL)) {
        profile_schema_pattern_destroy(s, p);
        return NULL;
    }

    **last = p;
    *last = &p->next;

    return p;
}


void
profile_schema_pattern_destroy(profile_schema_t *s, profile_pattern_t *list)
{
    profile_pattern_t  *p;

    while (list) {
        p = list;
        list = p->next;

        pcre2_code_free(p->code);
        pcre2_code_free(p->folded);
        pcre2_code_free(p->part);

        s->alloc.free(s->alloc.ctx, p);
    }
}


static pcre2_code *
profile_schema_pattern_compile(profile_schema_t *s, const profile_str_t *expr,
    uint32_t options)
{
    int                     code;
    pcre2_code             *re;
    PCRE2_SIZE              offset;
    PCRE2_UCHAR             text[128];
    pcre2_compile_context  *cc;

    cc = pcre2_compile_context_create(s->general);
    if (cc == NULL) {
        (void) profile_schema_mistake(s, "not enough memory");
        return NULL;
    }

    re = pcre2_compile(expr->data, expr->len,
                       PCRE2_UTF | PCRE2_ANCHORED | PCRE2_ENDANCHORED
                       | PCRE2_NEVER_BACKSLASH_C | options,
                       &code, &offset, cc);

    pcre2_compile_context_free(cc);

    if (re == NULL && code == PCRE2_ERROR_HEAP_FAILED) {
        (void) profile_schema_mistake(s, "not enough memory");
        return NULL;
    }

    if (re == NULL) {
        (void) pcre2_get_error_message(code, text, sizeof(text));
        (void) profile_schema_mistake(s,
                                      "invalid pattern \"~%.*s\" at %zu: %s",
                                      (int) expr->len, expr->data,
                                      (size_t) offset, text);
        return NULL;
    }

    /* where JIT is not to be had, pcre2_match() interprets */
    (void) pcre2_jit_compile(re, PCRE2_JIT_COMPLETE);

    return re;
}


/*
 * PCRE2 does not match a part where the end is anchored by an option.  Without
 * such code each name beyond ASCII counts as matched: for some expressions
 * what is put around them means something else.
 */

static int
profile_schema_pattern_part(profile_schema_t *s, profile_pattern_t *p,
    const profile_str_t *expr)
{
    int                     code;
    PCRE2_SIZE              offset;
    profile_buf_t           around;
    pcre2_compile_context  *cc;

    memset(&around, 0, sizeof(profile_buf_t));

    cc = pcre2_compile_context_create(s->general);

    if (cc == NULL
        || profile_buf_text(&s->alloc, &around, "(?:") != 0
        || profile_buf_append(&s->alloc, &around, expr->data, expr->len) != 0
        || profile_buf_text(&s->alloc, &around, ")\\z") != 0)
    {
        code = PCRE2_ERROR_HEAP_FAILED;

    } else {
        p->part = pcre2_compile(around.data, around.len,
                                PCRE2_UTF | PCRE2_ANCHORED | PCRE2_CASELESS
                                | PCRE2_NEVER_BACKSLASH_C,
                                &code, &offset, cc);
    }

    pcre2_compile_context_free(cc);
    profile_buf_free(&s->alloc, &around);

    if (p->part) {
        (void) pcre2_jit_compile(p->part, PCRE2_JIT_PARTIAL_HARD);
        return 0;
    }

    return (code == PCRE2_ERROR_HEAP_FAILED)
           ? profile_schema_mistake(s, "not enough memory") : 0;
}


int
profile_schema_pattern_rename(profile_schema_t *s, profile_pattern_t *p,
    const profile_str_t *replacement)
{
    size_t    i;
    uint32_t  captures;

    (void) pcre2_pattern_info(p->code, PCRE2_INFO_CAPTURECOUNT, &captures);

    for (i = 0; i < replacement->len; i++) {

        if (replacement->data[i] != '$') {
            continue;
        }

        i++;

        if (i == replacement->len
            || replacement->data[i] < '1' || replacement->data[i] > '9'
            || (uint32_t) (replacement->data[i] - '0') > captures)
        {
            return profile_schema_mistake(s,
                           "invalid \"as=%.*s\", a dollar sign must name one "
                           "of the pattern's %u groups",
                           (int) replacement->len, replacement->data,
                           (unsigned) captures);
        }
    }

    p->replacement = *replacement;
    p->renames = 1;

    return 0;
}


profile_reason_e
profile_schema_pattern_find(profile_matcher_t *m, const profile_pattern_t *list,
    const profile_name_t *name, profile_pattern_how_e how,
    const profile_pattern_t **found)
{
    int                       matches;
    profile_reason_e          rc;
    const profile_pattern_t  *p;

    *found = NULL;

    if (list == NULL
        || (how != PROFILE_PATTERN_READ
            && (name->lone || name->len > PROFILE_PATTERN_NAME_LEN)))
    {
        return PROFILE_OK;
    }

    if (m->match_data == NULL && profile_schema_pattern_matcher_init(m) != 0) {
        return PROFILE_NO_MEMORY;
    }

    for (p = list; p; p = p->next) {

        rc = (how == PROFILE_PATTERN_READ)
             ? profile_schema_pattern_read(m, p, name, &matches)
             : profile_schema_pattern_match(m, p, name, how, &matches);

        if (rc != PROFILE_OK) {
            return rc;
        }

        if (matches) {
            *found = p;
            break;
        }
    }

    return PROFILE_OK;
}


profile_reason_e
profile_schema_pattern_provider(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_name_t *name,
    profile_pattern_how_e how, const profile_pattern_t **found)
{
    uint32_t                 i, n;
    profile_reason_e         rc;
    const profile_schema_t  *s;

    s = m->schema;
    i = (provider && provider != &s->any) ? provider->index : 0;
    n = (provider == &s->any) ? s->nproviders : i + (provider != NULL);

    for ( /* void */ ; i < n; i++) {
        rc = profile_schema_pattern_find(m, s->providers[i]->patterns, name,
                                         how, found);
        if (rc != PROFILE_OK || *found) {
            return rc;
        }
    }

    return profile_schema_pattern_find(m, s->every_provider, name, how, found);
}


static profile_reason_e
profile_schema_pattern_match(profile_matcher_t *m, const profile_pattern_t *p,
    const profile_name_t *name, profile_pattern_how_e how, int *matches)
{
    int                rc;
    const pcre2_code  *code;

    *matches = 0;

    code = (how == PROFILE_PATTERN_CASELESS) ? p->folded : p->code;

    rc = pcre2_match(code, name->data, name->len, 0, PCRE2_NO_UTF_CHECK,
                     m->match_data, m->match);

    if (rc == PCRE2_ERROR_JIT_STACKLIMIT) {

        /* the machine code has 32k of stack, the interpreter has a heap */

        rc = pcre2_match(code, name->data, name->len, 0,
                         PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, m->match_data,
                         m->match);
    }

    if (rc == PCRE2_ERROR_NOMATCH) {
        return PROFILE_OK;
    }

    if (rc < 0) {
        return (rc == PCRE2_ERROR_NOMEMORY) ? PROFILE_NO_MEMORY
                                            : PROFILE_PATTERN_LIMIT;
    }

    *matches = 1;

    if (how == PROFILE_PATTERN_EXACT && p->renames
        && profile_schema_pattern_replace(m, p, name) != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    return PROFILE_OK;
}


static profile_reason_e
profile_schema_pattern_read(profile_matcher_t *m, const profile_pattern_t *p,
    const profile_name_t *name, int *matches)
{
    m->text.len = 0;
    m->tried = 0;

    *matches = (p->part == NULL);

    return *matches ? PROFILE_OK
                    : profile_schema_pattern_go_on(m, p, name, 0, matches);
}


/* a reading of the items before i is in m->text: of those from i on */

static profile_reason_e
profile_schema_pattern_go_on(profile_matcher_t *m, const profile_pattern_t *p,
    const profile_name_t *name, uint32_t i, int *found)
{
    int                            alive;
    size_t                         len;
    uint32_t                       first;
    profile_reason_e               rc;
    const profile_reading_item_t  *item;

    item = (profile_reading_item_t *) m->reading.items.data;
    first = i;
    len = m->text.len;

    while (i < m->reading.n && item[i].max == 0) {
        i++;
    }

    if (i > first) {

        rc = profile_schema_pattern_extend(m, p,
                                           name->data + item[first].start,
                                           item[i - 1].end - item[first].start,
                                           &alive);
        if (rc != PROFILE_OK || !alive) {
            m->text.len = len;
            return rc;
        }
    }

    if (i == m->reading.n) {

        /* the rest of a name that is too long may be what is missing */

        *found = m->reading.cut;

        rc = *found ? PROFILE_OK : profile_schema_pattern_ask(m, p, 1, found);

    } else {
        rc = profile_schema_pattern_kept(m, p, name, i, found);

        if (rc == PROFILE_OK && !*found) {
            rc = profile_schema_pattern_letters(m, p, name, i, item[i].start,
                                                item[i].max, found);
        }
    }

    m->text.len = len;

    return rc;
}


/* item i as it is */

static profile_reason_e
profile_schema_pattern_kept(profile_matcher_t *m, const profile_pattern_t *p,
    const profile_name_t *name, uint32_t i, int *found)
{
    int                            alive;
    size_t                         len;
    profile_reason_e               rc;
    const profile_reading_item_t  *item;

    item = (profile_reading_item_t *) m->reading.items.data + i;
    len = m->text.len;

    rc = profile_schema_pattern_extend(m, p, name->data + item->start,
                                       item->end - item->start, &alive);

    if (rc == PROFILE_OK && alive) {
        rc = profile_schema_pattern_go_on(m, p, name, i + 1, found);
    }

    m->text.len = len;

    return rc;
}


/*
 * Item i as up to so many letters more, the fewest first, and as characters of
 * its own from the offset on, of which some may be dropped.
 */

static profile_reason_e
profile_schema_pattern_letters(profile_matcher_t *m,
    const profile_pattern_t *p, const profile_name_t *name, uint32_t i,
    uint32_t from, uint32_t left, int *found)
{
    int                            alive;
    size_t                         len;
    u_char                         c;
    uint32_t                       n, end;
    profile_reason_e               rc;
    const profile_reading_item_t  *item;

    item = (profile_reading_item_t *) m->reading.items.data + i;
    len = m->text.len;

    rc = profile_schema_pattern_go_on(m, p, name, i + 1, found);

    for (c = ' '; c <= '~' && left && rc == PROFILE_OK && !*found; c++) {

        if (c >= 'A' && c <= 'Z') {
            continue;
        }

        rc = profile_schema_pattern_extend(m, p, &c, 1, &alive);

        if (rc == PROFILE_OK && alive) {
            rc = profile_schema_pattern_letters(m, p, name, i, from, left - 1,
                                                found);
        }

        m->text.len = len;
    }

    for (n = 0;
         n < PROFILE_PATTERN_OWN && from < item->end && left
         && rc == PROFILE_OK && !*found;
         n++)
    {
        end = from;

        do {
            end++;
        } while (end < item->end && (name->data[end] & 0xc0) == 0x80);

        rc = profile_schema_pattern_extend(m, p, name->data + from, end - from,
                                           &alive);

        if (rc == PROFILE_OK && alive) {
            rc = profile_schema_pattern_letters(m, p, name, i, end, left - 1,
                                                found);
        }

        m->text.len = len;
        from = end;
    }

    return rc;
}


/* m->text grows by these bytes; whether it still may become a match */

static profile_reason_e
profile_schema_pattern_extend(profile_matcher_t *m, const profile_pattern_t *p,
    const u_char *data, size_t len, int *alive)
{
    if (profile_buf_append(&m->alloc, &m->text, data, len) != 0) {
        return PROFILE_NO_MEMORY;
    }

    return profile_schema_pattern_ask(m, p, 0, alive);
}


/* whether m->text matches, or may go on to; yes where that takes too long */

static profile_reason_e
profile_schema_pattern_ask(profile_matcher_t *m, const profile_pattern_t *p,
    int whole, int *yes)
{
    int  rc;

    *yes = 1;

    if (m->tried++ >= PROFILE_PATTERN_TRIES) {
        return PROFILE_OK;
    }

    /* a longer text takes longer */

    m->steps += 1 + m->text.len / 32;

    if (m->steps > PROFILE_PATTERN_STEPS) {
        return PROFILE_PATTERN_LIMIT;
    }

    rc = pcre2_match(whole ? p->folded : p->part, m->text.data, m->text.len, 0,
                     PCRE2_NO_UTF_CHECK | (whole ? 0 : PCRE2_PARTIAL_HARD),
                     m->match_data, m->match);

    *yes = (rc != PCRE2_ERROR_NOMATCH);

    return (rc == PCRE2_ERROR_NOMEMORY) ? PROFILE_NO_MEMORY : PROFILE_OK;
}


static int
profile_schema_pattern_matcher_init(profile_matcher_t *m)
{
    if (m->general == NULL) {
        m->general = pcre2_general_context_create(profile_schema_pattern_malloc,
                                                  profile_schema_pattern_free,
                                                  &m->alloc);
        if (m->general == NULL) {
            return -1;
        }
    }

    if (m->match == NULL) {
        m->match = pcre2_match_context_create(m->general);
        if (m->match == NULL) {
            return -1;
        }

        (void) pcre2_set_match_limit(m->match, PROFILE_PATTERN_MATCH_LIMIT);
    }

    m->match_data = pcre2_match_data_create(10, m->general);

    return m->match_data ? 0 : -1;
}


static int
profile_schema_pattern_replace(profile_matcher_t *m, const profile_pattern_t *p,
    const profile_name_t *name)
{
    u_char       c;
    size_t       i, start, end;
    PCRE2_SIZE  *ovector;

    ovector = pcre2_get_ovector_pointer(m->match_data);
    m->name.len = 0;

    if (profile_buf_reserve(&m->alloc, &m->name, name->len + 1) != 0) {
        return -1;
    }

    for (i = 0; i < p->replacement.len; i++) {
        c = p->replacement.data[i];

        if (c != '$') {
            if (profile_buf_append(&m->alloc, &m->name, &c, 1) != 0) {
                return -1;
            }

            continue;
        }

        c = p->replacement.data[++i] - '0';
        start = ovector[2 * c];
        end = ovector[2 * c + 1];

        if (start != PCRE2_UNSET
            && profile_buf_append(&m->alloc, &m->name, name->data + start,
                                  end - start)
               != 0)
        {
            return -1;
        }
    }

    return 0;
}


void
profile_schema_pattern_release_matcher(profile_matcher_t *m)
{
    pcre2_match_data_free(m->match_data);
    pcre2_match_context_free(m->match);
    pcre2_general_context_free(m->general);
}


/* the library tells its version with a date behind it */

size_t
profile_schema_pattern_version(u_char *text)
{
    size_t  len;
    char    version[64];

    if (pcre2_config(PCRE2_CONFIG_VERSION, NULL) > (int) sizeof(version)) {
        return 0;
    }

    (void) pcre2_config(PCRE2_CONFIG_VERSION, version);

    len = strcspn(version, " ");

    if (len > PROFILE_VERSION_LEN) {
        len = PROFILE_VERSION_LEN;
    }

    memcpy(text, version, len);

    return len;
}
