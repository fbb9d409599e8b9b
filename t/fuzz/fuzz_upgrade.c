
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * A write of v2 becomes calls of v1, and what v1 stores then is read back
 * through the rewriter.
 *
 * The input: a line of choices; the statements of the schema and an empty line,
 * where one is asked for that is not there; the body of the write as one line,
 * the rest is what v1 answers: the bag of metadata, or an error.  The choices:
 * the user, the calls that are configured, the schema, the allocation that
 * fails, the provider whom another member than the id tells.
 */


#include "schema_fuzz.h"
#include "core/request/profile_guard.h"
#include "request/upgrade_test.h"


#define SCHEMAS    3
#define MAX_DEPTH  32


typedef struct {
    profile_guard_conf_t  conf;
    const fuzz_shape_t   *shape;         /* NULL: none of M7 */
    char                  id[FUZZ_WORD];    /* of the user as read back */
    char                  provider[FUZZ_WORD - 2];
    unsigned              calls;
    json_t               *body;          /* of the write */
    json_t               *bag;           /* what v1 has, NULL: no object */
    profile_str_t         answer;        /* the bag's text */
    int                   cleared;       /* the bag was asked for */
    int                   repeats;       /* the user is what is written */
    int                   odd;
} write_t;


static fuzz_shape_t  plain[SCHEMAS];


void
fuzz_init(void)
{
    fuzz_shapes();
    fuzz_shape_plain(&plain[0], test_schema_file("auth0.conf"));

    /* one way only: without prefixes; with prefixes that overlap */

    fuzz_shape_plain(&plain[1], test_schema(
        "identity email; provider p sent; provider auth0;"
        "user_metadata hobby ~h_.+; null_metadata omit;"
        "writable email blocked; option connection verify_email;"));

    fuzz_shape_plain(&plain[2], test_schema(
        "provider p sent ~x.+; metadata_prefix app_metadata m_; drop m_k;"
        "metadata_prefix user_metadata m_u_; default root;"
        "null_metadata omit; app_metadata ~y(.*) as=$1; rename old new;"
        "writable email password name; option connection verify_password;"));
}


static profile_reason_e
feed(void *ctx, const u_char *data, size_t len)
{
    return profile_guard_feed(ctx, data, len);
}


/* a text as if it were whole, for the referee */

static json_t *
must_read(const char *what, const profile_str_t *text)
{
    json_t       *json;
    fuzz_text_t   seen;

    json = fuzz_read(text->data, text->len, &seen);

    if (!json_is_object(json)) {
        fuzz_fail("%s is no object: %.*s", what, (int) text->len, text->data);
    }

    return json;
}


/* The user as v1 has it then, rewritten; NULL: a pattern gives up. */

static json_t *
read_back(const write_t *w, const json_t *stored, const json_t *bag)
{
    json_t  *user, *own;

    user = bag ? json_deep_copy(bag) : json_object();
    own = fuzz_shape_user(w->shape, w->id, w->provider);

    (void) json_object_update(user, own);
    json_decref(own);

    fuzz_shape_store(w->shape, user, stored);

    return fuzz_schema_rewrite(w->shape->schema, user, MAX_DEPTH + 1);
}


/* U3.10: a list of one value is this value, and one of a null is left out */

static int
is_same(const write_t *w, const json_t *written, const json_t *back)
{
    return json_equal(written, back)
           || (w->shape->unwraps && json_array_size(written) == 1
               && (json_equal(json_array_get(written, 0), back)
                   || (back == NULL && w->shape->omits
                       && json_is_null(json_array_get(written, 0)))));
}


/* U3.1, U3.4: each member comes back, null does not */

static void
check_written(const write_t *w, json_t *user)
{
    size_t       n;
    json_t      *written, *back, *value;
    const char  *name, *container;

    for (n = 0; user && n < 2; n++) {
        container = w->shape->containers[n];
        written = json_object_get(w->body, container);
        back = json_object_get(user, container);

        json_object_foreach(written, name, value) {

            if (json_is_null(value) && w->shape->omits) {

                if (json_object_get(back, name)) {
                    fuzz_fail("U3.4: \"%s.%s\" is still there", container,
                              name);
                }

            } else if (!(json_is_null(value)
                         && w->conf.action == PROFILE_CREATE)
                       && !is_same(w, value, json_object_get(back, name)))
            {
                fuzz_fail("U3.1: \"%s.%s\" does not come back in %s",
                          container, name, json_dumps(user, JSON_COMPACT));
            }
        }
    }
}


