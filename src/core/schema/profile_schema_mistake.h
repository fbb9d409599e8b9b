
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_MISTAKE_H_INCLUDED_
#define _PROFILE_SCHEMA_MISTAKE_H_INCLUDED_


#include "core/profile_core.h"
#include "core/schema/profile_class.h"


/*
 * Sets the schema's error from a format of printf(), cut where it is too long.
 * Returns -1.
 */
int profile_schema_mistake(profile_schema_t *s, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/*
 * The same for what a statement says that another one has said before: the
 * place of that follows.  NULL: no statement has.
 */
int profile_schema_mistake_twice(profile_schema_t *s,
    const profile_statement_t *first, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));


#endif /* _PROFILE_SCHEMA_MISTAKE_H_INCLUDED_ */
