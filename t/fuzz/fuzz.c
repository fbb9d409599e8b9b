
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include <ctype.h>
#include <float.h>

#include "fuzz.h"
#include "core/schema/profile_schema_shape.h"


/* of a text, and what is too long to be fed byte by byte */

#define RUNS  2
#define MANY  4096


static size_t fuzz_plain(u_char *dst, const u_char *data, size_t len,
    fuzz_text_t *text);
static void fuzz_numbers(const u_char *data, size_t len, fuzz_text_t *text);
static int fuzz_is_exponent(const u_char *first, const u_char *p);
static size_t fuzz_string(u_char *dst, const u_char *data, size_t len,
    int *odd);
static long fuzz_unicode(const u_char *p, size_t len);
static int fuzz_is_name(const u_char *p, size_t len);


const profile_str_t  fuzz_whole = { 0, NULL };


int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void) argc;
    (void) argv;

    fuzz_init();

    return 0;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    long           blocks;
    profile_str_t  in;

    in.data = data;
    in.len = size;

    blocks = test_alloc_blocks();

    fuzz_one(&in);

    if (test_alloc_blocks() != blocks) {
        fuzz_fail("%ld blocks were left behind",
                  test_alloc_blocks() - blocks);
    }

    return 0;
}


void
fuzz_fail(const char *fmt, ...)
{
    va_list  args;

    va_start(args, fmt);

    (void) fputs("finding: ", stderr);
    (void) vfprintf(stderr, fmt, args);
    (void) fputs("\n", stderr);

    va_end(args);

    abort();
}


profile_str_t
fuzz_line(profile_str_t *in)
{
    profile_str_t  line;
    const u_char  *end;

    line = *in;
    end = in->len ? memchr(in->data, '\n', in->len) : NULL;

    if (end) {
        line.len = end - in->data;
        in->data = end + 1;
        in->len -= line.len + 1;

    } else {
        in->data += in->len;
        in->len = 0;
    }

    return line;
}


unsigned
fuzz_choice(const profile_str_t *line, size_t n)
{
    return n < line->len ? (unsigned) (line->data[n] - '0') & 0x3f : 0;
}


profile_str_t
fuzz_copy(const u_char *data, size_t len)
{
    u_char         *p;
    profile_str_t   s;

    p = malloc(len + 1);

    if (len) {
        memcpy(p, data, len);
    }

    s.data = p;
    s.len = len;

    return s;
}


profile_str_t
fuzz_stretch(const profile_str_t *text, size_t run)
{
    u_char         *p;
    size_t          i, runs;
    profile_str_t   str;

    runs = 0;
    p = malloc(text->len + RUNS * run);
    str.data = p;

    for (i = 0; i < text->len; i++) {

        if (text->data[i] == 0x7f && i + 1 < text->len && runs < RUNS) {
            memset(p, text->data[i + 1], run);
            p += run;
            runs++;
            continue;
        }

        *p++ = text->data[i];
    }

    str.len = p - str.data;

    return str;
}


profile_reason_e
fuzz_feed(fuzz_feed_pt feed, void *ctx, const profile_str_t *text,
    const profile_str_t *pieces)
{
    size_t             n, i, done;
    u_char            *copy;
    profile_reason_e   rc;

    rc = PROFILE_OK;
    i = 0;

    for (done = 0; done < text->len && rc == PROFILE_OK; done += n) {
        n = text->len;

        if (pieces->len) {
            n = fuzz_choice(pieces, i % pieces->len);

            /* nothing may come, too, but not for ever */

            if (n == 0 && i % pieces->len == 0) {
                n = 1;
            }

            i++;
        }

        if (n > text->len - done) {
            n = text->len - done;
        }

        /* a copy of its own, so that a read past it or after it is seen */

        copy = malloc(n);
        memcpy(copy, text->data + done, n);

        rc = feed(ctx, copy, n);

        memset(copy, 0xa5, n);
        free(copy);
    }

    return rc;
}


const profile_str_t *
fuzz_bytes(const profile_str_t *text)
{
    static const profile_str_t  one = profile_string("1");
    static const profile_str_t  many = profile_string("n");

    return text->len > MANY ? &many : &one;
}


static profile_reason_e
fuzz_rewriter_feed(void *ctx, const u_char *data, size_t len)
{
    return profile_rewriter_feed(ctx, data, len);
}


void
fuzz_rewrite(const profile_rewriter_conf_t *conf, const profile_str_t *text,
    const profile_str_t *pieces, fuzz_rewritten_t *r)
{
    profile_sink_t       sink;
    profile_rewriter_t  *rw;

    memset(r, 0, sizeof(fuzz_rewritten_t));

    sink.write = test_write;
    sink.ctx = &r->out;

    rw = profile_rewriter_create(&test_alloc, conf, &sink);
    if (rw == NULL) {
        r->reason = PROFILE_NO_MEMORY;
        return;
    }

    r->reason = fuzz_feed(fuzz_rewriter_feed, rw, text, pieces);

    if (r->reason == PROFILE_OK) {
        r->reason = profile_rewriter_finish(rw);
    }

    if (profile_rewriter_feed(rw, (u_char *) "", 0) != r->reason
        && r->reason != PROFILE_OK)
    {
        fuzz_fail("another error after an error");
    }

    r->offset = profile_rewriter_offset(rw);
    r->left_out = profile_rewriter_left_out(rw);
    r->counts = *profile_rewriter_counts(rw);

    profile_rewriter_destroy(rw);
}


