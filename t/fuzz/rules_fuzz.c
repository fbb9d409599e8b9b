
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "rules_fuzz.h"


/* The schema, as statements and as the lists that the rules are read from. */

const char  fuzz_rules_schema[] =
    "identity email name nickname um_id; rename lastLogin last_login; drop _id;"
    "provider facebook gender link locale ~x_[a-z]+; provider auth0;"
    "provider github plan login hobby am_kind; provider * shared ~s[0-9];"
    "user_metadata hobby ~u_.+; app_metadata Locale;"
    "app_metadata \"~app_(.+)\" as=$1;"
    "metadata_prefix user_metadata um_; metadata_prefix app_metadata am_;"
    "metadata_names strict; reserved blocked _id email;"
    "forbidden __proto__ kind;"
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

static const char *const  forbidden[] = { "__proto__", "kind", NULL };

typedef int (*rule_pt)(const fuzz_judge_t *j, int place, const char *name,
    const json_t *value);


static size_t next_code(const char *name, uint32_t *code);
static int is_foreign(uint32_t c);
static int fits(const char *template, size_t i, uint32_t code);


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


/*
 * H5.6: whether a name can be read as a template, in which @ is a letter, # a
 * digit and + behind one of them any number more.  Bit n of the state: what
 * comes first can be read as the n characters before template[n].
 */

static int
can_read(const char *name, const char *template, int *many)
{
    size_t    i, len;
    uint32_t  state, next, code;

    state = 1;
    len = strlen(template);

    while (*name && state) {
        name += next_code(name, &code);

        if (code >= 0x80 && !is_foreign(code)) {

            for (i = 0; i < 4; i++) {
                state |= (state << 1) & ((2 << len) - 1);

                /* many is as good as one more, and is too many to try */

                if (state >> (len - 1) & 1 && template[len - 1] == '+') {
                    *many = 1;
                }
            }

            continue;
        }

        next = 0;

        for (i = 0; i < len; i++) {
            if ((state >> i & 1) && fits(template, i, code)) {
                next |= 1 << (template[i] == '+' ? i : i + 1);
            }
        }

        state = next;
    }

    return (state >> len & 1)
           || (template[len - 1] == '+' && (state >> (len - 1) & 1));
}


static int
fits(const char *template, size_t i, uint32_t code)
{
    char  c;

    if (code >= 0x80) {
        return 0;
    }

    c = (code >= 'A' && code <= 'Z') ? code + 32 : code;

    switch (template[i] == '+' ? template[i - 1] : template[i]) {

    case '@':
        return c >= 'a' && c <= 'z';

    case '#':
        return c >= '0' && c <= '9';

    default:
        return c == template[i];
    }
}


static size_t
next_code(const char *name, uint32_t *code)
{
    size_t         i, len;
    const u_char  *p = (const u_char *) name;

    *code = p[0];

    if (p[0] < 0x80) {
        return 1;
    }

    len = 1 + (p[0] >= 0xc0) + (p[0] >= 0xe0) + (p[0] >= 0xf0);
    *code = p[0] & (0x7f >> len);

    for (i = 1; i < len; i++) {
        *code = *code << 6 | (p[i] & 0x3f);
    }

    return len;
}


/* letters that never become ASCII, by their blocks */

static int
is_foreign(uint32_t c)
{
    return (c >= 0x386 && c <= 0x3ce && c != 0x387 && c != 0x38b && c != 0x38d
            && c != 0x3a2)
           || (c >= 0x400 && c <= 0x52f && !(c >= 0x482 && c <= 0x489))
           || (c >= 0x5d0 && c <= 0x5ea)
           || (c >= 0x620 && c <= 0x64a && c != 0x640)
           || (c >= 0x671 && c <= 0x6d3)
           || (c >= 0x904 && c <= 0x939) || (c >= 0x958 && c <= 0x961)
           || (c >= 0xe01 && c <= 0xe45 && c != 0xe31
               && !(c >= 0xe34 && c <= 0xe3f))
           || (c >= 0x3041 && c <= 0x3096) || (c >= 0x30a1 && c <= 0x30fa)
           || (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff)
           || (c >= 0xac00 && c <= 0xd7a3)
           || (c >= 0x20000 && c <= 0x2fa1d);
}


