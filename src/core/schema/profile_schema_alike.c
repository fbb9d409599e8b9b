
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_schema_alike.h"
#include "core/schema/profile_schema_table.h"


static int profile_schema_alike_letter(const u_char **p,
    const u_char *last);


/* most names differ in the first letter, where both have one */

static inline int
profile_schema_alike_differs(const profile_str_t *known, const u_char *data,
    size_t len)
{
    u_char  a, b;

    if (len == 0 || known->len == 0) {
        return 0;
    }

    a = known->data[0];
    b = data[0];

    return a != '_' && a < 0x80 && b != '_' && b < 0x80
           && profile_schema_table_lower(a) != profile_schema_table_lower(b);
}


int
profile_schema_alike(const profile_str_t *known, const u_char *data,
    size_t len)
{
    int            a, b;
    const u_char  *p, *q;

    p = known->data;
    q = data;

    if (profile_schema_alike_differs(known, data, len)) {
        return 0;
    }

    do {
        a = profile_schema_alike_letter(&p, known->data + known->len);
        b = profile_schema_alike_letter(&q, data + len);
    } while (a == b && a != -1);

    return a == b;
}


/* the next one that counts, folded; -1: the end */

static int
profile_schema_alike_letter(const u_char **p, const u_char *last)
{
    size_t         left;
    const u_char  *c;

    while (*p < last && **p == '_') {
        (*p)++;
    }

    if (*p == last) {
        return -1;
    }

    c = *p;
    left = last - c;

    /* U+017F and U+212A are no other letters to one who ignores the case */

    if (left > 1 && c[0] == 0xc5 && c[1] == 0xbf) {
        *p += 2;
        return 's';
    }

    if (left > 2 && c[0] == 0xe2 && c[1] == 0x84 && c[2] == 0xaa) {
        *p += 3;
        return 'k';
    }

    (*p)++;

    return profile_schema_table_lower(*c);
}


int
profile_schema_alike_first(const profile_str_t *name)
{
    const u_char  *p;

    p = name->data;

    return profile_schema_alike_letter(&p, p + name->len);
}
