
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_CUT_TOKENS_H_INCLUDED_
#define _PROFILE_CUT_TOKENS_H_INCLUDED_


#include "core/response/profile_cut.h"


/*
 * The cuts of a whole value that loses the tokens of identities (M4.1), made in
 * one pass: where there is no white space, none has to go with them.  Returns
 * 1, or 0: there is some, and no cuts are made; or -1 when there is no memory.
 */
int profile_cut_tokens(profile_cutter_t *c, const u_char *text, size_t len);


#endif /* _PROFILE_CUT_TOKENS_H_INCLUDED_ */