/*
 * U3.5: what was cleared is empty, or, where it is an object (U3.9), what that
 * has held; not so what is lifted, or merged from inside another object.
 */

static void
check_cleared(const write_t *w, json_t *user, int n)
{
    json_t        *written, *value;
    const char    *name, *container;
    const json_t  *held;

    container = w->shape->containers[n];
    written = json_object_get(w->body, container);
    held = fuzz_shape_held(w->shape, n, w->bag);

    if (!w->shape->omits || w->shape->deep[n] || written == NULL
        || json_object_size(written))
    {
        return;
    }

    json_object_foreach(json_object_get(user, container), name, value) {
        if ((w->shape->write[n][0] == '\0' || json_object_get(held, name))
            && !fuzz_shape_lifts(w->shape, name))
        {
            fuzz_fail("U3.5: \"%s.%s\" is still there", container, name);
        }
    }
}


/* v1 merges the first level of what it is sent into the bag */

static void
check_metadata(const write_t *w, json_t *stored)
{
    size_t   n;
    json_t  *user;

    fuzz_shape_shadows(w->shape, w->id, w->provider, stored, w->body);

    user = read_back(w, stored, NULL);
    check_written(w, user);
    json_decref(user);

    if (!w->cleared) {
        return;
    }

    user = read_back(w, stored, w->bag);

    for (n = 0; n < 2; n++) {
        check_cleared(w, user, n);
    }

    json_decref(user);
}


static int
is_container(const write_t *w, const char *name)
{
    return strcmp(name, w->shape->containers[0]) == 0
           || strcmp(name, w->shape->containers[1]) == 0;
}


/* the backend takes its own: what the client wrote to the root */

static void
check_create(const write_t *w, json_t *stored)
{
    size_t       i;
    json_t      *rest, *user, *value, *as;
    const char  *name;

    if (w->shape == &plain[0] && json_object_get(stored, "blocked")) {
        fuzz_fail("U3.8: \"blocked\" is stored");
    }

    fuzz_shape_shadows(w->shape, w->id, w->provider, stored, w->body);

    rest = json_copy(stored);

    json_object_foreach(w->body, name, value) {

        if (is_container(w, name) || json_object_get(stored, name) == NULL) {
            continue;
        }

        if (!fuzz_shape_says(w->shape, w->body, name,
                             json_object_get(stored, name)))
        {
            fuzz_fail("U3.1: metadata took the place of \"%s\"", name);
        }

        (void) json_object_del(rest, name);
    }

    json_object_foreach(w->shape->old, name, value) {
        json_array_foreach(value, i, as) {

            if (json_object_get(stored, name) == NULL
                || json_object_get(w->body, json_string_value(as)) == NULL)
            {
                continue;
            }

            if (!fuzz_shape_says(w->shape, w->body, name,
                                 json_object_get(stored, name)))
            {
                fuzz_fail("U4.8: metadata took the place of \"%s\"", name);
            }

            (void) json_object_del(rest, name);
        }
    }

    user = read_back(w, rest, NULL);
    check_written(w, user);

    json_decref(user);
    json_decref(rest);
}


/* v1's own call for one attribute */

static void
check_attribute(const write_t *w, json_t *sent, const char *attribute)
{
    int          found;
    json_t      *value;
    const char  *name;

    found = 0;

    json_object_foreach(sent, name, value) {

        if (strcmp(name, "verify") == 0) {
            continue;
        }

        if (!fuzz_shape_says(w->shape, w->body, name, value)) {
            fuzz_fail("U4.1: \"%s\" beside \"%s\"", name, attribute);
        }

        found |= json_equal(json_object_get(w->body, attribute), value);
    }

    if (!found) {
        fuzz_fail("U4.1: another \"%s\"", attribute);
    }
}


static void
check_attributes(const write_t *w, json_t *sent)
{
    json_t      *value;
    const char  *name;

    json_object_foreach(sent, name, value) {

        if (!fuzz_shape_says(w->shape, w->body, name, value)) {
            fuzz_fail("U4.3: another \"%s\"", name);
        }

        if (is_container(w, name)) {
            fuzz_fail("U4.3: \"%s\" is no attribute", name);
        }
    }
}


