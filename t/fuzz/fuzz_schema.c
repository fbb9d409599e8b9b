
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * A schema of any statements: it is refused with a message, or does its work
 * for a user whose attributes are its own words.
 *
 * The input: a line of choices, then a statement a line, words between spaces,
 * up to an empty line.  The choices: how the user is made, the allocation that
 * fails.
 */


#include "schema_fuzz.h"
#include "core/request/profile_guard.h"
#include "core/request/profile_guard_message.h"
#include "core/request/profile_upgrade.h"
#include "core/schema/profile_schema_denied.h"
#include "core/schema/profile_schema_pattern.h"


#define MAX_DEPTH  16


typedef struct {
    json_t               *user;          /* of v1, with the words as names */
    profile_str_t         id;
    char                  id_text[64];
} sample_t;


void
fuzz_init(void)
{
    /* void */
}


/* Each word becomes an attribute, and the second one may name the provider. */

static void
remember(void *ctx, const profile_str_t *words, size_t n)
{
    size_t       i, skip;
    json_t      *value;
    sample_t    *sample = ctx;
    const char  *word;

    for (i = 1; i < n; i++) {
        word = (char *) words[i].data;

        skip = (*word == '~');
        value = (i % 3 == 0) ? json_null() : json_string(word);

        if (value == NULL) {
            continue;
        }

        (void) json_object_set_new(sample->user, word + skip, value);
    }

    for (i = 1; i < n && words[0].len <= 6; i++) {
        fuzz_shape_nest(sample->user, (char *) words[i].data, i);
    }

    if (strcmp((char *) words[0].data, "provider") == 0 && n > 1) {
        (void) snprintf(sample->id_text, sizeof(sample->id_text), "%s|1",
                        (char *) words[1].data);
    }
}


static void
rewrite(const profile_schema_t *s, const profile_str_t *text)
{
    fuzz_rewritten_t         whole, bytes;
    profile_rewriter_conf_t  conf;

    memset(&conf, 0, sizeof(profile_rewriter_conf_t));

    conf.schema = s;
    conf.max_user_size = 1024 * 1024;
    conf.max_depth = MAX_DEPTH;

    fuzz_rewrite(&conf, text, &fuzz_whole, &whole);
    fuzz_rewrite(&conf, text, fuzz_bytes(text), &bytes);

    if (whole.reason != bytes.reason || whole.out.len != bytes.out.len
        || (whole.out.len
            && memcmp(whole.out.data, bytes.out.data, whole.out.len) != 0))
    {
        fuzz_fail("M5.6: bytes become something else: %.*s",
                  (int) text->len, text->data);
    }

    if (whole.reason == PROFILE_OK) {
        fuzz_rewritten(&conf, &whole);

    } else if (whole.reason != PROFILE_PATTERN_LIMIT) {
        fuzz_fail("%s: %.*s", profile_reason_name(whole.reason)->data,
                  (int) text->len, text->data);
    }

    free(whole.out.data);
    free(bytes.out.data);
}


static profile_reason_e
feed(void *ctx, const u_char *data, size_t len)
{
    return profile_guard_feed(ctx, data, len);
}


/* the plan, as far as there is one: what it sends is JSON */

static void
upgrade(profile_guard_t *g)
{
    profile_upgrade_t     *u;
    const profile_call_t  *call;

    u = profile_upgrade_create(&test_alloc, g, (1 << PROFILE_CALLS) - 1);

    if (profile_upgrade_make(u) == PROFILE_OK) {

        while ((call = profile_upgrade_next(u)) != NULL) {

            if (call->body.len
                && !fuzz_is_json(call->body.data, call->body.len))
            {
                fuzz_fail("a call that is no JSON: %.*s",
                          (int) call->body.len, call->body.data);
            }
        }
    }

    profile_upgrade_destroy(u);
}


static void
guard(const profile_schema_t *s, const sample_t *sample,
    const profile_str_t *text, profile_guard_mode_e mode,
    profile_action_e action)
{
    profile_buf_t          message;
    profile_guard_t       *g;
    profile_guard_conf_t   conf;

    memset(&message, 0, sizeof(profile_buf_t));
    memset(&conf, 0, sizeof(profile_guard_conf_t));

    conf.schema = s;
    conf.mode = mode;
    conf.action = action;
    conf.user_id = sample->id;
    conf.max_size = 1024 * 1024;
    conf.max_depth = MAX_DEPTH;

    g = profile_guard_create(&test_alloc, &conf);
    (void) fuzz_feed(feed, g, text, &fuzz_whole);

    if (profile_guard_finish(g) == PROFILE_OK) {

        if (mode == PROFILE_GUARD_V2) {
            upgrade(g);
        }

    } else {

        if (profile_guard_message(g, &test_alloc, &message) != 0) {
            fuzz_fail("no memory for a message");
        }

        fuzz_message(&message);
    }

    profile_buf_free(&test_alloc, &message);
    profile_guard_destroy(g);
}


