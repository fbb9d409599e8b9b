
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "metrics/ngx_http_profile_prometheus.h"


static void ngx_http_profile_prometheus_family(ngx_http_profile_page_t *page,
    ngx_http_profile_family_t *family, ngx_http_profile_snapshot_t *snap,
    ngx_uint_t key);
static void ngx_http_profile_prometheus_seconds(ngx_http_profile_page_t *page,
    ngx_http_profile_snapshot_t *snap, ngx_uint_t key, ngx_str_t *labels);
static ngx_str_t ngx_http_profile_prometheus_text(
    ngx_http_profile_page_t *page, ngx_str_t *text);


/* the samples of a family together, its head once */

void
ngx_http_profile_prometheus(ngx_http_profile_page_t *page)
{
    uint64_t                       used, free;
    ngx_str_t                      name;
    ngx_uint_t                     i, k, n;
    ngx_http_profile_family_t     *family;
    ngx_http_profile_snapshot_t   *snap;
    ngx_http_profile_page_build_t  build;

    family = page->families->elts;
    snap = page->snapshots->elts;

    for (i = 0; i < page->families->nelts; i++) {

        ngx_http_profile_page_print(page, "# HELP profile_%V %V\n"
                                    "# TYPE profile_%V %s\n",
                                    &family[i].name, &family[i].help,
                                    &family[i].name,
                                    family[i].kind
                                        == NGX_HTTP_PROFILE_HISTOGRAM
                                        ? "histogram" : "counter");

        for (k = 0; k < page->snapshots->nelts; k++) {
            for (n = 0; n < snap[k].nkeys; n++) {
                ngx_http_profile_prometheus_family(page, &family[i], &snap[k],
                                                   snap[k].keys[n]);
            }
        }
    }

    ngx_http_profile_page_print(page,
                       "# HELP profile_zone_bytes Memory of the zone.\n"
                       "# TYPE profile_zone_bytes gauge\n");

    for (k = 0; k < page->snapshots->nelts; k++) {
        name = ngx_http_profile_prometheus_text(page, &snap[k].zone->name);

        ngx_http_profile_zone_bytes(snap[k].zone, &used, &free);

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
    ngx_http_profile_family_t *family, ngx_http_profile_snapshot_t *snap,
    ngx_uint_t key)
{
    u_char                      buf[NGX_HTTP_PROFILE_PAGE_LINE / 4];
    ngx_str_t                   zone, text, labels;
    ngx_uint_t                  i;
    ngx_http_profile_sample_t   sample;

    text = ngx_http_profile_samples_key(snap, key);
    text = ngx_http_profile_prometheus_text(page, &text);
    zone = ngx_http_profile_prometheus_text(page, &snap->zone->name);

    labels.data = buf;
    labels.len = ngx_snprintf(buf, sizeof(buf), "zone=\"%V\",key=\"%V\"",
                              &zone, &text)
                 - buf;

    if (family->kind == NGX_HTTP_PROFILE_HISTOGRAM) {
        ngx_http_profile_prometheus_seconds(page, snap, key, &labels);
        return;
    }

    ngx_memzero(&sample, sizeof(ngx_http_profile_sample_t));

    while (ngx_http_profile_samples_next(snap, key, family, &sample)) {

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
    ngx_http_profile_snapshot_t *snap, ngx_uint_t key, ngx_str_t *labels)
{
    ngx_uint_t                    i;
    ngx_http_profile_histogram_t  h;

    ngx_http_profile_samples_histogram(snap, key, &h);

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
