
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_NUMBER_H_INCLUDED_
#define _PROFILE_NUMBER_H_INCLUDED_


#include "core/profile_core.h"


/* Whether the len bytes are one number by RFC 8259. */
int profile_number_valid(const u_char *text, size_t len);

/* Whether a text is digits, behind one "-" or none. */
int profile_number_is_integer(const u_char *text, size_t len);

/*
 * Compares two valid numbers of any length by their values, without loss.
 * Returns a number below 0, 0, or above 0: as a is less, equal or more.
 */
int profile_number_compare(const profile_str_t *a, const profile_str_t *b);


#endif /* _PROFILE_NUMBER_H_INCLUDED_ */
