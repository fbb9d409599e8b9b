
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_REWRITER_NAME_H_INCLUDED_
#define _PROFILE_REWRITER_NAME_H_INCLUDED_


#include "core/json/profile_reader.h"
#include "core/schema/profile_schema.h"


/*
 * The name of the member that an event of the reader tells of, as the schema
 * sees it; unescaped is for the bytes of a name with escapes, and is kept by
 * the caller as long as the name.  Returns PROFILE_OK or PROFILE_NO_MEMORY.
 */
profile_reason_e profile_rewriter_name(profile_reader_t *reader,
    const profile_schema_t *schema, const profile_alloc_t *a,
    profile_buf_t *unescaped, const profile_event_t *ev, profile_name_t *name);


#endif /* _PROFILE_REWRITER_NAME_H_INCLUDED_ */
