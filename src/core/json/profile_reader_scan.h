
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_READER_SCAN_H_INCLUDED_
#define _PROFILE_READER_SCAN_H_INCLUDED_


#include "core/json/profile_reader_state.h"


/* The engine PROFILE_READER_SCAN. */
extern const profile_reader_engine_t  profile_reader_scan;


#endif /* _PROFILE_READER_SCAN_H_INCLUDED_ */