static void
check_call(const write_t *w, const profile_call_t *call)
{
    json_t  *sent;

    if (call->kind == PROFILE_CALL_BAG || call->kind == PROFILE_CALL_READ) {

        if (call->body.len) {
            fuzz_fail("a call that reads has a body");
        }

        return;
    }

    sent = must_read("call", &call->body);

    /* a name that a bag has twice is cleared twice */

    if (!w->cleared
        && fuzz_members(call->body.data, call->body.len)
           != json_object_size(sent))
    {
        fuzz_fail("a name twice: %.*s", (int) call->body.len,
                  call->body.data);
    }

    switch (w->odd ? PROFILE_CALLS : call->kind) {

    case PROFILE_CALL_EMAIL:
        check_attribute(w, sent, "email");
        break;

    case PROFILE_CALL_PASSWORD:
        check_attribute(w, sent, "password");
        break;

    case PROFILE_CALL_ATTRIBUTES:
        check_attributes(w, sent);
        break;

    case PROFILE_CALL_METADATA:
        check_metadata(w, sent);
        break;

    case PROFILE_CALL_CREATE:
        check_create(w, sent);
        break;

    default: /* names that only one of the two parsers can tell apart */
        break;
    }

    json_decref(sent);
}


static void
check_refused(const write_t *w, profile_upgrade_t *u, profile_reason_e reason)
{
    uint32_t                  i;
    profile_buf_t             message;
    const profile_refused_t  *refused;

    if (reason == PROFILE_NO_MEMORY || reason == PROFILE_PATTERN_LIMIT) {
        return;
    }

    refused = profile_upgrade_refused(u);

    if ((reason != PROFILE_UNSUPPORTED && reason != PROFILE_RESERVED
         && reason != PROFILE_ATTRIBUTES && reason != PROFILE_VALUE)
        || refused->n == 0)
    {
        fuzz_fail("a plan with no reason: %s",
                  profile_reason_name(reason)->data);
    }

    /* U3.2: only the prefix alone is no name */

    for (i = 0; i < refused->n && i < PROFILE_REFUSED_MAX; i++) {

        if (reason == PROFILE_RESERVED && w->shape == &plain[0]
            && refused->members[i]->name.len)
        {
            fuzz_fail("U3.2: \"%.*s\" is refused",
                      (int) refused->members[i]->name.len,
                      refused->members[i]->name.data);
        }
    }

    memset(&message, 0, sizeof(profile_buf_t));

    if (profile_upgrade_message(u, &test_alloc, &message) != 0) {
        fuzz_fail("no memory for a message");
    }

    fuzz_message(&message);

    profile_buf_free(&test_alloc, &message);
}


/*
 * U4.7: the user is what the client said, so that all of it is equal and goes
 * on, or an empty one, and all of it is refused.
 */

static int
settle(write_t *w, profile_upgrade_t *u)
{
    char              *text;
    profile_reason_e   rc;

    text = w->repeats ? json_dumps(w->body, JSON_COMPACT) : strdup("{}");

    rc = profile_upgrade_user_start(u, 1024 * 1024);

    if (rc == PROFILE_OK) {
        rc = profile_upgrade_user_feed(u, (u_char *) text, strlen(text));
    }

    if (rc == PROFILE_OK) {
        rc = profile_upgrade_user_finish(u);
    }

    free(text);

    if (rc != PROFILE_OK) {
        fuzz_fail("U4.7: %s in a user", profile_reason_name(rc)->data);
    }

    rc = profile_upgrade_settle(u);

    if (rc == PROFILE_OK) {
        return 1;
    }

    check_refused(w, u, rc);

    return 0;
}


/* U4.1: bag, email, password, attributes, metadata, and the one at the end */

static void
check_calls(write_t *w, profile_upgrade_t *u)
{
    int                    at, last;
    profile_buf_t          applied;
    profile_call_e         end;
    profile_reason_e       rc;
    const profile_call_t  *call;

    static const int  order[PROFILE_CALLS] = { 1, 2, 3, 4, 5, 0, 6 };

    last = -1;
    end = w->conf.action == PROFILE_CREATE ? PROFILE_CALL_CREATE
                                           : PROFILE_CALL_READ;

    while ((call = profile_upgrade_next(u)) != NULL) {
        if (call->first) {
            if (!settle(w, u)) {
                return;
            }

            continue;
        }

        at = order[call->kind];

        if (at <= last || last >= order[end]) {
            fuzz_fail("U4.1: \"%s\" comes too late",
                      profile_call_name(call->kind)->data);
        }

        if (call->kind != end && !(w->calls & (1 << call->kind))) {
            fuzz_fail("U4.3: \"%s\" is not configured",
                      profile_call_name(call->kind)->data);
        }

        last = at;
        check_call(w, call);

        if (call->kind == PROFILE_CALL_BAG) {
            w->cleared = 1;

            rc = test_upgrade_bag(u, w->answer.data, w->answer.len);

            if (rc == PROFILE_OK && w->bag == NULL) {
                fuzz_fail("U3.5: a bag that is no object");
            }

            if (rc != PROFILE_OK) {
                return;
            }
        }
    }

    if (last != order[end]) {
        fuzz_fail("U4.1: the plan has no end");
    }

    memset(&applied, 0, sizeof(profile_buf_t));

    if (profile_upgrade_applied(u, &test_alloc, &applied) != 0) {
        fuzz_fail("no memory for what was applied");
    }

    profile_buf_free(&test_alloc, &applied);
}


