
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_conf.h"
#include "record/ngx_http_profile_record.h"
#include "response/ngx_http_profile_differs.h"


/* of each worker: names that the log has been told of, and of one its bytes */
#define NGX_HTTP_PROFILE_DIFFERS      128
#define NGX_HTTP_PROFILE_DIFFERS_LEN  64

/* a power of 2; a name may stand in the few that follow its own */
#define NGX_HTTP_PROFILE_DIFFERS_PLACES  512
#define NGX_HTTP_PROFILE_DIFFERS_STEPS   8


struct ngx_http_profile_differs_s {
    ngx_uint_t  n;
    ngx_uint_t  places[NGX_HTTP_PROFILE_DIFFERS_PLACES];    /* from 1 on */
    ngx_uint_t  len[NGX_HTTP_PROFILE_DIFFERS];
    u_char      names[NGX_HTTP_PROFILE_DIFFERS][NGX_HTTP_PROFILE_DIFFERS_LEN];
};


static void ngx_http_profile_differs_count(ngx_http_profile_record_t *record,
    const profile_name_t *name);
static ngx_uint_t ngx_http_profile_differs_new(
    ngx_http_profile_differs_t *told, const profile_name_t *name);


void
ngx_http_profile_differs_tell(void *data, const profile_name_t *name,
    int metadata, int known)
{
    ngx_http_request_t *r = data;

    u_char                        *last;
    u_char                         text[3 * NGX_HTTP_PROFILE_DIFFERS_LEN];
    size_t                         len;
    ngx_http_profile_record_t     *record;
    ngx_http_profile_loc_conf_t   *plcf;
    ngx_http_profile_main_conf_t  *pmcf;

    record = ngx_http_profile_record_find(r);

    if (known) {
        ngx_http_profile_differs_count(record, name);

    } else {
        record->response.differs_other++;
    }

    pmcf = ngx_http_get_module_main_conf(r, ngx_http_profile_module);

    if (!ngx_http_profile_differs_new(pmcf->differs, name)) {
        return;
    }

    plcf = ngx_http_get_module_loc_conf(r, ngx_http_profile_module);

    len = ngx_min(name->len, NGX_HTTP_PROFILE_DIFFERS_LEN);

    last = (u_char *) ngx_escape_uri(text, (u_char *) name->data, len,
                                     NGX_ESCAPE_URI_COMPONENT);

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "profile filter: the schema \"%V\" and v1 differ: \"%*s\" "
                  "is %s", &plcf->response.rewrite->schema->name,
                  (size_t) (last - text), text,
                  metadata ? "metadata to v1" : "no metadata to v1");
}


/* only names that the schema knows: others are for anybody to invent */

static void
ngx_http_profile_differs_count(ngx_http_profile_record_t *record,
    const profile_name_t *name)
{
    u_char       *p;
    ngx_str_t    *known;
    ngx_pool_t   *pool;
    ngx_array_t  *names;

    pool = record->request->pool;
    names = record->response.differs;

    if (names == NULL) {
        names = ngx_array_create(pool, 4, sizeof(ngx_str_t));
        record->response.differs = names;
    }

    p = ngx_pnalloc(pool, name->len + 1);
    known = (names && p) ? ngx_array_push(names) : NULL;

    if (known == NULL) {
        record->response.differs_other++;
        return;
    }

    ngx_memcpy(p, name->data, name->len);

    known->len = name->len;
    known->data = p;
}


/*
 * Like that of unknown providers this is a part of the configuration that
 * requests write to, each worker its own copy.
 */

static ngx_uint_t
ngx_http_profile_differs_new(ngx_http_profile_differs_t *told,
    const profile_name_t *name)
{
    size_t       len;
    ngx_uint_t   i, n, hash, *place;

    len = ngx_min(name->len, NGX_HTTP_PROFILE_DIFFERS_LEN);

    hash = ngx_murmur_hash2((u_char *) name->data, len);
    place = NULL;

    for (i = 0; i < NGX_HTTP_PROFILE_DIFFERS_STEPS; i++) {
        place = &told->places[(hash + i)
                              & (NGX_HTTP_PROFILE_DIFFERS_PLACES - 1)];
        n = *place;

        if (n == 0) {
            break;
        }

        if (told->len[n - 1] == len
            && ngx_memcmp(told->names[n - 1], name->data, len) == 0)
        {
            return 0;
        }
    }

    if (*place || told->n == NGX_HTTP_PROFILE_DIFFERS) {
        return 0;
    }

    n = told->n++;

    *place = told->n;
    told->len[n] = len;
    ngx_memcpy(told->names[n], name->data, len);

    return 1;
}


ngx_int_t
ngx_http_profile_differs_init(ngx_conf_t *cf)
{
    ngx_http_profile_main_conf_t  *pmcf;

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_profile_module);

    pmcf->differs = ngx_pcalloc(cf->pool, sizeof(ngx_http_profile_differs_t));

    return pmcf->differs ? NGX_OK : NGX_ERROR;
}
