
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_WRITE_H_INCLUDED_
#define _PROFILE_SCHEMA_WRITE_H_INCLUDED_


#include "core/profile_core.h"
#include "core/schema/profile_class.h"
#include "core/schema/profile_schema_table.h"


/* The statement "writable".  Returns 0, or -1 with the schema's error set. */
int profile_schema_write_build(profile_schema_t *s, const profile_str_t *words,
    size_t n);

/*
 * All statements are there: what is stored as metadata under its own name is
 * an attribute of the root (U3.7).  Returns as profile_schema_write_build().
 */
int profile_schema_write_finish(profile_schema_t *s);

/* Whether some provider's attribute of the name is, in some call: not 0. */
int profile_schema_write_is_writable(const profile_entry_t *e);

/*
 * By which call of v1 an attribute is written that is writable: what the
 * statement for the provider says, else the one for every provider.  provider
 * may be NULL.
 */
profile_via_e profile_schema_write_via(const profile_schema_t *s,
    const profile_provider_t *provider, profile_action_e action,
    const profile_name_t *name);

/* U3.7: v1 stores it as metadata, in a create or in an update: not 0. */
int profile_schema_write_stored(const profile_schema_t *s,
    const profile_provider_t *provider, const profile_name_t *name);

/* The statement "option", as profile_schema_write_build(). */
int profile_schema_write_build_option(profile_schema_t *s,
    const profile_str_t *words, size_t n);

/*
 * U4.8: with which call of v1 an option goes up, and under which name, that of
 * v2 if none is said.  PROFILE_VIA_NAME: it is not said with which.
 */
profile_via_e profile_schema_write_option(const profile_schema_t *s,
    const profile_name_t *name, profile_name_t *as);

/* U4.8: the name of an attribute in v1, which may be renamed from that. */
void profile_schema_write_name(const profile_schema_t *s,
    const profile_name_t *name, profile_name_t *as);


#endif /* _PROFILE_SCHEMA_WRITE_H_INCLUDED_ */
