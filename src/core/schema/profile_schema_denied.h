
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_DENIED_H_INCLUDED_
#define _PROFILE_SCHEMA_DENIED_H_INCLUDED_


#include "core/profile_core.h"
#include "core/profile_error.h"
#include "core/schema/profile_class.h"
#include "core/schema/profile_matcher.h"


/*
 * Whether a v1 write of this root attribute is refused (H5.6): by its class,
 * or by that of a name as which it can be read.  Returns as
 * profile_schema_class() does.
 */
profile_reason_e profile_schema_denied(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_name_t *name,
    int *denied);

/*
 * The same for metadata of v2 (U3.1), and whether the name can be read as one
 * that is writable, or an option.
 */
profile_reason_e profile_schema_denied_root(profile_matcher_t *m,
    const profile_provider_t *provider, const profile_name_t *name,
    int *denied);


#endif /* _PROFILE_SCHEMA_DENIED_H_INCLUDED_ */
