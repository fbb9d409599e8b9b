
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_GUARD_NUMBER_H_INCLUDED_
#define _PROFILE_GUARD_NUMBER_H_INCLUDED_


#include "core/profile_core.h"


/*
 * H5.3: whether a number that the reader has accepted has a value that is no
 * larger than the largest of IEEE 754 binary64, 1.7976931348623157e308.
 */
int profile_guard_number_fits(const u_char *text, size_t len);


#endif /* _PROFILE_GUARD_NUMBER_H_INCLUDED_ */
