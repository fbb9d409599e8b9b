
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * A response of v1, in any pieces, with any of the rewriter's settings.
 *
 * The input: a line of choices, then the body.  The choices: the schema, what
 * is around users, the limits, the fields, the list, the allocation that fails;
 * then the lengths of the pieces.
 */


#include <ctype.h>

#include "fuzz.h"
#include "core/schema/profile_schema_shape.h"


#define SCHEMAS  6
#define CHOICES  6

/* longer than what the reader gathers of a token without looking at it */

#define RUN  4200


/* what no schema of these moves or leaves out */

static const char *const  kept[] = { "user_id", "email", "name" };

static profile_schema_t  *schemas[SCHEMAS];


void
fuzz_init(void)
{
    schemas[0] = test_schema_file("auth0.conf");

    schemas[1] = test_schema(
        "identity email name; rename old new; rename lastLogin last_login;"
        "drop _id away; provider p sent ~x_.*; provider * shared;"
        "user_metadata hobby ~h_.+; app_metadata plan sent2;"
        "user_metadata ~(.)_(m_.*) as=$2$1; app_metadata ~\\$(.*) as=$1;"
        "metadata_prefix user_metadata um_; identity_drop token secret;"
        "metadata_prefix app_metadata am_; default user_metadata;");

    schemas[2] = test_schema("identity email name; default root;"
                             "provider p; app_metadata plan ~m.*;"
                             "identity_drop access_token;");

    schemas[3] = test_schema("identity email name; null_metadata omit;"
                             "metadata_prefix app_metadata u;"
                             "metadata_prefix user_metadata us;");

    /* M7 */

    schemas[4] = test_schema(
        "user id; rename id user_id; rename logins identities;"
        "provider_from via p.0.via user_id; provider p sent ~x_.*;"
        "drop p.away m.n.away app_metadata.away; lift p.a p.b.c old.new;"
        "merge m into app_metadata; merge p.m m.um into user_metadata;"
        "unwrap p.* m.a id; container user_metadata traits;"
        "identity_drop token; metadata_prefix app_metadata am_;");

    schemas[5] = test_schema(
        "lift a.b a.c.d user_metadata.e; unwrap ~.*; default root;"
        "merge a.b.m a.m a.m.n into app_metadata; identity_drop token;"
        "drop a.b.x a.m.n.x; null_metadata omit; rename b old;"
        "container app_metadata x;");
}


/* the names of providers that no schema knows */

static void
unknown(void *ctx, const u_char *name, size_t len)
{
    (void) ctx;

    if (len > PROFILE_PROVIDER_MAX || memchr(name, '|', len)) {
        fuzz_fail("no name of a provider: %.*s", (int) len, name);
    }
}


/* the text of an id is there to be read */

static void
unreadable(void *ctx, const profile_unreadable_t *user)
{
    (void) ctx;

    if (user->id.len && memchr(user->id.data, '\0', user->id.len)) {
        fuzz_fail("an id that is no text");
    }
}


/* Returns 1 where the referee sees a user (M1.1). */

static int
is_user(const json_t *json)
{
    return json_is_object(json)
           && (json_object_get(json, "user_id")
               || json_object_get(json, "identities"));
}


static int
same(const json_t *a, const json_t *b)
{
    return a == b || json_equal(a, b);
}


static const json_t *
inside(const json_t *user, const char *container, const char *name)
{
    return json_object_get(json_object_get(user, container), name);
}


/* Returns 1 where the value of a root member of v1 is somewhere in v2. */

static int
is_there(const json_t *user, const char *name, const json_t *value)
{
    if (same(json_object_get(user, name), value)
        || same(inside(user, "app_metadata", name), value)
        || same(inside(user, "user_metadata", name), value))
    {
        return 1;
    }

    if (strncmp(name, "um_", 3) == 0) {
        return same(inside(user, "user_metadata", name + 3), value);
    }

    if (strncmp(name, "am_", 3) == 0) {
        return same(inside(user, "app_metadata", name + 3), value);
    }

    return strncmp(name, "last", 4) == 0 || strcmp(name, "loginsCount") == 0;
}


/* M4.1: the referee's own way to tell that two names are one */

static int
alike(const char *name, const char *known)
{
    for ( ;; ) {
        for ( /* void */ ; *name == '_'; name++) { /* void */ }
        for ( /* void */ ; *known == '_'; known++) { /* void */ }

        if (*name == '\0' || *known == '\0') {
            return *name == *known;
        }

        if (strncmp(name, "\xc5\xbf", 2) == 0 && *known == 's') {
            name++;

        } else if (strncmp(name, "\xe2\x84\xaa", 3) == 0 && *known == 'k') {
            name += 2;

        } else if (tolower((u_char) *name) != *known) {
            return 0;
        }

        name++;
        known++;
    }
}


