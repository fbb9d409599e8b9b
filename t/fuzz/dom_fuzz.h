
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * A JSON text as a tree, for what a second parser would change: names that
 * stand twice, numbers of any length, halves of surrogate pairs.
 */


#ifndef _DOM_FUZZ_H_INCLUDED_
#define _DOM_FUZZ_H_INCLUDED_


#include "fuzz.h"


typedef struct fuzz_dom_s  fuzz_dom_t;

struct fuzz_dom_s {
    u_char                type;          /* of { [ " 0 t n */
    unsigned              named:1;
    profile_str_t         name;          /* unescaped */
    profile_str_t         text;          /* a string unescaped, or as it is */
    fuzz_dom_t           *child;         /* the first one */
    fuzz_dom_t           *next;
};


/* Reads what is JSON, without white space around; to be destroyed. */
fuzz_dom_t *fuzz_dom_read(const u_char *data, size_t len);

/* Accepts NULL. */
void fuzz_dom_destroy(fuzz_dom_t *dom);

/* The last member of this name, or NULL. */
const fuzz_dom_t *fuzz_dom_member(const fuzz_dom_t *dom, const char *name);

/* Below, at or above 0: as a comes before b. */
int fuzz_dom_texts(const profile_str_t *a, const profile_str_t *b);

/* The same of two numbers by RFC 8259, with exponents of up to 15 digits. */
int fuzz_dom_numbers(const profile_str_t *a, const profile_str_t *b);

/* Whether it is such a number; odd is set where its exponent is longer. */
int fuzz_dom_is_number(const profile_str_t *s, int *odd);

/* U10.2: whether a user with this key comes before another; NULL: no key. */
int fuzz_dom_before(const fuzz_dom_t *a, const fuzz_dom_t *b, int descending);


#endif /* _DOM_FUZZ_H_INCLUDED_ */
