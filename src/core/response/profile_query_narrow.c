
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/response/profile_query_narrow.h"
#include "core/response/profile_query_state.h"


static int profile_query_narrows(const profile_query_term_t *t,
    profile_narrow_e kind);
static int profile_query_is_plain(const profile_str_t *text);
static uint32_t profile_query_required(const profile_query_t *q);


static const struct {
    profile_str_t         name;
    profile_str_t         path;
    profile_str_t         value;         /* empty: any */
} profile_query_kinds[] = {
    { profile_string(""), profile_string(""), profile_string("") },
    { profile_string("user_id"), profile_string("user_id"),
      profile_string("") },
    { profile_string("email"), profile_string("email"), profile_string("") },
    { profile_string("connection"), profile_string("identities.connection"),
      profile_string("") },
    { profile_string("social"), profile_string("identities.isSocial"),
      profile_string("true") }
};


profile_narrow_e
profile_query_narrow(const profile_query_t *q, profile_str_t *value)
{
    uint32_t          required;
    unsigned          i;
    profile_narrow_e  kind;

    required = profile_query_required(q);

    for (kind = PROFILE_NARROW_USER_ID; kind <= PROFILE_NARROW_SOCIAL; kind++) {

        for (i = 0; i < q->nterms; i++) {

            if (required & 1U << i && profile_query_narrows(&q->terms[i], kind))
            {
                *value = q->terms[i].value.text;
                return kind;
            }
        }
    }

    value->len = 0;

    return PROFILE_NARROW_NOT;
}


static int
profile_query_narrows(const profile_query_term_t *t, profile_narrow_e kind)
{
    const profile_str_t  *path, *value;

    path = &profile_query_kinds[kind].path;
    value = &profile_query_kinds[kind].value;

    if (t->kind != PROFILE_QUERY_EQUAL || t->domain
        || (t->interval && t->value.is_date)
        || t->value.text.len == 0
        || !profile_str_eq(path, t->path.data, t->path.len))
    {
        return 0;
    }

    if (value->len) {
        return profile_str_eq(value, t->value.text.data, t->value.text.len);
    }

    return kind != PROFILE_NARROW_EMAIL
           || profile_query_is_plain(&t->value.text);
}


/* what a search of v1 does not read as something else between quotes */

static int
profile_query_is_plain(const profile_str_t *text)
{
    return memchr(text->data, '"', text->len) == NULL
           && memchr(text->data, '\\', text->len) == NULL
           && memchr(text->data, '*', text->len) == NULL;
}


/* the terms that hold for each user whom the query finds */

static uint32_t
profile_query_required(const profile_query_t *q)
{
    uint32_t  stack[PROFILE_QUERY_STEPS], right;
    unsigned  i, n;

    n = 0;

    for (i = 0; i < q->nsteps; i++) {

        switch (q->steps[i]) {

        case PROFILE_QUERY_NOT:
            stack[n - 1] = 0;
            break;

        case PROFILE_QUERY_AND:
            right = stack[--n];
            stack[n - 1] |= right;
            break;

        case PROFILE_QUERY_OR:
            right = stack[--n];
            stack[n - 1] &= right;
            break;

        default:
            stack[n++] = 1U << q->steps[i];
            break;
        }
    }

    return n ? stack[n - 1] : 0;
}


const profile_str_t *
profile_query_narrow_name(profile_narrow_e kind)
{
    return &profile_query_kinds[kind].name;
}
