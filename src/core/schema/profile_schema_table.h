
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_TABLE_H_INCLUDED_
#define _PROFILE_SCHEMA_TABLE_H_INCLUDED_


#include "core/profile_core.h"
#include "core/schema/profile_class.h"
#include "core/schema/profile_known.h"
#include "core/schema/profile_names.h"
#include "core/schema/profile_reading.h"
#include "core/schema/profile_schema_shape.h"


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
    const profile_statement_t  *statement;      /* that claims it, if any */
    const profile_statement_t  *every_provider;
    profile_bits_t        writable[2];   /* by profile_action_e */
    unsigned              every_writable:2;
    uint32_t              old_name;      /* renamed to it: its number; or 0 */
    profile_str_t         option_as;     /* empty: not said */
    profile_via_e         option_with;
    unsigned              way:1;         /* some "writable" has "via=" */
    unsigned              option:1;
    unsigned              option_of:1;   /* U4.8: an option goes up so */
    unsigned              reserved:1;
    unsigned              forbidden:1;
    unsigned              implicit:1;    /* identity without saying so */
    unsigned              identities:1;  /* M4.3: can be read as that */
    unsigned              target:1;      /* something is renamed to it */
    uint32_t              shape;         /* node of its path; 0: none */
    const profile_statement_t  *lifted;  /* by which something gets it */
} profile_entry_t;


/* "via=" of a "writable", for one name and one provider */

typedef struct {
    uint32_t              entry;         /* its index */
    uint32_t              provider;      /* its index; UINT32_MAX: every one */
    unsigned              actions;       /* bits 1 << profile_action_e */
    profile_via_e         via;
    const profile_statement_t  *statement;
} profile_way_t;


/* H5.6: all exact names that are one when folded */

typedef struct {
    profile_name_t        name;
    profile_reading_target_t  target;
    profile_bits_t        providers;
    unsigned              every_provider:1;
    unsigned              root:1;        /* writable, or of an option */
} profile_folded_t;


struct profile_provider_s {
    profile_str_t         text;
    uint32_t              index;
    profile_reading_target_t  target;    /* the text */
    profile_pattern_t    *patterns;
    profile_pattern_t   **last;
    profile_buf_t         names;         /* by entry: the number of the
                                            statement from 1 on, or 0 */
    unsigned              declared:1;
};


typedef struct {
    profile_str_t         text;
    const profile_statement_t  *statement;
} profile_prefix_t;


struct profile_schema_s {
    profile_alloc_t       alloc;
    profile_hash_t        seed;

    profile_buf_t         statements;
    const profile_statement_t  *statement;      /* that is being added */

    profile_names_t       names;         /* -> entries */
    profile_known_t       known;         /* the same, once it is finished */
    u_char               *brief;         /* see profile_schema_brief() */
    profile_entry_t      *entries;
    uint32_t              nentries;
    uint32_t              entries_size;

    profile_names_t       fold_names;    /* -> folded */
    profile_folded_t     *folded;
    uint32_t              nfolded;
    unsigned              wide:1;        /* some of them is beyond ASCII */

    profile_names_t       provider_names;
    profile_provider_t  **providers;
    uint32_t              nproviders;
    profile_provider_t    any;           /* H5.6: the union, without a name */

    profile_pattern_t    *every_provider;
    profile_pattern_t   **every_last;
    profile_pattern_t    *metadata;
    profile_pattern_t   **metadata_last;

    profile_prefix_t      prefix[2];     /* by profile_container_e */

    uint64_t              fingerprint;   /* of the statements */

    void                 *general;       /* the patterns' allocator */

    const profile_statement_t  *default_said;
    const profile_statement_t  *null_said;
    const profile_statement_t  *names_said;

    profile_container_e   default_container;
    unsigned              default_root:1;
    unsigned              omit_null:1;
    unsigned              strict_names:1;
    unsigned              forbidden:1;
    unsigned              finished:1;    /* its entries know all */

    profile_buf_t         texts;         /* u_char *: names of paths */
    profile_buf_t         shapes;        /* profile_shape_t, the root first */
    profile_pattern_t    *unwraps;
    profile_pattern_t   **unwraps_last;
    uint32_t              nmerges;       /* 0: "metadata", by default */
    profile_path_t        write_path[2]; /* by profile_container_e */
    uint32_t              write_shape[2];        /* node of it; 0: none */

    profile_str_t         logins;        /* old name of identities, if any */
    uint32_t              users[PROFILE_USER_NAMES];     /* their numbers */
    size_t                nusers;
    const profile_statement_t  *user_said;

    profile_buf_t         provider_from; /* profile_path_t */
    const profile_statement_t  *provider_from_said;

