
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_REWRITER_ENTRIES_H_INCLUDED_
#define _PROFILE_REWRITER_ENTRIES_H_INCLUDED_


#include "core/json/profile_reader.h"


/*
 * What a rewriter does with a list of something else than users (U5.6): the
 * entries pass as they come, are counted, and get the envelope of a list.
 */
extern const profile_reader_handler_t  profile_rewriter_entries_handler;


#endif /* _PROFILE_REWRITER_ENTRIES_H_INCLUDED_ */
