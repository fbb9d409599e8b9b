
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_H_INCLUDED_
#define _PROFILE_SCHEMA_H_INCLUDED_


#include "core/profile_core.h"
#include "core/profile_error.h"
#include "core/schema/profile_class.h"
#include "core/schema/profile_known.h"
#include "core/schema/profile_matcher.h"
#include "core/schema/profile_names.h"
#include "core/schema/profile_schema_alike.h"


/*
 * How the legacy profile maps (M2 to M4) and what may be written (H5): what a
 * name is to a schema.  All but profile_schema_error() wants a finished one.
 * What is returned by pointer stays the schema's, and valid as long as it.
 */

/*
 * The mistake for which the last profile_schema_add() or
 * profile_schema_finish() failed: the bad word in quotes and what was
 * expected, with a NUL behind it.  Valid until the next call of those.
 */
const profile_str_t *profile_schema_error(profile_schema_t *s);


/*
 * A fingerprint of its statements, in their order: the same in every process,
 * whatever the seed.
 */
uint64_t profile_schema_fingerprint(const profile_schema_t *s);

/* The hash that the schema's names have. */
uint32_t profile_schema_hash(const profile_schema_t *s, const u_char *data,
    size_t len);

/* How many names the schema has: their numbers are 1 to that. */
uint32_t profile_schema_nnames(const profile_schema_t *s);

/* The numbers of its names. */
const profile_known_t *profile_schema_known(const profile_schema_t *s);

/*
 * Fills in the name with its hash and number, as one without a lone surrogate;
 * data stays the caller's.
 */
void profile_schema_name(const profile_schema_t *s, profile_name_t *name,
    const u_char *data, size_t len);

/*
 * The same for a name as it stands in a text, escaped: it holds a backslash;
 * unescaped has its bytes then.  Returns 0, or -1 when there is no memory.
 */
int profile_schema_name_read(const profile_schema_t *s,
    const profile_alloc_t *a, profile_buf_t *unescaped, const u_char *text,
    size_t len, int escaped, profile_name_t *name);

/* The provider that an unescaped user id names (M2), or NULL: unknown. */
const profile_provider_t *profile_schema_provider(const profile_schema_t *s,
    const u_char *id, size_t len);

/* The provider of this name, or NULL. */
const profile_provider_t *profile_schema_provider_named(
    const profile_schema_t *s, const u_char *data, size_t len);

/* The ID of a provider; never NULL. */
const profile_str_t *profile_schema_provider_name(const profile_provider_t *p);


/*
 * What becomes of a root attribute (M2), and by which statement: of several
 * that make it one of the provider's, by the first one that names the
 * provider, else by the first one for every provider.  provider may be NULL.
 * class->name is valid until the next call with this matcher,
 * class->statement as long as the schema.  Returns PROFILE_OK; or
 * PROFILE_PATTERN_LIMIT or PROFILE_NO_MEMORY, and the class has no meaning
 * then.
 */
profile_reason_e profile_schema_class(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_name_t *name,
    profile_class_t *class);

/*
 * The same for a name of which nobody claims more than M2.8 and M2.9 say: not
 * what a container, a statement for this very name, a prefix or a provider is.
 */
profile_reason_e profile_schema_class_rest(profile_matcher_t *m,
    const profile_name_t *name, profile_class_t *class);

/*
 * One that sends what any provider sends (H5.6), and for which nothing may be
 * written that is not for all.  Its name is empty.
 */
const profile_provider_t *profile_schema_provider_any(
    const profile_schema_t *s);

/*
 * The provider by which names are denied for a user id (H5.6): the one that
 * is named, in any ASCII case; any, where the id's part before "|", or all of
 * it, holds what some backend may read as another name; else NULL.
 */
const profile_provider_t *profile_schema_provider_judge(
    const profile_schema_t *s, const u_char *id, size_t len);

/*
 * The same for the connection of a create (H5.5), which is not decoded once
 * more: any, where it can be read as one of a provider's name, whose name it
 * is not.  Returns PROFILE_OK or PROFILE_NO_MEMORY.
 */
profile_reason_e profile_schema_provider_judge_connection(
    profile_matcher_t *m, const u_char *data, size_t len,
    const profile_provider_t **provider);


/* The answers that follow are 0, which is no, or not 0. */

/* M4.1: left out of each object in "identities"; name has its bytes. */
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

/* H5.12: whether any name is forbidden. */
int profile_schema_has_forbidden(const profile_schema_t *s);

/*
 * H5.12: no object of a write may have such a member, however deep.  Returns
 * the name as the schema has it, or NULL: it is not forbidden.
 */
const profile_name_t *profile_schema_forbidden(const profile_schema_t *s,
    const profile_name_t *name);

/* H5.7: "metadata_names strict". */
int profile_schema_strict_names(const profile_schema_t *s);

/* M2.9: the container of what no statement applies to, if it is metadata. */
profile_container_e profile_schema_default(const profile_schema_t *s);

/* M3.6: "null_metadata omit". */
int profile_schema_omit_null(const profile_schema_t *s);

/* M2.6: the prefix of a container, empty where it has none; never NULL. */
const profile_str_t *profile_schema_prefix(const profile_schema_t *s,
    profile_container_e container);

/* Any statement of the schema names it: for the labels of the metrics. */
int profile_schema_knows(const profile_schema_t *s,
    const profile_name_t *name);

/* "app_metadata", "user_metadata", "metadata", with a NUL behind. */
const profile_str_t *profile_schema_container_name(
    profile_container_e container);

/* The container of v2 that statements call by this word: 0, or -1: none. */
int profile_schema_container(const profile_str_t *word,
    profile_container_e *container);

/* The version of the pattern library in use: see profile_reader_version(). */
size_t profile_schema_version(u_char *text);


#endif /* _PROFILE_SCHEMA_H_INCLUDED_ */
