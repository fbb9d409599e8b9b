
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "fuzz.h"
#include "core/response/profile_message.h"


/* of profile_message.c: how long a message may be, how deep what it is in */

#define MAX_MESSAGE    500
#define MESSAGE_DEPTH  128

/* of the names below, where what "errors" and "error" hold comes */
#define INNER          4


/* U6: of which of the members the message is, NULL: of one inside of them */

static const char *
message_of(json_t *json)
{
    size_t       n;
    json_t      *value;
    const char  *text;

    static const char *const  names[] = {
        "message", "error_description", "detail", "errorMessage", "errors",
        "error", "title"
    };

    value = json_object_get(json, "error");

    for (n = 0; n < sizeof(names) / sizeof(names[0]); n++) {

        if (n == INNER && (json_object_get(json, names[n])
                           || json_is_object(value) || json_is_array(value)))
        {
            return NULL;
        }

        text = json_string_value(json_object_get(json, names[n]));

        if (text) {
            text += strspn(text, " \t");

            if (*text && strchr("<\r\n", *text) == NULL) {
                return json_string_value(json_object_get(json, names[n]));
            }
        }
    }

    return "";
}


void
fuzz_message_of(const profile_str_t *answer)
{
    size_t              len;
    json_t             *json;
    fuzz_text_t         seen;
    const char         *text;
    profile_buf_t       message;
    profile_message_t   said;

    memset(&said, 0, sizeof(profile_message_t));

    if (profile_message(&test_alloc, answer->data, answer->len, &said) != 0) {
        fuzz_fail("no memory for a message");
    }

    message = said.text;

    if (message.len > MAX_MESSAGE
        || (message.len && (memchr(message.data, '\n', message.len)
                            || memchr(message.data, '\r', message.len))))
    {
        fuzz_fail("U6: more than a line: %.*s", (int) message.len,
                  message.data);
    }

    fuzz_message(&message);

    json = fuzz_read(answer->data, answer->len, &seen);

    if (said.object && json && !json_is_object(json)) {
        fuzz_fail("U6.3: no object");
    }

    if (json && !seen.odd && !seen.twice
        && fuzz_depth(json) <= MESSAGE_DEPTH)
    {
        text = message_of(json);

        if (text == NULL) {
            goto done;
        }

        len = strcspn(text, "\r\n");

        if (len > MAX_MESSAGE) {
            for (len = MAX_MESSAGE; (text[len] & 0xc0) == 0x80; len--) {
                /* void */
            }
        }

        if (message.len != len
            || (len && memcmp(message.data, text, len) != 0))
        {
            fuzz_fail("U6: \"%.*s\" is not \"%.*s\"", (int) message.len,
                      message.data, (int) len, text);
        }
    }

done:

    json_decref(json);
    profile_message_free(&test_alloc, &said);
}
