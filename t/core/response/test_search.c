
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves a walk: pages of v1 that become one list of v2, of the users who are
 * asked for (U10.2), whatever the pieces are in which the pages come.
 */


#include "core/profile_reason.h"
#include "response/search_test.h"


#define SCHEMA  "identity email name n; rename lastLogin last_login;"          \
                "drop gone; provider p x; user_metadata hobby;"                \
                "identity_drop t; app_metadata ~(a|aa)+[bc];"

#define PAGES   5
#define SEEN    16


/* what is NULL or 0 is not asked for; a limit of 0 is none */

typedef struct {
    const char       *name;
    const char       *pages[PAGES];
    const char       *expected;          /* or the reason of an error */
    const char       *query;
    const char       *sort;              /* "-" first: descending */
    const char       *match;             /* an e-mail */
    size_t            sort_size;         /* 0: 1m */
    uint64_t          start;
    uint64_t          limit;
    uint64_t          found;
    uint64_t          elements;          /* of the last page */
    uint64_t          left_out;
    uint64_t          offset;            /* of the error, from 1 on */
    unsigned          whole:1;           /* all members */
    unsigned          all:1;
    unsigned          totals:1;
    unsigned          none:1;
    unsigned          dedupe:1;
    unsigned          envelope:1;
    unsigned          loose:1;           /* conf.required is not set */
} row_t;


#define ID(n)     "{'user_id':'p|" #n "'}"
#define A         "{'user_id':'p|1','email':'a@x','gone':1,'n':1,'plan':2}"
#define B         "{'user_id':'p|2','email':'b@x','n':2}"
#define C         "{'email':'c@x','user_id':'p|3','n':3}"
#define D         "{'user_id':'p|4','email':'d@y','n':4}"

/* more than a user may have, in bytes or in depth */
#define TEN       "'0123456789'"
#define LONG      "{'user_id':'p|8','a':[" TEN "," TEN "," TEN "," TEN ","     \
                  TEN "],'b':[" TEN "," TEN "," TEN "," TEN "," TEN "]}"
#define DEEP      "{'user_id':'p|9','a':[[[[[[[[[]]]]]]]]]}"
#define SLOW      "{'user_id':'p|7','aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa':1}"


