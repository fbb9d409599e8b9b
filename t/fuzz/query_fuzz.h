
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* The language of searches (U10.1) once more, over a tree. */


#ifndef _QUERY_FUZZ_H_INCLUDED_
#define _QUERY_FUZZ_H_INCLUDED_


#include "dom_fuzz.h"


typedef struct fuzz_query_s  fuzz_query_t;


/* year, month, day, hour, minute, second in UTC, what is not there the first */

typedef struct {
    int                   parts;         /* 0: it is none; 7: a fraction, too */
    int                   part[6];
    char                  fraction[10];  /* digits, zeros behind them */
    int                   digits;
} fuzz_date_t;


/* one end of a range, or what is to be equal */

typedef struct {
    profile_str_t         text;
    int                   number;
    fuzz_date_t           date;
    int                   open;
    int                   inclusive;
} fuzz_query_value_t;


struct fuzz_query_s {
    char                  op;            /* of ! & | = * [ ? */
    fuzz_query_t         *left;
    fuzz_query_t         *right;

    profile_str_t         path;
    fuzz_query_value_t    value;
    fuzz_query_value_t    upper;
    int                   caseless;
    int                   domain;
    int                   odd;           /* a number is not known */
};


/* Returns NULL for what is not of the language; to be destroyed. */
fuzz_query_t *fuzz_query_read(const profile_str_t *text);

/* Accepts NULL. */
void fuzz_query_destroy(fuzz_query_t *q);

void fuzz_query_date(const profile_str_t *s, fuzz_date_t *date);

/* Whether the path is this name, or leads into it. */
int fuzz_query_inside(const profile_str_t *path, const char *name);


/*
 * Whether it finds the user: 1, 0, or -1: that hangs on letters or on numbers
 * that are not known here.
 */
int fuzz_query_finds(const fuzz_query_t *q, const fuzz_dom_t *user);


#endif /* _QUERY_FUZZ_H_INCLUDED_ */
