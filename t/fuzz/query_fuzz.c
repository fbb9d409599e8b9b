
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/profile_utf8.h"
#include "query_fuzz.h"


typedef struct {
    const u_char         *p;
    const u_char         *end;
    unsigned              depth;
    unsigned              terms;
    fuzz_query_t         *field;         /* of the parentheses around */
} parse_t;


static fuzz_query_t *query_binary(parse_t *ps, char op);
static fuzz_query_t *query_node(char op, fuzz_query_t *left,
    fuzz_query_t *right);
static fuzz_query_t *query_unary(parse_t *ps);
static fuzz_query_t *query_group(parse_t *ps);
static fuzz_query_t *query_clause(parse_t *ps);
static fuzz_query_t *query_term(parse_t *ps, const fuzz_query_t *field);
static int query_value(parse_t *ps, fuzz_query_t *q);
static int query_range(parse_t *ps, fuzz_query_t *q);
static int query_end(parse_t *ps, fuzz_query_value_t *v, int *odd);
static int query_path(parse_t *ps, profile_str_t *path);
static int query_quoted(parse_t *ps, profile_str_t *s);
static int query_text(parse_t *ps, const char *stops, const char *wrong,
    profile_str_t *s);
static void query_field(fuzz_query_t *q);
static void query_read_value(fuzz_query_value_t *v, int *odd);
static const char *query_date_parts(const char *p, fuzz_date_t *date);
static int query_date_is_real(fuzz_date_t *date, int minutes);
static const char *query_date_offset(const char *p, fuzz_date_t *date);
static int query_word(parse_t *ps, const char *word);
static int query_next(const parse_t *ps, const char *set);
static void query_space(parse_t *ps);
static int query_is(const profile_str_t *s, const char *text);


fuzz_query_t *
fuzz_query_read(const profile_str_t *text)
{
    parse_t        ps;
    fuzz_query_t  *q;

    memset(&ps, 0, sizeof(ps));
    ps.p = text->data;
    ps.end = text->data + text->len;

    if (text->len > 1024 || !profile_utf8_is_whole(text->data, text->len)) {
        return NULL;
    }

    q = query_binary(&ps, '|');

    if (q && ps.p != ps.end) {
        fuzz_query_destroy(q);
        q = NULL;
    }

    return q;
}


void
fuzz_query_destroy(fuzz_query_t *q)
{
    if (q == NULL) {
        return;
    }

    fuzz_query_destroy(q->left);
    fuzz_query_destroy(q->right);
    free((void *) q->path.data);
    free((void *) q->value.text.data);
    free((void *) q->upper.text.data);
    free(q);
}


/* OR binds less than AND, and that less than NOT */

static fuzz_query_t *
query_binary(parse_t *ps, char op)
{
    fuzz_query_t  *left, *right;

    left = (op == '|') ? query_binary(ps, '&') : query_unary(ps);

    while (left && query_word(ps, op == '|' ? "OR" : "AND")) {
        right = (op == '|') ? query_binary(ps, '&') : query_unary(ps);

        if (right == NULL) {
            fuzz_query_destroy(left);
            return NULL;
        }

        left = query_node(op, left, right);
    }

    return left;
}


static fuzz_query_t *
query_node(char op, fuzz_query_t *left, fuzz_query_t *right)
{
    fuzz_query_t  *q;

    q = calloc(1, sizeof(fuzz_query_t));
    q->op = op;
    q->left = left;
    q->right = right;

    return q;
}


static fuzz_query_t *
query_unary(parse_t *ps)
{
    fuzz_query_t  *q;

    if (query_word(ps, "NOT")) {
        q = query_unary(ps);

    } else if (query_next(ps, "-")) {
        ps->p++;

        if (query_next(ps, " \t\r\n")) {
            return NULL;
        }

        q = query_unary(ps);

    } else {
        q = query_next(ps, "(") ? query_group(ps)
            : ps->field ? query_term(ps, ps->field) : query_clause(ps);
        query_space(ps);

        return q;
    }

    return q ? query_node('!', q, NULL) : NULL;
}


