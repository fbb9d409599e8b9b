
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_IMPL_H_INCLUDED_
#define _PROFILE_SCHEMA_IMPL_H_INCLUDED_


#include "core/schema/profile_schema.h"


#define PROFILE_SCHEMA_ERROR  512


/* a set of numbers, one bit each */

typedef profile_buf_t  profile_bits_t;


typedef struct profile_pattern_s  profile_pattern_t;


typedef enum {
    PROFILE_CLAIM_NONE = 0,
    PROFILE_CLAIM_CONTAINER,
    PROFILE_CLAIM_DROP,
    PROFILE_CLAIM_RENAME,
    PROFILE_CLAIM_IDENTITY,
    PROFILE_CLAIM_METADATA,
    PROFILE_CLAIM_PREFIX                 /* has a prefix, and no claim else */
} profile_claim_e;


/* all that the statements say of one exact name */

typedef struct {
    profile_name_t        name;
    profile_claim_e       claim;
    profile_container_e   container;
    uint32_t              new_name;      /* of a rename: index of its entry */
    profile_bits_t        providers;
    profile_bits_t        writable[2];   /* by profile_action_e */
    unsigned              every_provider:1;
    unsigned              every_writable:2;
    unsigned              identity_drop:1;
    unsigned              option:1;
    unsigned              reserved:1;
    unsigned              implicit:1;    /* identity without saying so */
} profile_entry_t;


/* H5.6: all exact names that are one when folded */

typedef struct {
    profile_name_t        name;
    profile_bits_t        providers;
    unsigned              every_provider:1;
} profile_folded_t;


struct profile_provider_s {
    profile_str_t         text;
    uint32_t              index;
    profile_pattern_t    *patterns;
    profile_pattern_t   **last;
    unsigned              declared:1;
};


struct profile_pattern_s {
    profile_pattern_t    *next;
    void                 *code;
    void                 *folded;        /* compiled without regard to case */
    profile_container_e   container;
    profile_str_t         replacement;
    unsigned              renames:1;
};


struct profile_schema_s {
    profile_alloc_t       alloc;
    profile_hash_t        seed;

    profile_names_t       names;         /* -> entries */
    profile_entry_t      *entries;
    uint32_t              nentries;
    uint32_t              entries_size;

    profile_names_t       fold_names;    /* -> folded */
    profile_folded_t     *folded;
    uint32_t              nfolded;

    profile_names_t       provider_names;
    profile_provider_t  **providers;
    uint32_t              nproviders;

    profile_pattern_t    *every_provider;
    profile_pattern_t   **every_last;
    profile_pattern_t    *metadata;
    profile_pattern_t   **metadata_last;

    profile_str_t         prefix[2];     /* by profile_container_e */

    uint64_t              fingerprint;

    void                 *general;       /* the patterns' allocator */

    profile_container_e   default_container;
    unsigned              default_root:1;
    unsigned              default_set:1;
    unsigned              omit_null:1;
    unsigned              null_set:1;
    unsigned              strict_names:1;
    unsigned              names_set:1;
    unsigned              identity_drop:1;

    profile_str_t         error;
    char                  error_text[PROFILE_SCHEMA_ERROR];
};


struct profile_matcher_s {
    const profile_schema_t  *schema;
    profile_alloc_t       alloc;
    void                 *general;       /* the allocator for matching */
    void                 *match;         /* and its limits */
    void                 *match_data;
    profile_buf_t         name;          /* a new name, or a folded one */
};


/* Sets the bit.  Returns 0, or -1 when there is no memory. */
int profile_bits_set(const profile_alloc_t *a, profile_bits_t *bits,
    uint32_t n);

#define profile_bits_test(bits, n)                                           \
    ((n) / 8 < (bits)->len && ((bits)->data[(n) / 8] & (1 << ((n) % 8))))

/* What the schema knows of a name, or NULL. */
#define profile_schema_find(s, name)                                         \
    ((name)->number ? &(s)->entries[(name)->number - 1] : NULL)

/* A name that is looked up elsewhere: without its number. */
void profile_schema_unnumbered(const profile_schema_t *s, profile_name_t *name,
    const u_char *data, size_t len);

/* Folds len bytes of data into dst, which has as much room (H5.6). */
size_t profile_schema_fold(u_char *dst, const u_char *data, size_t len);

/* Returns the length of the prefix of the container if it is name's, else 0. */
size_t profile_schema_prefixed(const profile_schema_t *s,
    const profile_name_t *name, profile_container_e container);

/*
 * The entry of a name, made if there is none.  Returns NULL with the schema's
 * error set; the pointer is valid until the next call.
 */
profile_entry_t *profile_schema_entry(profile_schema_t *s,
    const profile_str_t *word);

/*
 * Claims a name for a statement.  Returns -1 with the schema's error set if
 * another has it.
 */
int profile_schema_claim(profile_schema_t *s, const profile_str_t *word,
    profile_claim_e claim, profile_entry_t **entry);

/* The provider of this ID, made if there is none; NULL with the error set. */
profile_provider_t *profile_schema_declare(profile_schema_t *s,
    const profile_str_t *word, int declared);

/* A copy of the word's bytes; NULL with the error set. */
u_char *profile_schema_copy(profile_schema_t *s, const profile_str_t *word);

/*
 * Compiles expr for whole names, and again without regard to case if fold is
 * set.  Returns NULL with the schema's error set.
 */
profile_pattern_t *profile_pattern_create(profile_schema_t *s,
    const profile_str_t *expr, int fold);
void profile_pattern_destroy(profile_schema_t *s, profile_pattern_t *p);

/*
 * Sets the "as=" of a pattern.  Returns -1 with the schema's error set.
 */
int profile_pattern_rename(profile_schema_t *s, profile_pattern_t *p,
    const profile_str_t *replacement);

/*
 * The first pattern of the list that matches: *found, or NULL.  Its new name,
 * if it renames, is in m->name.
 */
profile_reason_e profile_pattern_find(profile_matcher_t *m,
    const profile_pattern_t *list, const profile_name_t *name, int folded,
    const profile_pattern_t **found);

void profile_pattern_matcher_destroy(profile_matcher_t *m);
void profile_pattern_schema_destroy(profile_schema_t *s);

/* Sets the error from a format of printf().  Returns -1. */
int profile_schema_mistake(profile_schema_t *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));


#endif /* _PROFILE_SCHEMA_IMPL_H_INCLUDED_ */
