
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_skip.h"
#include "core/response/profile_cut_state.h"
#include "core/response/profile_cut_tokens.h"


static const u_char *profile_cut_tokens_member(profile_cutter_t *c,
    const u_char *text, const u_char *start, const u_char *colon,
    const u_char *last);


int
profile_cut_tokens(profile_cutter_t *c, const u_char *text, size_t len)
{
    const u_char  *p, *start, *last;

    last = text + len;

    for (p = text; p < last; /* void */ ) {

        if (*p == '"') {
            start = p;
            p = profile_skip_string(start, last);

            if (p < last && *p == ':') {
                p = profile_cut_tokens_member(c, text, start, p, last);

                if (p == NULL) {
                    return -1;
                }
            }

            continue;
        }

        if (profile_skip_is_space(*p)) {
            c->cuts.len = 0;
            return 0;
        }

        p++;
    }

    return 1;
}


/*
 * A token goes with the comma before it, or where none is left there, with the
 * one behind it.  Returns where to go on, or NULL: no memory.
 */

static const u_char *
profile_cut_tokens_member(profile_cutter_t *c, const u_char *text,
    const u_char *start, const u_char *colon, const u_char *last)
{
    size_t           from, to;
    const u_char    *end;
    profile_cut_t   *prev;
    profile_name_t   name;

    if (profile_cut_state_name(c, start + 1, colon - start - 2, &name) != 0) {
        return NULL;
    }

    if (!profile_schema_identity_drop(c->schema, &name)) {
        return colon;
    }

    end = profile_skip_value(colon + 1, last);

    from = start - text;
    to = end - text;

    prev = c->cuts.len ? (profile_cut_t *) (c->cuts.data + c->cuts.len) - 1
                       : NULL;

    if (start[-1] == ',' && (prev == NULL || prev->end < from)) {
        from--;

    } else if (*end == ',') {
        to++;
    }

    return profile_cut_state_add(c, from, to) == 0 ? text + to : NULL;
}
