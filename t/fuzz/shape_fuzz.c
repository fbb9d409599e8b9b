
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "schema_fuzz.h"


#define DEPTH  64


const char *
fuzz_path(const char *path, char *name)
{
    size_t  n;

    for (n = 0; *path && n < FUZZ_WORD - 1; path++) {

        if (*path == '.') {
            break;
        }

        if (*path == '\\' && path[1]) {
            path++;
        }

        name[n++] = *path;
    }

    name[n] = '\0';

    return *path == '.' ? path + 1 : NULL;
}


void
fuzz_shape_nest(json_t *at, const char *path, size_t how)
{
    char     name[FUZZ_WORD];
    json_t  *inner, *list;

    path = fuzz_path(path, name);

    if (path == NULL) {
        list = json_array();
        (void) json_array_append_new(list, json_string("x"));
        (void) json_object_set_new(at, name, list);
        return;
    }

    inner = json_object_get(at, name);

    if (!json_is_object(inner)) {
        inner = json_object();
        (void) json_object_set_new(inner, "x", json_integer(how));

        if (how % 4 == 3) {
            list = json_array();
            (void) json_array_append_new(list, inner);
            (void) json_object_set_new(at, name, list);

        } else {
            (void) json_object_set_new(at, name, inner);
        }
    }

    fuzz_shape_nest(inner, path, how + 1);
}


/* a text at a path, of which 0 is the first element of an array */

static json_t *
at_path(const char *path, const char *text)
{
    char     name[FUZZ_WORD];
    json_t  *at;

    if (path == NULL) {
        return json_string(text);
    }

    path = fuzz_path(path, name);
    at = strcmp(name, "0") == 0 ? json_array() : json_object();

    if (json_is_array(at)) {
        (void) json_array_append_new(at, at_path(path, text));

    } else {
        (void) json_object_set_new(at, name, at_path(path, text));
    }

    return at;
}


json_t *
fuzz_shape_user(const fuzz_shape_t *shape, const char *id,
    const char *provider)
{
    json_t  *user;

    user = (shape->from[0] && provider && strcmp(shape->from, "user_id") != 0)
           ? at_path(shape->from, provider) : json_object();

    (void) json_object_set_new(user, shape->id, json_string(id));

    return user;
}


/* a path is NULL where it does not lead here */

static void
store(json_t *to, const json_t *from, const char *const *paths)
{
    int          i, on;
    char         name[FUZZ_WORD];
    json_t      *value, *inner;
    const char  *member, *rest, *inside[2];

    json_object_foreach((json_t *) from, member, value) {
        on = 0;

        for (i = 0; i < 2; i++) {
            inside[i] = NULL;

            if (paths[i] == NULL) {
                continue;
            }

            rest = fuzz_path(paths[i], name);

            if (strcmp(name, member) == 0) {
                inside[i] = rest;
                on = 1;
            }
        }

        inner = json_object_get(to, member);

        if (on && json_is_object(inner) && json_is_object(value)) {
            store(inner, value, inside);

        } else {
            (void) json_object_set_new(to, member, json_deep_copy(value));
        }
    }
}


void
fuzz_shape_store(const fuzz_shape_t *shape, json_t *user,
    const json_t *written)
{
    int          i;
    const char  *paths[2];

    for (i = 0; i < 2; i++) {
        paths[i] = shape->write[i][0] ? shape->write[i] : NULL;
    }

    store(user, written, paths);
}


int
fuzz_shape_lifts(const fuzz_shape_t *shape, const char *name)
{
    char         last[FUZZ_WORD];
    size_t       i;
    json_t      *value;
    const char  *path;

    json_array_foreach(shape->lifts, i, value) {

        path = json_string_value(value);

        do {
            path = fuzz_path(path, last);
        } while (path);

        if (strcmp(last, name) == 0) {
            return 1;
        }
    }

    return 0;
}


const json_t *
fuzz_shape_held(const fuzz_shape_t *shape, int n, const json_t *user)
{
    char         name[FUZZ_WORD];
    const char  *path;

    path = shape->write[n];

    if (*path == '\0') {
        return NULL;
    }

    while (path) {
        path = fuzz_path(path, name);
        user = json_object_get(user, name);
    }

    return user;
}


