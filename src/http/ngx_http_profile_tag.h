
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_TAG_H_INCLUDED_
#define _NGX_HTTP_PROFILE_TAG_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * One entity tag.  Ours is the upstream's with a suffix, which says what was
 * made of its response, and whether its tag was weak: "abc" becomes
 * "abc~v2s0123456789abcdef" (H2.2).
 */

typedef struct {
    ngx_str_t                       text;       /* as it stands */
    ngx_str_t                       opaque;     /* between the quotes */
    unsigned                        weak:1;
    unsigned                        own:1;      /* has such a suffix */

    /* of one that is ours */

    ngx_str_t                       original;   /* opaque, too */
    uint64_t                        print;
    unsigned                        original_weak:1;
} ngx_http_profile_tag_t;


/*
 * Takes the next tag from the front of a list.  Returns NGX_OK; NGX_DECLINED:
 * what stands there is no tag, it is in tag->text; NGX_DONE: the list is empty.
 */
ngx_int_t ngx_http_profile_tag_next(ngx_str_t *list,
    ngx_http_profile_tag_t *tag);

/*
 * Gives a tag the suffix.  Returns NGX_OK, the value being allocated from the
 * pool, or NGX_ERROR: there is no memory.
 */
ngx_int_t ngx_http_profile_tag_make(ngx_pool_t *pool,
    ngx_http_profile_tag_t *tag, uint64_t print, ngx_uint_t weak,
    ngx_str_t *value);

/* Returns 1 if the value of a condition is "*", which is any tag, else 0. */
ngx_uint_t ngx_http_profile_tag_any(ngx_str_t *value);

/* Writes the original of a tag that is ours, which is the shorter one. */
u_char *ngx_http_profile_tag_undo(u_char *dst, ngx_http_profile_tag_t *tag);


#endif /* _NGX_HTTP_PROFILE_TAG_H_INCLUDED_ */
