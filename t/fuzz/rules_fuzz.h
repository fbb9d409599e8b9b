
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* The rules of H5 once more, by lists of names, over what jansson has read. */


#ifndef _RULES_FUZZ_H_INCLUDED_
#define _RULES_FUZZ_H_INCLUDED_


#include "fuzz.h"
#include "core/request/profile_guard.h"


typedef enum {
    NOBODY = 0,
    AUTH0,
    FACEBOOK,
    GITHUB,
    ANY                                  /* H5.6: the union of all */
} fuzz_provider_e;


typedef struct {
    profile_guard_conf_t  conf;
    fuzz_provider_e       provider;
    unsigned              refused;
    int                   unsure;        /* a name may have too many readings */
} fuzz_judge_t;


/* the schema that the lists are of */

extern const char  fuzz_rules_schema[];


/*
 * What the rules say of the names of a body that is a JSON object, in which
 * the guard has found so many members; sets the provider and how many names
 * are refused.
 */
profile_reason_e fuzz_rules_judge(fuzz_judge_t *j, json_t *body,
    uint32_t members);


#endif /* _RULES_FUZZ_H_INCLUDED_ */
