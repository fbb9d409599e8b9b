
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_utf8.h"
#include "core/json/profile_reader_scan.h"
#include "core/json/profile_scan.h"


/* what a byte is the first one of */

enum {
    FIRST_OTHER = 0,
    FIRST_SPACE, FIRST_QUOTE, FIRST_SCALAR, FIRST_OPEN, FIRST_CLOSE,
    FIRST_COMMA, FIRST_COLON
};


/* which of these may stand next, and whether a quote begins a name */

#define SCAN_SPACE   (1 << FIRST_SPACE)
#define SCAN_QUOTE   (1 << FIRST_QUOTE)
#define SCAN_SCALAR  (1 << FIRST_SCALAR)
#define SCAN_OPEN    (1 << FIRST_OPEN)
#define SCAN_CLOSE   (1 << FIRST_CLOSE)
#define SCAN_COMMA   (1 << FIRST_COMMA)
#define SCAN_COLON   (1 << FIRST_COLON)
#define SCAN_NAME    (1 << (FIRST_COLON + 1))

#define SCAN_VALUE   (SCAN_SPACE|SCAN_QUOTE|SCAN_SCALAR|SCAN_OPEN)
#define SCAN_MEMBER  (SCAN_SPACE|SCAN_QUOTE|SCAN_NAME)
#define SCAN_BEHIND  (SCAN_SPACE|SCAN_COMMA|SCAN_CLOSE)
#define SCAN_ASSIGN  (SCAN_SPACE|SCAN_COLON)


/*
 * The steps through a number or a literal, and the bytes that make them.  From
 * COMPLETE on it is one, from LITERAL on it ends there.
 */

enum {
    SCAN_WRONG = 0,
    SCAN_START, SCAN_MINUS, SCAN_POINT, SCAN_POWER, SCAN_SIGN,
    SCAN_T, SCAN_TR, SCAN_TRU,
    SCAN_F, SCAN_FA, SCAN_FAL, SCAN_FALS,
    SCAN_N, SCAN_NU, SCAN_NUL,
    SCAN_ZERO, SCAN_INTEGER, SCAN_FRACTION, SCAN_EXPONENT,
    SCAN_BOOLEAN, SCAN_NULL,

    SCAN_STEPS,
    SCAN_COMPLETE = SCAN_ZERO,
    SCAN_LITERAL = SCAN_BOOLEAN
};


enum {
    BYTE_OTHER = 0,
    BYTE_0, BYTE_9, BYTE_MINUS, BYTE_PLUS, BYTE_POINT, BYTE_E, BYTE_e,
    BYTE_t, BYTE_r, BYTE_u, BYTE_f, BYTE_a, BYTE_l, BYTE_s, BYTE_n,

    BYTES
};


/* what of an escape has to follow: 4 to 1 digits, or the byte before these */

#define SCAN_ESCAPE  5

#define profile_reader_scan_is_hex(c)                                        \
    (((c) >= '0' && (c) <= '9') || (((c) | 0x20) >= 'a' && ((c) | 0x20) <= 'f'))


typedef struct {
    profile_reader_t      reader;        /* first: see the engine */

    uint64_t              nest;          /* the innermost 64: is it an object */
    profile_buf_t         outer;         /* those around, 64 by 64 */

    profile_utf8_t        utf8;          /* open in a string */
    u_char                escape;        /* the same */
    u_char                escaped;       /* it has an escape */
    u_char                step;          /* of a scalar; in a string 0 */
    unsigned              next;          /* what may stand next */
} profile_reader_scan_t;


static profile_reason_e profile_reader_scan_create(profile_reader_t *r);
static void profile_reader_scan_destroy(profile_reader_t *r);
static size_t profile_reader_scan_feed(profile_reader_t *r,
    const u_char *data, size_t len);
static profile_reason_e profile_reader_scan_flush(profile_reader_t *r);
static void profile_reader_scan_finish(profile_reader_t *r);
static const u_char *profile_reader_scan_tell(profile_reader_scan_t *s,
    const u_char *p, const u_char *last);
static const u_char *profile_reader_scan_pass(profile_reader_scan_t *s,
    const u_char *p, const u_char *last);
static const u_char *profile_reader_scan_resume(profile_reader_scan_t *s,
    const u_char *p, const u_char *last);
static const u_char *profile_reader_scan_string(profile_reader_scan_t *s,
    const u_char *p, const u_char *last);
