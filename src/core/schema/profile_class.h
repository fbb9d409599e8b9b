
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_CLASS_H_INCLUDED_
#define _PROFILE_CLASS_H_INCLUDED_


#include "core/profile_core.h"
#include "core/schema/profile_names.h"


/* What a name is: the types in which a schema is asked, and answers. */

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


/* A statement as it stands in a configuration, without its quotes. */

typedef struct {
    const profile_str_t  *words;         /* n of them, its name first */
    size_t                n;
    profile_str_t         file;
    size_t                line;
} profile_statement_t;


/*
 * statement: the one that decided.  NULL where none did: a container, user_id
 * and identities unless they are said to be identity, and what no statement
 * applies to where there is no "default".
 */

typedef struct {
    profile_class_e       kind;
    profile_container_e   container;     /* of CONTAINER and METADATA */
    profile_name_t        name;          /* the new one if renamed */
    const profile_statement_t  *statement;
    unsigned              renamed:1;
    unsigned              exact:1;       /* METADATA by M2.5 */
    unsigned              prefixed:1;    /* METADATA by M2.6 */
    unsigned              stored:1;      /* IDENTITY, metadata to v1: U3.7 */
} profile_class_t;


typedef enum {
    PROFILE_CREATE = 0,
    PROFILE_UPDATE
} profile_action_e;


/* the call of v1 that writes an attribute, as "via=" names it */

typedef enum {
    PROFILE_VIA_NAME = 0,                /* not said: the one of its name */
    PROFILE_VIA_EMAIL,
    PROFILE_VIA_PASSWORD,
    PROFILE_VIA_ATTRIBUTES,
    PROFILE_VIA_METADATA,                /* as metadata, by its own name */
    PROFILE_VIA_CREATE                   /* of an option */
} profile_via_e;


/* the numbers of the names that each schema has */

typedef enum {
    PROFILE_NAME_APP_METADATA = 1,
    PROFILE_NAME_USER_METADATA,
    PROFILE_NAME_METADATA,
    PROFILE_NAME_USER_ID,
    PROFILE_NAME_IDENTITIES
} profile_name_e;


#endif /* _PROFILE_CLASS_H_INCLUDED_ */
