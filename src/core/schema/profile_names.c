
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_names.h"


#define PROFILE_NAMES_SIZE  128

/* slots that are kept: 48 kB */
#define PROFILE_NAMES_KEEP  2048


static uint32_t *profile_names_insert(profile_names_t *names,
    const profile_name_t *name, uint32_t value, int *known);
static int profile_names_make(profile_names_t *names);
static int profile_names_grow(profile_names_t *names);


uint64_t
profile_names_hash_long(const profile_hash_t *h, const u_char *data,
    size_t len)
{
    uint64_t  state;

    state = h->seed[0] ^ len;

    for ( /* void */ ; len > PROFILE_NAMES_SHORT; len -= 16, data += 16) {
        state = profile_names_mix(profile_names_read8(data) ^ state,
                                 profile_names_read8(data + 8) ^ h->seed[1]);
    }

    return state;
}


void
profile_names_init(profile_names_t *names, const profile_alloc_t *a,
    uint32_t n)
{
    memset(names, 0, sizeof(profile_names_t));

    names->alloc = *a;
    names->nplaces = n;
    names->round = 1;
}


void
profile_names_destroy(profile_names_t *names)
{
    names->alloc.free(names->alloc.ctx, names->places);
    names->alloc.free(names->alloc.ctx, names->slots);
}


void
profile_names_clear(profile_names_t *names)
{
    names->used = 0;

    if (++names->round == 0) {
        names->round = 1;

        if (names->places) {
            memset(names->places, 0,
                   names->nplaces * sizeof(profile_names_place_t));
        }

        if (names->slots) {
            memset(names->slots, 0,
                   names->size * sizeof(profile_names_slot_t));
        }
    }
}


void
profile_names_trim(profile_names_t *names)
{
    profile_names_clear(names);

    if (names->size > PROFILE_NAMES_KEEP) {
        names->alloc.free(names->alloc.ctx, names->slots);

        names->slots = NULL;
        names->size = 0;
    }
}


uint32_t *
profile_names_find(profile_names_t *names, const profile_name_t *name)
{
    profile_names_slot_t   *slot;
    profile_names_place_t  *place;

    if (names->nplaces && name->number) {

        if (names->places == NULL) {
            return NULL;
        }

        place = &names->places[name->number - 1];

        return place->round == names->round ? &place->value : NULL;
    }

    if (names->used == 0) {
        return NULL;
    }

    slot = profile_names_slot(names, name->data, name->len, name->hash);

    return slot->round == names->round ? &slot->value : NULL;
}


uint32_t *
profile_names_add_other(profile_names_t *names, const profile_name_t *name,
    uint32_t value, int *known)
{
    if (names->nplaces == 0 || name->number == 0) {
        return profile_names_insert(names, name, value, known);
    }

    return profile_names_make(names) == 0
           ? profile_names_add(names, name, value, known) : NULL;
}


static uint32_t *
profile_names_insert(profile_names_t *names, const profile_name_t *name,
    uint32_t value, int *known)
{
    profile_names_slot_t  *slot;

    if (names->used >= names->size / 4 * 3 && profile_names_grow(names) != 0) {
        return NULL;
    }

    slot = profile_names_slot(names, name->data, name->len, name->hash);

    if (slot->round == names->round) {
        *known = 1;
        return &slot->value;
    }

    slot->data = name->data;
    slot->len = name->len;
    slot->hash = name->hash;
    slot->value = value;
    slot->round = names->round;

    names->used++;
    *known = 0;

    return &slot->value;
}


static int
profile_names_make(profile_names_t *names)
{
    size_t  size;

    size = names->nplaces * sizeof(profile_names_place_t);

    names->places = names->alloc.alloc(names->alloc.ctx, size);
    if (names->places == NULL) {
        return -1;
    }

    memset(names->places, 0, size);

    return 0;
}


static int
profile_names_grow(profile_names_t *names)
{
    uint32_t               i, size, old_size;
    profile_names_slot_t  *old, *slots;

    old = names->slots;
    old_size = names->size;
    size = old_size ? old_size * 2 : PROFILE_NAMES_SIZE;

    slots = names->alloc.alloc(names->alloc.ctx,
                               size * sizeof(profile_names_slot_t));
    if (slots == NULL) {
        return -1;
    }

    memset(slots, 0, size * sizeof(profile_names_slot_t));

    names->slots = slots;
    names->size = size;

    for (i = 0; i < old_size; i++) {
        if (old[i].round == names->round) {
            *profile_names_slot(names, old[i].data, old[i].len, old[i].hash)
                = old[i];
        }
    }

    names->alloc.free(names->alloc.ctx, old);

    return 0;
}