static const u_char *profile_reader_scan_escape(profile_reader_scan_t *s,
    const u_char *p, const u_char *last);
static const u_char *profile_reader_scan_wrong(profile_reader_scan_t *s,
    const u_char *p);


static const u_char  profile_reader_scan_first[256] = {
    [' '] = FIRST_SPACE, ['\t'] = FIRST_SPACE,
    ['\n'] = FIRST_SPACE, ['\r'] = FIRST_SPACE,
    ['"'] = FIRST_QUOTE,
    ['{'] = FIRST_OPEN, ['['] = FIRST_OPEN,
    ['}'] = FIRST_CLOSE, [']'] = FIRST_CLOSE,
    [','] = FIRST_COMMA, [':'] = FIRST_COLON,
    ['-'] = FIRST_SCALAR, ['0'] = FIRST_SCALAR, ['1'] = FIRST_SCALAR,
    ['2'] = FIRST_SCALAR, ['3'] = FIRST_SCALAR, ['4'] = FIRST_SCALAR,
    ['5'] = FIRST_SCALAR, ['6'] = FIRST_SCALAR, ['7'] = FIRST_SCALAR,
    ['8'] = FIRST_SCALAR, ['9'] = FIRST_SCALAR,
    ['t'] = FIRST_SCALAR, ['f'] = FIRST_SCALAR, ['n'] = FIRST_SCALAR
};


static const u_char  profile_reader_scan_byte[256] = {
    ['0'] = BYTE_0, ['1'] = BYTE_9, ['2'] = BYTE_9, ['3'] = BYTE_9,
    ['4'] = BYTE_9, ['5'] = BYTE_9, ['6'] = BYTE_9, ['7'] = BYTE_9,
    ['8'] = BYTE_9, ['9'] = BYTE_9,
    ['-'] = BYTE_MINUS, ['+'] = BYTE_PLUS, ['.'] = BYTE_POINT,
    ['E'] = BYTE_E, ['e'] = BYTE_e,
    ['t'] = BYTE_t, ['r'] = BYTE_r, ['u'] = BYTE_u, ['f'] = BYTE_f,
    ['a'] = BYTE_a, ['l'] = BYTE_l, ['s'] = BYTE_s, ['n'] = BYTE_n
};


static const u_char  profile_reader_scan_step[SCAN_STEPS][BYTES] = {
    [SCAN_START] = { [BYTE_MINUS] = SCAN_MINUS, [BYTE_0] = SCAN_ZERO,
                     [BYTE_9] = SCAN_INTEGER, [BYTE_t] = SCAN_T,
                     [BYTE_f] = SCAN_F, [BYTE_n] = SCAN_N },

    [SCAN_MINUS] = { [BYTE_0] = SCAN_ZERO, [BYTE_9] = SCAN_INTEGER },
    [SCAN_ZERO] = { [BYTE_POINT] = SCAN_POINT, [BYTE_e] = SCAN_POWER,
                    [BYTE_E] = SCAN_POWER },
    [SCAN_INTEGER] = { [BYTE_0] = SCAN_INTEGER, [BYTE_9] = SCAN_INTEGER,
                       [BYTE_POINT] = SCAN_POINT, [BYTE_e] = SCAN_POWER,
                       [BYTE_E] = SCAN_POWER },
    [SCAN_POINT] = { [BYTE_0] = SCAN_FRACTION, [BYTE_9] = SCAN_FRACTION },
    [SCAN_FRACTION] = { [BYTE_0] = SCAN_FRACTION, [BYTE_9] = SCAN_FRACTION,
                        [BYTE_e] = SCAN_POWER, [BYTE_E] = SCAN_POWER },
    [SCAN_POWER] = { [BYTE_MINUS] = SCAN_SIGN, [BYTE_PLUS] = SCAN_SIGN,
                     [BYTE_0] = SCAN_EXPONENT, [BYTE_9] = SCAN_EXPONENT },
    [SCAN_SIGN] = { [BYTE_0] = SCAN_EXPONENT, [BYTE_9] = SCAN_EXPONENT },
    [SCAN_EXPONENT] = { [BYTE_0] = SCAN_EXPONENT, [BYTE_9] = SCAN_EXPONENT },

    [SCAN_T] = { [BYTE_r] = SCAN_TR },
    [SCAN_TR] = { [BYTE_u] = SCAN_TRU },
    [SCAN_TRU] = { [BYTE_e] = SCAN_BOOLEAN },

    [SCAN_F] = { [BYTE_a] = SCAN_FA },
    [SCAN_FA] = { [BYTE_l] = SCAN_FAL },
    [SCAN_FAL] = { [BYTE_s] = SCAN_FALS },
    [SCAN_FALS] = { [BYTE_e] = SCAN_BOOLEAN },

    [SCAN_N] = { [BYTE_u] = SCAN_NU },
    [SCAN_NU] = { [BYTE_l] = SCAN_NUL },
    [SCAN_NUL] = { [BYTE_l] = SCAN_NULL }
};


