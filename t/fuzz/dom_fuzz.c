
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "dom_fuzz.h"


/* digits of an exponent that are added up without loss */
#define EXPONENT  15


/* 0.DIGITS times ten to the power of exponent */

typedef struct {
    int                   negative;
    long                  exponent;
    char                 *digits;        /* none: the number is 0 */
    size_t                n;
} decimal_t;


static fuzz_dom_t *dom_value(const u_char **p);
static void dom_string(const u_char **p, profile_str_t *s);
static u_char *dom_escape(const u_char **p, u_char *dst);
static unsigned dom_hex(const u_char *p);
static void dom_space(const u_char **p);
static void dom_decimal(const profile_str_t *s, decimal_t *d);
static int dom_rank(const fuzz_dom_t *key);


fuzz_dom_t *
fuzz_dom_read(const u_char *data, size_t len)
{
    u_char        *copy;
    fuzz_dom_t    *dom;
    const u_char  *p;

    /* no token reads behind the zero */

    copy = malloc(len + 1);
    memcpy(copy, data, len);
    copy[len] = '\0';

    p = copy;
    dom = dom_value(&p);

    if (p != copy + len) {
        fuzz_fail("a tree of %zu bytes of %zu", (size_t) (p - copy), len);
    }

    free(copy);

    return dom;
}


static fuzz_dom_t *
dom_value(const u_char **p)
{
    u_char          close;
    fuzz_dom_t     *dom, **last;
    const u_char   *start;
    profile_str_t   name;

    dom = calloc(1, sizeof(fuzz_dom_t));
    dom->type = **p;
    start = *p;

    switch (dom->type) {

    case '"':
        dom_string(p, &dom->text);
        return dom;

    case '{':
    case '[':
        close = dom->type + 2;
        last = &dom->child;

        for ((*p)++; dom_space(p), **p != close; /* void */ ) {
            memset(&name, 0, sizeof(name));

            if (**p == ',') {
                (*p)++;
                dom_space(p);
            }

            if (dom->type == '{') {
                dom_string(p, &name);
                dom_space(p);
                (*p)++;
                dom_space(p);
            }

            *last = dom_value(p);
            (*last)->named = (dom->type == '{');
            (*last)->name = name;
            last = &(*last)->next;
        }

        (*p)++;
        return dom;

    case 't':
    case 'f':
        dom->type = 't';
        break;

    case 'n':
        break;

    default:
        dom->type = '0';
    }

    while (**p && strchr("+-.0123456789Eaeflnrstu", **p)) {
        (*p)++;
    }

    dom->text.len = *p - start;
    dom->text.data = malloc(dom->text.len + 1);
    memcpy((void *) dom->text.data, start, dom->text.len);

    return dom;
}


static void
dom_string(const u_char **p, profile_str_t *s)
{
    u_char        *dst;
    const u_char  *end;

    for (end = ++*p; *end != '"'; end += (*end == '\\') ? 2 : 1) { /* void */ }

    dst = malloc(end - *p + 1);
    s->data = dst;

    while (*p < end) {

        if (**p == '\\') {
            dst = dom_escape(p, dst);

        } else {
            *dst++ = *(*p)++;
        }
    }

    (*p)++;
    s->len = dst - s->data;
}


/* half of a pair becomes three bytes of its own */

static u_char *
dom_escape(const u_char **p, u_char *dst)
{
    unsigned     c, low;
    const char  *at;

    static const char  letters[] = "bfnrt", values[] = "\b\f\n\r\t";

    c = (*p)[1];
    *p += 2;

    if (c != 'u') {
        at = strchr(letters, c);
        *dst++ = at ? (u_char) values[at - letters] : (u_char) c;

        return dst;
    }

    c = dom_hex(*p);
    *p += 4;

    if (c >= 0xd800 && c < 0xdc00 && (*p)[0] == '\\' && (*p)[1] == 'u') {
        low = dom_hex(*p + 2);

        if (low >= 0xdc00 && low < 0xe000) {
            c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
            *p += 6;
        }
    }

    if (c < 0x80) {
        *dst++ = c;

    } else if (c < 0x800) {
        *dst++ = 0xc0 | c >> 6;
        *dst++ = 0x80 | (c & 0x3f);

    } else if (c < 0x10000) {
        *dst++ = 0xe0 | c >> 12;
        *dst++ = 0x80 | (c >> 6 & 0x3f);
        *dst++ = 0x80 | (c & 0x3f);

    } else {
        *dst++ = 0xf0 | c >> 18;
        *dst++ = 0x80 | (c >> 12 & 0x3f);
        *dst++ = 0x80 | (c >> 6 & 0x3f);
        *dst++ = 0x80 | (c & 0x3f);
    }

    return dst;
}


static unsigned
dom_hex(const u_char *p)
{
    char  digits[5];

    memcpy(digits, p, 4);
    digits[4] = '\0';

    return strtoul(digits, NULL, 16);
}


