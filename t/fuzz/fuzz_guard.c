
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * The body of a write, in any pieces, judged by the guard and by the rules of
 * H5 once more: here over what another parser reads, by lists of names.
 *
 * The input: a line of choices, then the body.  The choices: the mode, the
 * action, the limits and the letter case; the user's id; the allocation that
 * fails; then the lengths of the pieces.
 */


#include "fuzz.h"
#include "core/request/profile_guard.h"
#include "core/request/profile_guard_message.h"
#include "core/request/profile_refused.h"


#define CHOICES  3

#define MAX_DEPTH  8
#define SMALL      48


/* The schema, as statements and as the lists that the rules are read from. */

static const char  text[] =
    "identity email name nickname um_id; rename lastLogin last_login; drop _id;"
    "provider facebook gender link locale ~x_[a-z]+; provider auth0;"
    "provider github plan login hobby am_kind; provider * shared ~s[0-9];"
    "user_metadata hobby ~u_.+; app_metadata Locale;"
    "app_metadata \"~app_(.+)\" as=$1;"
    "metadata_prefix user_metadata um_; metadata_prefix app_metadata am_;"
    "metadata_names strict; reserved blocked _id email;"
    "writable blocked; writable email name for=auth0;"
    "writable nickname on=update for=facebook,github;"
    "writable picture on=create; option connection verify_email;";

static const char *const  denied[] = {
    "user_id", "identities", "email", "name", "nickname", "lastlogin",
    "last_login", "_id", "metadata", "shared", "um_id", NULL
};

static const char *const  facebook[] = { "gender", "link", "locale", NULL };
static const char *const  github[] = { "plan", "login", NULL };
static const char *const  options[] = { "connection", "verify_email", NULL };
static const char *const  reserved[] = { "blocked", "_id", "email", NULL };

static const char *const  ids[] = {
    "facebook|1", "github|1|2", "auth0|1", "nobody|1", "FaceBoo\xe2\x84\xaa|1",
    "", "github", "|1", "Github|x"
};


typedef enum {
    NOBODY = 0,
    AUTH0,
    FACEBOOK,
    GITHUB
} provider_e;


typedef struct {
    profile_guard_conf_t  conf;
    provider_e            provider;
    unsigned              refused;
} judge_t;


typedef struct {
    profile_reason_e      reason;
    uint64_t              offset;
    uint32_t              refused;
    uint32_t              members;
    profile_buf_t         names;
} verdict_t;


typedef int (*rule_pt)(const judge_t *j, int place, const char *name,
    const json_t *value);


static profile_schema_t  *schema;


void
fuzz_init(void)
{
    schema = test_schema(text);
}


static int
is_one_of(const char *const *names, const char *name)
{
    while (*names && strcmp(*names, name) != 0) {
        names++;
    }

    return *names != NULL;
}


static int
begins(const char *name, const char *with)
{
    return strncmp(name, with, strlen(with)) == 0;
}


/* ASCII case, U+017F and U+212A, as H5.6 has it */

static void
fold(char *dst, const char *name)
{
    while (*name) {

        if (begins(name, "\xc5\xbf")) {
            *dst++ = 's';
            name += 2;

        } else if (begins(name, "\xe2\x84\xaa")) {
            *dst++ = 'k';
            name += 3;

        } else {
            *dst++ = (*name >= 'A' && *name <= 'Z') ? *name + 32 : *name;
            name++;
        }
    }

    *dst = '\0';
}


static int
is_container(const char *name)
{
    return strcmp(name, "app_metadata") == 0
           || strcmp(name, "user_metadata") == 0;
}


static int
is_prefixed(const char *name)
{
    return (begins(name, "um_") || begins(name, "am_")) && name[3];
}


/* the patterns of the providers, caseless */

static int
is_pattern(provider_e provider, const char *folded)
{
    if (provider == FACEBOOK && begins(folded, "x_")) {
        folded += 2;

        return *folded
               && strspn(folded, "abcdefghijklmnopqrstuvwxyz")
                  == strlen(folded);
    }

    return folded[0] == 's' && folded[1] >= '0' && folded[1] <= '9'
           && folded[2] == '\0';
}


/* H5.6 */

