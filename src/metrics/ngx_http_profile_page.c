
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "metrics/ngx_http_profile_metrics.h"
#include "core/json/profile_reader.h"


#define NGX_HTTP_PROFILE_PAGE_BUF   16384

/* what is printed at a time: texts have 120 bytes, escaped up to 720 */
#define NGX_HTTP_PROFILE_PAGE_LINE  4096


typedef struct {
    ngx_str_t                     module;
    ngx_str_t                     nginx;
    ngx_str_t                     yajl;
    ngx_str_t                     pcre2;
    u_char                        text[2 * PROFILE_VERSION_LEN];
} ngx_http_profile_build_t;


static ngx_int_t ngx_http_profile_page_room(ngx_http_profile_page_t *page);
static void ngx_http_profile_page_build(ngx_http_profile_build_t *build);

static void ngx_http_profile_prometheus_family(ngx_http_profile_page_t *page,
    ngx_http_profile_family_t *family, ngx_http_profile_view_t *view,
    ngx_uint_t key);
static void ngx_http_profile_prometheus_seconds(ngx_http_profile_page_t *page,
    ngx_http_profile_view_t *view, ngx_uint_t key, ngx_str_t *labels);
static ngx_str_t ngx_http_profile_prometheus_text(
    ngx_http_profile_page_t *page, ngx_str_t *text);

static void ngx_http_profile_json_view(ngx_http_profile_page_t *page,
    ngx_http_profile_view_t *view);
static void ngx_http_profile_json_family(ngx_http_profile_page_t *page,
    ngx_http_profile_family_t *family, ngx_http_profile_view_t *view,
    ngx_uint_t key);
static void ngx_http_profile_json_seconds(ngx_http_profile_page_t *page,
    ngx_http_profile_view_t *view, ngx_uint_t key);
static ngx_str_t ngx_http_profile_json_text(ngx_http_profile_page_t *page,
    ngx_str_t *text);

static void ngx_http_profile_html_view(ngx_http_profile_page_t *page,
    ngx_http_profile_view_t *view);
static void ngx_http_profile_html_family(ngx_http_profile_page_t *page,
    ngx_http_profile_family_t *family, ngx_http_profile_view_t *view,
    ngx_uint_t key);
static ngx_str_t ngx_http_profile_html_text(ngx_http_profile_page_t *page,
    ngx_str_t *text);


void ngx_cdecl
ngx_http_profile_page_print(ngx_http_profile_page_t *page, const char *fmt,
    ...)
{
    u_char   *last;
    va_list   args;

    if (page->failed) {
        return;
    }

    if (ngx_http_profile_page_room(page) != NGX_OK) {
        page->failed = 1;
        return;
    }

    va_start(args, fmt);
    last = ngx_vslprintf(page->buf->last, page->buf->end, fmt, args);
    va_end(args);

    page->size += last - page->buf->last;
    page->buf->last = last;
}


