
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_value.h"
#include "core/profile_utf8.h"
#include "metrics/ngx_http_profile_zone.h"


/*
 * What the zone begins with.  The number of the layout changes with the
 * meaning of what is there; reasons that are added change the size.
 */
#define NGX_HTTP_PROFILE_LAYOUT                                              \
    ((ngx_uint_t) 0x70000000 | 2 << 20 | sizeof(ngx_http_profile_counters_t))

/* the index has from two to four places for each word */
#define NGX_HTTP_PROFILE_WORD_SIZE                                           \
    (sizeof(ngx_http_profile_word_t) + 4 * sizeof(ngx_atomic_t))

/* what is counted by a name */
#define NGX_HTTP_PROFILE_NAMED_SIZE                                          \
    (NGX_HTTP_PROFILE_NAMED * sizeof(ngx_atomic_t))


static ngx_uint_t ngx_http_profile_zone_text(ngx_str_t *text);
static ngx_int_t ngx_http_profile_zone_init(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_int_t ngx_http_profile_zone_same(ngx_shm_zone_t *shm_zone,
    ngx_http_profile_zone_t *zone, ngx_http_profile_zone_t *ozone);
static ngx_int_t ngx_http_profile_zone_layout(ngx_shm_zone_t *shm_zone,
    ngx_http_profile_zone_t *zone);
static ngx_int_t ngx_http_profile_zone_create(ngx_http_profile_zone_t *zone);
static ngx_uint_t ngx_http_profile_words_index(ngx_uint_t n);
static u_char *ngx_http_profile_words_init(ngx_http_profile_words_t *words,
    ngx_uint_t n, u_char *p);
static ngx_uint_t ngx_http_profile_words_find(ngx_http_profile_words_t *words,
    ngx_uint_t owner, ngx_str_t *text, ngx_uint_t *place);
static ngx_uint_t ngx_http_profile_words_add(ngx_http_profile_zone_t *zone,
    ngx_http_profile_words_t *words, ngx_uint_t owner, ngx_str_t *text,
    ngx_log_t *log);
static ngx_uint_t ngx_http_profile_words_number(ngx_http_profile_zone_t *zone,
    ngx_http_profile_words_t *words, ngx_uint_t owner, ngx_str_t *text,
    ngx_log_t *log);


char *
ngx_http_profile_zone_slot(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ssize_t                   size;
    ngx_str_t                *value, key;
    ngx_http_profile_zone_t  *zone;

    value = cf->args->elts;

    zone = ngx_http_profile_zone_get(cf, &value[1]);
    if (zone == NULL) {
        return NGX_CONF_ERROR;
    }

    if (zone->shm_zone) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate profile_zone \"%V\"", &value[1]);
        return NGX_CONF_ERROR;
    }

    size = ngx_parse_size(&value[2]);

    if (size == NGX_ERROR) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid zone size \"%V\", expected bytes such as "
                           "\"1m\"", &value[2]);
        return NGX_CONF_ERROR;
    }

    if (size < (ssize_t) (8 * ngx_pagesize)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "zone size \"%V\" is too small, expected %uzk at "
                           "least", &value[2], 8 * ngx_pagesize / 1024);
        return NGX_CONF_ERROR;
    }

    ngx_str_set(&key, "");

    if (cf->args->nelts == 4) {

        if (value[3].len <= 4 || ngx_strncmp(value[3].data, "key=", 4) != 0) {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "invalid parameter \"%V\", expected "
                               "\"key=value\"", &value[3]);
            return NGX_CONF_ERROR;
        }

        key.len = value[3].len - 4;
        key.data = value[3].data + 4;
    }

    if (ngx_http_profile_value_compile(cf, &key, &zone->key)
        != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    if (zone->key->lengths == NULL && !ngx_http_profile_zone_text(&key)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid key \"%V\", expected at most %d bytes of "
                           "UTF-8", &key,
                           NGX_HTTP_PROFILE_WORD_LEN);
        return NGX_CONF_ERROR;
    }

    zone->shm_zone = ngx_shared_memory_add(cf, &zone->name, size,
                                           &ngx_http_profile_module);
    if (zone->shm_zone == NULL) {
        return NGX_CONF_ERROR;
    }

    zone->shm_zone->init = ngx_http_profile_zone_init;
    zone->shm_zone->data = zone;

    return NGX_CONF_OK;
}


