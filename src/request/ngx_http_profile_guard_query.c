
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "http/ngx_http_profile_uri.h"
#include "request/ngx_http_profile_args.h"
#include "request/ngx_http_profile_guard_headers.h"
#include "request/ngx_http_profile_guard_query.h"


/* how often a name may be unescaped on its way */
#define NGX_HTTP_PROFILE_DECODINGS  4


typedef struct {
    ngx_http_request_t  *request;
    profile_guard_t     *guard;          /* NULL: for overrides only */
    u_char              *buf;            /* room for a name */
    ngx_str_t           *bad;
} ngx_http_profile_guard_query_t;


static profile_reason_e ngx_http_profile_guard_query_each(
    ngx_http_request_t *r, profile_guard_t *guard, ngx_str_t *bad);
static profile_reason_e ngx_http_profile_guard_query_name(
    ngx_http_profile_guard_query_t *q, u_char *p, u_char *last);
static profile_reason_e ngx_http_profile_guard_query_readings(
    ngx_http_profile_guard_query_t *q, ngx_str_t *name);
static profile_reason_e ngx_http_profile_guard_query_parts(
    ngx_http_profile_guard_query_t *q, u_char *p, u_char *last);
static profile_reason_e ngx_http_profile_guard_query_test(
    ngx_http_profile_guard_query_t *q, u_char *p, u_char *last, int inside);


static const ngx_str_t  ngx_http_profile_guard_query_overrides[] = {
    ngx_string("-method"),
    ngx_string("method-override"),
    ngx_string("-method-override"),
    ngx_string("x-http-method-override"),
    ngx_string("x-http-method"),
    ngx_string("x-method-override"),
    ngx_null_string
};


profile_reason_e
ngx_http_profile_guard_query_override(ngx_http_request_t *r, ngx_str_t *bad)
{
    return ngx_http_profile_guard_query_each(r, NULL, bad);
}


ngx_uint_t
ngx_http_profile_guard_query_is_judged(ngx_http_request_t *r)
{
    return r->args.len != 0
           && !(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_OPTIONS));
}


profile_reason_e
ngx_http_profile_guard_query_judge(ngx_http_request_t *r,
    profile_guard_t *guard, ngx_str_t *bad)
{
    return ngx_http_profile_guard_query_each(r, guard, bad);
}


