
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "metrics/ngx_http_profile_metrics.h"
#include "metrics/ngx_http_profile_samples.h"


typedef enum {
    NGX_HTTP_PROFILE_FAMILY_REQUESTS = 0,
    NGX_HTTP_PROFILE_FAMILY_USERS,
    NGX_HTTP_PROFILE_FAMILY_MOVED,
    NGX_HTTP_PROFILE_FAMILY_CONFLICTS,
    NGX_HTTP_PROFILE_FAMILY_BYTES,
    NGX_HTTP_PROFILE_FAMILY_SECONDS,
    NGX_HTTP_PROFILE_FAMILY_WRITES,
    NGX_HTTP_PROFILE_FAMILY_BLOCKED,
    NGX_HTTP_PROFILE_FAMILY_UNKNOWN,
    NGX_HTTP_PROFILE_FAMILY_DIFFERS,
    NGX_HTTP_PROFILE_FAMILY_UNREADABLE,
    NGX_HTTP_PROFILE_FAMILY_CALLS,
    NGX_HTTP_PROFILE_FAMILY_WALKS,
    NGX_HTTP_PROFILE_FAMILY_PAGES
} ngx_http_profile_family_e;


#define NGX_HTTP_PROFILE_FAMILIES  (NGX_HTTP_PROFILE_FAMILY_PAGES + 1)


/* a counter that stands alone, or with others of one label */

typedef struct {
    ngx_http_profile_family_e     family;
    ngx_str_t                     label;
    size_t                        offset;
} ngx_http_profile_plain_t;


static ngx_int_t ngx_http_profile_place(ngx_http_profile_family_t *f,
    const ngx_str_t *first, const ngx_str_t *second, size_t offset,
    ngx_uint_t always);
static ngx_int_t ngx_http_profile_place_requests(ngx_http_profile_family_t *f);
static ngx_int_t ngx_http_profile_place_writes(ngx_http_profile_family_t *f);
static ngx_int_t ngx_http_profile_place_calls(ngx_http_profile_family_t *f);
static ngx_str_t ngx_http_profile_reason_text(profile_reason_e reason);
static ngx_uint_t ngx_http_profile_expected(ngx_http_profile_action_e action,
    profile_reason_e reason);
static ngx_int_t ngx_http_profile_samples_snapshot(ngx_pool_t *pool,
    ngx_http_profile_zone_t *zone, ngx_http_profile_snapshot_t *snap);


static ngx_http_profile_family_t  ngx_http_profile_family_table[] = {

    { ngx_string("requests_total"),
      ngx_string("Main requests by what was done and why."),
      NGX_HTTP_PROFILE_COUNTER,
      { ngx_string("action"), ngx_string("reason") }, 0, { 0 } },

    { ngx_string("users_total"),
      ngx_string("Users rewritten."),
      NGX_HTTP_PROFILE_COUNTER,
      { ngx_null_string, ngx_null_string }, 0, { 0 } },

    { ngx_string("attributes_moved_total"),
      ngx_string("Root attributes moved into metadata."),
      NGX_HTTP_PROFILE_COUNTER,
      { ngx_string("container"), ngx_null_string }, 0, { 0 } },

    { ngx_string("conflicts_total"),
      ngx_string("Values that lost to another one of the same name."),
      NGX_HTTP_PROFILE_COUNTER,
      { ngx_null_string, ngx_null_string }, 0, { 0 } },

    { ngx_string("body_bytes_total"),
      ngx_string("Bytes of response bodies before and after rewriting."),
      NGX_HTTP_PROFILE_COUNTER,
      { ngx_string("direction"), ngx_null_string }, 0, { 0 } },

    { ngx_string("rewrite_seconds"),
      ngx_string("Time spent on rewriting, for each request."),
      NGX_HTTP_PROFILE_HISTOGRAM,
      { ngx_null_string, ngx_null_string }, 0, { 0 } },

    { ngx_string("writes_total"),
      ngx_string("Requests that the guard has judged."),
      NGX_HTTP_PROFILE_COUNTER,
      { ngx_string("result"), ngx_string("reason") }, 0, { 0 } },

    { ngx_string("blocked_attributes_total"),
      ngx_string("Attributes that the guard has refused."),
      NGX_HTTP_PROFILE_NAMES,
      { ngx_string("attribute"), ngx_null_string },
      NGX_HTTP_PROFILE_NAMED_BLOCKED, { 0 } },

    { ngx_string("unknown_provider_users_total"),
      ngx_string("Users whose provider the schema does not know."),
      NGX_HTTP_PROFILE_COUNTER,
      { ngx_null_string, ngx_null_string }, 0, { 0 } },

    { ngx_string("schema_disagreements_total"),
      ngx_string("Attributes that are metadata to v1 or to the schema only."),
      NGX_HTTP_PROFILE_NAMES,
      { ngx_string("attribute"), ngx_null_string },
      NGX_HTTP_PROFILE_NAMED_DIFFERS, { 0 } },

    { ngx_string("unreadable_users_total"),
      ngx_string("Users left out of lists as they could not be read."),
      NGX_HTTP_PROFILE_COUNTER,
      { ngx_null_string, ngx_null_string }, 0, { 0 } },

    { ngx_string("calls_total"),
      ngx_string("Calls of the v1 API made for writes of v2."),
      NGX_HTTP_PROFILE_COUNTER,
      { ngx_string("kind"), ngx_string("result") }, 0, { 0 } },

    { ngx_string("walks_total"),
      ngx_string("Lists for which the pages of v1's list were read."),
      NGX_HTTP_PROFILE_COUNTER,
      { ngx_string("result"), ngx_null_string }, 0, { 0 } },

    { ngx_string("walk_pages_total"),
      ngx_string("Pages that v1 was asked for by walks."),
      NGX_HTTP_PROFILE_COUNTER,
      { ngx_null_string, ngx_null_string }, 0, { 0 } }
};