void
fuzz_rewritten(const profile_rewriter_conf_t *conf, const fuzz_rewritten_t *r)
{
    profile_str_t            text;
    fuzz_rewritten_t         again;
    profile_rewriter_conf_t  second;

    if (!fuzz_is_json(r->out.data, r->out.len)) {
        fuzz_fail("became no JSON: %.*s", (int) r->out.len, r->out.data);
    }

    /*
     * With fewer of its members it may be no user any more; paths are of what
     * the backend sends.
     */

    if (conf->view.nfields || profile_schema_shape_said(conf->schema)) {
        return;
    }

    /* of what was in a wrapper nothing says so any more */

    if (conf->wrapper.len && (conf->unwrap || conf->list.enabled)) {
        return;
    }

    second = *conf;
    second.unwrap = 0;

    if (conf->list.enabled) {
        memset(&second.list, 0, sizeof(profile_list_t));
        memset(&second.view, 0, sizeof(profile_view_t));
    }

    /* what is moved stands deeper, a list too, and the containers are new */

    second.max_depth += 2;
    second.max_user_size = 2 * r->out.len + 1024;

    text.data = r->out.data;
    text.len = r->out.len;

    fuzz_rewrite(&second, &text, &fuzz_whole, &again);

    if (again.reason != PROFILE_OK) {
        fuzz_fail("second pass: %s at %lu: %.*s",
                  profile_reason_name(again.reason)->data,
                  (unsigned long) again.offset, (int) text.len, text.data);
    }

    if (again.out.len != text.len
        || memcmp(again.out.data, text.data, text.len) != 0)
    {
        fuzz_fail("second pass: %.*s\nbecame %.*s", (int) text.len, text.data,
                  (int) again.out.len, again.out.data);
    }

    free(again.out.data);
}


void
fuzz_compare(const fuzz_rewritten_t *whole, const fuzz_rewritten_t *r,
    const char *pieces)
{
    size_t  len;

    if (r->reason != whole->reason || r->offset != whole->offset) {
        fuzz_fail("%s at %lu, in %s: %s at %lu",
                  profile_reason_name(whole->reason)->data,
                  (unsigned long) whole->offset, pieces,
                  profile_reason_name(r->reason)->data,
                  (unsigned long) r->offset);
    }

    len = r->out.len < whole->out.len ? r->out.len : whole->out.len;

    if ((r->reason == PROFILE_OK && r->out.len != whole->out.len)
        || (len && memcmp(r->out.data, whole->out.data, len) != 0))
    {
        fuzz_fail("%.*s\nin %s: %.*s",
                  (int) whole->out.len, whole->out.data, pieces,
                  (int) r->out.len, r->out.data);
    }

    if (r->left_out != whole->left_out) {
        fuzz_fail("M6.5: others are left out in %s", pieces);
    }

    if (r->reason == PROFILE_OK
        && memcmp(&r->counts, &whole->counts, sizeof(profile_counts_t)) != 0)
    {
        fuzz_fail("other counts in %s", pieces);
    }
}


json_t *
fuzz_read(const u_char *data, size_t len, fuzz_text_t *text)
{
    size_t         n;
    json_t        *json, *once;
    u_char        *plain;
    json_error_t   error;

    memset(text, 0, sizeof(fuzz_text_t));

    fuzz_numbers(data, len, text);

    /* jansson overlooks a NUL behind a number */

    if (len && memchr(data, '\0', len)) {
        return NULL;
    }

    plain = malloc(len + 1);
    n = fuzz_plain(plain, data, len, text);

    json = json_loadb((char *) plain, n,
                      JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &error);

    if (json) {
        once = json_loadb((char *) plain, n,
                          JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL
                          | JSON_REJECT_DUPLICATES, &error);

        text->twice = (once == NULL);
        json_decref(once);
    }

    free(plain);

    return json;
}


/* what jansson can represent, of the same form; dst has room for len bytes */

static size_t
fuzz_plain(u_char *dst, const u_char *data, size_t len, fuzz_text_t *text)
{
    int      odd;
    size_t   n;
    u_char  *p;

    p = dst;

    while (len) {
        n = 1;

        if (*data == '"') {
            n = fuzz_string(p, data, len, &odd);
            p += n;

            text->odd |= odd;
            text->odd_name |= odd && fuzz_is_name(data + n, len - n);

        } else if (*data >= '0' && *data <= '9') {

            while (n < len && data[n] >= '0' && data[n] <= '9') {
                n++;
            }

            /* of an exponent nothing is kept: 1e1 is 10.0 to jansson */

            *p = (*data == '0' || fuzz_is_exponent(dst, p)) ? '0' : '1';
            p++;

            if (*data == '0' && n > 1) {
                *p++ = '0';
            }

        } else {
            *p++ = *data;
        }

        data += n;
        len -= n;
    }

    return p - dst;
}


