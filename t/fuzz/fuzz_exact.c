
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * A bag in any pieces, and a user who is rewritten by it (M8): whether the bag
 * is one, and where each attribute of the user is then, both compared with what
 * another parser reads.
 *
 * The input: a line of choices, a line that is the bag, then the user.  The
 * choices: the allocation that fails, the limit of the bag's size; then the
 * lengths of the pieces.
 */


#include "fuzz.h"
#include "core/response/profile_exact.h"


#define CHOICES  2


static profile_schema_t  *schema;


void
fuzz_init(void)
{
    schema = test_schema("provider p bio ~p_.*; identity email; drop _id;"
                         "rename lastIP last_ip; user_metadata hobby;"
                         "metadata_prefix user_metadata um_;"
                         "metadata_prefix app_metadata am_;");
}


/* what M8.3 says keeps its class, and what would hide a name */

static int
is_fixed(const char *name)
{
    size_t  i;

    static const char *const  fixed[] = {
        "email", "_id", "lastIP", "last_ip", "user_id", "identities",
        "app_metadata", "user_metadata", "metadata"
    };

    for (i = 0; i < sizeof(fixed) / sizeof(fixed[0]); i++) {
        if (strcmp(name, fixed[i]) == 0) {
            return 1;
        }
    }

    return 0;
}


/* the root of v2 has what the bag lacks, and no more */

static void
check_user(json_t *bag, json_t *user, json_t *v2)
{
    json_t      *value;
    const char  *name;

    json_object_foreach(user, name, value) {

        if (is_fixed(name)) {
            continue;
        }

        if ((json_object_get(v2, name) != NULL)
            == (json_object_get(bag, name) != NULL))
        {
            fuzz_fail("M8.1: \"%s\" is %sat the root", name,
                      json_object_get(v2, name) ? "" : "not ");
        }
    }

    json_object_foreach(v2, name, value) {
        if (!is_fixed(name) && json_object_get(user, name) == NULL) {
            fuzz_fail("M8.1: \"%s\" has come from nowhere", name);
        }
    }
}


static void
check_rewritten(profile_exact_t *exact, json_t *bag, const profile_str_t *text)
{
    json_t                   *user, *v2;
    fuzz_text_t               seen, out;
    fuzz_rewritten_t          r;
    profile_rewriter_conf_t   conf;

    memset(&conf, 0, sizeof(conf));

    conf.schema = schema;
    conf.max_user_size = 1024 * 1024;
    conf.max_depth = 128;
    conf.required = 1;
    conf.exact = exact;

    fuzz_rewrite(&conf, text, &fuzz_whole, &r);

    user = fuzz_read(text->data, text->len, &seen);

    if (r.reason == PROFILE_OK && json_is_object(user) && !seen.odd
        && !seen.twice && r.counts.users == 1)
    {
        v2 = fuzz_read(r.out.data, r.out.len, &out);

        if (v2 == NULL || r.counts.exact != 1) {
            fuzz_fail("M8.1: no user of v2 by the bag");
        }

        check_user(bag, user, v2);
        json_decref(v2);
    }

    json_decref(user);
    free(r.out.data);
}


static profile_reason_e
check(const profile_str_t *text, const profile_str_t *user,
    const profile_str_t *pieces, size_t limit, unsigned fail, uint64_t *print)
{
    json_t            *bag;
    fuzz_text_t        seen;
    profile_exact_t   *exact;
    profile_reason_e   rc;

    test_alloc_fail(fail);

    exact = profile_exact_create(&test_alloc, schema, limit);
    if (exact == NULL) {
        test_alloc_fail(0);
        return PROFILE_NO_MEMORY;
    }

    rc = fuzz_feed(profile_exact_feed, exact, text, pieces);

    if (rc == PROFILE_OK) {
        rc = profile_exact_finish(exact);
    }

    test_alloc_fail(0);

    *print = (rc == PROFILE_OK) ? profile_exact_print(exact) : 0;

    bag = fuzz_read(text->data, text->len, &seen);

    if (rc != PROFILE_NO_MEMORY && rc != PROFILE_USER_TOO_LARGE
        && !seen.infinite && !seen.largest
        && (rc == PROFILE_OK)
           != (json_is_object(bag) || json_is_null(bag)
               || (json_is_array(bag) && json_array_size(bag) == 0)))
    {
        fuzz_fail("M8.5: %s, the referee thinks otherwise",
                  profile_reason_name(rc)->data);
    }

    if (rc == PROFILE_OK && user && !seen.odd) {
        check_rewritten(exact, bag, user);
    }

    json_decref(bag);
    profile_exact_destroy(exact);

    return rc;
}


void
fuzz_one(profile_str_t *in)
{
    size_t            limit;
    unsigned          fail;
    uint64_t          print, again;
    profile_str_t     head, bag, pieces;
    profile_reason_e  whole, other;

    static const size_t  limits[] = { 1024 * 1024, 16, 64, 256 };

    head = fuzz_line(in);
    bag = fuzz_line(in);

    fail = fuzz_choice(&head, 0);
    limit = limits[fuzz_choice(&head, 1) & 3];

    whole = check(&bag, in, &fuzz_whole, limit, 0, &print);

    if (check(&bag, NULL, fuzz_bytes(&bag), limit, 0, &again) != whole
        || again != print)
    {
        fuzz_fail("another bag in bytes");
    }

    if (head.len > CHOICES) {
        pieces.data = head.data + CHOICES;
        pieces.len = head.len - CHOICES;

        if (check(&bag, NULL, &pieces, limit, 0, &again) != whole
            || again != print)
        {
            fuzz_fail("another bag in pieces");
        }
    }

    if (fail) {
        other = check(&bag, NULL, &fuzz_whole, limit, fail, &again);

        if (other != whole && other != PROFILE_NO_MEMORY) {
            fuzz_fail("another bag with little memory");
        }
    }
}
