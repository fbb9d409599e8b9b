
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_TUNNEL_H_INCLUDED_
#define _NGX_HTTP_PROFILE_TUNNEL_H_INCLUDED_


#include "response/ngx_http_profile_response.h"


/*
 * H1.4, first in the header filter.  Returns NGX_DECLINED where nothing of a
 * tunnel is to be seen.  Where one would begin it tells the log and the record,
 * and returns the status with which nginx leaves the upstream; it then comes by
 * again, for our own answer, and what the next header filter says is returned.
 */
ngx_int_t ngx_http_profile_tunnel_header(ngx_http_request_t *r);

/* H1.4: puts a filter before those of early hints, where nginx has them. */
void ngx_http_profile_tunnel_set_filter(void);


#endif /* _NGX_HTTP_PROFILE_TUNNEL_H_INCLUDED_ */
