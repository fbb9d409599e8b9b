
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_TEXT_H_INCLUDED_
#define _PROFILE_TEXT_H_INCLUDED_


#include "core/profile_core.h"


#define PROFILE_NAME_NUL   0x01
#define PROFILE_NAME_LONE  0x02

/*
 * Unescapes the len bytes between the quotes of a string that the reader has
 * accepted.  dst has room for len bytes.  Returns the length; *flags tells of
 * a NUL and of a lone surrogate, which is written as the three bytes that
 * UTF-8 has no use for, so that different names stay different (M2).
 */
size_t profile_text_unescape(u_char *dst, const u_char *src, size_t len,
    unsigned *flags);

/*
 * The same into a buffer, in place of what it holds.  Returns 0, or -1 when
 * there is no memory.
 */
int profile_text_plain(const profile_alloc_t *a, profile_buf_t *buf,
    const u_char *src, size_t len, unsigned *flags);

/* How many bytes of such a string make the first n bytes of its unescaped. */
size_t profile_text_escaped_len(const u_char *src, size_t len, size_t n);

/*
 * The reverse: dst has room for 6 * len bytes.  A lone surrogate as written
 * by profile_text_unescape() becomes its escape again.
 */
size_t profile_text_escape(u_char *dst, const u_char *src, size_t len);


#endif /* _PROFILE_TEXT_H_INCLUDED_ */
