
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_READER_YAJL_H_INCLUDED_
#define _PROFILE_READER_YAJL_H_INCLUDED_


#include "core/json/profile_reader_state.h"


/* The engine PROFILE_READER_YAJL. */
extern const profile_reader_engine_t  profile_reader_yajl;

/* As profile_reader_version(). */
size_t profile_reader_yajl_version(u_char *text);


#endif /* _PROFILE_READER_YAJL_H_INCLUDED_ */
