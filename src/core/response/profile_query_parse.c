
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_utf8.h"
#include "core/response/profile_query_fold.h"
#include "core/response/profile_query_parse.h"
#include "core/response/profile_query_token.h"
#include "core/response/profile_query_value.h"


static int profile_query_parse_or(profile_query_token_t *ps);
static int profile_query_parse_and(profile_query_token_t *ps);
static int profile_query_parse_not(profile_query_token_t *ps);
static int profile_query_parse_group(profile_query_token_t *ps);
static int profile_query_parse_clause(profile_query_token_t *ps);
static void profile_query_parse_field(profile_query_term_t *t);
static int profile_query_parse_exists(profile_query_token_t *ps,
    profile_query_term_t *t);
static int profile_query_parse_value(profile_query_token_t *ps,
    const profile_query_term_t *field);
static int profile_query_parse_range(profile_query_token_t *ps,
    profile_query_term_t *t);
static int profile_query_parse_term(profile_query_token_t *ps,
    const u_char *start, profile_query_term_t *t);
static int profile_query_parse_in(const profile_str_t *path, const char *name,
    size_t len);
static void profile_query_parse_step(profile_query_t *q, int step);


int
profile_query_parse(profile_query_t *q, const profile_str_t *text,
    profile_query_error_t *error)
{
    profile_query_token_t  ps;

    memset(&ps, 0, sizeof(profile_query_token_t));

    ps.query = q;
    ps.error = error;
    ps.start = text->data;
    ps.p = text->data;
    ps.last = text->data + text->len;

    if (text->len > PROFILE_QUERY_LEN) {
        return profile_query_token_fail(&ps, ps.start + PROFILE_QUERY_LEN,
                                        "at most 1024 bytes");
    }

    if (!profile_utf8_is_whole(text->data, text->len)) {
        return profile_query_token_fail(&ps, ps.start, "UTF-8");
    }

    /* names and values are no longer than what they are made of */

    if (profile_buf_reserve(&q->alloc, &q->text, text->len + 1) != 0) {
        return profile_query_token_no_memory(&ps);
    }

    if (profile_query_parse_or(&ps) != 0) {
        return -1;
    }

    if (profile_query_token_more(&ps)) {
        return profile_query_token_fail(&ps, ps.p,
                                        "\"AND\", \"OR\" or the end");
    }

    return 0;
}


static int
profile_query_parse_or(profile_query_token_t *ps)
{
    if (profile_query_parse_and(ps) != 0) {
        return -1;
    }

    while (profile_query_token_word(ps, "OR", 2)) {

        if (profile_query_parse_and(ps) != 0) {
            return -1;
        }

        profile_query_parse_step(ps->query, PROFILE_QUERY_OR);
    }

    return 0;
}


static int
profile_query_parse_and(profile_query_token_t *ps)
{
    if (profile_query_parse_not(ps) != 0) {
        return -1;
    }

    while (profile_query_token_word(ps, "AND", 3)) {

        if (profile_query_parse_not(ps) != 0) {
            return -1;
        }

        profile_query_parse_step(ps->query, PROFILE_QUERY_AND);
    }

    return 0;
}


static int
profile_query_parse_not(profile_query_token_t *ps)
{
    int  not, rc;

    for (not = 0; /* void */ ; not = !not) {

        if (profile_query_token_word(ps, "NOT", 3)) {
            continue;
        }

        if (!profile_query_token_is(ps, '-')) {
            break;
        }

        ps->p++;

        if (profile_query_token_more(ps)
            && profile_query_token_is_space(*ps->p))
        {
            return profile_query_token_fail(ps, ps->p,
                                            "what \"-\" is to exclude");
        }
    }

    if (profile_query_token_is(ps, '(')) {
        rc = profile_query_parse_group(ps);

    } else if (ps->grouped) {
        rc = profile_query_parse_value(ps, &ps->field);

    } else {
        rc = profile_query_parse_clause(ps);
    }

    if (rc == 0 && not) {
        profile_query_parse_step(ps->query, PROFILE_QUERY_NOT);
    }

    profile_query_token_space(ps);

    return rc;
}


static int
profile_query_parse_group(profile_query_token_t *ps)
{
    if (++ps->depth > PROFILE_QUERY_DEPTH) {
        return profile_query_token_fail(ps, ps->p,
                                        "at most 8 levels of parentheses");
    }

    ps->p++;

    if (profile_query_parse_or(ps) != 0) {
        return -1;
    }

    if (!profile_query_token_is(ps, ')')) {
        return profile_query_token_fail(ps, ps->p,
                                        "\"AND\", \"OR\" or \")\"");
    }

    ps->p++;
    ps->depth--;

    return 0;
}


static int
profile_query_parse_clause(profile_query_token_t *ps)
{
    int                    rc;
    const u_char          *start;
    profile_query_term_t   t;

    static const profile_str_t  exists = profile_string("_exists_");

    memset(&t, 0, sizeof(profile_query_term_t));

    start = ps->p;

    if (profile_query_token_path(ps, &t) != 0) {
        return -1;
    }

    if (t.path.len == 0 || !profile_query_token_is(ps, ':')) {
        return profile_query_token_fail(ps, start,
                                        "a field and its value, such as "
                                        "email:\"a@example.com\"");
    }

    ps->p++;
    profile_query_token_space(ps);

    if (profile_str_eq(&exists, t.path.data, t.path.len)) {
        return profile_query_parse_exists(ps, &t);
    }

    profile_query_parse_field(&t);

    if (!profile_query_token_is(ps, '(')) {
        return profile_query_parse_value(ps, &t);
    }

    ps->field = t;
    ps->grouped = 1;

    rc = profile_query_parse_group(ps);

    ps->grouped = 0;

    return rc;
}


