
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * What the fuzzing targets share: the input as lines, choices and pieces, and
 * the referee: another parser, which says what is JSON and what it holds.
 */


#ifndef _FUZZ_H_INCLUDED_
#define _FUZZ_H_INCLUDED_


#include "profile_test.h"

#include <jansson.h>


/* What each target defines: once before all, then for each input. */
void fuzz_init(void);
void fuzz_one(profile_str_t *in);

/* What libFuzzer calls. */
int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A finding. */
void fuzz_fail(const char *fmt, ...)
    __attribute__((noreturn, format(printf, 1, 2)));


/* Takes the next line from the input and returns it without its end. */
profile_str_t fuzz_line(profile_str_t *in);

/*
 * The n-th choice of a line: 0 to 63 for the characters from "0" to "o", and 0
 * behind the end of the line.
 */
unsigned fuzz_choice(const profile_str_t *line, size_t n);


/* To be freed. */
profile_str_t fuzz_copy(const u_char *data, size_t len);

/*
 * A copy of the text, to be freed, in which a DEL has become a run of the byte
 * behind it: what is long for the reader is too long for libFuzzer.
 */
profile_str_t fuzz_stretch(const profile_str_t *text, size_t run);


typedef profile_reason_e (*fuzz_feed_pt)(void *ctx, const u_char *data,
    size_t len);

/*
 * Feeds the text in pieces as long as the choices of the line say, in turn; a
 * line without choices is one piece.  Returns what feed() says.
 */
profile_reason_e fuzz_feed(fuzz_feed_pt feed, void *ctx,
    const profile_str_t *text, const profile_str_t *pieces);

extern const profile_str_t  fuzz_whole;

/* Single bytes, or of a long text not much more. */
const profile_str_t *fuzz_bytes(const profile_str_t *text);


/* a response that has been rewritten */

typedef struct {
    test_out_t            out;           /* to be freed */
    profile_reason_e      reason;
    uint64_t              offset;
    uint64_t              left_out;
    profile_counts_t      counts;
} fuzz_rewritten_t;

void fuzz_rewrite(const profile_rewriter_conf_t *conf,
    const profile_str_t *text, const profile_str_t *pieces,
    fuzz_rewritten_t *r);

/* M5.5, M5.6: what was rewritten is JSON, and a second pass changes nothing. */
void fuzz_rewritten(const profile_rewriter_conf_t *conf,
    const fuzz_rewritten_t *r);

/* M5.6: the way in which the text comes, named by pieces, changes nothing. */
void fuzz_compare(const fuzz_rewritten_t *whole, const fuzz_rewritten_t *r,
    const char *pieces);


/* of a text that has been shown to the referee */

typedef struct {
    unsigned              odd:1;         /* NUL or a lone surrogate */
    unsigned              odd_name:1;    /* the same in a name */
    unsigned              twice:1;       /* a name, in any of the objects */
    unsigned              infinite:1;    /* a number, to strtod() */
    unsigned              largest:1;     /* or what it makes DBL_MAX of */
} fuzz_text_t;

/*
 * What the text holds, or NULL where it is no JSON.  Of numbers only the sign
 * and the form are kept.  What jansson would refuse for the number or the
 * character that it stands for is shown to it as another of the same form.
 */
json_t *fuzz_read(const u_char *data, size_t len, fuzz_text_t *text);

/* Whether it is JSON. */
int fuzz_is_json(const u_char *data, size_t len);

/* The members of the object that a JSON text is, each name as it comes. */
size_t fuzz_members(const u_char *data, size_t len);

/* How deep it nests; a scalar has 0. */
size_t fuzz_depth(json_t *json);


/* Fails if the answer with this message is not JSON. */
void fuzz_message(const profile_buf_t *message);

/* U6: fails if the message of what v1 has answered is another one. */
void fuzz_message_of(const profile_str_t *answer);


#endif /* _FUZZ_H_INCLUDED_ */