static void
drop_tokens(json_t *json)
{
    void        *tmp;
    size_t       n, i;
    json_t      *value;
    const char  *name;

    static const char *const  tokens[] = {
        "access_token", "access_token_secret", "refresh_token"
    };

    json_array_foreach(json, i, value) {
        drop_tokens(value);
    }

    json_object_foreach_safe(json, tmp, name, value) {

        for (n = 0; n < sizeof(tokens) / sizeof(tokens[0]); n++) {

            if (alike(name, tokens[n])) {
                break;
            }
        }

        if (n < sizeof(tokens) / sizeof(tokens[0])) {
            (void) json_object_del(json, name);

        } else {
            drop_tokens(value);
        }
    }
}


/* M4.1: all of "identities" but the tokens */

static void
check_identities(const json_t *from, const json_t *to)
{
    json_t  *copy;

    copy = json_deep_copy(from);

    drop_tokens(copy);

    if (!same(copy, to)) {
        fuzz_fail("M4.1: other identities");
    }

    json_decref(copy);
}


/* M2.2, M2.3, M4.1, and that nothing else is lost */

static void
check_shipped(const json_t *from, const json_t *to, int conflicts)
{
    void        *i;
    size_t       n;
    json_t      *value;
    const char  *name;

    static const char *const  gone[] = {
        "_id", "__tenant", "clientID", "globalClientID", "global_client_id",
        "lastLogin", "lastIP", "loginsCount"
    };

    for (n = 0; n < sizeof(gone) / sizeof(gone[0]); n++) {

        if (json_object_get(to, gone[n])) {
            fuzz_fail("\"%s\" is still there", gone[n]);
        }
    }

    check_identities(json_object_get(from, "identities"),
                     json_object_get(to, "identities"));

    if (conflicts) {
        return;
    }

    for (i = json_object_iter((json_t *) from);
         i;
         i = json_object_iter_next((json_t *) from, i))
    {
        name = json_object_iter_key(i);
        value = json_object_iter_value(i);

        for (n = 0; n < 5 && strcmp(name, gone[n]) != 0; n++) { /* void */ }

        if (n == 5 && !alike(name, "identities")
            && strstr(name, "metadata") == NULL && !json_is_null(value)
            && !is_there(to, name, value))
        {
            fuzz_fail("\"%s\" is lost", name);
        }
    }
}


/* one user or another element of a list */

static void
check_user(const profile_rewriter_conf_t *conf, const json_t *from,
    const json_t *to, int conflicts)
{
    size_t  n;

    if (!is_user(from)) {

        if (!same(from, to)) {
            fuzz_fail("M1.4: what is no user has changed");
        }

        return;
    }

    if (conf->view.nfields) {
        return;
    }

    if (!json_is_object(json_object_get(to, "app_metadata"))
        || !json_is_object(json_object_get(to, "user_metadata")))
    {
        fuzz_fail("M3.4: no containers");
    }

    for (n = 0; n < sizeof(kept) / sizeof(kept[0]); n++) {

        if (!same(json_object_get(from, kept[n]),
                  json_object_get(to, kept[n])))
        {
            fuzz_fail("M2.4: \"%s\" is another", kept[n]);
        }
    }

    if (conf->schema == schemas[0]) {
        check_shipped(from, to, conflicts);
    }
}


/* M1.6: the user in what may be one, what is none, or NULL */

static const json_t *
inner(const profile_rewriter_conf_t *conf, const json_t *element)
{
    const json_t  *user;

    user = json_object_get(element, (char *) conf->wrapper.data);

    return (user == NULL || !is_user(user)) && is_user(element) ? element
                                                                : user;
}


static void
check_element(const profile_rewriter_conf_t *conf, const json_t *from,
    const json_t *to, int conflicts)
{
    json_t        *rest, *copy;
    const json_t  *user;

    user = inner(conf, from);

    if (user == from) {
        check_user(conf, from, to, conflicts);

    } else if (user == NULL || !is_user(user)) {

        if (!same(from, to)) {
            fuzz_fail("M1.6: what wraps no user has changed");
        }

    } else if (conf->unwrap) {
        check_user(conf, user, to, conflicts);

    } else {
        check_user(conf, user, inner(conf, to), conflicts);

        rest = json_copy((json_t *) from);
        copy = json_copy((json_t *) to);

        (void) json_object_del(rest, (char *) conf->wrapper.data);
        (void) json_object_del(copy, (char *) conf->wrapper.data);

        if (!same(rest, copy)) {
            fuzz_fail("M1.6: what is beside the user has changed");
        }

        json_decref(rest);
        json_decref(copy);
    }
}


