
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_JSON_H_INCLUDED_
#define _NGX_HTTP_PROFILE_JSON_H_INCLUDED_


#include "metrics/ngx_http_profile_page.h"


/* Prints all zones as docs/status.schema.json describes it. */
void ngx_http_profile_json(ngx_http_profile_page_t *page);


#endif /* _NGX_HTTP_PROFILE_JSON_H_INCLUDED_ */
