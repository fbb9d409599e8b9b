
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_alloc.h"
#include "conf/ngx_http_profile_schema.h"
#include "core/response/profile_rewriter.h"
#include "core/schema/profile_schema_build.h"
#include "core/schema/profile_schema_make.h"


static char *ngx_http_profile_schema_statement(ngx_conf_t *cf,
    ngx_command_t *dummy, void *conf);
static ngx_int_t ngx_http_profile_schema_create(ngx_conf_t *cf,
    ngx_http_profile_schema_t *schema);
static ngx_int_t ngx_http_profile_schema_seed(ngx_conf_t *cf,
    profile_hash_t *seed);
static void ngx_http_profile_schema_cleanup(void *data);


char *
ngx_http_profile_schema_block(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char                       *rv;
    ngx_str_t                  *value;
    ngx_conf_t                  save;
    ngx_http_profile_schema_t  *schema;

    value = cf->args->elts;

    schema = ngx_http_profile_schema_get(cf, &value[1]);
    if (schema == NULL) {
        return NGX_CONF_ERROR;
    }

    if (schema->schema) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "duplicate profile_schema \"%V\", first in %s:%ui",
                           &value[1], schema->file, schema->line);
        return NGX_CONF_ERROR;
    }

    /* of the block, no longer of the first mention */

    schema->file = cf->conf_file->file.name.data;
    schema->line = cf->conf_file->line;

    if (ngx_http_profile_schema_create(cf, schema) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    save = *cf;
    cf->handler = ngx_http_profile_schema_statement;
    cf->handler_conf = (void *) schema;

    rv = ngx_conf_parse(cf, NULL);

    *cf = save;

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    if (profile_schema_finish(schema->schema) != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%*s",
                           profile_schema_error(schema->schema)->len,
                           profile_schema_error(schema->schema)->data);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_profile_schema_statement(ngx_conf_t *cf, ngx_command_t *dummy,
    void *conf)
{
    ngx_str_t                  *value;
    ngx_uint_t                  i;
    profile_str_t               file, *words;
    ngx_http_profile_schema_t  *schema;

    schema = conf;
    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_strcmp(value[0].data, "include") == 0) {
        return ngx_conf_include(cf, dummy, conf);
    }

    words = ngx_palloc(cf->temp_pool,
                       cf->args->nelts * sizeof(profile_str_t));
    if (words == NULL) {
        return NGX_CONF_ERROR;
    }

    for (i = 0; i < cf->args->nelts; i++) {
        words[i].len = value[i].len;
        words[i].data = value[i].data;
    }

    /* the name of the file is the cycle's, which outlives the schema */

    file.len = cf->conf_file->file.name.len;
    file.data = cf->conf_file->file.name.data;

    if (profile_schema_add(schema->schema, &file, cf->conf_file->line, words,
                           cf->args->nelts)
        != 0)
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%*s",
                           profile_schema_error(schema->schema)->len,
                           profile_schema_error(schema->schema)->data);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_profile_schema_create(ngx_conf_t *cf,
    ngx_http_profile_schema_t *schema)
{
    profile_hash_t       seed;
    ngx_pool_cleanup_t  *cln;

    if (ngx_http_profile_schema_seed(cf, &seed) != NGX_OK) {
        return NGX_ERROR;
    }

    cln = ngx_pool_cleanup_add(cf->pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    schema->schema = profile_schema_create(&ngx_http_profile_alloc, &seed);
    if (schema->schema == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_profile_schema_cleanup;
    cln->data = schema;

    return NGX_OK;
}


/* random() is not seeded yet while the master reads the configuration */

static ngx_int_t
ngx_http_profile_schema_seed(ngx_conf_t *cf, profile_hash_t *seed)
{
    ssize_t          n;
    ngx_fd_t         fd;
    static u_char    name[] = "/dev/urandom";

    fd = ngx_open_file(name, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_open_file_n " \"%s\" failed", name);
        return NGX_ERROR;
    }

    n = ngx_read_fd(fd, seed, sizeof(profile_hash_t));

    if (n != sizeof(profile_hash_t)) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, ngx_errno,
                           ngx_read_fd_n " \"%s\" failed", name);
    }

    if (ngx_close_file(fd) == NGX_FILE_ERROR) {
        ngx_conf_log_error(NGX_LOG_ALERT, cf, ngx_errno,
                           ngx_close_file_n " \"%s\" failed", name);
    }

    return n == sizeof(profile_hash_t) ? NGX_OK : NGX_ERROR;
}


static void
ngx_http_profile_schema_cleanup(void *data)
{
    ngx_http_profile_schema_t  *schema = data;

    profile_rewriter_destroy(schema->idle);
    profile_schema_destroy(schema->schema);
}


/* the order of directives does not matter: a name may come before its block */

ngx_http_profile_schema_t *
ngx_http_profile_schema_get(ngx_conf_t *cf, ngx_str_t *name)
{
    ngx_uint_t                     i;
    ngx_http_profile_schema_t     *schema, **schemas;
    ngx_http_profile_main_conf_t  *pmcf;

    if (name->len == 0 || ngx_strcmp(name->data, "off") == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid schema name \"%V\", expected any word "
                           "but \"off\"", name);
        return NULL;
    }

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_profile_module);

    schemas = pmcf->schemas.elts;

    for (i = 0; i < pmcf->schemas.nelts; i++) {

        if (schemas[i]->name.len == name->len
            && ngx_strncmp(schemas[i]->name.data, name->data, name->len) == 0)
        {
            return schemas[i];
        }
    }

    schema = ngx_pcalloc(cf->pool, sizeof(ngx_http_profile_schema_t));
    if (schema == NULL) {
        return NULL;
    }

    schemas = ngx_array_push(&pmcf->schemas);
    if (schemas == NULL) {
        return NULL;
    }

    *schemas = schema;

    schema->name = *name;
    schema->file = cf->conf_file->file.name.data;
    schema->line = cf->conf_file->line;

    return schema;
}


ngx_int_t
ngx_http_profile_schema_check(ngx_conf_t *cf)
{
    ngx_uint_t                      i;
    ngx_http_profile_schema_t     **schemas;
    ngx_http_profile_main_conf_t   *pmcf;

    pmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_profile_module);

    schemas = pmcf->schemas.elts;

    for (i = 0; i < pmcf->schemas.nelts; i++) {

        if (schemas[i]->schema == NULL) {
            ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                          "unknown profile_schema \"%V\" in %s:%ui",
                          &schemas[i]->name, schemas[i]->file,
                          schemas[i]->line);
            return NGX_ERROR;
        }
    }

    return NGX_OK;
}