#define NGX_HTTP_PROFILE_PLAIN(family, label, counter)                       \
    { NGX_HTTP_PROFILE_FAMILY_##family, ngx_string(label),                   \
      offsetof(ngx_http_profile_counters_t, counter) }


static const ngx_http_profile_plain_t  ngx_http_profile_plain[] = {
    NGX_HTTP_PROFILE_PLAIN(USERS, "", users),
    NGX_HTTP_PROFILE_PLAIN(MOVED, "app_metadata", moved[PROFILE_APP_METADATA]),
    NGX_HTTP_PROFILE_PLAIN(MOVED, "user_metadata",
                           moved[PROFILE_USER_METADATA]),
    NGX_HTTP_PROFILE_PLAIN(CONFLICTS, "", conflicts),
    NGX_HTTP_PROFILE_PLAIN(BYTES, "in", bytes_in),
    NGX_HTTP_PROFILE_PLAIN(BYTES, "out", bytes_out),
    NGX_HTTP_PROFILE_PLAIN(BLOCKED, "other",
                           other[NGX_HTTP_PROFILE_NAMED_BLOCKED]),
    NGX_HTTP_PROFILE_PLAIN(UNKNOWN, "", unknown),
    NGX_HTTP_PROFILE_PLAIN(DIFFERS, "other",
                           other[NGX_HTTP_PROFILE_NAMED_DIFFERS]),
    NGX_HTTP_PROFILE_PLAIN(UNREADABLE, "", unreadable),
    NGX_HTTP_PROFILE_PLAIN(WALKS, "full", walks[NGX_HTTP_PROFILE_WALK_FULL]),
    NGX_HTTP_PROFILE_PLAIN(WALKS, "end", walks[NGX_HTTP_PROFILE_WALK_END]),
    NGX_HTTP_PROFILE_PLAIN(WALKS, "error", walks[NGX_HTTP_PROFILE_WALK_ERROR]),
    NGX_HTTP_PROFILE_PLAIN(WALKS, "limit", walks[NGX_HTTP_PROFILE_WALK_LIMIT]),
    NGX_HTTP_PROFILE_PLAIN(WALKS, "busy", walks[NGX_HTTP_PROFILE_WALK_BUSY]),
    NGX_HTTP_PROFILE_PLAIN(WALKS, "timeout",
                           walks[NGX_HTTP_PROFILE_WALK_TIMEOUT]),
    NGX_HTTP_PROFILE_PLAIN(WALKS, "failed",
                           walks[NGX_HTTP_PROFILE_WALK_FAILED]),
    NGX_HTTP_PROFILE_PLAIN(WALKS, "client",
                           walks[NGX_HTTP_PROFILE_WALK_CLIENT]),
    NGX_HTTP_PROFILE_PLAIN(PAGES, "", pages)
};


