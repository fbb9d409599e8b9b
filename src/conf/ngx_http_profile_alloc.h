
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_ALLOC_H_INCLUDED_
#define _NGX_HTTP_PROFILE_ALLOC_H_INCLUDED_


#include "core/profile_core.h"


/*
 * The allocator of libc, for all that the core makes: its buffers grow and
 * shrink, which pools are not made for.  Its context is not used.
 */
extern const profile_alloc_t  ngx_http_profile_alloc;


#endif /* _NGX_HTTP_PROFILE_ALLOC_H_INCLUDED_ */
