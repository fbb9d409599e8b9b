
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/json/profile_number.h"
#include "core/response/profile_sort.h"


/* what comes first, of different types */

typedef enum {
    PROFILE_SORT_NUMBER = 0,
    PROFILE_SORT_TEXT,
    PROFILE_SORT_BOOLEAN,
    PROFILE_SORT_MISSING
} profile_sort_kind_e;


/* a user; one who has come later has a higher number */

typedef struct {
    profile_sort_kind_e   kind;
    uint64_t              number;
    profile_str_t         key;           /* text unescaped */
    profile_str_t         user;
} profile_sort_user_t;


/* the users are a heap: the one who comes last is at its top */

struct profile_sort_s {
    profile_alloc_t       alloc;
    profile_sort_conf_t   conf;
    profile_buf_t         users;         /* profile_sort_user_t * */
    profile_buf_t         key;           /* of the next one */
    profile_sort_user_t   next;
    size_t                n;
    size_t                size;          /* bytes that all take */
    size_t                told;
    unsigned              sorted:1;
};


#define profile_sort_users(s)  ((profile_sort_user_t **) (s)->users.data)

#define profile_sort_bytes(u)                                                \
    (sizeof(profile_sort_user_t) + (u)->key.len + (u)->user.len)


static int profile_sort_compare(profile_sort_t *s,
    const profile_sort_user_t *a, const profile_sort_user_t *b);
static int profile_sort_texts(const profile_str_t *a, const profile_str_t *b);
static void profile_sort_up(profile_sort_t *s, size_t i);
static void profile_sort_down(profile_sort_t *s, size_t n);
static void profile_sort_take(profile_sort_t *s);
static void profile_sort_free(profile_sort_t *s, profile_sort_user_t *u);
static void profile_sort_all(profile_sort_t *s);


profile_sort_t *
profile_sort_create(const profile_alloc_t *a, const profile_sort_conf_t *conf)
{
    profile_sort_t  *s;

    s = a->alloc(a->ctx, sizeof(profile_sort_t));
    if (s == NULL) {
        return NULL;
    }

    memset(s, 0, sizeof(profile_sort_t));

    s->alloc = *a;
    s->conf = *conf;

    return s;
}


void
profile_sort_destroy(profile_sort_t *s)
{
    size_t  i;

    if (s == NULL) {
        return;
    }

    for (i = 0; i < s->n; i++) {
        s->alloc.free(s->alloc.ctx, profile_sort_users(s)[i]);
    }

    profile_buf_free(&s->alloc, &s->users);
    profile_buf_free(&s->alloc, &s->key);

    s->alloc.free(s->alloc.ctx, s);
}


profile_reason_e
profile_sort_key(profile_sort_t *s, profile_type_e type,
    const profile_str_t *value, int *kept)
{
    unsigned              flags;
    profile_sort_user_t  *u;

    u = &s->next;

    u->number++;
    u->key = *value;

    switch (type) {

    case PROFILE_NUMBER:
        u->kind = PROFILE_SORT_NUMBER;
        break;

    case PROFILE_STRING:
        u->kind = PROFILE_SORT_TEXT;
        u->key.data++;
        u->key.len -= 2;
        break;

    case PROFILE_BOOLEAN:
        u->kind = PROFILE_SORT_BOOLEAN;
        break;

    default: /* OBJECT, ARRAY, NULL */
        u->kind = PROFILE_SORT_MISSING;
        u->key.len = 0;
    }

    /* the copy is there until the user is added */

    profile_buf_trim(&s->alloc, &s->key);

    if (profile_buf_reserve(&s->alloc, &s->key, u->key.len + 1) != 0) {
        return PROFILE_NO_MEMORY;
    }

    if (u->kind == PROFILE_SORT_TEXT) {
        u->key.len = profile_text_unescape(s->key.data, u->key.data,
                                           u->key.len, &flags);
    } else {
        memcpy(s->key.data, u->key.data, u->key.len);
    }

    u->key.data = s->key.data;

    if (s->n < s->conf.most) {
        *kept = 1;

    } else {
        *kept = s->n && profile_sort_compare(s, u, *profile_sort_users(s)) < 0;
    }

    return PROFILE_OK;
}


