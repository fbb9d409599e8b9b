
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/response/profile_query_token.h"
#include "core/response/profile_query_value.h"


/* the least a wildcard has before it, in characters */
#define PROFILE_QUERY_WILDCARD  3


static int profile_query_token_wildcard(profile_query_token_t *ps,
    const u_char *start, const profile_str_t *s);
static int profile_query_token_escape(profile_query_token_t *ps);
static void profile_query_token_add(profile_query_t *q, profile_str_t *s,
    u_char c);


/* names with dots between them; nothing where none stands */

int
profile_query_token_path(profile_query_token_t *ps, profile_query_term_t *t)
{
    int            c;
    const u_char  *start;

    start = ps->p;
    t->path.data = ps->query->text.data + ps->query->text.len;

    while (profile_query_token_more(ps)) {
        c = *ps->p;

        if (profile_query_token_is_space(c) || strchr("():\"[]{}", c)) {
            break;
        }

        if (strchr("*?~^+!/<>=&|", c)) {
            return profile_query_token_fail(ps, ps->p,
                                            "the name of a field");
        }

        c = profile_query_token_escape(ps);
        if (c < 0) {
            return -1;
        }

        if (c == '.'
            && (t->path.len == 0 || t->path.data[t->path.len - 1] == '.'))
        {
            return profile_query_token_fail(ps, ps->p - 1,
                                            "the name of a field");
        }

        profile_query_token_add(ps->query, &t->path, c);
    }

    if (t->path.len && t->path.data[t->path.len - 1] == '.') {
        return profile_query_token_fail(ps, start, "the name of a field");
    }

    return 0;
}


int
profile_query_token_quoted(profile_query_token_t *ps, profile_str_t *s)
{
    int            c;
    const u_char  *start;

    start = ps->p++;
    s->data = ps->query->text.data + ps->query->text.len;

    while (!profile_query_token_is(ps, '"')) {

        if (!profile_query_token_more(ps)) {
            return profile_query_token_fail(ps, start,
                                            "a closing quote for this one");
        }

        c = profile_query_token_escape(ps);
        if (c < 0) {
            return -1;
        }

        profile_query_token_add(ps->query, s, c);
    }

    ps->p++;

    if (profile_query_token_more(ps)
        && !profile_query_token_is_space(*ps->p) && !strchr(")]}", *ps->p))
    {
        return profile_query_token_fail(ps, ps->p,
                                        "a space behind the closing quote");
    }

    return 0;
}


int
profile_query_token_bare(profile_query_token_t *ps, profile_query_term_t *t)
{
    int             c;
    size_t          i, len;
    const u_char   *start;
    profile_str_t  *s;

    static const profile_str_t  words[] = {
        profile_string("AND"),
        profile_string("OR"),
        profile_string("NOT")
    };

    s = &t->value.text;
    start = ps->p;
    s->data = ps->query->text.data + ps->query->text.len;

    while (profile_query_token_more(ps)) {
        c = *ps->p;

        if (profile_query_token_is_space(c) || c == ')') {
            break;
        }

        if (c == '*') {
            t->kind = PROFILE_QUERY_PREFIX;
            ps->p++;
            break;
        }

        if (strchr("\"(:[]{}^~?&", c)
            || (c == '|' && ps->p + 1 < ps->last && ps->p[1] == '|')
            || (ps->p == start && strchr("+-!/<>=", c)))
        {
            return profile_query_token_fail(ps, ps->p, "quotes around a value "
                                            "that holds this character");
        }

        c = profile_query_token_escape(ps);
        if (c < 0) {
            return -1;
        }

        profile_query_token_add(ps->query, s, c);
    }

    if (t->kind == PROFILE_QUERY_PREFIX) {
        return profile_query_token_wildcard(ps, start, s);
    }

    len = ps->p - start;

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {

        if (profile_str_eq(&words[i], start, len)) {
            return profile_query_token_fail(ps, start, "a value");
        }
    }

    return s->len ? 0 : profile_query_token_fail(ps, start, "a value");
}


