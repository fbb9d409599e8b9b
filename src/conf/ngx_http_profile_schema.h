
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_SCHEMA_H_INCLUDED_
#define _NGX_HTTP_PROFILE_SCHEMA_H_INCLUDED_


#include "conf/ngx_http_profile_conf.h"


/* The block "profile_schema NAME { ... }". */
char *ngx_http_profile_schema_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);

/*
 * The schema of this name, whose block may come later.  Returns NULL, the log
 * having been told, where the name is none or there is no memory.
 */
ngx_http_profile_schema_t *ngx_http_profile_schema_get(ngx_conf_t *cf,
    ngx_str_t *name);

/*
 * Once all is read: NGX_OK, or NGX_ERROR where a schema that was named has no
 * block.
 */
ngx_int_t ngx_http_profile_schema_check(ngx_conf_t *cf);


#endif /* _NGX_HTTP_PROFILE_SCHEMA_H_INCLUDED_ */