static const row_t  rows[] = {

    /* pages */

    { .name = "U10.2 one page",
      .pages = { "[" A "," B "]" }, .found = 2, .elements = 2,
      .expected = "[" ID(1) "," ID(2) "]" },

    { .name = "U10.2 pages, whatever stands around their users",
      .pages = { "\xef\xbb\xbf [ " A " ,\n1," B "\t] ", "[]", "\n[ [],'x',{}," C
                 "]", "[" D "]\n" },
      .found = 4, .elements = 1,
      .expected = "[" ID(1) "," ID(2) "," ID(3) "," ID(4) "]" },

    { .name = "U10.2 whole users",
      .pages = { "[{'lastLogin':1,'user_id':'p|1','gone':1,'a':{'b':1}}]",
                 "[{'identities':[{'t':1,'u':2}],'hobby':3}]" },
      .whole = 1, .found = 2, .elements = 1,
      .expected = "[{'last_login':1,'user_id':'p|1','app_metadata':{'a':{'b':1}"
                  "},'user_metadata':{}},{'identities':[{'u':2}],"
                  "'app_metadata':{},'user_metadata':{'hobby':3}}]" },

    { .name = "U10.2 pages without users",
      .pages = { "[]", " [ ] ", "[\n]" }, .expected = "[]" },

    { .name = "U10.2 nobody, with totals",
      .pages = { "[]" }, .all = 1, .totals = 1,
      .expected = "{'users':[],'start':0,'limit':50,'length':0,'total':0}" },

    { .name = "U10.2 a user alone",
      .pages = { " " A "\n" }, .found = 1, .elements = 1,
      .expected = "[" ID(1) "]" },

    { .name = "U10.2 users alone",
      .pages = { A, B, "[]", C }, .found = 3, .elements = 1,
      .expected = "[" ID(1) "," ID(2) "," ID(3) "]" },

    { .name = "U10.2 M1.3 envelopes",
      .pages = { "{'start':0,'users':[" A "," B "],'total':7}",
                 " { 'users' : [ ] , 'x':{'user_id':1},'y':[1] } ",
                 "{'users':[" C "]}", "[" D "]" },
      .envelope = 1, .found = 4, .elements = 1,
      .expected = "[" ID(1) "," ID(2) "," ID(3) "," ID(4) "]" },

    { .name = "U10.2 M1.3 the members of a user around the list",
      .pages = { "{'user_id':1,'users':[" A "," B "],'identities':[]}" },
      .envelope = 1, .found = 2, .elements = 2,
      .expected = "[" ID(1) "," ID(2) "]" },

    { .name = "U10.2 M1.3 M5.4 the last list counts, if it is the first",
      .pages = { "{'users':5,'users':[" A "," B "],'a':1}" },
      .envelope = 1, .found = 2, .elements = 2,
      .expected = "[" ID(1) "," ID(2) "]" },

    { .name = "U10.2 M1.3 M5.4 an envelope with two lists",
      .pages = { "{'users':[" A "," B "],'a':1,'users':[" C "],'b':2}" },
      .envelope = 1, .expected = "late_user" },

    { .name = "U10.2 M1.3 a user alone",
      .pages = { "{'users':[" A "]}", B }, .envelope = 1, .found = 2,
      .elements = 1, .expected = "[" ID(1) "," ID(2) "]" },

    /* what is wrong with a page */

    { .name = "U10.2 M1.5 an object",
      .pages = { "[" A "]", "{'error':1}" }, .offset = 12,
      .expected = "no_users" },

    { .name = "U10.2 M1.5 an object, although no users are required",
      .pages = { "[" A "]", "{'error':[]}" }, .loose = 1, .offset = 13,
      .expected = "no_users" },

    { .name = "U10.2 M1.5 an envelope of another name",
      .pages = { "{'user':[" A "]}" }, .envelope = 1,
      .expected = "no_users" },

    { .name = "U10.2 M1.5 a number",
      .pages = { "1 " }, .expected = "no_users" },

    { .name = "U10.2 M1.5 null", .pages = { "[]", "null" }, .loose = 1,
      .offset = 5, .expected = "no_users" },

    { .name = "U10.2 M1.5 a page of something else",
      .pages = { "[" A "]", "[{'a':1}]" }, .offset = 10,
      .expected = "no_users" },

    { .name = "U10.2 M1.5 an envelope of something else",
      .pages = { "{'users':[" A "]}", "{'users':[1]}" }, .envelope = 1,
      .offset = 13, .expected = "no_users" },

    { .name = "U10.2 M1.5 something else is left out where it may be",
      .pages = { "[" A "]", "[{'a':1}]" }, .loose = 1,
      .found = 1, .elements = 1, .expected = "[" ID(1) "]" },

    { .name = "U10.2 M6.3 a page that is cut",
      .pages = { "[" A ",", "[]" }, .expected = "truncated" },

    { .name = "U10.2 M6.3 a last page that is cut",
      .pages = { "[" A "]", "[" B }, .expected = "truncated" },

    { .name = "U10.2 M6.3 a page of nothing",
      .pages = { "[" A "]", "" }, .offset = 1, .expected = "truncated" },

    { .name = "U10.2 M6.3 garbage behind a page",
      .pages = { "[" A "]", "[" B "] x", "[]" }, .offset = 41,
      .expected = "trailing_data" },

    { .name = "U10.2 M6.3 two lists on one page",
      .pages = { "[][]" }, .offset = 3, .expected = "trailing_data" },

    { .name = "U10.2 M6.3 a byte order mark that is none",
      .pages = { "[]", "\xef\xbb[]" }, .offset = 1,
      .expected = "invalid_json" },

    /* users who cannot be read */

    { .name = "U10.2 M6.5 they are left out",
      .pages = { "[" LONG "," A "," DEEP "]", "[" SLOW "]",
                 "[" B "," DEEP "," C "]" },
      .found = 3, .elements = 3, .left_out = 4,
      .expected = "[" ID(1) "," ID(2) "," ID(3) "]" },

    { .name = "U10.2 M6.5 they do not count",
      .pages = { "[" LONG "," A "]", "[" DEEP "]" },
      .all = 1, .totals = 1, .found = 1, .elements = 1, .left_out = 2,
      .expected = "{'users':[" ID(1) "],'start':0,'limit':50,'length':1,"
                  "'total':1}" },

    { .name = "U10.2 M6.5 M1.3 of an envelope",
      .pages = { "{'users':[" DEEP "],'x':1}", "{'users':[" A "," LONG "]}" },
      .envelope = 1, .found = 1, .elements = 2, .left_out = 2,
      .expected = "[" ID(1) "]" },

    { .name = "U10.2 M6.5 a user alone",
      .pages = { "[]", LONG }, .offset = 145, .expected = "user_too_large" },

    /* the window */

    { .name = "U10.2 the window: the first",
      .pages = { "[" A "," B "]", "[" C "]" },
      .limit = 1, .found = 1, .expected = "[" ID(1) "]" },

    { .name = "U10.2 the window: the last of a page",
      .pages = { "[" A "," B "]", "[" C "]" },
      .start = 1, .limit = 1, .found = 2, .expected = "[" ID(2) "]" },

    { .name = "U10.2 the window: across pages",
      .pages = { "[" A "," B "]", "[" C "," D "]" },
      .start = 1, .limit = 2, .found = 3,
      .expected = "[" ID(2) "," ID(3) "]" },

    { .name = "U10.2 the window: more than there are",
      .pages = { "[" A "," B "]", "[" C "]" },
      .start = 2, .limit = 2, .found = 3, .elements = 1,
      .expected = "[" ID(3) "]" },

    { .name = "U10.2 the window: behind all",
      .pages = { "[" A "," B "]", "[" C "]" },
      .start = 3, .limit = 2, .found = 3, .elements = 1, .expected = "[]" },

    { .name = "U10.2 the window: the end of all numbers",
      .pages = { "[" A "," B "]" },
      .start = UINT64_MAX, .limit = UINT64_MAX - 1, .found = 2, .elements = 2,
      .expected = "[]" },

    { .name = "U10.2 the window: what is behind it is not looked at",
      .pages = { "[" A "," B ",{]", "x" },
      .limit = 2, .found = 2, .expected = "[" ID(1) "," ID(2) "]" },

    { .name = "U10.2 the window: nor is the end of a list",
      .pages = { "[" A }, .limit = 1, .found = 1,
      .expected = "[" ID(1) "]" },

    { .name = "U10.4 totals: all are counted",
      .pages = { "[" A "," B "]", "[" C "," D "]" },
      .start = 1, .limit = 2, .all = 1, .totals = 1, .found = 4,
      .elements = 2,
      .expected = "{'users':[" ID(2) "," ID(3) "],'start':1,'limit':2,"
                  "'length':2,'total':4}" },

    { .name = "U10.4 totals: behind all",
      .pages = { "[" A "," B "]" },
      .start = 5, .limit = 2, .all = 1, .totals = 1, .found = 2,
      .elements = 2,
      .expected = "{'users':[],'start':5,'limit':2,'length':0,'total':2}" },

    { .name = "U10.4 totals: what is behind has to be JSON",
      .pages = { "[" A "," B ",{]" }, .limit = 1, .all = 1, .totals = 1,
      .expected = "invalid_json" },

    { .name = "U10.4 totals that not all are counted for",
      .pages = { "[" A "," B "]", "[" C "," D "]" },
      .start = 1, .limit = 2, .totals = 1, .found = 3,
      .expected = "{'users':[" ID(2) "," ID(3) "],'start':1,'limit':2,"
                  "'length':2,'total':3}" },

    { .name = "U5.1 no users are asked for",
      .pages = { "x" }, .none = 1, .limit = 1, .expected = "[]" },

    { .name = "U5.1 no users are asked for, only how many",
      .pages = { "[" A "," B "]", "[" C "," D "]" },
      .none = 1, .limit = 9, .all = 1, .totals = 1, .found = 4, .elements = 2,
      .expected = "{'users':[],'start':0,'limit':0,'length':0,'total':4}" },

    /* queries */

    { .name = "U10.1 who is found",
      .pages = { "[" A "," B "]", "[" C "," D "]" },
      .query = "email.domain:x AND NOT n:2", .found = 2, .elements = 2,
      .expected = "[" ID(1) "," ID(3) "]" },

    { .name = "U10.1 nobody is found",
      .pages = { "[" A "," B "]" }, .query = "email:z",
      .found = 0, .elements = 2, .expected = "[]" },

    { .name = "U10.1 the window is of who is found",
      .pages = { "[" A "," B "]", "[" C "," D "]" },
      .query = "n:[2 TO *]", .start = 1, .limit = 1, .found = 2,
      .expected = "[" ID(3) "]" },

    { .name = "U10.1 totals are of who is found",
      .pages = { "[" A "," B "]", "[" C "," D "]" },
      .query = "n:[2 TO *]", .start = 1, .limit = 1, .found = 3, .all = 1,
      .totals = 1, .elements = 2,
      .expected = "{'users':[" ID(3) "],'start':1,'limit':1,'length':1,"
                  "'total':3}" },

    { .name = "U10.1 the user of v2 is searched",
      .pages = { "[{'user_id':'p|1','plan':5,'gone':1,'x':2,'lastLogin':3,"
                 "'hobby':'h','identities':[{'t':'s','c':'d'}]}]" },
      .query = "app_metadata.plan:5 AND NOT plan:5 AND NOT gone:1 AND x:2 AND "
               "last_login:3 AND NOT lastLogin:3 AND user_metadata.hobby:h AND "
               "NOT identities.t:s AND identities.c:d", .found = 1,
      .elements = 1, .expected = "[" ID(1) "]" },

    { .name = "U10.1 names with escapes",
      .pages = { "[{'user_id':'p|1','\\u0065mail':'A\\u0040x','\\u0070lan':1}]"
      },
      .query = "email:a@x AND app_metadata.plan:1", .found = 1, .elements = 1,
      .expected = "[" ID(1) "]" },

    { .name = "U10.1 M5.4 of two values the last",
      .pages = { "[{'user_id':'p|1','n':1,'n':2},{'user_id':'p|2','n':2,"
                 "'n':1}]" },
      .query = "n:1", .found = 1, .elements = 2, .expected = "[" ID(2) "]" },

    { .name = "U10.1 M3.3 of two values in a container the one that wins",
      .pages = { "[{'user_id':'p|1','metadata':{'q':1},'q':2}]" },
      .query = "app_metadata.q:2 AND NOT app_metadata.q:1", .found = 1,
      .elements = 1, .expected = "[" ID(1) "]" },

    { .name = "U10.1 as deep as may be, and deeper by a container",
      .pages = { "{'user_id':'p|1','a':[[[[[[[5]]]]]]]}" },
      .query = "app_metadata.a:5", .found = 1, .elements = 1,
      .expected = "[" ID(1) "]" },

    { .name = "U10.1 U5.4 both hold",
      .pages = { "[" A "," B "," C "]" }, .query = "n:[2 TO 3]",
      .match = "c@x", .found = 1, .elements = 3, .expected = "[" ID(3) "]" },

    { .name = "U5.4 a match alone",
      .pages = { "[" A "," B "]", "[" B "]" }, .match = "b@x", .found = 2,
      .elements = 1, .expected = "[" ID(2) "," ID(2) "]" },

    /* users who have been told before */

    { .name = "U10.2 nobody is told twice",
      .pages = { "[" A "," B "]", "[" B "," C "]", "[" A "]" },
      .dedupe = 1, .all = 1, .totals = 1, .found = 3, .elements = 1,
      .expected = "{'users':[" ID(1) "," ID(2) "," ID(3) "],'start':0,"
                  "'limit':50,'length':3,'total':3}" },

    { .name = "U10.2 nobody is told twice: escapes",
      .pages = { "[" A "]", "[{'user\\u005fid':'p\\u007c\\u0031'}]",
                 "[{'user_id':'p|\\\\1'}]" },
      .dedupe = 1, .found = 2, .elements = 1,
      .expected = "[" ID(1) ",{'user_id':'p|\\\\1'}]" },

    { .name = "U10.2 nobody is told twice: who is not found is not told",
      .pages = { "[" A "," B "]", "[" B "," A "]" },
      .dedupe = 1, .query = "n:2", .found = 1, .elements = 2,
      .expected = "[" ID(2) "]" },

    { .name = "U10.2 nobody is told twice: who has no id is nobody else",
      .pages = { "[{'identities':[]},{'identities':[]},{'user_id':null},"
                 "{'user_id':null},{'user_id':{}},{'user_id':{}},"
                 "{'user_id':''},{'user_id':''}]" },
      .dedupe = 1, .found = 8, .elements = 8,
      .expected = "[{},{},{'user_id':null},{'user_id':null},{'user_id':{}},"
                  "{'user_id':{}},{'user_id':''},{'user_id':''}]" },

    { .name = "U10.2 nobody is told twice: numbers",
      .pages = { "[{'user_id':12},{'user_id':1}]", "[{'user_id':12}]" },
      .dedupe = 1, .found = 2, .elements = 1,
      .expected = "[{'user_id':12},{'user_id':1}]" },

    /* sorted */

    { .name = "U10.4 sorted, across pages",
      .pages = { "[" C "," A "]", "[" D "," B "]" },
      .sort = "n", .found = 4, .elements = 2,
      .expected = "[" ID(1) "," ID(2) "," ID(3) "," ID(4) "]" },

    { .name = "U10.4 sorted, the other way round",
      .pages = { "[" C "," A "]", "[" D "," B "]" },
      .sort = "-n", .found = 4, .elements = 2,
      .expected = "[" ID(4) "," ID(3) "," ID(2) "," ID(1) "]" },

    { .name = "U10.4 sorted: the window",
      .pages = { "[" C "," A "]", "[" D "," B "]" },
      .sort = "-n", .start = 1, .limit = 2, .found = 4, .elements = 2,
      .expected = "[" ID(3) "," ID(2) "]" },

    { .name = "U10.4 sorted: behind all",
      .pages = { "[" C "," A "]" },
      .sort = "n", .start = 2, .limit = 2, .found = 2, .elements = 2,
      .expected = "[]" },

    { .name = "U10.4 sorted: totals of who is found, once",
      .pages = { "[" C "," A "]", "[" D "," A "," B "]" },
      .sort = "-n", .query = "n:[2 TO *]", .limit = 2, .all = 1, .totals = 1,
      .dedupe = 1, .found = 3, .elements = 3,
      .expected = "{'users':[" ID(4) "," ID(3) "],'start':0,'limit':2,"
                  "'length':2,'total':3}" },

    { .name = "U10.4 sorted: equal keys stay in their order",
      .pages = { "[{'user_id':'p|1','n':1},{'user_id':'p|2','n':2}]",
                 "[{'user_id':'p|3','n':1.0},{'user_id':'p|4','n':10e-1}]",
                 "[{'user_id':'p|5','n':0}]" },
      .sort = "n", .start = 1, .limit = 3, .found = 5, .elements = 1,
      .expected = "[" ID(1) "," ID(3) "," ID(4) "]" },

    { .name = "U10.4 sorted: equal keys, the other way round",
      .pages = { "[{'user_id':'p|1','n':1},{'user_id':'p|2','n':2}]",
                 "[{'user_id':'p|3','n':1.0},{'user_id':'p|4','n':2}]",
                 "[{'user_id':'p|5'}]" },
      .sort = "-n", .limit = 3, .found = 5, .elements = 1,
      .expected = "[" ID(2) "," ID(4) "," ID(1) "]" },

    { .name = "U10.4 sorted by the name of v2",
      .pages = { "[{'user_id':'p|1','lastLogin':'b'},{'user_id':'p|2',"
                 "'last\\u004cogin':'a'}]" },
      .sort = "last_login", .found = 2, .elements = 2,
      .expected = "[" ID(2) "," ID(1) "]" },

    { .name = "U10.4 sorted by a member with escapes",
      .pages = { "[{'user_id':'p|1','\\u006e':2},{'user_id':'p|2','n':1}]" },
      .sort = "n", .found = 2, .elements = 2,
      .expected = "[" ID(2) "," ID(1) "]" },

    { .name = "U10.4 sorted by what is no member of the root",
      .pages = { "[{'user_id':'p|2','plan':2,'gone':2},{'user_id':'p|1',"
                 "'plan':1,'gone':1}]" },
      .sort = "plan", .found = 2, .elements = 2,
      .expected = "[" ID(2) "," ID(1) "]" },

    { .name = "U10.4 sorted by what was dropped",
      .pages = { "[{'user_id':'p|2','gone':2},{'user_id':'p|1','gone':1}]" },
      .sort = "gone", .found = 2, .elements = 2,
      .expected = "[" ID(2) "," ID(1) "]" },

    { .name = "U10.4 sorted by a container",
      .pages = { "[{'user_id':'p|2','app_metadata':{'a':2}},"
                 "{'user_id':'p|1','app_metadata':{'a':1}}]" },
      .sort = "app_metadata", .found = 2, .elements = 2,
      .expected = "[" ID(2) "," ID(1) "]" },

    { .name = "U10.4 sorted: whole users",
      .pages = { "[{'user_id':'p|2','n':2,'a':1}]", "[{'n':1,'user_id':'p|1',"
                 "'hobby':[ 1 ]}]" },
      .whole = 1, .sort = "n", .found = 2, .elements = 1,
      .expected = "[{'n':1,'user_id':'p|1','app_metadata':{},'user_metadata':"
                  "{'hobby':[ 1 ]}},{'user_id':'p|2','n':2,'app_metadata':"
                  "{'a':1},'user_metadata':{}}]" },

    { .name = "U10.4 sorted: no users are asked for",
      .pages = { "x" }, .sort = "n", .none = 1, .limit = 1,
      .expected = "[]" },

    { .name = "U10.4 sorted: no users are asked for, only how many",
      .pages = { "[" A "," B "]", "[" C "]" }, .sort = "n", .none = 1,
      .limit = 1, .all = 1, .totals = 1, .found = 3, .elements = 1,
      .expected = "{'users':[],'start':0,'limit':0,'length':0,'total':3}" },

    { .name = "U10.4 sorted: users who are too many",
      .pages = { "[" A "," B "]" }, .sort = "n", .sort_size = 100,
      .expected = "search_limit" },

    { .name = "U10.4 sorted: a page that is cut",
      .pages = { "[" A "," B }, .sort = "n", .expected = "truncated" }
};


