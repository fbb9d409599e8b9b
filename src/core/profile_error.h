
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_ERROR_H_INCLUDED_
#define _PROFILE_ERROR_H_INCLUDED_


#include "core/profile_core.h"


/*
 * Every reason for which something was passed, failed or blocked.  The one
 * list serves the error answer, the log line, $profile_reason and the label
 * of the metrics; the order is that of the counters in shared memory.
 */

typedef enum {
    PROFILE_OK = 0,

    /* passed */
    PROFILE_CONDITION,
    PROFILE_STATUS,
    PROFILE_TYPE,
    PROFILE_HEAD,
    PROFILE_NO_USERS,
    PROFILE_NO_BODY,
    PROFILE_ALLOWED,
    PROFILE_REDIRECT,

    /* failed or blocked: the text itself */
    PROFILE_INVALID_JSON,
    PROFILE_INVALID_UTF8,
    PROFILE_TRUNCATED,
    PROFILE_TRAILING_DATA,
    PROFILE_TOO_DEEP,
    PROFILE_USER_TOO_LARGE,
    PROFILE_LATE_USER,
    PROFILE_PATTERN_LIMIT,
    PROFILE_NO_MEMORY,

    /* failed: the response around it */
    PROFILE_PARTIAL,
    PROFILE_ENCODING,
    PROFILE_INVALID_GZIP,
    PROFILE_UPSTREAM,
    PROFILE_CLIENT,
    PROFILE_INTERNAL,

    /* blocked */
    PROFILE_ATTRIBUTES,
    PROFILE_RESERVED,
    PROFILE_METADATA_NAME,
    PROFILE_NAME,
    PROFILE_DUPLICATE,
    PROFILE_NOT_OBJECT,
    PROFILE_CONTAINER,
    PROFILE_EMPTY_BODY,
    PROFILE_BODY_TOO_LARGE,
    PROFILE_MEDIA_TYPE,
    PROFILE_BODY_ENCODING,
    PROFILE_METHOD_OVERRIDE,
    PROFILE_PATH,
    PROFILE_QUERY,
    PROFILE_UNSUPPORTED,

    PROFILE_REASONS
} profile_reason_e;


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

/*
 * Appends {"statusCode":...,"error":phrase,"message":...,"errorCode":code};
 * the texts are plain UTF-8 and are escaped here.  An empty code is left out.
 * Returns 0, or -1 when there is no memory.
 */
int profile_error_answer(const profile_alloc_t *a, profile_buf_t *out,
    unsigned status, const profile_str_t *phrase,
    const profile_str_t *message, const profile_str_t *code);


#endif /* _PROFILE_ERROR_H_INCLUDED_ */
