
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_BRIEF_H_INCLUDED_
#define _PROFILE_SCHEMA_BRIEF_H_INCLUDED_


/*
 * What becomes of the names that a schema has, by provider: made once, since it
 * is asked of each member of each user.
 */


#include "core/profile_core.h"
#include "core/schema/profile_schema.h"


typedef enum {
    PROFILE_BRIEF_ASK = 0,               /* profile_schema_class() */
    PROFILE_BRIEF_KEEP,
    PROFILE_BRIEF_KEEP_VALUE,            /* a null: ask */
    PROFILE_BRIEF_DROP,
    PROFILE_BRIEF_MOVE_APP,              /* by profile_container_e */
    PROFILE_BRIEF_MOVE_USER
} profile_brief_e;


/* Of a schema that is complete.  Returns 0, or -1 when there is no memory. */
int profile_schema_brief_make(profile_schema_t *s);

/*
 * By the number of a name less 1: the profile_brief_e of it for the provider,
 * NULL being one that the schema does not know.  NULL: all is to be asked.
 */
const u_char *profile_schema_brief(const profile_schema_t *s,
    const profile_provider_t *provider);


#endif /* _PROFILE_SCHEMA_BRIEF_H_INCLUDED_ */
