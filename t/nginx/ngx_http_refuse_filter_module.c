
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * A filter for tests, right below the module's: answers the header of a
 * response with a status, as image and XSLT filters do with what they cannot
 * use.  nginx then makes an error page of it, though the header had been held
 * and the body is on its way.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


typedef struct {
    ngx_uint_t        status;
} ngx_http_refuse_conf_t;


static ngx_int_t ngx_http_refuse_header_filter(ngx_http_request_t *r);

static void *ngx_http_refuse_create_conf(ngx_conf_t *cf);
static ngx_int_t ngx_http_refuse_init(ngx_conf_t *cf);


static ngx_command_t  ngx_http_refuse_commands[] = {

    { ngx_string("refuse"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_refuse_conf_t, status),
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_refuse_filter_module_ctx = {
    NULL,                                  /* preconfiguration */
    ngx_http_refuse_init,                  /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    ngx_http_refuse_create_conf,           /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_refuse_filter_module = {
    NGX_MODULE_V1,
    &ngx_http_refuse_filter_module_ctx,    /* module context */
    ngx_http_refuse_commands,              /* module directives */
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


/* what configure would generate */

ngx_module_t  *ngx_modules[] = {
    &ngx_http_refuse_filter_module,
    NULL
};


char  *ngx_module_names[] = {
    "ngx_http_refuse_filter_module",
    NULL
};


char  *ngx_module_order[] = {
    "ngx_http_refuse_filter_module",
    "ngx_http_profile_module",
    NULL
};


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;


static ngx_int_t
ngx_http_refuse_header_filter(ngx_http_request_t *r)
{
    ngx_http_refuse_conf_t  *conf;

    conf = ngx_http_get_module_loc_conf(r, ngx_http_refuse_filter_module);

    /* not the error page that comes of it */

    if (conf->status != NGX_CONF_UNSET_UINT
        && r->headers_out.status == NGX_HTTP_OK)
    {
        return conf->status;
    }

    return ngx_http_next_header_filter(r);
}


static void *
ngx_http_refuse_create_conf(ngx_conf_t *cf)
{
    ngx_http_refuse_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_refuse_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    conf->status = NGX_CONF_UNSET_UINT;

    return conf;
}


static ngx_int_t
ngx_http_refuse_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_refuse_header_filter;

    return NGX_OK;
}