static int
can_read_one_of(const char *const *names, const char *name)
{
    int  many;

    while (*names && !can_read(name, *names, &many)) {
        names++;
    }

    return *names != NULL;
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


/*
 * The patterns of the providers, caseless.  Where a run of others may become
 * any number of letters, the guard may give up and refuse.
 */

static int
is_pattern(fuzz_judge_t *j, const char *name)
{
    int  many, rc;

    many = 0;
    rc = can_read(name, "s#", &many);

    if (j->provider == FACEBOOK || j->provider == ANY) {
        rc |= can_read(name, "x_@+", &many);
        j->unsure |= (many && !rc);
    }

    return rc;
}


/* H5.6 */

static int
is_denied_by_name(fuzz_judge_t *j, const char *name)
{
    int  facebooks, githubs;

    facebooks = (j->provider == FACEBOOK || j->provider == ANY);
    githubs = (j->provider == GITHUB || j->provider == ANY);

    return can_read_one_of(denied, name)
           || (facebooks && can_read_one_of(facebook, name))
           || (githubs && can_read_one_of(github, name));
}


static int
is_denied(fuzz_judge_t *j, const char *name)
{
    return is_denied_by_name(j, name)
           || (!is_prefixed(name) && is_pattern(j, name));
}


/* H5.5 */

static int
is_writable(fuzz_provider_e provider, profile_action_e action, const char *name)
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
bad_container(const fuzz_judge_t *j, int place, const char *name,
    const json_t *value)
{
    return place == PROFILE_AT_ROOT && is_container(name)
           && !json_is_object(value) && !json_is_null(value);
}


static int
bad_attribute(const fuzz_judge_t *j, int place, const char *name,
    const json_t *value)
{
    if (place != PROFILE_AT_ROOT) {
        return 0;
    }

    return j->conf.mode == PROFILE_GUARD_V1
           ? is_denied((fuzz_judge_t *) j, name)
           : !is_writable(j->provider, j->conf.action, name);
}


/* the name that v2 shows for metadata of v1 */

static const char *
shown(const fuzz_judge_t *j, int place, const char *name, int *app)
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
bad_reserved(const fuzz_judge_t *j, int place, const char *name,
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
bad_name(const fuzz_judge_t *j, int place, const char *name,
    const json_t *value)
{
    int          app;
    const char  *as;

    if (place == PROFILE_AT_ROOT && j->conf.mode == PROFILE_GUARD_V2) {
        return 0;
    }

    as = shown(j, place, name, &app);

    return name[0] == '$' || as[0] == '$' || strchr(name, '.') != NULL;
}


/* U3.1: what comes back under its own name, and is nothing else at the root */

static int
is_stored_plain(fuzz_judge_t *j, const char *name, int app)
{
    int  exact, line, user;

    static const char *const  root[] = {
        "blocked", "email", "name", "nickname", "picture", "connection",
        "verify_email", NULL
    };

    line = (strchr(name, '\n') == NULL);
    exact = (strcmp(name, "hobby") == 0 || strcmp(name, "Locale") == 0);
    user = (strcmp(name, "hobby") == 0
            || (begins(name, "u_") && name[2] && line));

    if (is_container(name) || is_prefixed(name) || user == app
        || (begins(name, "app_") && name[4] && line)
        || can_read_one_of(root, name))
    {
        return 0;
    }

    return exact ? !is_denied_by_name(j, name) : !is_denied(j, name);
}


/* H5.7: by a prefix, or the pattern, what v2 would store under another name */

static int
bad_alias(const fuzz_judge_t *j, int place, const char *name,
    const json_t *value)
{
    int           app, bad;
    const char   *as;
    fuzz_judge_t  judge;

    if (place != PROFILE_AT_ROOT || j->conf.mode == PROFILE_GUARD_V2) {
        return 0;
    }

    as = shown(j, place, name, &app);

    if (as == name) {
        return 0;
    }

    judge = *j;

    /* for some user it is another name */

    if (j->conf.user_id.len == 0) {
        judge.provider = NOBODY;
    }

    /* else it is stored with a prefix */

    bad = is_stored_plain(&judge, as, app) || !is_prefixed(name);

    ((fuzz_judge_t *) j)->unsure |= judge.unsure;

    return bad;
}


/* H5.12: by name at any depth, and what v1's names become in v2 */

static unsigned
bad_depths(const json_t *value)
{
    size_t       i;
    json_t      *inner;
    unsigned     n;
    const char  *name;

    n = 0;

    json_object_foreach((json_t *) value, name, inner) {
        n += is_one_of(forbidden, name) + bad_depths(inner);
    }

    json_array_foreach(value, i, inner) {
        n += bad_depths(inner);
    }

    return n;
}


static int
bad_forbidden(const fuzz_judge_t *j, int place, const char *name,
    const json_t *value)
{
    int          app;
    const char  *as;

    if (place != PROFILE_AT_ROOT || j->conf.mode == PROFILE_GUARD_V2) {
        return 0;
    }

    /* a provider's attribute is no metadata, whatever its prefix hides */

    as = shown(j, place, name, &app);

    return as != name && is_one_of(forbidden, as);
}


static unsigned
count(const fuzz_judge_t *j, int place, json_t *object, rule_pt bad)
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
any(const fuzz_judge_t *j, int place, const char *name, const json_t *value)
{
    return 1;
}


static fuzz_provider_e
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


/* H5.5: trimmed, in any case; any, if it can be read as one of them */

static fuzz_provider_e
provider_connected(const char *connection)
{
    char             name[16], *text, *p;
    size_t           i, len;
    fuzz_provider_e  provider;

    static const char *const  providers[] = {
        "auth0", "facebook", "github", NULL
    };

    while (*connection && *connection <= ' ') {
        connection++;
    }

    len = strlen(connection);

    while (len && connection[len - 1] <= ' ') {
        len--;
    }

    for (i = 0; i < len && i < sizeof(name); i++) {
        name[i] = (connection[i] >= 'A' && connection[i] <= 'Z')
                  ? connection[i] + 32 : connection[i];
    }

    provider = (len < sizeof(name)) ? provider_of(name, len) : NOBODY;

    if (provider != NOBODY) {
        return provider;
    }

    /* what stands behind it is white space, and not that of a name */

    text = strndup(connection, len);

    for (p = text; *p && !(*p & 0x80); p++) { /* void */ }

    provider = (*p && can_read_one_of(providers, text)) ? ANY : AUTH0;

    free(text);

    return provider;
}


/* a C string ends at a NUL, which jansson keeps */

static int
bad_connection(const fuzz_judge_t *j, int place, const char *name,
    const json_t *value)
{
    if (place != PROFILE_AT_ROOT || j->conf.mode != PROFILE_GUARD_V2
        || j->conf.action != PROFILE_CREATE
        || strcmp(name, "connection") != 0)
    {
        return 0;
    }

    return !json_is_string(value)
           || strlen(json_string_value(value)) != json_string_length(value);
}


static void
find_provider(fuzz_judge_t *j, json_t *body)
{
    char         id[32], *p;
    size_t       len;
    const char  *connection, *bar;

    if (j->conf.action == PROFILE_CREATE && j->conf.mode == PROFILE_GUARD_V2) {
        connection = json_string_value(json_object_get(body, "connection"));
        j->provider = connection ? provider_connected(connection) : AUTH0;

        return;
    }

    (void) snprintf(id, sizeof(id), "%.*s", (int) j->conf.user_id.len,
                    (char *) j->conf.user_id.data);

    if (j->conf.mode == PROFILE_GUARD_V1) {
        for (p = id; *p; p++) {
            *p = (*p >= 'A' && *p <= 'Z') ? *p + 32 : *p;
        }
    }

    bar = strchr(id, '|');
    len = bar ? (size_t) (bar - id) : strlen(id);
    j->provider = bar ? provider_of(id, len) : NOBODY;

    if (j->conf.mode == PROFILE_GUARD_V1 && j->conf.user_id.len
        && (len == 0
            || strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789._-") < len))
    {
        j->provider = ANY;
    }
}


profile_reason_e
fuzz_rules_judge(fuzz_judge_t *j, json_t *body, uint32_t members)
{
    size_t  n;

    static const struct {
        rule_pt           bad;
        profile_reason_e  reason;
    } rules[] = {
        { bad_container, PROFILE_CONTAINER },
        { bad_connection, PROFILE_CONNECTION },
        { bad_attribute, PROFILE_ATTRIBUTES },
        { bad_reserved, PROFILE_RESERVED },
        { bad_name, PROFILE_METADATA_NAME },
        { bad_alias, PROFILE_ALIAS }
    };

    find_provider(j, body);

    if (bad_depths(body) || count(j, PROFILE_AT_ROOT, body, bad_forbidden)) {
        return PROFILE_FORBIDDEN;
    }

    if (count(j, PROFILE_AT_ROOT, body, any) != members) {
        return PROFILE_DUPLICATE;
    }

    for (n = 0; n < sizeof(rules) / sizeof(rules[0]); n++) {
        j->refused = count(j, PROFILE_AT_ROOT, body, rules[n].bad);

        if (j->refused) {
            return rules[n].reason;
        }
    }

    return PROFILE_OK;
}
