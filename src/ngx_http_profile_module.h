
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _NGX_HTTP_PROFILE_MODULE_H_INCLUDED_
#define _NGX_HTTP_PROFILE_MODULE_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "core/profile_error.h"
#include "core/request/profile_guard.h"
#include "core/request/profile_guard_message.h"
#include "core/response/profile_message.h"
#include "core/response/profile_rewriter.h"
#include "core/schema/profile_schema.h"
#include "core/request/profile_upgrade.h"
#include "core/request/profile_upgrade_bag.h"


#define NGX_HTTP_PROFILE_VERSION   "0.1.0"


/* r->buffered has four bits: SSI has 1, sub 2, copy 4 */
#define NGX_HTTP_PROFILE_BUFFERED  0x08


typedef struct {
    ngx_str_t                     name;
    profile_schema_t             *schema;       /* NULL: not defined yet */
    u_char                       *file;
    ngx_uint_t                    line;         /* of the first mention */
} ngx_http_profile_schema_t;


typedef struct {
    ngx_http_profile_schema_t    *schema;
    ngx_str_t                     envelope;
    ngx_http_complex_value_t     *filter;       /* "if=" */
    unsigned                      api_v2:1;
} ngx_http_profile_rewrite_t;


typedef struct {
    ngx_http_profile_schema_t    *schema;
    profile_guard_mode_e          mode;
    ngx_http_complex_value_t     *filter;       /* "if=" */
} ngx_http_profile_guard_t;


/* a path with one "*" for one segment */

typedef struct {
    ngx_str_t                     prefix;
    ngx_str_t                     suffix;
} ngx_http_profile_template_t;


/* what stands for the "*" in the path of a request */

typedef struct {
    ngx_http_profile_template_t  *template;     /* NULL: not known */
    ngx_str_t                     value;
    ngx_str_t                     escaped;
} ngx_http_profile_id_t;


typedef struct ngx_http_profile_zone_s     ngx_http_profile_zone_t;
typedef struct ngx_http_profile_unknown_s  ngx_http_profile_unknown_t;


typedef struct {
    ngx_array_t                   schemas;      /* of schema_t * */
    ngx_array_t                   args;         /* of names: ngx_str_t */
    ngx_array_t                   zones;        /* of zone_t * */
    ngx_http_profile_unknown_t   *unknown;
} ngx_http_profile_main_conf_t;


typedef struct ngx_http_profile_list_s    ngx_http_profile_list_t;
typedef struct ngx_http_profile_fields_s  ngx_http_profile_fields_t;


typedef struct {
    ngx_http_profile_rewrite_t   *rewrite;      /* NULL: off */
    ngx_flag_t                    rewrite_dry_run;

    ngx_hash_t                    types;
    ngx_array_t                  *types_keys;

    ngx_http_profile_guard_t     *guard;        /* NULL: off */
    ngx_flag_t                    guard_dry_run;
    ngx_uint_t                    guard_status;
    size_t                        guard_max_body_size;
    ngx_http_profile_template_t  *user_id;      /* NULL: none */

    ngx_http_complex_value_t     *calls[PROFILE_CALLS];
    ngx_uint_t                    ncalls;
    u_char                       *calls_file;
    ngx_uint_t                    calls_line;   /* of the first one */

    ngx_http_profile_list_t      *list;         /* NULL: none */
    ngx_http_profile_fields_t    *fields;       /* NULL: all */

    ngx_http_profile_zone_t      *metrics;      /* NULL: off */
    ngx_str_t                     status;       /* a format; empty: any */

    size_t                        buffer_size;
    size_t                        max_user_size;
    ngx_uint_t                    max_depth;
} ngx_http_profile_loc_conf_t;


typedef struct ngx_http_profile_inflate_s  ngx_http_profile_inflate_t;


/* a v1 call and its answer, or an answer that is to become an error */