static void
dom_space(const u_char **p)
{
    while (**p && strchr(" \t\r\n", **p)) {
        (*p)++;
    }
}


void
fuzz_dom_destroy(fuzz_dom_t *dom)
{
    fuzz_dom_t  *next;

    for ( /* void */ ; dom; dom = next) {
        next = dom->next;

        fuzz_dom_destroy(dom->child);
        free((void *) dom->name.data);
        free((void *) dom->text.data);
        free(dom);
    }
}


const fuzz_dom_t *
fuzz_dom_member(const fuzz_dom_t *dom, const char *name)
{
    const fuzz_dom_t  *child, *found;

    found = NULL;

    for (child = dom->child; child; child = child->next) {

        if (child->named
            && profile_str_eq(&child->name, name, strlen(name)))
        {
            found = child;
        }
    }

    return found;
}


int
fuzz_dom_texts(const profile_str_t *a, const profile_str_t *b)
{
    size_t  i;

    for (i = 0; i < a->len && i < b->len; i++) {

        if (a->data[i] != b->data[i]) {
            return a->data[i] < b->data[i] ? -1 : 1;
        }
    }

    return a->len == b->len ? 0 : a->len < b->len ? -1 : 1;
}


int
fuzz_dom_is_number(const profile_str_t *s, int *odd)
{
    size_t         n, digits;
    const u_char  *e;

    /* to the referee it is one that no other token is */

    if (s->len == 0 || !strchr("-0123456789", s->data[0])
        || s->data[0] == '\0')
    {
        return 0;
    }

    for (n = 0; n < s->len; n++) {
        if (s->data[n] == '\0' || !strchr("+-.0123456789Ee", s->data[n])) {
            return 0;
        }
    }

    if (!fuzz_is_json(s->data, s->len)) {
        return 0;
    }

    e = memchr(s->data, 'e', s->len);

    if (e == NULL) {
        e = memchr(s->data, 'E', s->len);
    }

    digits = e ? s->len - (e - s->data) - 1 : 0;
    *odd |= digits > EXPONENT;

    return 1;
}


static void
dom_decimal(const profile_str_t *s, decimal_t *d)
{
    int     point;
    char    text[EXPONENT + 3];
    size_t  i;

    memset(d, 0, sizeof(decimal_t));
    d->digits = malloc(s->len + 1);

    point = 0;

    for (i = 0; i < s->len && s->data[i] != 'e' && s->data[i] != 'E'; i++) {

        switch (s->data[i]) {

        case '-':
            d->negative = 1;
            break;

        case '.':
            point = 1;
            break;

        default:
            if (d->n == 0 && s->data[i] == '0') {
                d->exponent -= point;
                break;
            }

            d->digits[d->n++] = s->data[i];
            d->exponent += !point;
        }
    }

    while (d->n && d->digits[d->n - 1] == '0') {
        d->n--;
    }

    if (i < s->len && s->len - i - 1 <= EXPONENT) {
        memcpy(text, s->data + i + 1, s->len - i - 1);
        text[s->len - i - 1] = '\0';
        d->exponent += strtol(text, NULL, 10);
    }

    if (d->n == 0) {
        d->negative = 0;
        d->exponent = 0;
    }
}


int
fuzz_dom_numbers(const profile_str_t *a, const profile_str_t *b)
{
    int            rc;
    decimal_t      x, y;
    profile_str_t  s, t;

    dom_decimal(a, &x);
    dom_decimal(b, &y);

    s.data = (u_char *) x.digits;
    s.len = x.n;
    t.data = (u_char *) y.digits;
    t.len = y.n;

    if (x.negative != y.negative) {
        rc = x.negative ? -1 : 1;

    } else if (x.n == 0 || y.n == 0) {
        rc = (x.n != 0) - (y.n != 0);
        rc = x.negative || y.negative ? -rc : rc;

    } else {
        rc = x.exponent != y.exponent ? (x.exponent < y.exponent ? -1 : 1)
                                      : fuzz_dom_texts(&s, &t);
        rc = x.negative ? -rc : rc;
    }

    free(x.digits);
    free(y.digits);

    return rc;
}


static int
dom_rank(const fuzz_dom_t *key)
{
    return key == NULL ? 3 : key->type == '0' ? 0 : key->type == '"' ? 1
           : key->type == 't' ? 2 : 3;
}


int
fuzz_dom_before(const fuzz_dom_t *a, const fuzz_dom_t *b, int descending)
{
    int  rc;

    if (dom_rank(a) == 3 || dom_rank(b) == 3) {
        return dom_rank(a) < dom_rank(b);
    }

    rc = dom_rank(a) - dom_rank(b);

    if (rc == 0 && a->type == '0') {
        rc = fuzz_dom_numbers(&a->text, &b->text);

    } else if (rc == 0) {
        rc = fuzz_dom_texts(&a->text, &b->text);
    }

    return descending ? rc > 0 : rc < 0;
}
