
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * A walk over pages of v1, with a query and an order: what is found, in which
 * order and in which window is what the same rules say of each user alone, and
 * the pages are as good as one.
 *
 * The input: a line of choices; the statements of the schema and an empty line,
 * where one is asked for that is not there; the query, then an element of a
 * list in each line; an empty line is the end of a page.  The choices: the
 * schema and the fields, the order and what is around users, the window, what
 * is asked for and the schema again, nothing, the allocation that fails; then
 * the lengths of the pieces.
 */


#include <locale.h>

#include "core/response/profile_query.h"
#include "query_fuzz.h"
#include "schema_fuzz.h"


#define CHOICES  6
#define DEPTH    8
#define USERS    64
#define SCHEMAS  2


/* who comes of an element */

typedef struct {
    profile_str_t         v2;            /* all of him */
    profile_str_t         shown;
    fuzz_dom_t           *dom;
    const fuzz_dom_t     *key;           /* NULL: none */
    int                   finds;
} user_t;


typedef struct {
    profile_rewriter_conf_t  conf;
    const fuzz_shape_t   *shape;         /* NULL: none of M7 */
    const char           *open;          /* around all elements of a page */
    const char           *close;
    fuzz_query_t         *query;         /* NULL: none */
    profile_query_error_t  error;
    user_t                users[USERS];
    size_t                nusers;
    profile_buf_t         pages;         /* a zero behind each */
    profile_buf_t         page;          /* all of them in one */
    profile_buf_t         expected;
    uint64_t              found;
    int                   unsure;        /* letters or numbers not known */
} fuzz_walk_t;


typedef struct {
    profile_str_t         ids[USERS];
    size_t                n;
} seen_t;


typedef struct {
    test_out_t            out;
    profile_reason_e      reason;
    uint64_t              found;
} walked_t;


static profile_schema_t  *schemas[SCHEMAS];

static const profile_str_t  fields[] = {
    profile_string("user_id"), profile_string("app_metadata"),
    profile_string("email")
};


void
fuzz_init(void)
{
    (void) setlocale(LC_CTYPE, "C.UTF-8");

    fuzz_shapes();

    schemas[0] = test_schema(
        "identity email name nickname n; rename lastLogin last_login;"
        "drop gone; provider p x; user_metadata hobby ~h_.*;"
        "metadata_prefix user_metadata um_; identity_drop token;"
        "app_metadata ~(.)_(m_.*) as=$2$1; null_metadata omit;");
    schemas[1] = test_schema_file("auth0.conf");
}


/* Returns -1 if the input was to hold a schema, and has a mistake. */

static int
schema(fuzz_walk_t *w, const profile_str_t *head, profile_str_t *in)
{
    unsigned  n;

    n = (fuzz_choice(head, 0) & 1) | (fuzz_choice(head, 0) >> 4 & 2)
        | (fuzz_choice(head, 3) >> 2 & 4);

    if (n < SCHEMAS) {
        w->conf.schema = schemas[n];
        return 0;
    }

    w->shape = fuzz_shape(n - SCHEMAS, in);

    if (w->shape == NULL) {
        return -1;
    }

    w->conf.schema = w->shape->schema;

    return 0;
}


/* M1.3, M1.6: a list that is deep inside, users who are */

static void
around(fuzz_walk_t *w, unsigned how)
{
    static const profile_path_t  envelope = {
        { profile_string("data"), profile_string("us.ers") }, 2
    };

    static const profile_str_t  wrapper = profile_string("account");

    w->open = "[";
    w->close = "]";
    w->conf.unwrap = 1;

    if (how & 1) {
        w->conf.wrapper = wrapper;
    }

    if (how & 2) {
        w->conf.envelope = envelope;
        w->open = "{\"user_id\":1,\"data\":{\"n\":[{}],\"us.ers\":[";
        w->close = "],\"next\":null},\"account\":{\"user_id\":2}}";
    }
}


