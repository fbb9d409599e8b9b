
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_H_INCLUDED_
#define _PROFILE_SCHEMA_H_INCLUDED_


#include "core/profile_core.h"
#include "core/profile_error.h"
#include "core/schema/profile_names.h"


/*
 * How the legacy profile maps (M2 to M4) and what may be written (H5).  Built
 * statement by statement, read-only after profile_schema_finish(): any number
 * of matchers may use it at a time.
 */

typedef struct profile_schema_s    profile_schema_t;
typedef struct profile_provider_s  profile_provider_t;
typedef struct profile_matcher_s   profile_matcher_t;


typedef enum {
    PROFILE_APP_METADATA = 0,
    PROFILE_USER_METADATA,
    PROFILE_METADATA                     /* v1 only */
} profile_container_e;


typedef enum {
    PROFILE_CLASS_CONTAINER = 0,         /* M2.1 */
    PROFILE_CLASS_DROP,                  /* M2.2 */
    PROFILE_CLASS_RENAME,                /* M2.3 */
    PROFILE_CLASS_IDENTITY,              /* M2.4 */
    PROFILE_CLASS_METADATA,              /* M2.5, 6, 8, 9 */
    PROFILE_CLASS_PROVIDER,              /* M2.7 */
    PROFILE_CLASS_ROOT                   /* M2.9 */
} profile_class_e;


typedef struct {
    profile_class_e       kind;
    profile_container_e   container;     /* of CONTAINER and METADATA */
    profile_name_t        name;          /* the new one if renamed */
    unsigned              renamed:1;
    unsigned              exact:1;       /* METADATA by M2.5 */
    unsigned              prefixed:1;    /* METADATA by M2.6 */
} profile_class_t;


typedef enum {
    PROFILE_CREATE = 0,
    PROFILE_UPDATE
} profile_action_e;


/*
 * seed is random and the same for all who share the schema.  Returns NULL
 * when there is no memory.
 */
profile_schema_t *profile_schema_create(const profile_alloc_t *a,
    const profile_hash_t *seed);

/* Accepts NULL. */
void profile_schema_destroy(profile_schema_t *s);

/*
 * Adds a statement: its name and arguments, n words.  Returns 0, or -1 with
 * the mistake in profile_schema_error().
 */
int profile_schema_add(profile_schema_t *s, const profile_str_t *words,
    size_t n);

/* No more statements.  Returns as profile_schema_add() does. */
int profile_schema_finish(profile_schema_t *s);

/* The mistake, with the bad word in quotes and what was expected. */
const profile_str_t *profile_schema_error(profile_schema_t *s);


/*
 * A fingerprint of its statements, in their order: the same in every process,
 * whatever the seed.
 */
uint64_t profile_schema_fingerprint(const profile_schema_t *s);

/* The hash that the schema's names have. */
uint32_t profile_schema_hash(const profile_schema_t *s, const u_char *data,
    size_t len);

/* the numbers of the names that each schema has */

typedef enum {
    PROFILE_NAME_APP_METADATA = 1,
    PROFILE_NAME_USER_METADATA,
    PROFILE_NAME_METADATA,
    PROFILE_NAME_USER_ID,
    PROFILE_NAME_IDENTITIES
} profile_name_e;

/* How many names the schema has: their numbers are 1 to that. */
uint32_t profile_schema_nnames(const profile_schema_t *s);

/* Fills in the name with its hash and number; data stays the caller's. */
void profile_schema_name(const profile_schema_t *s, profile_name_t *name,
    const u_char *data, size_t len);

/* The provider that an unescaped user id names (M2), or NULL: unknown. */
const profile_provider_t *profile_schema_provider(const profile_schema_t *s,
    const u_char *id, size_t len);

/* The provider of this name, or NULL. */
const profile_provider_t *profile_schema_provider_named(
    const profile_schema_t *s, const u_char *data, size_t len);

const profile_str_t *profile_provider_name(const profile_provider_t *p);


/*
 * What a user of the schema needs for matching: the state of the patterns and
 * room for a new name.  Returns NULL when there is no memory.
 */
profile_matcher_t *profile_matcher_create(const profile_schema_t *s,
    const profile_alloc_t *a);

/* Accepts NULL. */
void profile_matcher_destroy(profile_matcher_t *m);

/*
 * What becomes of a root attribute (M2).  provider may be NULL.  class->name
 * is valid until the next call with this matcher.  Returns PROFILE_OK,
 * PROFILE_PATTERN_LIMIT or PROFILE_NO_MEMORY.
 */
profile_reason_e profile_schema_class(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_name_t *name,
    profile_class_t *class);

/*
 * The provider of a v1 write (H5.6), which may be NULL: that of the id, else
 * one whose name folds to it.  Returns PROFILE_OK or PROFILE_NO_MEMORY.
 */
profile_reason_e profile_schema_provider_folded(profile_matcher_t *m,
    const u_char *id, size_t len, const profile_provider_t **provider);

/*
 * Whether a v1 write of this root attribute is refused (H5.6): by its class,
 * also after folding the case.  Returns as profile_schema_class() does.
 */
profile_reason_e profile_schema_denied(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_name_t *name,
    int *denied);


/* M4.1: left out of each object in "identities". */
int profile_schema_identity_drop(const profile_schema_t *s,
    const profile_name_t *name);

/* M4.1: whether there is anything to leave out. */
int profile_schema_has_identity_drop(const profile_schema_t *s);

/* H5.5: a client may write this root attribute. */
int profile_schema_writable(const profile_schema_t *s,
    const profile_provider_t *provider, profile_action_e action,
    const profile_name_t *name);

/* H5.5: allowed in a write, never stored. */
int profile_schema_option(const profile_schema_t *s,
    const profile_name_t *name);

/* H5.7: not allowed as a first-level name of app_metadata. */
int profile_schema_reserved(const profile_schema_t *s,
    const profile_name_t *name);

/* H5.7: "metadata_names strict". */
int profile_schema_strict_names(const profile_schema_t *s);

/* M3.6: "null_metadata omit". */
int profile_schema_omit_null(const profile_schema_t *s);

/* M2.6: the prefix of a container, empty where it has none. */
const profile_str_t *profile_schema_prefix(const profile_schema_t *s,
    profile_container_e container);

/* Any statement of the schema names it: for the labels of the metrics. */
int profile_schema_knows(const profile_schema_t *s,
    const profile_name_t *name);

/* "app_metadata", "user_metadata", "metadata" */
const profile_str_t *profile_container_name(profile_container_e container);

/* The version of the pattern library in use: see profile_reader_version(). */
size_t profile_schema_version(u_char *text);


#endif /* _PROFILE_SCHEMA_H_INCLUDED_ */
