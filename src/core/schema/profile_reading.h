
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_READING_H_INCLUDED_
#define _PROFILE_READING_H_INCLUDED_


#include "core/profile_core.h"


/*
 * What a name can be read as (H5.6), whatever a backend makes of characters
 * beyond ASCII: case, folds, normal forms, accents and what is not seen.  Such
 * a character stands for any 0 to 4 characters, but letters of scripts that
 * nothing maps to ASCII stand for themselves.
 */


#define PROFILE_READING_EACH    4

/* names are read so far, and a run of them stands for so many at most */

#define PROFILE_READING_ITEMS   1024
#define PROFILE_READING_RUN     64

/* names that are read for are compared so far */

#define PROFILE_READING_TARGET  62


/*
 * A character that stands for itself: its code, in lower case.  Or a run of
 * others: code is 0, and max how many characters they stand for at most.
 */

typedef struct {
    uint32_t              code;
    uint32_t              max;
    uint32_t              start;         /* in the name */
    uint32_t              end;
} profile_reading_item_t;


typedef struct {
    profile_buf_t         items;         /* profile_reading_item_t */
    uint32_t              n;
    size_t                least;         /* characters of a name it can be */
    size_t                most;
    uint64_t              mask;          /* of what stands for itself */
    unsigned              foreign:1;     /* some of that is beyond ASCII */
    unsigned              wide:1;        /* something is */
    unsigned              open:1;        /* something stands for others */
    unsigned              cut:1;         /* there is more */
} profile_reading_t;


/* a name to be compared with */

typedef struct {
    uint32_t             *codes;
    uint32_t              len;
    uint32_t              least;
    uint64_t              optional;      /* bits of codes */
    uint64_t              mask;
    unsigned              wide:1;
    unsigned              open:1;        /* the first part of a longer one */
} profile_reading_target_t;


/*
 * Reads a name; r is all zeros or that of another name, and its memory the
 * caller's to free: profile_buf_free(a, &r->items).  Returns 0, or -1 when
 * there is no memory.
 */
int profile_reading_parse(const profile_alloc_t *a, profile_reading_t *r,
    const u_char *data, size_t len);

/* The same for a name to be compared with; its codes are to be freed. */
int profile_reading_target(const profile_alloc_t *a,
    profile_reading_target_t *t, const u_char *data, size_t len);

/* Whether the name can be read as the other one; adds its work to *steps. */
int profile_reading_is(const profile_reading_t *r,
    const profile_reading_target_t *t, uint64_t *steps);


#endif /* _PROFILE_READING_H_INCLUDED_ */
