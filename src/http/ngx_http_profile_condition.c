
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>

#include "conf/ngx_http_profile_value.h"
#include "http/ngx_http_profile_condition.h"
#include "http/ngx_http_profile_early.h"
#include "http/ngx_http_profile_etag.h"
#include "http/ngx_http_profile_headers.h"
#include "http/ngx_http_profile_tag.h"


/* "If-Match" or "If-None-Match" */

typedef struct {
    ngx_table_elt_t                *header;     /* NULL: there is none */
    ngx_str_t                       value;      /* that goes up, or empty */
    unsigned                        any:1;      /* is "*" */
    unsigned                        changed:1;
    unsigned                        odd:1;      /* holds what is no tag */
} ngx_http_profile_condition_t;


static ngx_uint_t ngx_http_profile_condition_any(ngx_http_request_t *r);
static ngx_int_t ngx_http_profile_condition_keep(ngx_http_request_t *r,
    ngx_http_profile_record_t *record);
static ngx_int_t ngx_http_profile_condition_restore(ngx_http_request_t *r,
    ngx_http_profile_record_t *record);
static ngx_int_t ngx_http_profile_condition_scope(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_etag_t *e);
static ngx_int_t ngx_http_profile_condition_read(ngx_http_request_t *r,
    ngx_http_profile_etag_t *e, const ngx_str_t *name,
    ngx_http_profile_condition_t *c);
static u_char *ngx_http_profile_condition_read_line(ngx_http_profile_etag_t *e,
    ngx_str_t *line, ngx_http_profile_condition_t *c, u_char *p);
static const char *ngx_http_profile_condition_refused(ngx_http_request_t *r,
    ngx_http_profile_etag_t *e, ngx_http_profile_condition_t *match,
    ngx_http_profile_condition_t *none_match);
static const char *ngx_http_profile_condition_plan(ngx_http_request_t *r,
    ngx_http_profile_condition_t *match,
    ngx_http_profile_condition_t *none_match);
static ngx_int_t ngx_http_profile_condition_send(ngx_http_request_t *r,
    ngx_http_profile_etag_t *e, ngx_http_profile_condition_t *match,
    ngx_http_profile_condition_t *none_match);
static ngx_int_t ngx_http_profile_condition_push(ngx_http_request_t *r,
    ngx_table_elt_t *header, ngx_str_t *value, ngx_table_elt_t **pointer);


static const ngx_str_t  ngx_http_profile_if_match[] = {
    ngx_string("If-Match"),
    ngx_null_string
};


static const ngx_str_t  ngx_http_profile_if_none_match[] = {
    ngx_string("If-None-Match"),
    ngx_null_string
};


static const ngx_str_t  ngx_http_profile_if_modified_since[] = {
    ngx_string("If-Modified-Since"),
    ngx_null_string
};


static const ngx_str_t  ngx_http_profile_conditions[] = {
    ngx_string("If-Match"),
    ngx_string("If-None-Match"),
    ngx_string("If-Modified-Since"),
    ngx_string("If-Unmodified-Since"),
    ngx_null_string
};


/* where nginx keeps the first line of each of them */

static const size_t  ngx_http_profile_conditions_offset[] = {
    offsetof(ngx_http_headers_in_t, if_match),
    offsetof(ngx_http_headers_in_t, if_none_match),
    offsetof(ngx_http_headers_in_t, if_modified_since),
    offsetof(ngx_http_headers_in_t, if_unmodified_since)
};


