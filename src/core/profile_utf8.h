
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_UTF8_H_INCLUDED_
#define _PROFILE_UTF8_H_INCLUDED_


#include "core/profile_core.h"


/* what is open of a UTF-8 sequence between two calls; zero at the start */

typedef struct {
    u_char                more;          /* bytes that have to follow */
    u_char                low;           /* range of the next one */
    u_char                high;
} profile_utf8_t;


/*
 * Returns how many of the len bytes may stand in a JSON text: all of them, or
 * those before the first byte that is not UTF-8 by RFC 3629, is VT or is FF
 * (M6.3).  u->more is not 0 where the byte cuts a sequence.
 */
size_t profile_utf8_check(profile_utf8_t *u, const u_char *data, size_t len);

/*
 * Returns how many of the len bytes are characters beyond ASCII, by RFC 3629:
 * all of them, or those before the first byte that is ASCII or wrong.  u->more
 * as above.
 */
size_t profile_utf8_run(profile_utf8_t *u, const u_char *data, size_t len);

/* Returns 1 if all of the len bytes may, and cut no sequence, else 0. */
int profile_utf8_is_whole(const u_char *data, size_t len);


#endif /* _PROFILE_UTF8_H_INCLUDED_ */
