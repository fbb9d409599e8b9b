
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_SKIP_H_INCLUDED_
#define _PROFILE_SKIP_H_INCLUDED_


#include "core/profile_core.h"


/*
 * Over parts of a text that has been read and is valid JSON: only what matters
 * is looked at.  p is where the part begins, last the end of the text; what is
 * returned is where it ends.
 */

#define profile_skip_is_bracket(c)  ((c) == '{' || (c) == '[')
#define profile_skip_is_space(c)                                             \
    ((c) == ' ' || (c) == '\t' || (c) == '\n' || (c) == '\r')

const u_char *profile_skip_value(const u_char *p, const u_char *last);
const u_char *profile_skip_string(const u_char *p, const u_char *last);
const u_char *profile_skip_space(const u_char *p, const u_char *last);


#endif /* _PROFILE_SKIP_H_INCLUDED_ */
