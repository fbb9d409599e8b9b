
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_TEXT_H_INCLUDED_
#define _PROFILE_TEXT_H_INCLUDED_


#include "core/profile_core.h"
#include "core/profile_utf8.h"


#define PROFILE_NAME_NUL   0x01
#define PROFILE_NAME_LONE  0x02

/*
 * Unescapes the len bytes between the quotes of a string that the reader has
 * accepted.  dst has room for len bytes.  Returns the length; *flags tells of
 * a NUL and of a lone surrogate, which is written as the three bytes that
 * UTF-8 has no use for, so that different names stay different (M2).
 */
size_t profile_unescape(u_char *dst, const u_char *src, size_t len,
    unsigned *flags);

/* How many bytes of such a string make the first n bytes of its unescaped. */
size_t profile_unescape_skip(const u_char *src, size_t len, size_t n);

/*
 * The reverse: dst has room for 6 * len bytes.  A lone surrogate as written
 * by profile_unescape() becomes its escape again.
 */
size_t profile_escape(u_char *dst, const u_char *src, size_t len);


#endif /* _PROFILE_TEXT_H_INCLUDED_ */