/* what is known of some fields */

static void
profile_query_parse_field(profile_query_term_t *t)
{
    size_t  i;

    static const profile_str_t  caseless[] = {
        profile_string("email"),
        profile_string("name"),
        profile_string("given_name"),
        profile_string("family_name"),
        profile_string("nickname")
    };

    /* what else looks like a date is compared as it is */

    static const profile_str_t  dates[] = {
        profile_string("created_at"),
        profile_string("updated_at"),
        profile_string("last_login"),
        profile_string("last_password_reset"),
        profile_string("password_set_date"),
        profile_string("multifactor_last_modified")
    };

    static const profile_str_t  domain = profile_string("email.domain");

    if (profile_str_eq(&domain, t->path.data, t->path.len)) {
        t->path.len = sizeof("email") - 1;
        t->domain = 1;
    }

    for (i = 0; i < sizeof(caseless) / sizeof(caseless[0]); i++) {

        if (profile_str_eq(&caseless[i], t->path.data, t->path.len)) {
            t->caseless = 1;
        }
    }

    for (i = 0; i < sizeof(dates) / sizeof(dates[0]); i++) {

        if (profile_str_eq(&dates[i], t->path.data, t->path.len)) {
            t->interval = 1;
        }
    }
}


static int
profile_query_parse_exists(profile_query_token_t *ps, profile_query_term_t *t)
{
    const u_char  *start;

    start = ps->p;
    t->path.len = 0;

    if (profile_query_token_path(ps, t) != 0) {
        return -1;
    }

    if (t->path.len == 0) {
        return profile_query_token_fail(ps, start, "the name of a field");
    }

    profile_query_parse_field(t);

    t->kind = PROFILE_QUERY_EXISTS;

    return profile_query_parse_term(ps, start, t);
}


static int
profile_query_parse_value(profile_query_token_t *ps,
    const profile_query_term_t *field)
{
    int                    rc;
    const u_char          *start;
    profile_query_term_t   t;

    t = *field;
    t.kind = PROFILE_QUERY_EQUAL;
    start = ps->p;

    if (profile_query_token_is(ps, '[') || profile_query_token_is(ps, '{')) {
        rc = profile_query_parse_range(ps, &t);

    } else if (profile_query_token_is(ps, '"')) {
        rc = profile_query_token_quoted(ps, &t.value.text);

    } else {
        rc = profile_query_token_bare(ps, &t);
    }

    if (rc != 0) {
        return -1;
    }

    if ((t.kind == PROFILE_QUERY_PREFIX || t.kind == PROFILE_QUERY_RANGE)
        && profile_query_parse_in(&t.path, "user_metadata", 13))
    {
        return profile_query_token_fail(ps, start, "no wildcard and no range "
                                        "in user_metadata");
    }

    return profile_query_parse_term(ps, start, &t);
}


static int
profile_query_parse_range(profile_query_token_t *ps, profile_query_term_t *t)
{
    const u_char  *start;

    t->kind = PROFILE_QUERY_RANGE;
    t->value.inclusive = (*ps->p++ == '[');
    start = ps->p;

    if (profile_query_token_end(ps, &t->value) != 0) {
        return -1;
    }

    if (!profile_query_token_word(ps, "TO", 2)) {
        return profile_query_token_fail(ps, ps->p, "\"TO\"");
    }

    if (profile_query_token_end(ps, &t->upper) != 0) {
        return -1;
    }

    profile_query_token_space(ps);

    if (!profile_query_token_is(ps, ']') && !profile_query_token_is(ps, '}')) {
        return profile_query_token_fail(ps, ps->p, "\"]\" or \"}\"");
    }

    t->upper.inclusive = (*ps->p++ == ']');

    if (t->value.open && t->upper.open) {
        t->kind = PROFILE_QUERY_EXISTS;
        return 0;
    }

    if (!t->value.open && !t->upper.open
        && !(t->value.is_number && t->upper.is_number)
        && !(t->value.is_date && t->upper.is_date)
        && (t->value.is_number || t->upper.is_number
            || t->value.is_date || t->upper.is_date))
    {
        return profile_query_token_fail(ps, start,
                                        "two numbers, two dates or two texts");
    }

    return 0;
}


static int
profile_query_parse_term(profile_query_token_t *ps, const u_char *start,
    profile_query_term_t *t)
{
    profile_query_t  *q;

    q = ps->query;

    if (q->nterms == PROFILE_QUERY_TERMS) {
        return profile_query_token_fail(ps, start, "at most 32 terms");
    }

    if (t->kind == PROFILE_QUERY_EQUAL) {
        profile_query_value_read(&t->value);
    }

    q->terms[q->nterms] = *t;
    t = &q->terms[q->nterms];

    profile_query_parse_step(q, q->nterms++);

    if (t->caseless
        && (t->kind == PROFILE_QUERY_EQUAL || t->kind == PROFILE_QUERY_PREFIX)
        && profile_query_fold_term(q, t) != 0)
    {
        return profile_query_token_no_memory(ps);
    }

    return 0;
}


/* the field of this name, or what stands in it */

static int
profile_query_parse_in(const profile_str_t *path, const char *name, size_t len)
{
    return path->len >= len && memcmp(path->data, name, len) == 0
           && (path->len == len || path->data[len] == '.');
}


static void
profile_query_parse_step(profile_query_t *q, int step)
{
    q->steps[q->nsteps++] = step;
}
