
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_known.h"


/* slots for a name: most that are asked for are not there */
#define PROFILE_KNOWN_SPARE  4


int
profile_known_init(profile_known_t *known, const profile_alloc_t *a,
    uint32_t n)
{
    size_t  size;

    for (size = PROFILE_KNOWN_SPARE; size < (size_t) n * PROFILE_KNOWN_SPARE;
         size *= 2)
    {
        /* void */
    }

    known->slots = a->alloc(a->ctx, size * sizeof(profile_known_slot_t));
    if (known->slots == NULL) {
        return -1;
    }

    memset(known->slots, 0, size * sizeof(profile_known_slot_t));

    known->mask = size - 1;

    return 0;
}


void
profile_known_add(profile_known_t *known, const profile_name_t *name)
{
    uint32_t               i;
    profile_names_key_t    key;
    profile_known_slot_t  *slot;

    key = profile_names_key(name->data, name->len);
    i = profile_known_place(&key);

    do {
        slot = &known->slots[i++ & known->mask];
    } while (slot->number);

    slot->key = key;
    slot->data = name->data;
    slot->len = name->len;
    slot->number = name->number;
}


void
profile_known_destroy(profile_known_t *known, const profile_alloc_t *a)
{
    a->free(a->ctx, known->slots);
}
