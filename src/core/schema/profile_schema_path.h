
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_PATH_H_INCLUDED_
#define _PROFILE_SCHEMA_PATH_H_INCLUDED_


#include "core/profile_core.h"
#include "core/schema/profile_schema_shape.h"


/*
 * Reads a path as it stands in a statement (M7.1); its names live as long as
 * the schema.  Returns 0, or -1 with the schema's error set.
 */
int profile_schema_path_read(profile_schema_t *s, const profile_str_t *word,
    profile_path_t *path);

/*
 * The node of a path, made with those above it if there are none; with any, of
 * whatever stands at the path.  Valid until the next call.  Returns NULL with
 * the schema's error set.
 */
profile_shape_t *profile_schema_path_node(profile_schema_t *s,
    const profile_path_t *path, int any);


#endif /* _PROFILE_SCHEMA_PATH_H_INCLUDED_ */