/* the order of directives does not matter: a name may come before its zone */

ngx_http_profile_zone_t *
ngx_http_profile_zone_get(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_uint_t                      i;
    ngx_http_profile_zone_t        *zone, **zones;
    ngx_http_profile_main_conf_t   *pmcf;

    if (name->len == 0 || ngx_strcmp(name->data, "off") == 0
        || !ngx_http_profile_zone_text(name))
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid zone name \"%V\", expected at most %d "
                           "bytes of UTF-8 other than \"off\"", name,
                           NGX_HTTP_PROFILE_WORD_LEN);
        return NULL;
    }

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_profile_module);

    zones = pmcf->zones.elts;

    for (i = 0; i < pmcf->zones.nelts; i++) {

        if (zones[i]->name.len == name->len
            && ngx_strncmp(zones[i]->name.data, name->data, name->len) == 0)
        {
            return zones[i];
        }
    }

    zone = ngx_pcalloc(cf->pool, sizeof(ngx_http_profile_zone_t));
    if (zone == NULL) {
        return NULL;
    }

    zones = ngx_array_push(&pmcf->zones);
    if (zones == NULL) {
        return NULL;
    }

    *zones = zone;

    zone->name = *name;
    zone->file = cf->conf_file->file.name.data;
    zone->line = cf->conf_file->line;

    return zone;
}


/* whether the value of a label can be shown as it is, in every form */

static ngx_uint_t
ngx_http_profile_zone_text(ngx_str_t *text)
{
    size_t          i;
    profile_utf8_t  utf8;

    if (text->len > NGX_HTTP_PROFILE_WORD_LEN) {
        return 0;
    }

    for (i = 0; i < text->len; i++) {
        if (text->data[i] < 0x20 || text->data[i] == 0x7f) {
            return 0;
        }
    }

    ngx_memzero(&utf8, sizeof(profile_utf8_t));

    return profile_utf8_check(&utf8, text->data, text->len) == text->len
           && utf8.more == 0;
}