    profile_str_t         shown[2];      /* by profile_container_e */
    profile_str_t         shown_head[2];
    const profile_statement_t  *shown_said[2];

    profile_buf_t         identity_drops;        /* profile_str_t */
    u_char                drop_first[128];       /* 1: one begins so, folded */
    profile_buf_t         ways;          /* profile_way_t */

    profile_str_t         error;
    char                  error_text[PROFILE_SCHEMA_ERROR];
};


#define profile_schema_table_statements(s)                                   \
    ((profile_statement_t **) (s)->statements.data)
#define profile_schema_table_nstatements(s)                                  \
    ((uint32_t) ((s)->statements.len / sizeof(profile_statement_t *)))

/* What the schema knows of a name, or NULL. */
#define profile_schema_table_find(s, name)                                   \
    ((name)->number ? &(s)->entries[(name)->number - 1] : NULL)

#define profile_schema_table_shapes(s)                                       \
    ((profile_shape_t *) (s)->shapes.data)
#define profile_schema_table_nshapes(s)                                      \
    ((uint32_t) ((s)->shapes.len / sizeof(profile_shape_t)))

#define profile_schema_table_has_bit(bits, n)                                \
    ((n) / 8 < (bits)->len && ((bits)->data[(n) / 8] & (1 << ((n) % 8))))

/* ASCII only */
#define profile_schema_table_lower(c)                                        \
    (u_char) ((c) >= 'A' && (c) <= 'Z' ? (c) | 0x20 : (c))

/* Folds len bytes of data into dst. */

static inline void
profile_schema_table_fold(u_char *dst, const u_char *data, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        dst[i] = profile_schema_table_lower(data[i]);
    }
}


/*
 * Room for size bytes, which lives as long as the schema.  Returns NULL with
 * the schema's error set.
 */
u_char *profile_schema_table_text(profile_schema_t *s, size_t size);

/* Returns 0, or -1 with the schema's error set. */
int profile_schema_table_set_bit(profile_schema_t *s, profile_bits_t *bits,
    uint32_t n);

/*
 * The entry of a name, made if there is none.  The word's bytes live as long
 * as the schema.  Returns NULL with the schema's error set; the pointer is
 * valid until the next call.
 */
profile_entry_t *profile_schema_table_entry(profile_schema_t *s,
    const profile_str_t *word);

/*
 * Keeps the statement that is being added; see profile_schema_add().  Returns
 * 0, or -1 with the schema's error set.
 */
int profile_schema_table_keep(profile_schema_t *s, const profile_str_t *file,
    size_t line, const profile_str_t *words, size_t n);

/*
 * Claims a name for the statement.  Returns 0, and the entry where it is asked
 * for, valid as that of profile_schema_table_entry(); or -1 with the schema's
 * error set, if another statement has the name or there is no memory.
 */
int profile_schema_table_claim(profile_schema_t *s, const profile_str_t *word,
    profile_claim_e claim, profile_entry_t **entry);

/*
 * The provider of this ID, made if there is none; the word's bytes and it live
 * as long as the schema.  Returns NULL with the schema's error set.
 */
profile_provider_t *profile_schema_table_declare(profile_schema_t *s,
    const profile_str_t *word, int declared);

/*
 * Makes the entry's name one of the provider's by the statement, unless it is;
 * NULL: of every provider's.  Returns 0, or -1 with the schema's error set.
 */
int profile_schema_table_provide(profile_schema_t *s, profile_provider_t *p,
    profile_entry_t *e);


/* The statement that makes the entry's name one of the provider's, or NULL. */

static inline const profile_statement_t *
profile_schema_table_provided(const profile_schema_t *s,
    const profile_provider_t *p, const profile_entry_t *e)
{
    uint32_t  i, n;

    i = e->name.number - 1;

    if (i >= p->names.len / sizeof(uint32_t)) {
        return NULL;
    }

    n = ((uint32_t *) p->names.data)[i];

    return n ? profile_schema_table_statements(s)[n - 1] : NULL;
}


/* The length of the prefix of the container if it is name's, else 0 (M2.6). */

static inline size_t
profile_schema_table_prefixed(const profile_schema_t *s,
    const profile_name_t *name, profile_container_e container)
{
    const profile_str_t  *prefix;

    prefix = &s->prefix[container].text;

    if (prefix->len == 0 || name->len <= prefix->len
        || name->data[0] != prefix->data[0]
        || memcmp(name->data, prefix->data, prefix->len) != 0)
    {
        return 0;
    }

    return prefix->len;
}


#endif /* _PROFILE_SCHEMA_TABLE_H_INCLUDED_ */
