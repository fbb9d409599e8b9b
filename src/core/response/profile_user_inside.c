
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/json/profile_number.h"
#include "core/json/profile_skip.h"
#include "core/response/profile_user_inside.h"


static const u_char *profile_user_inside_part(profile_user_t *u,
    const u_char *p, const profile_str_t *name);


uint32_t
profile_user_inside_told(profile_user_t *u, uint32_t member, uint32_t *first)
{
    uint32_t                i, k, n;
    profile_span_t         *value;
    profile_user_member_t  *m;

    m = profile_user_members(u);
    n = u->told;
    value = &m[member].value;

    /* M5.4: the value may be that of a later one */

    for (i = member + 1; i < n; i++) {
        if (m[i].place == PROFILE_IN_CONTAINER
            && m[i].key.start >= value->start)
        {
            break;
        }
    }

    for (k = i; k < n; k++) {
        if (m[k].place != PROFILE_IN_CONTAINER || m[k].key.start >= value->end)
        {
            break;
        }
    }

    *first = i;

    return k - i;
}


int
profile_user_inside_next(profile_user_t *u, const u_char **p,
    profile_inside_t *in)
{
    const u_char  *s, *end;

    s = profile_skip_space(*p, u->text_end);

    if (*s == ',') {
        s = profile_skip_space(s + 1, u->text_end);
    }

    if (*s == '}') {
        return 0;
    }

    end = profile_skip_string(s, u->text_end);

    in->key.start = s + 1 - u->text;
    in->key.end = end - 1 - u->text;
    in->escaped = (memchr(s, '\\', end - s) != NULL);

    s = profile_skip_space(end, u->text_end) + 1;
    s = profile_skip_space(s, u->text_end);

    *p = profile_skip_value(s, u->text_end);

    in->value.start = s - u->text;
    in->value.end = *p - u->text;

    return 1;
}


profile_reason_e
profile_user_inside_name(profile_user_t *u, profile_inside_t *in)
{
    if (profile_schema_name_read(u->schema, &u->alloc, &u->quoted,
                                 u->text + in->key.start,
                                 in->key.end - in->key.start, in->escaped,
                                 &in->name)
        != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    if (profile_schema_shape_has_unwraps(u->schema)
        && (profile_buf_append(&u->alloc, &u->path, ".", 1) != 0
            || profile_buf_append(&u->alloc, &u->path, in->name.data,
                                  in->name.len)
               != 0))
    {
        return PROFILE_NO_MEMORY;
    }

    return PROFILE_OK;
}


profile_reason_e
profile_user_inside_unwraps(profile_user_t *u, const profile_shape_t *shape,
    int *unwraps)
{
    int  any;

    *unwraps = shape && shape->unwrap;

    if (*unwraps || !profile_schema_shape_has_unwraps(u->schema)) {
        return PROFILE_OK;
    }

    return profile_schema_shape_unwraps(u->matcher, u->path.data, u->path.len,
                                        unwraps, &any);
}


void
profile_user_inside_unwrap(profile_user_t *u, profile_rest_t *rest)
{
    const u_char  *base, *last, *p, *end;

    base = rest->made ? u->draft.data : u->text;
    last = rest->made ? u->draft.data + u->draft.len : u->text_end;
    p = base + rest->value.start;

    if (*p != '[') {
        return;
    }

    p = profile_skip_space(p + 1, last);

    if (*p == ']' || profile_skip_is_bracket(*p)) {
        return;
    }

    end = profile_skip_value(p, last);

    if (*profile_skip_space(end, last) == ']') {
        rest->changed = 1;
        rest->value.start = p - base;
        rest->value.end = end - base;
    }
}


profile_type_e
profile_user_inside_type(u_char c)
{
    switch (c) {

    case '{':
        return PROFILE_OBJECT;

    case '[':
        return PROFILE_ARRAY;

    case '"':
        return PROFILE_STRING;

    case 't':
    case 'f':
        return PROFILE_BOOLEAN;

    case 'n':
        return PROFILE_NULL;

    default:
        return PROFILE_NUMBER;
    }
}


int
profile_user_inside_find(profile_user_t *u, const profile_path_t *path)
{
    size_t                        i, len;
    unsigned                      flags;
    uint32_t                     *index;
    const u_char                 *p, *end;
    profile_name_t                name;
    const profile_user_member_t  *m;

    profile_schema_name(u->schema, &name, path->parts[0].data,
                        path->parts[0].len);

    index = profile_names_find(&u->names, &name);
    if (index == NULL) {
        return 0;
    }

    m = &profile_user_members(u)[*index];
    p = u->text + m->value.start;

    for (i = 1; i < path->n && p; i++) {
        p = profile_user_inside_part(u, p, &path->parts[i]);
    }

    if (p == NULL) {
        return 0;
    }

    end = profile_skip_value(p, u->text_end);
    len = end - p;

    if (*p == '"') {
        return profile_text_plain(&u->alloc, &u->quoted, p + 1, len - 2, &flags)
               == 0 ? 1 : -2;
    }

    if (!profile_number_is_integer(p, len)) {
        return -1;
    }

    u->quoted.len = 0;

    return profile_buf_append(&u->alloc, &u->quoted, p, len) == 0 ? 1 : -2;
}


static const u_char *
profile_user_inside_part(profile_user_t *u, const u_char *p,
    const profile_str_t *name)
{
    const u_char      *found;
    profile_inside_t   in;

    if (*p == '[') {
        p = profile_skip_space(p + 1, u->text_end);

        return (*p != ']' && profile_str_eq(name, "0", 1)) ? p : NULL;
    }

    if (*p != '{') {
        return NULL;
    }

    /* M5.4 */

    found = NULL;

    for (p++; profile_user_inside_next(u, &p, &in); /* void */ ) {

        if (profile_schema_name_read(u->schema, &u->alloc, &u->quoted,
                                     u->text + in.key.start,
                                     in.key.end - in.key.start, in.escaped,
                                     &in.name)
            != 0)
        {
            u->reason = PROFILE_NO_MEMORY;
            return NULL;
        }

        if (profile_str_eq(name, in.name.data, in.name.len)) {
            found = u->text + in.value.start;
        }
    }

    return found;
}
