
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_CONF_H_INCLUDED_
#define _NGX_HTTP_PROFILE_CONF_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "core/profile_path.h"
#include "core/request/profile_call.h"
#include "core/request/profile_member.h"
#include "core/response/profile_rewriter.h"
#include "core/schema/profile_schema.h"


/*
 * What the directives say: data only, a part for each wing.  Types that only
 * one wing looks into are declared here and defined there.
 */

#define NGX_HTTP_PROFILE_VERSION  "0.1.0"


typedef struct ngx_http_profile_differs_s  ngx_http_profile_differs_t;
typedef struct ngx_http_profile_fields_s   ngx_http_profile_fields_t;
typedef struct ngx_http_profile_list_s     ngx_http_profile_list_t;
typedef struct ngx_http_profile_unknown_s  ngx_http_profile_unknown_t;
typedef struct ngx_http_profile_zone_s     ngx_http_profile_zone_t;


typedef struct {
    ngx_str_t                          name;
    profile_schema_t                  *schema;  /* NULL: not defined yet */
    profile_rewriter_t                *idle;    /* the worker's, or NULL */
    u_char                            *file;
    ngx_uint_t                         line;    /* of the first mention */
} ngx_http_profile_schema_t;


/* "users=": M1.5 */

typedef enum {
    NGX_HTTP_PROFILE_USERS_UNSET = 0,
    NGX_HTTP_PROFILE_USERS_REQUIRED,
    NGX_HTTP_PROFILE_USERS_ANY,
    NGX_HTTP_PROFILE_USERS_NONE
} ngx_http_profile_users_e;


typedef struct {
    ngx_http_profile_schema_t         *schema;
    profile_path_t                     envelope;
    profile_path_t                     wrapper; /* one part at most */
    ngx_http_complex_value_t          *filter;  /* "if=" */
    ngx_http_complex_value_t          *answer;  /* NULL: that of v1 */
    ngx_http_profile_users_e           users;
    unsigned                           api_v2:1;
} ngx_http_profile_rewrite_t;


typedef struct {
    ngx_http_profile_schema_t         *schema;
    profile_guard_mode_e               mode;
    profile_path_t                     wrapper; /* of "mode=v1", as above */
    profile_str_t                      id;      /* of "mode=call" */
    const profile_guard_rename_t      *renames;
    ngx_uint_t                         nrenames;
    ngx_http_complex_value_t          *filter;  /* "if=" */
} ngx_http_profile_guard_t;


/* a path with one "*" for one segment */

typedef struct {
    ngx_str_t                          prefix;
    ngx_str_t                          suffix;
} ngx_http_profile_template_t;


typedef struct {
    ngx_http_profile_guard_t          *guard;   /* NULL: off */
    ngx_flag_t                         dry_run;
    ngx_uint_t                         status;
    size_t                             max_body_size;
    ngx_http_profile_template_t       *user_id; /* NULL: none */

    ngx_http_complex_value_t          *calls[PROFILE_CALLS];
    ngx_uint_t                         ncalls;
    u_char                            *calls_file;
    ngx_uint_t                         calls_line;  /* of the first one */
} ngx_http_profile_request_conf_t;


/* "profile_unreadable_user" */

typedef enum {
    NGX_HTTP_PROFILE_UNREADABLE_UNSET = 0,  /* skip with "api=v2" */
    NGX_HTTP_PROFILE_UNREADABLE_SKIP,
    NGX_HTTP_PROFILE_UNREADABLE_FAIL
} ngx_http_profile_unreadable_e;


typedef struct {
    ngx_http_profile_rewrite_t        *rewrite; /* NULL: off */
    ngx_flag_t                         dry_run;
    ngx_uint_t                         unreadable;

    ngx_hash_t                         types;
    ngx_array_t                       *types_keys;
    uint64_t                           types_print; /* fingerprint of them */

    size_t                             buffer_size;
} ngx_http_profile_response_conf_t;


typedef struct {
    ngx_http_profile_zone_t           *zone;    /* NULL: off */
    ngx_str_t                          format;  /* of the page; empty: any */
} ngx_http_profile_metrics_conf_t;


/* an argument of the query that the configuration reads */

typedef struct {
    ngx_str_t                          name;
    ngx_uint_t                         segment; /* as one of a path */
} ngx_http_profile_arg_t;


typedef struct {
    ngx_array_t                        schemas; /* of schema_t * */
    ngx_array_t                        args;    /* of arg_t */
    ngx_array_t                        zones;   /* of zone_t * */
    ngx_http_profile_unknown_t        *unknown;
    ngx_http_profile_differs_t        *differs;
    u_char                            *late;    /* of each variable: 1 or 0 */
    ngx_uint_t                         rewrites; /* somewhere: 1 */
} ngx_http_profile_main_conf_t;


/* "profile_walk": how a list is counted of which only totals are wanted */

typedef enum {
    NGX_HTTP_PROFILE_WALK_COUNT_OFF = 0,
    NGX_HTTP_PROFILE_WALK_COUNT_WALK,
    NGX_HTTP_PROFILE_WALK_COUNT_PROBE
} ngx_http_profile_walk_count_e;


typedef struct {
    ngx_http_complex_value_t          *uri;
    ngx_http_complex_value_t          *query;   /* NULL: none */
    ngx_http_complex_value_t          *sort;    /* NULL: as v1 has it */
    ngx_http_complex_value_t          *filter;  /* "if=" */
    ngx_uint_t                         size;    /* users a page */
    ngx_uint_t                         pages;   /* at most */
    ngx_uint_t                         parallel; /* pages at a time */
    ngx_uint_t                         walks;   /* at a time, in a worker */
    ngx_msec_t                         time;
    ngx_http_profile_walk_count_e      count;
    u_char                            *file;
    ngx_uint_t                         line;
} ngx_http_profile_walk_conf_t;


typedef struct {
    ngx_http_profile_request_conf_t    request;
    ngx_http_profile_response_conf_t   response;
    ngx_http_profile_metrics_conf_t    metrics;

    /* of what a request asks for and a response is made of */

    ngx_http_profile_list_t           *list;    /* NULL: none */
    ngx_http_profile_walk_conf_t      *walk;    /* NULL: none */
    size_t                             sort_buffer;
    ngx_http_profile_fields_t         *fields;  /* NULL: all */
    ngx_http_complex_value_t          *cors;    /* NULL: off */
    ngx_http_complex_value_t          *exact;   /* NULL: off */

    /* of all JSON that is read */

    size_t                             max_user_size;
    ngx_uint_t                         max_depth;
} ngx_http_profile_loc_conf_t;


extern ngx_module_t  ngx_http_profile_module;


#endif /* _NGX_HTTP_PROFILE_CONF_H_INCLUDED_ */
