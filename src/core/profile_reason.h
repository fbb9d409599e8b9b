
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_REASON_H_INCLUDED_
#define _PROFILE_REASON_H_INCLUDED_


#include "core/profile_core.h"


/* The machine-readable name: lower case with underscores, "" for OK. */
const profile_str_t *profile_reason_name(profile_reason_e reason);

/* What was wrong, for people: the end of a sentence, no full stop. */
const profile_str_t *profile_reason_text(profile_reason_e reason);

/*
 * The status and the errorCode of the answer to a request that is blocked for
 * this reason (H5).  Where a response failed (H4.1) they are 502 and
 * "invalid_upstream_profile" whatever the reason.
 */
unsigned profile_reason_status(profile_reason_e reason);
const profile_str_t *profile_reason_code(profile_reason_e reason);


#endif /* _PROFILE_REASON_H_INCLUDED_ */