static fuzz_query_t *
query_group(parse_t *ps)
{
    fuzz_query_t  *q;

    if (ps->depth == 8) {
        return NULL;
    }

    ps->depth++;
    ps->p++;

    q = query_binary(ps, '|');

    ps->depth--;

    if (q == NULL || !query_next(ps, ")")) {
        fuzz_query_destroy(q);
        return NULL;
    }

    ps->p++;

    return q;
}


static fuzz_query_t *
query_clause(parse_t *ps)
{
    fuzz_query_t   field, *q;

    memset(&field, 0, sizeof(field));

    q = NULL;

    if (!query_path(ps, &field.path) || field.path.len == 0
        || !query_next(ps, ":"))
    {
        goto done;
    }

    ps->p++;
    query_space(ps);

    if (query_is(&field.path, "_exists_")) {
        free((void *) field.path.data);
        field.op = '?';

        if (query_path(ps, &field.path) && field.path.len) {
            query_field(&field);
            q = query_term(ps, &field);
        }

        goto done;
    }

    query_field(&field);

    if (query_next(ps, "(")) {
        ps->field = &field;
        q = query_group(ps);
        ps->field = NULL;

    } else {
        q = query_term(ps, &field);
    }

done:

    free((void *) field.path.data);

    return q;
}


static fuzz_query_t *
query_term(parse_t *ps, const fuzz_query_t *field)
{
    u_char        *path;
    fuzz_query_t  *q;

    q = calloc(1, sizeof(fuzz_query_t));
    *q = *field;

    path = malloc(field->path.len + 1);
    memcpy(path, field->path.data, field->path.len);
    q->path.data = path;

    if ((q->op != '?' && !query_value(ps, q)) || ps->terms++ == 32) {
        fuzz_query_destroy(q);
        return NULL;
    }

    return q;
}


static int
query_value(parse_t *ps, fuzz_query_t *q)
{
    size_t         i, n;
    const u_char  *start;
    profile_str_t  raw;

    if (query_next(ps, "[{")) {
        return query_range(ps, q)
               && (q->op == '?'
                   || !fuzz_query_inside(&q->path, "user_metadata"));
    }

    q->op = '=';

    if (query_next(ps, "\"")) {

        if (!query_quoted(ps, &q->value.text)) {
            return 0;
        }

        query_read_value(&q->value, &q->odd);

        return 1;
    }

    if (query_next(ps, "+-!/<>=")) {
        return 0;
    }

    start = ps->p;

    if (!query_text(ps, " \t\r\n)*", "\"(:[]{}^~?&", &q->value.text)) {
        return 0;
    }

    raw.data = start;
    raw.len = ps->p - start;

    if (query_next(ps, "*")) {
        ps->p++;
        q->op = '*';

        for (i = 0, n = 0; i < q->value.text.len; i++) {
            n += q->value.text.data[i] < 0x80 || q->value.text.data[i] >= 0xc0;
        }

        return n >= 3 && (ps->p == ps->end || query_next(ps, " \t\r\n)"))
               && !fuzz_query_inside(&q->path, "user_metadata");
    }

    query_read_value(&q->value, &q->odd);

    return raw.len && !query_is(&raw, "AND") && !query_is(&raw, "OR")
           && !query_is(&raw, "NOT");
}


static int
query_range(parse_t *ps, fuzz_query_t *q)
{
    fuzz_query_value_t  *v, *w;

    v = &q->value;
    w = &q->upper;
    q->op = '[';

    v->inclusive = (*ps->p++ == '[');

    if (!query_end(ps, v, &q->odd) || !query_word(ps, "TO")
        || !query_end(ps, w, &q->odd))
    {
        return 0;
    }

    query_space(ps);

    if (!query_next(ps, "]}")) {
        return 0;
    }

    w->inclusive = (*ps->p++ == ']');

    if (v->open || w->open) {
        q->op = (v->open && w->open) ? '?' : '[';
        return 1;
    }

    return (v->number && w->number) || (v->date.parts && w->date.parts)
           || !(v->number || w->number || v->date.parts || w->date.parts);
}


