
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_schema_build.h"
#include "schema_fuzz.h"


#define STATEMENTS  64
#define WORDS       32


/* an account, a user of a directory, and what neither of them has */

static const char *const  shapes[FUZZ_SHAPES] = {

    "user id\n"
    "rename id user_id\n"
    "identity email created_at\n"
    "rename userName username\n"
    "rename display_name name\n"
    "rename locked blocked\n"
    "drop encrypted_password profile.secret\n"
    "provider_from provider\n"
    "provider email\n"
    "provider github login\n"
    "provider google_oauth2 locale\n"
    "lift profile.first_name profile.avatarUrl\n"
    "rename first_name given_name\n"
    "rename avatarUrl picture\n"
    "provider * profile\n"
    "merge preferences into user_metadata write\n"
    "merge settings into app_metadata write\n"
    "default root\n"
    "null_metadata omit\n"
    "forbidden __proto__\n"
    "writable email password username name blocked\n"
    "option connection client_id\n",

    "user id\n"
    "rename id user_id\n"
    "identity username email enabled\n"
    "rename firstName given_name\n"
    "drop access federatedIdentities.token\n"
    "rename federatedIdentities identities\n"
    "identity_drop token\n"
    "provider_from federatedIdentities.0.identityProvider\n"
    "provider github\n"
    "provider ldap LDAP_ID department\n"
    "unwrap attributes.* adminAttributes.*\n"
    "lift attributes.LDAP_ID attributes.department attributes.avatarUrl\n"
    "rename avatarUrl picture\n"
    "user_metadata ~LDAP_ID|department\n"
    "merge attributes into user_metadata write\n"
    "merge adminAttributes into app_metadata write\n"
    "default root\n"
    "null_metadata omit\n"
    "writable email password username given_name\n"
    "option client_id\n"
    "option connection as=origin with=create\n",

    "user id user_id\n"
    "rename logins identities\n"
    "identity email\n"
    "provider_from via logins.0.via user_id\n"
    "provider p sent ~x_.*\n"
    "provider auth0\n"
    "provider * shared\n"
    "drop gone data.app.gone\n"
    "lift card.sent card.city\n"
    "rename city town\n"
    "merge data.app into app_metadata write\n"
    "merge data.user extra into user_metadata\n"
    "metadata_prefix user_metadata um_\n"
    "metadata_prefix app_metadata am_\n"
    "unwrap ~data\\.app\\..* l values=any\n"
    "container user_metadata traits\n"
    "container app_metadata facts\n"
    "user_metadata hobby l\n"
    "identity_drop token\n"
    "null_metadata omit\n"
    "writable email town\n"
    "writable nick via=attributes\n"
    "writable seen on=update via=metadata\n"
    "option verify_email\n"
    "option how as=method with=attributes\n"
    "option client as=app with=email\n",

    "rename mail email\n"
    "identity data\n"
    "provider p sent\n"
    "provider github plan\n"
    "merge data.m.app into app_metadata write\n"
    "merge data.m.user into user_metadata write\n"
    "merge metadata into app_metadata\n"
    "lift data.sent data.m.plan\n"
    "drop data.m.user.away data.away\n"
    "unwrap data.m.user.list data.m.app.*\n"
    "rename sent got\n"
    "default user_metadata\n"
    "null_metadata omit\n"
    "reserved blocked\n"
    "writable email on=update\n"
    "writable name\n"
    "option connection as=mailbox with=create\n"
};

static fuzz_shape_t  fixed[FUZZ_SHAPES];

static const profile_hash_t  seed = { { 0x0123456789abcdef, 42 } };
static const profile_str_t   file = profile_string("fuzz");


static void init(fuzz_shape_t *shape);
static fuzz_shape_t *make(fuzz_shape_t *shape, profile_str_t *in);


/* The words of a line, each of memory of its own; to be freed. */

