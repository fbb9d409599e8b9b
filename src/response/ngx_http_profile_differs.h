
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_DIFFERS_H_INCLUDED_
#define _NGX_HTTP_PROFILE_DIFFERS_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "core/schema/profile_schema.h"


/*
 * For profile_notice_t, data being the request: counts an attribute that v1's
 * bag makes another one than the schema would, and tells the log, once in each
 * worker.
 */
void ngx_http_profile_differs_tell(void *data, const profile_name_t *name,
    int metadata, int known);

/* Returns NGX_OK, or NGX_ERROR: there is no memory. */
ngx_int_t ngx_http_profile_differs_init(ngx_conf_t *cf);


#endif /* _NGX_HTTP_PROFILE_DIFFERS_H_INCLUDED_ */
