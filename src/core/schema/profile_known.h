
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_KNOWN_H_INCLUDED_
#define _PROFILE_KNOWN_H_INCLUDED_


#include "core/profile_core.h"
#include "core/schema/profile_names.h"


/*
 * The numbers of the names that a schema has, which is asked for each name of
 * each user.  Whoever sends names cannot put any into it, so it has no need of
 * a seed; where names of the schema stand side by side, they stay few.
 */

typedef struct {
    profile_names_key_t   key;           /* of its end, if it is not short */
    const u_char         *data;
    uint32_t              len;
    uint32_t              number;        /* 0: none */
} profile_known_slot_t;


typedef struct {
    profile_known_slot_t *slots;
    uint32_t              mask;
} profile_known_t;


/*
 * Makes room for n names, whose bytes stay the caller's, in memory of a.
 * Returns 0, or -1 when there is none.  Each name is added once.
 */
int profile_known_init(profile_known_t *known, const profile_alloc_t *a,
    uint32_t n);
void profile_known_add(profile_known_t *known, const profile_name_t *name);
void profile_known_destroy(profile_known_t *known, const profile_alloc_t *a);


static inline uint32_t
profile_known_place(const profile_names_key_t *key)
{
    uint64_t  h;

    h = (key->head ^ key->tail << 7) * 0x9e3779b97f4a7c15ULL;

    return h >> 40;
}


/* The number of a name, or 0. */

static inline uint32_t
profile_known_number(const profile_known_t *known, const u_char *data,
    size_t len)
{
    uint32_t                     i;
    profile_names_key_t          key;
    const profile_known_slot_t  *slot;

    key = profile_names_key(data, len);

    for (i = profile_known_place(&key); /* void */ ; i++) {
        slot = &known->slots[i & known->mask];

        if (slot->number == 0) {
            return 0;
        }

        if (slot->key.head == key.head && slot->key.tail == key.tail
            && slot->len == len
            && (len <= PROFILE_NAMES_SHORT
                || memcmp(slot->data, data, len) == 0))
        {
            return slot->number;
        }
    }
}


#endif /* _PROFILE_KNOWN_H_INCLUDED_ */
