
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#define PCRE2_CODE_UNIT_WIDTH  8

#include <pcre2.h>

#include "core/response/profile_query_fold.h"


static int profile_query_fold_start(profile_query_t *q);
static void *profile_query_fold_malloc(size_t size, void *data);
static void profile_query_fold_free(void *p, void *data);


typedef struct {
    pcre2_general_context  *general;
    pcre2_compile_context  *compile;
    pcre2_match_data       *data;
} profile_query_folds_t;


int
profile_query_fold_term(profile_query_t *q, profile_query_term_t *t)
{
    int                     code;
    size_t                  offset;
    uint32_t                options;
    profile_query_folds_t  *folds;

    if (q->folds == NULL && profile_query_fold_start(q) != 0) {
        return -1;
    }

    folds = q->folds;
    options = PCRE2_LITERAL|PCRE2_CASELESS|PCRE2_UTF|PCRE2_ANCHORED;

    if (t->kind == PROFILE_QUERY_EQUAL) {
        options |= PCRE2_ENDANCHORED;
    }

    t->folded = pcre2_compile(t->value.text.data, t->value.text.len, options,
                              &code, &offset, folds->compile);

    return t->folded ? 0 : -1;
}


static int
profile_query_fold_start(profile_query_t *q)
{
    profile_query_folds_t  *folds;

    folds = q->alloc.alloc(q->alloc.ctx, sizeof(profile_query_folds_t));
    if (folds == NULL) {
        return -1;
    }

    memset(folds, 0, sizeof(profile_query_folds_t));

    q->folds = folds;

    folds->general = pcre2_general_context_create(profile_query_fold_malloc,
                                                  profile_query_fold_free, q);
    if (folds->general == NULL) {
        return -1;
    }

    folds->compile = pcre2_compile_context_create(folds->general);
    folds->data = pcre2_match_data_create(1, folds->general);

    return folds->compile && folds->data ? 0 : -1;
}


static void *
profile_query_fold_malloc(size_t size, void *data)
{
    profile_query_t *q = data;

    return q->alloc.alloc(q->alloc.ctx, size);
}


static void
profile_query_fold_free(void *p, void *data)
{
    profile_query_t *q = data;

    q->alloc.free(q->alloc.ctx, p);
}


void
profile_query_fold_destroy(profile_query_t *q)
{
    unsigned                i;
    profile_query_folds_t  *folds;

    folds = q->folds;

    if (folds == NULL) {
        return;
    }

    for (i = 0; i < q->nterms; i++) {
        pcre2_code_free(q->terms[i].folded);
    }

    pcre2_match_data_free(folds->data);
    pcre2_compile_context_free(folds->compile);
    pcre2_general_context_free(folds->general);

    q->alloc.free(q->alloc.ctx, folds);
}


/* what is no UTF-8, as a lone surrogate, is not found */

int
profile_query_fold_equal(profile_query_t *q, const profile_query_term_t *t,
    const profile_str_t *s)
{
    int                     rc;
    profile_query_folds_t  *folds;

    folds = q->folds;

    rc = pcre2_match(t->folded, s->data, s->len, 0, 0, folds->data, NULL);

    if (rc >= 0) {
        return 1;
    }

    return rc == PCRE2_ERROR_NOMEMORY ? -1 : 0;
}
