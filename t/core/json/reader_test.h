
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* What the tests of the reader share: all of it holds for each engine. */


#ifndef _READER_TEST_H_INCLUDED_
#define _READER_TEST_H_INCLUDED_


#include "core/json/profile_event.h"


#define test_engines(engine)                                                 \
    for (engine = PROFILE_READER_YAJL; engine <= PROFILE_READER_SCAN; engine++)

extern const char *const  test_engine_names[];


#endif /* _READER_TEST_H_INCLUDED_ */
