
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader.h"
#include "core/response/profile_rewriter_envelope.h"


static profile_reason_e profile_rewriter_envelope_list(profile_rewriter_t *rw,
    const profile_event_t *ev, int *inside);
static profile_reason_e profile_rewriter_envelope_root(profile_rewriter_t *rw,
    const profile_event_t *ev);
static profile_reason_e profile_rewriter_envelope_name(profile_rewriter_t *rw,
    const profile_event_t *ev, unsigned *on);
static profile_reason_e profile_rewriter_envelope_total(profile_rewriter_t *rw,
    const profile_event_t *ev);
static int profile_rewriter_envelope_is_on(const profile_path_t *path,
    unsigned level, const profile_name_t *name);


/* which paths an object or a value is on */

#define PROFILE_ON_LIST   1
#define PROFILE_ON_TOTAL  2


profile_reason_e
profile_rewriter_envelope(profile_rewriter_t *rw, const profile_event_t *ev,
    int *inside)
{
    profile_reason_e  rc;

    rc = profile_rewriter_pass(rw, ev->start);
    if (rc != PROFILE_OK) {
        return rc;
    }

    profile_reader_hold(rw->reader, ev->start);

    rw->level = 0;
    rw->on[0] = PROFILE_ON_LIST | PROFILE_ON_TOTAL;
    rw->opened = 0;
    rw->unlisted = 0;

    profile_rewriter_enter(rw, PROFILE_SCOPE_ENVELOPE);
    *inside = 1;

    return PROFILE_OK;
}


/*
 * Until the list begins the text is held, since the root may have none.  Then
 * a name is held until its value is known, and all else passes.
 */

profile_reason_e
profile_rewriter_envelope_begin(profile_rewriter_t *rw,
    const profile_event_t *ev, int *inside)
{
    unsigned          on;
    profile_reason_e  rc;

    rc = profile_rewriter_envelope_name(rw, ev, &on);
    if (rc != PROFILE_OK) {
        return rc;
    }

    if ((on & PROFILE_ON_LIST) && rw->level + 1 == rw->conf.envelope.n) {

        if (ev->type == PROFILE_ARRAY) {
            return profile_rewriter_envelope_list(rw, ev, inside);
        }

        on &= ~PROFILE_ON_LIST;
    }

    if ((on & PROFILE_ON_TOTAL) && rw->level + 1 == rw->conf.total.n) {
        on &= ~PROFILE_ON_TOTAL;
    }

    if (rw->opened) {
        rc = profile_rewriter_pass_held(rw, ev->end);
    }

    if (on && ev->type == PROFILE_OBJECT) {
        rw->on[++rw->level] = on;

        profile_rewriter_enter(rw, PROFILE_SCOPE_ENVELOPE);
        *inside = 1;

        if (rw->opened) {
            profile_reader_hold(rw->reader, ev->end);
        }
    }

    return rc;
}


static profile_reason_e
profile_rewriter_envelope_list(profile_rewriter_t *rw,
    const profile_event_t *ev, int *inside)
{
    profile_reason_e  rc;

    rw->opened = 1;
    rc = PROFILE_OK;

    if (rw->conf.unwrap && !rw->conf.search.enabled) {
        rw->listing = 1;
        rc = profile_list_head(&rw->conf.list, &rw->sink);
    }

    profile_rewriter_enter(rw, PROFILE_SCOPE_LIST);
    *inside = 1;

    if (rc == PROFILE_OK) {
        rc = profile_rewriter_pass_held(rw, ev->end);
    }

    profile_rewriter_pass_list(rw);

    return rc;
}


