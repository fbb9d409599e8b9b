
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that tokens are cut out of a text without white space as they are out
 * of one with it, which takes another way: random values, and a table of the
 * commas (M4.1).  The texts end with their last byte.
 */


#include "core/json/profile_skip.h"
#include "core/response/profile_cut_tokens.h"
#include "response/random_test.h"


#define VALUES  20000


typedef struct {
    const char  *name;
    const char  *text;
    const char  *expected;
} row_t;


static const char  schema[] =
    "identity_drop token secret a_b x \xe2\x84\xaa" "ey __lead \xc3\xbc" "ber;";


static const row_t  rows[] = {

    { "M4.1 nothing", "{'a':1,'b':['token',{'c':'secret'}]}",
      "{'a':1,'b':['token',{'c':'secret'}]}" },

    { "M4.1 the only one", "{'token':1}", "{}" },
    { "M4.1 the first", "{'token':1,'a':2,'b':3}", "{'a':2,'b':3}" },
    { "M4.1 in the middle", "{'a':2,'token':1,'b':3}", "{'a':2,'b':3}" },
    { "M4.1 the last", "{'a':2,'b':3,'token':1}", "{'a':2,'b':3}" },

    { "M4.1 the first two",
      "{'token':1,'secret':2,'a':3,'b':4}", "{'a':3,'b':4}" },
    { "M4.1 two in the middle",
      "{'a':3,'token':1,'secret':2,'b':4}", "{'a':3,'b':4}" },
    { "M4.1 the last two",
      "{'a':3,'b':4,'token':1,'secret':2}", "{'a':3,'b':4}" },
    { "M4.1 the first and the last",
      "{'token':1,'a':3,'secret':2}", "{'a':3}" },
    { "M4.1 every other, not the first",
      "{'a':1,'x':2,'b':3,'x':4,'c':5,'x':6}", "{'a':1,'b':3,'c':5}" },
    { "M4.1 every other, the first too",
      "{'x':2,'a':1,'x':4,'b':3,'x':6,'c':5}", "{'a':1,'b':3,'c':5}" },
    { "M4.1 two before and two behind",
      "{'x':2,'x':3,'a':1,'x':4,'x':5}", "{'a':1}" },
    { "M4.1 all of them",
      "{'token':1,'secret':{'a':[2,3]},'x':[],'TOKEN':'}'}", "{}" },

    { "M4.1 inside, where commas stand around",
      "{'a':{'x':1},'b':{'x':1,'c':2},'d':[{'x':1},{'c':2,'x':1}]}",
      "{'a':{},'b':{'c':2},'d':[{},{'c':2}]}" },
    { "M4.1 inside and behind", "{'a':{'x':1},'x':2}", "{'a':{}}" },
    { "M4.1 inside of the first, and behind",
      "{'x':1,'a':{'x':1},'x':2,'x':3,'b':4}", "{'a':{},'b':4}" },
    { "M4.1 what goes has tokens inside",
      "{'x':{'x':1,'a':[{'token':2}]},'b':{'token':[{'x':3}]}}", "{'b':{}}" },
    { "M4.1 in arrays of arrays", "[[[{'x':1}]],{'x':2,'a':3}]",
      "[[[{}]],{'a':3}]" },

    { "M4.1 a name with escapes",
      "{'\\u0074oken':1,'a':2,'to\\u006Ben':3,'\\u0078':4}", "{'a':2}" },
    { "M4.1 the case of letters, and underscores",
      "{'To_kEn':1,'AB':2,'_a__B_':3,'a-b':4}", "{'a-b':4}" },
    { "M4.1 letters that are others' capitals",
      "{'\xc5\xbf" "ecret':1,'to\xe2\x84\xaa" "en':2,'\\u017Fecret':3,'k':4}",
      "{'k':4}" },
    { "M4.1 what tokens begin with, and what only seems so",
      "{'key':1,'KEY':2,'_k_ey':3,'lead':4,'L_EAD':5,'\xc3\xbc" "ber':6,"
      "'_':7,'_l':8,'\xc3\x9c" "ber':9,'k':10}",
      "{'_':7,'_l':8,'\xc3\x9c" "ber':9,'k':10}" },
    { "M4.1 names that are none", "{'':1,'_':2,'tokens':3,'toke':4,'y':5}",
      "{'':1,'_':2,'tokens':3,'toke':4,'y':5}" },
    { "M4.1 a quote in a name",
      "{'to\\'ken':1,'\\\\':2,'x\\':3,\\'x':4,'x':5}",
      "{'to\\'ken':1,'\\\\':2,'x\\':3,\\'x':4}" },
    { "M4.1 white space in strings",
      "{'a b':' x ','x':' , ','c':' }'}", "{'a b':' x ','c':' }'}" },
    { "M4.1 any value",
      "{'x':null,'x':true,'x':-1.5e+3,'x':'\\\\','x':'\\'','x':[[]],'x':{}}",
      "{}" }
};


/* what is left of a text; returns its length, and *way as it was told */

