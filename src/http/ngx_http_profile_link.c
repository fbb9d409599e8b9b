
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "http/ngx_http_profile_headers.h"
#include "http/ngx_http_profile_link.h"


static ngx_uint_t ngx_http_profile_link_find(ngx_http_request_t *r,
    const ngx_str_t *relations);
static ngx_uint_t ngx_http_profile_link_is(ngx_str_t *link,
    const ngx_str_t *relations);
static u_char *ngx_http_profile_link_param(u_char *p, u_char *last,
    ngx_str_t *name, ngx_str_t *value);
static u_char *ngx_http_profile_link_value(u_char *p, u_char *last,
    ngx_str_t *value);
static ngx_uint_t ngx_http_profile_link_has(ngx_str_t *words,
    const ngx_str_t *relations);
static ngx_uint_t ngx_http_profile_link_space(u_char c);


static const ngx_str_t  ngx_http_profile_link_header[] = {
    ngx_string("Link"),
    ngx_null_string
};


static const ngx_str_t  ngx_http_profile_link_next[] = {
    ngx_string("next"),
    ngx_null_string
};


static const ngx_str_t  ngx_http_profile_link_any[] = {
    ngx_string("next"),
    ngx_string("prev"),
    ngx_string("previous"),
    ngx_string("first"),
    ngx_string("last"),
    ngx_null_string
};


ngx_uint_t
ngx_http_profile_link_more(ngx_http_request_t *r)
{
    return ngx_http_profile_link_find(r, ngx_http_profile_link_next);
}


ngx_uint_t
ngx_http_profile_link_pages(ngx_http_request_t *r)
{
    return ngx_http_profile_link_find(r, ngx_http_profile_link_any);
}


static ngx_uint_t
ngx_http_profile_link_find(ngx_http_request_t *r, const ngx_str_t *relations)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    part = r->upstream ? &r->upstream->headers_in.headers.part
                       : &r->headers_out.headers.part;
    i = 0;

    for ( ;; ) {
        h = ngx_http_profile_headers_next(&part, &i,
                                          ngx_http_profile_link_header);
        if (h == NULL) {
            return 0;
        }

        if (ngx_http_profile_link_is(&h->value, relations)) {
            return 1;
        }
    }
}


/*
 * RFC 8288, 3, read as widely as can be: to miss a page loses users, to see one
 * that is not there does not.
 */

static ngx_uint_t
ngx_http_profile_link_is(ngx_str_t *link, const ngx_str_t *relations)
{
    u_char     *p, *last, *end;
    ngx_str_t   name, value;

    static const ngx_str_t  rel = ngx_string("rel");

    p = link->data;
    last = p + link->len;

    while (p < last) {

        if (*p == '<') {
            end = ngx_strlchr(p, last, '>');
            p = end ? end + 1 : p + 1;
            continue;
        }

        if (*p == ';' || *p == ',' || ngx_http_profile_link_space(*p)) {
            p++;
            continue;
        }

        p = ngx_http_profile_link_param(p, last, &name, &value);

        if (name.len == rel.len
            && ngx_strncasecmp(name.data, rel.data, rel.len) == 0
            && ngx_http_profile_link_has(&value, relations))
        {
            return 1;
        }
    }

    return 0;
}


/* a parameter begins at p; returns its end, which is behind p */

static u_char *
ngx_http_profile_link_param(u_char *p, u_char *last, ngx_str_t *name,
    ngx_str_t *value)
{
    name->data = p;

    do {
        p++;
    } while (p < last && *p != '=' && *p != ';' && *p != ','
             && !ngx_http_profile_link_space(*p));

    name->len = p - name->data;

    value->data = p;
    value->len = 0;

    while (p < last && ngx_http_profile_link_space(*p)) {
        p++;
    }

    if (p == last || *p != '=') {
        return p;
    }

    do {
        p++;
    } while (p < last && ngx_http_profile_link_space(*p));

    return ngx_http_profile_link_value(p, last, value);
}


static u_char *
ngx_http_profile_link_value(u_char *p, u_char *last, ngx_str_t *value)
{
    u_char  quote;

    value->data = p;

    if (p < last && (*p == '"' || *p == '\'')) {
        quote = *p++;
        value->data = p;

        while (p < last && *p != quote) {
            p += (*p == '\\' && last - p > 1) ? 2 : 1;
        }

        value->len = p - value->data;

        return (p < last) ? p + 1 : p;
    }

    while (p < last && *p != ';' && *p != ','
           && !ngx_http_profile_link_space(*p))
    {
        p++;
    }

    value->len = p - value->data;

    return p;
}


static ngx_uint_t
ngx_http_profile_link_has(ngx_str_t *words, const ngx_str_t *relations)
{
    u_char     *p, *end, *last;
    ngx_str_t   word;

    last = words->data + words->len;

    for (p = words->data; p < last; p = end + 1) {

        for (end = p; end < last && !ngx_http_profile_link_space(*end); end++) {
            /* void */
        }

        word.data = p;
        word.len = end - p;

        if (ngx_http_profile_headers_one_of(&word, relations)) {
            return 1;
        }
    }

    return 0;
}


static ngx_uint_t
ngx_http_profile_link_space(u_char c)
{
    return c == ' ' || c == '\t';
}
