
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * A filter for tests, right above the module's: hands bodies on in chains of
 * shapes that nginx's own modules seldom make, and destroys every byte that
 * was taken, so that who keeps pointers to them is found out.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


/* bytes on both sides of each piece, which are not of the body */
#define NGX_HTTP_CHAIN_MARGIN  8

#define NGX_HTTP_CHAIN_CALLS   0x0002   /* a call for each link */
#define NGX_HTTP_CHAIN_EMPTY   0x0004   /* an empty link before each piece */
#define NGX_HTTP_CHAIN_FLUSH   0x0008   /* each link with data is a flush */
#define NGX_HTTP_CHAIN_LAST    0x0010   /* the end in a link of its own */
#define NGX_HTTP_CHAIN_TAIL    0x0020   /* an empty link behind the end */


typedef struct {
    size_t            size;             /* of a piece; 0: off */
    ngx_uint_t        shape;
} ngx_http_chain_conf_t;


typedef struct {
    ngx_chain_t      *links;            /* an array */
    ngx_buf_t        *bufs;             /* one for each of links */
    ngx_uint_t        n;

    ngx_chain_t      *taken;            /* all pieces not yet destroyed */
} ngx_http_chain_ctx_t;


static ngx_int_t ngx_http_chain_body_filter(ngx_http_request_t *r,
    ngx_chain_t *in);
static ngx_int_t ngx_http_chain_split(ngx_http_request_t *r,
    ngx_http_chain_ctx_t *ctx, ngx_chain_t *in);
static ngx_int_t ngx_http_chain_split_buf(ngx_http_request_t *r,
    ngx_http_chain_ctx_t *ctx, ngx_buf_t *in);
static ngx_buf_t *ngx_http_chain_add(ngx_http_chain_ctx_t *ctx);
static ngx_int_t ngx_http_chain_copy(ngx_http_request_t *r,
    ngx_http_chain_ctx_t *ctx, ngx_buf_t *b, u_char *p, size_t len);
static ngx_int_t ngx_http_chain_send(ngx_http_request_t *r,
    ngx_http_chain_ctx_t *ctx);
static void ngx_http_chain_destroy(ngx_http_chain_ctx_t *ctx);

static void *ngx_http_chain_create_conf(ngx_conf_t *cf);
static char *ngx_http_chain_merge_conf(ngx_conf_t *cf, void *parent,
    void *child);
static ngx_int_t ngx_http_chain_init(ngx_conf_t *cf);


static ngx_conf_bitmask_t  ngx_http_chain_shapes[] = {
    { ngx_string("calls"), NGX_HTTP_CHAIN_CALLS },
    { ngx_string("empty"), NGX_HTTP_CHAIN_EMPTY },
    { ngx_string("flush"), NGX_HTTP_CHAIN_FLUSH },
    { ngx_string("last"), NGX_HTTP_CHAIN_LAST },
    { ngx_string("tail"), NGX_HTTP_CHAIN_TAIL },
    { ngx_null_string, 0 }
};


static ngx_command_t  ngx_http_chain_commands[] = {

    { ngx_string("chain_size"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_chain_conf_t, size),
      NULL },

    { ngx_string("chain_shape"),
      NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_conf_set_bitmask_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_chain_conf_t, shape),
      &ngx_http_chain_shapes },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_chain_filter_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_chain_init,                   /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_chain_create_conf,            /* create location configuration */
    ngx_http_chain_merge_conf              /* merge location configuration */
};


ngx_module_t  ngx_http_chain_filter_module = {
    NGX_MODULE_V1,
    &ngx_http_chain_filter_module_ctx,     /* module context */
    ngx_http_chain_commands,               /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/* what configure would generate: the place is right below the copy filter */

ngx_module_t  *ngx_modules[] = {
    &ngx_http_chain_filter_module,
    NULL
};


char  *ngx_module_names[] = {
    "ngx_http_chain_filter_module",
    NULL
};


char  *ngx_module_order[] = {
    "ngx_http_chain_filter_module",
    "ngx_http_copy_filter_module",
    NULL
};


static ngx_http_output_body_filter_pt  ngx_http_next_body_filter;


static ngx_int_t
ngx_http_chain_body_filter(ngx_http_request_t *r, ngx_chain_t *in)
{
    ngx_int_t               rc;
    ngx_http_chain_ctx_t   *ctx;
    ngx_http_chain_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_chain_filter_module);

    if (conf->size == 0) {
        return ngx_http_next_body_filter(r, in);
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_chain_filter_module);

    if (ctx == NULL) {
        ctx = ngx_pcalloc(r->pool, sizeof(ngx_http_chain_ctx_t));
        if (ctx == NULL) {
            return NGX_ERROR;
        }

        ngx_http_set_ctx(r, ctx, ngx_http_chain_filter_module);
    }

    if (in == NULL) {
        rc = ngx_http_next_body_filter(r, NULL);

    } else {
        if (ngx_http_chain_split(r, ctx, in) != NGX_OK) {
            return NGX_ERROR;
        }

        rc = ngx_http_chain_send(r, ctx);
    }

    ngx_http_chain_destroy(ctx);

    return rc;
}


