
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "json/reader_test.h"


const char *const  test_engine_names[] = {
    [PROFILE_READER_YAJL] = "yajl",
    [PROFILE_READER_SCAN] = "scan"
};
