
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/schema/profile_schema.h"
#include "core/schema/profile_schema_mistake.h"
#include "core/schema/profile_schema_path.h"
#include "core/schema/profile_schema_pattern.h"
#include "core/schema/profile_schema_shape.h"
#include "core/schema/profile_schema_shape_build.h"
#include "core/schema/profile_schema_table.h"


static int profile_schema_shape_build_lifted(profile_schema_t *s,
    const profile_str_t *word, const profile_path_t *path);
static int profile_schema_shape_build_merged(profile_schema_t *s,
    const profile_str_t *word, profile_container_e container, int write);
static int profile_schema_shape_build_what(profile_schema_t *s,
    const profile_str_t *word, const profile_path_t *path,
    profile_shape_e what, profile_shape_t **shape);
static int profile_schema_shape_build_all(profile_str_t *word);
static int profile_schema_shape_build_own(profile_schema_t *s,
    const profile_str_t *word, const profile_path_t *path);


int
profile_schema_shape_build_user(profile_schema_t *s,
    const profile_str_t *words, size_t n)
{
    size_t            i, j;
    profile_entry_t  *e;

    if (s->user_said) {
        return profile_schema_mistake_twice(s, s->user_said,
                                            "\"user\" is duplicate");
    }

    s->user_said = s->statement;

    for (i = 1; i < n; i++) {
        e = profile_schema_table_entry(s, &words[i]);
        if (e == NULL) {
            return -1;
        }

        for (j = 0; j < s->nusers; j++) {
            if (s->users[j] == e->name.number) {
                return profile_schema_mistake(s, "name \"%.*s\" is in "
                                              "\"user\" twice",
                                              (int) words[i].len,
                                              words[i].data);
            }
        }

        s->users[s->nusers++] = e->name.number;
    }

    return 0;
}


int
profile_schema_shape_build_provider_from(profile_schema_t *s,
    const profile_str_t *words, size_t n)
{
    size_t          i;
    profile_path_t  path;

    static const profile_str_t  id = profile_string("user_id");

    if (s->provider_from_said) {
        return profile_schema_mistake_twice(s, s->provider_from_said,
                                            "\"provider_from\" is duplicate");
    }

    s->provider_from_said = s->statement;

    for (i = 1; i < n; i++) {

        if (profile_schema_path_read(s, &words[i], &path) != 0) {
            return -1;
        }

        if (profile_str_eq(&id, words[i].data, words[i].len)) {
            path.n = 0;
        }

        if (profile_buf_append(&s->alloc, &s->provider_from, &path,
                               sizeof(profile_path_t))
            != 0)
        {
            return profile_schema_mistake(s, "not enough memory");
        }
    }

    return 0;
}


int
profile_schema_shape_build_drop(profile_schema_t *s,
    const profile_str_t *words, size_t n)
{
    size_t            i;
    profile_path_t    path;
    profile_shape_t  *shape;

    for (i = 1; i < n; i++) {

        if (profile_schema_path_read(s, &words[i], &path) != 0) {
            return -1;
        }

        if (path.n == 1) {
            if (profile_schema_table_claim(s, &path.parts[0],
                                           PROFILE_CLAIM_DROP, NULL)
                != 0)
            {
                return -1;
            }

            continue;
        }

        if (profile_schema_shape_build_what(s, &words[i], &path,
                                            PROFILE_SHAPE_DROP, &shape)
            != 0)
        {
            return -1;
        }
    }

    return 0;
}


int
profile_schema_shape_build_lift(profile_schema_t *s,
    const profile_str_t *words, size_t n)
{
    size_t            i;
    profile_path_t    path;
    profile_shape_t  *shape;

    for (i = 1; i < n; i++) {

        if (profile_schema_path_read(s, &words[i], &path) != 0) {
            return -1;
        }

        if (path.n == 1) {
            return profile_schema_mistake(s, "invalid path \"%.*s\" in "
                                          "\"lift\", expected that of a "
                                          "member inside an object",
                                          (int) words[i].len, words[i].data);
        }

        if (profile_schema_shape_build_own(s, &words[i], &path) != 0
            || profile_schema_shape_build_lifted(s, &words[i], &path) != 0
            || profile_schema_shape_build_what(s, &words[i], &path,
                                               PROFILE_SHAPE_LIFT, &shape)
               != 0)
        {
            return -1;
        }
    }

    return 0;
}


