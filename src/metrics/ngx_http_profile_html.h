
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_HTML_H_INCLUDED_
#define _NGX_HTTP_PROFILE_HTML_H_INCLUDED_


#include "metrics/ngx_http_profile_page.h"


/* Prints all zones for people, who do not want to see zeros. */
void ngx_http_profile_html(ngx_http_profile_page_t *page);


#endif /* _NGX_HTTP_PROFILE_HTML_H_INCLUDED_ */
