
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* What the tests of UTF-8 share: another way to tell what it is. */


#ifndef _UTF8_TEST_H_INCLUDED_
#define _UTF8_TEST_H_INCLUDED_


#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>


/*
 * How many of the len bytes may stand in a JSON text.  By arithmetic, not by
 * the table of RFC 3629: the code points that the bytes so far may still
 * become must be some that the length is needed for, and not all surrogates.
 */
size_t test_utf8(const u_char *p, size_t len);


#endif /* _UTF8_TEST_H_INCLUDED_ */
