
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_WALKER_PROBE_H_INCLUDED_
#define _NGX_HTTP_PROFILE_WALKER_PROBE_H_INCLUDED_


#include "request/ngx_http_profile_walker_read.h"


/*
 * Begins to count the users of a list (U10.4), w->probe being set: v1 is asked
 * for single ones, the first of them being the one behind the page that the
 * client asks for.  Returns NGX_OK, or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_walker_probe_start(ngx_http_profile_walker_t *w);

/*
 * Counts on, as far as v1 lets it.  Returns NGX_AGAIN: v1 has to say something
 * first; NGX_DECLINED: they are counted, w->walk->total says it, and the list
 * itself may be asked for; all else as ngx_http_profile_walker_read(), which
 * answers where v1 does not.
 */
ngx_int_t ngx_http_profile_walker_probe(ngx_http_profile_walker_t *w);


#endif /* _NGX_HTTP_PROFILE_WALKER_PROBE_H_INCLUDED_ */