ngx_int_t
ngx_http_profile_condition_request(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_uint_t plan,
    profile_str_t *message)
{
    const char                    *refused;
    ngx_http_profile_ctx_t        *ctx;
    ngx_http_profile_etag_t       *e;
    ngx_http_profile_record_t     *record;
    ngx_http_profile_condition_t   match, none_match;

    record = ngx_http_profile_record_find(r);
    ctx = ngx_http_get_module_ctx(r, ngx_http_profile_module);

    /* the conditions of a v2 call are not those of its last v1 call */

    if (record == NULL || record->calls.last || (ctx && ctx->etag)) {
        return NGX_OK;
    }

    if (record->conditions.nlines) {

        /* an internal redirect: another schema may be asked now */

        if (ngx_http_profile_condition_restore(r, record) != NGX_OK) {
            return NGX_ERROR;
        }

    } else if (!ngx_http_profile_condition_any(r)) {
        return NGX_OK;
    }

    if (!plan && (plcf->response.rewrite == NULL || plcf->response.dry_run)) {
        return NGX_OK;
    }

    if (ngx_http_profile_condition_keep(r, record) != NGX_OK) {
        return NGX_ERROR;
    }

    ctx = ngx_http_profile_ctx_get(r);
    if (ctx == NULL) {
        return NGX_ERROR;
    }

    e = ngx_pcalloc(r->pool, sizeof(ngx_http_profile_etag_t));
    if (e == NULL) {
        return NGX_ERROR;
    }

    if (!plan && ngx_http_profile_condition_scope(r, plcf, e) != NGX_OK) {
        return NGX_ERROR;
    }

    if (ngx_http_profile_condition_read(r, e, ngx_http_profile_if_match, &match)
        != NGX_OK
        || ngx_http_profile_condition_read(r, e,
                                           ngx_http_profile_if_none_match,
                                           &none_match)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (plan) {
        refused = ngx_http_profile_condition_plan(r, &match, &none_match);

    } else {
        refused = ngx_http_profile_condition_refused(r, e, &match,
                                                     &none_match);
    }

    if (refused) {
        message->data = (u_char *) refused;
        message->len = ngx_strlen(refused);
        return NGX_DECLINED;
    }

    ctx->etag = e;
    e->asked = (none_match.header || r->headers_in.if_modified_since);

    return plan ? NGX_OK
                : ngx_http_profile_condition_send(r, e, &match, &none_match);
}


static ngx_uint_t
ngx_http_profile_condition_any(ngx_http_request_t *r)
{
    return r->headers_in.if_match || r->headers_in.if_none_match
           || r->headers_in.if_modified_since
           || r->headers_in.if_unmodified_since;
}


static ngx_int_t
ngx_http_profile_condition_keep(ngx_http_request_t *r,
    ngx_http_profile_record_t *record)
{
    ngx_uint_t        i;
    ngx_array_t       lines;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h, *line;

    if (record->conditions.nlines) {
        return NGX_OK;
    }

    if (ngx_array_init(&lines, r->pool, 4, sizeof(ngx_table_elt_t)) != NGX_OK)
    {
        return NGX_ERROR;
    }

    part = &r->headers_in.headers.part;
    i = 0;

    for ( ;; ) {
        h = ngx_http_profile_headers_next(&part, &i,
                                          ngx_http_profile_conditions);
        if (h == NULL) {
            break;
        }

        line = ngx_array_push(&lines);
        if (line == NULL) {
            return NGX_ERROR;
        }

        *line = *h;
    }

    record->conditions.lines = lines.elts;
    record->conditions.nlines = lines.nelts;

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_condition_restore(ngx_http_request_t *r,
    ngx_http_profile_record_t *record)
{
    ngx_uint_t         i, n;
    ngx_str_t          name[2];
    ngx_table_elt_t   *line, **pointer;

    if (ngx_http_profile_headers_without(r, ngx_http_profile_conditions)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_null(&name[1]);

    for (n = 0; ngx_http_profile_conditions[n].len; n++) {
        name[0] = ngx_http_profile_conditions[n];

        pointer = (ngx_table_elt_t **)
                       ((char *) &r->headers_in
                        + ngx_http_profile_conditions_offset[n]);

        *pointer = NULL;

        for (i = 0; i < record->conditions.nlines; i++) {
            line = &record->conditions.lines[i];

            if (ngx_http_profile_headers_one_of(&line->key, name)
                && ngx_http_profile_condition_push(r, line, &line->value,
                                                   pointer)
                   != NGX_OK)
            {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


/* what "if=" and the representation depend on may be known later only */

static ngx_int_t
ngx_http_profile_condition_scope(ngx_http_request_t *r,
    ngx_http_profile_loc_conf_t *plcf, ngx_http_profile_etag_t *e)
{
    ngx_int_t                 rc;
    ngx_http_profile_early_t  early;

    if (ngx_http_profile_early_start(r, &early) != NGX_OK) {
        return NGX_ERROR;
    }

    rc = ngx_http_profile_value_test(r, plcf->response.rewrite->filter);

    if (rc == NGX_OK) {
        e->scope = NGX_HTTP_PROFILE_ETAG_ON;

        rc = ngx_http_profile_etag_print(r, plcf, &e->print);

        e->tagged = (rc == NGX_OK);
    }

    if (ngx_http_profile_early_end(r, &early) == NGX_DECLINED) {
        e->scope = NGX_HTTP_PROFILE_ETAG_UNKNOWN;
    }

    return (rc == NGX_ERROR) ? NGX_ERROR : NGX_OK;
}


/* the tags of all lines of a name, as they go up */

static ngx_int_t
ngx_http_profile_condition_read(ngx_http_request_t *r,
    ngx_http_profile_etag_t *e, const ngx_str_t *name,
    ngx_http_profile_condition_t *c)
{
    u_char           *p;
    size_t            len;
    ngx_uint_t        i, n;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    ngx_memzero(c, sizeof(ngx_http_profile_condition_t));

    part = &r->headers_in.headers.part;
    len = 0;
    n = 0;
    i = 0;

    while ((h = ngx_http_profile_headers_next(&part, &i, name)) != NULL) {

        if (n++ == 0) {
            c->header = h;
        }

        /* a comma may become two bytes */

        len += 2 * h->value.len + 2;
    }

    if (n == 0) {
        return NGX_OK;
    }

    if (n == 1 && ngx_http_profile_tag_any(&c->header->value)) {
        c->any = 1;
        c->value = c->header->value;
        return NGX_OK;
    }

    p = ngx_pnalloc(r->pool, len + 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    c->value.data = p;

    part = &r->headers_in.headers.part;
    i = 0;

    while ((h = ngx_http_profile_headers_next(&part, &i, name)) != NULL) {
        p = ngx_http_profile_condition_read_line(e, &h->value, c, p);
    }

    c->value.len = p - c->value.data;
    *p = '\0';

    return NGX_OK;
}


static u_char *
ngx_http_profile_condition_read_line(ngx_http_profile_etag_t *e,
    ngx_str_t *line, ngx_http_profile_condition_t *c, u_char *p)
{
    ngx_int_t               rc;
    ngx_str_t               list;
    ngx_uint_t              own, kept;
    ngx_http_profile_tag_t  tag;

    list = *line;

    for ( ;; ) {
        rc = ngx_http_profile_tag_next(&list, &tag);

        if (rc == NGX_DONE) {
            return p;
        }

        if (rc != NGX_OK) {
            c->odd = 1;
        }

        own = (rc == NGX_OK && tag.own);

        if (e->scope == NGX_HTTP_PROFILE_ETAG_OFF) {
            kept = !own;

        } else {
            kept = (own && e->scope == NGX_HTTP_PROFILE_ETAG_ON && e->tagged
                    && tag.print == e->print);
        }

        if (own || !kept) {
            c->changed = 1;
        }

        if (!kept) {
            continue;
        }

        if (p != c->value.data) {
            *p++ = ',';
            *p++ = ' ';
        }

        if (own) {
            p = ngx_http_profile_tag_undo(p, &tag);

        } else {
            p = ngx_cpymem(p, tag.text.data, tag.text.len);
        }
    }
}


/* a write goes up with the condition that the client set, or not at all */

static const char *
ngx_http_profile_condition_refused(ngx_http_request_t *r,
    ngx_http_profile_etag_t *e, ngx_http_profile_condition_t *match,
    ngx_http_profile_condition_t *none_match)
{
    ngx_uint_t  write, off, unknown;

    write = !(r->method & (NGX_HTTP_GET|NGX_HTTP_HEAD|NGX_HTTP_OPTIONS));
    off = (e->scope == NGX_HTTP_PROFILE_ETAG_OFF);
    unknown = (e->scope == NGX_HTTP_PROFILE_ETAG_UNKNOWN);

    if (match->header && match->value.len == 0
        && (match->changed || !off) && (write || !unknown))
    {
        return "No entity tag in \"If-Match\" is that of this representation.";
    }

    if (!write || off) {
        return NULL;
    }

    if (match->header == NULL && r->headers_in.if_unmodified_since) {
        return "\"If-Unmodified-Since\" is not supported here, as profiles "
               "have no date. Send \"If-Match\" with an entity tag.";
    }

    if (none_match->changed && unknown) {
        return "\"If-None-Match\" with entity tags is not supported here.";
    }

    if (none_match->odd) {
        return "\"If-None-Match\" holds what is no entity tag.";
    }

    return NULL;
}


static const char *
ngx_http_profile_condition_plan(ngx_http_request_t *r,
    ngx_http_profile_condition_t *match,
    ngx_http_profile_condition_t *none_match)
{
    if ((match->header && !match->any) || none_match->header
        || (match->header == NULL && r->headers_in.if_unmodified_since))
    {
        return "A write of users cannot be conditional: it is made of several "
               "parts, and nothing locks the user meanwhile. Send it without "
               "\"If-Match\", \"If-None-Match\" and \"If-Unmodified-Since\".";
    }

    return NULL;
}


/*
 * The date counts only where there are no tags, so it goes with them: alone it
 * would be asked for what it is not the date of.
 */

static ngx_int_t
ngx_http_profile_condition_send(ngx_http_request_t *r,
    ngx_http_profile_etag_t *e, ngx_http_profile_condition_t *match,
    ngx_http_profile_condition_t *none_match)
{
    ngx_str_t    names[4], *name;
    ngx_uint_t   on;

    on = (e->scope != NGX_HTTP_PROFILE_ETAG_OFF);

    if (!on && !match->changed && !none_match->changed) {
        return NGX_OK;
    }

    if (on) {
        if (ngx_http_profile_headers_without(r, ngx_http_profile_conditions)
            != NGX_OK)
        {
            return NGX_ERROR;
        }

        r->headers_in.if_modified_since = NULL;
        r->headers_in.if_unmodified_since = NULL;

    } else {
        name = names;

        *name++ = *ngx_http_profile_if_match;
        *name++ = *ngx_http_profile_if_none_match;

        if (none_match->changed) {
            *name++ = *ngx_http_profile_if_modified_since;
            r->headers_in.if_modified_since = NULL;
        }

        ngx_str_null(name);

        if (ngx_http_profile_headers_without(r, names) != NGX_OK) {
            return NGX_ERROR;
        }
    }

    r->headers_in.if_match = NULL;
    r->headers_in.if_none_match = NULL;

    if (match->value.len
        && ngx_http_profile_condition_push(r, match->header, &match->value,
                                           &r->headers_in.if_match)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (none_match->value.len
        && ngx_http_profile_condition_push(r, none_match->header,
                                           &none_match->value,
                                           &r->headers_in.if_none_match)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_profile_condition_push(ngx_http_request_t *r, ngx_table_elt_t *header,
    ngx_str_t *value, ngx_table_elt_t **pointer)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_in.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = *header;
    h->value = *value;

#if (nginx_version >= 1023000)
    h->next = NULL;
#endif

    if (*pointer == NULL) {
        *pointer = h;
    }

    return NGX_OK;
}
