
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <wctype.h>

#include "core/profile_utf8.h"
#include "query_fuzz.h"


/* letters up to here are folded by libc as by Unicode, but for two */

#define LETTERS        0x24f
#define DOTTED_I       0x130
#define DOTLESS_I      0x131

/* -1: not known */

#define query_not(a)     ((a) < 0 ? -1 : !(a))

#define query_either(a, b, stronger)                                         \
    ((a) == (stronger) || (b) == (stronger) ? (stronger)                     \
     : (a) < 0 || (b) < 0 ? -1 : !(stronger))

#define query_and(a, b)  query_either(a, b, 0)
#define query_or(a, b)   query_either(a, b, 1)


static int query_path_finds(const fuzz_query_t *q, const fuzz_dom_t *dom,
    profile_str_t path);
static int query_whole(const fuzz_query_t *q, const fuzz_dom_t *dom);
static int query_exists(const fuzz_dom_t *dom);
static int query_scalar(const fuzz_query_t *q, const fuzz_dom_t *dom);
static int query_string(const fuzz_query_t *q, const profile_str_t *s);
static int query_between(const fuzz_query_t *q, int lower, int upper);
static int query_dates(const fuzz_date_t *value, const fuzz_date_t *date);
static int query_is_date(const profile_str_t *path);
static int query_texts(const fuzz_query_t *q, const profile_str_t *a,
    const profile_str_t *b);
static int query_folded(const profile_str_t *s, const profile_str_t *value,
    int prefix);
static long query_letter(const profile_str_t *s, size_t *i);


int
fuzz_query_finds(const fuzz_query_t *q, const fuzz_dom_t *user)
{
    int  left, right;

    if (q->op == '!') {
        left = fuzz_query_finds(q->left, user);
        return query_not(left);
    }

    if (q->op == '&' || q->op == '|') {
        left = fuzz_query_finds(q->left, user);
        right = fuzz_query_finds(q->right, user);

        return q->op == '&' ? query_and(left, right) : query_or(left, right);
    }

    return query_path_finds(q, user, q->path);
}


/* every way to split the path into names is tried, and each element */

static int
query_path_finds(const fuzz_query_t *q, const fuzz_dom_t *dom,
    profile_str_t path)
{
    int                rc, found;
    profile_str_t      rest;
    const fuzz_dom_t  *child;

    found = 0;

    for (child = dom->child; child; child = child->next) {

        if (!child->named) {
            rc = query_path_finds(q, child, path);

        } else if (profile_str_eq(&path, child->name.data, child->name.len)) {
            rc = query_whole(q, child);

        } else if (child->name.len < path.len
                   && memcmp(path.data, child->name.data, child->name.len) == 0
                   && path.data[child->name.len] == '.')
        {
            rest.data = path.data + child->name.len + 1;
            rest.len = path.len - child->name.len - 1;
            rc = query_path_finds(q, child, rest);

        } else {
            rc = 0;
        }

        found = query_or(found, rc);
    }

    return found;
}


static int
query_whole(const fuzz_query_t *q, const fuzz_dom_t *dom)
{
    int                rc, found;
    const fuzz_dom_t  *child;

    if (q->op == '?' && !q->domain) {
        return query_exists(dom);
    }

    if (dom->type == '{') {
        return 0;
    }

    if (dom->type != '[') {
        return query_scalar(q, dom);
    }

    for (child = dom->child, found = 0; child; child = child->next) {
        rc = query_whole(q, child);
        found = query_or(found, rc);
    }

    return found;
}


static int
query_exists(const fuzz_dom_t *dom)
{
    const fuzz_dom_t  *child;

    for (child = dom->child; child; child = child->next) {
        if (query_exists(child)) {
            return 1;
        }
    }

    return dom->type != '{' && dom->type != '[' && dom->type != 'n';
}


static int
query_scalar(const fuzz_query_t *q, const fuzz_dom_t *dom)
{
    int             odd, lower, upper;
    const fuzz_query_value_t  *v, *w;

    v = &q->value;
    w = &q->upper;
    odd = q->odd;

    switch (dom->type) {

    case '"':
        return query_string(q, &dom->text);

    case 't':
        return q->op == '='
               && profile_str_eq(&v->text, dom->text.data, dom->text.len);

    case '0':
        (void) fuzz_dom_is_number(&dom->text, &odd);

        if (odd) {
            return -1;
        }

        if (q->op == '=') {
            return v->number && fuzz_dom_numbers(&dom->text, &v->text) == 0;
        }

        if (q->op == '*' || (!v->open && !v->number)
            || (!w->open && !w->number))
        {
            return 0;
        }

        lower = v->open ? 1 : fuzz_dom_numbers(&dom->text, &v->text);
        upper = w->open ? -1 : fuzz_dom_numbers(&dom->text, &w->text);

        return query_between(q, lower, upper);

    default: /* null */
        return 0;
    }
}


