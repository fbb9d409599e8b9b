
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_REWRITER_LOST_H_INCLUDED_
#define _PROFILE_REWRITER_LOST_H_INCLUDED_


#include "core/response/profile_rewriter_pass.h"


/*
 * For profile_reader_loose(), ctx being the rewriter: the user of a list who is
 * being read cannot be, and is left out (M6.5).
 */
void profile_rewriter_lost(void *ctx, profile_reason_e reason,
    uint64_t offset);

/* The same for one who has been read to the end. */
void profile_rewriter_lost_user(profile_rewriter_t *rw,
    profile_reason_e reason, uint64_t offset);


#endif /* _PROFILE_REWRITER_LOST_H_INCLUDED_ */