static int
profile_query_token_wildcard(profile_query_token_t *ps, const u_char *start,
    const profile_str_t *s)
{
    size_t  i, n;

    for (i = 0, n = 0; i < s->len; i++) {
        n += (s->data[i] & 0xc0) != 0x80;
    }

    if (n < PROFILE_QUERY_WILDCARD) {
        return profile_query_token_fail(ps, start,
                                        "3 characters before \"*\"");
    }

    if (profile_query_token_more(ps)
        && !profile_query_token_is_space(*ps->p) && *ps->p != ')')
    {
        return profile_query_token_fail(ps, ps->p - 1,
                                        "\"*\" at the end of a value");
    }

    return 0;
}


int
profile_query_token_end(profile_query_token_t *ps, profile_query_value_t *v)
{
    int            c;
    const u_char  *start;

    profile_query_token_space(ps);

    start = ps->p;

    if (profile_query_token_is(ps, '"')) {

        if (profile_query_token_quoted(ps, &v->text) != 0) {
            return -1;
        }

        profile_query_value_read(v);

        return 0;
    }

    v->text.data = ps->query->text.data + ps->query->text.len;

    while (profile_query_token_more(ps)) {
        c = *ps->p;

        if (profile_query_token_is_space(c) || c == ']' || c == '}') {
            break;
        }

        if (c == '*' && ps->p == start) {
            v->open = 1;

        } else if (v->open || strchr("\"()[{*?", c)) {
            return profile_query_token_fail(ps, ps->p, "quotes around a value "
                                            "that holds this character");
        }

        c = profile_query_token_escape(ps);
        if (c < 0) {
            return -1;
        }

        profile_query_token_add(ps->query, &v->text, c);
    }

    if (ps->p == start || profile_str_eq(&v->text, "TO", 2)) {
        return profile_query_token_fail(ps, start, "an end of the range");
    }

    profile_query_value_read(v);

    return 0;
}


void
profile_query_token_space(profile_query_token_t *ps)
{
    while (profile_query_token_more(ps)
           && profile_query_token_is_space(*ps->p))
    {
        ps->p++;
    }
}


/* a word of the language is upper case, and stands for itself */

int
profile_query_token_word(profile_query_token_t *ps, const char *word,
    size_t len)
{
    profile_query_token_space(ps);

    if ((size_t) (ps->last - ps->p) < len || memcmp(ps->p, word, len) != 0
        || (ps->p + len < ps->last
            && !profile_query_token_is_space(ps->p[len])
            && ps->p[len] != '(' && ps->p[len] != ')'))
    {
        return 0;
    }

    ps->p += len;
    profile_query_token_space(ps);

    return 1;
}


/* Returns the next byte, which a backslash may stand before, or -1. */

static int
profile_query_token_escape(profile_query_token_t *ps)
{
    if (*ps->p == '\\') {
        ps->p++;

        if (!profile_query_token_more(ps)) {
            return profile_query_token_fail(ps, ps->p - 1,
                                            "a character behind \"\\\"");
        }
    }

    return *ps->p++;
}


/* what is read is the last that was */

static void
profile_query_token_add(profile_query_t *q, profile_str_t *s, u_char c)
{
    q->text.data[q->text.len++] = c;
    s->len++;
}


int
profile_query_token_fail(profile_query_token_t *ps, const u_char *at,
    const char *expected)
{
    const u_char  *p;

    ps->error->column = 1;
    ps->error->expected.data = (const u_char *) expected;
    ps->error->expected.len = strlen(expected);

    for (p = ps->start; p < at; p++) {
        ps->error->column += (*p & 0xc0) != 0x80;
    }

    return -1;
}


int
profile_query_token_no_memory(profile_query_token_t *ps)
{
    ps->error->column = 0;

    return -1;
}