static size_t
split(profile_str_t line, profile_str_t *words)
{
    size_t         n;
    u_char        *copy;
    const u_char  *space;

    for (n = 0; n < WORDS; n++) {
        space = line.len ? memchr(line.data, ' ', line.len) : NULL;

        words[n].len = space ? (size_t) (space - line.data) : line.len;

        /* those of nginx end with a NUL, and hold no other */

        copy = malloc(words[n].len + 1);
        memcpy(copy, line.data, words[n].len);
        copy[words[n].len] = '\0';

        words[n].data = copy;

        if (space == NULL) {
            return n + 1;
        }

        line.data += words[n].len + 1;
        line.len -= words[n].len + 1;
    }

    return n;
}


static void
check_error(profile_schema_t *s)
{
    const profile_str_t  *error;

    error = profile_schema_error(s);

    if (error->len == 0 || error->data[error->len] != '\0'
        || strlen((char *) error->data) != error->len)
    {
        fuzz_fail("a mistake without a message");
    }
}


profile_schema_t *
fuzz_schema_read(profile_str_t *in, fuzz_statement_pt said, void *ctx)
{
    int                rc;
    size_t             n, i, lines;
    profile_str_t      line, words[WORDS];
    profile_schema_t  *s;

    s = profile_schema_create(&test_alloc, &seed);
    if (s == NULL) {
        return NULL;
    }

    for (lines = 0; in->len && lines < STATEMENTS; lines++) {
        line = fuzz_line(in);

        if (line.len == 0) {
            break;
        }

        if (memchr(line.data, '\0', line.len)) {
            continue;
        }

        n = split(line, words);
        rc = profile_schema_add(s, &file, lines + 1, words, n);

        if (rc == 0 && said) {
            said(ctx, words, n);
        }

        for (i = 0; i < n; i++) {
            free((void *) words[i].data);
        }

        if (rc != 0) {
            goto mistake;
        }
    }

    if (profile_schema_finish(s) == 0) {
        return s;
    }

mistake:

    check_error(s);
    profile_schema_destroy(s);

    return NULL;
}


void
fuzz_shapes(void)
{
    unsigned       n;
    profile_str_t  text;

    for (n = 0; n < FUZZ_SHAPES; n++) {
        text.data = (const u_char *) shapes[n];
        text.len = strlen(shapes[n]);

        if (make(&fixed[n], &text) == NULL) {
            fuzz_fail("schema %u has a mistake", n);
        }
    }
}


void
fuzz_shape_plain(fuzz_shape_t *shape, profile_schema_t *s)
{
    init(shape);

    (void) strcpy(shape->id, "user_id");

    shape->schema = s;
    shape->omits = 1;
}


const fuzz_shape_t *
fuzz_shape(unsigned n, profile_str_t *in)
{
    fuzz_shape_t  *shape;

    if (n < FUZZ_SHAPES) {
        return &fixed[n];
    }

    shape = calloc(1, sizeof(fuzz_shape_t));
    shape->any = 1;

    if (make(shape, in) == NULL) {
        fuzz_shape_destroy(shape);
        return NULL;
    }

    return shape;
}


void
fuzz_shape_destroy(const fuzz_shape_t *shape)
{
    if (shape == NULL || !shape->any) {
        return;
    }

    profile_schema_destroy(shape->schema);
    json_decref(shape->providers);
    json_decref(shape->roots);
    json_decref(shape->lifts);
    json_decref(shape->writable);
    json_decref(shape->old);
    free((void *) shape);
}


static int
is(const profile_str_t *word, const char *text)
{
    return strcmp((char *) word->data, text) == 0;
}


static void
take(fuzz_shape_t *shape, char *to, const profile_str_t *word)
{
    if (word->len < FUZZ_WORD) {
        (void) strcpy(to, (char *) word->data);

    } else {
        shape->odd = 1;
    }
}


