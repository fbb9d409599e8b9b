
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_REWRITER_USERS_H_INCLUDED_
#define _PROFILE_REWRITER_USERS_H_INCLUDED_


#include "core/json/profile_event.h"


/*
 * What a rewriter does with what the reader meets: users are rewritten, all
 * else passes, or is left out of a list of v2 (M1, U5).
 */
extern const profile_reader_handler_t  profile_rewriter_users_handler;


#endif /* _PROFILE_REWRITER_USERS_H_INCLUDED_ */