static const u_char  profile_reader_scan_type[SCAN_STEPS] = {
    [SCAN_ZERO] = PROFILE_NUMBER, [SCAN_INTEGER] = PROFILE_NUMBER,
    [SCAN_FRACTION] = PROFILE_NUMBER, [SCAN_EXPONENT] = PROFILE_NUMBER,
    [SCAN_BOOLEAN] = PROFILE_BOOLEAN, [SCAN_NULL] = PROFILE_NULL
};


const profile_reader_engine_t  profile_reader_scan = {
    sizeof(profile_reader_scan_t),
    profile_reader_scan_create,
    profile_reader_scan_destroy,
    profile_reader_scan_feed,
    profile_reader_scan_flush,
    profile_reader_scan_finish
};


static profile_reason_e
profile_reader_scan_create(profile_reader_t *r)
{
    profile_reader_scan_t  *s = (profile_reader_scan_t *) r;

    s->next = SCAN_VALUE;

    return PROFILE_OK;
}


static void
profile_reader_scan_destroy(profile_reader_t *r)
{
    profile_reader_scan_t  *s = (profile_reader_scan_t *) r;

    profile_buf_free(&r->alloc, &s->outer);
}


static size_t
profile_reader_scan_feed(profile_reader_t *r, const u_char *data, size_t len)
{
    const u_char           *p, *last;
    profile_reader_scan_t  *s = (profile_reader_scan_t *) r;

    r->pos += len;
    profile_reader_state_chunk(r, data, len);

    p = data;
    last = data + len;

    if (r->token != PROFILE_READER_NONE) {
        p = profile_reader_scan_resume(s, p, last);
    }

    while (p < last && r->reason == PROFILE_OK && !r->done) {
        p = r->skip_depth ? profile_reader_scan_pass(s, p, last)
                          : profile_reader_scan_tell(s, p, last);
    }

    if (r->done) {
        r->pos = r->chunk_start + (p - data);

    } else if (r->reason == PROFILE_OK) {
        (void) profile_reader_state_keep(r);
    }

    return p - data;
}


/* nothing is put off */

static profile_reason_e
profile_reader_scan_flush(profile_reader_t *r)
{
    return r->reason;
}


/* the end of the text ends a number, and nothing else that is open */

static void
profile_reader_scan_finish(profile_reader_t *r)
{
    profile_reader_scan_t  *s = (profile_reader_scan_t *) r;

    profile_reader_state_chunk(r, r->chunk, 0);

    if (r->token != PROFILE_READER_NONE && s->step >= SCAN_COMPLETE) {
        (void) profile_reader_state_value(r, PROFILE_NUMBER, r->token, r->pos);
    }
}


/* All return where they end, and NULL if it is open or wrong. */

static profile_always_inline const u_char *
profile_reader_scan_quoted(profile_reader_scan_t *s, const u_char *p,
    const u_char *last)
{
    p = profile_scan_plain(p, last);

    if (p < last && *p == '"') {
        return p + 1;
    }

    return profile_reader_scan_string(s, p, last);
}


static profile_always_inline const u_char *
profile_reader_scan_scalar(profile_reader_scan_t *s, const u_char *p,
    const u_char *last, unsigned step)
{
    unsigned  next;

    for ( /* void */ ; p < last; p++) {
        next = profile_reader_scan_step[step][profile_reader_scan_byte[*p]];

        if (next == SCAN_WRONG) {
            break;
        }

        step = next;
    }

    s->step = step;

    if (p == last && step < SCAN_LITERAL) {
        return NULL;
    }

    return step < SCAN_COMPLETE ? profile_reader_scan_wrong(s, p) : p;
}


