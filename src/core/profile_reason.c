
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_reason.h"


typedef struct {
    profile_str_t         name;
    profile_str_t         text;
    profile_str_t         code;
    unsigned              status;
} profile_reason_t;


/* nothing is answered for it, or nothing but that the response failed */

#define PROFILE_REASON(reason, name, text)                                   \
    PROFILE_BLOCK(reason, name, text, 502, "invalid_upstream_profile")

#define PROFILE_BODY(reason, name, text)                                     \
    PROFILE_BLOCK(reason, name, text, 400, "invalid_body")

#define PROFILE_BLOCK(reason, name, text, status, code)                      \
    [reason] = { profile_string(name), profile_string(text),                 \
                 profile_string(code), status }


static const profile_reason_t  profile_reasons[PROFILE_REASONS] = {

    PROFILE_REASON(PROFILE_OK, "", "no error"),

    PROFILE_REASON(PROFILE_CONDITION, "if",
                   "the condition of the directive does not hold"),
    PROFILE_REASON(PROFILE_STATUS, "status",
                   "the status is neither 200 nor 201"),
    PROFILE_REASON(PROFILE_TYPE, "type",
                   "the media type is not among \"profile_types\""),
    PROFILE_REASON(PROFILE_HEAD, "head", "a response without a body"),
    PROFILE_REASON(PROFILE_NO_USERS, "no_users", "no user where one must be"),
    PROFILE_REASON(PROFILE_NO_BODY, "no_body", "no body"),
    PROFILE_REASON(PROFILE_ALLOWED, "allowed", "a write that is allowed"),
    PROFILE_REASON(PROFILE_REDIRECT, "redirect",
                   "another location has answered"),

    PROFILE_BODY(PROFILE_INVALID_JSON, "invalid_json", "invalid JSON"),
    PROFILE_BODY(PROFILE_INVALID_UTF8, "invalid_utf8", "invalid UTF-8"),
    PROFILE_BODY(PROFILE_TRUNCATED, "truncated",
                 "the JSON text ends too early"),
    PROFILE_BODY(PROFILE_TRAILING_DATA, "trailing_data",
                 "data after the JSON text"),
    PROFILE_BODY(PROFILE_TOO_DEEP, "too_deep",
                 "the JSON text is nested too deeply"),
    PROFILE_REASON(PROFILE_USER_TOO_LARGE, "user_too_large",
                   "a user is too large"),
    PROFILE_REASON(PROFILE_NOT_USERS, "not_users",
                   "too much that is no user"),
    PROFILE_REASON(PROFILE_LATE_USER, "late_user",
                   "a second value where the list or the user has been read"),
    PROFILE_BODY(PROFILE_PATTERN_LIMIT, "pattern_limit",
                 "a pattern gave up on a name"),
    PROFILE_BLOCK(PROFILE_NO_MEMORY, "no_memory",
                  "not enough memory", 500, "internal_error"),

    PROFILE_REASON(PROFILE_PARTIAL, "partial", "a part of a response"),
    PROFILE_REASON(PROFILE_ENCODING, "encoding",
                   "a content coding other than gzip"),
    PROFILE_REASON(PROFILE_INVALID_GZIP, "invalid_gzip", "invalid gzip data"),
    PROFILE_REASON(PROFILE_UPSTREAM, "upstream",
                   "the response ended before its end"),
    PROFILE_REASON(PROFILE_CLIENT, "client",
                   "the client closed the connection"),
    PROFILE_REASON(PROFILE_TUNNEL, "tunnel",
                   "a status that hands the connection to another protocol"),
    PROFILE_BLOCK(PROFILE_INTERNAL, "internal",
                  "an internal error", 500, "internal_error"),

    PROFILE_BLOCK(PROFILE_ATTRIBUTES, "attributes",
                  "attributes that cannot be written",
                  400, "operation_not_supported"),
    PROFILE_BODY(PROFILE_RESERVED, "reserved",
                 "names that metadata may not use"),
    PROFILE_BODY(PROFILE_METADATA_NAME, "metadata_name",
                 "a metadata name with a dot or a leading dollar sign"),
    PROFILE_BODY(PROFILE_NAME, "name",
                 "a name with a NUL or a lone surrogate"),
    PROFILE_BODY(PROFILE_DUPLICATE, "duplicate", "a name that stands twice"),
    PROFILE_BODY(PROFILE_NOT_OBJECT, "not_object",
                 "the body is not a JSON object"),
    PROFILE_BODY(PROFILE_CONTAINER, "container",
                 "a metadata container that is neither object nor null"),
    PROFILE_BODY(PROFILE_EMPTY_BODY, "empty_body", "the body is empty"),
    PROFILE_BLOCK(PROFILE_BODY_TOO_LARGE, "body_too_large",
                  "the body is too large", 413, "body_too_large"),
    PROFILE_BLOCK(PROFILE_MEDIA_TYPE, "media_type",
                  "the media type is not JSON in UTF-8",
                  415, "unsupported_media_type"),
    PROFILE_BLOCK(PROFILE_BODY_ENCODING, "body_encoding",
                  "the body is encoded", 415, "unsupported_media_type"),
    PROFILE_BLOCK(PROFILE_METHOD_OVERRIDE, "method_override",
                  "a header that overrides the method", 400, "invalid_header"),
    PROFILE_BLOCK(PROFILE_HEADER, "header",
                  "a header whose name others read as another one",
                  400, "invalid_header"),
    PROFILE_BLOCK(PROFILE_PATH, "path",
                  "the path of the request does not name a user",
                  404, "invalid_uri"),
    PROFILE_BLOCK(PROFILE_QUERY, "query",
                  "an argument of the request", 400, "invalid_query_string"),
    PROFILE_BLOCK(PROFILE_UNSUPPORTED, "unsupported",
                  "the operation is not supported",
                  400, "operation_not_supported"),
    PROFILE_BODY(PROFILE_FORBIDDEN, "forbidden",
                 "a name that no object may hold"),
    PROFILE_BLOCK(PROFILE_PRECONDITION, "precondition",
                  "a condition that does not hold",
                  412, "precondition_failed"),
    PROFILE_BODY(PROFILE_CONNECTION, "connection",
                 "a connection that is not a plain string"),
    PROFILE_BODY(PROFILE_NUMBER_TOO_LARGE, "number_too_large",
                 "a number that is too large"),
    PROFILE_BODY(PROFILE_ALIAS, "alias",
                 "another name of what v2 stores"),
    PROFILE_BODY(PROFILE_ID, "id", "a body without the id of a user"),
    PROFILE_BLOCK(PROFILE_SEARCH_LIMIT, "search_limit",
                  "the search needs more than this gateway allows",
                  400, "invalid_query_string"),
    PROFILE_BLOCK(PROFILE_BUSY, "busy", "too many searches at a time",
                  429, "too_many_requests"),
    PROFILE_BLOCK(PROFILE_TIMEOUT, "timeout", "the search took too long",
                  504, "gateway_timeout"),
    PROFILE_BODY(PROFILE_VALUE, "value",
                 "a value that is neither text nor a list of texts")
};


const profile_str_t *
profile_reason_name(profile_reason_e reason)
{
    return &profile_reasons[reason].name;
}


const profile_str_t *
profile_reason_text(profile_reason_e reason)
{
    return &profile_reasons[reason].text;
}


unsigned
profile_reason_status(profile_reason_e reason)
{
    return profile_reasons[reason].status;
}


const profile_str_t *
profile_reason_code(profile_reason_e reason)
{
    return &profile_reasons[reason].code;
}
