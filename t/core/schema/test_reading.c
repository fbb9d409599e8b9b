
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * What a name can be read as (H5.6): names that some backend takes for a
 * protected one are refused, whatever it makes of characters beyond ASCII, and
 * hardly any plausible name is refused without need.  It fails when a
 * character stands for less, or for more, than it may, and when reading costs
 * more than a bounded amount for each name.
 */


#include "core/schema/profile_schema.h"
#include "core/schema/profile_schema_denied.h"
#include "core/schema/profile_schema_pattern.h"
#include "core/schema/profile_schema_table.h"
#include "profile_test.h"


#define PLAUSIBLE  "core/schema/plausible.txt"


typedef struct {
    const char  *name;
    const char  *id;
    int          denied;
} row_t;


static profile_schema_t  *shipped;


static int
denied(profile_matcher_t *m, const profile_provider_t *p, const char *text,
    size_t len)
{
    int              is;
    profile_name_t   name;

    profile_schema_name(m->schema, &name, (const u_char *) text, len);

    assert_int_equal(profile_schema_denied(m, p, &name, &is), PROFILE_OK);

    return is;
}


static void
check(const profile_schema_t *s, const row_t *rows, size_t n)
{
    size_t              i;
    profile_matcher_t  *m;

    m = profile_matcher_create(s, &test_alloc);

    for (i = 0; i < n; i++) {

        if (denied(m, profile_schema_provider_judge(s,
                                       (const u_char *) rows[i].id,
                                       strlen(rows[i].id)),
                   rows[i].name, strlen(rows[i].name))
            != rows[i].denied)
        {
            fail_msg("%s of %s", rows[i].name, rows[i].id);
        }
    }

    profile_matcher_destroy(m);
}


static void
test_exact(void **state)
{
    static const row_t  rows[] = {

        /* case, folds, compatibility, ligatures, signs */

        { "p\xc4\xb1" "cture", "auth0|1", 1 },            /* U+0131 */
        { "P\xc4\xb0" "CTURE", "auth0|1", 1 },            /* U+0130 */
        { "email_veri\xef\xac\x81" "ed", "auth0|1", 1 },  /* U+FB01 */
        { "la\xef\xac\x86_name", "facebook|1", 1 },       /* U+FB06 */
        { "la\xef\xac\x85_name", "facebook|1", 1 },       /* U+FB05 */
        { "la\xc5\xbft_name", "facebook|1", 1 },          /* U+017F */
        { "lin\xe2\x84\xaa", "facebook|1", 1 },           /* U+212A */
        { "bu\xc3\x9f" "iness", "facebook|1", 0 },        /* no such name */
        { "addre\xc3\x9f", "paypal|1", 1 },               /* U+00DF */
        { "addre\xe1\xba\x9e", "paypal|1", 1 },           /* U+1E9E */
        { "o\xef\xac\x83" "ce", "auth0|1", 0 },           /* no such name */
        { "\xe2\x85\xa0" "D", "wordpress|1", 1 },         /* U+2160 */
        { "nickname\xe2\x81\xbf", "auth0|1", 1 },
        { "user\xef\xbc\xbfid", "auth0|1", 1 },           /* U+FF3F */
        { "\xef\xbd\x85\xef\xbd\x8d\xef\xbd\x81\xef\xbd\x89\xef\xbd\x8c",
          "auth0|1", 1 },                                 /* wide email */
        { "\xf0\x9d\x92\x86mail", "auth0|1", 1 },         /* U+1D486 */
        { "sub\xe2\x85\xa7", "okta|1", 1 },               /* sub + U+2167 */

        /* accents and what is not seen */

        { "pictur\xc3\xa9", "auth0|1", 1 },
        { "picture\xcc\x81", "auth0|1", 1 },
        { "pi\xd2\x83" "cture", "auth0|1", 1 },           /* U+0483, a mark */
        { "\xe2\x80\x8bpicture", "auth0|1", 1 },
        { "pic\xc2\xadture", "auth0|1", 1 },
        { "pic\xe1\x85\x9fture", "auth0|1", 1 },          /* U+115F */
        { "picture\xf3\xa0\x80\x81", "auth0|1", 1 },      /* U+E0001 */
        { "picture\xef\xbf\xbf", "auth0|1", 1 },
        { "lin\xcc\xb2\xcc\xb2\xcc\xb2\xcc\xb2\xcc\xb2k", "facebook|1", 1 },

        /* one stands for four at most, and not for less than none */

        { "\xc3\xa9", "wordpress|1", 1 },                 /* link, ID */
        { "email_ver\xc3\xa9", "auth0|1", 0 },
        { "email_ver\xc3\xa9" "d", "auth0|1", 1 },
        { "email_ve\xc3\xa9" "d", "auth0|1", 0 },
        { "email_ve\xc3\xa9\xc3\xa9" "d", "auth0|1", 1 },
        { "xpicture\xc3\xa9", "auth0|1", 0 },
        { "picturex\xc3\xa9", "auth0|1", 0 },

        /* letters that never become ASCII */

        { "\xd1\x80icture", "auth0|1", 0 },               /* Cyrillic er */
        { "pictur\xce\xb5", "auth0|1", 0 },               /* epsilon */
        { "\xe5\x90\x8d", "wordpress|1", 0 },
        { "\xea\xb0\x80", "wordpress|1", 0 },
        { "\xe3\x82\xa2", "wordpress|1", 0 },
        { "\xd7\x90", "wordpress|1", 0 },
        { "\xd8\xa7", "wordpress|1", 0 },
        { "\xe0\xa4\x85", "wordpress|1", 0 },
        { "\xe0\xb8\x81", "wordpress|1", 0 },

        /* what only looks like one of them */

        { "\xc2\xb5", "wordpress|1", 1 },                 /* U+00B5 */
        { "I\xd9\xa1" "D", "wordpress|1", 1 },            /* a digit */
        { "I\xe0\xa5\xa4" "D", "wordpress|1", 1 },        /* danda */
        { "I\xd9\x80" "D", "wordpress|1", 1 },            /* tatweel */
        { "I\xce\x87" "D", "wordpress|1", 1 },            /* U+0387 */

        /* of another provider, and of any */

        { "l\xc4\xb1nk", "github|1", 0 },
        { "l\xc4\xb1nk", "any |1", 1 },
        { "html_\xc3\xbcrl", "github|1", 1 },
        { "html_\xc3\xbcrl", "facebook|1", 0 },
    };

    (void) state;

    check(shipped, rows, sizeof(rows) / sizeof(rows[0]));
}


