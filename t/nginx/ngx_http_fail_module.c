
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Makes allocations fail, for tests.  A request with the header "X-Fail-Alloc:
 * N" loses the N-th allocation from there to its end, with "X-Fail-Alloc: N M"
 * the M that begin with it; $fail_failed tells how many have failed since the
 * last such request began.  The directive fail_alloc does so from its place to
 * the end of reading the configuration, and tells how many have failed.
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>


typedef struct {
    ngx_uint_t                first;
    ngx_uint_t                number;
    ngx_uint_t                seen;
    ngx_uint_t                failed;
    unsigned                  on:1;
} ngx_http_fail_t;


void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *p, size_t size);
int __wrap_posix_memalign(void **p, size_t alignment, size_t size);
void *__real_malloc(size_t size);
void *__real_realloc(void *p, size_t size);
int __real_posix_memalign(void **p, size_t alignment, size_t size);

static ngx_uint_t ngx_http_fail_this(void);
static ngx_int_t ngx_http_fail_start(u_char *p, u_char *last);
static ngx_int_t ngx_http_fail_handler(ngx_http_request_t *r);
static void ngx_http_fail_cleanup(void *data);
static ngx_int_t ngx_http_fail_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);
static char *ngx_http_fail_alloc(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static ngx_int_t ngx_http_fail_add_variables(ngx_conf_t *cf);
static ngx_int_t ngx_http_fail_init(ngx_conf_t *cf);
static ngx_int_t ngx_http_fail_init_module(ngx_cycle_t *cycle);


static ngx_http_fail_t  ngx_http_fail;


static ngx_command_t  ngx_http_fail_commands[] = {

    { ngx_string("fail_alloc"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_fail_alloc,
      0,
      0,
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_fail_module_ctx = {
    ngx_http_fail_add_variables,           /* preconfiguration */
    ngx_http_fail_init,                    /* postconfiguration */

    NULL,                                  /* create main configuration */
    NULL,                                  /* init main configuration */

    NULL,                                  /* create server configuration */
    NULL,                                  /* merge server configuration */

    NULL,                                  /* create location configuration */
    NULL                                   /* merge location configuration */
};


ngx_module_t  ngx_http_fail_module = {
    NGX_MODULE_V1,
    &ngx_http_fail_module_ctx,             /* module context */
    ngx_http_fail_commands,                /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    ngx_http_fail_init_module,             /* init module */
    NULL,                                  /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    NULL,                                  /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


void *
__wrap_malloc(size_t size)
{
    return ngx_http_fail_this() ? NULL : __real_malloc(size);
}


void *
__wrap_realloc(void *p, size_t size)
{
    return ngx_http_fail_this() ? NULL : __real_realloc(p, size);
}


int
__wrap_posix_memalign(void **p, size_t alignment, size_t size)
{
    return ngx_http_fail_this() ? ENOMEM
                                : __real_posix_memalign(p, alignment, size);
}


static ngx_uint_t
ngx_http_fail_this(void)
{
    ngx_http_fail_t  *fail;

    fail = &ngx_http_fail;

    if (!fail->on) {
        return 0;
    }

    fail->seen++;

    if (fail->seen < fail->first || fail->seen >= fail->first + fail->number) {
        return 0;
    }

    fail->failed++;
    ngx_set_errno(ENOMEM);

    return 1;
}


static ngx_int_t
ngx_http_fail_start(u_char *p, u_char *last)
{
    u_char     *space;
    ngx_int_t   first, number;

    number = 1;
    space = ngx_strlchr(p, last, ' ');

    if (space) {
        number = ngx_atoi(space + 1, last - space - 1);
        last = space;
    }

    first = ngx_atoi(p, last - p);

    if (first == NGX_ERROR || number == NGX_ERROR) {
        return NGX_ERROR;
    }

    ngx_memzero(&ngx_http_fail, sizeof(ngx_http_fail_t));

    ngx_http_fail.first = first;
    ngx_http_fail.number = number;
    ngx_http_fail.on = 1;

    return NGX_OK;
}


static ngx_int_t
ngx_http_fail_handler(ngx_http_request_t *r)
{
    ngx_uint_t           i;
    ngx_list_part_t     *part;
    ngx_table_elt_t     *h;
    ngx_pool_cleanup_t  *cln;

    part = &r->headers_in.headers.part;

    for (i = 0; /* void */; i++) {

        if (i == part->nelts) {
            part = part->next;

            if (part == NULL) {
                return NGX_DECLINED;
            }

            i = 0;
        }

        h = (ngx_table_elt_t *) part->elts + i;

        if (h->key.len == sizeof("x-fail-alloc") - 1
            && ngx_strncmp(h->lowcase_key, "x-fail-alloc", h->key.len) == 0)
        {
            break;
        }
    }

    cln = ngx_pool_cleanup_add(r->pool, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln->handler = ngx_http_fail_cleanup;

    if (ngx_http_fail_start(h->value.data, h->value.data + h->value.len)
        != NGX_OK)
    {
        return NGX_HTTP_BAD_REQUEST;
    }

    return NGX_DECLINED;
}


static void
ngx_http_fail_cleanup(void *data)
{
    ngx_http_fail.on = 0;
}


static ngx_int_t
ngx_http_fail_variable(ngx_http_request_t *r, ngx_http_variable_value_t *v,
    uintptr_t data)
{
    v->data = ngx_pnalloc(r->pool, NGX_INT_T_LEN);
    if (v->data == NULL) {
        return NGX_ERROR;
    }

    v->len = ngx_sprintf(v->data, "%ui", ngx_http_fail.failed) - v->data;
    v->valid = 1;
    v->no_cacheable = 0;
    v->not_found = 0;

    return NGX_OK;
}


static char *
ngx_http_fail_alloc(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_str_t  *value;

    value = cf->args->elts;

    if (ngx_http_fail_start(value[1].data, value[1].data + value[1].len)
        != NGX_OK)
    {
        return "is invalid";
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_fail_add_variables(ngx_conf_t *cf)
{
    ngx_str_t             name = ngx_string("fail_failed");
    ngx_http_variable_t  *var;

    var = ngx_http_add_variable(cf, &name, 0);
    if (var == NULL) {
        return NGX_ERROR;
    }

    var->get_handler = ngx_http_fail_variable;

    return NGX_OK;
}


static ngx_int_t
ngx_http_fail_init(ngx_conf_t *cf)
{
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_POST_READ_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = ngx_http_fail_handler;

    return NGX_OK;
}


static ngx_int_t
ngx_http_fail_init_module(ngx_cycle_t *cycle)
{
    if (ngx_http_fail.on) {
        ngx_http_fail.on = 0;

        ngx_log_stderr(0, "allocations that failed: %ui of %ui",
                       ngx_http_fail.failed, ngx_http_fail.seen);
    }

    return NGX_OK;
}