static void
names(json_t *object, const profile_str_t *words, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (words[i].data[0] != '~') {
            (void) json_object_set_new(object, (char *) words[i].data,
                                       json_true());
        }
    }
}


/* of what has another name in v1, all that it may be in v2 */

static void
rename_of(fuzz_shape_t *shape, const char *old, const char *new)
{
    json_t  *list;

    list = json_object_get(shape->old, old);

    if (list == NULL) {
        list = json_array();
        (void) json_object_set_new(shape->old, old, list);
    }

    (void) json_array_append_new(list, json_string(new));
}


/* what stands behind the names may be "as=" and "with=" */

static void
option(fuzz_shape_t *shape, const profile_str_t *words, size_t n)
{
    const char  *word;

    names(shape->writable, words + 1, n - 1);

    while (--n > 1) {
        word = (char *) words[n].data;

        if (strncmp(word, "as=", 3) == 0) {
            rename_of(shape, word + 3, (char *) words[1].data);

        } else if (strncmp(word, "with=", 5) != 0) {
            break;
        }
    }
}


static void
merge(fuzz_shape_t *shape, const profile_str_t *words, size_t n)
{
    int     c;
    char    name[FUZZ_WORD];
    size_t  i;

    if (is(&words[n - 1], "write")) {
        c = is(&words[n - 2], "user_metadata");
        take(shape, shape->write[c], &words[1]);

        return;
    }

    for (i = 1; i < n - 2; i++) {
        if (fuzz_path((char *) words[i].data, name)) {
            shape->deep[is(&words[n - 1], "user_metadata")] = 1;
        }
    }
}


static void
said(void *ctx, const profile_str_t *words, size_t n)
{
    size_t         i;
    json_t        *sent;
    fuzz_shape_t  *shape = ctx;

    if (is(words, "user") && shape->id[0] == '\0') {
        take(shape, shape->id, &words[1]);

    } else if (is(words, "rename")) {
        names(shape->roots, words + 1, 1);
        rename_of(shape, (char *) words[1].data, (char *) words[2].data);

    } else if (is(words, "identity")) {
        names(shape->roots, words + 1, n - 1);

    } else if (is(words, "provider")) {
        sent = json_object_get(shape->providers, (char *) words[1].data);

        if (sent == NULL) {
            sent = json_object();
            (void) json_object_set_new(shape->providers,
                                       (char *) words[1].data, sent);
        }

        names(sent, words + 2, n - 2);

    } else if (is(words, "provider_from")) {

        if (shape->from[0] == '\0') {
            take(shape, shape->from, &words[1]);
        }

    } else if (is(words, "lift")) {
        for (i = 1; i < n; i++) {
            (void) json_array_append_new(shape->lifts,
                                         json_string((char *) words[i].data));
        }

    } else if (is(words, "merge")) {
        merge(shape, words, n);

    } else if (is(words, "container")) {
        take(shape, shape->containers[is(&words[1], "user_metadata")],
             &words[2]);

    } else if (is(words, "null_metadata")) {
        shape->omits = is(&words[1], "omit");

    } else if (is(words, "unwrap")) {
        shape->unwraps = 1;

    } else if (is(words, "writable")) {
        names(shape->writable, words + 1, n - 1);

    } else if (is(words, "option")) {
        option(shape, words, n);
    }
}


static void
init(fuzz_shape_t *shape)
{
    shape->providers = json_object();
    shape->roots = json_object();
    shape->lifts = json_array();
    shape->writable = json_object();
    shape->old = json_object();

    (void) strcpy(shape->containers[0], "app_metadata");
    (void) strcpy(shape->containers[1], "user_metadata");
}


static fuzz_shape_t *
make(fuzz_shape_t *shape, profile_str_t *in)
{
    init(shape);

    shape->schema = fuzz_schema_read(in, said, shape);

    if (shape->id[0] == '\0') {
        (void) strcpy(shape->id, "user_id");
    }

    return shape->schema && !shape->odd ? shape : NULL;
}