static int
query_end(parse_t *ps, fuzz_query_value_t *v, int *odd)
{
    const u_char  *start;

    query_space(ps);

    if (query_next(ps, "\"")) {

        if (!query_quoted(ps, &v->text)) {
            return 0;
        }

    } else if (query_next(ps, "*")) {
        v->open = 1;
        ps->p++;

        return ps->p == ps->end || query_next(ps, " \t\r\n]}");

    } else {
        start = ps->p;

        if (!query_text(ps, " \t\r\n]}", "\"()[{*?", &v->text)
            || ps->p == start || query_is(&v->text, "TO"))
        {
            return 0;
        }
    }

    query_read_value(v, odd);

    return 1;
}


/* names with a dot between two of them */

static int
query_path(parse_t *ps, profile_str_t *path)
{
    size_t  i;

    if (!query_text(ps, " \t\r\n():\"[]{}", "*?~^+!/<>=&|", path)) {
        return 0;
    }

    for (i = 0; i < path->len; i++) {
        if (path->data[i] == '.'
            && (i == 0 || i + 1 == path->len || path->data[i - 1] == '.'))
        {
            return 0;
        }
    }

    return 1;
}


static int
query_quoted(parse_t *ps, profile_str_t *s)
{
    ps->p++;

    if (!query_text(ps, "\"", "", s) || !query_next(ps, "\"")) {
        return 0;
    }

    ps->p++;

    return ps->p == ps->end || query_next(ps, " \t\r\n)]}");
}


/* up to one of the stops, without backslashes; a NUL stands in quotes only */

static int
query_text(parse_t *ps, const char *stops, const char *wrong, profile_str_t *s)
{
    u_char  *dst;

    dst = malloc(ps->end - ps->p + 1);
    s->data = dst;
    s->len = 0;

    for ( /* void */ ; ps->p < ps->end && !query_next(ps, stops); ps->p++) {

        if (query_next(ps, wrong)
            || (*ps->p == '\0' && *wrong)
            || (*wrong == '"' && strchr(wrong, ':') && ps->end - ps->p > 1
                && ps->p[0] == '|' && ps->p[1] == '|'))
        {
            return 0;
        }

        if (*ps->p == '\\' && ++ps->p == ps->end) {
            return 0;
        }

        *dst++ = *ps->p;
        s->len++;
    }

    return 1;
}


static void
query_field(fuzz_query_t *q)
{
    if (query_is(&q->path, "email.domain")) {
        q->path.len = 5;
        q->domain = 1;
    }

    q->caseless = query_is(&q->path, "email") || query_is(&q->path, "name")
                  || query_is(&q->path, "given_name")
                  || query_is(&q->path, "family_name")
                  || query_is(&q->path, "nickname");
}


static void
query_read_value(fuzz_query_value_t *v, int *odd)
{
    v->number = fuzz_dom_is_number(&v->text, odd);
    fuzz_query_date(&v->text, &v->date);
}


void
fuzz_query_date(const profile_str_t *s, fuzz_date_t *date)
{
    char         text[40];
    const char  *p;

    memset(date, 0, sizeof(fuzz_date_t));
    memset(date->fraction, '0', sizeof(date->fraction) - 1);

    if (s->len >= sizeof(text) || memchr(s->data, '\0', s->len)) {
        return;
    }

    memcpy(text, s->data, s->len);
    text[s->len] = '\0';

    p = query_date_parts(text, date);

    if (p == NULL || !query_date_is_real(date, 0)) {
        date->parts = 0;
        return;
    }

    if (*p == 'Z' && date->parts > 3) {
        p++;

    } else if (*p && date->parts > 4) {
        p = query_date_offset(p, date);
    }

    if (p == NULL || *p) {
        date->parts = 0;
    }
}