typedef struct {
    ngx_http_request_t           *request;      /* the subrequest */
    ngx_http_profile_inflate_t   *inflate;
    ngx_uint_t                    status;
    profile_buf_t                 body;
    size_t                        limit;        /* of body, by the status */
    size_t                        max_size;     /* of a whole body */
    unsigned                      write:1;
    unsigned                      whole:1;      /* a success is read too */
    unsigned                      complete:1;
    unsigned                      truncated:1;
    unsigned                      done:1;
    unsigned                      client_error:1;
} ngx_http_profile_call_t;


/* the first that happened is that of the request */

typedef enum {
    NGX_HTTP_PROFILE_BLOCKED = 0,
    NGX_HTTP_PROFILE_FAILED,
    NGX_HTTP_PROFILE_UPGRADED,
    NGX_HTTP_PROFILE_REWRITTEN,
    NGX_HTTP_PROFILE_PASSED,
    NGX_HTTP_PROFILE_WOULD_BLOCK,
    NGX_HTTP_PROFILE_WOULD_FAIL,
    NGX_HTTP_PROFILE_WOULD_REWRITE,
    NGX_HTTP_PROFILE_NOTHING
} ngx_http_profile_action_e;


/* what a v1 call led to: 2xx, another answer of v1, none */

typedef enum {
    NGX_HTTP_PROFILE_CALL_OK = 0,
    NGX_HTTP_PROFILE_CALL_REFUSED,
    NGX_HTTP_PROFILE_CALL_FAILED
} ngx_http_profile_call_result_e;


#define NGX_HTTP_PROFILE_CALL_RESULTS  (NGX_HTTP_PROFILE_CALL_FAILED + 1)


/*
 * What was done for a main request, its subrequests included.  Contexts do
 * not survive an internal redirect, so it is found through its pool cleanup.
 */

typedef struct {
    ngx_http_profile_action_e     action;
    profile_reason_e              reason;
    profile_counts_t              counts;
    off_t                         bytes_in;
    off_t                         bytes_out;
    uint64_t                      time;         /* nanoseconds */
    ngx_str_t                     blocked;      /* names, escaped */
    profile_reason_e              write;        /* what the guard said */
    ngx_http_profile_loc_conf_t  *guarded;      /* where it said so */
    ngx_http_profile_template_t  *user_id;
    ngx_http_profile_id_t         id;
    struct ngx_http_profile_upgrade_s  *upgrade;
    ngx_uint_t                    calls;        /* of v1, made */
    ngx_str_t                     applied;      /* before a failure */
    ngx_uint_t                    method;       /* before the last call */
    ngx_str_t                     method_name;
    ngx_uint_t                    open;         /* responses under way */

    ngx_http_request_t           *request;      /* the main one */
    ngx_http_profile_zone_t      *metrics;
    ngx_str_t                    *names;        /* refused and known */
    ngx_uint_t                    nnames;
    ngx_uint_t                    other;        /* refused names besides */
    ngx_uint_t                    results[PROFILE_CALLS]
                                         [NGX_HTTP_PROFILE_CALL_RESULTS];
    ngx_uint_t                    last;         /* call's kind plus 1, or 0 */

    unsigned                      rewrite:1;    /* is to be rewritten */
    unsigned                      dry_run:1;
    unsigned                      answered:1;   /* the filter has seen it */
    unsigned                      closed:1;     /* all is said */
} ngx_http_profile_record_t;


typedef struct ngx_http_profile_filter_s   ngx_http_profile_filter_t;
typedef struct ngx_http_profile_verdict_s  ngx_http_profile_verdict_t;
typedef struct ngx_http_profile_upgrade_s  ngx_http_profile_upgrade_t;


typedef struct {
    ngx_http_profile_filter_t    *filter;
    ngx_http_profile_verdict_t   *verdict;
    ngx_str_t                    *args;         /* as in main_conf_t, escaped */
    unsigned                      answered:1;   /* by us, as it is */
} ngx_http_profile_ctx_t;


/* ngx_http_profile_module.c */

