
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_PROMETHEUS_H_INCLUDED_
#define _NGX_HTTP_PROFILE_PROMETHEUS_H_INCLUDED_


#include "metrics/ngx_http_profile_page.h"


/* Prints all zones as text for Prometheus. */
void ngx_http_profile_prometheus(ngx_http_profile_page_t *page);


#endif /* _NGX_HTTP_PROFILE_PROMETHEUS_H_INCLUDED_ */
