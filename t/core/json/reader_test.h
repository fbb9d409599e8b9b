
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

/* Takes all; its context is an int: whether it goes into what begins. */
extern const profile_reader_handler_t  test_reader_handler;

/*
 * Reads the text to its end, in pieces of so many bytes, 0: in one, of which
 * each is a copy of its own, so that a read past it or after it is seen.
 */
profile_reason_e test_reader_feed(profile_reader_t *r, const char *text,
    size_t len, size_t piece);


#endif /* _READER_TEST_H_INCLUDED_ */