static int
is_denied(provider_e provider, const char *name)
{
    int    rc;
    char  *folded;

    folded = malloc(strlen(name) + 1);
    fold(folded, name);

    rc = is_one_of(denied, folded)
         || (provider == FACEBOOK && is_one_of(facebook, folded))
         || (provider == GITHUB && is_one_of(github, folded));

    if (!rc && !is_prefixed(name)) {
        rc = is_pattern(provider, folded);
    }

    free(folded);

    return rc;
}


/* H5.5 */

static int
is_writable(provider_e provider, profile_action_e action, const char *name)
{
    if (is_container(name) || strcmp(name, "blocked") == 0
        || is_one_of(options, name))
    {
        return 1;
    }

    if (strcmp(name, "email") == 0 || strcmp(name, "name") == 0) {
        return provider == AUTH0;
    }

    if (strcmp(name, "nickname") == 0) {
        return action == PROFILE_UPDATE
               && (provider == FACEBOOK || provider == GITHUB);
    }

    return strcmp(name, "picture") == 0 && action == PROFILE_CREATE;
}


/* H5.7 */

static int
bad_container(const judge_t *j, int place, const char *name,
    const json_t *value)
{
    return place == PROFILE_AT_ROOT && is_container(name)
           && !json_is_object(value) && !json_is_null(value);
}


static int
bad_attribute(const judge_t *j, int place, const char *name,
    const json_t *value)
{
    if (place != PROFILE_AT_ROOT) {
        return 0;
    }

    return j->conf.mode == PROFILE_GUARD_V1
           ? is_denied(j->provider, name)
           : !is_writable(j->provider, j->conf.action, name);
}


/* the name that v2 shows for metadata of v1 */

static const char *
shown(const judge_t *j, int place, const char *name, int *app)
{
    *app = (place == PROFILE_AT_APP_METADATA);

    if (place != PROFILE_AT_ROOT) {
        return name;
    }

    *app = 1;

    if (is_prefixed(name)) {
        *app = begins(name, "am_");
        return name + 3;
    }

    /* a dot is no end of a line */

    if (begins(name, "app_") && name[4] && !is_container(name)
        && strchr(name, '\n') == NULL)
    {
        return name + 4;
    }

    return name;
}


static int
bad_reserved(const judge_t *j, int place, const char *name,
    const json_t *value)
{
    int          app;
    const char  *as;

    if (place == PROFILE_AT_ROOT && j->conf.mode == PROFILE_GUARD_V2) {
        return 0;
    }

    as = shown(j, place, name, &app);

    return (app && is_one_of(reserved, as))
           || (place == PROFILE_AT_ROOT && is_one_of(reserved, name));
}


static int
bad_name(const judge_t *j, int place, const char *name, const json_t *value)
{
    int          app;
    const char  *as;

    if (place == PROFILE_AT_ROOT && j->conf.mode == PROFILE_GUARD_V2) {
        return 0;
    }

    as = shown(j, place, name, &app);

    return name[0] == '$' || as[0] == '$' || strchr(name, '.') != NULL;
}


static unsigned
count(const judge_t *j, int place, json_t *object, rule_pt bad)
{
    unsigned     n;
    json_t      *value;
    const char  *name;

    n = 0;

    json_object_foreach(object, name, value) {
        n += bad(j, place, name, value);

        if (place != PROFILE_AT_ROOT) {
            continue;
        }

        if (strcmp(name, "app_metadata") == 0) {
            n += count(j, PROFILE_AT_APP_METADATA, value, bad);

        } else if (strcmp(name, "user_metadata") == 0) {
            n += count(j, PROFILE_AT_USER_METADATA, value, bad);
        }
    }

    return n;
}


static int
any(const judge_t *j, int place, const char *name, const json_t *value)
{
    return 1;
}


static provider_e
provider_of(const char *name, size_t len)
{
    if (len == 8 && memcmp(name, "facebook", 8) == 0) {
        return FACEBOOK;
    }

    if (len == 6 && memcmp(name, "github", 6) == 0) {
        return GITHUB;
    }

    return (len == 5 && memcmp(name, "auth0", 5) == 0) ? AUTH0 : NOBODY;
}


