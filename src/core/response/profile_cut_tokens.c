
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/profile_text.h"
#include "core/json/profile_skip.h"
#include "core/response/profile_cut_tokens.h"


static int profile_cut_tokens_drops(profile_cutter_t *c, const u_char *name,
    size_t len);
static int profile_cut_tokens_add(profile_cutter_t *c, const u_char *text,
    const u_char *start, const u_char *end);


int
profile_cut_tokens(profile_cutter_t *c, const u_char *text, size_t len)
{
    int            drops;
    const u_char  *p, *name, *end, *last;

    last = text + len;

    for (p = text; p < last; /* void */ ) {

        if (*p != '"') {

            if (profile_skip_is_space(*p)) {
                c->cuts.len = 0;
                return 0;
            }

            p++;
            continue;
        }

        name = p;
        p = profile_skip_string(name, last);

        if (p == last || *p != ':') {

            if (p < last && profile_skip_is_space(*p)) {
                c->cuts.len = 0;
                return 0;
            }

            continue;
        }

        drops = profile_cut_tokens_drops(c, name + 1, p - name - 2);

        if (drops == 0) {
            continue;
        }

        end = profile_skip_value(p + 1, last);

        if (drops == -1 || profile_cut_tokens_add(c, text, name, end) != 0) {
            return -1;
        }

        p = end;
    }

    return 1;
}


static int
profile_cut_tokens_drops(profile_cutter_t *c, const u_char *name, size_t len)
{
    unsigned        flags;
    profile_name_t  n;

    memset(&n, 0, sizeof(profile_name_t));

    n.data = name;
    n.len = len;

    if (memchr(name, '\\', len)) {

        if (profile_text_plain(&c->alloc, &c->unescaped, name, len, &flags)
            != 0)
        {
            return -1;
        }

        n.data = c->unescaped.data;
        n.len = c->unescaped.len;
    }

    return profile_schema_identity_drop(c->schema, &n);
}


/* with the comma before it, or where none is left there, with the one behind */

static int
profile_cut_tokens_add(profile_cutter_t *c, const u_char *text,
    const u_char *start, const u_char *end)
{
    profile_cut_t  cut, *prev;

    cut.start = start - text;
    cut.end = end - text;

    prev = c->cuts.len ? (profile_cut_t *) (c->cuts.data + c->cuts.len) - 1
                       : NULL;

    if (start[-1] == ',' && (prev == NULL || prev->end < cut.start)) {
        cut.start--;

    } else if (*end == ',') {
        cut.end++;
    }

    if (prev && prev->end == cut.start) {
        prev->end = cut.end;
        return 0;
    }

    return profile_buf_append(&c->alloc, &c->cuts, &cut, sizeof(cut));
}
