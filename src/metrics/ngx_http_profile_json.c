
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "metrics/ngx_http_profile_json.h"


#define ngx_http_profile_json_text(page, text)                                 \
    ngx_http_profile_page_escape(page, text, ngx_escape_json)


static void ngx_http_profile_json_snapshot(ngx_http_profile_page_t *page,
    ngx_http_profile_snapshot_t *snap);
static void ngx_http_profile_json_family(ngx_http_profile_page_t *page,
    ngx_http_profile_family_t *family, ngx_http_profile_snapshot_t *snap,
    ngx_uint_t key);
static void ngx_http_profile_json_seconds(ngx_http_profile_page_t *page,
    ngx_http_profile_snapshot_t *snap, ngx_uint_t key);


void
ngx_http_profile_json(ngx_http_profile_page_t *page)
{
    ngx_uint_t                     i;
    ngx_http_profile_snapshot_t   *snap;
    ngx_http_profile_page_build_t  build;

    ngx_http_profile_page_build(&build);

    ngx_http_profile_page_print(page,
                                "{\"build_info\":{\"version\":\"%V\","
                                "\"nginx\":\"%V\",\"yajl\":\"%V\","
                                "\"pcre2\":\"%V\"},\n\"zones\":{",
                                &build.module, &build.nginx, &build.yajl,
                                &build.pcre2);

    snap = page->snapshots->elts;

    for (i = 0; i < page->snapshots->nelts; i++) {
        ngx_http_profile_page_print(page, i ? ",\n" : "\n");
        ngx_http_profile_json_snapshot(page, &snap[i]);
    }

    ngx_http_profile_page_print(page, "}}\n");
}


static void
ngx_http_profile_json_snapshot(ngx_http_profile_page_t *page,
    ngx_http_profile_snapshot_t *snap)
{
    uint64_t                    used, free;
    ngx_str_t                   text;
    ngx_uint_t                  i, k;
    ngx_http_profile_family_t  *family;

    ngx_http_profile_zone_bytes(snap->zone, &used, &free);

    text = ngx_http_profile_json_text(page, &snap->zone->name);

    ngx_http_profile_page_print(page,
                                "\"%V\":{\"zone_bytes\":{\"used\":%uL,"
                                "\"free\":%uL},\n\"keys\":{", &text, used,
                                free);

    family = page->families->elts;

    for (k = 0; k < snap->nkeys; k++) {
        text = ngx_http_profile_samples_key(snap, snap->keys[k]);
        text = ngx_http_profile_json_text(page, &text);

        ngx_http_profile_page_print(page, "%s\"%V\":{", k ? ",\n" : "\n",
                                    &text);

        for (i = 0; i < page->families->nelts; i++) {
            ngx_http_profile_page_print(page, "%s\"%V\":", i ? ",\n" : "\n",
                                        &family[i].name);
            ngx_http_profile_json_family(page, &family[i], snap,
                                         snap->keys[k]);
        }

        ngx_http_profile_page_print(page, "}");
    }

    ngx_http_profile_page_print(page, "}}");
}


/* an object for each label; the samples of a first label follow one another */

static void
ngx_http_profile_json_family(ngx_http_profile_page_t *page,
    ngx_http_profile_family_t *family, ngx_http_profile_snapshot_t *snap,
    ngx_uint_t key)
{
    ngx_str_t                   text, first;
    ngx_uint_t                  n;
    ngx_http_profile_sample_t   sample;

    if (family->kind == NGX_HTTP_PROFILE_HISTOGRAM) {
        ngx_http_profile_json_seconds(page, snap, key);
        return;
    }

    ngx_str_null(&first);
    ngx_memzero(&sample, sizeof(ngx_http_profile_sample_t));

    for (n = 0;
         ngx_http_profile_samples_next(snap, key, family, &sample);
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
    ngx_http_profile_snapshot_t *snap, ngx_uint_t key)
{
    ngx_uint_t                    i;
    ngx_http_profile_histogram_t  h;

    ngx_http_profile_samples_histogram(snap, key, &h);

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