/* The write, if it is one that the guard allows. */

static void
check_write(write_t *w, const profile_str_t *body, unsigned fail)
{
    fuzz_text_t                seen, bag;
    profile_guard_t           *g;
    profile_reason_e           rc;
    profile_upgrade_t         *u;
    const profile_str_t       *name;
    const profile_provider_t  *p;

    static const profile_str_t  nobody = profile_string("nobody");

    g = profile_guard_create(&test_alloc, &w->conf);
    (void) fuzz_feed(feed, g, body, &fuzz_whole);

    if (profile_guard_finish(g) != PROFILE_OK) {
        profile_guard_destroy(g);
        return;
    }

    w->body = fuzz_read(body->data, body->len, &seen);
    w->bag = fuzz_read(w->answer.data, w->answer.len, &bag);
    w->odd = seen.odd || bag.odd || bag.twice;

    if (!json_is_object(w->bag)) {
        json_decref(w->bag);
        w->bag = NULL;
    }

    p = profile_guard_provider(g);

    if (w->conf.action == PROFILE_CREATE) {
        name = p ? profile_schema_provider_name(p) : &nobody;
        (void) snprintf(w->provider, sizeof(w->provider), "%.*s",
                        (int) name->len, name->data);
        (void) snprintf(w->id, sizeof(w->id), "%s|1", w->provider);
    }

    test_alloc_fail(fail);

    u = profile_upgrade_create(&test_alloc, g, w->calls);
    rc = u ? profile_upgrade_make(u) : PROFILE_NO_MEMORY;

    test_alloc_fail(0);

    if (rc != PROFILE_OK) {
        check_refused(w, u, rc);

    } else {
        check_calls(w, u);
    }

    profile_guard_destroy(g);
    profile_upgrade_destroy(u);

    json_decref(w->body);
    json_decref(w->bag);
}


/* Returns NULL if the input was to hold a schema, and has a mistake. */

static const fuzz_shape_t *
shape(const profile_str_t *head, profile_str_t *in)
{
    unsigned  n;

    n = fuzz_choice(head, 2) % (SCHEMAS + FUZZ_SHAPES + 2);

    return n < SCHEMAS ? &plain[n] : fuzz_shape(n - SCHEMAS, in);
}


void
fuzz_one(profile_str_t *in)
{
    write_t        w;
    unsigned       user;
    profile_str_t  head, body;

    static const char *const  ids[] = {
        "auth0|1", "p|1", "facebook|1", "github|1", "nobody|1", "email|x|y"
    };

    static const char *const  providers[] = {
        "github", "p", "ldap", "google_oauth2", "nobody", "auth0"
    };

    memset(&w, 0, sizeof(write_t));

    head = fuzz_line(in);
    w.shape = shape(&head, in);

    if (w.shape == NULL) {
        return;
    }

    body = fuzz_line(in);

    user = fuzz_choice(&head, 0);

    w.answer = *in;
    w.calls = ~fuzz_choice(&head, 1) & ((1 << PROFILE_CALLS) - 1);

    (void) strcpy(w.id, ids[user % (sizeof(ids) / sizeof(ids[0]))]);
    (void) strcpy(w.provider, providers[fuzz_choice(&head, 4) % 6]);

    w.conf.schema = w.shape->schema;
    w.conf.mode = PROFILE_GUARD_V2;
    w.repeats = (fuzz_choice(&head, 4) & 0x20) != 0;
    w.conf.action = (user & 0x20) ? PROFILE_CREATE : PROFILE_UPDATE;
    w.conf.max_size = 1024 * 1024;
    w.conf.max_depth = MAX_DEPTH;
    w.conf.compares = 1;
    w.conf.user_id.data = (const u_char *) w.id;
    w.conf.user_id.len = w.conf.action == PROFILE_UPDATE ? strlen(w.id) : 0;

    fuzz_message_of(in);
    check_write(&w, &body, fuzz_choice(&head, 3));

    fuzz_shape_destroy(w.shape);
}
