
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_MESSAGE_H_INCLUDED_
#define _PROFILE_MESSAGE_H_INCLUDED_


#include "core/profile_core.h"


/* what the body of an error says (U6) */

typedef struct {
    profile_buf_t         text;          /* for people */
    profile_buf_t         code;          /* for programs */
    unsigned              object:1;      /* it is a JSON object, and whole */
    unsigned              other:1;       /* it has an errorCode besides */
} profile_message_t;


/*
 * Reads the body of a v1 error.  The text is plain: that of its first
 * "message", "error_description", "detail", "errorMessage", string in "errors"
 * or "error", "error" or "title", in this order, the attribute of "errors" in
 * front of its own; the first line, at most 500 bytes.  The code is its first
 * "errorCode" that is a word of letters, digits, "_", "-" and ".", of at most
 * 64 bytes; any other one is told of.  Where nothing is said they are empty.
 * The message is to be empty before, and to be freed in any case.  Returns 0,
 * or -1 when there is no memory.
 */
int profile_message(const profile_alloc_t *a, const u_char *data, size_t len,
    profile_message_t *message);

/* Gives back its memory. */
void profile_message_free(const profile_alloc_t *a, profile_message_t *message);


#endif /* _PROFILE_MESSAGE_H_INCLUDED_ */
