
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_VALUE_H_INCLUDED_
#define _NGX_HTTP_PROFILE_VALUE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "core/profile_path.h"


/* a parameter whose value may have variables: its name ends in "=" */

typedef struct {
    const char                 *name;
    ngx_http_complex_value_t  **value;
} ngx_http_profile_value_name_t;


/*
 * A value with variables, allocated from cf->pool.  Returns NGX_CONF_OK or
 * NGX_CONF_ERROR, the log having been told.
 */
char *ngx_http_profile_value_compile(ngx_conf_t *cf, ngx_str_t *text,
    ngx_http_complex_value_t **cv);

/*
 * The parameter "if=value", which stands once: *filter is set by it and was
 * NULL before.  Returns NGX_CONF_OK, NGX_CONF_ERROR, or another text where the
 * word is none.
 */
char *ngx_http_profile_value_condition(ngx_conf_t *cf, ngx_str_t *word,
    ngx_http_complex_value_t **filter);

/* The same for a parameter of another name, which ends in "=". */
char *ngx_http_profile_value_parameter(ngx_conf_t *cf, const char *name,
    ngx_str_t *word, ngx_http_complex_value_t **cv);

/* The same for one of several, up to one without a name. */
char *ngx_http_profile_value_parameters(ngx_conf_t *cf, ngx_str_t *word,
    const ngx_http_profile_value_name_t *names);

/*
 * The same for a path of at most so many names, which has none before.  What is
 * said and is no path is NGX_CONF_ERROR, the log having been told.
 */
char *ngx_http_profile_value_path(ngx_conf_t *cf, const char *name,
    ngx_str_t *word, ngx_uint_t most, profile_path_t *path);

/*
 * The value in this request, allocated from its pool.  Returns NGX_OK, or
 * NGX_ERROR where there is no memory, for one of its variables either.
 */
ngx_int_t ngx_http_profile_value_get(ngx_http_request_t *r,
    ngx_http_complex_value_t *cv, ngx_str_t *value);

/*
 * Whether an "if=" holds.  Returns NGX_OK if it does or is NULL, NGX_DECLINED
 * if it does not, being empty or "0", or NGX_ERROR: it is not known.
 */
ngx_int_t ngx_http_profile_value_test(ngx_http_request_t *r,
    ngx_http_complex_value_t *cv);


#endif /* _NGX_HTTP_PROFILE_VALUE_H_INCLUDED_ */
