
/*
 * Copyright (C) ngx_http_profile_module authors
 */


#include "core/request/profile_guard_number.h"


/* the largest value is 0.17976931348623157 times ten to this power */
#define PROFILE_GUARD_NUMBER_POWER  309

/* an exponent counts no further, which no body has digits enough to undo */
#define PROFILE_GUARD_NUMBER_EXPONENT  (INT64_MAX / 16)


static int64_t profile_guard_number_exponent(const u_char *p,
    const u_char *last);


/* of the digits only as many are compared as the largest value is known by */

int
profile_guard_number_fits(const u_char *text, size_t len)
{
    size_t         n;
    int64_t        power;
    unsigned       point;
    const u_char  *p, *last;

    static const u_char  largest[] = "17976931348623157";

    p = text;
    last = text + len;

    point = 0;
    power = 0;

    /* up to the first digit that counts; before the point each is a power */

    for ( /* void */ ; p < last && (*p < '1' || *p > '9'); p++) {

        if (*p == 'e' || *p == 'E') {
            return 1;
        }

        if (*p == '.') {
            point = 1;

        } else if (*p == '0' && point) {
            power--;
        }
    }

    for (n = 0, text = p; p < last && *p != 'e' && *p != 'E'; p++) {

        if (*p == '.') {
            point = 1;

        } else if (!point) {
            power++;
        }
    }

    if (p != last) {
        power += profile_guard_number_exponent(p + 1, last);
    }

    if (text == last || power < PROFILE_GUARD_NUMBER_POWER) {
        return 1;
    }

    if (power > PROFILE_GUARD_NUMBER_POWER) {
        return 0;
    }

    for ( /* void */ ; text < p && largest[n]; text++) {

        if (*text == '.') {
            continue;
        }

        if (*text != largest[n]) {
            return *text < largest[n];
        }

        n++;
    }

    return 1;
}


static int64_t
profile_guard_number_exponent(const u_char *p, const u_char *last)
{
    int64_t   n;
    unsigned  minus;

    minus = (*p == '-');
    n = 0;

    for ( /* void */ ; p < last; p++) {

        if (*p >= '0' && *p <= '9' && n < PROFILE_GUARD_NUMBER_EXPONENT) {
            n = n * 10 + (*p - '0');
        }
    }

    return minus ? -n : n;
}