static profile_reason_e
ngx_http_profile_guard_query_each(ngx_http_request_t *r,
    profile_guard_t *guard, ngx_str_t *bad)
{
    u_char                          *p, *end, *last;
    profile_reason_e                 rc;
    ngx_http_profile_guard_query_t   q;

    if (r->args.len == 0) {
        return PROFILE_OK;
    }

    q.request = r;
    q.guard = guard;
    q.bad = bad;

    q.buf = ngx_pnalloc(r->pool, 2 * r->args.len);
    if (q.buf == NULL) {
        return PROFILE_NO_MEMORY;
    }

    last = r->args.data + r->args.len;

    for (p = r->args.data; p < last; p = end + 1) {

        /* to some the semicolon stands between arguments too */

        for (end = p; end < last && *end != '&' && *end != ';'; end++) {
            /* void */
        }

        rc = ngx_http_profile_guard_query_name(&q, p, end);

        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    return PROFILE_OK;
}


static profile_reason_e
ngx_http_profile_guard_query_name(ngx_http_profile_guard_query_t *q,
    u_char *p, u_char *last)
{
    u_char            *end;
    ngx_str_t          name;
    ngx_uint_t         i;
    profile_reason_e   rc;

    end = ngx_strlchr(p, last, '=');

    name.len = (end ? end : last) - p;
    name.data = p;

    if (q->guard && ngx_http_profile_args_read(q->request, &name)) {
        return PROFILE_OK;
    }

    name.data = q->buf;
    ngx_memcpy(name.data, p, name.len);

    for (i = 0; i < name.len; i++) {
        if (name.data[i] == '+') {
            name.data[i] = ' ';
        }
    }

    for (i = 0; i < NGX_HTTP_PROFILE_DECODINGS; i++) {

        if (!ngx_http_profile_uri_decode(&name) && i > 0) {
            break;
        }

        if (ngx_http_profile_uri_test(&name) != NGX_OK) {

            if (i > 0 || q->guard == NULL) {
                break;
            }

            *q->bad = name;
            return PROFILE_QUERY;
        }

        rc = ngx_http_profile_guard_query_readings(q, &name);

        if (rc == PROFILE_OK) {
            continue;
        }

        if (rc == PROFILE_QUERY) {
            *q->bad = name;
        }

        return rc;
    }

    return PROFILE_OK;
}


/*
 * The name up to a bracket or a dot, or what stands between brackets if it
 * begins so; and what PHP makes of it: no space before it, and "_" for spaces,
 * dots and brackets that are not closed.
 */

static profile_reason_e
ngx_http_profile_guard_query_readings(ngx_http_profile_guard_query_t *q,
    ngx_str_t *name)
{
    size_t             n;
    u_char            *p, *s, *d, *end, *last;
    ngx_uint_t         open;
    profile_reason_e   rc;

    p = name->data;
    last = p + name->len;

    if (p == last) {
        return PROFILE_OK;
    }

    while ((n = ngx_http_profile_uri_space(p, last)) != 0) {
        p += n;
    }

    s = p + (p < last && *p == '[');

    for (end = s; end < last; end++) {
        if (*end == '[' || *end == ']' || *end == '.') {
            break;
        }
    }

    rc = ngx_http_profile_guard_query_test(q, s, end, 0);

    if (rc == PROFILE_OK && q->guard) {
        rc = ngx_http_profile_guard_query_parts(q, end, last);
    }

    if (rc != PROFILE_OK
        || (s == p && end == last && ngx_strlchr(p, last, ' ') == NULL))
    {
        return rc;
    }

    /* behind the name in the buffer there is as much room */

    d = q->buf + q->request->args.len;

    open = 0;

    for (end = d; p < last; p++) {

        if (*p == '[' && !open) {
            open = 1;
            rc = ngx_http_profile_guard_query_test(q, d, end, 0);

            if (rc != PROFILE_OK) {
                return rc;
            }
        }

        *end++ = (*p == ' ' || *p == '.' || *p == '[') ? '_' : *p;
    }

    return ngx_http_profile_guard_query_test(q, d, end, 0);
}


/* what stands between brackets and dots names members of deeper objects */

static profile_reason_e
ngx_http_profile_guard_query_parts(ngx_http_profile_guard_query_t *q,
    u_char *p, u_char *last)
{
    u_char            *end;
    profile_reason_e   rc;

    for ( /* void */ ; p < last; p = end + 1) {

        for (end = p; end < last; end++) {
            if (*end == '[' || *end == ']' || *end == '.') {
                break;
            }
        }

        rc = ngx_http_profile_guard_query_test(q, p, end, 1);

        if (rc != PROFILE_OK) {
            return rc;
        }
    }

    return PROFILE_OK;
}


static profile_reason_e
ngx_http_profile_guard_query_test(ngx_http_profile_guard_query_t *q,
    u_char *p, u_char *last, int inside)
{
    int                denied;
    size_t             n;
    ngx_str_t          name;
    profile_reason_e   rc;

    while (last > p && last[-1] == ' ') {
        last--;
    }

    n = last - p;

    if (n == 0) {
        return PROFILE_OK;
    }

    if (q->guard == NULL) {
        name.len = n;
        name.data = p;

        return ngx_http_profile_guard_headers_is(&name,
                                        ngx_http_profile_guard_query_overrides)
               ? PROFILE_QUERY : PROFILE_OK;
    }

    rc = profile_guard_argument(q->guard, p, n, inside, &denied);

    return (rc == PROFILE_OK && denied) ? PROFILE_QUERY : rc;
}
