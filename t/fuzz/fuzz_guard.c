
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


#include "rules_fuzz.h"
#include "core/request/profile_guard.h"
#include "core/request/profile_guard_message.h"
#include "core/request/profile_refused.h"


#define CHOICES  3

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


/* what the referee makes of a body that is not too large */

static void
referee(fuzz_judge_t *j, const profile_str_t *body, const verdict_t *v)
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
    fuzz_judge_t        j;
    verdict_t      whole, other;
    profile_str_t  head, body, pieces;

    memset(&j, 0, sizeof(fuzz_judge_t));

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
