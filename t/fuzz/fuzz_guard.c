
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * The body of a write, in any pieces, judged by the guard and by the rules of
 * H5 once more: here over what another parser reads, by lists of names.
 *
 * By other schemas: what is allowed shadows nothing of a user, and names only
 * what may be written.
 *
 * The input: a line of choices; the statements of the schema and an empty line,
 * where one is asked for that is not there; then the body.  The choices: the
 * mode, the action, the limits and the letter case; the user's id; the
 * allocation that fails; the schema; then the lengths of the pieces.
 */


#include "rules_fuzz.h"
#include "schema_fuzz.h"
#include "core/request/profile_guard.h"
#include "core/request/profile_guard_message.h"
#include "core/request/profile_refused.h"


#define CHOICES  4

#define MAX_DEPTH  8
#define SMALL      48


static const char *const  ids[] = {
    "facebook|1", "github|1|2", "auth0|1", "nobody|1", "FaceBoo\xe2\x84\xaa|1",
    "", "github", "|1", "Github|x", "face%62ook|1", "github |2", "acme.x|1"
};


typedef struct {
    profile_reason_e      reason;
    uint64_t              offset;
    uint32_t              refused;
    uint32_t              members;
    profile_buf_t         names;
} verdict_t;


static profile_schema_t  *schema;


void
fuzz_init(void)
{
    fuzz_shapes();
    schema = test_schema(fuzz_rules_schema);
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

    if (profile_refused_write(profile_guard_refused(g),
                              profile_guard_conf(g)->schema, &test_alloc,
                              &v->names)
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


/* H5.3; NULL: it is no JSON to both */

static json_t *
read_body(const profile_str_t *body, const verdict_t *v, fuzz_text_t *seen)
{
    json_t  *json;

    json = fuzz_read(body->data, body->len, seen);

    if (json == NULL
        && (v->reason == PROFILE_OK || v->reason >= PROFILE_ATTRIBUTES)
        && v->reason != PROFILE_EMPTY_BODY)
    {
        fuzz_fail("H5.3: %s, but the referee reads no JSON",
                  profile_reason_name(v->reason)->data);
    }

    return json;
}


/* what the referee makes of a body that is not too large */

static void
referee(fuzz_judge_t *j, const profile_str_t *body, const verdict_t *v)
{
    json_t            *json;
    fuzz_text_t        seen;
    profile_reason_e   reason;

    json = read_body(body, v, &seen);

    if (json == NULL) {
        return;
    }

    if (v->reason == PROFILE_NUMBER_TOO_LARGE) {

        if (!seen.infinite && !seen.largest) {
            fuzz_fail("H5.3: the referee sees no such number");
        }

        json_decref(json);

        return;
    }

    if (fuzz_depth(json) > MAX_DEPTH) {
        reason = PROFILE_TOO_DEEP;

    } else if (!json_is_object(json)) {
        reason = PROFILE_NOT_OBJECT;

    } else if (seen.odd_name) {
        reason = PROFILE_NAME;

    } else if (seen.infinite) {
        reason = PROFILE_NUMBER_TOO_LARGE;

    } else {
        reason = fuzz_rules_judge(j, json, v->members);
    }

    if (j->unsure && (v->reason == PROFILE_ATTRIBUTES
                      || reason == PROFILE_ALIAS))
    {
        reason = v->reason;
        j->refused = v->refused;
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

    if (reason >= PROFILE_CONTAINER && reason != PROFILE_FORBIDDEN
        && v->reason == reason
        && v->refused != j->refused)
    {
        fuzz_fail("%u names are refused, the referee says %u",
                  (unsigned) v->refused, j->refused);
    }

    json_decref(json);
}


/* H5.5: a body of v2 has no other names at its root */

static void
check_writable(const fuzz_shape_t *shape, const json_t *body)
{
    json_t      *value;
    const char  *name;

    json_object_foreach((json_t *) body, name, value) {

        if (strcmp(name, shape->containers[0]) == 0
            || strcmp(name, shape->containers[1]) == 0)
        {
            if (!json_is_object(value) && !json_is_null(value)) {
                fuzz_fail("H5.7: \"%s\" is no object", name);
            }

        } else if (json_object_get(shape->writable, name) == NULL) {
            fuzz_fail("H5.5: \"%s\" is allowed", name);
        }
    }
}


/*
 * H5.6, H5.16: whoever sends what the user has, it is shown as it was; of one
 * whose id tells the provider that is only this one.
 */

static void
check_hidden(const fuzz_shape_t *shape, const char *id, const json_t *body)
{
    int          other;
    size_t       len;
    json_t      *names;
    const char  *provider;

    other = (*id && shape->from[0] && strcmp(shape->from, "user_id") != 0);

    fuzz_shape_shadows(shape, id, "nobody", body, NULL);

    json_object_foreach(shape->providers, provider, names) {
        len = strlen(provider);

        if (other || (strncmp(id, provider, len) == 0 && id[len] == '|')) {
            fuzz_shape_shadows(shape, id, provider, body, NULL);
        }
    }
}


/* by a schema of which there are no lists */

static void
check_shape(const fuzz_shape_t *shape, const profile_guard_conf_t *conf,
    const profile_str_t *body, const verdict_t *v)
{
    char          id[64];
    json_t       *json;
    fuzz_text_t   seen;

    json = read_body(body, v, &seen);

    if (json == NULL || v->reason != PROFILE_OK) {
        json_decref(json);
        return;
    }

    if (!json_is_object(json) || fuzz_depth(json) > MAX_DEPTH
        || seen.odd_name || seen.infinite)
    {
        fuzz_fail("H5.3: %.*s is allowed", (int) body->len, body->data);
    }

    if (conf->mode == PROFILE_GUARD_V2) {
        check_writable(shape, json);

    } else if (!seen.odd) {
        (void) snprintf(id, sizeof(id), "%.*s", (int) conf->user_id.len,
                        conf->user_id.data);
        check_hidden(shape, id, json);
    }

    json_decref(json);
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


/* Returns -1 if the input was to hold a schema, and has a mistake. */

static int
choose(const profile_str_t *head, profile_str_t *in, const fuzz_shape_t **shape)
{
    unsigned  n;

    *shape = NULL;
    n = fuzz_choice(head, 3) & 7;

    if (n == 0) {
        return 0;
    }

    *shape = fuzz_shape(n - 1, in);

    return *shape ? 0 : -1;
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
    verdict_t            whole, other;
    fuzz_judge_t         j;
    profile_str_t        head, body, pieces;
    const fuzz_shape_t  *shape;

    memset(&j, 0, sizeof(fuzz_judge_t));

    head = fuzz_line(in);

    if (choose(&head, in, &shape) != 0) {
        return;
    }

    body = fuzz_copy(in->data, in->len);
    settings(&j.conf, &head);

    if (shape) {
        j.conf.schema = shape->schema;
    }

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

    if (body.len > j.conf.max_size) {

        if (whole.reason == PROFILE_OK) {
            fuzz_fail("H5.1: %zu bytes are allowed", body.len);
        }

    } else if (shape) {
        check_shape(shape, &j.conf, &body, &whole);

    } else {
        referee(&j, &body, &whole);
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
    fuzz_shape_destroy(shape);
    free((void *) body.data);
}