/* the kinds of what is open, from the outside in; returns 0 or no memory: -1 */

static profile_always_inline int
profile_reader_scan_enter(profile_reader_scan_t *s, unsigned object)
{
    profile_reader_t  *r = &s->reader;

    if (r->depth % 64 == 1 && r->depth > 1
        && profile_buf_append(&r->alloc, &s->outer, &s->nest, sizeof(s->nest))
           != 0)
    {
        (void) profile_reader_state_error(r, PROFILE_NO_MEMORY, r->pos);
        return -1;
    }

    s->nest = s->nest << 1 | object;

    return 0;
}


static profile_always_inline void
profile_reader_scan_leave(profile_reader_scan_t *s)
{
    profile_reader_t  *r = &s->reader;

    s->nest >>= 1;

    if (r->depth % 64 == 1 && r->depth > 1) {
        s->outer.len -= sizeof(s->nest);
        memcpy(&s->nest, s->outer.data + s->outer.len, sizeof(s->nest));
    }
}


/*
 * What may stand next behind a name, and behind a value.  Most texts come
 * without white space: there the next byte is the one that was waited for.
 */

static profile_always_inline unsigned
profile_reader_scan_assign(const u_char **p, const u_char *last)
{
    if (*p < last && **p == ':') {
        (*p)++;
        return SCAN_VALUE;
    }

    return SCAN_ASSIGN;
}


static profile_always_inline unsigned
profile_reader_scan_behind(profile_reader_scan_t *s, const u_char **p,
    const u_char *last)
{
    if (*p < last && **p == ',') {
        (*p)++;
        return (s->nest & 1) ? SCAN_MEMBER : SCAN_VALUE;
    }

    return SCAN_BEHIND;
}


/* the same of a bracket, or 0: nothing is to be read */

static profile_always_inline unsigned
profile_reader_scan_bracket(profile_reader_scan_t *s, const u_char *p,
    uint64_t start)
{
    unsigned           object;
    profile_type_e     type;
    profile_reader_t  *r = &s->reader;

    object = (*p == '{' || *p == '}');
    type = object ? PROFILE_OBJECT : PROFILE_ARRAY;

    if (profile_reader_scan_first[*p] == FIRST_OPEN) {

        if (!profile_reader_state_begin(r, type, start)
            || profile_reader_scan_enter(s, object) != 0)
        {
            return 0;
        }

        return SCAN_CLOSE | (object ? SCAN_MEMBER : SCAN_VALUE);
    }

    if (object != (s->nest & 1)) {
        (void) profile_reader_scan_wrong(s, p);
        return 0;
    }

    profile_reader_scan_leave(s);

    return profile_reader_state_end(r, type, start + 1) ? SCAN_BEHIND : 0;
}


/*
 * From token to token, of which the consumer is told or not: to the end of the
 * chunk, to where that changes, or to where the text is whole or wrong.
 */

static profile_always_inline const u_char *
profile_reader_scan_tokens(profile_reader_scan_t *s, const u_char *p,
    const u_char *last, unsigned told)
{
    unsigned           next, first;
    uint64_t           base, start;
    profile_type_e     type;
    profile_reader_t  *r = &s->reader;

    base = r->chunk_start - (uintptr_t) r->chunk;

    for (next = s->next; p < last; /* void */) {
        start = base + (uintptr_t) p;
        first = profile_reader_scan_first[*p];

        if (!(next & 1 << first)) {
            (void) profile_reader_scan_wrong(s, p);
            return p;
        }

        /* most tokens first: the processor foresees that better than a jump */

        if (first == FIRST_QUOTE) {
            s->escaped = 0;
            p = profile_reader_scan_quoted(s, p + 1, last);
            type = PROFILE_STRING;

        } else {

            switch (first) {

            case FIRST_SPACE:
                p = profile_scan_space(p + 1, last);
                continue;

            case FIRST_COMMA:
                p++;
                next = (s->nest & 1) ? SCAN_MEMBER : SCAN_VALUE;
                continue;

            case FIRST_COLON:
                p++;
                next = SCAN_VALUE;
                continue;

            case FIRST_OPEN:
            case FIRST_CLOSE:
                next = profile_reader_scan_bracket(s, p, start);
                p++;

                if (next == 0 || told != (r->skip_depth == 0)) {
                    s->next = next;
                    return p;
                }

                continue;

            default: /* FIRST_SCALAR */
                p = profile_reader_scan_scalar(s, p, last, SCAN_START);
                type = profile_reader_scan_type[s->step];
            }
        }

        if (p == NULL) {
            r->token = start;
            p = last;
            break;
        }

        if (next & SCAN_NAME) {
            if (told) {
                profile_reader_state_name(r, start + 1,
                                          base + (uintptr_t) p - 1,
                                          s->escaped);
            }

            next = profile_reader_scan_assign(&p, last);
            continue;
        }

        if (told && !profile_reader_state_value(r, type, start,
                                                base + (uintptr_t) p))
        {
            return p;
        }

        next = profile_reader_scan_behind(s, &p, last);
    }

    s->next = next;

    return p;
}