typedef struct {
    char                  ids[SEEN][16];
    size_t                n;
} seen_t;


static int
search_seen(void *ctx, const u_char *id, size_t len)
{
    size_t   i;
    seen_t  *seen = ctx;

    for (i = 0; i < seen->n; i++) {

        if (strlen(seen->ids[i]) == len && memcmp(seen->ids[i], id, len) == 0)
        {
            return 1;
        }
    }

    assert_true(len < sizeof(seen->ids[0]) && i < SEEN);

    memcpy(seen->ids[i], id, len);
    seen->ids[i][len] = '\0';
    seen->n++;

    return 0;
}


static void
search_conf(const row_t *row, profile_rewriter_conf_t *conf)
{
    static const profile_str_t  fields = profile_string("user_id");
    static const profile_str_t  email = profile_string("email");

    memset(conf, 0, sizeof(profile_rewriter_conf_t));

    conf->max_user_size = 144;
    conf->max_depth = 8;
    conf->required = !row->loose;
    conf->skip = 1;

    if (row->envelope) {
        conf->envelope = test_path("users");
    }

    if (!row->whole) {
        conf->view.fields = &fields;
        conf->view.nfields = 1;
    }

    if (row->match) {
        conf->view.match_name = email;
        conf->view.match_value.data = (const u_char *) row->match;
        conf->view.match_value.len = strlen(row->match);
    }

    conf->list.enabled = 1;
    conf->list.totals = row->totals;
    conf->list.none = row->none;
    conf->list.start = row->start;
    conf->list.limit = row->none ? 0 : row->limit ? row->limit : 50;

    conf->search.enabled = 1;
    conf->search.all = row->all;
    conf->search.start = row->start;
    conf->search.limit = row->limit ? row->limit : UINT64_MAX;
    conf->search.sort_size = row->sort_size ? row->sort_size : 1048576;

    if (row->sort) {
        conf->search.descending = (row->sort[0] == '-');
        conf->search.sort.data = (const u_char *) row->sort
                                 + conf->search.descending;
        conf->search.sort.len = strlen(row->sort) - conf->search.descending;
    }
}


