
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_NAMES_H_INCLUDED_
#define _PROFILE_NAMES_H_INCLUDED_


#include "profile_core.h"


/*
 * An attribute's name, unescaped.  hash is profile_hash() of it.  lone: it
 * holds a lone surrogate and so is no UTF-8, see profile_unescape().
 */

typedef struct {
    const u_char         *data;
    uint32_t              len;
    uint32_t              hash;
    unsigned              lone:1;
} profile_name_t;


typedef struct {
    uint64_t              seed[2];
} profile_hash_t;


/*
 * A hash of len bytes that nobody can steer who does not know the seed: names
 * come from outside, and looking one up must stay cheap whatever they are.
 */
uint32_t profile_hash(const profile_hash_t *h, const u_char *data, size_t len);


/*
 * A set of names, each with a number that the caller gives it; to be emptied
 * and filled again without touching memory.
 */

typedef struct {
    profile_name_t        name;
    uint32_t              value;
    uint32_t              round;         /* belongs to the set if it is now's */
} profile_names_slot_t;


typedef struct {
    profile_alloc_t       alloc;
    profile_names_slot_t *slots;
    uint32_t              size;          /* a power of 2 */
    uint32_t              used;
    uint32_t              round;
} profile_names_t;


/* The set allocates when the first name comes; the names' bytes are not its. */
void profile_names_init(profile_names_t *names, const profile_alloc_t *a);
void profile_names_destroy(profile_names_t *names);
void profile_names_clear(profile_names_t *names);

/* Returns the number that belongs to the name, or NULL. */
uint32_t *profile_names_find(profile_names_t *names,
    const profile_name_t *name);

/*
 * Returns the number of a name: the one that it has, *known being 1 then, or
 * value, which is added with it.  NULL is "no memory".
 */
uint32_t *profile_names_add(profile_names_t *names,
    const profile_name_t *name, uint32_t value, int *known);


#endif /* _PROFILE_NAMES_H_INCLUDED_ */