static ngx_int_t
ngx_http_profile_page_room(ngx_http_profile_page_t *page)
{
    ngx_chain_t  *cl;

    if (page->buf
        && page->buf->end - page->buf->last >= NGX_HTTP_PROFILE_PAGE_LINE)
    {
        return NGX_OK;
    }

    page->buf = ngx_create_temp_buf(page->pool, NGX_HTTP_PROFILE_PAGE_BUF);
    if (page->buf == NULL) {
        return NGX_ERROR;
    }

    cl = ngx_alloc_chain_link(page->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    cl->buf = page->buf;
    cl->next = NULL;

    *page->last_out = cl;
    page->last_out = &cl->next;

    return NGX_OK;
}


static void
ngx_http_profile_page_build(ngx_http_profile_build_t *build)
{
    ngx_str_set(&build->module, NGX_HTTP_PROFILE_VERSION);
    ngx_str_set(&build->nginx, NGINX_VERSION);

    build->yajl.data = build->text;
    build->yajl.len = profile_reader_version(build->yajl.data);

    build->pcre2.data = build->text + PROFILE_VERSION_LEN;
    build->pcre2.len = profile_schema_version(build->pcre2.data);
}


/* Prometheus: the samples of a family together, its head once */

void
ngx_http_profile_page_prometheus(ngx_http_profile_page_t *page)
{
    uint64_t                    used, free;
    ngx_str_t                   name;
    ngx_uint_t                  i, k, n;
    ngx_http_profile_view_t    *view;
    ngx_http_profile_build_t    build;
    ngx_http_profile_family_t  *family;

    family = page->families->elts;
    view = page->views->elts;

    for (i = 0; i < page->families->nelts; i++) {

        ngx_http_profile_page_print(page, "# HELP profile_%V %V\n"
                                    "# TYPE profile_%V %s\n",
                                    &family[i].name, &family[i].help,
                                    &family[i].name,
                                    family[i].kind
                                        == NGX_HTTP_PROFILE_HISTOGRAM
                                        ? "histogram" : "counter");

        for (k = 0; k < page->views->nelts; k++) {
            for (n = 0; n < view[k].nkeys; n++) {
                ngx_http_profile_prometheus_family(page, &family[i], &view[k],
                                                   view[k].keys[n]);
            }
        }
    }

    ngx_http_profile_page_print(page,
                       "# HELP profile_zone_bytes Memory of the zone.\n"
                       "# TYPE profile_zone_bytes gauge\n");

    for (k = 0; k < page->views->nelts; k++) {
        name = ngx_http_profile_prometheus_text(page, &view[k].zone->name);

        ngx_http_profile_zone_bytes(view[k].zone, &used, &free);

        ngx_http_profile_page_print(page,
                       "profile_zone_bytes{zone=\"%V\",state=\"used\"} %uL\n"
                       "profile_zone_bytes{zone=\"%V\",state=\"free\"} %uL\n",
                       &name, used, &name, free);
    }

    ngx_http_profile_page_build(&build);

    ngx_http_profile_page_print(page,
                       "# HELP profile_build_info Versions; always 1.\n"
                       "# TYPE profile_build_info gauge\n"
                       "profile_build_info{version=\"%V\",nginx=\"%V\","
                       "yajl=\"%V\",pcre2=\"%V\"} 1\n",
                       &build.module, &build.nginx, &build.yajl, &build.pcre2);
}


static void
ngx_http_profile_prometheus_family(ngx_http_profile_page_t *page,
    ngx_http_profile_family_t *family, ngx_http_profile_view_t *view,
    ngx_uint_t key)
{
    u_char                      buf[NGX_HTTP_PROFILE_PAGE_LINE / 4];
    ngx_str_t                   zone, text, labels;
    ngx_uint_t                  i;
    ngx_http_profile_sample_t   sample;

    text = ngx_http_profile_key_text(view, key);
    text = ngx_http_profile_prometheus_text(page, &text);
    zone = ngx_http_profile_prometheus_text(page, &view->zone->name);

    labels.data = buf;
    labels.len = ngx_snprintf(buf, sizeof(buf), "zone=\"%V\",key=\"%V\"",
                              &zone, &text)
                 - buf;

    if (family->kind == NGX_HTTP_PROFILE_HISTOGRAM) {
        ngx_http_profile_prometheus_seconds(page, view, key, &labels);
        return;
    }

    ngx_memzero(&sample, sizeof(ngx_http_profile_sample_t));

    while (ngx_http_profile_next_sample(view, key, family, &sample)) {

        ngx_http_profile_page_print(page, "profile_%V{%V", &family->name,
                                    &labels);

        for (i = 0; i < 2 && family->labels[i].len; i++) {
            text = ngx_http_profile_prometheus_text(page, &sample.labels[i]);

            ngx_http_profile_page_print(page, ",%V=\"%V\"",
                                        &family->labels[i], &text);
        }

        ngx_http_profile_page_print(page, "} %uL\n", sample.value);
    }
}


static void
ngx_http_profile_prometheus_seconds(ngx_http_profile_page_t *page,
    ngx_http_profile_view_t *view, ngx_uint_t key, ngx_str_t *labels)
{
    ngx_uint_t                    i;
    ngx_http_profile_histogram_t  h;

    ngx_http_profile_get_histogram(view, key, &h);

    for (i = 0; i < NGX_HTTP_PROFILE_BUCKETS; i++) {
        ngx_http_profile_page_print(page,
                                    "profile_rewrite_seconds_bucket{%V,"
                                    "le=\"%V\"} %uL\n", labels,
                                    &h.buckets[i].bound, h.buckets[i].count);
    }

    ngx_http_profile_page_print(page,
                                "profile_rewrite_seconds_sum{%V} %uL.%09uL\n"
                                "profile_rewrite_seconds_count{%V} %uL\n",
                                labels, h.sum / 1000000000,
                                h.sum % 1000000000,
                                labels, h.buckets[i - 1].count);
}


/* control characters are in no text: see ngx_http_profile_zone_text() */

static ngx_str_t
ngx_http_profile_prometheus_text(ngx_http_profile_page_t *page,
    ngx_str_t *text)
{
    u_char      c, *p;
    ngx_str_t   dst;
    ngx_uint_t  i;

    if (ngx_strlchr(text->data, text->data + text->len, '"') == NULL
        && ngx_strlchr(text->data, text->data + text->len, '\\') == NULL)
    {
        return *text;
    }

    ngx_str_null(&dst);

    p = ngx_pnalloc(page->pool, 2 * text->len);
    if (p == NULL) {
        page->failed = 1;
        return dst;
    }

    dst.data = p;

    for (i = 0; i < text->len; i++) {
        c = text->data[i];

        if (c == '"' || c == '\\') {
            *p++ = '\\';
        }

        *p++ = c;
    }

    dst.len = p - dst.data;

    return dst;
}


/* JSON: docs/status.schema.json describes it */

void
ngx_http_profile_page_json(ngx_http_profile_page_t *page)
{
    ngx_uint_t                 i;
    ngx_http_profile_view_t   *view;
    ngx_http_profile_build_t   build;

    ngx_http_profile_page_build(&build);

    ngx_http_profile_page_print(page,
                                "{\"build_info\":{\"version\":\"%V\","
                                "\"nginx\":\"%V\",\"yajl\":\"%V\","
                                "\"pcre2\":\"%V\"},\n\"zones\":{",
                                &build.module, &build.nginx, &build.yajl,
                                &build.pcre2);

    view = page->views->elts;

    for (i = 0; i < page->views->nelts; i++) {
        ngx_http_profile_page_print(page, i ? ",\n" : "\n");
        ngx_http_profile_json_view(page, &view[i]);
    }

    ngx_http_profile_page_print(page, "}}\n");
}


static void
ngx_http_profile_json_view(ngx_http_profile_page_t *page,
    ngx_http_profile_view_t *view)
{
    uint64_t                    used, free;
    ngx_str_t                   text;
    ngx_uint_t                  i, k;
    ngx_http_profile_family_t  *family;

    ngx_http_profile_zone_bytes(view->zone, &used, &free);

    text = ngx_http_profile_json_text(page, &view->zone->name);

    ngx_http_profile_page_print(page,
                                "\"%V\":{\"zone_bytes\":{\"used\":%uL,"
                                "\"free\":%uL},\n\"keys\":{", &text, used,
                                free);

    family = page->families->elts;

    for (k = 0; k < view->nkeys; k++) {
        text = ngx_http_profile_key_text(view, view->keys[k]);
        text = ngx_http_profile_json_text(page, &text);

        ngx_http_profile_page_print(page, "%s\"%V\":{", k ? ",\n" : "\n",
                                    &text);

        for (i = 0; i < page->families->nelts; i++) {
            ngx_http_profile_page_print(page, "%s\"%V\":", i ? ",\n" : "\n",
                                        &family[i].name);
            ngx_http_profile_json_family(page, &family[i], view,
                                         view->keys[k]);
        }

        ngx_http_profile_page_print(page, "}");
    }

    ngx_http_profile_page_print(page, "}}");
}


/* an object for each label; the samples of a first label follow one another */

static void
ngx_http_profile_json_family(ngx_http_profile_page_t *page,
    ngx_http_profile_family_t *family, ngx_http_profile_view_t *view,
    ngx_uint_t key)
{
    ngx_str_t                   text, first;
    ngx_uint_t                  n;
    ngx_http_profile_sample_t   sample;

    if (family->kind == NGX_HTTP_PROFILE_HISTOGRAM) {
        ngx_http_profile_json_seconds(page, view, key);
        return;
    }

    ngx_str_null(&first);
    ngx_memzero(&sample, sizeof(ngx_http_profile_sample_t));

    for (n = 0;
         ngx_http_profile_next_sample(view, key, family, &sample);
         n++)
    {
        if (family->labels[0].len == 0) {
            ngx_http_profile_page_print(page, "%uL", sample.value);
            return;
        }

        text = ngx_http_profile_json_text(page, &sample.labels[0]);

        if (family->labels[1].len == 0) {
            ngx_http_profile_page_print(page, "%s\"%V\":%uL", n ? "," : "{",
                                        &text, sample.value);
            continue;
        }

        if (sample.labels[0].data != first.data) {
            ngx_http_profile_page_print(page, "%s\"%V\":{", n ? "}," : "{",
                                        &text);
            first = sample.labels[0];

        } else {
            ngx_http_profile_page_print(page, ",");
        }

        ngx_http_profile_page_print(page, "\"%V\":%uL", &sample.labels[1],
                                    sample.value);
    }

    ngx_http_profile_page_print(page, family->labels[1].len ? "}}" : "}");
}


static void
ngx_http_profile_json_seconds(ngx_http_profile_page_t *page,
    ngx_http_profile_view_t *view, ngx_uint_t key)
{
    ngx_uint_t                    i;
    ngx_http_profile_histogram_t  h;

    ngx_http_profile_get_histogram(view, key, &h);

    ngx_http_profile_page_print(page, "{\"buckets\":{");

    for (i = 0; i < NGX_HTTP_PROFILE_BUCKETS; i++) {
        ngx_http_profile_page_print(page, "%s\"%V\":%uL", i ? "," : "",
                                    &h.buckets[i].bound, h.buckets[i].count);
    }

    ngx_http_profile_page_print(page,
                                "},\"sum\":%uL.%09uL,\"count\":%uL}",
                                h.sum / 1000000000, h.sum % 1000000000,
                                h.buckets[i - 1].count);
}


static ngx_str_t
ngx_http_profile_json_text(ngx_http_profile_page_t *page, ngx_str_t *text)
{
    size_t     n;
    ngx_str_t  dst;

    n = ngx_escape_json(NULL, text->data, text->len);

    if (n == 0) {
        return *text;
    }

    ngx_str_null(&dst);

    dst.data = ngx_pnalloc(page->pool, text->len + n);
    if (dst.data == NULL) {
        page->failed = 1;
        return dst;
    }

    dst.len = text->len + n;
    (void) ngx_escape_json(dst.data, text->data, text->len);

    return dst;
}


/* HTML: for people, who do not want to see zeros */

void
ngx_http_profile_page_html(ngx_http_profile_page_t *page)
{
    ngx_uint_t                 i;
    ngx_http_profile_view_t   *view;
    ngx_http_profile_build_t   build;

    ngx_http_profile_page_build(&build);

    ngx_http_profile_page_print(page,
        "<!DOCTYPE html>\n"
        "<html lang=\"en\">\n"
        "<head>\n"
        "<meta charset=\"utf-8\">\n"
        "<meta name=\"viewport\" content=\"width=device-width\">\n"
        "<title>Profile metrics</title>\n"
        "<style>\n"
        "body { font-family: sans-serif; margin: 2em }\n"
        "table { border-collapse: collapse }\n"
        "th, td { padding: .2em 1em .2em 0; text-align: left }\n"
        "td:last-child { text-align: right }\n"
        "tr { border-bottom: 1px solid #ccc }\n"
        "</style>\n"
        "</head>\n"
        "<body>\n"
        "<h1>Profile metrics</h1>\n"
        "<p>ngx_http_profile_module %V, nginx %V, yajl %V, PCRE2 %V. "
        "What is zero is left out.</p>\n",
        &build.module, &build.nginx, &build.yajl, &build.pcre2);

    view = page->views->elts;

    for (i = 0; i < page->views->nelts; i++) {
        ngx_http_profile_html_view(page, &view[i]);
    }

    ngx_http_profile_page_print(page, "</body>\n</html>\n");
}


static void
ngx_http_profile_html_view(ngx_http_profile_page_t *page,
    ngx_http_profile_view_t *view)
{
    uint64_t                    used, free;
    ngx_str_t                   text;
    ngx_uint_t                  i, k;
    ngx_http_profile_family_t  *family;

    ngx_http_profile_zone_bytes(view->zone, &used, &free);

    text = ngx_http_profile_html_text(page, &view->zone->name);

    ngx_http_profile_page_print(page,
                                "<h2>Zone %V</h2>\n"
                                "<p>%uL of %uL bytes are used.</p>\n",
                                &text, used, used + free);

    family = page->families->elts;

    for (k = 0; k < view->nkeys; k++) {
        text = ngx_http_profile_key_text(view, view->keys[k]);
        text = ngx_http_profile_html_text(page, &text);

        if (text.len) {
            ngx_http_profile_page_print(page, "<h3>%V</h3>\n", &text);
        }

        ngx_http_profile_page_print(page,
                                    "<table>\n<tr><th>what</th><th>which</th>"
                                    "<th>number</th></tr>\n");

        for (i = 0; i < page->families->nelts; i++) {
            ngx_http_profile_html_family(page, &family[i], view,
                                         view->keys[k]);
        }

        ngx_http_profile_page_print(page, "</table>\n");
    }
}


static void
ngx_http_profile_html_family(ngx_http_profile_page_t *page,
    ngx_http_profile_family_t *family, ngx_http_profile_view_t *view,
    ngx_uint_t key)
{
    uint64_t                       count;
    ngx_str_t                      text;
    ngx_http_profile_sample_t      sample;
    ngx_http_profile_histogram_t   h;

    if (family->kind == NGX_HTTP_PROFILE_HISTOGRAM) {
        ngx_http_profile_get_histogram(view, key, &h);

        count = h.buckets[NGX_HTTP_PROFILE_BUCKETS - 1].count;

        if (count) {
            ngx_http_profile_page_print(page,
                                        "<tr><td>%V</td><td>mean</td>"
                                        "<td>%uL.%09uL</td></tr>\n",
                                        &family->help,
                                        h.sum / count / 1000000000,
                                        h.sum / count % 1000000000);
        }

        return;
    }

    ngx_memzero(&sample, sizeof(ngx_http_profile_sample_t));

    while (ngx_http_profile_next_sample(view, key, family, &sample)) {

        if (sample.value == 0) {
            continue;
        }

        text = ngx_http_profile_html_text(page, &sample.labels[0]);

        ngx_http_profile_page_print(page,
                                    "<tr><td>%V</td><td>%V %V</td>"
                                    "<td>%uL</td></tr>\n", &family->help,
                                    &text, &sample.labels[1], sample.value);
    }
}


static ngx_str_t
ngx_http_profile_html_text(ngx_http_profile_page_t *page, ngx_str_t *text)
{
    size_t     n;
    ngx_str_t  dst;

    n = ngx_escape_html(NULL, text->data, text->len);

    if (n == 0) {
        return *text;
    }

    ngx_str_null(&dst);

    dst.data = ngx_pnalloc(page->pool, text->len + n);
    if (dst.data == NULL) {
        page->failed = 1;
        return dst;
    }

    dst.len = text->len + n;
    (void) ngx_escape_html(dst.data, text->data, text->len);

    return dst;
}