/* written as Prometheus writes numbers, so that the labels stay the same */

static const ngx_str_t  ngx_http_profile_bounds[] = {
    ngx_string("1e-05"),
    ngx_string("5e-05"),
    ngx_string("0.0001"),
    ngx_string("0.0005"),
    ngx_string("0.001"),
    ngx_string("0.005"),
    ngx_string("0.01"),
    ngx_string("0.05"),
    ngx_string("0.1"),
    ngx_string("0.5"),
    ngx_string("+Inf")
};


static const ngx_str_t  ngx_http_profile_write_results[] = {
    [NGX_HTTP_PROFILE_WRITE_ALLOWED] = ngx_string("allowed"),
    [NGX_HTTP_PROFILE_WRITE_BLOCKED] = ngx_string("blocked"),
    [NGX_HTTP_PROFILE_WRITE_INVALID] = ngx_string("invalid")
};


static const ngx_str_t  ngx_http_profile_call_results[] = {
    [NGX_HTTP_PROFILE_CALL_OK] = ngx_string("ok"),
    [NGX_HTTP_PROFILE_CALL_REFUSED] = ngx_string("refused"),
    [NGX_HTTP_PROFILE_CALL_FAILED] = ngx_string("failed")
};


ngx_array_t *
ngx_http_profile_samples_families(ngx_pool_t *pool)
{
    ngx_uint_t                       i;
    ngx_array_t                     *families;
    ngx_http_profile_family_t       *f;
    const ngx_http_profile_plain_t  *plain;

    families = ngx_array_create(pool, NGX_HTTP_PROFILE_FAMILIES,
                                sizeof(ngx_http_profile_family_t));
    if (families == NULL) {
        return NULL;
    }

    f = ngx_array_push_n(families, NGX_HTTP_PROFILE_FAMILIES);

    ngx_memcpy(f, ngx_http_profile_family_table,
               sizeof(ngx_http_profile_family_table));

    for (i = 0; i < NGX_HTTP_PROFILE_FAMILIES; i++) {
        if (ngx_array_init(&f[i].places, pool, 4,
                           sizeof(ngx_http_profile_place_t))
            != NGX_OK)
        {
            return NULL;
        }
    }

    for (i = 0; i < sizeof(ngx_http_profile_plain) / sizeof(plain[0]); i++) {
        plain = &ngx_http_profile_plain[i];

        if (ngx_http_profile_place(&f[plain->family], &plain->label, NULL,
                                   plain->offset, 1)
            != NGX_OK)
        {
            return NULL;
        }
    }

    if (ngx_http_profile_place_requests(&f[NGX_HTTP_PROFILE_FAMILY_REQUESTS])
        != NGX_OK
        || ngx_http_profile_place_writes(&f[NGX_HTTP_PROFILE_FAMILY_WRITES])
           != NGX_OK
        || ngx_http_profile_place_calls(&f[NGX_HTTP_PROFILE_FAMILY_CALLS])
           != NGX_OK)
    {
        return NULL;
    }

    return families;
}


