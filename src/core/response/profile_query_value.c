
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_number.h"
#include "core/response/profile_query_fold.h"
#include "core/response/profile_query_value.h"


static int profile_query_value_string(profile_query_t *q,
    const profile_query_term_t *t, const profile_str_t *s);
static int profile_query_value_in_dates(const profile_query_term_t *t,
    const profile_str_t *s);
static int profile_query_value_in_numbers(const profile_query_term_t *t,
    const profile_str_t *s);
static int profile_query_value_in_texts(const profile_query_term_t *t,
    const profile_str_t *s);
static int profile_query_value_inside(const profile_query_term_t *t, int lower,
    int upper);
static int profile_query_value_compare(const profile_str_t *a,
    const profile_str_t *b, int caseless);
static int profile_query_value_begins(const profile_str_t *s,
    const profile_str_t *prefix);


void
profile_query_value_read(profile_query_value_t *v)
{
    v->is_number = profile_number_valid(v->text.data, v->text.len);
    v->is_date = profile_query_date_read(&v->date, &v->text) != 0;
}


int
profile_query_value_holds(profile_query_t *q, const profile_query_term_t *t,
    profile_type_e type, const profile_str_t *s)
{
    switch (type) {

    case PROFILE_STRING:
        return profile_query_value_string(q, t, s);

    case PROFILE_NUMBER:

        if (t->kind == PROFILE_QUERY_RANGE) {
            return profile_query_value_in_numbers(t, s);
        }

        return t->kind == PROFILE_QUERY_EQUAL && t->value.is_number
               && profile_number_compare(s, &t->value.text) == 0;

    case PROFILE_BOOLEAN:
        return t->kind == PROFILE_QUERY_EQUAL
               && profile_str_eq(s, t->value.text.data, t->value.text.len);

    default: /* NULL */
        return 0;
    }
}


static int
profile_query_value_string(profile_query_t *q, const profile_query_term_t *t,
    const profile_str_t *s)
{
    size_t                n;
    profile_str_t         part;
    profile_query_date_t  date;

    if (t->domain) {
        for (n = s->len; n && s->data[n - 1] != '@'; n--) { /* void */ }

        if (n == 0) {
            return 0;
        }

        part.data = s->data + n;
        part.len = s->len - n;
        s = &part;
    }

    switch (t->kind) {

    case PROFILE_QUERY_EQUAL:

        if (t->folded) {
            return profile_query_fold_equal(q, t, s);
        }

        if (profile_str_eq(s, t->value.text.data, t->value.text.len)) {
            return 1;
        }

        if (!t->interval || !t->value.is_date
            || profile_query_date_read(&date, s) < 3)
        {
            return 0;
        }

        profile_query_date_first(&date);

        return profile_query_date_compare(&date, &t->value.date) == 0;

    case PROFILE_QUERY_PREFIX:
        return t->folded ? profile_query_fold_equal(q, t, s)
                         : profile_query_value_begins(s, &t->value.text);

    case PROFILE_QUERY_EXISTS:
        return t->domain;

    default: /* RANGE */

        if ((t->value.open || t->value.is_date)
            && (t->upper.open || t->upper.is_date))
        {
            return profile_query_value_in_dates(t, s);
        }

        if (t->value.is_number || t->upper.is_number) {
            return 0;
        }

        return profile_query_value_in_texts(t, s);
    }
}


/* an end stands for all that it is the beginning of */

static int
profile_query_value_in_dates(const profile_query_term_t *t,
    const profile_str_t *s)
{
    int                   lower, upper;
    profile_query_date_t  date;

    if (profile_query_date_read(&date, s) < 2) {
        return 0;
    }

    profile_query_date_first(&date);

    lower = t->value.open
            ? 1 : profile_query_date_compare(&date, &t->value.date);
    upper = t->upper.open
            ? -1 : profile_query_date_compare(&date, &t->upper.date);

    return profile_query_value_inside(t, lower, upper);
}


static int
profile_query_value_in_numbers(const profile_query_term_t *t,
    const profile_str_t *s)
{
    int  lower, upper;

    if ((!t->value.open && !t->value.is_number)
        || (!t->upper.open && !t->upper.is_number))
    {
        return 0;
    }

    lower = t->value.open ? 1 : profile_number_compare(s, &t->value.text);
    upper = t->upper.open ? -1 : profile_number_compare(s, &t->upper.text);

    return profile_query_value_inside(t, lower, upper);
}


static int
profile_query_value_in_texts(const profile_query_term_t *t,
    const profile_str_t *s)
{
    int  lower, upper;

    lower = t->value.open
            ? 1 : profile_query_value_compare(s, &t->value.text, t->caseless);
    upper = t->upper.open
            ? -1 : profile_query_value_compare(s, &t->upper.text, t->caseless);

    return profile_query_value_inside(t, lower, upper);
}


/* how a value compares to each end */

static int
profile_query_value_inside(const profile_query_term_t *t, int lower, int upper)
{
    return (t->value.inclusive ? lower >= 0 : lower > 0)
           && (t->upper.inclusive ? upper <= 0 : upper < 0);
}


/* the order of UTF-8 is that of code points */

static int
profile_query_value_compare(const profile_str_t *a, const profile_str_t *b,
    int caseless)
{
    u_char  c, d;
    size_t  i;

    for (i = 0; i < a->len && i < b->len; i++) {
        c = a->data[i];
        d = b->data[i];

        if (caseless) {
            c = (c >= 'A' && c <= 'Z') ? c | 0x20 : c;
            d = (d >= 'A' && d <= 'Z') ? d | 0x20 : d;
        }

        if (c != d) {
            return c - d;
        }
    }

    return (a->len > b->len) - (a->len < b->len);
}


static int
profile_query_value_begins(const profile_str_t *s, const profile_str_t *prefix)
{
    return s->len >= prefix->len
           && memcmp(s->data, prefix->data, prefix->len) == 0;
}
