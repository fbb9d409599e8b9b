
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * What fields show of a user (U5.3, U5.7), against another way to tell: from
 * the whole user of v2, with lists of names and copies of all that is kept.
 *
 * The input: a line of choices, a line of fields between commas, then the body.
 * The choices: whether the fields are left out, what the body is the value of,
 * the allocation that fails.
 */


#include "core/profile_text.h"
#include "fuzz.h"


#define FIELDS  64


/* a text that grows */

typedef struct {
    char                 *data;
    size_t                len;
    size_t                size;
} naive_t;


static profile_schema_t  *schema;

static profile_str_t      fields[FIELDS];
static size_t             nfields;
static int                exclude;


void
fuzz_init(void)
{
    schema = test_schema(
        "identity email; rename old new; drop gone; provider p x ~y.*;"
        "metadata_prefix app_metadata am_; user_metadata ~u.*;"
        "null_metadata omit; identity_drop token;");
}


static void
naive_put(naive_t *n, const char *data, size_t len)
{
    if (n->size - n->len < len + 1) {
        n->size = 2 * (n->size + len + 1);
        n->data = realloc(n->data, n->size);
    }

    memcpy(n->data + n->len, data, len);

    n->len += len;
    n->data[n->len] = '\0';
}


/* Returns 1: it is a field; 2: it begins one, up to a dot; else 0. */

static int
naive_names(const naive_t *path)
{
    int     named;
    size_t  i;

    named = 0;

    for (i = 0; i < nfields; i++) {

        if (fields[i].len < path->len
            || memcmp(fields[i].data, path->data, path->len) != 0)
        {
            continue;
        }

        if (fields[i].len == path->len) {
            return 1;
        }

        if (fields[i].data[path->len] == '.') {
            named = 2;
        }
    }

    return named;
}


static const char *
naive_space(const char *p)
{
    return p + strspn(p, " \t\r\n");
}


/* Returns what follows a value. */

static const char *
naive_end(const char *p)
{
    int  depth;

    depth = 0;

    do {
        if (*p == '"') {
            for (p++; *p != '"'; p++) {
                p += (*p == '\\');
            }

        } else if (*p == '{' || *p == '[') {
            depth++;

        } else if (*p == '}' || *p == ']') {
            depth--;

        } else if (depth == 0) {
            return p + strcspn(p, ",]} \t\r\n");
        }

        p++;

    } while (depth);

    return p;
}


/* The path of a member of what has a path, or of the root. */

static void
naive_path(naive_t *path, const naive_t *around, const char *name, size_t len)
{
    u_char    *text;
    unsigned   flags;

    memset(path, 0, sizeof(naive_t));

    if (around) {
        naive_put(path, around->data, around->len);
        naive_put(path, ".", 1);
    }

    text = malloc(len + 1);
    len = profile_text_unescape(text, (const u_char *) name, len, &flags);

    naive_put(path, (char *) text, len);
    free(text);
}


static int naive_value(naive_t *out, const char *p, const naive_t *path);


/*
 * One entry of an object or array, into out, which stays empty where it is not
 * shown; path is that of the member or of the array.  Returns what
 * naive_names() says of it.
 */

static int
naive_entry(naive_t *out, const char *start, const char *value,
    const naive_t *path, int array)
{
    int          names;
    naive_t      inside;
    const char  *end;

    names = array ? 2 : naive_names(path);
    end = naive_end(value);

    if (names == 2) {
        memset(&inside, 0, sizeof(naive_t));

        if (naive_value(&inside, value, path)) {
            naive_put(out, start, value - start);
            naive_put(out, inside.data, inside.len);
        }

        free(inside.data);

    } else if ((names == 1) != exclude) {
        naive_put(out, start, end - start);
    }

    return names;
}


/* An entry without white space, or an end with what was before it. */

static void
naive_close(naive_t *loose, naive_t *tight, const char *before, size_t len,
    const naive_t *entry, const char *name, const char *value)
{
    naive_put(loose, before, len);
    naive_put(loose, entry->data, entry->len);

    naive_put(tight, tight->len > 1 ? "," : "", tight->len > 1);

    if (name) {
        naive_put(tight, name, naive_end(name) - name);
        naive_put(tight, ":", 1);
    }

    naive_put(tight, entry->data + (value - (name ? name : value)),
              entry->len - (value - (name ? name : value)));
}


/*
 * What is shown of an object or array: as it stands in the text, or without
 * white space if something is left out.
 */

