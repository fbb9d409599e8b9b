
/*
 * Copyright (C) ngx_http_profile_module authors
 */


/*
 * What is proved of the scanner, in the form that this file is compiled for:
 * by the unit tests, and by those for other processors, which have no library
 * of tests.
 */


#ifndef _SCAN_TEST_H_INCLUDED_
#define _SCAN_TEST_H_INCLUDED_


/* Returns NULL, or what is wrong. */
const char *test_scan_plain(void);
const char *test_scan_space(void);


#endif /* _SCAN_TEST_H_INCLUDED_ */