static void
test_patterns(void **state)
{
    static const row_t  rows[] = {
        { "\xef\xbd\x88ttp://schemas:xmlsoap:org/x", "samlp|1", 1 },
        { "http://schemas\xef\xbc\x9axmlsoap\xef\xbc\x9aorg/x", "samlp|1", 1 },
        { "http\xef\xbc\x9a//\xef\xbd\x93" "chemas.xmlsoap.org/\xc3\xa9",
          "adfs|1", 1 },
        { "http://schemas:xmlsoap:org\xe2\x81\x84x", "samlp|1", 1 },
        { "\xc5\xaern:oid:2:5:4", "samlp|1", 1 },
        { "urn:oid:\xc2\xb2:5", "samlp|1", 1 },
        { "urn:oid:2:5\xc2\xad", "samlp|1", 1 },
        { "urn:oid:2:5x\xc2\xad:3", "samlp|1", 0 },
        { "P\xc4\xb1ngOne.x", "samlp|1", 1 },
        { "PingOne\xc2\xb7x", "samlp|1", 1 },
        { "\xe2\x84\x8b" "ello", "samlp|1", 0 },
        { "\xc3\xa9" "cole", "samlp|1", 0 },
        { "photo_\xef\xbc\x91\xef\xbc\x90", "vkontakte|1", 1 },
        { "photo\xef\xbc\xbf" "100", "vkontakte|1", 1 },
        { "phot\xc3\xb6_gro\xc3\x9f", "vkontakte|1", 1 },
        { "photo_\xc3\xa9", "facebook|1", 0 },
        { "photo_\xc3\xa9", "any |1", 1 },
        { "\xd1\x84photo_1", "vkontakte|1", 0 },

        /* what would take too many steps */

        { "photo_\xc3\xa9-", "vkontakte|1", 1 },
        { "urn:oid:2:5\xc2\xad:x", "samlp|1", 1 },
    };

    (void) state;

    check(shipped, rows, sizeof(rows) / sizeof(rows[0]));
}


/* a schema whose own names are beyond ASCII, or long */

static void
test_wide(void **state)
{
    profile_schema_t  *s;

    static const row_t  rows[] = {
        { "pr\xc3\xa9nom", "p|1", 1 },
        { "PR\xc3\x89NOM", "p|1", 1 },
        { "prenom", "p|1", 1 },
        { "Prenom", "p|1", 1 },
        { "pre\xcc\x81nom", "p|1", 1 },
        { "prnom", "p|1", 1 },
        { "prenomx", "p|1", 0 },
        { "pronom\xc3\xa9", "p|1", 1 },
        { "\xd0\xb8\xd0\xbc\xd1\x8f", "p|1", 1 },
        { "\xd0\x98\xd0\x9c\xd0\xaf", "p|1", 1 },
        { "\xd0\xb8\xd0\xbc", "p|1", 0 },
        { "\xd0\xb4\xd0\xbe\xd0\xbc", "p|1", 0 },
        { "i\xd0\xbc\xd1\x8f", "p|1", 0 },
        { "gr\xc3\xb6\xc3\x9f" "e_x", "p|1", 1 },
        { "gr\xc3\xb6\xc3\x9f" "e_\xc5\xbf", "p|1", 1 },
        { "gro\xcc\x88" "sse_x", "p|1", 0 },

        /* of neighbors that stand for others, one may be itself */

        { "gr\xc3\xb6\xc2\xaa\xc3\x9f" "e_x", "p|1", 1 },
        { "gr\xc2\xaa\xc3\xb6\xc2\xaa\xc3\x9f\xc2\xaa" "e_x", "p|1", 1 },
        { "gr\xc3\x9f\xc3\xb6" "e_x", "p|1", 0 },

        /* an expression to which no end can be put */

        { "even_\xc3\xa9", "q|1", 1 },
        { "odd_\xc3\xa9", "q|1", 1 },
        { "odd_\xd0\xb8", "q|1", 0 },
        { "odd", "q|1", 0 },
    };

    (void) state;

    s = test_schema("identity pr\xc3\xa9nom; drop \xd0\xb8\xd0\xbc\xd1\x8f;"
                    "provider p ~gr\xc3\xb6\xc3\x9f" "e_[a-z]+;"
                    "provider q '~(?x)even_[a-z]* # all';");

    check(s, rows, sizeof(rows) / sizeof(rows[0]));

    profile_schema_destroy(s);
}


