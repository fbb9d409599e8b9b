
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_EXACT_H_INCLUDED_
#define _PROFILE_SCHEMA_EXACT_H_INCLUDED_


#include "core/profile_core.h"
#include "core/schema/profile_class.h"
#include "core/schema/profile_matcher.h"


/*
 * What becomes of a root attribute of which is known whether v1 keeps it as
 * metadata (M8): the class is that of profile_schema_class(), and is changed
 * where v1 knows better, *differs being 1 then.  Returns as that does.
 */
profile_reason_e profile_schema_exact(profile_matcher_t *m,
    const profile_name_t *name, int metadata, profile_class_t *class,
    int *differs);


#endif /* _PROFILE_SCHEMA_EXACT_H_INCLUDED_ */
