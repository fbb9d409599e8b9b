
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader.h"
#include "core/response/profile_rewriter_wrapper.h"
#include "core/response/profile_user_write.h"


static profile_reason_e profile_rewriter_wrapper_name(profile_rewriter_t *rw,
    const profile_event_t *ev, int *is);


profile_reason_e
profile_rewriter_wrapper_begin(profile_rewriter_t *rw,
    const profile_event_t *ev, int *inside)
{
    int               is;
    profile_reason_e  rc;

    rc = profile_rewriter_wrapper_name(rw, ev, &is);

    if (rc != PROFILE_OK || !is || ev->type != PROFILE_OBJECT) {
        return rc;
    }

    rw->user_start = ev->start;
    profile_user_reset(rw->user, ev->start);

    profile_rewriter_enter(rw, PROFILE_SCOPE_USER);
    *inside = 1;

    return PROFILE_OK;
}


profile_reason_e
profile_rewriter_wrapper_value(profile_rewriter_t *rw,
    const profile_event_t *ev)
{
    int  is;

    /* the name of what is passed over was read as it began */

    if (ev->type <= PROFILE_ARRAY) {
        return PROFILE_OK;
    }

    return profile_rewriter_wrapper_name(rw, ev, &is);
}


/*
 * M5.4: the last value counts.  A user before it would leave as v1 where the
 * other members pass.
 */

static profile_reason_e
profile_rewriter_wrapper_name(profile_rewriter_t *rw,
    const profile_event_t *ev, int *is)
{
    profile_name_t    name;
    profile_reason_e  rc;

    rc = profile_rewriter_read_name(rw, ev, &name);
    if (rc != PROFILE_OK) {
        return rc;
    }

    *is = profile_str_eq(&rw->conf.wrapper, name.data, name.len);

    if (!*is || !rw->is_user) {
        return PROFILE_OK;
    }

    rw->is_user = 0;

    return rw->conf.unwrap ? PROFILE_OK : PROFILE_LATE_USER;
}


profile_reason_e
profile_rewriter_wrapper_write(profile_rewriter_t *rw, const u_char *text,
    uint64_t end)
{
    uint64_t          start;
    profile_reason_e  rc;

    start = rw->passed;

    rc = profile_rewriter_pass_gap(rw, start);

    if (rc == PROFILE_OK) {
        rc = rw->sink.write(rw->sink.ctx, text, rw->user_start - start);
    }

    if (rc == PROFILE_OK) {
        rc = profile_user_write(rw->user, &rw->sink);
    }

    if (rc == PROFILE_OK) {
        rc = rw->sink.write(rw->sink.ctx, text + (rw->user_end - start),
                            end - rw->user_end);
    }

    return rc;
}
