
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_NAMES_H_INCLUDED_
#define _PROFILE_NAMES_H_INCLUDED_


#include "core/profile_core.h"


/*
 * An attribute's name, unescaped.  hash is profile_names_hash() of it.
 * number: that of a name which a schema has, from 1 on, else 0.  lone: it
 * holds a lone surrogate and so is no UTF-8, see profile_text_unescape().
 */

typedef struct {
    const u_char         *data;
    uint32_t              len;
    uint32_t              hash;
    uint32_t              number:31;     /* PROFILE_NAMES_MAX at most */
    uint32_t              lone:1;
} profile_name_t;


/* names of a schema, so that their numbers leave room for flags */
#define PROFILE_NAME_BITS  20
#define PROFILE_NAMES_MAX  ((1U << PROFILE_NAME_BITS) - 1)


typedef struct {
    uint64_t              seed[2];
} profile_hash_t;


/*
 * What two names of one length have in common if and only if they are equal, as
 * long as that is PROFILE_NAMES_SHORT at most.
 */

typedef struct {
    uint64_t              head;
    uint64_t              tail;          /* may overlap */
} profile_names_key_t;

#define PROFILE_NAMES_SHORT  16


/*
 * A set of names, each with a value that the caller gives it; to be emptied
 * and filled again without touching memory.  Names with a number have a place
 * by that, the others by their hash.
 */

typedef struct {
    const u_char         *data;
    uint32_t              len;
    uint32_t              hash;
    uint32_t              value;
    uint32_t              round;         /* belongs to the set if it is now's */
} profile_names_slot_t;


typedef struct {
    uint32_t              value;
    uint32_t              round;
} profile_names_place_t;


typedef struct {
    profile_alloc_t       alloc;
    profile_names_place_t  *places;
    uint32_t              nplaces;
    profile_names_slot_t *slots;
    uint32_t              size;          /* a power of 2 */
    uint32_t              used;
    uint32_t              round;
} profile_names_t;


static inline uint64_t
profile_names_read8(const u_char *p)
{
    uint64_t  v;

    memcpy(&v, p, 8);

    return v;
}


static inline uint64_t
profile_names_read4(const u_char *p)
{
    uint32_t  v;

    memcpy(&v, p, 4);

    return v;
}


static inline profile_names_key_t
profile_names_key(const u_char *data, size_t len)
{
    profile_names_key_t  key;

    if (len >= 8) {
        key.head = profile_names_read8(data);
        key.tail = profile_names_read8(data + (len - 8));

    } else if (len >= 4) {
        key.head = profile_names_read4(data);
        key.tail = profile_names_read4(data + (len - 4));

    } else {
        key.head = len ? (uint64_t) data[0] << 16 | data[len / 2] << 8
                         | data[len - 1]
                       : 0;
        key.tail = 0;
    }

    return key;
}


/*
 * A hash of len bytes that nobody can steer who does not know the seed: names
 * come from outside, and looking one up must stay cheap whatever they are.
 */
uint32_t profile_names_hash(const profile_hash_t *h, const u_char *data,
    size_t len);

/*
 * The set allocates when the first name comes; the names' bytes are not its,
 * and stay as long as they are in it.  With n above 0 the numbers of names are
 * n at most; with 0 they do not count.
 */
void profile_names_init(profile_names_t *names, const profile_alloc_t *a,
    uint32_t n);

/* Gives the memory back; only profile_names_init() may follow. */
void profile_names_destroy(profile_names_t *names);

/* Empties the set, which keeps its memory. */
void profile_names_clear(profile_names_t *names);

/*
 * Empties the set, which gives back what only very many names need, see
 * profile_buf_trim().
 */
void profile_names_trim(profile_names_t *names);

/*
 * For a name whose data and len are set: fills in its hash and as its number
 * the value that belongs to it plus 1, or 0 where the set has it not.  It does
 * so in a set whose own names have no numbers (n is 0).
 */
void profile_names_look_up(const profile_names_t *names,
    const profile_hash_t *h, profile_name_t *name);


/*
 * Returns the value that belongs to the name, or NULL; valid until the next
 * name is added.
 */
uint32_t *profile_names_find(profile_names_t *names,
    const profile_name_t *name);

/* profile_names_add() of a name that has no place, or not yet */
uint32_t *profile_names_add_other(profile_names_t *names,
    const profile_name_t *name, uint32_t value, int *known);

/*
 * Returns the value of a name: the one that it has, *known being 1 then, or
 * value, which is added with it, *known being 0; valid as that of
 * profile_names_find().  NULL is "no memory".
 */

static inline uint32_t *
profile_names_add(profile_names_t *names, const profile_name_t *name,
    uint32_t value, int *known)
{
    profile_names_place_t  *place;

    if (names->places == NULL || name->number == 0) {
        return profile_names_add_other(names, name, value, known);
    }

    place = &names->places[name->number - 1];
    *known = (place->round == names->round);

    if (!*known) {
        place->value = value;
        place->round = names->round;
    }

    return &place->value;
}


#endif /* _PROFILE_NAMES_H_INCLUDED_ */