static void
settings(fuzz_walk_t *w, const profile_str_t *head)
{
    profile_rewriter_conf_t  *conf;

    static const profile_str_t  orders[] = {
        profile_string("n"), profile_string("email"),
        profile_string("user_id"), profile_string("app_metadata")
    };

    static const profile_str_t  email = profile_string("email");
    static const profile_str_t  value = profile_string("a");

    conf = &w->conf;

    conf->max_user_size = 1024 * 1024;
    conf->max_depth = DEPTH;
    conf->skip = 1;

    around(w, fuzz_choice(head, 1) >> 4 & 3);

    conf->view.fields = fields;
    conf->view.nfields = fuzz_choice(head, 0) >> 1 & 3;
    conf->view.exclude = fuzz_choice(head, 0) >> 3 & 1;

    if (fuzz_choice(head, 0) & 0x10) {
        conf->view.match_name = email;
        conf->view.match_value = value;
    }

    conf->list.enabled = 1;
    conf->list.totals = fuzz_choice(head, 3) & 1;
    conf->list.none = fuzz_choice(head, 3) >> 1 & 1;

    conf->search.enabled = 1;
    conf->search.all = fuzz_choice(head, 3) >> 2 & 1;
    conf->search.sort_size = 1024 * 1024;
    conf->search.start = fuzz_choice(head, 2) & 3;
    conf->search.limit = fuzz_choice(head, 2) >> 2 & 7;

    if (conf->search.limit == 7) {
        conf->search.limit = UINT64_MAX;
    }

    conf->list.start = conf->search.start;
    conf->list.limit = conf->search.limit;

    if (fuzz_choice(head, 1) & 1) {
        conf->search.sort = orders[fuzz_choice(head, 1) >> 2 & 3];
        conf->search.descending = fuzz_choice(head, 1) >> 1 & 1;
    }
}


/* A list of one element: who is in it, or nobody.  Returns -1: an error. */

static int
alone(const profile_rewriter_conf_t *conf, const profile_str_t *list,
    profile_str_t *user)
{
    fuzz_rewritten_t  r;

    fuzz_rewrite(conf, list, &fuzz_whole, &r);

    if (r.reason == PROFILE_OK) {
        *user = fuzz_copy(r.out.data + 1, r.out.len - 2);
    }

    free(r.out.data);

    return r.reason == PROFILE_OK ? 0 : -1;
}


static void
put(profile_buf_t *buf, const char *s)
{
    (void) profile_buf_append(&test_alloc, buf, s, strlen(s));
}


/* an element, behind another one */

static void
append(profile_buf_t *page, const profile_str_t *one)
{
    if (page->data[page->len - 1] != '[') {
        put(page, ",");
    }

    (void) profile_buf_append(&test_alloc, page, one->data, one->len);
}


/* what of an element can be read at all stands on the pages */

static void
element(fuzz_walk_t *w, const profile_str_t *line)
{
    size_t                    n;
    user_t                   *user;
    profile_buf_t             buf;
    profile_str_t             list, one;
    profile_rewriter_conf_t   conf;

    if (w->nusers == USERS || !fuzz_is_json(line->data, line->len)) {
        return;
    }

    memset(&buf, 0, sizeof(buf));

    put(&buf, w->open);

    n = buf.len;

    if (w->conf.wrapper.len) {
        put(&buf, "{\"account\":");
    }

    (void) profile_buf_append(&test_alloc, &buf, line->data, line->len);

    if (w->conf.wrapper.len) {
        put(&buf, ",\"rank\":{}}");
    }

    one.len = buf.len - n;

    put(&buf, w->close);

    one.data = buf.data + n;
    list.data = buf.data;
    list.len = buf.len;

    user = &w->users[w->nusers];
    memset(user, 0, sizeof(user_t));

    conf = w->conf;
    memset(&conf.search, 0, sizeof(conf.search));
    conf.view.match_name.len = 0;
    conf.list.totals = 0;
    conf.list.none = 0;

    if (alone(&conf, &list, &user->shown) == 0) {
        conf.view.nfields = 0;

        if (alone(&conf, &list, &user->v2) != 0) {
            fuzz_fail("an error for want of fields");
        }

        append(&w->pages, &one);
        append(&w->page, &one);

        if (user->v2.len) {
            w->nusers++;

        } else {
            free((void *) user->v2.data);
            free((void *) user->shown.data);
        }
    }

    profile_buf_free(&test_alloc, &buf);
}


static void
end(const fuzz_walk_t *w, profile_buf_t *page)
{
    put(page, w->close);
    (void) profile_buf_append(&test_alloc, page, "", 1);
}


static void
elements(fuzz_walk_t *w, profile_str_t *in)
{
    profile_str_t  line;

    put(&w->page, w->open);
    put(&w->pages, w->open);

    while (in->len) {
        line = fuzz_line(in);

        if (line.len == 0) {
            end(w, &w->pages);
            put(&w->pages, w->open);

        } else {
            element(w, &line);
        }
    }

    end(w, &w->page);
    end(w, &w->pages);
}


static int
seen(void *ctx, const u_char *id, size_t len)
{
    size_t   i;
    seen_t  *s = ctx;

    for (i = 0; i < s->n; i++) {
        if (profile_str_eq(&s->ids[i], id, len)) {
            return 1;
        }
    }

    if (s->n < USERS) {
        s->ids[s->n++] = fuzz_copy(id, len);
    }

    return 0;
}