static void
check_list(const profile_rewriter_conf_t *conf, const json_t *from,
    const json_t *to, const fuzz_rewritten_t *r)
{
    size_t   n;
    json_t  *element;

    if (r->left_out) {
        if (json_array_size(from) < json_array_size(to)) {
            fuzz_fail("M6.5: more elements than there were");
        }

        return;
    }

    if (json_array_size(from) != json_array_size(to)) {
        fuzz_fail("M1.2: another number of elements");
    }

    json_array_foreach(from, n, element) {
        check_element(conf, element, json_array_get(to, n),
                      r->counts.conflicts != 0);
    }
}


/* members that pass, and the list at the end of the path */

static void
check_around(const profile_rewriter_conf_t *conf, const json_t *from,
    const json_t *to, const profile_str_t *path, unsigned n,
    const fuzz_rewritten_t *r)
{
    void        *i;
    json_t      *value, *other;
    const char  *name;

    if (json_object_size(from) != json_object_size(to)) {
        fuzz_fail("M1.3: another number of members");
    }

    for (i = json_object_iter((json_t *) from);
         i;
         i = json_object_iter_next((json_t *) from, i))
    {
        name = json_object_iter_key(i);
        value = json_object_iter_value(i);
        other = json_object_get(to, name);

        if (n && strcmp(name, (char *) path->data) == 0) {

            if (n > 1 && json_is_object(value)) {
                check_around(conf, value, other, path + 1, n - 1, r);
                continue;
            }

            if (n == 1 && json_is_array(value)) {
                check_list(conf, value, other, r);
                continue;
            }
        }

        if (!same(value, other)) {
            fuzz_fail("M1.3: \"%s\" beside the list has changed", name);
        }
    }
}


/* M1.7: users of a list, or of one that they are wrapped in, and no others */

static void
check_unwrapped(const profile_rewriter_conf_t *conf, const json_t *from,
    const json_t *to, const fuzz_rewritten_t *r)
{
    size_t         n, users;
    json_t        *element;
    const json_t  *user;

    users = 0;

    json_array_foreach(from, n, element) {
        user = inner(conf, element);

        if (user && is_user(user)) {

            if (r->left_out == 0) {
                check_user(conf, user, json_array_get(to, users),
                           r->counts.conflicts != 0);
            }

            users++;
        }
    }

    if (!json_is_array(to) || users != json_array_size(to) + r->left_out) {
        fuzz_fail("M1.7: another number of users");
    }
}


/* what the referee sees in both */

static void
check_whole(const profile_rewriter_conf_t *conf, const json_t *from,
    const json_t *to, const fuzz_rewritten_t *r)
{
    unsigned       i;
    const json_t  *list;

    if (conf->list.enabled) {
        return;
    }

    if (json_is_array(from)) {
        check_list(conf, from, to, r);

        if (json_array_size(from) != json_array_size(to) + r->left_out) {
            fuzz_fail("M6.5: an element is missing");
        }

        return;
    }

    list = conf->envelope.n ? from : NULL;

    for (i = 0; i < conf->envelope.n; i++) {
        list = json_object_get(list, (char *) conf->envelope.parts[i].data);
    }

    if (!json_is_array(list)) {
        check_element(conf, from, to, r->counts.conflicts != 0);

    } else if (conf->unwrap) {
        check_unwrapped(conf, list, to, r);

    } else {
        check_around(conf, from, to, conf->envelope.parts, conf->envelope.n,
                     r);
    }
}


