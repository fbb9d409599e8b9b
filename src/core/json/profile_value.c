
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/json/profile_value.h"


/* a member of an object in the plain form */

typedef struct {
    size_t                start;         /* of the name */
    size_t                end;           /* behind the value */
    size_t                len;           /* of the name */
    size_t                order;         /* of names that stand twice */
} profile_value_member_t;


#define profile_value_members(v)                                             \
    ((profile_value_member_t *) (v)->members.data)
#define profile_value_nmembers(v)                                            \
    ((v)->members.len / sizeof(profile_value_member_t))


static const u_char *profile_value_put(const profile_alloc_t *a,
    profile_value_t *v, const u_char *p, const u_char *last, unsigned depth);
static const u_char *profile_value_object(const profile_alloc_t *a,
    profile_value_t *v, const u_char *p, const u_char *last, unsigned depth);
static const u_char *profile_value_member(const profile_alloc_t *a,
    profile_value_t *v, const u_char *p, const u_char *last, unsigned depth);
static const u_char *profile_value_array(const profile_alloc_t *a,
    profile_value_t *v, const u_char *p, const u_char *last, unsigned depth);
static const u_char *profile_value_string(const profile_alloc_t *a,
    profile_value_t *v, const u_char *p);
static const u_char *profile_value_scalar(const profile_alloc_t *a,
    profile_value_t *v, const u_char *p, const u_char *last);
static const u_char *profile_value_space(const u_char *p, const u_char *last);
static int profile_value_sort(const profile_alloc_t *a, profile_value_t *v,
    size_t first);
static void profile_value_sift(profile_value_t *v,
    profile_value_member_t *m, size_t i, size_t n);
static int profile_value_compare(profile_value_t *v,
    const profile_value_member_t *one, const profile_value_member_t *two);
static const u_char *profile_value_fail(profile_value_t *v,
    profile_reason_e reason);


profile_reason_e
profile_value_make(const profile_alloc_t *a, profile_value_t *v,
    const u_char *text, size_t len)
{
    v->out.len = 0;
    v->members.len = 0;
    v->reason = PROFILE_OK;

    (void) profile_value_put(a, v, text, text + len, 0);

    return v->reason;
}


void
profile_value_free(const profile_alloc_t *a, profile_value_t *v)
{
    profile_buf_free(a, &v->out);
    profile_buf_free(a, &v->members);
    profile_buf_free(a, &v->scratch);
}


/* what follows the value, or NULL: it failed */

static const u_char *
profile_value_put(const profile_alloc_t *a, profile_value_t *v,
    const u_char *p, const u_char *last, unsigned depth)
{
    switch (*p) {

    case '{':
        return profile_value_object(a, v, p + 1, last, depth + 1);

    case '[':
        return profile_value_array(a, v, p + 1, last, depth + 1);

    case '"':
        return profile_value_string(a, v, p + 1);

    default:
        return profile_value_scalar(a, v, p, last);
    }
}


static const u_char *
profile_value_object(const profile_alloc_t *a, profile_value_t *v,
    const u_char *p, const u_char *last, unsigned depth)
{
    size_t  first;

    if (depth > PROFILE_VALUE_DEPTH) {
        return profile_value_fail(v, PROFILE_TOO_DEEP);
    }

    if (profile_buf_append(a, &v->out, "{", 1) != 0) {
        return profile_value_fail(v, PROFILE_NO_MEMORY);
    }

    first = profile_value_nmembers(v);

    for ( ;; ) {
        p = profile_value_space(p, last);

        if (*p == '}') {
            break;
        }

        if (*p == ',') {
            p = profile_value_space(p + 1, last);
        }

        p = profile_value_member(a, v, p, last, depth);
        if (p == NULL) {
            return NULL;
        }
    }

    if (profile_value_sort(a, v, first) != 0
        || profile_buf_append(a, &v->out, "}", 1) != 0)
    {
        return profile_value_fail(v, PROFILE_NO_MEMORY);
    }

    return p + 1;
}


static const u_char *
profile_value_member(const profile_alloc_t *a, profile_value_t *v,
    const u_char *p, const u_char *last, unsigned depth)
{
    profile_value_member_t  m;

    m.start = v->out.len;

    p = profile_value_string(a, v, p + 1);
    if (p == NULL) {
        return NULL;
    }

    m.len = v->out.len - m.start;

    p = profile_value_space(p, last) + 1;
    p = profile_value_space(p, last);

    if (profile_buf_append(a, &v->out, ":", 1) != 0) {
        return profile_value_fail(v, PROFILE_NO_MEMORY);
    }

    p = profile_value_put(a, v, p, last, depth);
    if (p == NULL) {
        return NULL;
    }

    if (profile_buf_append(a, &v->out, ",", 1) != 0) {
        return profile_value_fail(v, PROFILE_NO_MEMORY);
    }

    m.end = v->out.len;
    m.order = profile_value_nmembers(v);

    if (profile_buf_append(a, &v->members, &m, sizeof(m)) != 0) {
        return profile_value_fail(v, PROFILE_NO_MEMORY);
    }

    return p;
}