profile_reason_e
profile_sort_add(profile_sort_t *s, const u_char *data, size_t len)
{
    u_char               *p;
    size_t                size;
    profile_sort_user_t  *u;

    if (s->n == s->conf.most) {
        profile_sort_take(s);
        profile_sort_free(s, profile_sort_users(s)[s->n]);
    }

    s->next.user.len = len;
    size = profile_sort_bytes(&s->next);

    if (s->size > s->conf.size || size > s->conf.size - s->size) {
        return PROFILE_SEARCH_LIMIT;
    }

    s->users.len = s->n * sizeof(profile_sort_user_t *);

    if (profile_buf_reserve(&s->alloc, &s->users,
                            sizeof(profile_sort_user_t *))
        != 0)
    {
        return PROFILE_NO_MEMORY;
    }

    u = s->alloc.alloc(s->alloc.ctx, size);
    if (u == NULL) {
        return PROFILE_NO_MEMORY;
    }

    *u = s->next;

    p = (u_char *) (u + 1);

    memcpy(p, u->key.data, u->key.len);
    memcpy(p + u->key.len, data, len);

    u->key.data = p;
    u->user.data = p + u->key.len;

    s->size += size;
    profile_sort_users(s)[s->n] = u;
    profile_sort_up(s, s->n++);

    return PROFILE_OK;
}


int
profile_sort_next(profile_sort_t *s, profile_str_t *user)
{
    profile_sort_user_t  **u;

    if (!s->sorted) {
        profile_sort_all(s);
    }

    u = profile_sort_users(s);

    if (s->told) {
        profile_sort_free(s, u[s->told - 1]);
        u[s->told - 1] = NULL;
    }

    if (s->told == s->n) {
        s->told = 0;
        s->n = 0;

        return 0;
    }

    *user = u[s->told++]->user;

    return 1;
}


/* Returns a number below 0 if a comes before b, else one above. */

static int
profile_sort_compare(profile_sort_t *s, const profile_sort_user_t *a,
    const profile_sort_user_t *b)
{
    int  rc;

    if (a->kind != b->kind) {
        rc = a->kind < b->kind ? -1 : 1;

        if (a->kind == PROFILE_SORT_MISSING || b->kind == PROFILE_SORT_MISSING)
        {
            return rc;
        }

    } else if (a->kind == PROFILE_SORT_NUMBER) {
        rc = profile_number_compare(&a->key, &b->key);

    } else {
        rc = profile_sort_texts(&a->key, &b->key);
    }

    if (rc == 0) {
        return a->number < b->number ? -1 : 1;
    }

    return s->conf.descending ? -rc : rc;
}


/* the order of UTF-8 is that of code points, and "false" comes before "true" */

static int
profile_sort_texts(const profile_str_t *a, const profile_str_t *b)
{
    int  rc;

    rc = memcmp(a->data, b->data, a->len < b->len ? a->len : b->len);

    return rc ? rc : (a->len > b->len) - (a->len < b->len);
}


static void
profile_sort_up(profile_sort_t *s, size_t i)
{
    size_t                 parent;
    profile_sort_user_t   *u;
    profile_sort_user_t  **heap;

    heap = profile_sort_users(s);
    u = heap[i];

    for ( /* void */ ; i; i = parent) {
        parent = (i - 1) / 2;

        if (profile_sort_compare(s, u, heap[parent]) < 0) {
            break;
        }

        heap[i] = heap[parent];
    }

    heap[i] = u;
}


/* the one at the top goes where its place is among the first n */

static void
profile_sort_down(profile_sort_t *s, size_t n)
{
    size_t                 i, child;
    profile_sort_user_t   *u;
    profile_sort_user_t  **heap;

    heap = profile_sort_users(s);
    u = heap[0];

    for (i = 0; /* void */ ; i = child) {
        child = 2 * i + 1;

        if (child >= n) {
            break;
        }

        if (child + 1 < n
            && profile_sort_compare(s, heap[child], heap[child + 1]) < 0)
        {
            child++;
        }

        if (profile_sort_compare(s, heap[child], u) < 0) {
            break;
        }

        heap[i] = heap[child];
    }

    heap[i] = u;
}


/* the one who comes last is no longer of the heap, and stands behind it */

static void
profile_sort_take(profile_sort_t *s)
{
    profile_sort_user_t   *last;
    profile_sort_user_t  **heap;

    heap = profile_sort_users(s);

    s->n--;

    last = heap[0];
    heap[0] = heap[s->n];
    heap[s->n] = last;

    if (s->n) {
        profile_sort_down(s, s->n);
    }
}


static void
profile_sort_free(profile_sort_t *s, profile_sort_user_t *u)
{
    s->size -= profile_sort_bytes(u);
    s->alloc.free(s->alloc.ctx, u);
}


static void
profile_sort_all(profile_sort_t *s)
{
    size_t  n;

    n = s->n;

    while (s->n) {
        profile_sort_take(s);
    }

    s->n = n;
    s->sorted = 1;
}
