
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_MESSAGE_H_INCLUDED_
#define _PROFILE_MESSAGE_H_INCLUDED_


#include "core/profile_core.h"


/*
 * Appends what the body of a v1 error says for people (U6), as plain text:
 * its first "message", "error_description", "detail" or string "error", in
 * this order; the first line, at most 500 bytes.  Returns 0, also where the
 * body is no JSON object or says nothing, or -1 when there is no memory.
 */
int profile_message(const profile_alloc_t *a, const u_char *data, size_t len,
    profile_buf_t *out);


#endif /* _PROFILE_MESSAGE_H_INCLUDED_ */
