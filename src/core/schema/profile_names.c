
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_names.h"


#define PROFILE_NAMES_SIZE  128

/* slots that are kept: 48 kB */
#define PROFILE_NAMES_KEEP  2048

#define PROFILE_HASH_ODD    0x9e3779b97f4a7c15ULL


static uint32_t *profile_names_insert(profile_names_t *names,
    const profile_name_t *name, uint32_t value, int *known);
static int profile_names_make(profile_names_t *names);
static int profile_names_grow(profile_names_t *names);
static profile_names_slot_t *profile_names_slot(const profile_names_t *names,
    const u_char *data, uint32_t len, uint32_t hash);
static int profile_names_same(const u_char *a, const u_char *b, size_t len);
static uint64_t profile_names_mix(uint64_t a, uint64_t b);
static uint64_t profile_names_read8(const u_char *p);
static uint64_t profile_names_read4(const u_char *p);


uint32_t
profile_names_hash(const profile_hash_t *h, const u_char *data, size_t len)
{
    size_t    n;
    uint64_t  a, b, state;

    state = h->seed[0] ^ len;

    for (n = len; n > 16; n -= 16, data += 16) {
        state = profile_names_mix(profile_names_read8(data) ^ state,
                                 profile_names_read8(data + 8) ^ h->seed[1]);
    }

    if (n >= 8) {
        a = profile_names_read8(data);
        b = profile_names_read8(data + n - 8);

    } else if (n >= 4) {
        a = profile_names_read4(data);
        b = profile_names_read4(data + n - 4);

    } else {
        a = n ? (uint64_t) data[0] << 16 | data[n / 2] << 8 | data[n - 1] : 0;
        b = 0;
    }

    state = profile_names_mix(a ^ state, b ^ h->seed[1]);
    state = profile_names_mix(state, h->seed[0] ^ PROFILE_HASH_ODD);

    return (uint32_t) (state ^ (state >> 32));
}


/* both halves of the product of two 64-bit numbers, folded */

static uint64_t
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


static uint64_t
profile_names_read8(const u_char *p)
{
    uint64_t  v;

    memcpy(&v, p, 8);

    return v;
}


static uint64_t
profile_names_read4(const u_char *p)
{
    uint32_t  v;

    memcpy(&v, p, 4);

    return v;
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
profile_names_add(profile_names_t *names, const profile_name_t *name,
    uint32_t value, int *known)
{
    profile_names_place_t  *place;

    if (names->nplaces == 0 || name->number == 0) {
        return profile_names_insert(names, name, value, known);
    }

    if (names->places == NULL && profile_names_make(names) != 0) {
        return NULL;
    }

    place = &names->places[name->number - 1];
    *known = (place->round == names->round);

    if (!*known) {
        place->value = value;
        place->round = names->round;
    }

    return &place->value;
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


static inline profile_names_slot_t *
profile_names_slot(const profile_names_t *names, const u_char *data,
    uint32_t len, uint32_t hash)
{
    uint32_t               i;
    profile_names_slot_t  *slot;

    for (i = hash; /* void */ ; i++) {
        slot = &names->slots[i & (names->size - 1)];

        if (slot->round != names->round
            || (slot->hash == hash
                && slot->len == len
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
    size_t  i;

    if (len < 8) {

        for (i = 0; i < len && a[i] == b[i]; i++) { /* void */ }

        return i == len;
    }

    for (i = 0; i < len - 8; i += 8) {
        if (profile_names_read8(a + i) != profile_names_read8(b + i)) {
            return 0;
        }
    }

    return profile_names_read8(a + len - 8) == profile_names_read8(b + len - 8);
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
