
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_conf.h"
#include "http/ngx_http_profile_uri.h"
#include "record/ngx_http_profile_ctx.h"
#include "record/ngx_http_profile_variables.h"
#include "request/ngx_http_profile_guard_path.h"


/* how often a backend may unescape what came in the request line */
#define NGX_HTTP_PROFILE_DECODINGS  4


/*
 * How many segments are taken away by what has been read behind them: from
 * least to most, as readers differ; most is -1 where the path has ended in
 * another name for all of them.
 */

typedef struct {
    ngx_int_t    least;
    ngx_int_t    most;
} ngx_http_profile_guard_path_t;


static ngx_int_t ngx_http_profile_guard_path_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static ngx_int_t ngx_http_profile_guard_path_test(ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_guard_path_name(ngx_http_request_t *r,
    ngx_str_t *name);
static ngx_int_t ngx_http_profile_guard_path_find(ngx_http_request_t *r,
    u_char *path, u_char *end, ngx_uint_t decodings, ngx_str_t *name);
static ngx_uint_t ngx_http_profile_guard_path_fold(ngx_str_t *text);
static size_t ngx_http_profile_guard_path_ascii(u_char *p, u_char *last,
    u_char *c);
static ngx_uint_t ngx_http_profile_guard_path_ends(ngx_str_t *text,
    ngx_str_t *name);
static ngx_uint_t ngx_http_profile_guard_path_scan(ngx_str_t *text,
    ngx_uint_t backslash, ngx_str_t *name);
static ngx_uint_t ngx_http_profile_guard_path_segment(
    ngx_http_profile_guard_path_t *path, u_char *p, u_char *last,
    ngx_str_t *name);
static ngx_uint_t ngx_http_profile_guard_path_is(u_char *p, u_char *last,
    ngx_str_t *name);


ngx_http_variable_t  ngx_http_profile_guard_path_variables[] = {

    { ngx_string("profile_guard_v1"), NULL,
      ngx_http_profile_guard_path_variable, 0,
      NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


/*
 * What is found is kept: a value is read twice, and to nginx a variable that
 * there is no memory for is an empty one the second time.
 */

static ngx_int_t
ngx_http_profile_guard_path_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    ngx_int_t                rc;
    ngx_http_profile_ctx_t  *ctx;

    ctx = ngx_http_profile_ctx_get(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    if (ctx->guard_uri != r->uri.data) {
        rc = ngx_http_profile_guard_path_test(r);

        if (rc == NGX_ERROR) {
            return NGX_ERROR;
        }

        ctx->guard_uri = r->uri.data;
        ctx->guard_v1 = (rc == NGX_OK);
    }

    return ngx_http_profile_variables_set(v, (u_char *)
                                             (ctx->guard_v1 ? "1" : "0"), 1);
}


/* NGX_OK: it may be a write of v1; NGX_DECLINED; NGX_ERROR: no memory */

static ngx_int_t
ngx_http_profile_guard_path_test(ngx_http_request_t *r)
{
    u_char     *p, *last, *end;
    ngx_int_t   rc;
    ngx_str_t   name;

    if (ngx_http_profile_guard_path_name(r, &name) == NGX_DONE) {
        return NGX_OK;
    }

    p = r->unparsed_uri.data;
    last = p + r->unparsed_uri.len;
    end = ngx_strlchr(p, last, '?');

    rc = ngx_http_profile_guard_path_find(r, p, end ? end : last,
                                          NGX_HTTP_PROFILE_DECODINGS, &name);

    if (rc != NGX_DECLINED) {
        return rc;
    }

    /* what goes up after a rewrite */

    return ngx_http_profile_guard_path_find(r, r->uri.data,
                                            r->uri.data + r->uri.len,
                                            NGX_HTTP_PROFILE_DECODINGS - 1,
                                            &name);
}


/*
 * The last segment of the location's "profile_user_id", "metadata" where it
 * has none; NGX_DONE: any path may be meant.
 */

static ngx_int_t
ngx_http_profile_guard_path_name(ngx_http_request_t *r, ngx_str_t *name)
{
    u_char                       *p, *last;
    ngx_http_profile_template_t  *t;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);
    t = plcf->request.user_id;

    if (t == NULL) {
        ngx_str_set(name, "metadata");
        return NGX_OK;
    }

    p = t->suffix.data;
    last = p + t->suffix.len;

    while (last > p && last[-1] == '/') {
        last--;
    }

    name->data = last;

    while (name->data > p && name->data[-1] != '/') {
        name->data--;
    }

    name->len = last - name->data;

    if (name->len == 0 || ngx_strlchr(name->data, last, ';')
        || ngx_http_profile_uri_dots(name->data, last) != NGX_DECLINED)
    {
        return NGX_DONE;
    }

    return NGX_OK;
}


/*
 * Whether somebody could read the path as one that ends in this name: NGX_OK,
 * NGX_DECLINED, or NGX_ERROR: there is no memory.  Bytes that stand for a
 * letter to some are read both ways, each time before what they are in is
 * unescaped once more.
 */

static ngx_int_t
ngx_http_profile_guard_path_find(ngx_http_request_t *r, u_char *path,
    u_char *end, ngx_uint_t decodings, ngx_str_t *name)
{
    size_t      len;
    ngx_str_t   text, folded;
    ngx_uint_t  i, changed, differ;

    len = end - path;

    text.len = len;
    text.data = ngx_pnalloc(r->pool, 2 * len);
    if (text.data == NULL) {
        return NGX_ERROR;
    }

    folded.len = len;
    folded.data = text.data + len;

    ngx_memcpy(text.data, path, len);
    ngx_memcpy(folded.data, path, len);

    differ = 0;

    for (i = 0; /* void */ ; i++) {

        if (ngx_http_profile_guard_path_ends(&text, name)) {
            return NGX_OK;
        }

        if (ngx_http_profile_guard_path_fold(&folded)) {
            differ = 1;
        }

        if (differ && ngx_http_profile_guard_path_ends(&folded, name)) {
            return NGX_OK;
        }

        if (i == decodings) {
            return NGX_DECLINED;
        }

        changed = ngx_http_profile_uri_decode(&text);
        changed |= ngx_http_profile_uri_decode(&folded);

        if (!changed) {
            return NGX_DECLINED;
        }
    }
}


static ngx_uint_t
ngx_http_profile_guard_path_fold(ngx_str_t *text)
{
    size_t   n;
    u_char  *p, *d, *last, c;

    d = text->data;
    last = d + text->len;

    for (p = text->data; p < last; p += n) {
        n = ngx_http_profile_guard_path_ascii(p, last, &c);
        *d++ = c;
    }

    text->len = d - text->data;

    return d != last;
}


/* the bytes that to some are one of ASCII, and which */

static size_t
ngx_http_profile_guard_path_ascii(u_char *p, u_char *last, u_char *c)
{
    size_t      i, n;
    uint32_t    code;

    *c = *p;

    if (*p < 0xc0) {
        return 1;
    }

    /* more bytes than it needs, up to six of them */

    n = (*p < 0xe0) ? 2 : (*p < 0xf0) ? 3 : (*p < 0xf8) ? 4 : (*p < 0xfc) ? 5
                                                                          : 6;

    if ((size_t) (last - p) < n) {
        return 1;
    }

    code = *p & (0x7f >> n);

    for (i = 1; i < n; i++) {
        code = code << 6 | (p[i] & 0x3f);
    }

    switch (code) {

    case 0x130:
    case 0x131:
        *c = 'i';
        return n;

    case 0x17f:
        *c = 's';
        return n;

    case 0x212a:
        *c = 'k';
        return n;
    }

    /* letters of full width */

    if (code >= 0xff01 && code <= 0xff5e) {
        code -= 0xfee0;
    }

    if (code >= 0x80) {
        return 1;
    }

    *c = (u_char) code;

    return n;
}


static ngx_uint_t
ngx_http_profile_guard_path_ends(ngx_str_t *text, ngx_str_t *name)
{
    if (ngx_http_profile_guard_path_scan(text, 0, name)) {
        return 1;
    }

    return ngx_strlchr(text->data, text->data + text->len, '\\') != NULL
           && ngx_http_profile_guard_path_scan(text, 1, name);
}


/* from the end, so that it is known of a name what takes it away */

static ngx_uint_t
ngx_http_profile_guard_path_scan(ngx_str_t *text, ngx_uint_t backslash,
    ngx_str_t *name)
{
    u_char                         *p, *last;
    ngx_http_profile_guard_path_t   path;

    path.least = 0;
    path.most = 0;

    last = text->data + text->len;

    for ( ;; ) {
        p = last;

        while (p > text->data && p[-1] != '/'
               && !(backslash && p[-1] == '\\'))
        {
            p--;
        }

        if (ngx_http_profile_guard_path_segment(&path, p, last, name)) {
            return 1;
        }

        if (p == text->data) {
            return 0;
        }

        last = p - 1;
    }
}


static ngx_uint_t
ngx_http_profile_guard_path_segment(ngx_http_profile_guard_path_t *path,
    u_char *p, u_char *last, ngx_str_t *name)
{
    u_char     *end;
    ngx_int_t   dots;

    /* the path may end, or a parameter of the segment begin, with these */

    for (end = p; end < last; end++) {
        if (*end == ';' || *end == '?' || *end == '#' || *end < 0x20
            || *end == 0x7f)
        {
            break;
        }
    }

    dots = ngx_http_profile_uri_dots(p, end);

    if (dots == NGX_DECLINED) {

        if ((end < last || (path->most >= 0 && path->least == 0))
            && ngx_http_profile_guard_path_is(p, end, name))
        {
            return 1;
        }

        if (path->most >= 0) {
            path->least -= (path->least > 0);
            path->most--;
        }

        return 0;
    }

    if (end < last) {
        path->least = 0;
        path->most = ngx_max(path->most, 0);
    }

    if (path->most < 0) {
        return 0;
    }

    if (dots == 2 && last - p == 2) {
        path->least++;
        path->most++;
        return 0;
    }

    /* a name to some, which is taken away itself */

    path->least -= (path->least > 0);
    path->most += (dots == 2);

    return 0;
}


/* with white space around it, or with an extension that routers drop */

static ngx_uint_t
ngx_http_profile_guard_path_is(u_char *p, u_char *last, ngx_str_t *name)
{
    size_t  n;

    while ((n = ngx_http_profile_uri_space(p, last)) != 0) {
        p += n;
    }

    if ((size_t) (last - p) < name->len
        || ngx_strncasecmp(p, name->data, name->len) != 0)
    {
        return 0;
    }

    p += name->len;

    if (p < last && *p == '.') {
        return 1;
    }

    while ((n = ngx_http_profile_uri_space(p, last)) != 0) {
        p += n;
    }

    return p == last;
}