static const u_char *
profile_reader_scan_tell(profile_reader_scan_t *s, const u_char *p,
    const u_char *last)
{
    return profile_reader_scan_tokens(s, p, last, 1);
}


static const u_char *
profile_reader_scan_pass(profile_reader_scan_t *s, const u_char *p,
    const u_char *last)
{
    return profile_reader_scan_tokens(s, p, last, 0);
}


/* a token that has begun in another chunk */

static const u_char *
profile_reader_scan_resume(profile_reader_scan_t *s, const u_char *p,
    const u_char *last)
{
    uint64_t           start, end;
    profile_reader_t  *r = &s->reader;

    p = s->step ? profile_reader_scan_scalar(s, p, last, s->step)
                : profile_reader_scan_string(s, p, last);

    if (p == NULL) {
        return last;
    }

    start = r->token;
    end = r->chunk_start + (p - r->chunk);

    r->token = PROFILE_READER_NONE;

    if (s->next & SCAN_NAME) {
        s->next = SCAN_ASSIGN;
        profile_reader_state_name(r, start + 1, end - 1, s->escaped);

    } else {
        s->next = SCAN_BEHIND;
        (void) profile_reader_state_value(r, s->step
                                          ? profile_reader_scan_type[s->step]
                                          : PROFILE_STRING, start, end);
    }

    return p;
}


/* behind a first byte that is no plain one */

static const u_char *
profile_reader_scan_string(profile_reader_scan_t *s, const u_char *p,
    const u_char *last)
{
    size_t  n;

    s->step = 0;

    while (p < last) {

        if (s->escape) {
            p = profile_reader_scan_escape(s, p, last);

            if (p == NULL) {
                return NULL;
            }

        } else if (*p >= 0x80 || s->utf8.more) {
            n = profile_utf8_run(&s->utf8, p, last - p);
            p += n;

            if (n == 0) {
                return profile_reader_scan_wrong(s, p);
            }

        } else if (*p == '"') {
            return p + 1;

        } else if (*p == '\\') {
            s->escape = SCAN_ESCAPE;
            s->escaped = 1;
            p++;

        } else if (*p < 0x20) {
            return profile_reader_scan_wrong(s, p);

        } else {
            p = profile_scan_plain(p, last);
        }
    }

    return NULL;
}


static const u_char *
profile_reader_scan_escape(profile_reader_scan_t *s, const u_char *p,
    const u_char *last)
{
    for ( /* void */ ; s->escape && p < last; p++) {

        if (s->escape < SCAN_ESCAPE) {
            if (!profile_reader_scan_is_hex(*p)) {
                return profile_reader_scan_wrong(s, p);
            }

            s->escape--;
            continue;
        }

        switch (*p) {

        case 'u':
            s->escape--;
            break;

        case '"':
        case '\\':
        case '/':
        case 'b':
        case 'f':
        case 'n':
        case 'r':
        case 't':
            s->escape = 0;
            break;

        default:
            return profile_reader_scan_wrong(s, p);
        }
    }

    return p;
}


/* what is no UTF-8 is wrong for that, wherever it stands */

static const u_char *
profile_reader_scan_wrong(profile_reader_scan_t *s, const u_char *p)
{
    profile_reason_e   reason;
    profile_reader_t  *r = &s->reader;

    reason = (s->utf8.more || (*p >= 0x80 && (*p < 0xc2 || *p > 0xf4)))
             ? PROFILE_INVALID_UTF8 : PROFILE_INVALID_JSON;

    (void) profile_reader_state_error(r, reason,
                                      r->chunk_start + (p - r->chunk));

    return NULL;
}