/* the name that it gets at the root is no other one's */

static int
profile_schema_shape_build_lifted(profile_schema_t *s,
    const profile_str_t *word, const profile_path_t *path)
{
    profile_entry_t  *e;

    e = profile_schema_table_entry(s, &path->parts[path->n - 1]);
    if (e == NULL) {
        return -1;
    }

    if (profile_str_eq(&path->parts[0], e->name.data, e->name.len)) {
        return profile_schema_mistake(s, "\"%.*s\" cannot be lifted to the "
                                      "root, where \"%.*s\" is what it is "
                                      "lifted from",
                                      (int) word->len, word->data,
                                      (int) e->name.len, e->name.data);
    }

    if (e->lifted) {
        return profile_schema_mistake_twice(s, e->lifted,
                                            "name \"%.*s\" is lifted twice",
                                            (int) e->name.len, e->name.data);
    }

    e->lifted = s->statement;

    return 0;
}


int
profile_schema_shape_build_merge(profile_schema_t *s,
    const profile_str_t *words, size_t n)
{
    int                  write;
    size_t               i;
    profile_entry_t     *e;
    profile_container_e  c;

    write = profile_str_eq(&words[n - 1], "write", 5);

    if (write) {
        n--;
    }

    if (n < 4 || !profile_str_eq(&words[n - 2], "into", 4)
        || profile_schema_container(&words[n - 1], &c) != 0)
    {
        return profile_schema_mistake(s, "invalid \"merge\", expected \"merge "
                                      "PATH... into app_metadata|"
                                      "user_metadata [write]\"");
    }

    if (write) {

        if (n != 4) {
            return profile_schema_mistake(s, "invalid \"write\", expected one "
                                          "path before \"into\"");
        }

        i = s->write_shape[c];

        if (i) {
            return profile_schema_mistake_twice(s,
                           profile_schema_table_shapes(s)[i].statement,
                           "\"write\" of \"%s\" is duplicate",
                           profile_schema_container_name(c)->data);
        }
    }

    if (s->nmerges == 0) {

        /* what is merged by default is said now */

        e = &s->entries[PROFILE_NAME_METADATA - 1];
        e->claim = PROFILE_CLAIM_NONE;
    }

    for (i = 1; i < n - 2; i++) {
        if (profile_schema_shape_build_merged(s, &words[i], c, write) != 0) {
            return -1;
        }
    }

    return 0;
}


static int
profile_schema_shape_build_merged(profile_schema_t *s,
    const profile_str_t *word, profile_container_e container, int write)
{
    profile_path_t    path;
    profile_entry_t  *e;
    profile_shape_t  *shape;

    if (profile_schema_path_read(s, word, &path) != 0
        || profile_schema_shape_build_own(s, word, &path) != 0)
    {
        return -1;
    }

    if (profile_schema_shape_build_what(s, word, &path, PROFILE_SHAPE_MERGE,
                                        &shape)
        != 0)
    {
        return -1;
    }

    if (path.n == 1) {
        if (profile_schema_table_claim(s, &path.parts[0],
                                       PROFILE_CLAIM_CONTAINER, &e)
            != 0)
        {
            return -1;
        }

        e->container = PROFILE_METADATA;
    }

    shape->container = container;
    shape->order = s->nmerges++;
    shape->write = write;

    if (!write) {
        return 0;
    }

    s->write_path[container] = path;
    s->write_shape[container] = shape->number;

    /* what one container holds is no member of the other one */

    if (s->write_shape[!container]
        && profile_path_meets(&path, &s->write_path[!container]))
    {
        return profile_schema_mistake(s, "the paths of two \"write\" are one "
                                      "below the other");
    }

    return 0;
}


/* one thing is said of a path */

static int
profile_schema_shape_build_what(profile_schema_t *s,
    const profile_str_t *word, const profile_path_t *path,
    profile_shape_e what, profile_shape_t **shape)
{
    profile_shape_t  *p;

    p = profile_schema_path_node(s, path, 0);
    if (p == NULL) {
        return -1;
    }

    if (what == PROFILE_SHAPE_MERGE && p->what == what) {
        return profile_schema_mistake_twice(s, p->statement,
                                            "path \"%.*s\" is merged already",
                                            (int) word->len, word->data);
    }

    if (p->what != PROFILE_SHAPE_KEEP) {
        return profile_schema_mistake_twice(s, p->statement,
                                            "path \"%.*s\" is claimed twice",
                                            (int) word->len, word->data);
    }

    p->what = what;
    p->statement = s->statement;

    *shape = p;

    return 0;
}