static void
find_provider(judge_t *j, json_t *body)
{
    char         id[32];
    const char  *connection, *bar;

    if (j->conf.action == PROFILE_CREATE && j->conf.mode == PROFILE_GUARD_V2) {
        connection = json_string_value(json_object_get(body, "connection"));

        j->provider = connection ? provider_of(connection, strlen(connection))
                                 : NOBODY;
        if (j->provider == NOBODY) {
            j->provider = AUTH0;
        }

        return;
    }

    (void) snprintf(id, sizeof(id), "%.*s", (int) j->conf.user_id.len,
                    (char *) j->conf.user_id.data);

    if (j->conf.mode == PROFILE_GUARD_V1) {
        fold(id, id);
    }

    bar = strchr(id, '|');
    j->provider = bar ? provider_of(id, bar - id) : NOBODY;
}


/* What the rules say of the names; the text is JSON. */

static profile_reason_e
judge(judge_t *j, json_t *body)
{
    size_t  n;

    static const struct {
        rule_pt           bad;
        profile_reason_e  reason;
    } rules[] = {
        { bad_container, PROFILE_CONTAINER },
        { bad_attribute, PROFILE_ATTRIBUTES },
        { bad_reserved, PROFILE_RESERVED },
        { bad_name, PROFILE_METADATA_NAME }
    };

    find_provider(j, body);

    for (n = 0; n < sizeof(rules) / sizeof(rules[0]); n++) {
        j->refused = count(j, PROFILE_AT_ROOT, body, rules[n].bad);

        if (j->refused) {
            return rules[n].reason;
        }
    }

    return PROFILE_OK;
}


static profile_reason_e
feed(void *ctx, const u_char *data, size_t len)
{
    return profile_guard_feed(ctx, data, len);
}


/* The guard's verdict, and that it can be told. */

static void
guard(const profile_guard_conf_t *conf, const profile_str_t *body,
    const profile_str_t *pieces, verdict_t *v)
{
    profile_buf_t     message;
    profile_guard_t  *g;

    memset(v, 0, sizeof(verdict_t));
    memset(&message, 0, sizeof(profile_buf_t));

    g = profile_guard_create(&test_alloc, conf);
    if (g == NULL) {
        v->reason = PROFILE_NO_MEMORY;
        return;
    }

    (void) fuzz_feed(feed, g, body, pieces);

    v->reason = profile_guard_finish(g);
    v->offset = profile_guard_offset(g);
    v->refused = profile_guard_refused(g)->n;

    (void) profile_guard_members(g, &v->members);

    if (v->reason == PROFILE_NO_MEMORY) {
        profile_guard_destroy(g);
        return;
    }

    if (profile_refused_write(profile_guard_refused(g), &test_alloc, &v->names)
        != 0
        || (v->reason != PROFILE_OK
            && profile_guard_message(g, &test_alloc, &message) != 0))
    {
        v->reason = PROFILE_NO_MEMORY;

    } else {
        test_alloc_fail(0);
        fuzz_message(&message);
    }

    profile_buf_free(&test_alloc, &message);
    profile_guard_destroy(g);
}


static void
compare(const verdict_t *a, const verdict_t *b, const char *pieces)
{
    if (a->reason != b->reason || a->offset != b->offset
        || a->refused != b->refused || a->names.len != b->names.len
        || (a->names.len
            && memcmp(a->names.data, b->names.data, a->names.len) != 0))
    {
        fuzz_fail("%s at %lu: %.*s, in %s: %s at %lu: %.*s",
                  profile_reason_name(a->reason)->data,
                  (unsigned long) a->offset,
                  (int) a->names.len, a->names.data, pieces,
                  profile_reason_name(b->reason)->data,
                  (unsigned long) b->offset,
                  (int) b->names.len, b->names.data);
    }
}


/* what the referee makes of a body that is not too large */