static const char *
query_date_parts(const char *p, fuzz_date_t *date)
{
    int  i;

    date->part[1] = 1;
    date->part[2] = 1;

    for (date->parts = 0; date->parts < 6; date->parts++) {

        if (date->parts && *p != " --T::"[date->parts]) {
            break;
        }

        p += (date->parts != 0);
        date->part[date->parts] = 0;

        for (i = date->parts ? 2 : 4; i; i--, p++) {

            if (*p < '0' || *p > '9') {
                return NULL;
            }

            date->part[date->parts] = date->part[date->parts] * 10 + *p - '0';
        }
    }

    if (date->parts < 6 || *p != '.') {
        return p;
    }

    date->digits = (int) strspn(++p, "0123456789");

    if (date->digits < 1 || date->digits > 9) {
        return NULL;
    }

    memcpy(date->fraction, p, date->digits);
    date->parts = 7;

    return p + date->digits;
}


/* so many minutes before it is what the C library makes of it */

static int
query_date_is_real(fuzz_date_t *date, int minutes)
{
    time_t     t;
    struct tm  tm;

    memset(&tm, 0, sizeof(tm));

    tm.tm_year = date->part[0] - 1900;
    tm.tm_mon = date->part[1] - 1;
    tm.tm_mday = date->part[2];
    tm.tm_hour = date->part[3];
    tm.tm_min = date->part[4] - minutes;

    t = timegm(&tm);

    if (date->part[5] > 60 || gmtime_r(&t, &tm) == NULL) {
        return 0;
    }

    if (minutes == 0) {
        return tm.tm_year == date->part[0] - 1900
               && tm.tm_mon == date->part[1] - 1 && tm.tm_mday == date->part[2]
               && tm.tm_hour == date->part[3] && tm.tm_min == date->part[4];
    }

    date->part[0] = tm.tm_year + 1900;
    date->part[1] = tm.tm_mon + 1;
    date->part[2] = tm.tm_mday;
    date->part[3] = tm.tm_hour;
    date->part[4] = tm.tm_min;

    return date->part[0] >= 0 && date->part[0] <= 9999;
}


static const char *
query_date_offset(const char *p, fuzz_date_t *date)
{
    int   i, n, minutes;
    char  digits[5], sign;

    sign = *p++;

    for (i = 0; i < 4; i++) {
        p += (i == 2 && *p == ':');

        if (*p < '0' || *p > '9') {
            return NULL;
        }

        digits[i] = *p++;
    }

    digits[4] = '\0';
    n = atoi(digits);
    minutes = n / 100 * 60 + n % 100;

    if ((sign != '+' && sign != '-') || n / 100 > 23 || n % 100 > 59) {
        return NULL;
    }

    return minutes == 0
           || query_date_is_real(date, sign == '-' ? -minutes : minutes)
           ? p : NULL;
}


/* an operator stands alone, or beside a parenthesis */

static int
query_word(parse_t *ps, const char *word)
{
    size_t         len;
    const u_char  *p;

    query_space(ps);

    p = ps->p;
    len = strlen(word);

    if ((size_t) (ps->end - p) < len || memcmp(p, word, len) != 0) {
        return 0;
    }

    ps->p += len;

    if (ps->p != ps->end && !query_next(ps, " \t\r\n()")) {
        ps->p = p;
        return 0;
    }

    query_space(ps);

    return 1;
}


static int
query_next(const parse_t *ps, const char *set)
{
    return ps->p < ps->end && *ps->p && strchr(set, *ps->p) != NULL;
}


static void
query_space(parse_t *ps)
{
    while (query_next(ps, " \t\r\n")) {
        ps->p++;
    }
}


static int
query_is(const profile_str_t *s, const char *text)
{
    return profile_str_eq(s, text, strlen(text));
}


int
fuzz_query_inside(const profile_str_t *path, const char *name)
{
    size_t  len;

    len = strlen(name);

    return path->len >= len && memcmp(path->data, name, len) == 0
           && (path->len == len || path->data[len] == '.');
}