/* the plausible names that a provider refuses; each is beyond ASCII */

static unsigned
refused(profile_matcher_t *m, const profile_provider_t *p, unsigned *all)
{
    char      *text, *line;
    size_t     len;
    unsigned   n;

    text = (char *) test_file(PLAUSIBLE, &len);

    *all = 0;
    n = 0;

    for (line = strtok(text, "\n"); line; line = strtok(NULL, "\n")) {

        if (line[0] != '#') {
            (*all)++;
            n += denied(m, p, line, strlen(line));
        }
    }

    free(text);

    return n;
}


static void
test_plausible(void **state)
{
    uint32_t                   i;
    unsigned                   n, all, worst;
    profile_matcher_t         *m;
    const profile_provider_t  *p;

    (void) state;

    m = profile_matcher_create(shipped, &test_alloc);
    worst = 0;
    all = 0;

    for (i = 0; i < shipped->nproviders; i++) {
        p = shipped->providers[i];
        n = refused(m, p, &all);

        print_message("%.*s %u of %u\n", (int) p->text.len, p->text.data, n,
                      all);

        if (n > worst) {
            worst = n;
        }
    }

    assert_true(all >= 300);
    assert_true(worst * 100 <= all);

    n = refused(m, NULL, &all);
    assert_true(n * 100 <= all);

    n = refused(m, profile_schema_provider_any(shipped), &all);
    print_message("any: %u of %u\n", n, all);
    assert_true(n * 100 <= all * 4);

    profile_matcher_destroy(m);
}


/* the work for n names that can be read as much, and are nothing */

static uint64_t
work(const profile_provider_t *p, const char *name, unsigned n)
{
    uint64_t            steps;
    profile_matcher_t  *m;

    m = profile_matcher_create(shipped, &test_alloc);

    while (n--) {
        (void) denied(m, p, name, strlen(name));
    }

    steps = m->steps;

    profile_matcher_destroy(m);

    return steps;
}


static void
test_linear(void **state)
{
    char                      *name;
    size_t                     i, len;
    uint64_t                   one, longer;
    const profile_provider_t  *any;

    static const char *const  parts[] = {
        "\xc3\xa9", "e\xc3\xa9", "_\xcc\x81", "\xc3\xa9q\xc3\xa9",
        "photo_\xc3\xa9"
    };

    (void) state;

    any = profile_schema_provider_any(shipped);
    name = malloc(100000);

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {

        /* many names: so much for each */

        one = work(any, parts[i], 1);

        assert_true(work(any, parts[i], 10) == one * 10);

        /* a long name: not more than a bounded amount */

        for (name[0] = '\0', len = 0; len < 90000; len += strlen(parts[i])) {
            (void) strcpy(name + len, parts[i]);
        }

        longer = work(any, name, 1);

        assert_true(longer < 2000000);
    }

    free(name);
}


/* and what all names together take is bounded, too */

static void
test_limit(void **state)
{
    int                        is;
    unsigned                   n;
    profile_name_t             name;
    profile_reason_e           rc;
    profile_matcher_t         *m;
    const profile_provider_t  *p;

    (void) state;

    p = profile_schema_provider_named(shipped, (const u_char *) "vkontakte", 9);
    m = profile_matcher_create(shipped, &test_alloc);

    profile_schema_name(shipped, &name,
                        (const u_char *) "photo_\xc3\xa9-\xc3\xa9", 11);

    for (n = 0; n < 1000000; n++) {
        rc = profile_schema_denied(m, p, &name, &is);

        assert_int_equal(is, 1);

        if (rc != PROFILE_OK) {
            break;
        }
    }

    assert_int_equal(rc, PROFILE_PATTERN_LIMIT);
    assert_true(n >= 100);

    profile_matcher_destroy(m);
}


int
main(void)
{
    int  rc;

    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_patterns),
        cmocka_unit_test(test_wide),
        cmocka_unit_test(test_plausible),
        cmocka_unit_test(test_linear),
        cmocka_unit_test(test_limit),
    };

    shipped = test_schema_file("auth0.conf");

    rc = cmocka_run_group_tests(tests, NULL, NULL);

    profile_schema_destroy(shipped);

    return rc;
}