static void
settings(profile_rewriter_conf_t *conf, const profile_str_t *head)
{
    static const size_t    sizes[] = { 1024 * 1024, 64, 16, 200 };
    static const unsigned  depths[] = { 128, 3, 5, 2 };

    static const profile_str_t  fields[] = {
        profile_string("user_id"), profile_string("email"),
        profile_string("app_metadata"), profile_string("new")
    };

    static const profile_path_t  envelopes[] = {
        { { profile_string("users") }, 1 },
        { { profile_string("data"), profile_string("users") }, 2 }
    };

    static const profile_path_t  number = {
        { profile_string("data"), profile_string("total") }, 2
    };

    static const profile_str_t  wrapper = profile_string("account");
    static const profile_str_t  email = profile_string("email");
    static const profile_str_t  value = profile_string("a");
    static const profile_str_t  total = profile_string("214");

    memset(conf, 0, sizeof(profile_rewriter_conf_t));

    conf->notice.unknown = unknown;
    conf->unreadable = unreadable;
    conf->skip = fuzz_choice(head, 4) >> 4 & 1;
    conf->schema = schemas[fuzz_choice(head, 0) % SCHEMAS];

    /* a list with totals is an envelope when it comes again */

    if ((fuzz_choice(head, 1) & 1) || (fuzz_choice(head, 4) & 2)) {
        conf->envelope = envelopes[(fuzz_choice(head, 1) & 2)
                                   && !(fuzz_choice(head, 4) & 2)];
    }

    if (fuzz_choice(head, 1) & 4) {
        conf->wrapper = wrapper;
    }

    if (fuzz_choice(head, 1) & 8) {
        conf->unwrap = 1;
    }

    if (fuzz_choice(head, 1) & 0x10) {
        conf->total = number;
    }

    conf->max_user_size = sizes[fuzz_choice(head, 2) & 3];
    conf->max_depth = depths[fuzz_choice(head, 2) >> 2 & 3];

    conf->view.fields = fields;
    conf->view.nfields = fuzz_choice(head, 3) % 5;
    conf->view.exclude = fuzz_choice(head, 3) >> 4 & 1;

    conf->list.enabled = fuzz_choice(head, 4) & 1;
    conf->list.totals = fuzz_choice(head, 4) >> 1 & 1;
    conf->list.more = fuzz_choice(head, 4) >> 2 & 1;
    conf->list.limit = 50;

    if (fuzz_choice(head, 4) & 8) {
        conf->list.total = total;
    }

    if (conf->list.enabled && (fuzz_choice(head, 3) & 0x20)) {
        conf->view.match_name = email;
        conf->view.match_value = value;
    }
}


/* a view of one parser on both sides of the other */

static void
referee(const profile_rewriter_conf_t *conf, const profile_str_t *text,
    const fuzz_rewritten_t *r)
{
    size_t        bom;
    json_t       *from, *to;
    fuzz_text_t   seen;

    bom = text->len >= 3 && memcmp(text->data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    from = fuzz_read(text->data + bom, text->len - bom, &seen);

    switch (r->reason) {

    case PROFILE_OK:

        if (from == NULL) {
            fuzz_fail("M6.3: the referee reads no JSON");
        }

        fuzz_rewritten(conf, r);

        if (!seen.odd && !profile_schema_shape_said(conf->schema)) {
            to = fuzz_read(r->out.data, r->out.len, &seen);
            check_whole(conf, from, to, r);
            json_decref(to);
        }

        break;

    case PROFILE_TOO_DEEP:
    case PROFILE_USER_TOO_LARGE:
    case PROFILE_NOT_USERS:
    case PROFILE_LATE_USER:
        break;

    default:

        if (from) {
            fuzz_fail("M6.3: %s at %lu, but the referee reads it",
                      profile_reason_name(r->reason)->data,
                      (unsigned long) r->offset);
        }
    }

    json_decref(from);
}


void
fuzz_one(profile_str_t *in)
{
    profile_str_t            head, body, pieces;
    fuzz_rewritten_t         whole, bytes, cut;
    profile_rewriter_conf_t  conf;

    head = fuzz_line(in);
    body = fuzz_stretch(in, (fuzz_choice(&head, 2) & 0x20) ? RUN : 1);
    settings(&conf, &head);

    fuzz_rewrite(&conf, &body, &fuzz_whole, &whole);
    fuzz_rewrite(&conf, &body, fuzz_bytes(&body), &bytes);
    fuzz_compare(&whole, &bytes, "bytes");
    free(bytes.out.data);

    if (head.len > CHOICES) {
        pieces.data = head.data + CHOICES;
        pieces.len = head.len - CHOICES;

        fuzz_rewrite(&conf, &body, &pieces, &cut);
        fuzz_compare(&whole, &cut, "pieces");
        free(cut.out.data);
    }

    /* M6.5: where nobody has to be left out it makes no difference */

    if (conf.skip && whole.left_out == 0) {
        conf.skip = 0;
        fuzz_rewrite(&conf, &body, &fuzz_whole, &cut);
        conf.skip = 1;

        fuzz_compare(&whole, &cut, "a list that is whole");
        free(cut.out.data);
    }

    referee(&conf, &body, &whole);

    if (fuzz_choice(&head, 5)) {
        test_alloc_fail(fuzz_choice(&head, 5));
        fuzz_rewrite(&conf, &body, &fuzz_whole, &cut);
        test_alloc_fail(0);

        if (cut.reason != PROFILE_NO_MEMORY) {
            fuzz_compare(&whole, &cut, "little memory");
        }

        free(cut.out.data);
    }

    free(whole.out.data);
    free((void *) body.data);
}
