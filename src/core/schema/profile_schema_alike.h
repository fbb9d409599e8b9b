
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SCHEMA_ALIKE_H_INCLUDED_
#define _PROFILE_SCHEMA_ALIKE_H_INCLUDED_


#include "core/profile_core.h"


/*
 * M4.1: whether two names are one to somebody who looks neither at letter case
 * (as in H5.6) nor at "_".  Returns 0, which is no, or not 0.
 */
int profile_schema_alike(const profile_str_t *known, const u_char *data,
    size_t len);

/*
 * The first byte of a name that counts for that, folded, or -1: there is none.
 * Below 0x80 it is what all that are alike begin with, where this is ASCII.
 */
int profile_schema_alike_first(const profile_str_t *name);


#endif /* _PROFILE_SCHEMA_ALIKE_H_INCLUDED_ */