static void
search_check(const row_t *row, profile_rewriter_conf_t *conf,
    char *const *pages, const char *expected, const test_way_t *way)
{
    seen_t       seen;
    test_walk_t  walk;

    seen.n = 0;

    if (row->dedupe) {
        conf->search.seen = search_seen;
        conf->search.seen_ctx = &seen;
    }

    test_walk(conf, pages, way, &walk);

    if (walk.reason != PROFILE_OK) {

        if (strcmp((char *) profile_reason_name(walk.reason)->data, expected)
            != 0)
        {
            fail_msg("piece %zu, cut %zu, early %u: %s at %zu, not %s",
                     way->piece, way->cut, way->early,
                     profile_reason_name(walk.reason)->data,
                     (size_t) walk.offset, expected);
        }

        if (row->offset) {
            assert_int_equal(walk.offset, row->offset - 1);
        }

    } else if (walk.out.len != strlen(expected)
               || memcmp(walk.out.data, expected, walk.out.len) != 0)
    {
        fail_msg("piece %zu, cut %zu, early %u:\n%.*s\nnot\n%s", way->piece,
                 way->cut, way->early, (int) walk.out.len,
                 (char *) walk.out.data, expected);

    } else {
        assert_int_equal(walk.found, row->found);
        assert_int_equal(walk.left_out, row->left_out);

        if (!walk.full) {
            assert_int_equal(walk.elements, row->elements);
        }
    }

    free(walk.out.data);
}


