
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_ERROR_H_INCLUDED_
#define _PROFILE_ERROR_H_INCLUDED_


#include "core/profile_core.h"
#include "core/profile_reason.h"


/*
 * Appends {"statusCode":...,"error":phrase,"message":...,"errorCode":code};
 * the texts are plain UTF-8 and are escaped here.  An empty code is left out.
 * Returns 0, or -1 when there is no memory.
 */
int profile_error_answer(const profile_alloc_t *a, profile_buf_t *out,
    unsigned status, const profile_str_t *phrase,
    const profile_str_t *message, const profile_str_t *code);


#endif /* _PROFILE_ERROR_H_INCLUDED_ */
