
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/json/profile_reader.h"
#include "core/response/profile_rewriter_lost.h"


/* what has been told of the user is of no use any more */

void
profile_rewriter_lost(void *ctx, profile_reason_e reason, uint64_t offset)
{
    profile_rewriter_t  *rw = ctx;

    profile_rewriter_lost_user(rw, reason, offset);
    profile_user_trim(rw->user);

    rw->nscopes = rw->list_scope;
    rw->is_user = 0;
    rw->lost = 1;
}


void
profile_rewriter_lost_user(profile_rewriter_t *rw, profile_reason_e reason,
    uint64_t offset)
{
    uint64_t              start, end;
    profile_unreadable_t  user;

    rw->left_out++;
    rw->peopled = 1;
    rw->between = 0;

    profile_rewriter_pass_none(rw);

    if (rw->conf.unreadable == NULL) {
        return;
    }

    memset(&user, 0, sizeof(profile_unreadable_t));

    user.reason = reason;
    user.offset = offset;
    user.index = rw->elements - 1;

    if (profile_user_id(rw->user, &start, &end)) {
        user.id.data = profile_reader_text(rw->reader, start, end);
        user.id.len = user.id.data ? end - start : 0;
    }

    rw->conf.unreadable(rw->conf.notice.ctx, &user);
}
