
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/* The scanner as it is compiled for another processor: make test-scan-arch. */


#include <stdio.h>

#include "json/scan_test.h"


int
main(void)
{
    const char  *wrong;

    wrong = test_scan_plain();

    if (wrong == NULL) {
        wrong = test_scan_space();
    }

    if (wrong) {
        (void) fprintf(stderr, "%s\n", wrong);
        return 1;
    }

    return 0;
}