static ngx_int_t
ngx_http_profile_place(ngx_http_profile_family_t *f, const ngx_str_t *first,
    const ngx_str_t *second, size_t offset, ngx_uint_t always)
{
    ngx_http_profile_place_t  *place;

    place = ngx_array_push(&f->places);
    if (place == NULL) {
        return NGX_ERROR;
    }

    place->labels[0] = *first;
    place->offset = offset;
    place->always = always;

    if (second) {
        place->labels[1] = *second;

    } else {
        ngx_str_null(&place->labels[1]);
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_place_requests(ngx_http_profile_family_t *f)
{
    size_t      offset;
    ngx_str_t   text, *name;
    ngx_uint_t  action, reason;

    for (action = 0; action < NGX_HTTP_PROFILE_NOTHING; action++) {
        name = &ngx_http_profile_record_actions[action];

        for (reason = 0; reason < PROFILE_REASONS; reason++) {

            text = ngx_http_profile_reason_text(reason);
            offset = offsetof(ngx_http_profile_counters_t, requests)
                     + (action * PROFILE_REASONS + reason)
                       * sizeof(ngx_atomic_t);

            if (ngx_http_profile_place(f, name, &text, offset,
                                       ngx_http_profile_expected(action,
                                                                 reason))
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_place_writes(ngx_http_profile_family_t *f)
{
    size_t      offset;
    ngx_str_t   text;
    ngx_uint_t  result, reason, always;

    for (result = 0; result < NGX_HTTP_PROFILE_WRITES; result++) {
        for (reason = 0; reason < PROFILE_REASONS; reason++) {

            text = ngx_http_profile_reason_text(reason);
            offset = offsetof(ngx_http_profile_counters_t, writes)
                     + (result * PROFILE_REASONS + reason)
                       * sizeof(ngx_atomic_t);

            always = (reason == PROFILE_ALLOWED || reason == PROFILE_NO_BODY
                      || ngx_http_profile_expected(
                                        NGX_HTTP_PROFILE_WOULD_BLOCK, reason))
                     && ngx_http_profile_metrics_write_result(reason) == result;

            if (ngx_http_profile_place(f,
                                       &ngx_http_profile_write_results[result],
                                       &text, offset, always)
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_place_calls(ngx_http_profile_family_t *f)
{
    size_t                offset;
    ngx_str_t             text;
    ngx_uint_t            kind, result;
    const profile_str_t  *name;

    for (kind = 0; kind < PROFILE_CALLS; kind++) {

        name = profile_call_name(kind);

        text.len = name->len;
        text.data = (u_char *) name->data;

        for (result = 0; result < NGX_HTTP_PROFILE_CALL_RESULTS; result++) {

            offset = offsetof(ngx_http_profile_counters_t, calls)
                     + (kind * NGX_HTTP_PROFILE_CALL_RESULTS + result)
                       * sizeof(ngx_atomic_t);

            if (ngx_http_profile_place(f, &text,
                                       &ngx_http_profile_call_results[result],
                                       offset, 1)
                != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


static ngx_str_t
ngx_http_profile_reason_text(profile_reason_e reason)
{
    ngx_str_t             text;
    const profile_str_t  *name;

    name = profile_reason_name(reason);

    text.len = name->len;
    text.data = (u_char *) name->data;

    return text;
}


/*
 * The reasons of an action follow one another: see profile_core.h.  Those of
 * walks come last; a dry run makes none.
 */

static ngx_uint_t
ngx_http_profile_expected(ngx_http_profile_action_e action,
    profile_reason_e reason)
{
    switch (action) {

    case NGX_HTTP_PROFILE_PASSED:
        return reason >= PROFILE_CONDITION && reason <= PROFILE_REDIRECT;

    case NGX_HTTP_PROFILE_FAILED:

        if (reason == PROFILE_SEARCH_LIMIT || reason == PROFILE_TIMEOUT) {
            return 1;
        }

        /* fall through */

    case NGX_HTTP_PROFILE_WOULD_FAIL:
        return reason >= PROFILE_INVALID_JSON && reason <= PROFILE_INTERNAL;

    case NGX_HTTP_PROFILE_BLOCKED:

        if (reason == PROFILE_BUSY) {
            return 1;
        }

        /* fall through */

    case NGX_HTTP_PROFILE_WOULD_BLOCK:
        return (reason >= PROFILE_INVALID_JSON && reason <= PROFILE_TOO_DEEP)
               || reason == PROFILE_PATTERN_LIMIT
               || reason == PROFILE_NO_MEMORY
               || reason == PROFILE_INTERNAL
               || (reason >= PROFILE_ATTRIBUTES && reason <= PROFILE_ID);

    default: /* UPGRADED, REWRITTEN, WOULD_REWRITE */
        return reason == PROFILE_OK;
    }
}


ngx_array_t *
ngx_http_profile_samples_snapshots(ngx_pool_t *pool, ngx_array_t *zones)
{
    ngx_uint_t                    i;
    ngx_array_t                  *snapshots;
    ngx_http_profile_zone_t     **zone;
    ngx_http_profile_snapshot_t  *snap;

    snapshots = ngx_array_create(pool, zones->nelts ? zones->nelts : 1,
                                 sizeof(ngx_http_profile_snapshot_t));
    if (snapshots == NULL) {
        return NULL;
    }

    zone = zones->elts;

    for (i = 0; i < zones->nelts; i++) {
        snap = ngx_array_push(snapshots);

        if (ngx_http_profile_samples_snapshot(pool, zone[i], snap) != NGX_OK) {
            return NULL;
        }
    }

    return snapshots;
}


/* the index is gone through once: it alone tells which words are complete */

static ngx_int_t
ngx_http_profile_samples_snapshot(ngx_pool_t *pool,
    ngx_http_profile_zone_t *zone, ngx_http_profile_snapshot_t *snap)
{
    u_char                     *there;
    ngx_uint_t                  i, n, owner;
    ngx_http_profile_shared_t  *sh;

    sh = zone->sh;

    snap->zone = zone;
    snap->nkeys = 0;
    snap->keys = ngx_palloc(pool, (sh->keys.n + 1) * sizeof(ngx_uint_t));
    snap->first = ngx_pcalloc(pool, (sh->keys.n + 1) * sizeof(ngx_uint_t));
    snap->next = ngx_palloc(pool, (sh->names.n + 1) * sizeof(ngx_uint_t));
    there = ngx_pcalloc(pool, sh->keys.n + 1);

    if (snap->keys == NULL || snap->first == NULL || snap->next == NULL
        || there == NULL)
    {
        return NGX_ERROR;
    }

    /* a key without variables has no other beside it */

    there[0] = (zone->key->lengths != NULL);

    for (i = 0; i <= sh->keys.mask; i++) {
        n = sh->keys.index[i];

        if (n) {
            there[n] = 1;
        }
    }

    for (i = 0; i <= sh->keys.n; i++) {
        if (there[i]) {
            snap->keys[snap->nkeys++] = i;
        }
    }

    for (i = 0; i <= sh->names.mask; i++) {
        n = sh->names.index[i];

        if (n) {
            owner = sh->names.words[n - 1].owner;

            snap->next[n] = snap->first[owner];
            snap->first[owner] = n;
        }
    }

    return NGX_OK;
}


ngx_str_t
ngx_http_profile_samples_key(ngx_http_profile_snapshot_t *snap, ngx_uint_t key)
{
    ngx_str_t                 text;
    ngx_http_profile_word_t  *word;

    if (key == 0) {
        ngx_str_set(&text, "other");

    } else {
        word = &snap->zone->sh->keys.words[key - 1];

        text.len = word->len;
        text.data = word->data;
    }

    return text;
}


ngx_uint_t
ngx_http_profile_samples_next(ngx_http_profile_snapshot_t *snap, ngx_uint_t key,
    ngx_http_profile_family_t *family, ngx_http_profile_sample_t *sample)
{
    u_char                     *counters;
    ngx_http_profile_word_t    *word;
    ngx_http_profile_place_t   *place;
    ngx_http_profile_shared_t  *sh;

    sh = snap->zone->sh;

    counters = (u_char *) &sh->counters[key];

    while (sample->i < family->places.nelts) {
        place = (ngx_http_profile_place_t *) family->places.elts + sample->i++;

        sample->value = *(ngx_atomic_t *) (counters + place->offset);

        if (sample->value || place->always) {
            sample->labels[0] = place->labels[0];
            sample->labels[1] = place->labels[1];
            sample->name = snap->first[key];

            return 1;
        }
    }

    if (family->kind != NGX_HTTP_PROFILE_NAMES) {
        return 0;
    }

    while (sample->name) {
        word = &sh->names.words[sample->name - 1];

        sample->value = ngx_http_profile_zone_count(sh, family->named,
                                                    sample->name);
        sample->labels[0].len = word->len;
        sample->labels[0].data = word->data;
        sample->name = snap->next[sample->name];

        if (sample->value) {
            return 1;
        }
    }

    return 0;
}


void
ngx_http_profile_samples_histogram(ngx_http_profile_snapshot_t *snap,
    ngx_uint_t key, ngx_http_profile_histogram_t *h)
{
    uint64_t                      count;
    ngx_uint_t                    i;
    ngx_http_profile_counters_t  *c;

    c = &snap->zone->sh->counters[key];
    count = 0;

    for (i = 0; i < NGX_HTTP_PROFILE_BUCKETS; i++) {
        count += c->buckets[i];

        h->buckets[i].bound = ngx_http_profile_bounds[i];
        h->buckets[i].count = count;
    }

    h->sum = c->time;
}
