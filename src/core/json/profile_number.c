
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_number.h"


/* an exponent counts no further, which no text has digits enough to undo */
#define PROFILE_NUMBER_EXPONENT  (INT64_MAX / 16)


/* 0.DIGITS times ten to the power; no digits: zero */

typedef struct {
    const u_char         *digits;        /* a point may stand among them */
    const u_char         *last;
    int64_t               power;
    unsigned              minus:1;
} profile_number_t;


static const u_char *profile_number_digits(const u_char *p,
    const u_char *last);
static void profile_number_read(profile_number_t *n,
    const profile_str_t *text);
static int64_t profile_number_exponent(const u_char *p, const u_char *last);
static int profile_number_size(const profile_number_t *a,
    const profile_number_t *b);
static int profile_number_digit(const u_char **p, const u_char *last);


int
profile_number_is_integer(const u_char *text, size_t len)
{
    if (len && *text == '-') {
        text++;
        len--;
    }

    return len && profile_number_digits(text, text + len) == text + len;
}


int
profile_number_valid(const u_char *text, size_t len)
{
    const u_char  *p, *last;

    p = text;
    last = text + len;

    if (p < last && *p == '-') {
        p++;
    }

    if (p < last && *p == '0') {
        p++;

    } else {
        p = profile_number_digits(p, last);
    }

    if (p && p < last && *p == '.') {
        p = profile_number_digits(p + 1, last);
    }

    if (p && p < last && (*p == 'e' || *p == 'E')) {
        p++;

        if (p < last && (*p == '+' || *p == '-')) {
            p++;
        }

        p = profile_number_digits(p, last);
    }

    return p != NULL && p == last;
}


/* Returns where they end, NULL if there is none. */

static const u_char *
profile_number_digits(const u_char *p, const u_char *last)
{
    const u_char  *start;

    for (start = p; p < last && *p >= '0' && *p <= '9'; p++) { /* void */ }

    return p == start ? NULL : p;
}


int
profile_number_compare(const profile_str_t *a, const profile_str_t *b)
{
    int               rc;
    profile_number_t  m, n;

    profile_number_read(&m, a);
    profile_number_read(&n, b);

    if (m.minus != n.minus) {
        return m.minus ? -1 : 1;
    }

    rc = profile_number_size(&m, &n);

    return m.minus ? -rc : rc;
}


static void
profile_number_read(profile_number_t *n, const profile_str_t *text)
{
    int            point;
    const u_char  *p, *last;

    p = text->data;
    last = text->data + text->len;

    point = 0;

    n->power = 0;
    n->minus = (*p == '-');

    /* up to the first digit that counts; before the point each is a power */

    for ( /* void */ ; p < last && (*p < '1' || *p > '9'); p++) {

        if (*p == 'e' || *p == 'E') {
            break;
        }

        if (*p == '.') {
            point = 1;

        } else if (*p == '0' && point) {
            n->power--;
        }
    }

    n->digits = p;

    for ( /* void */ ; p < last && *p != 'e' && *p != 'E'; p++) {

        if (*p == '.') {
            point = 1;

        } else if (!point) {
            n->power++;
        }
    }

    n->last = p;

    if (n->digits == n->last) {

        /* zero has no sign */

        n->minus = 0;
        return;
    }

    if (p < last) {
        n->power += profile_number_exponent(p + 1, last);
    }
}


static int64_t
profile_number_exponent(const u_char *p, const u_char *last)
{
    int      minus;
    int64_t  n;

    minus = (*p == '-');
    n = 0;

    for ( /* void */ ; p < last; p++) {

        if (*p >= '0' && *p <= '9' && n < PROFILE_NUMBER_EXPONENT) {
            n = n * 10 + (*p - '0');
        }
    }

    return minus ? -n : n;
}


/* without the sign */

static int
profile_number_size(const profile_number_t *a, const profile_number_t *b)
{
    int            m, n, some;
    const u_char  *p, *q;

    p = a->digits;
    q = b->digits;

    if (p == a->last || q == b->last) {
        return (p != a->last) - (q != b->last);
    }

    if (a->power != b->power) {
        return a->power < b->power ? -1 : 1;
    }

    do {
        some = (p < a->last || q < b->last);

        m = profile_number_digit(&p, a->last);
        n = profile_number_digit(&q, b->last);

        if (m != n) {
            return m - n;
        }

    } while (some);

    return 0;
}


/* the next one; behind the last there are zeros */

static int
profile_number_digit(const u_char **p, const u_char *last)
{
    if (*p < last && **p == '.') {
        (*p)++;
    }

    return *p < last ? *(*p)++ - '0' : 0;
}
