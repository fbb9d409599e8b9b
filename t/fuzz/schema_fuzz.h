
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Schemas that say where a backend keeps things (M7): some that are always
 * there, and any of the input.  What their statements say is read from the
 * words once more, for a backend that stores users as they say.
 */


#ifndef _SCHEMA_FUZZ_H_INCLUDED_
#define _SCHEMA_FUZZ_H_INCLUDED_


#include "fuzz.h"


#define FUZZ_SHAPES  4
#define FUZZ_WORD    64


typedef struct {
    profile_schema_t     *schema;
    char                  id[FUZZ_WORD];          /* M7.2: its name in v1 */
    char                  from[FUZZ_WORD];        /* M7.4: a path, or "" */
    char                  containers[2][FUZZ_WORD];     /* M7.9 */
    char                  write[2][FUZZ_WORD];    /* U3.9: a path, or "" */
    int                   deep[2];       /* M7.7: merged from a longer path */
    json_t               *providers;     /* of each the names that it sends */
    json_t               *roots;         /* other names at the root of v1 */
    json_t               *lifts;         /* M7.6: paths */
    json_t               *writable;      /* those of v2, and options */
    json_t               *old;           /* U4.8: of what goes up the names */
    unsigned              any:1;         /* was read from the input */
    unsigned              odd:1;         /* a word is too long: not used */
    unsigned              omits:1;       /* M3.6 */
    unsigned              unwraps:1;     /* M7.8 */
} fuzz_shape_t;


typedef void (*fuzz_statement_pt)(void *ctx, const profile_str_t *words,
    size_t n);

/*
 * Takes statements from the input, one a line with words between spaces, up to
 * an empty line; said() is told of each.  Returns NULL where there is a mistake
 * with its message, or no memory.
 */
profile_schema_t *fuzz_schema_read(profile_str_t *in, fuzz_statement_pt said,
    void *ctx);


/*
 * A user of v1 as v2 shows him; user is used up.  Returns NULL where a pattern
 * gives up, and fails for all else that is no user.
 */
json_t *fuzz_schema_rewrite(const profile_schema_t *s, json_t *user,
    unsigned depth);


/* Makes those that are always there: once, before all. */
void fuzz_shapes(void);

/*
 * The n-th of these; from FUZZ_SHAPES on one of the input, which is NULL as for
 * fuzz_schema_read(); to be destroyed.
 */
const fuzz_shape_t *fuzz_shape(unsigned n, profile_str_t *in);

/* One of which only the schema is known, and that nulls are left out. */
void fuzz_shape_plain(fuzz_shape_t *shape, profile_schema_t *s);

/* Accepts NULL, and leaves those that were not read from the input. */
void fuzz_shape_destroy(const fuzz_shape_t *shape);

/*
 * M7.1: the first name of a path, of up to FUZZ_WORD bytes, and what is behind
 * its dot, or NULL.
 */
const char *fuzz_path(const char *path, char *name);

/* M7.1: puts an array of a text at the path, in arrays here and there. */
void fuzz_shape_nest(json_t *at, const char *path, size_t how);

/* A user of v1, of this provider where the schema reads it from a path. */
json_t *fuzz_shape_user(const fuzz_shape_t *shape, const char *id,
    const char *provider);

/* U3.9: what v1 makes of a write. */
void fuzz_shape_store(const fuzz_shape_t *shape, json_t *user,
    const json_t *written);

/* M7.6: whether a member of this name is lifted from somewhere. */
int fuzz_shape_lifts(const fuzz_shape_t *shape, const char *name);

/* U3.9: the value where v1 keeps the members of a container, or NULL. */
const json_t *fuzz_shape_held(const fuzz_shape_t *shape, int n,
    const json_t *user);

/* U4.8: whether a write of v2 says this of what v1 calls so. */
int fuzz_shape_says(const fuzz_shape_t *shape, const json_t *body,
    const char *name, const json_t *value);

/*
 * That nothing at the root of a user, with all that the statements name, is
 * another one after the write; but for what is NULL or the body of a v2 write
 * says.
 */
void fuzz_shape_shadows(const fuzz_shape_t *shape, const char *id,
    const char *provider, const json_t *written, const json_t *body);


#endif /* _SCHEMA_FUZZ_H_INCLUDED_ */
