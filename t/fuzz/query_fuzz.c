
/*
 * Copyright (C) ngx_http_profile_module authors
 */


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

    return (v->number && w->number) || (v->date && w->date)
           || !(v->number || w->number || v->date || w->date);
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

    } else {
        start = ps->p;

        if (!query_text(ps, " \t\r\n]}", "\"()[{", &v->text)
            || ps->p == start || query_is(&v->text, "TO"))
        {
            return 0;
        }

        v->open = (ps->p - start == 1 && *start == '*');
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
    (void) fuzz_query_date(&v->text, &v->date);
}


/* a date is the beginning of this picture that ends with a part */

int
fuzz_query_date(const profile_str_t *s, size_t *len)
{
    int     parts, number, zulu;
    u_char  c;
    size_t  i, n;

    static const char  picture[] = "0000-00-00T00:00:00";
    static const int   most[] = { 9999, 12, 31, 23, 59, 60 };

    parts = 0;
    number = 0;
    *len = 0;

    zulu = s->len && s->data[s->len - 1] == 'Z';
    n = s->len - zulu;

    for (i = 0; i < n && picture[i]; i++) {
        c = s->data[i];

        if (picture[i] != '0') {

            if (c != (u_char) picture[i]) {
                return 0;
            }

            number = 0;
            continue;
        }

        if (c < '0' || c > '9') {
            return 0;
        }

        number = number * 10 + (c - '0');

        if (picture[i + 1] != '0') {

            if (number > most[parts]
                || (number == 0 && (parts == 1 || parts == 2)))
            {
                return 0;
            }

            parts++;
        }
    }

    if (i == 0 || picture[i - 1] != '0' || picture[i] == '0') {
        return 0;
    }

    if (i < n) {

        if (s->data[i] != '.' || i + 1 == n) {
            return 0;
        }

        for (i++; i < n; i++) {
            if (s->data[i] < '0' || s->data[i] > '9') {
                return 0;
            }
        }

        parts++;
    }

    if (zulu && parts < 4) {
        return 0;
    }

    *len = n;

    return parts;
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