/* who is found, in the order of v1; returns how many */

static size_t
judge(fuzz_walk_t *w, const user_t **found, int dedupe)
{
    int                odd;
    char               name[32];
    size_t             i, n;
    seen_t             told;
    user_t            *user;
    const fuzz_dom_t  *id, *match;

    n = 0;
    odd = 0;
    memset(&told, 0, sizeof(told));

    for (i = 0; i < w->nusers; i++) {
        user = &w->users[i];
        id = fuzz_dom_member(user->dom, "user_id");

        if (dedupe && id && (id->type == '0' || id->type == '"')
            && id->text.len && seen(&told, id->text.data, id->text.len))
        {
            continue;
        }

        if (w->conf.view.match_name.len) {
            match = fuzz_dom_member(user->dom, "email");

            if (match == NULL || match->type != '"'
                || !profile_str_eq(&match->text,
                                   w->conf.view.match_value.data,
                                   w->conf.view.match_value.len))
            {
                continue;
            }
        }

        if (user->finds == 0) {
            continue;
        }

        w->unsure |= (user->finds < 0);
        found[n++] = user;

        (void) snprintf(name, sizeof(name), "%.*s",
                        (int) w->conf.search.sort.len,
                        w->conf.search.sort.data);
        user->key = fuzz_dom_member(user->dom, name);

        if (user->key && user->key->type == '0') {
            (void) fuzz_dom_is_number(&user->key->text, &odd);
        }
    }

    w->unsure |= odd && w->conf.search.sort.len;

    for (i = 0; i < told.n; i++) {
        free((void *) told.ids[i].data);
    }

    return n;
}


static void
expect(fuzz_walk_t *w, int dedupe)
{
    char                     tail[128];
    size_t                   i, j, n, listed;
    uint64_t                 limit, total;
    const user_t            *found[USERS], *user;
    const profile_search_t  *search;

    search = &w->conf.search;
    limit = w->conf.list.none ? 0 : search->limit;
    n = judge(w, found, dedupe);

    for (i = 1; i < n && search->sort.len; i++) {
        user = found[i];

        for (j = i; j && fuzz_dom_before(user->key, found[j - 1]->key,
                                    search->descending); j--) {
            found[j] = found[j - 1];
        }

        found[j] = user;
    }

    w->expected.len = 0;
    put(&w->expected, w->conf.list.totals ? "{\"users\":[" : "[");

    for (i = search->start, listed = 0; i < n && listed < limit; i++, listed++)
    {
        if (listed) {
            put(&w->expected, ",");
        }

        (void) profile_buf_append(&test_alloc, &w->expected,
                                  found[i]->shown.data, found[i]->shown.len);
    }

    w->found = n;

    if (!search->all && limit == 0) {
        w->found = 0;

    } else if (!search->all && !search->sort.len && limit != UINT64_MAX
               && n > search->start + limit)
    {
        w->found = search->start + limit;
    }

    total = search->all ? n : listed ? search->start + listed : 0;

    (void) snprintf(tail, sizeof(tail), "],\"start\":%lu,\"limit\":%lu,"
                    "\"length\":%zu,\"total\":%lu}",
                    (unsigned long) w->conf.list.start,
                    (unsigned long) w->conf.list.limit, listed,
                    (unsigned long) total);

    put(&w->expected, w->conf.list.totals ? tail : "]");
}


static profile_reason_e
feed(void *ctx, const u_char *data, size_t len)
{
    return profile_rewriter_feed(ctx, data, len);
}


static void
walk(fuzz_walk_t *w, const profile_buf_t *pages, const profile_str_t *pieces,
    int dedupe, walked_t *r)
{
    int                   more;
    seen_t                told;
    profile_str_t         page;
    profile_sink_t        sink;
    profile_rewriter_t   *rw;

    memset(r, 0, sizeof(walked_t));
    memset(&told, 0, sizeof(told));

    w->conf.search.seen = dedupe ? seen : NULL;
    w->conf.search.seen_ctx = &told;

    sink.write = test_write;
    sink.ctx = &r->out;

    r->reason = PROFILE_NO_MEMORY;
    rw = profile_rewriter_create(&test_alloc, &w->conf, &sink);

    for (page.data = pages->data; rw; page.data += page.len + 1) {
        page.len = strlen((char *) page.data);
        r->reason = fuzz_feed(feed, rw, &page, pieces);

        if (page.data + page.len + 1 == pages->data + pages->len
            || r->reason != PROFILE_OK)
        {
            break;
        }

        r->reason = profile_rewriter_next(rw);

        if (r->reason != PROFILE_OK) {
            break;
        }
    }

    if (rw) {
        r->reason = profile_rewriter_finish(rw);

        for (more = 1; more; /* void */ ) {
            r->reason = profile_rewriter_more(rw, &more);
        }

        r->found = profile_rewriter_found(rw);
        profile_rewriter_destroy(rw);
    }

    while (told.n) {
        free((void *) told.ids[--told.n].data);
    }
}