/* the sign does not matter */

static void
fuzz_numbers(const u_char *data, size_t len, fuzz_text_t *text)
{
    int      odd;
    char    *copy, *p, *end;
    double   value;
    u_char  *string;

    copy = malloc(len + 1);
    string = malloc(len + 1);

    if (len) {
        memcpy(copy, data, len);
    }

    copy[len] = '\0';

    for (p = copy; p < copy + len; p = end) {
        end = p + 1;

        if (*p == '"') {
            end = p + fuzz_string(string, (u_char *) p, len - (p - copy), &odd);

        } else if (*p >= '0' && *p <= '9') {
            value = strtod(p, &end);

            text->infinite |= (value > DBL_MAX);
            text->largest |= (value == DBL_MAX);
        }
    }

    free(string);
    free(copy);
}


static int
fuzz_is_exponent(const u_char *first, const u_char *p)
{
    if (p > first && (p[-1] == '+' || p[-1] == '-')) {
        p--;
    }

    return p > first && (p[-1] == 'e' || p[-1] == 'E');
}


/* Copies a string, as far as there is one.  Returns its length. */

static size_t
fuzz_string(u_char *dst, const u_char *data, size_t len, int *odd)
{
    size_t  i, n;
    long    code;

    *odd = 0;

    for (n = 1; n < len && data[n] != '"'; n++) {
        n += (data[n] == '\\');
    }

    n = (n < len) ? n + 1 : len;

    memcpy(dst, data, n);

    for (i = 1; i < n; i++) {

        if (data[i] != '\\') {
            continue;
        }

        code = fuzz_unicode(data + i, n - i);

        if (code >= 0xd800 && code < 0xdc00 && n - i > 6
            && (fuzz_unicode(data + i + 6, n - i - 6) & ~0x3ff) == 0xdc00)
        {
            i += 11;
            continue;
        }

        if (code == 0 || (code & ~0x7ff) == 0xd800) {
            dst[i + 2] = 'E';
            *odd = 1;
        }

        i++;
    }

    return n;
}


/* the number of a "\uXXXX", or -1 */

static long
fuzz_unicode(const u_char *p, size_t len)
{
    char    digits[5];
    size_t  i;

    if (len < 6 || p[0] != '\\' || p[1] != 'u') {
        return -1;
    }

    for (i = 0; i < 4; i++) {
        digits[i] = p[i + 2];

        if (!isxdigit(p[i + 2])) {
            return -1;
        }
    }

    digits[4] = '\0';

    return strtol(digits, NULL, 16);
}


static int
fuzz_is_name(const u_char *p, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {

        if (p[i] == '\0' || strchr(" \t\r\n", p[i]) == NULL) {
            return p[i] == ':';
        }
    }

    return 0;
}


int
fuzz_is_json(const u_char *data, size_t len)
{
    json_t       *json;
    fuzz_text_t   text;

    json = fuzz_read(data, len, &text);
    json_decref(json);

    return json != NULL;
}


size_t
fuzz_members(const u_char *data, size_t len)
{
    size_t    i, n;
    unsigned  depth;

    n = 0;
    depth = 0;

    for (i = 0; i < len; i++) {

        switch (data[i]) {

        case '"':
            while (data[++i] != '"') {
                i += (data[i] == '\\');
            }

            break;

        case '{':
        case '[':
            depth++;
            break;

        case '}':
        case ']':
            depth--;
            break;

        case ':':
            n += (depth == 1);
            break;
        }
    }

    return n;
}


size_t
fuzz_depth(json_t *json)
{
    size_t       n, depth, deepest;
    json_t      *value;
    const char  *name;

    deepest = 0;

    json_object_foreach(json, name, value) {
        depth = fuzz_depth(value);
        deepest = depth > deepest ? depth : deepest;
    }

    json_array_foreach(json, n, value) {
        depth = fuzz_depth(value);
        deepest = depth > deepest ? depth : deepest;
    }

    return json_is_object(json) || json_is_array(json) ? deepest + 1 : 0;
}


void
fuzz_message(const profile_buf_t *message)
{
    profile_buf_t  answer;
    profile_str_t  text;

    static const profile_str_t  phrase = profile_string("Bad Request");
    static const profile_str_t  code = profile_string("invalid_body");

    text.data = message->data;
    text.len = message->len;

    memset(&answer, 0, sizeof(profile_buf_t));

    if (profile_error_answer(&test_alloc, &answer, 400, &phrase, &text, &code)
        != 0)
    {
        fuzz_fail("no memory for an answer");
    }

    if (!fuzz_is_json(answer.data, answer.len)) {
        fuzz_fail("answer is no JSON: %.*s", (int) answer.len, answer.data);
    }

    profile_buf_free(&test_alloc, &answer);
}
