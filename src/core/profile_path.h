
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#ifndef _PROFILE_PATH_H_INCLUDED_
#define _PROFILE_PATH_H_INCLUDED_


#include "core/profile_core.h"


/* The names on the way from the root of a JSON text to a value (M1.3, M7.1). */

#define PROFILE_PATH_MAX  4


typedef struct {
    profile_str_t         parts[PROFILE_PATH_MAX];
    size_t                n;             /* 0: there is none */
} profile_path_t;


/*
 * Reads a path as the configuration writes it: names between dots, "\." being a
 * dot of a name, and "\\" a backslash.  The names are written to names, which
 * has room for text->len bytes and outlives the path.  Returns 0, or -1: a name
 * is empty, or there are too many, and path->n is PROFILE_PATH_MAX then.
 */
int profile_path_read(const profile_str_t *text, u_char *names,
    profile_path_t *path);

/* Whether one of two paths leads to the other's value, or both to one. */
int profile_path_meets(const profile_path_t *a, const profile_path_t *b);


#endif /* _PROFILE_PATH_H_INCLUDED_ */
