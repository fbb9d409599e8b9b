
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_value.h"
#include "http/ngx_http_profile_headers.h"
#include "response/ngx_http_profile_output.h"
#include "response/ngx_http_profile_stand_in.h"


ngx_int_t
ngx_http_profile_stand_in(ngx_http_request_t *r,
    ngx_http_profile_rewrite_t *rewrite, ngx_http_profile_record_t *record)
{
    ngx_http_profile_filter_t  *f;

    ngx_http_profile_record_set_action(record, NGX_HTTP_PROFILE_PASSED,
                                       PROFILE_NO_USERS);

    f = ngx_http_profile_response_begin(r, record, NGX_HTTP_PROFILE_ANSWER);
    if (f == NULL) {
        return NGX_ERROR;
    }

    if (ngx_http_profile_value_get(r, rewrite->answer, &f->answer) != NGX_OK
        || ngx_http_profile_headers_replace(r, r->headers_out.status,
                                            f->answer.len,
                                            &r->headers_out.headers)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return ngx_http_profile_output_pass_header(r);
}
