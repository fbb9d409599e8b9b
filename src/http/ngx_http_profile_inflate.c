
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include <zlib.h>

#include "http/ngx_http_profile_inflate.h"


#define NGX_HTTP_PROFILE_INFLATE_SIZE  16384


struct ngx_http_profile_inflate_s {
    z_stream                      zstream;
    ngx_log_t                    *log;
    u_char                       *buf;
    unsigned                      member:1;     /* inside a gzip member */
    unsigned                      more:1;       /* output may be waiting */
    unsigned                      any:1;
};


static void ngx_http_profile_inflate_cleanup(void *data);


ngx_http_profile_inflate_t *
ngx_http_profile_inflate_create(ngx_http_request_t *r)
{
    int                          rc;
    ngx_pool_cleanup_t          *cln;
    ngx_http_profile_inflate_t  *inf;

    inf = ngx_pcalloc(r->pool, sizeof(ngx_http_profile_inflate_t));
    if (inf == NULL) {
        return NULL;
    }

    inf->buf = ngx_palloc(r->pool, NGX_HTTP_PROFILE_INFLATE_SIZE);
    if (inf->buf == NULL) {
        return NULL;
    }

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NULL;
    }

    /* window bits + 16: gzip only */

    rc = inflateInit2(&inf->zstream, MAX_WBITS + 16);

    if (rc != Z_OK) {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                      "profile filter: inflateInit2() failed: %d", rc);
        return NULL;
    }

    cln->handler = ngx_http_profile_inflate_cleanup;
    cln->data = inf;

    inf->log = r->connection->log;

    return inf;
}


static void
ngx_http_profile_inflate_cleanup(void *data)
{
    ngx_http_profile_inflate_t  *inf = data;

    (void) inflateEnd(&inf->zstream);
}


ngx_int_t
ngx_http_profile_inflate(ngx_http_profile_inflate_t *inf, ngx_buf_t *in,
    ngx_str_t *out)
{
    int        rc;
    z_stream  *zs;

    zs = &inf->zstream;

    for ( ;; ) {

        if (in->pos == in->last && !inf->more) {
            return NGX_AGAIN;
        }

        if (!inf->member && in->pos < in->last) {

            /* members may follow one another: RFC 1952, 2.2 */

            if (inf->any && inflateReset(zs) != Z_OK) {
                return NGX_DECLINED;
            }

            inf->member = 1;
            inf->any = 1;
        }

        zs->next_in = in->pos;
        zs->avail_in = in->last - in->pos;
        zs->next_out = inf->buf;
        zs->avail_out = NGX_HTTP_PROFILE_INFLATE_SIZE;

        rc = inflate(zs, Z_NO_FLUSH);

        in->pos = zs->next_in;

        ngx_log_debug2(NGX_LOG_DEBUG_HTTP, inf->log, 0,
                       "profile filter: inflate() %d, out:%ui", rc,
                       NGX_HTTP_PROFILE_INFLATE_SIZE - zs->avail_out);

        if (rc != Z_OK && rc != Z_STREAM_END
            && (rc != Z_BUF_ERROR || zs->avail_in))
        {
            return NGX_DECLINED;
        }

        if (rc == Z_STREAM_END) {
            inf->member = 0;
        }

        inf->more = (rc == Z_OK && zs->avail_out == 0);

        if (zs->avail_out < NGX_HTTP_PROFILE_INFLATE_SIZE) {
            out->data = inf->buf;
            out->len = NGX_HTTP_PROFILE_INFLATE_SIZE - zs->avail_out;

            return NGX_OK;
        }
    }
}


ngx_uint_t
ngx_http_profile_inflate_finished(ngx_http_profile_inflate_t *inf)
{
    return inf->any && !inf->member;
}
