
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "metrics/ngx_http_profile_html.h"


#define ngx_http_profile_html_text(page, text)                                 \
    ngx_http_profile_page_escape(page, text, ngx_escape_html)


static void ngx_http_profile_html_snapshot(ngx_http_profile_page_t *page,
    ngx_http_profile_snapshot_t *snap);
static void ngx_http_profile_html_family(ngx_http_profile_page_t *page,
    ngx_http_profile_family_t *family, ngx_http_profile_snapshot_t *snap,
    ngx_uint_t key);


void
ngx_http_profile_html(ngx_http_profile_page_t *page)
{
    ngx_uint_t                     i;
    ngx_http_profile_snapshot_t   *snap;
    ngx_http_profile_page_build_t  build;

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

    snap = page->snapshots->elts;

    for (i = 0; i < page->snapshots->nelts; i++) {
        ngx_http_profile_html_snapshot(page, &snap[i]);
    }

    ngx_http_profile_page_print(page, "</body>\n</html>\n");
}


static void
ngx_http_profile_html_snapshot(ngx_http_profile_page_t *page,
    ngx_http_profile_snapshot_t *snap)
{
    uint64_t                    used, free;
    ngx_str_t                   text;
    ngx_uint_t                  i, k;
    ngx_http_profile_family_t  *family;

    ngx_http_profile_zone_bytes(snap->zone, &used, &free);

    text = ngx_http_profile_html_text(page, &snap->zone->name);

    ngx_http_profile_page_print(page,
                                "<h2>Zone %V</h2>\n"
                                "<p>%uL of %uL bytes are used.</p>\n",
                                &text, used, used + free);

    family = page->families->elts;

    for (k = 0; k < snap->nkeys; k++) {
        text = ngx_http_profile_samples_key(snap, snap->keys[k]);
        text = ngx_http_profile_html_text(page, &text);

        if (text.len) {
            ngx_http_profile_page_print(page, "<h3>%V</h3>\n", &text);
        }

        ngx_http_profile_page_print(page,
                                    "<table>\n<tr><th>what</th><th>which</th>"
                                    "<th>number</th></tr>\n");

        for (i = 0; i < page->families->nelts; i++) {
            ngx_http_profile_html_family(page, &family[i], snap,
                                         snap->keys[k]);
        }

        ngx_http_profile_page_print(page, "</table>\n");
    }
}


static void
ngx_http_profile_html_family(ngx_http_profile_page_t *page,
    ngx_http_profile_family_t *family, ngx_http_profile_snapshot_t *snap,
    ngx_uint_t key)
{
    uint64_t                       count;
    ngx_str_t                      text;
    ngx_http_profile_sample_t      sample;
    ngx_http_profile_histogram_t   h;

    if (family->kind == NGX_HTTP_PROFILE_HISTOGRAM) {
        ngx_http_profile_samples_histogram(snap, key, &h);

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

    while (ngx_http_profile_samples_next(snap, key, family, &sample)) {

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
