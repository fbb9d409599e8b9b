
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_names.h"


#define PROFILE_NAMES_SIZE  128

/* slots that are kept: 48 kB */
#define PROFILE_NAMES_KEEP  2048


static uint32_t *profile_names_insert(profile_names_t *names,
    const profile_name_t *name, uint32_t value, int *known);
static profile_names_slot_t *profile_names_slot(const profile_names_t *names,
    const u_char *data, uint32_t len, uint32_t hash);
static int profile_names_same(const u_char *a, const u_char *b, size_t len);
static uint64_t profile_names_mix(uint64_t a, uint64_t b);
static int profile_names_make(profile_names_t *names);
static int profile_names_grow(profile_names_t *names);


uint32_t
profile_names_hash(const profile_hash_t *h, const u_char *data, size_t len)
{
    uint64_t             state;
    profile_names_key_t  key;

    state = h->seed[0] ^ len;

    for ( /* void */ ; len > PROFILE_NAMES_SHORT; len -= 16, data += 16) {
        state = profile_names_mix(profile_names_read8(data) ^ state,
                                 profile_names_read8(data + 8) ^ h->seed[1]);
    }

    key = profile_names_key(data, len);
    state = profile_names_mix(key.head ^ state, key.tail ^ h->seed[1]);

    return (uint32_t) (state ^ (state >> 32));
}


/* both halves of the product of two 64-bit numbers, folded */

static inline uint64_t
profile_names_mix(uint64_t a, uint64_t b)
{
#if defined(__SIZEOF_INT128__)

    __extension__ unsigned __int128  m;

    m = a;
    m *= b;

    return (uint64_t) m ^ (uint64_t) (m >> 64);

#else

    uint64_t  al, ah, bl, bh, mid, low;

    al = (uint32_t) a;
    ah = a >> 32;
    bl = (uint32_t) b;
    bh = b >> 32;

    low = al * bl;
    mid = ah * bl + (low >> 32);
    low = (uint32_t) low;

    return (ah * bh + (mid >> 32) + ((al * bh + (uint32_t) mid) >> 32))
           ^ (((al * bh + (uint32_t) mid) << 32) | low);

#endif
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


void
profile_names_look_up(const profile_names_t *names, const profile_hash_t *h,
    profile_name_t *name)
{
    profile_names_slot_t  *slot;

    name->hash = profile_names_hash(h, name->data, name->len);
    name->number = 0;

    if (names->used) {
        slot = profile_names_slot(names, name->data, name->len, name->hash);

        if (slot->round == names->round) {
            name->number = slot->value + 1;
        }
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


/* the slot of a name, or the one where it is to be put */

static inline profile_names_slot_t *
profile_names_slot(const profile_names_t *names, const u_char *data,
    uint32_t len, uint32_t hash)
{
    uint32_t               i;
    profile_names_slot_t  *slot;

    for (i = hash; /* void */ ; i++) {
        slot = &names->slots[i & (names->size - 1)];

        if (slot->round != names->round
            || (slot->hash == hash && slot->len == len
                && profile_names_same(slot->data, data, len)))
        {
            return slot;
        }
    }
}


/* names are short: a call of memcmp() would cost more than it does */

static inline int
profile_names_same(const u_char *a, const u_char *b, size_t len)
{
    profile_names_key_t  one, other;

    if (len > PROFILE_NAMES_SHORT) {
        return memcmp(a, b, len) == 0;
    }

    one = profile_names_key(a, len);
    other = profile_names_key(b, len);

    return one.head == other.head && one.tail == other.tail;
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