static ngx_int_t
ngx_http_chain_split(ngx_http_request_t *r, ngx_http_chain_ctx_t *ctx,
    ngx_chain_t *in)
{
    ngx_uint_t              n;
    ngx_chain_t            *cl;
    ngx_http_chain_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_chain_filter_module);

    /* at most a link before each piece, and two for the end */

    n = 0;

    for (cl = in; cl; cl = cl->next) {
        n += 2 * (ngx_buf_size(cl->buf) / conf->size + 1) + 2;
    }

    ctx->n = 0;

    ctx->links = ngx_pcalloc(r->pool, n * sizeof(ngx_chain_t));
    ctx->bufs = ngx_pcalloc(r->pool, n * sizeof(ngx_buf_t));

    if (ctx->links == NULL || ctx->bufs == NULL) {
        return NGX_ERROR;
    }

    for (cl = in; cl; cl = cl->next) {
        if (ngx_http_chain_split_buf(r, ctx, cl->buf) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_chain_split_buf(ngx_http_request_t *r, ngx_http_chain_ctx_t *ctx,
    ngx_buf_t *in)
{
    size_t                  len;
    ngx_buf_t              *b;
    ngx_http_chain_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_chain_filter_module);

    if (in->in_file && !ngx_buf_in_memory(in)) {
        *ngx_http_chain_add(ctx) = *in;
        in->file_pos = in->file_last;
        return NGX_OK;
    }

    b = NULL;

    while (ngx_buf_in_memory(in) && in->pos < in->last) {

        if (conf->shape & NGX_HTTP_CHAIN_EMPTY) {
            ngx_http_chain_add(ctx)->sync = 1;
        }

        len = ngx_min((size_t) (in->last - in->pos), conf->size);

        b = ngx_http_chain_add(ctx);

        if (ngx_http_chain_copy(r, ctx, b, in->pos, len) != NGX_OK) {
            return NGX_ERROR;
        }

        b->flush = (conf->shape & NGX_HTTP_CHAIN_FLUSH) ? 1 : 0;

        in->pos += len;
    }

    if (b == NULL
        || ((in->last_buf || in->last_in_chain)
            && (conf->shape & NGX_HTTP_CHAIN_LAST)))
    {
        b = ngx_http_chain_add(ctx);
        b->sync = 1;
    }

    b->flush |= in->flush;
    b->last_buf = in->last_buf;
    b->last_in_chain = in->last_in_chain;

    if ((in->last_buf || in->last_in_chain)
        && (conf->shape & NGX_HTTP_CHAIN_TAIL))
    {
        ngx_http_chain_add(ctx)->sync = 1;
    }

    return NGX_OK;
}


static ngx_buf_t *
ngx_http_chain_add(ngx_http_chain_ctx_t *ctx)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    b = &ctx->bufs[ctx->n];
    cl = &ctx->links[ctx->n];

    cl->buf = b;

    if (ctx->n) {
        (cl - 1)->next = cl;
    }

    ctx->n++;

    return b;
}


static ngx_int_t
ngx_http_chain_copy(ngx_http_request_t *r, ngx_http_chain_ctx_t *ctx,
    ngx_buf_t *b, u_char *p, size_t len)
{
    size_t        size;
    ngx_chain_t  *cl;

    size = len + 2 * NGX_HTTP_CHAIN_MARGIN;

    b->start = ngx_palloc(r->pool, size);
    if (b->start == NULL) {
        return NGX_ERROR;
    }

    ngx_memset(b->start, '#', size);

    b->end = b->start + size;
    b->pos = b->start + NGX_HTTP_CHAIN_MARGIN;
    b->last = ngx_cpymem(b->pos, p, len);
    b->temporary = 1;

    cl = ngx_alloc_chain_link(r->pool);
    if (cl == NULL) {
        return NGX_ERROR;
    }

    cl->buf = b;
    cl->next = ctx->taken;
    ctx->taken = cl;

    return NGX_OK;
}


static ngx_int_t
ngx_http_chain_send(ngx_http_request_t *r, ngx_http_chain_ctx_t *ctx)
{
    ngx_int_t               rc;
    ngx_uint_t              i, calls;
    ngx_chain_t             one;
    ngx_http_chain_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_chain_filter_module);

    calls = conf->shape & NGX_HTTP_CHAIN_CALLS;
    rc = NGX_OK;

    if (!calls) {
        rc = ngx_http_next_body_filter(r, ctx->links);
    }

    for (i = 0; i < ctx->n; i++) {

        if (calls && rc != NGX_ERROR) {
            one.buf = ctx->links[i].buf;
            one.next = NULL;

            rc = ngx_http_next_body_filter(r, &one);

            if (one.buf != &ctx->bufs[i] || one.next != NULL) {
                ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                              "chain filter: a link was changed");
            }

            continue;
        }

        if (ctx->links[i].buf != &ctx->bufs[i]
            || ctx->links[i].next
               != ((i == ctx->n - 1) ? NULL : &ctx->links[i + 1]))
        {
            ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                          "chain filter: a link was changed");
        }
    }

    return rc;
}


static void
ngx_http_chain_destroy(ngx_http_chain_ctx_t *ctx)
{
    ngx_buf_t     *b;
    ngx_chain_t  **ll;

    ll = &ctx->taken;

    while (*ll) {
        b = (*ll)->buf;

        if (b->pos < b->last) {
            ll = &(*ll)->next;
            continue;
        }

        ngx_memset(b->start, '#', b->end - b->start);

        *ll = (*ll)->next;
    }
}


static void *
ngx_http_chain_create_conf(ngx_conf_t *cf)
{
    ngx_http_chain_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_chain_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     conf->shape = 0;
     */

    conf->size = NGX_CONF_UNSET_SIZE;

    return conf;
}


static char *
ngx_http_chain_merge_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_chain_conf_t *prev = parent;
    ngx_http_chain_conf_t *conf = child;

    ngx_conf_merge_size_value(conf->size, prev->size, 0);
    ngx_conf_merge_bitmask_value(conf->shape, prev->shape,
                                 NGX_CONF_BITMASK_SET);

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_chain_init(ngx_conf_t *cf)
{
    ngx_http_next_body_filter = ngx_http_top_body_filter;
    ngx_http_top_body_filter = ngx_http_chain_body_filter;

    return NGX_OK;
}