static void
naive_bracket(naive_t *out, const char *p, const naive_t *path)
{
    int          lost, names, array, twice;
    size_t       i, nparts;
    naive_t      loose, tight, entry, member, parts, *part;
    const char  *before, *start, *value;

    memset(&loose, 0, sizeof(naive_t));
    memset(&tight, 0, sizeof(naive_t));
    memset(&parts, 0, sizeof(naive_t));

    array = (*p == '[');
    lost = 0;
    nparts = 0;
    before = p;

    naive_put(&tight, p, 1);

    for (p = naive_space(p + 1); *p != ']' && *p != '}'; p = naive_space(p)) {

        if (*p == ',') {
            p = naive_space(p + 1);
        }

        start = p;
        value = p;

        if (!array) {
            value = naive_space(naive_space(naive_end(p)) + 1);
            naive_path(&member, path, start + 1, naive_end(p) - start - 2);
        }

        p = naive_end(value);

        memset(&entry, 0, sizeof(naive_t));
        names = naive_entry(&entry, start, value, array ? path : &member,
                            array);
        twice = 0;

        for (i = 0; i < nparts; i++) {
            part = (naive_t *) (void *) parts.data + i;
            twice |= (part->len == member.len
                      && memcmp(part->data, member.data, member.len) == 0);
        }

        if (entry.len == 0 && twice) {
            naive_put(&entry, start, p - start);
        }

        if (entry.len) {
            naive_close(&loose, &tight, before, start - before, &entry,
                        array ? NULL : start, value);

        } else {
            lost = 1;
        }

        before = p;

        if (!array && names == 2 && entry.len) {
            naive_put(&parts, (char *) &member, sizeof(naive_t));
            nparts++;

        } else if (!array) {
            free(member.data);
        }

        free(entry.data);
    }

    naive_put(&loose, before, p + 1 - before);
    naive_put(&tight, p, 1);

    naive_put(out, lost ? tight.data : loose.data,
              lost ? tight.len : loose.len);

    for (i = 0; i < nparts; i++) {
        free(((naive_t *) (void *) parts.data)[i].data);
    }

    free(parts.data);
    free(loose.data);
    free(tight.data);
}


/* Returns 0 where a value on the way to a field is not shown at all. */

static int
naive_value(naive_t *out, const char *p, const naive_t *path)
{
    if (*p == '{' || *p == '[') {
        naive_bracket(out, p, path);
        return 1;
    }

    if (exclude) {
        naive_put(out, p, naive_end(p) - p);
        return 1;
    }

    return 0;
}


static void
split(const profile_str_t *line)
{
    const u_char  *p, *comma, *last;

    nfields = 0;
    last = line->data + line->len;

    for (p = line->data; line->len && nfields < FIELDS; p = comma + 1) {
        comma = memchr(p, ',', last - p);

        fields[nfields].data = p;
        fields[nfields++].len = (comma ? comma : last) - p;

        if (comma == NULL) {
            break;
        }
    }
}


/* a user, of whom the body is all, or the value of a member */

static profile_str_t
user(const profile_str_t *body, unsigned kind)
{
    size_t         len;
    u_char        *text;
    profile_str_t  s;

    static const char *const  heads[] = {
        "", "{\"user_id\":\"p|1\",\"email\":", "{\"user_id\":\"p|1\",\"m\":",
        "{\"user_id\":\"p|1\",\"identities\":"
    };

    len = strlen(heads[kind]);
    text = malloc(len + body->len + 2);

    memcpy(text, heads[kind], len);
    memcpy(text + len, body->data, body->len);
    len += body->len;

    if (kind) {
        text[len++] = '}';
    }

    text[len] = '\0';

    s.data = text;
    s.len = len;

    return s;
}


static void
check(const profile_str_t *text, const fuzz_rewritten_t *whole,
    const fuzz_rewritten_t *part)
{
    naive_t      out;
    const char  *p;

    if (part->reason != whole->reason || part->offset != whole->offset) {
        fuzz_fail("another error with fields");
    }

    p = naive_space((const char *) text->data);

    if (whole->reason != PROFILE_OK || whole->counts.users != 1 || *p != '{') {
        return;
    }

    memset(&out, 0, sizeof(naive_t));

    (void) test_write((void *) (uintptr_t) &whole->out, (u_char *) "", 1);

    p = naive_space((char *) whole->out.data);
    naive_put(&out, (char *) whole->out.data, p - (char *) whole->out.data);

    if (nfields) {
        naive_bracket(&out, p, NULL);
        p = naive_end(p);
    }

    naive_put(&out, p, strlen(p));

    if (out.len != part->out.len
        || memcmp(out.data, part->out.data, out.len) != 0)
    {
        fuzz_fail("U5.7: %.*s\nis not what there is to be: %s",
                  (int) part->out.len, part->out.data, out.data);
    }

    if (!fuzz_is_json(part->out.data, part->out.len)) {
        fuzz_fail("U5.7: no JSON: %.*s", (int) part->out.len, part->out.data);
    }

    free(out.data);
}


void
fuzz_one(profile_str_t *in)
{
    profile_str_t            head, line, text;
    fuzz_rewritten_t         whole, part, little;
    profile_rewriter_conf_t  conf;

    head = fuzz_line(in);
    line = fuzz_line(in);

    split(&line);
    exclude = fuzz_choice(&head, 0) & 1;
    text = user(in, fuzz_choice(&head, 1) & 3);

    memset(&conf, 0, sizeof(conf));
    conf.schema = schema;
    conf.max_user_size = 1024 * 1024;
    conf.max_depth = 64;

    fuzz_rewrite(&conf, &text, &fuzz_whole, &whole);

    conf.view.fields = fields;
    conf.view.nfields = nfields;
    conf.view.exclude = exclude;

    fuzz_rewrite(&conf, &text, &fuzz_whole, &part);

    check(&text, &whole, &part);

    if (fuzz_choice(&head, 2)) {
        test_alloc_fail(fuzz_choice(&head, 2));
        fuzz_rewrite(&conf, &text, &fuzz_whole, &little);
        test_alloc_fail(0);

        if (little.reason == PROFILE_OK
            && (little.out.len != part.out.len
                || memcmp(little.out.data, part.out.data, part.out.len) != 0))
        {
            fuzz_fail("U5.7: another user with little memory");
        }

        free(little.out.data);
    }

    free(whole.out.data);
    free(part.out.data);
    free((void *) text.data);
}
