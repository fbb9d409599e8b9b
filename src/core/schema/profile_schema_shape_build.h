
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_SHAPE_BUILD_H_INCLUDED_
#define _PROFILE_SCHEMA_SHAPE_BUILD_H_INCLUDED_


#include "core/profile_core.h"
#include "core/schema/profile_class.h"


/*
 * The statements of M7, as profile_schema_add() calls them.  All return 0, or
 * -1 with the schema's error set.
 */
int profile_schema_shape_build_user(profile_schema_t *s,
    const profile_str_t *words, size_t n);
int profile_schema_shape_build_provider_from(profile_schema_t *s,
    const profile_str_t *words, size_t n);
int profile_schema_shape_build_drop(profile_schema_t *s,
    const profile_str_t *words, size_t n);
int profile_schema_shape_build_lift(profile_schema_t *s,
    const profile_str_t *words, size_t n);
int profile_schema_shape_build_merge(profile_schema_t *s,
    const profile_str_t *words, size_t n);
int profile_schema_shape_build_unwrap(profile_schema_t *s,
    const profile_str_t *words, size_t n);
int profile_schema_shape_build_container(profile_schema_t *s,
    const profile_str_t *words, size_t n);


#endif /* _PROFILE_SCHEMA_SHAPE_BUILD_H_INCLUDED_ */