int
fuzz_shape_says(const fuzz_shape_t *shape, const json_t *body,
    const char *name, const json_t *value)
{
    size_t   i;
    json_t  *as;

    if (json_equal(json_object_get(body, name), value)) {
        return 1;
    }

    json_array_foreach(json_object_get(shape->old, name), i, as) {
        if (json_equal(json_object_get(body, json_string_value(as)), value)) {
            return 1;
        }
    }

    return 0;
}


json_t *
fuzz_schema_rewrite(const profile_schema_t *s, json_t *user, unsigned depth)
{
    char                     *text;
    json_t                   *json;
    fuzz_text_t               seen;
    profile_str_t             str;
    fuzz_rewritten_t          r;
    profile_rewriter_conf_t   conf;

    text = json_dumps(user, JSON_COMPACT);
    str.data = (u_char *) text;
    str.len = strlen(text);

    memset(&conf, 0, sizeof(profile_rewriter_conf_t));

    conf.schema = s;
    conf.max_user_size = 1024 * 1024;
    conf.max_depth = depth;

    fuzz_rewrite(&conf, &str, &fuzz_whole, &r);

    if (r.reason == PROFILE_PATTERN_LIMIT) {
        json = NULL;

    } else if (r.reason != PROFILE_OK) {
        fuzz_fail("%s in what v1 stores: %s",
                  profile_reason_name(r.reason)->data, text);

    } else {
        fuzz_rewritten(&conf, &r);
        json = fuzz_read(r.out.data, r.out.len, &seen);
    }

    free(r.out.data);
    free(text);
    json_decref(user);

    return json;
}


/* a text at a path of objects */

static void
lifted(json_t *at, const char *path)
{
    char     name[FUZZ_WORD];
    json_t  *inner;

    path = fuzz_path(path, name);
    inner = json_object_get(at, name);

    if (path == NULL) {

        if (inner == NULL) {
            (void) json_object_set_new(at, name, json_string("lifted"));
        }

        return;
    }

    if (inner == NULL) {
        inner = json_object();
        (void) json_object_set_new(at, name, inner);
    }

    if (json_is_object(inner)) {
        lifted(inner, path);
    }
}


static json_t *
whole_user(const fuzz_shape_t *shape, const char *id, const char *provider)
{
    size_t       i;
    json_t      *user, *value, *sets[3];
    const char  *name;

    user = fuzz_shape_user(shape, id, provider);

    json_array_foreach(shape->lifts, i, value) {
        lifted(user, json_string_value(value));
    }

    sets[0] = shape->roots;
    sets[1] = json_object_get(shape->providers, "*");
    sets[2] = provider ? json_object_get(shape->providers, provider) : NULL;

    for (i = 0; i < 3; i++) {
        json_object_foreach(sets[i], name, value) {

            if (json_object_get(user, name) == NULL) {
                (void) json_object_set_new(user, name, json_string(name));
            }
        }
    }

    return user;
}


void
fuzz_shape_shadows(const fuzz_shape_t *shape, const char *id,
    const char *provider, const json_t *written, const json_t *body)
{
    char        *text;
    json_t      *user, *before, *after, *value;
    const char  *name;

    user = whole_user(shape, id, provider);
    before = fuzz_schema_rewrite(shape->schema, json_deep_copy(user), DEPTH);

    fuzz_shape_store(shape, user, written);
    after = fuzz_schema_rewrite(shape->schema, user, DEPTH);

    json_object_foreach(before, name, value) {

        if (strcmp(name, shape->containers[0]) == 0
            || strcmp(name, shape->containers[1]) == 0
            || json_object_get(body, name)
            || after == NULL
            || json_equal(value, json_object_get(after, name)))
        {
            continue;
        }

        text = json_dumps(written, JSON_COMPACT);
        fuzz_fail("\"%s\" of \"%s\" is shadowed by %s", name,
                  provider ? provider : "", text);
    }

    json_decref(before);
    json_decref(after);
}