static void
referee(judge_t *j, const profile_str_t *body, const verdict_t *v)
{
    json_t            *json;
    fuzz_text_t        seen;
    profile_reason_e   reason;

    json = fuzz_read(body->data, body->len, &seen);

    if (json == NULL) {
        if (v->reason == PROFILE_OK || v->reason >= PROFILE_ATTRIBUTES) {

            if (v->reason != PROFILE_EMPTY_BODY) {
                fuzz_fail("H5.3: %s, but the referee reads no JSON",
                          profile_reason_name(v->reason)->data);
            }
        }

        return;
    }

    if (fuzz_depth(json) > MAX_DEPTH) {
        reason = PROFILE_TOO_DEEP;

    } else if (!json_is_object(json)) {
        reason = PROFILE_NOT_OBJECT;

    } else if (seen.odd_name) {
        reason = PROFILE_NAME;

    } else if (count(j, PROFILE_AT_ROOT, json, any) != v->members) {
        reason = PROFILE_DUPLICATE;

    } else {
        reason = judge(j, json);
    }

    /* a string of JSON that begins with a NUL is none of C */

    if (v->reason != reason && !seen.odd) {
        fuzz_fail("%s at %lu: %.*s, but the referee says %s",
                  profile_reason_name(v->reason)->data,
                  (unsigned long) v->offset,
                  (int) v->names.len, v->names.data,
                  profile_reason_name(reason)->data);
    }

    if (v->reason == PROFILE_OK && reason != PROFILE_OK) {
        fuzz_fail("H5: allowed, but the referee says %s",
                  profile_reason_name(reason)->data);
    }

    if (reason >= PROFILE_CONTAINER && v->reason == reason
        && v->refused != j->refused)
    {
        fuzz_fail("%u names are refused, the referee says %u",
                  (unsigned) v->refused, j->refused);
    }

    json_decref(json);
}


/* to be freed */

static profile_str_t
copy(const profile_str_t *body)
{
    u_char         *p;
    profile_str_t   str;

    p = malloc(body->len + 1);
    memcpy(p, body->data, body->len);

    str.data = p;
    str.len = body->len;

    return str;
}


/* in upper case, as far as it stands in strings */

static void
shout(u_char *p, size_t len)
{
    int     string;
    size_t  i;

    string = 0;

    for (i = 0; i < len; i++) {

        if (p[i] == '"') {
            string = !string;

        } else if (p[i] == '\\') {
            i++;

        } else if (string && p[i] >= 'a' && p[i] <= 'z') {
            p[i] -= 32;
        }
    }
}


static void
settings(profile_guard_conf_t *conf, const profile_str_t *head)
{
    const char  *id;

    id = ids[fuzz_choice(head, 1) % (sizeof(ids) / sizeof(ids[0]))];

    memset(conf, 0, sizeof(profile_guard_conf_t));

    conf->schema = schema;
    conf->mode = (fuzz_choice(head, 0) & 1) ? PROFILE_GUARD_V1
                                            : PROFILE_GUARD_V2;
    conf->action = (fuzz_choice(head, 0) & 2) ? PROFILE_CREATE
                                              : PROFILE_UPDATE;
    conf->max_size = (fuzz_choice(head, 0) & 4) ? SMALL : 1024 * 1024;
    conf->max_depth = MAX_DEPTH;

    if (conf->mode == PROFILE_GUARD_V1 || conf->action == PROFILE_UPDATE) {
        conf->user_id.data = (const u_char *) id;
        conf->user_id.len = strlen(id);
    }
}


void
fuzz_one(profile_str_t *in)
{
    judge_t        j;
    verdict_t      whole, other;
    profile_str_t  head, body, pieces;

    memset(&j, 0, sizeof(judge_t));

    head = fuzz_line(in);
    body = copy(in);
    settings(&j.conf, &head);

    if (fuzz_choice(&head, 0) & 0x10) {
        shout((u_char *) body.data, body.len);
    }

    guard(&j.conf, &body, &fuzz_whole, &whole);

    guard(&j.conf, &body, fuzz_bytes(&body), &other);
    compare(&whole, &other, "bytes");
    profile_buf_free(&test_alloc, &other.names);

    if (head.len > CHOICES) {
        pieces.data = head.data + CHOICES;
        pieces.len = head.len - CHOICES;

        guard(&j.conf, &body, &pieces, &other);
        compare(&whole, &other, "pieces");
        profile_buf_free(&test_alloc, &other.names);
    }

    if (body.len <= j.conf.max_size) {
        referee(&j, &body, &whole);

    } else if (whole.reason == PROFILE_OK) {
        fuzz_fail("H5.1: %zu bytes are allowed", body.len);
    }

    if (fuzz_choice(&head, 2)) {
        test_alloc_fail(fuzz_choice(&head, 2));
        guard(&j.conf, &body, &fuzz_whole, &other);
        test_alloc_fail(0);

        if (other.reason != PROFILE_NO_MEMORY) {
            compare(&whole, &other, "little memory");
        }

        profile_buf_free(&test_alloc, &other.names);
    }

    profile_buf_free(&test_alloc, &whole.names);
    free((void *) body.data);
}
