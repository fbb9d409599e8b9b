
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_REWRITER_AGAIN_H_INCLUDED_
#define _PROFILE_REWRITER_AGAIN_H_INCLUDED_


#include "core/response/profile_rewriter_pass.h"


/*
 * An object ends of which nothing has left, and which has no list or no
 * wrapper: it is read once more as if envelope= had not been said, and then as
 * if wrapper= had not (M1.3, M1.6).  Sets is_user, and where the user lies.
 * Returns as the handlers of a reader do.
 */
profile_reason_e profile_rewriter_again(profile_rewriter_t *rw, uint64_t end);


#endif /* _PROFILE_REWRITER_AGAIN_H_INCLUDED_ */