static void
test_search(void **state)
{
    const row_t  *row = *state;

    char                     *pages[PAGES + 1], *expected;
    size_t                    i, most;
    test_way_t                way;
    profile_str_t             text;
    profile_query_error_t     error;
    profile_rewriter_conf_t   conf;

    search_conf(row, &conf);
    conf.schema = test_schema(SCHEMA);

    if (row->query) {
        text.data = (const u_char *) row->query;
        text.len = strlen(row->query);

        conf.search.query = profile_query_create(&test_alloc, &text,
                                                 conf.max_depth, &error);
        assert_non_null(conf.search.query);
    }

    pages[PAGES] = NULL;

    for (i = 0, most = 0; i < PAGES; i++) {
        pages[i] = row->pages[i] ? test_json(row->pages[i]) : NULL;

        if (pages[i] && strlen(pages[i]) > most) {
            most = strlen(pages[i]);
        }
    }

    expected = test_json(row->expected);

    for (way.early = 0; way.early < 2; way.early++) {

        for (way.piece = 0, way.cut = 0; way.cut <= most; way.cut++) {
            search_check(row, &conf, pages, expected, &way);
        }

        for (way.piece = 1, way.cut = 0; way.piece < 8; way.piece++) {
            search_check(row, &conf, pages, expected, &way);
        }
    }

    for (i = 0; i < PAGES; i++) {
        free(pages[i]);
    }

    free(expected);
    profile_query_destroy(conf.search.query);
    profile_schema_destroy((profile_schema_t *) conf.schema);
}


int
main(void)
{
    size_t  i;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        test_add(rows[i].name, test_search, &rows[i]);
    }

    return test_run();
}
