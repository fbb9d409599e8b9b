
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "response/ngx_http_profile_dry_run.h"
#include "response/ngx_http_profile_fail.h"
#include "response/ngx_http_profile_input.h"
#include "response/ngx_http_profile_output.h"
#include "response/ngx_http_profile_rewrite.h"


/* text that is read at a time: what leaves at once cannot be put off (H3.3) */
#define NGX_HTTP_PROFILE_DRY_SIZE  4194304


/*
 * A dry run leaves ranges as they are; of what the range filters have cut
 * down before us nothing can be told.
 */

ngx_int_t
ngx_http_profile_dry_run_start(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f)
{
    ngx_int_t  rc;

    if (f->reason != PROFILE_OK) {
        ngx_http_profile_fail_note(r, f, NGX_HTTP_PROFILE_WOULD_FAIL);
        f->state = NGX_HTTP_PROFILE_DONE;

        return ngx_http_profile_output_pass_header(r);
    }

    r->filter_need_in_memory = 1;

    rc = ngx_http_profile_output_pass_header(r);

    if (r->headers_out.status == NGX_HTTP_PARTIAL_CONTENT
        || r->headers_out.status == NGX_HTTP_RANGE_NOT_SATISFIABLE)
    {
        ngx_http_profile_rewrite_count(f);
        ngx_http_profile_record_set_action(f->record, NGX_HTTP_PROFILE_PASSED,
                                           PROFILE_PARTIAL);

        f->state = NGX_HTTP_PROFILE_DONE;
    }

    return rc;
}


ngx_int_t
ngx_http_profile_dry_run(ngx_http_request_t *r, ngx_http_profile_filter_t *f,
    ngx_chain_t *in)
{
    uint64_t      start;
    ngx_int_t     rc;
    ngx_buf_t     b;
    ngx_chain_t  *cl;

    if (ngx_http_profile_input_cut(r, in)) {
        f->reason = PROFILE_UPSTREAM;
        f->offset = f->record->response.bytes_in;

        ngx_http_profile_fail_note(r, f, NGX_HTTP_PROFILE_WOULD_FAIL);
        f->state = NGX_HTTP_PROFILE_DONE;

        return ngx_http_profile_output_pass_body(r, in);
    }

    start = ngx_http_profile_record_clock();
    rc = NGX_OK;

    f->turn.read = 0;

    for (cl = in; cl && rc == NGX_OK; cl = cl->next) {

        b = *cl->buf;

        do {
            rc = ngx_http_profile_rewrite_read_buf(f, &b);
        } while (rc == NGX_AGAIN && f->turn.read < NGX_HTTP_PROFILE_DRY_SIZE);

        if (b.last_buf || b.last_in_chain) {
            f->last = 1;
        }
    }

    if (rc == NGX_OK && f->last) {
        rc = ngx_http_profile_rewrite_finish(f,
                                             NGX_HTTP_PROFILE_WOULD_REWRITE);
    }

    f->record->response.time += ngx_http_profile_record_clock() - start;

    if (rc == NGX_ERROR) {
        ngx_http_profile_fail_note(r, f, NGX_HTTP_PROFILE_WOULD_FAIL);
        f->state = NGX_HTTP_PROFILE_DONE;

    } else if (rc == NGX_AGAIN) {
        ngx_http_profile_rewrite_count(f);
        ngx_http_profile_record_set_action(f->record, NGX_HTTP_PROFILE_PASSED,
                                           PROFILE_PARTIAL);
        f->state = NGX_HTTP_PROFILE_DONE;

    } else if (f->last) {
        f->state = NGX_HTTP_PROFILE_DONE;
    }

    return ngx_http_profile_output_pass_body(r, in);
}