ngx_int_t
ngx_http_profile_zone_check(ngx_conf_t *cf)
{
    ngx_uint_t                      i;
    ngx_http_profile_zone_t       **zones;
    ngx_http_profile_main_conf_t   *pmcf;

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_profile_module);

    zones = pmcf->zones.elts;

    for (i = 0; i < pmcf->zones.nelts; i++) {

        if (zones[i]->shm_zone == NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "unknown profile_zone \"%V\" in %s:%ui",
                          &zones[i]->name, zones[i]->file, zones[i]->line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_zone_init(ngx_shm_zone_t *shm_zone, void *data)
{
    size_t                    len;
    ngx_http_profile_zone_t  *zone, *ozone;

    zone = shm_zone->data;
    ozone = data;

    if (ozone) {
        zone->shpool = ozone->shpool;
        zone->sh = ozone->sh;

        return ngx_http_profile_zone_same(shm_zone, zone, ozone);
    }

    zone->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (shm_zone->shm.exists) {
        zone->sh = zone->shpool->data;

        return ngx_http_profile_zone_layout(shm_zone, zone);
    }

    len = sizeof(" in profile_zone \"\"") + zone->name.len;

    zone->shpool->log_ctx = ngx_slab_alloc(zone->shpool, len);
    if (zone->shpool->log_ctx == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(zone->shpool->log_ctx, " in profile_zone \"%V\"%Z",
                &zone->name);

    if (ngx_http_profile_zone_create(zone) != NGX_OK) {
        return NGX_ERROR;
    }

    zone->shpool->data = zone->sh;
    zone->shpool->log_nomem = 0;

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_zone_same(ngx_shm_zone_t *shm_zone,
    ngx_http_profile_zone_t *zone, ngx_http_profile_zone_t *ozone)
{
    ngx_str_t  *key, *okey;

    key = &zone->key->value;
    okey = &ozone->key->value;

    if (key->len != okey->len
        || ngx_strncmp(key->data, okey->data, key->len) != 0)
    {
        ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                      "profile_zone \"%V\" uses the key \"%V\" while "
                      "previously it used the key \"%V\"",
                      &zone->name, key, okey);
        return NGX_ERROR;
    }

    return ngx_http_profile_zone_layout(shm_zone, zone);
}


static ngx_int_t
ngx_http_profile_zone_layout(ngx_shm_zone_t *shm_zone,
    ngx_http_profile_zone_t *zone)
{
    if (zone->sh->layout == NGX_HTTP_PROFILE_LAYOUT) {
        return NGX_OK;
    }

    ngx_log_error(NGX_LOG_EMERG, shm_zone->shm.log, 0,
                  "profile_zone \"%V\" has the layout %xi of another version "
                  "of the module, this one has %xi: give the zone another "
                  "name or size, or restart nginx",
                  &zone->name, zone->sh->layout, NGX_HTTP_PROFILE_LAYOUT);

    return NGX_ERROR;
}


/*
 * All memory is divided at once.  A quarter is for the names; a zone whose key
 * holds no variable needs counters for one key, and leaves the rest alone.
 */

static ngx_int_t
ngx_http_profile_zone_create(ngx_http_profile_zone_t *zone)
{
    u_char                     *p;
    size_t                      size, left;
    ngx_uint_t                  nkeys, nnames;
    ngx_http_profile_shared_t  *sh;

    size = zone->shpool->pfree * ngx_pagesize;

    nnames = size / 4 / (NGX_HTTP_PROFILE_WORD_SIZE
                         + NGX_HTTP_PROFILE_NAMED_SIZE);

    left = size - size / 4
           - sizeof(ngx_http_profile_shared_t)
           - sizeof(ngx_http_profile_counters_t);

    nkeys = left / (NGX_HTTP_PROFILE_WORD_SIZE
                    + sizeof(ngx_http_profile_counters_t));

    if (zone->key->lengths == NULL) {
        nkeys = 1;
    }

    size = sizeof(ngx_http_profile_shared_t)
           + (nkeys + 1) * sizeof(ngx_http_profile_counters_t)
           + nkeys * sizeof(ngx_http_profile_word_t)
           + nnames * sizeof(ngx_http_profile_word_t)
           + ngx_http_profile_words_index(nkeys) * sizeof(ngx_atomic_t)
           + ngx_http_profile_words_index(nnames) * sizeof(ngx_atomic_t)
           + nnames * NGX_HTTP_PROFILE_NAMED_SIZE;

    p = ngx_slab_calloc(zone->shpool, size);
    if (p == NULL) {
        return NGX_ERROR;
    }

    sh = (ngx_http_profile_shared_t *) p;
    p += sizeof(ngx_http_profile_shared_t);

    sh->counters = (ngx_http_profile_counters_t *) p;
    p += (nkeys + 1) * sizeof(ngx_http_profile_counters_t);

    p = ngx_http_profile_words_init(&sh->keys, nkeys, p);
    p = ngx_http_profile_words_init(&sh->names, nnames, p);

    sh->named = (ngx_atomic_t *) p;
    sh->layout = NGX_HTTP_PROFILE_LAYOUT;

    zone->sh = sh;

    if (zone->key->lengths == NULL) {
        (void) ngx_http_profile_words_add(zone, &sh->keys, 0,
                                          &zone->key->value, NULL);
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_profile_words_index(ngx_uint_t n)
{
    ngx_uint_t  size;

    for (size = 2; size < 2 * n; size *= 2) { /* void */ }

    return size;
}


static u_char *
ngx_http_profile_words_init(ngx_http_profile_words_t *words, ngx_uint_t n,
    u_char *p)
{
    ngx_uint_t  size;

    size = ngx_http_profile_words_index(n);

    words->n = n;
    words->mask = size - 1;

    words->index = (ngx_atomic_t *) p;
    p += size * sizeof(ngx_atomic_t);

    words->words = (ngx_http_profile_word_t *) p;

    return p + n * sizeof(ngx_http_profile_word_t);
}


/* Returns the number, or 0 and the place in the index where it would stand. */

static ngx_uint_t
ngx_http_profile_words_find(ngx_http_profile_words_t *words, ngx_uint_t owner,
    ngx_str_t *text, ngx_uint_t *place)
{
    ngx_uint_t                i, n;
    ngx_http_profile_word_t  *word;

    i = ngx_murmur_hash2(text->data, text->len) + owner * 2654435761U;

    for ( ;; ) {
        i &= words->mask;
        n = words->index[i];

        if (n == 0) {
            *place = i;
            return 0;
        }

        word = &words->words[n - 1];

        if (word->owner == owner && word->len == text->len
            && ngx_memcmp(word->data, text->data, text->len) == 0)
        {
            return n;
        }

        i++;
    }
}


/*
 * A worker may be killed in between: a number that was taken and is not in
 * the index is lost, which does no harm.
 */

static ngx_uint_t
ngx_http_profile_words_add(ngx_http_profile_zone_t *zone,
    ngx_http_profile_words_t *words, ngx_uint_t owner, ngx_str_t *text,
    ngx_log_t *log)
{
    ngx_uint_t                n, place;
    ngx_http_profile_word_t  *word;

    if (words->taken == words->n || !ngx_http_profile_zone_text(text)) {

        if (words->told == 0 && ngx_atomic_cmp_set(&words->told, 0, 1)) {
            ngx_log_error(NGX_LOG_WARN, log, 0,
                          "profile_zone \"%V\" has no slot for another %s, "
                          "it counts under \"other\"", &zone->name,
                          words == &zone->sh->keys ? "key" : "name");
        }

        return 0;
    }

    ngx_shmtx_lock(&zone->shpool->mutex);

    n = ngx_http_profile_words_find(words, owner, text, &place);

    if (n == 0 && words->taken < words->n) {
        n = ++words->taken;

        word = &words->words[n - 1];

        word->owner = owner;
        word->len = text->len;

        if (text->len) {
            ngx_memcpy(word->data, text->data, text->len);
        }

        ngx_memory_barrier();

        words->index[place] = n;
    }

    ngx_shmtx_unlock(&zone->shpool->mutex);

    return n;
}


static ngx_uint_t
ngx_http_profile_words_number(ngx_http_profile_zone_t *zone,
    ngx_http_profile_words_t *words, ngx_uint_t owner, ngx_str_t *text,
    ngx_log_t *log)
{
    ngx_uint_t  n, place;

    n = ngx_http_profile_words_find(words, owner, text, &place);

    if (n || (text->len == 5 && ngx_strncmp(text->data, "other", 5) == 0)) {
        return n;
    }

    return ngx_http_profile_words_add(zone, words, owner, text, log);
}


ngx_uint_t
ngx_http_profile_zone_key(ngx_http_request_t *r, ngx_http_profile_zone_t *zone)
{
    ngx_str_t  val;

    if (zone->key->lengths == NULL) {
        return 1;
    }

    if (ngx_http_profile_value_get(r, zone->key, &val) != NGX_OK) {
        return 0;
    }

    if (val.len == 0) {
        ngx_str_set(&val, "");
    }

    return ngx_http_profile_words_number(zone, &zone->sh->keys, 0, &val,
                                         r->connection->log);
}


void
ngx_http_profile_zone_named(ngx_http_profile_zone_t *zone, ngx_uint_t key,
    ngx_http_profile_named_e kind, ngx_str_t *name, ngx_log_t *log)
{
    ngx_uint_t                  n;
    ngx_http_profile_shared_t  *sh;

    sh = zone->sh;

    n = 0;

    if (name->len <= NGX_HTTP_PROFILE_WORD_LEN) {
        n = ngx_http_profile_words_number(zone, &sh->names, key, name, log);
    }

    if (n) {
        (void) ngx_atomic_fetch_add(&ngx_http_profile_zone_count(sh, kind, n),
                                    1);

    } else {
        (void) ngx_atomic_fetch_add(&sh->counters[key].other[kind], 1);
    }
}


void
ngx_http_profile_zone_bytes(ngx_http_profile_zone_t *zone, uint64_t *used,
    uint64_t *free)
{
    ngx_http_profile_shared_t  *sh;

    sh = zone->sh;

    *free = zone->shpool->pfree * ngx_pagesize
            + (sh->keys.n - sh->keys.taken)
              * (sizeof(ngx_http_profile_counters_t)
                 + sizeof(ngx_http_profile_word_t))
            + (sh->names.n - sh->names.taken)
              * (NGX_HTTP_PROFILE_NAMED_SIZE + sizeof(ngx_http_profile_word_t));

    *used = zone->shm_zone->shm.size - *free;
}