int
profile_schema_shape_build_unwrap(profile_schema_t *s,
    const profile_str_t *words, size_t n)
{
    int                 all, any;
    size_t              i;
    profile_str_t       word;
    profile_path_t      path;
    profile_shape_t    *shape;
    profile_pattern_t  *p;

    any = profile_str_eq(&words[n - 1], "values=any", 10);

    if (any && --n == 1) {
        return profile_schema_mistake(s, "invalid \"values=any\", expected a "
                                      "path before it");
    }

    for (i = 1; i < n; i++) {
        word = words[i];

        if (word.len >= 7 && memcmp(word.data, "values=", 7) == 0) {
            return profile_schema_mistake(s, "invalid \"%.*s\", expected one "
                                          "\"values=any\" behind the paths",
                                          (int) word.len, word.data);
        }

        if (word.len && word.data[0] == '~') {
            p = profile_schema_pattern_add(s, &s->unwraps_last, &word, 0);
            if (p == NULL) {
                return -1;
            }

            p->any = any;

            continue;
        }

        all = profile_schema_shape_build_all(&word);

        if (memchr(word.data, '*', word.len)) {
            return profile_schema_mistake(s, "invalid path \"%.*s\" in "
                                          "\"unwrap\", expected a star as "
                                          "its last name, behind a dot, or a "
                                          "pattern \"~regex\"",
                                          (int) words[i].len, words[i].data);
        }

        if (profile_schema_path_read(s, &word, &path) != 0
            || profile_schema_shape_build_own(s, &words[i], &path) != 0)
        {
            return -1;
        }

        shape = profile_schema_path_node(s, &path, all);
        if (shape == NULL) {
            return -1;
        }

        shape->unwrap = 1;
        shape->any = any;
    }

    return 0;
}


/* whether its last name is a star, which is cut off: \. is no dot (M7.1) */

static int
profile_schema_shape_build_all(profile_str_t *word)
{
    size_t  n;

    if (word->len <= 2 || memcmp(word->data + word->len - 2, ".*", 2) != 0) {
        return 0;
    }

    for (n = word->len - 2; n && word->data[n - 1] == '\\'; n--) {
        /* void */
    }

    if ((word->len - 2 - n) % 2) {
        return 0;
    }

    word->len -= 2;

    return 1;
}


/* identities stay what they are: whoever reads them knows their form */

static int
profile_schema_shape_build_own(profile_schema_t *s, const profile_str_t *word,
    const profile_path_t *path)
{
    profile_name_t  name;

    name.data = path->parts[0].data;
    name.len = path->parts[0].len;
    name.number = 0;

    if (profile_schema_shape_is_identities(s, &name)) {
        return profile_schema_mistake(s, "\"%.*s\" is of identities, which "
                                      "stay as they are",
                                      (int) word->len, word->data);
    }

    return 0;
}


int
profile_schema_shape_build_container(profile_schema_t *s,
    const profile_str_t *words, size_t n)
{
    profile_entry_t      *e;
    profile_container_e   c;

    (void) n;

    if (profile_schema_container(&words[1], &c) != 0) {
        return profile_schema_mistake(s, "invalid container \"%.*s\", "
                                      "expected \"app_metadata\" or "
                                      "\"user_metadata\"",
                                      (int) words[1].len, words[1].data);
    }

    if (s->shown_said[c]) {
        return profile_schema_mistake_twice(s, s->shown_said[c],
                                            "\"container %s\" is duplicate",
                                            profile_schema_container_name(c)
                                            ->data);
    }

    s->shown_said[c] = s->statement;

    /* "q" and "fields" could not name it */

    if (memchr(words[2].data, '.', words[2].len)) {
        return profile_schema_mistake(s, "invalid name \"%.*s\" of a "
                                      "container, expected one without a dot",
                                      (int) words[2].len, words[2].data);
    }

    if (profile_schema_table_claim(s, &words[2], PROFILE_CLAIM_CONTAINER, &e)
        != 0)
    {
        return -1;
    }

    e->container = c;
    s->shown[c] = words[2];

    return 0;
}