static void
check(const fuzz_walk_t *w, walked_t *r, const char *how)
{
    if (r->reason != PROFILE_OK) {
        fuzz_fail("%s: %s", how, profile_reason_name(r->reason)->data);
    }

    if (!w->unsure
        && (r->out.len != w->expected.len || r->found != w->found
            || memcmp(r->out.data, w->expected.data, r->out.len) != 0))
    {
        fuzz_fail("%s: %lu found, not %lu:\n%.*s\nnot\n%.*s", how,
                  (unsigned long) r->found, (unsigned long) w->found,
                  (int) r->out.len, r->out.data,
                  (int) w->expected.len, w->expected.data);
    }

    free(r->out.data);
}


/* both read the query, or none; both say the same of each user */

static void
queries(fuzz_walk_t *w, const profile_str_t *text)
{
    int               finds;
    size_t            i;
    user_t           *user;
    profile_query_t  *q;

    w->query = fuzz_query_read(text);
    q = profile_query_create(&test_alloc, text, DEPTH, &w->error);

    if ((q == NULL) != (w->query == NULL)) {
        fuzz_fail("%s: %.*s", q ? "not refused" : "refused", (int) text->len,
                  text->data);
    }

    if (q == NULL && (w->error.column == 0 || w->error.expected.len == 0)) {
        fuzz_fail("refused without a place");
    }

    for (i = 0; i < w->nusers; i++) {
        user = &w->users[i];
        user->dom = fuzz_dom_read(user->v2.data, user->v2.len);
        user->finds = 1;

        if (q == NULL) {
            continue;
        }

        user->finds = fuzz_query_finds(w->query, user->dom);

        if (profile_query_finds(q, user->v2.data, user->v2.len, &finds)
            != PROFILE_OK)
        {
            fuzz_fail("a user cannot be searched: %.*s", (int) user->v2.len,
                      user->v2.data);
        }

        if (user->finds >= 0 && finds != user->finds) {
            fuzz_fail("%.*s %s %.*s", (int) text->len, text->data,
                      finds ? "finds" : "does not find", (int) user->v2.len,
                      user->v2.data);
        }
    }

    w->conf.search.query = q;
}


void
fuzz_one(profile_str_t *in)
{
    int            dedupe;
    size_t         i;
    walked_t       r;
    fuzz_walk_t    w;
    profile_str_t  head, text, pieces;

    memset(&w, 0, sizeof(w));

    head = fuzz_line(in);

    if (schema(&w, &head, in) != 0) {
        return;
    }

    text = fuzz_line(in);
    dedupe = fuzz_choice(&head, 3) >> 3 & 1;

    settings(&w, &head);
    elements(&w, in);
    queries(&w, &text);
    expect(&w, dedupe);

    pieces.data = head.data + CHOICES;
    pieces.len = head.len > CHOICES ? head.len - CHOICES : 0;

    walk(&w, &w.page, &fuzz_whole, dedupe, &r);
    check(&w, &r, "one page");
    walk(&w, &w.pages, &fuzz_whole, dedupe, &r);
    check(&w, &r, "pages");
    walk(&w, &w.pages, pieces.len ? &pieces : fuzz_bytes(in), dedupe, &r);
    check(&w, &r, "pages in pieces");

    if (fuzz_choice(&head, 5)) {
        test_alloc_fail(fuzz_choice(&head, 5));
        walk(&w, &w.pages, &fuzz_whole, dedupe, &r);
        test_alloc_fail(0);

        if (r.reason == PROFILE_NO_MEMORY) {
            free(r.out.data);

        } else {
            check(&w, &r, "little memory");
        }
    }

    for (i = 0; i < w.nusers; i++) {
        fuzz_dom_destroy(w.users[i].dom);
        free((void *) w.users[i].v2.data);
        free((void *) w.users[i].shown.data);
    }

    fuzz_shape_destroy(w.shape);
    fuzz_query_destroy(w.query);
    profile_query_destroy(w.conf.search.query);
    profile_buf_free(&test_alloc, &w.pages);
    profile_buf_free(&test_alloc, &w.page);
    profile_buf_free(&test_alloc, &w.expected);
}