static const u_char *
profile_value_array(const profile_alloc_t *a, profile_value_t *v,
    const u_char *p, const u_char *last, unsigned depth)
{
    if (depth > PROFILE_VALUE_DEPTH) {
        return profile_value_fail(v, PROFILE_TOO_DEEP);
    }

    if (profile_buf_append(a, &v->out, "[", 1) != 0) {
        return profile_value_fail(v, PROFILE_NO_MEMORY);
    }

    for ( ;; ) {
        p = profile_value_space(p, last);

        if (*p == ']') {
            break;
        }

        if (*p == ',') {
            p = profile_value_space(p + 1, last);
        }

        p = profile_value_put(a, v, p, last, depth);
        if (p == NULL) {
            return NULL;
        }

        if (profile_buf_append(a, &v->out, ",", 1) != 0) {
            return profile_value_fail(v, PROFILE_NO_MEMORY);
        }
    }

    if (profile_buf_append(a, &v->out, "]", 1) != 0) {
        return profile_value_fail(v, PROFILE_NO_MEMORY);
    }

    return p + 1;
}


/* p is behind the quote */

static const u_char *
profile_value_string(const profile_alloc_t *a, profile_value_t *v,
    const u_char *p)
{
    u_char        *dst;
    size_t         len;
    unsigned       flags;
    const u_char  *end;

    for (end = p; *end != '"'; end++) {
        if (*end == '\\') {
            end++;
        }
    }

    if (profile_text_plain(a, &v->scratch, p, end - p, &flags) != 0) {
        return profile_value_fail(v, PROFILE_NO_MEMORY);
    }

    len = v->scratch.len;

    if (profile_buf_reserve(a, &v->out, 6 * len + 2) != 0) {
        return profile_value_fail(v, PROFILE_NO_MEMORY);
    }

    dst = v->out.data + v->out.len;

    *dst++ = '"';
    dst += profile_text_escape(dst, v->scratch.data, len);
    *dst++ = '"';

    v->out.len = dst - v->out.data;

    return end + 1;
}


static const u_char *
profile_value_scalar(const profile_alloc_t *a, profile_value_t *v,
    const u_char *p, const u_char *last)
{
    const u_char  *end;

    for (end = p; end < last; end++) {
        if (*end <= ' ' || *end == ',' || *end == '}' || *end == ']') {
            break;
        }
    }

    if (profile_buf_append(a, &v->out, p, end - p) != 0) {
        return profile_value_fail(v, PROFILE_NO_MEMORY);
    }

    return end;
}


static const u_char *
profile_value_space(const u_char *p, const u_char *last)
{
    while (p < last && *p <= ' ') {
        p++;
    }

    return p;
}


/* the members from the first one on, which are those of one object */

static int
profile_value_sort(const profile_alloc_t *a, profile_value_t *v, size_t first)
{
    size_t                   i, n, start;
    profile_value_member_t  *m, swap;

    n = profile_value_nmembers(v) - first;

    if (n > 1) {
        m = profile_value_members(v) + first;
        start = m->start;

        /* no input makes a heap sort slow, and it takes no memory */

        for (i = n / 2; i; i--) {
            profile_value_sift(v, m, i - 1, n);
        }

        for (i = n - 1; i; i--) {
            swap = m[0];
            m[0] = m[i];
            m[i] = swap;

            profile_value_sift(v, m, 0, i);
        }

        v->scratch.len = 0;

        for (i = 0; i < n; i++) {
            if (profile_buf_append(a, &v->scratch, v->out.data + m[i].start,
                                   m[i].end - m[i].start)
                != 0)
            {
                return -1;
            }
        }

        memcpy(v->out.data + start, v->scratch.data, v->scratch.len);
    }

    v->members.len = first * sizeof(profile_value_member_t);

    return 0;
}


static void
profile_value_sift(profile_value_t *v, profile_value_member_t *m, size_t i,
    size_t n)
{
    size_t                  child;
    profile_value_member_t  swap;

    while (2 * i + 1 < n) {
        child = 2 * i + 1;

        if (child + 1 < n
            && profile_value_compare(v, &m[child], &m[child + 1]) < 0)
        {
            child++;
        }

        if (profile_value_compare(v, &m[i], &m[child]) >= 0) {
            return;
        }

        swap = m[i];
        m[i] = m[child];
        m[child] = swap;

        i = child;
    }
}


static int
profile_value_compare(profile_value_t *v, const profile_value_member_t *one,
    const profile_value_member_t *two)
{
    int  rc;

    if (one->len != two->len) {
        return one->len < two->len ? -1 : 1;
    }

    rc = memcmp(v->out.data + one->start, v->out.data + two->start, one->len);

    return rc ? rc : (one->order < two->order ? -1 : 1);
}


static const u_char *
profile_value_fail(profile_value_t *v, profile_reason_e reason)
{
    v->reason = reason;

    return NULL;
}