/*
 * H5.6: a name that is refused is refused as well with one of its characters
 * in another form, and behind a mark; unless that makes it metadata.
 */

static void
disguise(profile_matcher_t *m, const profile_provider_t *provider,
    const char *word)
{
    int               was, is;
    char             *other;
    size_t            i, len;
    profile_name_t    name;
    profile_class_t   class;

    profile_schema_name(m->schema, &name, (const u_char *) word, strlen(word));

    if (profile_schema_class(m, provider, &name, &class) != PROFILE_OK
        || profile_schema_denied(m, provider, &name, &was) != PROFILE_OK
        || !was)
    {
        return;
    }

    len = strlen(word);
    other = malloc(len + 3);

    for (i = 0; i < len; i++) {

        if (word[i] < ' ' || word[i] > '~') {
            continue;
        }

        (void) sprintf(other, "%.*s\xc2\xaa%s", (int) i, word,
                       word + i + (len & 1));

        profile_schema_name(m->schema, &name, (u_char *) other, strlen(other));

        if (profile_schema_class(m, provider, &name, &class) == PROFILE_OK
            && !class.exact && !class.prefixed
            && profile_schema_denied(m, provider, &name, &is) == PROFILE_OK
            && !is)
        {
            fuzz_fail("H5.6: \"%s\" is refused, \"%s\" is not", word, other);
        }
    }

    free(other);
}


static void
disguises(const profile_schema_t *s, const sample_t *sample)
{
    json_t                    *value;
    const char                *word;
    profile_matcher_t         *m;
    const profile_provider_t  *provider;

    m = profile_matcher_create(s, &test_alloc);

    provider = profile_schema_provider_judge(s, (u_char *) sample->id_text,
                                             strlen(sample->id_text));

    json_object_foreach(sample->user, word, value) {
        disguise(m, provider, word);
    }

    profile_matcher_destroy(m);
}


/* the words as members of a root, or of a container */

static void
use(const profile_schema_t *s, sample_t *sample, unsigned how)
{
    char           *text;
    json_t         *json, *inside;
    profile_str_t   str;

    sample->id.data = (u_char *) sample->id_text;
    sample->id.len = strlen(sample->id_text);

    json = json_object();
    inside = json_deep_copy(sample->user);

    if (how & 1) {
        (void) json_object_set(json, "app_metadata", inside);
    }

    if (how & 2) {
        (void) json_object_set(json, "user_metadata", inside);
    }

    if (how & 4) {
        (void) json_object_set(json, "metadata", inside);
    }

    if (!(how & 8)) {
        (void) json_object_update_missing(json, inside);
    }

    if (how & 0x10) {
        (void) json_object_set(json, "identities", inside);
    }

    text = json_dumps(json, JSON_COMPACT);
    str.data = (u_char *) text;
    str.len = strlen(text);

    disguises(s, sample);

    guard(s, sample, &str, PROFILE_GUARD_V1, PROFILE_UPDATE);
    guard(s, sample, &str, PROFILE_GUARD_V2, PROFILE_UPDATE);
    guard(s, sample, &str, PROFILE_GUARD_V2, PROFILE_CREATE);

    free(text);

    (void) json_object_set_new(json, "user_id", json_string(sample->id_text));

    text = json_dumps(json, JSON_COMPACT);
    str.data = (u_char *) text;
    str.len = strlen(text);

    rewrite(s, &str);

    free(text);
    json_decref(inside);
    json_decref(json);
}


void
fuzz_one(profile_str_t *in)
{
    sample_t           sample;
    profile_str_t      head, text;
    profile_schema_t  *s;

    head = fuzz_line(in);

    memset(&sample, 0, sizeof(sample_t));

    sample.user = json_object();
    (void) strcpy(sample.id_text, "p|1");

    text = *in;
    s = fuzz_schema_read(&text, remember, &sample);

    if (s) {
        use(s, &sample, fuzz_choice(&head, 0));
        profile_schema_destroy(s);
    }

    json_decref(sample.user);

    if (fuzz_choice(&head, 1)) {
        test_alloc_fail(fuzz_choice(&head, 1));
        s = fuzz_schema_read(in, NULL, NULL);
        test_alloc_fail(0);

        profile_schema_destroy(s);
    }
}