profile_reason_e
profile_rewriter_envelope_value(profile_rewriter_t *rw,
    const profile_event_t *ev)
{
    unsigned          on;
    profile_reason_e  rc;

    rc = PROFILE_OK;

    /* the name of what is passed over was read as it began */

    if (ev->type > PROFILE_ARRAY) {
        rc = profile_rewriter_envelope_name(rw, ev, &on);

        if (rc == PROFILE_OK && (on & PROFILE_ON_TOTAL)
            && rw->level + 1 == rw->conf.total.n)
        {
            rc = profile_rewriter_envelope_total(rw, ev);
        }
    }

    if (rc != PROFILE_OK || !rw->opened) {
        return rc;
    }

    rc = (ev->type > PROFILE_ARRAY) ? profile_rewriter_pass_held(rw, ev->end)
                                    : profile_rewriter_pass(rw, ev->end);

    profile_reader_hold(rw->reader, ev->end);

    return rc;
}


profile_reason_e
profile_rewriter_envelope_end(profile_rewriter_t *rw,
    const profile_event_t *ev)
{
    profile_reason_e  rc;

    if (rw->level == 0) {
        return profile_rewriter_envelope_root(rw, ev);
    }

    rw->level--;

    if (!rw->opened) {
        return PROFILE_OK;
    }

    rc = profile_rewriter_pass_held(rw, ev->end);
    profile_reader_hold(rw->reader, ev->end);

    return rc;
}


static profile_reason_e
profile_rewriter_envelope_root(profile_rewriter_t *rw,
    const profile_event_t *ev)
{
    profile_list_t    *list;
    profile_reason_e   rc;

    if (!rw->opened) {
        rw->unlisted = 1;
        rw->elements++;

        return PROFILE_OK;
    }

    rc = profile_rewriter_pass_held(rw, ev->end);

    if (rc != PROFILE_OK || !rw->listing || rw->conf.search.enabled) {
        return rc;
    }

    rw->listing = 0;

    list = &rw->conf.list;

    if (list->total.len == 0) {
        list->total.data = rw->total_text;
        list->total.len = rw->total_len;
    }

    return profile_list_tail(list, rw->listed + rw->left_out, NULL, &rw->sink);
}


/*
 * M5.4: of two values for a name the last one counts.  Where what was first has
 * left as the list, and no other can take its place, that is an error.
 */

static profile_reason_e
profile_rewriter_envelope_name(profile_rewriter_t *rw,
    const profile_event_t *ev, unsigned *on)
{
    profile_name_t    name;
    profile_reason_e  rc;

    rc = profile_rewriter_read_name(rw, ev, &name);
    if (rc != PROFILE_OK) {
        return rc;
    }

    *on = 0;

    if ((rw->on[rw->level] & PROFILE_ON_LIST)
        && profile_rewriter_envelope_is_on(&rw->conf.envelope, rw->level,
                                           &name))
    {
        if (rw->opened && rw->conf.unwrap) {
            return PROFILE_LATE_USER;
        }

        *on = PROFILE_ON_LIST;
    }

    if ((rw->on[rw->level] & PROFILE_ON_TOTAL)
        && profile_rewriter_envelope_is_on(&rw->conf.total, rw->level, &name))
    {
        rw->total_len = 0;
        *on |= PROFILE_ON_TOTAL;
    }

    return PROFILE_OK;
}


/* U5.2: no sign, no fraction, no exponent; a number has no zeros before it */

static profile_reason_e
profile_rewriter_envelope_total(profile_rewriter_t *rw,
    const profile_event_t *ev)
{
    size_t         i, len;
    const u_char  *text;

    len = ev->end - ev->start;

    if (ev->type != PROFILE_NUMBER || len > PROFILE_REWRITER_TOTAL) {
        return PROFILE_OK;
    }

    text = profile_reader_text(rw->reader, ev->start, ev->end);
    if (text == NULL) {
        return PROFILE_NO_MEMORY;
    }

    for (i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return PROFILE_OK;
        }
    }

    memcpy(rw->total_text, text, len);
    rw->total_len = len;

    return PROFILE_OK;
}


static int
profile_rewriter_envelope_is_on(const profile_path_t *path, unsigned level,
    const profile_name_t *name)
{
    return level < path->n
           && profile_str_eq(&path->parts[level], name->data, name->len);
}
