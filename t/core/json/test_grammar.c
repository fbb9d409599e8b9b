
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves, for every text that can be made of a few symbols, that each engine
 * of the reader takes it if and only if the grammar of RFC 8259 does, and that
 * the chunks make no difference.  The grammar is written down here once more,
 * without chunks, offsets or yajl.
 */


#include "core/json/profile_reader.h"
#include "json/reader_test.h"
#include "profile_test.h"


typedef struct {
    const char  *symbols[16];
    unsigned     max;                    /* symbols in a text */
    const char  *before;
    const char  *after;
} alphabet_t;


static const alphabet_t  structure = {
    { "{", "}", "[", "]", ",", ":", "\"a\"", "1", NULL }, 5, "", ""
};

static const alphabet_t  spaces = {
    { " ", "[", "]", ",", "1", "true", "\n", NULL }, 5, "", ""
};

static const alphabet_t  members = {
    { "{", "}", ",", ":", "\"\"", "0", NULL }, 5, "{\"\":0", ""
};

static const alphabet_t  numbers = {
    { "-", "+", ".", "e", "E", "0", "7", NULL }, 5, "", ""
};

static const alphabet_t  numbers_inside = {
    { "-", "+", ".", "e", "0", "7", NULL }, 4, "[", "]"
};

static const alphabet_t  literals = {
    { "n", "u", "l", "t", "r", "e", NULL }, 5, "", ""
};

static const alphabet_t  strings = {
    { "\"", "\\", "/", "u", "n", "0", "a", NULL }, 5, "\"", "\""
};

static const alphabet_t  escapes = {
    { "\\", "u", "d", "8", "0", "G", NULL }, 5, "[\"\\u00", "\"]"
};


/* each takes what it can and returns what is left, or NULL */

static const char *grammar_value(const char *p);


static const char *
grammar_space(const char *p)
{
    return p + strspn(p, " \t\r\n");
}


static const char *
grammar_digits(const char *p)
{
    size_t  n;

    n = strspn(p, "0123456789");

    return n ? p + n : NULL;
}


static const char *
grammar_number(const char *p)
{
    p += *p == '-';

    p = *p == '0' ? p + 1 : grammar_digits(p);

    if (p && *p == '.') {
        p = grammar_digits(p + 1);
    }

    if (p && (*p == 'e' || *p == 'E')) {
        p++;
        p = grammar_digits(p + (*p == '+' || *p == '-'));
    }

    return p;
}


static const char *
grammar_string(const char *p)
{
    if (*p++ != '"') {
        return NULL;
    }

    while (*p != '"') {

        if ((u_char) *p < 0x20) {
            return NULL;
        }

        if (*p++ != '\\') {
            continue;
        }

        if (*p == 'u') {
            if (strspn(p + 1, "0123456789abcdefABCDEF") < 4) {
                return NULL;
            }

            p += 5;

        } else if (*p && strchr("\"\\/bfnrt", *p)) {
            p++;

        } else {
            return NULL;
        }
    }

    return p + 1;
}


static const char *
grammar_members(const char *p, char close)
{
    p = grammar_space(p + 1);

    if (*p == close) {
        return p + 1;
    }

    for ( ;; ) {
        if (close == '}') {
            p = grammar_string(p);
            p = p ? grammar_space(p) : NULL;

            if (p == NULL || *p++ != ':') {
                return NULL;
            }
        }

        p = grammar_value(p);

        if (p == NULL) {
            return NULL;
        }

        if (*p == close) {
            return p + 1;
        }

        if (*p != ',') {
            return NULL;
        }

        p = grammar_space(p + 1);
    }
}


static const char *
grammar_value(const char *p)
{
    size_t  i;

    static const char  *names[] = { "null", "true", "false" };

    p = grammar_space(p);

    switch (*p) {

    case '{':
        p = grammar_members(p, '}');
        break;

    case '[':
        p = grammar_members(p, ']');
        break;

    case '"':
        p = grammar_string(p);
        break;

    default:
        for (i = 0; i < 3; i++) {
            if (strncmp(p, names[i], strlen(names[i])) == 0) {
                return grammar_space(p + strlen(names[i]));
            }
        }

        p = grammar_number(p);
    }

    return p ? grammar_space(p) : NULL;
}


static int
grammar_text(const char *p)
{
    p = grammar_value(p);

    return p && *p == '\0';
}


static profile_reason_e
reader_read(profile_reader_engine_e engine, const char *text, size_t len,
    size_t piece, int inside, uint64_t *offset)
{
    size_t                 n, done;
    profile_reader_t      *r;
    profile_reason_e       rc;
    profile_reader_conf_t  conf;

    memset(&conf, 0, sizeof(conf));
    conf.engine = engine;
    conf.max_size = 1024;
    conf.max_depth = 64;

    r = profile_reader_create(&test_alloc, &conf, &test_reader_handler,
                              &inside);
    rc = PROFILE_OK;

    for (done = 0; done < len && rc == PROFILE_OK; done += n) {
        n = piece < len - done ? piece : len - done;
        rc = profile_reader_feed(r, (u_char *) text + done, n);
    }

    if (rc == PROFILE_OK) {
        rc = profile_reader_finish(r);
    }

    *offset = profile_reader_offset(r);
    profile_reader_destroy(r);

    return rc;
}


static void
grammar_check(profile_reader_engine_e engine, const char *text)
{
    int               inside;
    size_t            len, piece;
    uint64_t          offset, first_offset;
    profile_reason_e  rc, first;

    len = strlen(text);
    first = reader_read(engine, text, len, len + 1, 1, &first_offset);

    if ((first == PROFILE_OK) != grammar_text(text)) {
        fail_msg("%s, \"%s\": %s", test_engine_names[engine],
                 profile_reason_name(first)->data, text);
    }

    for (inside = 0; inside <= 1; inside++) {
        for (piece = 1; piece <= len; piece *= 2) {

            rc = reader_read(engine, text, len, piece, inside, &offset);

            if (rc != first || offset != first_offset) {
                fail_msg("%s, in pieces of %zu: \"%s\" at %u, in one: "
                         "\"%s\" at %u: %s", test_engine_names[engine], piece,
                         profile_reason_name(rc)->data, (unsigned) offset,
                         profile_reason_name(first)->data,
                         (unsigned) first_offset, text);
            }
        }
    }
}


static void
grammar_texts(const alphabet_t *a, char *text, size_t len, unsigned n)
{
    size_t                   i;
    profile_reader_engine_e  engine;

    (void) strcpy(text + len, a->after);

    test_engines (engine) {
        grammar_check(engine, text);
    }

    if (n == a->max) {
        return;
    }

    for (i = 0; a->symbols[i]; i++) {
        (void) strcpy(text + len, a->symbols[i]);
        grammar_texts(a, text, len + strlen(a->symbols[i]), n + 1);
    }
}


static void
test_grammar(void **state)
{
    char               text[64];
    const alphabet_t  *a = *state;

    (void) strcpy(text, a->before);

    grammar_texts(a, text, strlen(text), 0);
}


int
main(void)
{
    test_add("M6.3 brackets, commas and colons", test_grammar, &structure);
    test_add("M6.3 members of an object", test_grammar, &members);
    test_add("M6.3 white space", test_grammar, &spaces);
    test_add("M6.3 numbers", test_grammar, &numbers);
    test_add("M6.3 numbers in an array", test_grammar, &numbers_inside);
    test_add("M6.3 literals", test_grammar, &literals);
    test_add("M6.3 strings", test_grammar, &strings);
    test_add("M6.3 hexadecimal escapes", test_grammar, &escapes);

    return test_run();
}
