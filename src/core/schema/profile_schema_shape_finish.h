
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_SHAPE_FINISH_H_INCLUDED_
#define _PROFILE_SCHEMA_SHAPE_FINISH_H_INCLUDED_


#include "core/profile_core.h"
#include "core/schema/profile_class.h"


/* There are no more statements of M7: as profile_schema_finish(). */
int profile_schema_shape_finish(profile_schema_t *s);


#endif /* _PROFILE_SCHEMA_SHAPE_FINISH_H_INCLUDED_ */