static size_t
cut(profile_cutter_t *c, const u_char *text, size_t len, u_char *out, int *way)
{
    u_char               *copy;
    size_t                i, n, done, out_len;
    const profile_cut_t  *cuts;

    copy = malloc(len);
    memcpy(copy, text, len);

    c->cuts.len = 0;
    *way = profile_cut_tokens(c, copy, len);

    assert_true(*way == 1 || c->cuts.len == 0);

    assert_int_equal(profile_cut_make(c, copy, len, PROFILE_FIELDS_ALL, 1,
                                      &cuts, &n),
                     PROFILE_OK);

    done = 0;
    out_len = 0;

    for (i = 0; i < n; i++) {

        /* in their order, and apart from one another */

        assert_true(cuts[i].start < cuts[i].end && cuts[i].end <= len);
        assert_true(i == 0 || cuts[i].start > done);

        memcpy(out + out_len, copy + done, cuts[i].start - done);
        out_len += cuts[i].start - done;
        done = cuts[i].end;
    }

    memcpy(out + out_len, copy + done, len - done);

    free(copy);

    return out_len + len - done;
}


static size_t
compact(u_char *text, size_t len)
{
    int     inside;
    size_t  i, n;

    inside = 0;
    n = 0;

    for (i = 0; i < len; i++) {

        if (inside && text[i] == '\\') {
            text[n++] = text[i++];

        } else if (text[i] == '"') {
            inside = !inside;

        } else if (!inside && profile_skip_is_space(text[i])) {
            continue;
        }

        text[n++] = text[i];
    }

    return n;
}


static void
test_row(void **state)
{
    int                way;
    char              *text, *expected;
    u_char             out[512], spaced[512];
    size_t             len, n;
    const row_t       *row = *state;
    profile_cutter_t   c;
    profile_schema_t  *s;

    s = test_schema(schema);
    text = test_json(row->text);
    expected = test_json(row->expected);
    len = strlen(text);

    profile_cut_init(&c, &test_alloc, s, NULL);

    n = cut(&c, (u_char *) text, len, out, &way);

    assert_int_equal(way, 1);
    assert_int_equal(n, strlen(expected));
    assert_memory_equal(out, expected, n);

    /* the same, the other way */

    spaced[0] = text[0];
    spaced[1] = ' ';
    memcpy(spaced + 2, text + 1, len - 1);

    n = compact(out, cut(&c, spaced, len + 1, out, &way));

    assert_int_equal(way, 0);
    assert_int_equal(n, strlen(expected));
    assert_memory_equal(out, expected, n);

    profile_cut_destroy(&c);

    free(text);
    free(expected);

    profile_schema_destroy(s);
}


static void
test_values(void **state)
{
    int                way;
    u_char            *one, *other;
    size_t             one_len, other_len, rounds, losses;
    random_t           r;
    profile_cutter_t   c;
    profile_schema_t  *s;

    (void) state;

    s = test_schema(schema);

    profile_cut_init(&c, &test_alloc, s, NULL);
    random_init(&r, 1);

    losses = 0;

    for (rounds = 0; rounds < VALUES; rounds++) {
        random_clear(&r);
        random_value(&r);

        /* it has no white space but in strings */

        assert_true(compact(r.plain.data, r.plain.len) == r.plain.len);

        one = malloc(r.plain.len);
        other = malloc(r.spaced.len);

        one_len = cut(&c, r.plain.data, r.plain.len, one, &way);
        assert_int_equal(way, 1);

        other_len = cut(&c, r.spaced.data, r.spaced.len, other, &way);
        other_len = compact(other, other_len);

        losses += (one_len < r.plain.len);

        if (one_len != other_len || memcmp(one, other, one_len) != 0) {
            fail_msg("%.*s\nbecame\n%.*s\nand with white space\n%.*s",
                     (int) r.plain.len, (char *) r.plain.data,
                     (int) one_len, (char *) one,
                     (int) other_len, (char *) other);
        }

        free(one);
        free(other);
    }

    assert_true(losses > VALUES / 10);

    random_free(&r);
    profile_cut_destroy(&c);
    profile_schema_destroy(s);
}


/* each allocation fails once */

static void
test_memory(void **state)
{
    size_t                n;
    unsigned long         i;
    profile_reason_e      rc;
    profile_cutter_t      c;
    profile_schema_t     *s;
    const profile_cut_t  *cuts;

    static const u_char  text[] = "{\"\\u0078\":1,\"a\":2,\"x\":3}";

    (void) state;

    s = test_schema(schema);

    for (i = 1; /* void */ ; i++) {
        profile_cut_init(&c, &test_alloc, s, NULL);

        test_alloc_fail(i);
        rc = profile_cut_make(&c, text, sizeof(text) - 1, PROFILE_FIELDS_ALL,
                              1, &cuts, &n);
        test_alloc_fail(0);

        if (rc == PROFILE_OK) {
            break;
        }

        assert_int_equal(rc, PROFILE_NO_MEMORY);
        profile_cut_destroy(&c);
    }

    assert_int_equal(i, 3);
    assert_int_equal(n, 2);

    profile_cut_destroy(&c);
    profile_schema_destroy(s);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_add(rows[i].name, test_row, &rows[i]);
    }

    test_add("M4.1 random values", test_values, NULL);
    test_add("M4.1 no memory", test_memory, NULL);

    return test_run();
}
