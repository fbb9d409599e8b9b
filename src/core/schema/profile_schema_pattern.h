
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_PATTERN_H_INCLUDED_
#define _PROFILE_SCHEMA_PATTERN_H_INCLUDED_


#include "core/profile_core.h"
#include "core/profile_error.h"
#include "core/schema/profile_class.h"
#include "core/schema/profile_schema_table.h"


typedef enum {
    PROFILE_PATTERN_EXACT = 0,
    PROFILE_PATTERN_CASELESS,
    PROFILE_PATTERN_READ
} profile_pattern_how_e;


struct profile_pattern_s {
    profile_pattern_t    *next;
    void                 *code;
    void                 *folded;        /* compiled without regard to case */
    void                 *part;          /* the same, for what may go on */
    profile_container_e   container;
    profile_str_t         replacement;
    const profile_statement_t  *statement;
    unsigned              renames:1;
    unsigned              any:1;         /* of an unwrap: "values=any" */
};


struct profile_matcher_s {
    const profile_schema_t  *schema;
    profile_alloc_t       alloc;
    void                 *general;       /* the allocator for matching */
    void                 *match;         /* and its limits */
    void                 *match_data;
    profile_buf_t         name;          /* a new name, or a folded one */
    profile_reading_t     reading;
    profile_buf_t         text;          /* one of the readings */
    uint64_t              steps;         /* of readings, all together */
    uint32_t              tried;         /* readings of this name */
};


/*
 * Adds a word "~regex" of the statement that is being added to the list whose
 * last link is *last, compiled for whole names, and again without regard to
 * case if fold is set.  Returns NULL with the schema's error set.
 */
profile_pattern_t *profile_schema_pattern_add(profile_schema_t *s,
    profile_pattern_t ***last, const profile_str_t *word, int fold);

/* Destroys a list of patterns, which may be NULL: empty. */
void profile_schema_pattern_destroy(profile_schema_t *s,
    profile_pattern_t *list);

/*
 * Sets the "as=" of a pattern, whose bytes live as long as the schema.  Returns
 * 0, or -1 with the schema's error set.
 */
int profile_schema_pattern_rename(profile_schema_t *s, profile_pattern_t *p,
    const profile_str_t *replacement);

/*
 * The first pattern of the list that matches: *found, or NULL.  EXACT: its new
 * name, if it renames, is in m->name until the next call.  The others want a
 * list that is compiled with fold set.  READ: one that matches anything as
 * which m->reading, that of name, can be read (H5.6), or for which it took too
 * many steps to know.  Returns PROFILE_OK, PROFILE_PATTERN_LIMIT or
 * PROFILE_NO_MEMORY.
 */
profile_reason_e profile_schema_pattern_find(profile_matcher_t *m,
    const profile_pattern_t *list, const profile_name_t *name,
    profile_pattern_how_e how, const profile_pattern_t **found);

/*
 * The same for the patterns of the provider, which may be NULL or any, and
 * then of every provider.
 */
profile_reason_e profile_schema_pattern_provider(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_name_t *name,
    profile_pattern_how_e how, const profile_pattern_t **found);

/* Gives back what all patterns of a schema share, after the last of them. */
void profile_schema_pattern_release(profile_schema_t *s);

/* Gives back what a matcher took when it matched. */
void profile_schema_pattern_release_matcher(profile_matcher_t *m);

/* See profile_schema_version(). */
size_t profile_schema_pattern_version(u_char *text);


#endif /* _PROFILE_SCHEMA_PATTERN_H_INCLUDED_ */
