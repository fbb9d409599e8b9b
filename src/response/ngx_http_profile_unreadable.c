
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "core/profile_reason.h"
#include "http/ngx_http_profile_headers.h"
#include "response/ngx_http_profile_unreadable.h"


/* of an id, as it stands in the text */
#define NGX_HTTP_PROFILE_ID_LEN  128


void
ngx_http_profile_unreadable_tell(void *data, const profile_unreadable_t *user)
{
    ngx_http_request_t *r = data;

    size_t   len;
    u_char  *last, text[3 * NGX_HTTP_PROFILE_ID_LEN];

    len = ngx_min(user->id.len, NGX_HTTP_PROFILE_ID_LEN);

    last = (u_char *) ngx_escape_uri(text, (u_char *) user->id.data, len,
                                     NGX_ESCAPE_URI_COMPONENT);

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "profile filter: a user is left out of the list: %s: %s at "
                  "byte %uL of the response, index %uL, id \"%*s\"",
                  profile_reason_name(user->reason)->data,
                  profile_reason_text(user->reason)->data, user->offset,
                  user->index, (size_t) (last - text), text);
}


ngx_int_t
ngx_http_profile_unreadable_header(ngx_http_request_t *r, ngx_uint_t n)
{
    ngx_str_t  value;

    static const ngx_str_t  key = ngx_string("X-Profile-Unreadable");

    if (n == 0) {
        return NGX_OK;
    }

    value.data = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
    if (value.data == NULL) {
        return NGX_ERROR;
    }

    value.len = ngx_sprintf(value.data, "%ui", n) - value.data;

    return ngx_http_profile_headers_add(r, &key, &value);
}
