
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * Proves that the scanner stops where it has to and reads nothing behind the
 * end, in the form for this processor; a second program, in the portable one.
 */


#include "json/scan_test.h"
#include "profile_test.h"


typedef const char *(*scan_pt)(void);


static const scan_pt  plain = test_scan_plain;
static const scan_pt  space = test_scan_space;


static void
test_scan(void **state)
{
    const char  *wrong;

    wrong = (*(const scan_pt *) *state)();

    if (wrong) {
        fail_msg("%s", wrong);
    }
}


int
main(void)
{
    test_add("M6.3 every byte at every place of a string", test_scan, &plain);
    test_add("M6.3 every byte at every place of white space", test_scan,
             &space);

    return test_run();
}
