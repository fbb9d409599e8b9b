
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/json/profile_reader.h"
#include "core/response/profile_message.h"


#define PROFILE_MESSAGE_BYTES  500
#define PROFILE_MESSAGE_DEPTH  128
#define PROFILE_MESSAGE_CODE   64

/* the root, "errors", an element or an attribute, and its own list */
#define PROFILE_MESSAGE_LEVEL  4


typedef struct {
    profile_alloc_t       alloc;
    const u_char         *data;
    profile_buf_t         scratch;
    profile_str_t         found;         /* as it stands in the text */
    profile_str_t         of;            /* whose error it is, the same */
    profile_str_t         code;          /* the same */
    profile_str_t         field;         /* attribute that is being read */
    unsigned              rank;          /* of what was found */
    unsigned              level;         /* of the members, the root's is 1 */
    unsigned              fields:1;      /* "errors" is an object */
    unsigned              object:1;
    unsigned              other:1;       /* an errorCode that is not code */
} profile_message_reader_t;


static profile_reason_e profile_message_begin(void *ctx,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_message_value(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_message_end(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_message_inner(profile_message_reader_t *m,
    const profile_event_t *ev);
static unsigned profile_message_rank(profile_message_reader_t *m,
    unsigned limit);
static profile_reason_e profile_message_take(profile_message_reader_t *m,
    const profile_event_t *ev, unsigned rank, const profile_str_t *of);
static int profile_message_write(profile_message_reader_t *m,
    profile_buf_t *text);
static int profile_message_unescape(profile_message_reader_t *m, size_t start,
    size_t end);
static int profile_message_is_text(const u_char *data, size_t len);
static int profile_message_is_code(const u_char *data, size_t len);
static size_t profile_message_cut(const u_char *data, size_t len);


static const profile_reader_handler_t  profile_message_handler = {
    profile_message_begin,
    profile_message_value,
    profile_message_end
};


/*
 * In the order in which they count.  "errorMessage" is Keycloak's, "detail" and
 * "title" are of RFC 9457, section 3.1; what "errors" and "error" hold are the
 * errors of Rails, by attribute, and those of JSON:API.
 */

static const profile_str_t  profile_message_names[] = {
    profile_string("message"),
    profile_string("error_description"),
    profile_string("detail"),
    profile_string("errorMessage"),
    profile_string("errors"),
    profile_string("error"),
    profile_string("title")
};

#define PROFILE_MESSAGE_ERRORS  4
#define PROFILE_MESSAGE_ERROR   5
#define PROFILE_MESSAGE_NAMES                                                \
    (sizeof(profile_message_names) / sizeof(profile_str_t))


/* Rails: what is wrong with no attribute alone */

static const profile_str_t  profile_message_base = profile_string("base");


static const profile_str_t  profile_message_code_name
                                               = profile_string("errorCode");


int
profile_message(const profile_alloc_t *a, const u_char *data, size_t len,
    profile_message_t *message)
{
    int                        rc;
    profile_reader_t          *reader;
    profile_reason_e           reason;
    profile_reader_conf_t      conf;
    profile_message_reader_t   m;

    memset(&m, 0, sizeof(profile_message_reader_t));

    m.alloc = *a;
    m.data = data;
    m.rank = PROFILE_MESSAGE_NAMES;

    conf.engine = PROFILE_READER_YAJL;
    conf.max_size = SIZE_MAX / 2;
    conf.max_depth = PROFILE_MESSAGE_DEPTH;
    conf.skip_bom = 1;

    reader = profile_reader_create(a, &conf, &profile_message_handler, &m);
    if (reader == NULL) {
        return -1;
    }

    reason = profile_reader_feed(reader, data, len);

    if (reason == PROFILE_OK) {
        reason = profile_reader_finish(reader);
    }

    profile_reader_destroy(reader);

    rc = (reason == PROFILE_NO_MEMORY) ? -1 : 0;

    message->object = (reason == PROFILE_OK && m.object);
    message->other = m.other;

    /* of a long text the caller may have kept the first part only */

    if (reason == PROFILE_OK || reason == PROFILE_TRUNCATED) {

        if (m.found.len) {
            rc = profile_message_write(&m, &message->text);
        }

        if (rc == 0 && m.code.len) {
            rc = profile_buf_append(a, &message->code, m.code.data,
                                    m.code.len);
        }
    }

    profile_buf_free(a, &m.scratch);

    return rc;
}


void
profile_message_free(const profile_alloc_t *a, profile_message_t *message)
{
    profile_buf_free(a, &message->text);
    profile_buf_free(a, &message->code);
}


static profile_reason_e
profile_message_begin(void *ctx, const profile_event_t *ev, int *inside)
{
    profile_message_reader_t  *m = ctx;

    unsigned  rank;

    if (m->level == PROFILE_MESSAGE_LEVEL
        || (m->level == 0 && ev->type != PROFILE_OBJECT))
    {
        return PROFILE_OK;
    }

    if (m->level == 0) {
        m->object = 1;

    } else if (m->level == 1) {

        if (profile_message_unescape(m, ev->name_start, ev->name_end) != 0) {
            return PROFILE_NO_MEMORY;
        }

        rank = profile_message_rank(m, PROFILE_MESSAGE_NAMES);

        if (rank != PROFILE_MESSAGE_ERRORS && rank != PROFILE_MESSAGE_ERROR) {
            return PROFILE_OK;
        }

        m->fields = (rank == PROFILE_MESSAGE_ERRORS
                     && ev->type == PROFILE_OBJECT);

    } else if (m->level == 2 && m->fields) {
        m->field.data = m->data + ev->name_start;
        m->field.len = ev->name_end - ev->name_start;
    }

    m->level++;
    *inside = 1;

    return PROFILE_OK;
}


static profile_reason_e
profile_message_value(void *ctx, const profile_event_t *ev)
{
    profile_message_reader_t  *m = ctx;

    unsigned  rank;

    if (m->level > 1) {
        return profile_message_inner(m, ev);
    }

    if (!ev->named) {
        return PROFILE_OK;
    }

    if (profile_message_unescape(m, ev->name_start, ev->name_end) != 0) {
        return PROFILE_NO_MEMORY;
    }

    if (profile_str_eq(&profile_message_code_name, m->scratch.data,
                       m->scratch.len))
    {
        if (m->code.len == 0 && ev->type == PROFILE_STRING
            && profile_message_is_code(m->data + ev->start + 1,
                                       ev->end - ev->start - 2))
        {
            m->code.data = m->data + ev->start + 1;
            m->code.len = ev->end - ev->start - 2;

        } else {
            m->other = 1;
        }

        return PROFILE_OK;
    }

    rank = profile_message_rank(m, m->rank);

    return rank < m->rank ? profile_message_take(m, ev, rank, NULL)
                          : PROFILE_OK;
}


/* a string of "errors" or "error": the first that speaks counts */

static profile_reason_e
profile_message_inner(profile_message_reader_t *m, const profile_event_t *ev)
{
    profile_str_t  field;

    if (m->rank <= PROFILE_MESSAGE_ERRORS) {
        return PROFILE_OK;
    }

    if (!ev->named) {
        return m->level > (m->fields ? 3 : 2)
               ? PROFILE_OK
               : profile_message_take(m, ev, PROFILE_MESSAGE_ERRORS,
                                      &m->field);
    }

    if (profile_message_unescape(m, ev->name_start, ev->name_end) != 0) {
        return PROFILE_NO_MEMORY;
    }

    if (profile_message_rank(m, PROFILE_MESSAGE_NAMES) < PROFILE_MESSAGE_NAMES)
    {
        return profile_message_take(m, ev, PROFILE_MESSAGE_ERRORS, &m->field);
    }

    if (m->level > 2 || !m->fields) {
        return PROFILE_OK;
    }

    field.data = m->data + ev->name_start;
    field.len = ev->name_end - ev->name_start;

    return profile_message_take(m, ev, PROFILE_MESSAGE_ERRORS, &field);
}


/* of the name that was unescaped; what is not below the limit has that */

static unsigned
profile_message_rank(profile_message_reader_t *m, unsigned limit)
{
    unsigned  i;

    for (i = 0; i < limit; i++) {
        if (profile_str_eq(&profile_message_names[i], m->scratch.data,
                           m->scratch.len))
        {
            break;
        }
    }

    return i;
}


static profile_reason_e
profile_message_take(profile_message_reader_t *m, const profile_event_t *ev,
    unsigned rank, const profile_str_t *of)
{
    if (ev->type != PROFILE_STRING) {
        return PROFILE_OK;
    }

    if (profile_message_unescape(m, ev->start + 1, ev->end - 1) != 0) {
        return PROFILE_NO_MEMORY;
    }

    if (!profile_message_is_text(m->scratch.data, m->scratch.len)) {
        return PROFILE_OK;
    }

    m->found.data = m->data + ev->start + 1;
    m->found.len = ev->end - ev->start - 2;
    m->rank = rank;

    m->of.len = 0;

    if (of != NULL) {
        m->of = *of;
    }

    return PROFILE_OK;
}


/* a page in HTML is no message, wherever it stands (U6) */

static int
profile_message_is_text(const u_char *data, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {

        if (data[i] == '\n' || data[i] == '\r') {
            return 0;
        }

        if (data[i] != ' ' && data[i] != '\t') {
            return data[i] != '<';
        }
    }

    return 0;
}


/* a word, as it stands: one with escapes is none */

static int
profile_message_is_code(const u_char *data, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {

        if (!((data[i] >= 'a' && data[i] <= 'z')
              || (data[i] >= 'A' && data[i] <= 'Z')
              || (data[i] >= '0' && data[i] <= '9')
              || data[i] == '_' || data[i] == '-' || data[i] == '.'))
        {
            return 0;
        }
    }

    return len != 0 && len <= PROFILE_MESSAGE_CODE;
}


static profile_reason_e
profile_message_end(void *ctx, const profile_event_t *ev)
{
    profile_message_reader_t  *m = ctx;

    (void) ev;

    m->level--;

    if (m->level == 2) {
        m->field.len = 0;
    }

    return PROFILE_OK;
}


static int
profile_message_write(profile_message_reader_t *m, profile_buf_t *text)
{
    int     rc;
    size_t  start;

    rc = 0;

    if (m->of.len && !profile_str_eq(&profile_message_base, m->of.data,
                                     m->of.len))
    {
        start = m->of.data - m->data;
        rc = profile_message_unescape(m, start, start + m->of.len);

        if (rc == 0
            && profile_message_is_text(m->scratch.data, m->scratch.len))
        {
            rc = profile_buf_append(&m->alloc, text, m->scratch.data,
                                    m->scratch.len);
            if (rc == 0) {
                rc = profile_buf_append(&m->alloc, text,
                                        (const u_char *) ": ", 2);
            }
        }
    }

    start = m->found.data - m->data;

    if (rc != 0
        || profile_message_unescape(m, start, start + m->found.len) != 0
        || profile_buf_append(&m->alloc, text, m->scratch.data,
                              m->scratch.len)
           != 0)
    {
        return -1;
    }

    text->len = profile_message_cut(text->data, text->len);

    return 0;
}


static int
profile_message_unescape(profile_message_reader_t *m, size_t start, size_t end)
{
    unsigned  flags;

    return profile_text_plain(&m->alloc, &m->scratch, m->data + start,
                              end - start, &flags);
}


/* the first line only: a stack trace follows in others (U6) */

static size_t
profile_message_cut(const u_char *data, size_t len)
{
    size_t  n;

    for (n = 0; n < len && data[n] != '\n' && data[n] != '\r'; n++) {
        /* void */
    }

    if (n <= PROFILE_MESSAGE_BYTES) {
        return n;
    }

    n = PROFILE_MESSAGE_BYTES;

    while ((data[n] & 0xc0) == 0x80) {
        n--;
    }

    return n;
}
