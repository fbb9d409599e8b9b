
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/json/profile_reader.h"
#include "core/response/profile_message.h"


#define PROFILE_MESSAGE_BYTES  500
#define PROFILE_MESSAGE_DEPTH  128
#define PROFILE_MESSAGE_CODE   64


typedef struct {
    profile_alloc_t       alloc;
    const u_char         *data;
    profile_buf_t         scratch;
    profile_str_t         found;         /* as it stands in the text */
    profile_str_t         code;          /* the same */
    unsigned              rank;          /* of what was found */
    unsigned              object:1;
    unsigned              other:1;       /* an errorCode that is not code */
} profile_message_reader_t;


static profile_reason_e profile_message_begin(void *ctx,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_message_value(void *ctx,
    const profile_event_t *ev);
static profile_reason_e profile_message_end(void *ctx,
    const profile_event_t *ev);
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


/* in the order in which they count */

static const profile_str_t  profile_message_names[] = {
    profile_string("message"),
    profile_string("error_description"),
    profile_string("detail"),
    profile_string("error")
};

#define PROFILE_MESSAGE_NAMES                                                \
    (sizeof(profile_message_names) / sizeof(profile_str_t))


static const profile_str_t  profile_message_code_name
                                               = profile_string("errorCode");


int
profile_message(const profile_alloc_t *a, const u_char *data, size_t len,
    profile_message_t *message)
{
    int                        rc;
    size_t                     start;
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
            start = m.found.data - data;
            rc = profile_message_unescape(&m, start, start + m.found.len);

            if (rc == 0) {
                rc = profile_buf_append(a, &message->text, m.scratch.data,
                                        profile_message_cut(m.scratch.data,
                                                            m.scratch.len));
            }
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

    *inside = (ev->type == PROFILE_OBJECT && !ev->named);

    if (*inside) {
        m->object = 1;
    }

    return PROFILE_OK;
}


static profile_reason_e
profile_message_value(void *ctx, const profile_event_t *ev)
{
    profile_message_reader_t  *m = ctx;

    unsigned              i;
    const profile_str_t  *name;

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

    if (ev->type != PROFILE_STRING) {
        return PROFILE_OK;
    }

    for (i = 0; i < m->rank; i++) {
        name = &profile_message_names[i];

        if (profile_str_eq(name, m->scratch.data, m->scratch.len)) {
            break;
        }
    }

    if (i == m->rank) {
        return PROFILE_OK;
    }

    if (profile_message_unescape(m, ev->start + 1, ev->end - 1) != 0) {
        return PROFILE_NO_MEMORY;
    }

    if (profile_message_is_text(m->scratch.data, m->scratch.len)) {
        m->found.data = m->data + ev->start + 1;
        m->found.len = ev->end - ev->start - 2;
        m->rank = i;
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
    (void) ctx;
    (void) ev;

    return PROFILE_OK;
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
