
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_TURN_H_INCLUDED_
#define _NGX_HTTP_PROFILE_TURN_H_INCLUDED_


#include "response/ngx_http_profile_response.h"


/* Text that is read for a response in one turn of the event loop (H3.3). */
#define NGX_HTTP_PROFILE_TURN_SIZE  262144


/* Whether that much has been read, and until when nothing more is. */
#define ngx_http_profile_turn_over(f)                                        \
    ((f)->turn.read >= NGX_HTTP_PROFILE_TURN_SIZE)


/*
 * The response goes on in the next turn, after what others have to do.
 * Returns NGX_OK, or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_turn_wait(ngx_http_request_t *r,
    ngx_http_profile_filter_t *f);


#endif /* _NGX_HTTP_PROFILE_TURN_H_INCLUDED_ */
