
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_SEEN_H_INCLUDED_
#define _NGX_HTTP_PROFILE_SEEN_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * The users whom a walk has met, by their ids: while it goes on others are
 * created and deleted, and who was on one page is on the next one, too (U10.2).
 * Kept are 8 bytes of MD5, which nginx has, over a key that nobody knows and
 * the id; the table takes 16 to 32 bytes a user.
 */

typedef struct ngx_http_profile_seen_s  ngx_http_profile_seen_t;


/* Its memory is given back with the pool.  Returns NULL: there is no memory. */
ngx_http_profile_seen_t *ngx_http_profile_seen_create(ngx_pool_t *pool);

/* Nobody has been met yet. */
void ngx_http_profile_seen_reset(ngx_http_profile_seen_t *seen);

/* The id has been met before: 1; it had not been: 0; there is no memory: -1. */
int ngx_http_profile_seen(void *seen, const u_char *id, size_t len);


#endif /* _NGX_HTTP_PROFILE_SEEN_H_INCLUDED_ */