static int
query_string(const fuzz_query_t *q, const profile_str_t *s)
{
    int             lower, upper;
    size_t          i;
    profile_str_t   part;
    fuzz_date_t     date;
    const fuzz_query_value_t  *v, *w;

    v = &q->value;
    w = &q->upper;
    part = *s;

    if (q->domain) {
        for (i = s->len; i && s->data[i - 1] != '@'; i--) { /* void */ }

        if (i == 0) {
            return 0;
        }

        part.data += i;
        part.len -= i;
    }

    if (q->op == '?') {
        return 1;
    }

    fuzz_query_date(&part, &date);

    if (q->op != '[') {

        if (q->caseless) {
            return query_folded(&part, &v->text, q->op == '*');
        }

        if (part.len >= v->text.len
            && memcmp(part.data, v->text.data, v->text.len) == 0
            && (q->op == '*' || part.len == v->text.len))
        {
            return 1;
        }

        return q->op == '=' && v->date.parts && query_is_date(&q->path)
               && date.parts >= 3 && query_dates(&v->date, &date) == 0;
    }

    if ((v->open || v->date.parts) && (w->open || w->date.parts)) {

        if (date.parts < 2) {
            return 0;
        }

        lower = v->open ? 1 : query_dates(&v->date, &date);
        upper = w->open ? -1 : query_dates(&w->date, &date);

        return query_between(q, lower, upper);
    }

    if (v->number || w->number) {
        return 0;
    }

    lower = v->open ? 1 : query_texts(q, &part, &v->text);
    upper = w->open ? -1 : query_texts(q, &part, &w->text);

    return query_between(q, lower, upper);
}


static int
query_between(const fuzz_query_t *q, int lower, int upper)
{
    return lower >= (q->value.inclusive ? 0 : 1)
           && upper <= (q->upper.inclusive ? 0 : -1);
}


/* 0: the date is in the interval that the value is the beginning of */

static int
query_dates(const fuzz_date_t *value, const fuzz_date_t *date)
{
    int  i;

    for (i = 0; i < value->parts && i < 6; i++) {
        if (date->part[i] != value->part[i]) {
            return date->part[i] - value->part[i];
        }
    }

    return value->parts < 7 ? 0 : strncmp(date->fraction, value->fraction,
                                          value->digits);
}


static int
query_is_date(const profile_str_t *path)
{
    size_t              i;
    static const char  *names[] = { "created_at", "updated_at", "last_login",
                                    "last_password_reset", "password_set_date",
                                    "multifactor_last_modified" };

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (path->len == strlen(names[i])
            && memcmp(path->data, names[i], path->len) == 0)
        {
            return 1;
        }
    }

    return 0;
}


/* in a range only the letters of ASCII are the same in both cases */

static int
query_texts(const fuzz_query_t *q, const profile_str_t *a,
    const profile_str_t *b)
{
    int            rc;
    size_t         i;
    u_char        *lower;
    profile_str_t  s[2];

    s[0] = *a;
    s[1] = *b;

    if (!q->caseless) {
        return fuzz_dom_texts(a, b);
    }

    for (rc = 0; rc < 2; rc++) {
        lower = malloc(s[rc].len + 1);

        for (i = 0; i < s[rc].len; i++) {
            lower[i] = s[rc].data[i] < 0x80 ? towlower(s[rc].data[i])
                                            : s[rc].data[i];
        }

        s[rc].data = lower;
    }

    rc = fuzz_dom_texts(&s[0], &s[1]);

    free((void *) s[0].data);
    free((void *) s[1].data);

    return rc;
}


static int
query_folded(const profile_str_t *s, const profile_str_t *value, int prefix)
{
    long    a, b;
    size_t  i, j;

    /* half of a pair anywhere, and nothing is found */

    if (!profile_utf8_is_whole(s->data, s->len)) {
        return 0;
    }

    i = 0;
    j = 0;

    while (j < value->len) {

        if (i == s->len) {
            return 0;
        }

        a = query_letter(s, &i);
        b = query_letter(value, &j);

        if (a == b) {
            continue;
        }

        if (a > LETTERS || b > LETTERS) {
            return -1;
        }

        if (towlower(towupper(a)) != towlower(towupper(b))
            || a == DOTTED_I || a == DOTLESS_I
            || b == DOTTED_I || b == DOTLESS_I)
        {
            return 0;
        }
    }

    return prefix || i == s->len;
}


static long
query_letter(const profile_str_t *s, size_t *i)
{
    long    c;
    u_char  first;

    first = s->data[(*i)++];

    c = first < 0x80 ? first : first < 0xe0 ? first & 0x1f
        : first < 0xf0 ? first & 0x0f : first & 0x07;

    while (*i < s->len && (s->data[*i] & 0xc0) == 0x80) {
        c = c << 6 | (s->data[(*i)++] & 0x3f);
    }

    return c;
}
