
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "response/view_test.h"


profile_str_t *
test_view_fields(const char *text, char **copy, profile_view_t *view)
{
    char           *p, *end;
    profile_str_t  *fields;

    view->exclude = (*text == '-');
    *copy = malloc(strlen(text) + 1);
    (void) strcpy(*copy, text + view->exclude);

    fields = malloc((strlen(text) + 1) * sizeof(profile_str_t));

    for (p = *copy; p; p = end ? end + 1 : NULL) {
        end = strchr(p, ',');

        fields[view->nfields].data = (u_char *) p;
        fields[view->nfields++].len = end ? (size_t) (end - p) : strlen(p);
    }

    view->fields = fields;

    return fields;
}


void
test_view_rewrites(const profile_rewriter_conf_t *conf, const char *body,
    size_t piece, const char *expected)
{
    size_t               n, done, len;
    test_out_t           out;
    profile_sink_t       sink;
    profile_rewriter_t  *rw;

    memset(&out, 0, sizeof(out));
    sink.write = test_write;
    sink.ctx = &out;

    rw = profile_rewriter_create(&test_alloc, conf, &sink);
    len = strlen(body);

    for (done = 0; done < len; done += n) {
        n = (piece && piece < len - done) ? piece : len - done;

        assert_int_equal(profile_rewriter_feed(rw, (u_char *) body + done, n),
                         PROFILE_OK);
    }

    assert_int_equal(profile_rewriter_finish(rw), PROFILE_OK);

    (void) test_write(&out, (u_char *) "", 1);
    assert_string_equal(out.data, expected);

    free(out.data);
    profile_rewriter_destroy(rw);
}
