
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_BUILD_H_INCLUDED_
#define _PROFILE_SCHEMA_BUILD_H_INCLUDED_


#include "core/profile_core.h"
#include "core/schema/profile_class.h"


/*
 * Adds a statement: where it stands, its name and its arguments, n words.
 * They are copied, but for the bytes of the file's name, which are the
 * caller's and live as long as the schema.  Returns 0, or -1 with the mistake
 * in profile_schema_error(): nothing but profile_schema_destroy() is left
 * then.
 */
int profile_schema_add(profile_schema_t *s, const profile_str_t *file,
    size_t line, const profile_str_t *words, size_t n);


#endif /* _PROFILE_SCHEMA_BUILD_H_INCLUDED_ */
