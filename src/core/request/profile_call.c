
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/request/profile_call.h"


static const profile_str_t  profile_call_names[PROFILE_CALLS] = {
    profile_string("email"),
    profile_string("password"),
    profile_string("attributes"),
    profile_string("metadata"),
    profile_string("create"),
    profile_string("bag"),
    profile_string("read")
};


const profile_str_t *
profile_call_name(profile_call_e kind)
{
    return &profile_call_names[kind];
}