ngx_http_profile_ctx_t *ngx_http_profile_get_ctx(ngx_http_request_t *r);

extern ngx_module_t           ngx_http_profile_module;
extern const profile_alloc_t  ngx_http_profile_alloc;


/* ngx_http_profile_schema.c */

char *ngx_http_profile_schema_block(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
ngx_http_profile_schema_t *ngx_http_profile_schema_get(ngx_conf_t *cf,
    ngx_str_t *name);
ngx_int_t ngx_http_profile_schema_check(ngx_conf_t *cf);


/* ngx_http_profile_filter.c */

ngx_int_t ngx_http_profile_filter_init(ngx_conf_t *cf);


/* ngx_http_profile_headers.c */

ngx_table_elt_t *ngx_http_profile_next_header(ngx_list_part_t **part,
    ngx_uint_t *i);
ngx_int_t ngx_http_profile_test_type(ngx_http_request_t *r, ngx_hash_t *types);
ngx_int_t ngx_http_profile_test_gzip(ngx_http_request_t *r);
void ngx_http_profile_change_headers(ngx_http_request_t *r);
void ngx_http_profile_change_trailers(ngx_http_request_t *r);
ngx_int_t ngx_http_profile_replace_headers(ngx_http_request_t *r,
    ngx_uint_t status, size_t len, ngx_list_t *from);


/* ngx_http_profile_inflate.c */

ngx_http_profile_inflate_t *ngx_http_profile_inflate_create(
    ngx_http_request_t *r);
ngx_int_t ngx_http_profile_inflate(ngx_http_profile_inflate_t *inf,
    ngx_buf_t *in, ngx_str_t *out);
ngx_uint_t ngx_http_profile_inflate_finished(ngx_http_profile_inflate_t *inf);


/* ngx_http_profile_error.c */

ngx_int_t ngx_http_profile_error_body(ngx_http_request_t *r,
    ngx_uint_t status, const profile_str_t *message,
    const profile_str_t *code, ngx_str_t *body);
ngx_int_t ngx_http_profile_send_reason(ngx_http_request_t *r,
    profile_reason_e reason);
ngx_int_t ngx_http_profile_send_body(ngx_http_request_t *r, ngx_uint_t status,
    ngx_str_t *body, ngx_list_t *from);
void ngx_http_profile_error_phrase(ngx_uint_t status, profile_str_t *phrase);
ngx_int_t ngx_http_profile_send_error(ngx_http_request_t *r,
    ngx_uint_t status, const profile_str_t *message,
    const profile_str_t *code);


/* ngx_http_profile_guard.c */

ngx_int_t ngx_http_profile_guard_init(ngx_conf_t *cf);


/* ngx_http_profile_guard_headers.c */

profile_reason_e ngx_http_profile_guard_headers(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);
ngx_uint_t ngx_http_profile_guard_has_body(ngx_http_request_t *r);
profile_reason_e ngx_http_profile_guard_content(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);
profile_reason_e ngx_http_profile_guard_no_body(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);


/* ngx_http_profile_guard_answer.c */

ngx_int_t ngx_http_profile_guard_refuse(ngx_http_request_t *r,
    profile_reason_e reason, profile_guard_t *guard);
ngx_int_t ngx_http_profile_blocked_names(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, const profile_refused_t *refused);


/* ngx_http_profile_call.c */

ngx_int_t ngx_http_profile_call_init(ngx_http_request_t *r,
    ngx_http_profile_call_t *call);
ngx_int_t ngx_http_profile_call(ngx_http_request_t *r,
    ngx_http_profile_call_t *call, ngx_str_t *uri);
ngx_int_t ngx_http_profile_call_headers(ngx_http_request_t *r);
ngx_http_profile_call_t *ngx_http_profile_get_call(ngx_http_request_t *r);
ngx_int_t ngx_http_profile_call_header_filter(ngx_http_request_t *r,
    ngx_http_profile_call_t *call);
ngx_int_t ngx_http_profile_call_body_filter(ngx_http_request_t *r,
    ngx_http_profile_call_t *call, ngx_chain_t *in);


/* ngx_http_profile_upgrade.c */

char *ngx_http_profile_call_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_profile_call_check(ngx_conf_t *cf,
    ngx_http_profile_loc_conf_t *plcf);
ngx_uint_t ngx_http_profile_upgrades(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);
ngx_int_t ngx_http_profile_upgrade_handler(ngx_http_request_t *r,
    profile_guard_t *guard);
ngx_int_t ngx_http_profile_upgrade_applied(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, ngx_uint_t status);
void ngx_http_profile_upgrade_body(ngx_http_profile_upgrade_t *u,
    ngx_str_t *body);


/* ngx_http_profile_api.c */

ngx_int_t ngx_http_profile_api_request(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf);

ngx_int_t ngx_http_profile_api_status(ngx_http_request_t *r);
ngx_int_t ngx_http_profile_api_error(ngx_http_request_t *r,
    ngx_http_profile_call_t *call, ngx_str_t *applied, ngx_uint_t *status,
    ngx_str_t *body);


/* ngx_http_profile_list.c */

char *ngx_http_profile_list_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
char *ngx_http_profile_fields_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
ngx_int_t ngx_http_profile_list_test(ngx_http_request_t *r,
    ngx_http_profile_list_t *list, ngx_str_t *bad);
ngx_int_t ngx_http_profile_list_conf(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, profile_rewriter_conf_t *conf);
void ngx_http_profile_list_headers(ngx_http_request_t *r);


/* ngx_http_profile_request.c */

char *ngx_http_profile_user_id(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
ngx_int_t ngx_http_profile_get_user_id(ngx_http_request_t *r,
    ngx_http_profile_template_t *t, ngx_http_profile_id_t *id);
ngx_int_t ngx_http_profile_add_request_variables(ngx_conf_t *cf);


/* ngx_http_profile_args.c */

ngx_int_t ngx_http_profile_test_args(ngx_http_request_t *r, ngx_str_t *bad);
ngx_int_t ngx_http_profile_init_args(ngx_conf_t *cf);


/* ngx_http_profile_zone.c */

char *ngx_http_profile_zone(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
char *ngx_http_profile_metrics(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);
ngx_int_t ngx_http_profile_zone_check(ngx_conf_t *cf);


/* ngx_http_profile_metrics.c */

ngx_int_t ngx_http_profile_metrics_init(ngx_conf_t *cf);
ngx_http_profile_record_t *ngx_http_profile_find_record(
    ngx_http_request_t *r);
ngx_http_profile_record_t *ngx_http_profile_get_record(ngx_http_request_t *r);
void ngx_http_profile_set_action(ngx_http_profile_record_t *record,
    ngx_http_profile_action_e action, profile_reason_e reason);
ngx_int_t ngx_http_profile_count_blocked(ngx_http_request_t *r,
    ngx_http_profile_record_t *record, const profile_schema_t *schema,
    const profile_refused_t *refused);
void ngx_http_profile_count_call(ngx_http_request_t *r, profile_call_e kind,
    ngx_uint_t status);
void ngx_http_profile_unknown_provider(void *data, const u_char *name,
    size_t len);
uint64_t ngx_http_profile_now(void);


/* ngx_http_profile_variables.c */

extern ngx_str_t  ngx_http_profile_actions[];

ngx_int_t ngx_http_profile_add_variables(ngx_conf_t *cf);
ngx_int_t ngx_http_profile_value(ngx_http_request_t *r,
    ngx_http_complex_value_t *cv, ngx_str_t *value);
ngx_int_t ngx_http_profile_test_condition(ngx_http_request_t *r,
    ngx_http_complex_value_t *cv);


/* ngx_http_profile_status.c */

char *ngx_http_profile_status(ngx_conf_t *cf, ngx_command_t *cmd, void *conf);


#endif /* _NGX_HTTP_PROFILE_MODULE_H_INCLUDED_ */
