
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "http/ngx_http_profile_headers.h"
#include "metrics/ngx_http_profile_html.h"
#include "metrics/ngx_http_profile_json.h"
#include "metrics/ngx_http_profile_prometheus.h"
#include "metrics/ngx_http_profile_status.h"


typedef struct {
    ngx_str_t                     name;         /* of the argument */
    ngx_str_t                     media;
    ngx_str_t                     type;
    void                        (*print)(ngx_http_profile_page_t *page);
} ngx_http_profile_format_t;


static ngx_int_t ngx_http_profile_status_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_status_format(ngx_http_request_t *r,
    ngx_http_profile_format_t **format);
static ngx_http_profile_format_t *ngx_http_profile_status_named(
    ngx_str_t *name);
static ngx_http_profile_format_t *ngx_http_profile_status_accept(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_status_quality(u_char *p, u_char *last);
static ngx_http_profile_format_t *ngx_http_profile_status_media(u_char *p,
    size_t len);
static ngx_int_t ngx_http_profile_status_vary(ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_status_send(ngx_http_request_t *r,
    ngx_http_profile_format_t *format, ngx_http_profile_page_t *page);


/* the first one is taken where nothing else is asked for */

static ngx_http_profile_format_t  ngx_http_profile_formats[] = {

    { ngx_string("prometheus"),
      ngx_string("text/plain"),
      ngx_string("text/plain; version=0.0.4; charset=utf-8"),
      ngx_http_profile_prometheus },

    { ngx_string("json"),
      ngx_string("application/json"),
      ngx_string("application/json"),
      ngx_http_profile_json },

    { ngx_string("html"),
      ngx_string("text/html"),
      ngx_string("text/html; charset=utf-8"),
      ngx_http_profile_html },

    { ngx_null_string, ngx_null_string, ngx_null_string, NULL }
};


static const ngx_str_t  ngx_http_profile_status_header[] = {
    ngx_string("Accept"),
    ngx_null_string
};


static ngx_int_t
ngx_http_profile_status_handler(ngx_http_request_t *r)
{
    ngx_int_t                      rc;
    ngx_http_profile_page_t        page;
    ngx_http_profile_format_t     *format;
    ngx_http_profile_main_conf_t  *pmcf;

    if (!(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD))) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    rc = ngx_http_profile_status_format(r, &format);

    if (rc != NGX_OK) {
        return rc;
    }

    pmcf = ngx_http_get_module_main_conf(r, ngx_http_profile_module);

    ngx_memzero(&page, sizeof(ngx_http_profile_page_t));

    page.pool = r->pool;
    page.last_out = &page.out;
    page.families = ngx_http_profile_samples_families(r->pool);
    page.snapshots = ngx_http_profile_samples_snapshots(r->pool, &pmcf->zones);

    if (page.families == NULL || page.snapshots == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    format->print(&page);

    if (page.failed) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    return ngx_http_profile_status_send(r, format, &page);
}


/* the directive decides, else the argument "format", else "Accept" */

static ngx_int_t
ngx_http_profile_status_format(ngx_http_request_t *r,
    ngx_http_profile_format_t **format)
{
    ngx_str_t                     name;
    ngx_http_profile_loc_conf_t  *plcf;

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    if (plcf->metrics.format.len) {
        *format = ngx_http_profile_status_named(&plcf->metrics.format);
        return NGX_OK;
    }

    if (ngx_http_arg(r, (u_char *) "format", 6, &name) == NGX_OK) {
        *format = ngx_http_profile_status_named(&name);
        return *format ? NGX_OK : NGX_HTTP_BAD_REQUEST;
    }

    *format = ngx_http_profile_status_accept(r);

    return ngx_http_profile_status_vary(r);
}


static ngx_http_profile_format_t *
ngx_http_profile_status_named(ngx_str_t *name)
{
    ngx_http_profile_format_t  *f;

    for (f = ngx_http_profile_formats; f->name.len; f++) {

        if (f->name.len == name->len
            && ngx_strncmp(f->name.data, name->data, name->len) == 0)
        {
            return f;
        }
    }

    return NULL;
}


/* the best of the client's media types that we have, of equal ones the first */

static ngx_http_profile_format_t *
ngx_http_profile_status_accept(ngx_http_request_t *r)
{
    u_char                     *p, *last, *end, *semicolon;
    ngx_int_t                   quality, best;
    ngx_uint_t                  i;
    ngx_list_part_t            *part;
    ngx_table_elt_t            *h;
    ngx_http_profile_format_t  *f, *format;

    format = ngx_http_profile_formats;
    best = 0;

    part = &r->headers_in.headers.part;
    i = 0;

    for ( ;; ) {
        h = ngx_http_profile_headers_next(&part, &i,
                                          ngx_http_profile_status_header);
        if (h == NULL) {
            return format;
        }

        last = h->value.data + h->value.len;

        for (p = h->value.data; p < last; p = end + 1) {

            end = ngx_strlchr(p, last, ',');
            end = end ? end : last;

            while (p < end && (*p == ' ' || *p == '\t')) {
                p++;
            }

            semicolon = ngx_strlchr(p, end, ';');
            semicolon = semicolon ? semicolon : end;

            quality = ngx_http_profile_status_quality(semicolon, end);

            while (semicolon > p
                   && (semicolon[-1] == ' ' || semicolon[-1] == '\t'))
            {
                semicolon--;
            }

            f = ngx_http_profile_status_media(p, semicolon - p);

            if (f && quality > best) {
                format = f;
                best = quality;
            }
        }
    }
}


/* in thousandths */

static ngx_int_t
ngx_http_profile_status_quality(u_char *p, u_char *last)
{
    u_char     *end;
    ngx_int_t   quality;

    while (p < last) {

        /* p is at a semicolon */

        do {
            p++;
        } while (p < last && (*p == ' ' || *p == '\t'));

        end = ngx_strlchr(p, last, ';');
        end = end ? end : last;

        if (end - p > 2 && (p[0] == 'q' || p[0] == 'Q') && p[1] == '=') {

            while (end[-1] == ' ' || end[-1] == '\t') {
                end--;
            }

            quality = ngx_atofp(p + 2, end - p - 2, 3);

            return (quality > 1000) ? 0 : quality;
        }

        p = end;
    }

    return 1000;
}


static ngx_http_profile_format_t *
ngx_http_profile_status_media(u_char *p, size_t len)
{
    ngx_uint_t                  all;
    ngx_http_profile_format_t  *f;

    if (len == 3 && ngx_strncmp(p, "*/*", 3) == 0) {
        return ngx_http_profile_formats;
    }

    all = (len > 2 && p[len - 2] == '/' && p[len - 1] == '*');

    if (all) {
        len--;
    }

    for (f = ngx_http_profile_formats; f->name.len; f++) {

        if ((all ? len < f->media.len : len == f->media.len)
            && ngx_strncasecmp(p, f->media.data, len) == 0)
        {
            return f;
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_profile_status_vary(ngx_http_request_t *r)
{
    static const ngx_str_t  key = ngx_string("Vary");
    static const ngx_str_t  value = ngx_string("Accept");

    return ngx_http_profile_headers_add(r, &key, &value) == NGX_OK
           ? NGX_OK : NGX_HTTP_INTERNAL_SERVER_ERROR;
}


static ngx_int_t
ngx_http_profile_status_send(ngx_http_request_t *r,
    ngx_http_profile_format_t *format, ngx_http_profile_page_t *page)
{
    ngx_int_t  rc;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = page->size;

    /* the type says its charset itself */

    r->headers_out.content_type = format->type;
    r->headers_out.content_type_len = format->media.len;
    r->headers_out.content_type_lowcase = NULL;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    page->buf->last_buf = (r == r->main) ? 1 : 0;
    page->buf->last_in_chain = 1;

    return ngx_http_output_filter(r, page->out);
}


char *
ngx_http_profile_status_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_profile_loc_conf_t *plcf = conf;

    ngx_str_t                 *value;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler == ngx_http_profile_status_handler) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2) {

        if (ngx_http_profile_status_named(&value[1]) == NULL) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid format \"%V\", expected "
                               "\"prometheus\", \"json\" or \"html\"",
                               &value[1]);
            return NGX_CONF_ERROR;
        }

        plcf->metrics.format = value[1];
    }

    clcf->handler = ngx_http_profile_status_handler;

    return NGX_CONF_OK;
}
